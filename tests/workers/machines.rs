//! Machines that share one ledger and one spool, as processes of this one see them: folders.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postgres::{Database, SUPERUSER};

#[path = "../support/copying.rs"]
mod copying;

/// A Friday, half past ten in the evening.
pub const NOW: &str = "2026-11-20T22:30:00-05:00";
/// No command takes longer.
pub const LIMIT: Duration = Duration::from_secs(240);

/// One machine: a folder with configuration and keys.
pub struct Machine {
    folder: TempDir,
    database: Rc<Database>,
}

/// A command that was started, with what it says in files.
pub struct Started {
    child: Child,
    output: TempDir,
    pub begun: Instant,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// `None` where a signal ended it.
    pub exit: Option<i32>,
    pub told: String,
}

impl Machine {
    /// The first machine of a site for whose letters so many people wait, in batches of so many.
    pub fn first(letters: usize, batch_letters: u32, memory_kib: u32) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), database: Rc::new(Database::new()) };
        let url = machine.database.url("robin");
        let site = machine.folder.path().to_str().unwrap().to_owned();
        machine.bare(&["demo", "--no-run", "--ledger", &url, &site]).finish().expect(0);
        machine.configure("# memory_kib = 19456", &format!("memory_kib = {memory_kib}"));
        machine.configure("# passes = 2", "passes = 1");
        machine.configure("# batch_letters = 1000", &format!("batch_letters = {batch_letters}"));
        machine.withdraw_samples();
        machine.import(letters);
        machine
    }

    /// Another machine of the same site: spool and vendor are shared, everything else is its own.
    pub fn beside(first: &Self) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), database: Rc::clone(&first.database) };
        copying::copy_folder(first.folder.path(), machine.folder.path());
        for shared in ["spool", "vendor"] {
            fs::remove_dir_all(machine.path(shared)).unwrap();
            symlink(first.path(shared), machine.path(shared)).unwrap();
        }
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes a line of the configuration that must be there.
    #[track_caller]
    pub fn configure(&self, line: &str, by: &str) {
        let path = self.path("letterpost.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(&format!("\n{line}")).count(), 1, "one line {line}");
        fs::write(path, text.replace(&format!("\n{line}"), &format!("\n{by}"))).unwrap();
    }

    fn withdraw_samples(&self) {
        let listed = self.run(&["--json", "request", "list"]).expect(0);
        let start = listed.told.find('[').unwrap();
        let mut requests = serde_json::Deserializer::from_str(&listed.told[start..]).into_iter::<serde_json::Value>();
        for request in requests.next().unwrap().unwrap().as_array().unwrap() {
            if request["status"] == "pending" || request["status"] == "held" {
                let reference = request["reference"].as_str().unwrap();
                self.run(&["request", "cancel", reference, "--reason", "not of this test"]).expect(0);
            }
        }
    }

    fn import(&self, letters: usize) {
        let mut csv =
            "reference,username,full_name,address_line_1,address_line_2,city,state,postal_code,country,phone,\
                       second_factor,language,format,requested_at\n"
                .to_owned();
        for place in 0..letters {
            csv.push_str(&format!(
                "CROWD-{place:06},sample.person{place}@example.com,Sample Person {},{} Example Street,,Springfield,IL,62701,\
                 US,,email,en,standard,2026-11-19T08:00:00-05:00\n",
                roman(place),
                place + 1
            ));
        }
        let path = self.path("crowd.csv");
        fs::write(&path, csv).unwrap();
        self.run(&["request", "import", path.to_str().unwrap()]).expect(0);
    }

    fn bare(&self, words: &[&str]) -> Started {
        let output = tempfile::tempdir().unwrap();
        let file = fs::File::create(output.path().join("told")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_letterpost"))
            .args(words)
            .env("LETTERPOST_CONFIG", self.path("letterpost.toml"))
            .env("LETTERPOST_SIMULATED_NOW", NOW)
            .env_remove("LETTERPOST_SIMULATED_SEED")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Started { child, output, begun: Instant::now() }
    }

    pub fn start(&self, words: &[&str]) -> Started {
        self.bare(words)
    }

    /// Starts a worker and waits until it is ready for a night.
    pub fn worker(&self) -> Started {
        let worker = self.start(&["worker", "--workers", "1"]);
        worker.wait_until_it_says("waiting for a night to produce");
        worker
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        self.bare(words).finish()
    }

    /// The one value that a query gives.
    #[track_caller]
    pub fn value(&self, query: &str) -> String {
        let rows = self.database.rows(query);
        rows.first().unwrap_or_else(|| panic!("{query} gives nothing"))[0].clone()
    }

    pub fn number(&self, query: &str) -> u64 {
        self.value(query).parse().unwrap()
    }

    /// Waits until a query gives anything but nothing, 0 or false.
    #[track_caller]
    pub fn wait_for(&self, query: &str) -> String {
        let begun = Instant::now();
        loop {
            let rows = self.database.rows(query);
            if let Some(found) =
                rows.first().map(|row| row[0].clone()).filter(|v| !matches!(v.as_str(), "" | "0" | "f"))
            {
                return found;
            }
            assert!(begun.elapsed() < LIMIT, "waited in vain for {query}");
            a_moment(Duration::from_millis(5));
        }
    }

    /// Ends the sessions whose name is like this, as the server does when it restarts or a machine is cut off: all of them at
    /// once, before anyone can answer to the loss of the first.
    #[track_caller]
    pub fn end_sessions(&self, name: &str) -> u64 {
        let ended = self.database.run(
            SUPERUSER,
            &format!(
                "SELECT string_agg(pid::text, ',') FROM (SELECT pid, pg_terminate_backend(pid) AS ended FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE '{name}') AS s WHERE ended"
            ),
        );
        let pids = ended.unwrap().trim().to_owned();
        if pids.is_empty() {
            return 0;
        }
        self.wait_for(&format!("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid IN ({pids})"));
        pids.split(',').count() as u64
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub fn spool(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path("spool"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// What must be so when all letters of a night are made: nothing lost, nothing twice, no gap, one log that verifies.
    #[track_caller]
    pub fn all_is_made_once(&self, letters: usize) {
        let letters = letters as u64;
        let crowd = "reference LIKE 'CROWD-%'";
        assert_eq!(
            self.number(&format!("SELECT count(*) FROM request WHERE {crowd} AND status = 'lettered'")),
            letters
        );
        assert_eq!(self.number("SELECT count(*) FROM letter WHERE status <> 'voided'"), letters);
        assert_eq!(self.number("SELECT count(DISTINCT request_id) FROM letter"), letters);
        assert_eq!(self.number("SELECT count(*) FROM batch WHERE status = 'claimed'"), 0);
        assert_eq!(
            self.value("SELECT count(*) = max(number) AND min(number) = 1 FROM batch"),
            "t",
            "numbers have no gap"
        );
        assert_eq!(self.value("SELECT count(*) = max(seq) + 1 FROM audit_entry"), "t", "one log");
        self.run(&["audit", "verify"]).expect(0);
        // Whatever a dead worker left in the spool is swept by the next production, and nothing else.
        self.run(&["produce"]).expect(0);
        let rows = self.database.rows("SELECT spool_object FROM batch WHERE spool_object IS NOT NULL ORDER BY 1");
        let mut recorded: Vec<String> = rows.into_iter().map(|row| row[0].clone()).collect();
        recorded.sort();
        assert_eq!(self.spool(), recorded, "every object of the spool is accounted for");
    }
}

impl Ended {
    #[track_caller]
    pub fn expect(self, exit: i32) -> Self {
        assert_eq!(self.exit, Some(exit), "{}", self.told);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.told.contains(text), "'{text}' in: {}", self.told);
        self
    }
}

impl Started {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.output.path().join("told")).unwrap()).into_owned()
    }

    /// Waits until it has said this.
    #[track_caller]
    pub fn wait_until_it_says(&self, text: &str) {
        while !self.said().contains(text) {
            assert!(self.begun.elapsed() < LIMIT, "waited in vain for '{text}': {}", self.said());
            a_moment(Duration::from_millis(5));
        }
    }

    /// The packages that it claimed, as a condition.
    pub fn owned(&self) -> String {
        format!("owner LIKE '%-{}-%'", self.id())
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(self) -> Ended {
        self.signal(rustix::process::Signal::TERM);
        self.finish()
    }

    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it without warning.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn finish(mut self) -> Ended {
        while !self.is_over() {
            assert!(self.begun.elapsed() < LIMIT, "it does not end: {}", self.said());
            a_moment(Duration::from_millis(5));
        }
        let exit = self.child.wait().unwrap().code();
        let told = self.said();
        assert!(!told.contains("panicked"), "{told}");
        Ended { exit, told }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets a little time pass.
pub fn a_moment(length: Duration) {
    let (_never, clock) = mpsc::channel::<()>();
    let _ = clock.recv_timeout(length);
}

/// A number as a name that a person could have.
fn roman(number: usize) -> String {
    const DIGITS: [&str; 10] = ["O", "A", "Be", "Ce", "De", "E", "Fe", "Ge", "Ha", "I"];
    let word: String = number.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect();
    format!("{}{}", &word[..1], word[1..].to_lowercase())
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
