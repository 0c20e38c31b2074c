//! `doctor` wants one copy of the checkpoints that the service account cannot rewrite.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::nightly::TestSite;
use crate::{checkpoint, doctor, site_with};

const KEPT: &str = "[[audit.sink]]\ncode = \"kept\"\nkind = \"file\"\npath = \"guarded/notes\"";
/// An account that owns nothing else: nobody's.
const ACCOUNT: u32 = 65534;

#[test]
fn a_test_site_is_told_the_lines_to_write() {
    let site = site_with("");
    let (finding, message, remedy) = doctor(&site, "checkpoints out of reach");
    assert_eq!(finding, "note");
    assert!(message.contains("no sink but the file of heads"), "{message}");
    for line in ["[[audit.sink]]", "kind = \"file\"", "chattr +a", "docs/operations.md"] {
        assert!(remedy.contains(line), "{remedy}");
    }
}

#[test]
fn a_copy_that_this_account_can_rewrite_does_not_count_and_a_declared_one_is_shown_as_such() {
    let site = site_with(KEPT);
    fs::create_dir(site.path("guarded")).unwrap();
    checkpoint(&site).expect(0);
    assert_eq!(doctor(&site, "checkpoints out of reach").0, "note");
    let (finding, _, remedy) = doctor(&site, "sink kept");
    assert_eq!(finding, "note");
    assert!(remedy.contains("chattr +a") || remedy.contains("kept_by"), "{remedy}");
    crate::add(
        &site,
        "[[audit.sink]]\ncode = \"far\"\nkind = \"command\"\ncommand = [\"true\"]\nkept_by = \"the log host\"",
    );
    assert_eq!(doctor(&site, "checkpoints out of reach").1, "in sink far");
    assert!(doctor(&site, "sink far").1.contains("declared, and not proven"));
}

/// The flag of a file, taken away again at the end.
struct AppendOnly(PathBuf);

impl AppendOnly {
    fn set(path: &Path) -> Option<Self> {
        let is_set = Command::new("chattr").arg("+a").arg(path).output().is_ok_and(|output| output.status.success());
        is_set.then(|| Self(path.to_owned()))
    }
}

impl Drop for AppendOnly {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-a").arg(&self.0).status();
    }
}

/// Runs a program as the account that owns the site.
fn as_account(program: &str, arguments: &[&str], now: &str) -> std::process::Output {
    Command::new("setpriv")
        .args(["--reuid", &ACCOUNT.to_string(), "--regid", &ACCOUNT.to_string(), "--clear-groups", program])
        .args(arguments)
        .env("LETTERPOST_SIMULATED_NOW", now)
        .output()
        .expect("the test needs the program 'setpriv'")
}

fn give(path: &Path) {
    std::os::unix::fs::chown(path, Some(ACCOUNT), Some(ACCOUNT)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path()));
    }
}

#[test]
fn an_append_only_file_of_a_plain_account_is_out_of_its_reach() {
    let site = site_with("");
    if fs::metadata(site.path("")).unwrap().uid() != 0 {
        eprintln!("not root: the flag was not tried, only how it is judged (cli::doctor::sinks)");
        return;
    }
    let guarded = site.outside();
    let notes = guarded.join("notes");
    fs::write(&notes, "").unwrap();
    let Some(_flag) = AppendOnly::set(&notes) else {
        eprintln!("no append-only flags here: not tried, only judged (cli::doctor::sinks)");
        return;
    };
    crate::add(&site, &format!("[[audit.sink]]\ncode = \"kept\"\nkind = \"file\"\npath = \"{}\"", notes.display()));
    // Root may take the flag away again.
    let (finding, message, _) = doctor(&site, "sink kept");
    assert_eq!(finding, "note");
    assert!(message.contains("root, under which this works, can undo that"), "{message}");

    hand_over(&site, &guarded);
    let program = site.path("letterpost");
    if fs::hard_link(env!("CARGO_BIN_EXE_letterpost"), &program).is_err() {
        fs::copy(env!("CARGO_BIN_EXE_letterpost"), &program).unwrap();
    }
    let config = site.path("letterpost.toml");
    let run = |arguments: &[&str]| {
        let all = [&["--config", config.to_str().unwrap(), "--json"], arguments].concat();
        as_account(program.to_str().unwrap(), &all, &site.now())
    };
    let ran = run(&["checkpoint"]);
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(fs::read_to_string(&notes).unwrap(), crate::in_one_file(&site));
    let checks: Value = serde_json::from_slice(&run(&["doctor"]).stdout).unwrap();
    let found = |check: &str| checks.as_array().unwrap().iter().find(|it| it["check"] == check).unwrap().clone();
    assert_eq!(found("sink kept")["finding"], "good", "{checks}");
    assert_eq!(found("checkpoints out of reach")["finding"], "good", "{checks}");
    // And so it is: the account can neither write over the file nor move or remove it.
    for attack in ["echo other >\"$1\"", "rm -f \"$1\"", "mv \"$1\" \"$1.away\"", "truncate --size 0 \"$1\""] {
        let done = as_account("sh", &["-c", attack, "sh", notes.to_str().unwrap()], &site.now());
        assert!(!done.status.success(), "{attack}");
    }
    assert_eq!(fs::read_to_string(&notes).unwrap(), crate::in_one_file(&site));
}

/// Gives the site, and the file that is only appended to, to the account; the folders above stay root's.
fn hand_over(site: &TestSite, guarded: &Path) {
    let notes = guarded.join("notes");
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    open(guarded);
    open(guarded.parent().unwrap());
    give(&site.path(""));
    let unset = Command::new("chattr").arg("-a").arg(&notes).status().unwrap();
    assert!(unset.success());
    give(&notes);
    assert!(Command::new("chattr").arg("+a").arg(&notes).status().unwrap().success());
}
