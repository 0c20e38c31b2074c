//! A test site: the demo's, under a clock that stands still, worked through the binary as people work it.

#![allow(dead_code, reason = "each test file uses its own part of this")]

#[path = "postgres.rs"]
pub mod postgres;

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use postgres::Database;

/// No command of a test takes longer; `timeout` stops it then, and the test fails.
const LIMIT_SECONDS: &str = "120";
/// What `timeout` exits with when it had to stop a command.
const TIMED_OUT: i32 = 124;

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Standard output and standard error, one after the other.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The same, if the command ended with this status.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.text());
        self
    }

    /// The same, if all was done, whether or not a person is needed for something.
    #[track_caller]
    pub fn done(self) -> Self {
        assert!(self.code <= 1, "{}", self.text());
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Runs a program with a limit of time.
pub fn run_limited(program: &str, arguments: &[&str], surroundings: &[(&str, &str)], input: &str) -> Ran {
    let mut child = Command::new("timeout")
        .args(["--kill-after", "5", LIMIT_SECONDS, program])
        .args(arguments)
        .env_remove("LETTERPOST_CONFIG")
        .envs(surroundings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test needs the program 'timeout'");
    // A program that reads nothing may be gone before this is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran =
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) };
    assert!(ran.code != TIMED_OUT && ran.code != -1, "{program} {arguments:?} did not end: {}", ran.text());
    assert!(!ran.text().contains("panicked"), "{program} {arguments:?}: {}", ran.text());
    ran
}

/// A site in a folder of its own.
pub struct TestSite {
    root: TempDir,
    clock: RefCell<String>,
    seed: Cell<u64>,
    /// All that commands said so far.
    said: RefCell<String>,
    /// Variables of the commands' environment.
    surroundings: RefCell<Vec<(String, String)>>,
    /// Where the ledger is, if it is no file in the folder.
    database: Option<Arc<Database>>,
}

/// Names the kind of ledger that sites of tests have: `postgres`, or a file of SQLite where it is not set.
pub const LEDGER_VARIABLE: &str = "LETTERPOST_TEST_LEDGER";

/// Whether sites of tests have their ledgers on PostgreSQL: what is about a ledger in a file is not looked at then.
pub fn is_on_postgres() -> bool {
    std::env::var(LEDGER_VARIABLE).as_deref() == Ok("postgres")
}

/// The login that works a site's ledger on PostgreSQL.
const OPERATOR: &str = "robin";

impl TestSite {
    /// The demo, played to its end at this instant, with chance from this seed.
    pub fn demo(now: &str, seed: u64) -> Self {
        let site = Self::none(now, seed);
        site.bare(&site.made(&["demo", site.path("").to_str().unwrap()]), "").expect(0);
        site
    }

    /// The words of a command that makes a site, with where its ledger is.
    fn made<'a>(&self, words: &[&'a str]) -> Vec<&'a str> {
        let mut words = words.to_vec();
        if let Some(database) = &self.database {
            words.extend(["--ledger", String::leak(database.url(OPERATOR))]);
        }
        words
    }

    /// The demo's site before its first night, with verifiers that cost little.
    pub fn before_the_night(now: &str) -> Self {
        let site = Self::none(now, 1);
        site.begin();
        site
    }

    fn begin(&self) {
        self.bare(&self.made(&["demo", "--no-run", self.path("").to_str().unwrap()]), "").expect(0);
        self.configure("# memory_kib = 19456", "memory_kib = 64");
        self.configure("# passes = 2", "passes = 1");
    }

    /// The demo's site after its first night, packages delivered and no receipt written.
    pub fn after_the_night(now: &str) -> Self {
        let site = Self::before_the_night(now);
        site.night();
        site
    }

    /// The same on a server, whatever the ledgers of other sites are.
    pub fn on_a_server(now: &str) -> Self {
        let site = Self { database: Some(Arc::new(Database::new())), ..Self::none(now, 1) };
        site.begin();
        site
    }

    /// The configuration of somebody with a login of their own, where the ledger is on a server; else the site's.
    pub fn configuration_of(&self, login: &str) -> PathBuf {
        let own = self.path("letterpost.toml");
        let Some(database) = &self.database else { return own };
        let text = fs::read_to_string(&own).unwrap();
        let of_site = database.url(OPERATOR);
        assert!(text.contains(&of_site), "{text}");
        let path = own.with_file_name(format!("{login}.toml"));
        fs::write(&path, text.replace(&of_site, &database.url(login))).unwrap();
        path
    }

    /// Another hand on the same site: its folder stays the other's.
    pub fn beside(other: &Self) -> Self {
        let site = Self { database: other.database.clone(), ..Self::none(&other.now(), 1000) };
        std::os::unix::fs::symlink(other.path(""), site.path("").with_file_name("site")).unwrap();
        site
    }

    /// A copy of a site's folder, under a clock at this instant.
    pub fn copy_of(folder: &Path, now: &str) -> Self {
        let site = Self::none(now, 2000);
        let copied = run_limited("cp", &["-a", folder.to_str().unwrap(), site.path("").to_str().unwrap()], &[], "");
        assert_eq!(copied.code, 0, "{}", copied.text());
        site
    }

    fn none(now: &str, seed: u64) -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            clock: RefCell::new(now.to_owned()),
            seed: Cell::new(seed),
            said: RefCell::default(),
            surroundings: RefCell::default(),
            database: is_on_postgres().then(|| Arc::new(Database::new())),
        }
    }

    /// A path in the site's folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join("site").join(relative)
    }

    /// A new empty folder outside the site, which goes when the test ends.
    pub fn outside(&self) -> PathBuf {
        let folder = tempfile::tempdir_in(self.root.path()).unwrap();
        folder.keep()
    }

    /// Moves the clock to this instant.
    pub fn clock(&self, now: &str) {
        now.clone_into(&mut self.clock.borrow_mut());
    }

    /// Where the clock stands.
    pub fn now(&self) -> String {
        self.clock.borrow().clone()
    }

    /// Gives the commands to come these variables, and no others beside those of the test.
    pub fn surround(&self, variables: &[(&str, &str)]) {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        *self.surroundings.borrow_mut() = variables.collect();
    }

    /// All that commands said so far, on both streams.
    pub fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// Replaces a line of the configuration.
    #[track_caller]
    pub fn configure(&self, line: &str, with: &str) {
        let path = self.path("letterpost.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(&format!("\n{line}")).count(), 1, "the configuration has one line {line:?}");
        fs::write(path, text.replace(&format!("\n{line}"), &format!("\n{with}"))).unwrap();
    }

    /// Runs a command on the site.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    /// Runs a command on the site, with this on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let config = self.path("letterpost.toml");
        let mut all = vec!["--config", config.to_str().unwrap()];
        all.extend(arguments);
        self.bare(&all, input)
    }

    /// Runs a command with `--json`.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        self.run(&all).expect(0).json()
    }

    fn bare(&self, arguments: &[&str], input: &str) -> Ran {
        let (now, seed) = (self.now(), self.seed.get().to_string());
        // Each start of the program has a seed of its own, or a second night would mint the first one's passwords.
        self.seed.set(self.seed.get() + 1);
        let more = self.surroundings.borrow().clone();
        let mut surroundings =
            vec![("LETTERPOST_SIMULATED_NOW", now.as_str()), ("LETTERPOST_SIMULATED_SEED", seed.as_str())];
        surroundings.extend(more.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let ran = run_limited(env!("CARGO_BIN_EXE_letterpost"), arguments, &surroundings, input);
        self.said.borrow_mut().push_str(&ran.text());
        ran
    }

    /// Runs the night that is due at the clock; its status may be "done" or "done, and a person is needed".
    #[track_caller]
    pub fn night(&self) -> Ran {
        self.run(&["run", "nightly"]).done()
    }

    /// Imports requests written as CSV rows without their header.
    pub fn import(&self, name: &str, rows: &str) -> Ran {
        let path = self.path(name);
        fs::write(&path, format!("{REQUEST_HEADER}\n{rows}\n")).unwrap();
        self.run(&["request", "import", path.to_str().unwrap()])
    }

    /// The vendor receipts a package with these further arguments, and the site reads it.
    #[track_caller]
    pub fn receipt(&self, package: &str, arguments: &[&str]) -> Ran {
        let sealed = self.path(&format!("vendor/inbox/{package}.zip.pgp"));
        let mut all = vec!["vendor", "receipt", sealed.to_str().unwrap()];
        all.extend(arguments);
        self.bare(&all, "").expect(0);
        self.run(&["ingest"])
    }

    /// Asks whether this is the temporary password of an account: exit status and verdict.
    pub fn check(&self, username: &str, typed: &str) -> (i32, String) {
        self.check_with(&["password", "check", username], typed)
    }

    /// The same, and uses it up.
    pub fn redeem(&self, username: &str, typed: &str) -> (i32, String) {
        self.check_with(&["password", "check", username, "--redeem"], typed)
    }

    fn check_with(&self, arguments: &[&str], typed: &str) -> (i32, String) {
        let ran = self.run_with_input(arguments, &format!("{typed}\n"));
        (ran.code, ran.stdout.trim().to_owned())
    }

    /// The names of the packages in the vendor's inbox, in order.
    pub fn packages(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path("vendor/inbox"))
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().file_name().to_str().unwrap().strip_suffix(".zip.pgp")?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// What a query of the ledger gives, each value as text and NULL as the empty text.
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        if let Some(database) = &self.database {
            return rows_of(database, query);
        }
        let found =
            self.on_the_ledger(async |ledger| sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut *ledger).await);
        let text = |row: &sqlx::sqlite::SqliteRow, place| {
            row.try_get_unchecked::<Option<String>, usize>(place).unwrap().unwrap_or_default()
        };
        found.iter().map(|row| (0..row.len()).map(|place| text(row, place)).collect()).collect()
    }

    /// Gives a copy of the site's folder, whose configuration this is, a copy of the ledger where that is on a server.
    pub fn copy_database(&self, configuration: &Path) -> Option<Database> {
        let database = self.database.as_ref()?;
        let copy = database.copy();
        let text = fs::read_to_string(configuration).unwrap();
        fs::write(configuration, text.replace(&database.url(OPERATOR), &copy.url(OPERATOR))).unwrap();
        Some(copy)
    }

    /// The columns of a table or view of the ledger, in their order.
    pub fn columns(&self, relation: &str) -> Vec<String> {
        let query = match self.database {
            Some(_) => format!(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'letterpost.{relation}'::regclass AND attnum > 0 ORDER BY attnum"
            ),
            None => format!("SELECT name FROM pragma_table_info('{relation}') ORDER BY cid"),
        };
        self.rows(&query).concat()
    }

    /// The one value that a query of the ledger gives.
    #[track_caller]
    pub fn value(&self, query: &str) -> String {
        let mut rows = self.rows(query);
        assert_eq!(rows.len(), 1, "{query}");
        rows.remove(0).remove(0)
    }

    /// Changes the ledger behind the program's back; it must change one row.
    pub fn tamper(&self, statement: &str) {
        if let Some(database) = &self.database {
            // Whoever does that switches off what keeps the rows.
            let unkept = "SET session_replication_role = replica;";
            let done =
                database.rows(&format!("{unkept} WITH done AS ({statement} RETURNING 1) SELECT count(*) FROM done"));
            assert_eq!(done, [["1"]], "{statement}");
            return;
        }
        let done =
            self.on_the_ledger(async |ledger| sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *ledger).await);
        assert_eq!(done.rows_affected(), 1, "{statement}");
    }

    /// Tries to change the ledger behind the program's back, and takes it back again.
    pub fn try_tamper(&self, statement: &str) -> Result<u64, sqlx::Error> {
        self.on_the_ledger(async |ledger| {
            let mut tried = <sqlx::SqliteConnection as sqlx::Connection>::begin(ledger).await?;
            Ok(sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tried).await.map(|done| done.rows_affected()))
        })
    }

    /// A reader that stays: while it is open, SQLite keeps the write-ahead log, whoever else closes the ledger.
    pub fn reader(&self) -> Reader {
        let options = SqliteConnectOptions::new().filename(self.path("letterpost.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async {
            let mut ledger = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
            sqlx::query("SELECT count(*) FROM request").fetch_one(&mut ledger).await.unwrap();
            ledger
        });
        Reader { connection: Some(connection), runtime }
    }

    /// Does something on a connection of its own, which is closed when this returns: dropped, it would close some time later, and take
    /// the write-ahead log with it.
    fn on_the_ledger<T>(&self, act: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> sqlx::Result<T>) -> T {
        let options = SqliteConnectOptions::new().filename(self.path("letterpost.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut ledger = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
            let done = act(&mut ledger).await.unwrap();
            sqlx::Connection::close(ledger).await.unwrap();
            done
        })
    }

    /// The kinds of all audit entries that are about a letter, oldest first.
    pub fn audit_kinds(&self, letter_id: &str) -> Vec<String> {
        let about = self.entries().into_iter().filter(|entry| entry["data"]["letter"] == letter_id);
        about.map(|entry| text_of(&entry["kind"])).collect()
    }

    /// All entries of the audit log, oldest first.
    pub fn entries(&self) -> Vec<Value> {
        self.entry_texts().iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    /// The same as they are written.
    pub fn entry_texts(&self) -> Vec<String> {
        let bytes = match self.database {
            Some(_) => "convert_from(entry, 'UTF8')",
            None => "CAST(entry AS TEXT)",
        };
        self.rows(&format!("SELECT {bytes} FROM audit_entry ORDER BY seq")).concat()
    }

    /// Runs a statement on the portal's table.
    pub fn hand_over(&self, statement: &str) {
        if let Some(database) = &self.database {
            database.run("portal", &statement.replace("mail_requests", "intake.mail_requests")).unwrap();
            return;
        }
        let options = SqliteConnectOptions::new().filename(self.path("intake.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut table = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut table).await.unwrap();
            <sqlx::SqliteConnection as sqlx::Connection>::close(table).await.unwrap();
        });
    }

    /// The accounting of `report night`, if both its sums close.
    #[track_caller]
    pub fn closed_accounting(&self) -> Value {
        let accounting = self.json(&["report", "night"])["accounting"].take();
        let sum =
            |states: &Value| states.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>();
        assert_eq!(accounting["requests"].as_u64().unwrap(), sum(&accounting["request_states"]), "{accounting}");
        assert_eq!(accounting["letters"].as_u64().unwrap(), sum(&accounting["letter_states"]), "{accounting}");
        accounting
    }
}

/// What a query of a ledger on a server gives, as one in a file would.
pub fn rows_of(database: &Database, query: &str) -> Vec<Vec<String>> {
    let rows = database.rows(query).into_iter();
    rows.map(|row| row.iter().map(|cell| as_in_a_file(cell)).collect()).collect()
}

/// A value of PostgreSQL as SQLite stores it: instants with `T` and `Z`, truth as a number, bytes that are a text as that.
fn as_in_a_file(cell: &str) -> String {
    let bytes = cell.strip_prefix("\\x").and_then(|digits| hex::decode(digits).ok());
    if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        return text;
    }
    match cell {
        "t" => "1".to_owned(),
        "f" => "0".to_owned(),
        _ => match cell.strip_suffix("+00").filter(|at| at.len() == 19 && at.as_bytes()[10] == b' ') {
            Some(at) => format!("{}Z", at.replacen(' ', "T", 1)),
            None => cell.to_owned(),
        },
    }
}

/// A connection to the ledger that is kept open until this is dropped.
pub struct Reader {
    connection: Option<sqlx::SqliteConnection>,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.runtime.block_on(sqlx::Connection::close(connection)).unwrap();
        }
    }
}

/// The header row of request files.
pub const REQUEST_HEADER: &str = "reference,username,full_name,address_line_1,address_line_2,city,state,postal_code,\
                                  country,phone,second_factor,language,format,requested_at";

/// The rows of a CSV file, each cell by its column's name.
pub fn csv_rows(path: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// A JSON string as text.
#[track_caller]
pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
