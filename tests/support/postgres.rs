//! A PostgreSQL of the tests' own: a cluster in a temporary folder, reached by a socket in it and by nothing else. It runs as
//! a user without rights and ends with the process that started it, however that ends.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use letterpost::adapters::postgres::{PostgresAddress, bring_up_to_date};

/// The superuser of the cluster.
pub const SUPERUSER: &str = "owner";
/// Logins, each with the group that it is a member of. Two people work the ledger.
pub const LOGINS: [(&str, &str); 6] = [
    ("migrations", "letterpost_migrator"),
    ("robin", "letterpost_operator"),
    ("kim", "letterpost_operator"),
    ("portal", "letterpost_portal"),
    ("signin", "letterpost_sign_in"),
    ("auditor", "letterpost_auditor"),
];

/// What a server does between its start and the end of its standard input, which the kernel closes with this process.
const KEEPER: &str = r#"
trap '' INT TERM HUP
here=$(mktemp -d /tmp/letterpost-postgres.XXXXXX) || exit 1
fail() { cat "$here/log" >&2; rm -rf "$here"; exit 1; }
"$1/initdb" --no-sync --auth trust --username owner --encoding UTF8 --locale C -D "$here/data" >"$here/log" 2>&1 || fail
"$1/pg_ctl" -D "$here/data" -l "$here/log" -w -s start </dev/null >/dev/null 2>&1 \
    -o "-k $here -c listen_addresses='' $2" || fail
echo "$here"
read -r _
"$1/pg_ctl" -D "$here/data" -m immediate -s stop >/dev/null 2>&1
rm -rf "$here"
"#;

/// What a test's server is told: it need not keep anything that its machine forgets.
const FORGETFUL: &str = "-c fsync=off -c full_page_writes=off -c max_connections=60";
/// What the server of this process is told.
static SETTINGS: OnceLock<&str> = OnceLock::new();

/// Has the server of this process run as PostgreSQL is shipped: what is committed is on the disk. To be said before anything else here.
pub fn keep_what_is_committed() {
    SETTINGS.get_or_init(|| "");
}

/// A new empty database, to which the superuser has this address.
pub fn empty_database(name: &str) -> String {
    run_psql("postgres", SUPERUSER, &format!("CREATE DATABASE {name}")).unwrap();
    format!("postgres://{SUPERUSER}@localhost/{name}?host={}", cluster().socket.display())
}

/// The cluster of this process. It is never dropped: its keeper sees this process end.
struct Cluster {
    socket: PathBuf,
    _keeper: Child,
}

/// A database in it, with roles and schema as shipped. Its logins are [`LOGINS`].
pub struct Database {
    name: String,
}

/// Why a statement was refused.
#[derive(Debug)]
pub struct Refusal {
    /// The five characters of SQLSTATE.
    pub state: String,
    /// All that `psql` said.
    pub text: String,
}

/// SQLSTATE of a right that is missing.
pub const NO_RIGHT: &str = "42501";
/// SQLSTATE of what a trigger forbids.
pub const FORBIDDEN: &str = "23001";
/// SQLSTATE of what a CHECK forbids.
pub const CHECKED: &str = "23514";

/// What stands between the rows, and between the values of a row, of a query's answer.
const ROW_ENDS: char = '\u{1e}';
const VALUE_ENDS: char = '\u{1f}';

/// One database is made at a time: the roles belong to the whole cluster.
static MAKING: Mutex<u32> = Mutex::new(0);

impl Database {
    /// A new database, its schema made as a site's would be.
    pub fn new() -> Self {
        let mut made = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let pattern = Self { name: "letterpost_pattern".to_owned() };
        if *made == 0 {
            pattern.make();
        }
        *made += 1;
        let database = Self { name: format!("letterpost_{made}") };
        let copy = format!("CREATE DATABASE {} TEMPLATE {}", database.name, pattern.name);
        run_psql("postgres", SUPERUSER, &copy).unwrap();
        // What is granted and set on a database is not copied with it.
        database.make_roles();
        database
    }

    /// A database with all that is in this one, on which nobody may be at work.
    pub fn copy(&self) -> Self {
        let mut made = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        *made += 1;
        let copy = Self { name: format!("letterpost_{made}") };
        run_psql("postgres", SUPERUSER, &format!("CREATE DATABASE {} TEMPLATE {}", copy.name, self.name)).unwrap();
        copy.make_roles();
        copy
    }

    fn make(&self) {
        run_psql("postgres", SUPERUSER, &format!("CREATE DATABASE {}", self.name)).unwrap();
        self.make_roles();
        for (login, group) in LOGINS {
            self.run(SUPERUSER, &format!("CREATE ROLE {login} LOGIN; GRANT {group} TO {login};")).unwrap();
        }
        let address = PostgresAddress::parse(&self.url("migrations")).unwrap();
        // On a thread of its own: the caller may be at work in a runtime.
        let make = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(bring_up_to_date(&address)).unwrap();
        };
        std::thread::scope(|scope| scope.spawn(make).join()).unwrap();
    }

    /// The address under which a login reaches it.
    pub fn url(&self, login: &str) -> String {
        format!("postgres:///{}?host={}&user={login}", self.name, cluster().socket.display())
    }

    /// Runs `roles.sql` once more.
    pub fn make_roles(&self) {
        self.run(SUPERUSER, &fs::read_to_string(shipped().join("roles.sql")).unwrap()).unwrap();
    }

    /// What statements give to a login, one line a row and `|` between values.
    ///
    /// # Errors
    /// The first refusal, at which `psql` ends.
    pub fn run(&self, login: &str, statements: &str) -> Result<String, Refusal> {
        run_psql(&self.name, login, statements)
    }

    /// The rows that a query gives to the superuser, each value as text.
    #[track_caller]
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        // A value may have lines of its own, and the sign that commonly parts values.
        let parted = format!("\\pset recordsep '{ROW_ENDS}'\n\\pset fieldsep '{VALUE_ENDS}'\n{query}");
        let told = self.run(SUPERUSER, &parted).unwrap();
        let Some(told) = told.strip_suffix('\n') else { return Vec::new() };
        told.split(ROW_ENDS).map(|row| row.split(VALUE_ENDS).map(str::to_owned).collect()).collect()
    }

    /// Requires that a login may do this.
    #[track_caller]
    pub fn allows(&self, login: &str, statements: &str) {
        if let Err(refusal) = self.run(login, statements) {
            panic!("{login} may do this: {statements}\n{}", refusal.text);
        }
    }

    /// Which of these words stand in the database's files, as the server has written them out. Its write-ahead log is not looked at.
    pub fn found_in_files<'w>(&self, words: &[&'w str]) -> Vec<&'w str> {
        self.run(SUPERUSER, "CHECKPOINT").unwrap();
        let oid = self.rows("SELECT oid FROM pg_database WHERE datname = current_database()")[0][0].clone();
        let folder = fs::read_dir(cluster().socket.join("data/base").join(oid)).unwrap();
        // A file may go while the others are read.
        let files = folder.filter_map(|entry| fs::read(entry.unwrap().path()).ok());
        let files: Vec<String> = files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
        assert!(files.len() > 100, "{}", files.len());
        let stands = |word: &&&str| files.iter().any(|file| file.contains(**word));
        words.iter().filter(stands).copied().collect()
    }

    /// Does something while a session of a login is in the middle of a transaction, and then ends that.
    pub fn beside(&self, login: &str, begun: &str, ended: &str, act: impl FnOnce()) {
        let mut session = psql(&self.name, login);
        let mut typed = session.stdin.take().unwrap();
        writeln!(typed, "{begun}\n\\echo begun").unwrap();
        let mut line = String::new();
        BufReader::new(session.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "begun\n");
        act();
        writeln!(typed, "{ended}").unwrap();
        drop(typed);
        assert!(session.wait().unwrap().success(), "{ended}");
    }

    /// Requires that a login may not do this, and that it is refused for this reason.
    #[track_caller]
    pub fn refuses(&self, login: &str, statements: &str, state: &str) {
        match self.run(login, statements) {
            Ok(told) => panic!("{login} may not do this: {statements}\n{told}"),
            Err(refusal) => assert_eq!(refusal.state, state, "{login}: {statements}\n{}", refusal.text),
        }
    }
}

/// The folder of what is shipped for PostgreSQL.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters/postgres")
}

/// The files of migrations, in order.
pub fn migrations() -> Vec<PathBuf> {
    let folder = fs::read_dir(shipped().join("migrations")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    files
}

fn psql(database: &str, login: &str) -> Child {
    Command::new("timeout")
        .args(["--kill-after", "5", "120", "psql", "-X", "-q", "-A", "-t"])
        .args(["-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-U", login, "-d", database])
        .arg("-h")
        .arg(&cluster().socket)
        .env("PGOPTIONS", "-c client_min_messages=warning -c lock_timeout=60s")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tests need Debian's package 'postgresql'")
}

fn run_psql(database: &str, login: &str, statements: &str) -> Result<String, Refusal> {
    let mut child = psql(database, login);
    // Where a statement is refused, psql reads no further.
    let _ = child.stdin.take().unwrap().write_all(statements.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(said(&output.stdout));
    }
    let text = said(&output.stderr);
    // "psql:<stdin>:1: ERROR:  42501: permission denied …"
    let state = ["ERROR:  ", "FATAL:  "].iter().find_map(|mark| text.split(mark).nth(1));
    let state = state.unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    Err(Refusal { state, text })
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

fn start() -> Cluster {
    let programs = newest_programs();
    let settings = SETTINGS.get_or_init(|| FORGETFUL);
    let keep = ["sh", "-c", KEEPER, "keeper", programs.to_str().unwrap(), settings];
    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]).args(keep);
        command
    } else {
        let mut command = Command::new(keep[0]);
        command.args(&keep[1..]);
        command
    };
    let command = command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut keeper = command.spawn().expect("the tests need setpriv of util-linux, or a user that is not root");
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let mut said = String::new();
        keeper.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        panic!("PostgreSQL does not start: {said}");
    }
    Cluster { socket: PathBuf::from(line.trim_end()), _keeper: keeper }
}

/// Where the server's programs lie, of the newest version that is installed.
fn newest_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("the tests need Debian's package 'postgresql'");
    let newest = versions
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| Path::new(&format!("/usr/lib/postgresql/{version}/bin/initdb")).exists())
        .max();
    let newest = newest.expect("the tests need Debian's package 'postgresql'");
    assert!(newest >= 15, "PostgreSQL {newest} is older than 15");
    PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin"))
}
