//! A restore that is killed at any of its system calls leaves the old ledger or the new one, never neither.

use std::fs;
use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::night::{NIGHT_LIMIT, NightSite, start};

/// What a restore does to files.
const CALLS: [&str; 8] = ["rename", "renameat2", "linkat", "link", "unlink", "fsync", "ftruncate", "pwrite64"];
/// More calls of a kind than this a restore of so small a ledger does not make.
const MOST_CALLS: u32 = 400;

fn entries(site: &NightSite) -> u64 {
    let verified = site.run(&["--json", "audit", "verify"]);
    let told: serde_json::Value = serde_json::from_str(&verified.told).unwrap_or_else(|_| panic!("{verified:?}"));
    told["entries"].as_u64().unwrap()
}

/// A reader of the ledger that stays.
struct Reader {
    _connection: SqliteConnection,
    _runtime: tokio::runtime::Runtime,
}

impl Reader {
    fn open(site: &NightSite) -> Self {
        let options = SqliteConnectOptions::new().filename(site.path("letterpost.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async {
            let mut ledger = options.connect().await.unwrap();
            sqlx::query("SELECT count(*) FROM request").fetch_one(&mut ledger).await.unwrap();
            ledger
        });
        Self { _connection: connection, _runtime: runtime }
    }
}

/// Restores under strace, which kills it on the way into the call; whether it came there.
fn killed_at(site: &NightSite, backup: &Path, call: &str, count: u32) -> bool {
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:signal=KILL:when={count}"), env!("CARGO_BIN_EXE_letterpost")]);
    command.args(["ledger", "restore", backup.to_str().unwrap()]);
    site.dress(&mut command);
    let ended = start(command).finish(NIGHT_LIMIT);
    assert!(matches!(ended.exit, None | Some(0 | 1 | 137)), "{call} {count}: {ended:?}");
    !matches!(ended.exit, Some(0 | 1))
}

#[test]
fn a_restore_killed_at_any_system_call_leaves_the_old_ledger_or_the_new_one() {
    let template = NightSite::with_requests(2, 2, 64);
    let backup = template.path("older.db");
    let made = template.run(&["ledger", "backup", "--to", backup.to_str().unwrap()]);
    assert_eq!(made.exit, Some(0), "{made:?}");
    let older = entries(&template);
    // Somebody who reads keeps the newest changes in the log beside the ledger, as a crash leaves them.
    let reader = Reader::open(&template);
    template.import_one_more();
    let newer = entries(&template);
    assert!(fs::metadata(template.path("letterpost.db-wal")).unwrap().len() > 0);
    assert!(older < newer);
    let (mut killed, mut left_new) = (0, 0);
    for call in CALLS {
        for count in 1..MOST_CALLS {
            let site = template.copy();
            if !killed_at(&site, &backup, call, count) {
                break;
            }
            killed += 1;
            let found = entries(&site);
            assert!(found == older || found == newer, "{call} {count}: {found} entries, of {older} or {newer}");
            left_new += u32::from(found == older);
            // The next try brings it to its end, whatever the first one left.
            let again = site.run(&["ledger", "restore", backup.to_str().unwrap()]);
            assert_eq!(again.exit, Some(0), "{call} {count}: {again:?}");
            assert_eq!(entries(&site), older);
            let kept = fs::read_dir(site.root()).unwrap();
            assert!(kept.flatten().any(|file| file.file_name().to_str().unwrap().contains(".replaced-")));
        }
    }
    drop(reader);
    eprintln!("{killed} kills, {left_new} of which left the new ledger");
    assert!(killed >= 10 && left_new > 0 && left_new < killed, "{killed} kills, {left_new} left the new ledger");
}
