//! A test site on real files, with as many invented people waiting for a letter as a test wants.

#[path = "../copying.rs"]
mod copying;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use copying::copy_folder;
use tempfile::TempDir;

/// The instant at which every night here is: a Friday, half past ten in the evening.
pub const NOW: &str = "2026-11-20T22:30:00-05:00";
/// No start may take longer than this: one that does hangs, and that is a failure. Seconds are for slow machines.
pub const NIGHT_LIMIT: Duration = Duration::from_secs(120);

const FIRST_NAMES: [&str; 40] = [
    "Avery", "Blair", "Casey", "Devon", "Ellis", "Finley", "Gray", "Harper", "Indigo", "Jules", "Kerry", "Lane",
    "Marlow", "Noel", "Oakley", "Parker", "Quinn", "Reese", "Sage", "Tatum", "Umber", "Vale", "Wren", "Xen", "Yael",
    "Zion", "Arden", "Briar", "Cove", "Dale", "Eden", "Frost", "Glenn", "Haven", "Ivory", "Jaden", "Kit", "Lark",
    "Merritt", "North",
];

/// How a start ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit status; `None` where a signal ended it.
    pub exit: Option<i32>,
    /// Standard output.
    pub told: String,
    /// Standard error.
    pub said: String,
    /// How long it took.
    pub took: Duration,
}

/// A site in a folder of its own, gone with it.
pub struct NightSite {
    folder: TempDir,
    now: Mutex<&'static str>,
}

/// A start of the program that is under way.
pub struct Started {
    pub child: Child,
    begun: Instant,
    log: PathBuf,
}

impl NightSite {
    /// A site on which `letters` invented people wait, in packages of at most `letters_a_package`. A verifier costs
    /// `memory_kib` of memory, once passed over.
    pub fn with_requests(letters: usize, letters_a_package: u32, memory_kib: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Self { folder, now: Mutex::new(NOW) };
        let made = site.bare(&["demo", site.root().to_str().unwrap(), "--no-run"]);
        assert_eq!(made.exit, Some(0), "{made:?}");
        site.configure("# memory_kib = 19456", &format!("memory_kib = {memory_kib}"));
        site.configure("# passes = 2", "passes = 1");
        site.configure("# letters_a_package = 1000", &format!("letters_a_package = {letters_a_package}"));
        site.withdraw_samples();
        site.import(letters);
        fs::create_dir(site.path("vendor/taken")).unwrap();
        site
    }

    /// Another site with the same files.
    pub fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.root(), folder.path());
        Self { folder, now: Mutex::new(self.now()) }
    }

    /// Moves the clock of the commands to come: the ledger refuses one that is behind it.
    pub fn clock(&self, now: &'static str) {
        *self.now.lock().unwrap() = now;
    }

    fn now(&self) -> &'static str {
        *self.now.lock().unwrap()
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Changes a line of the configuration that must be there.
    pub fn configure(&self, line: &str, by: &str) {
        let path = self.path("letterpost.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(line), "the configuration has no line '{line}'");
        fs::write(path, text.replace(line, by)).unwrap();
    }

    /// The requests of the demo are withdrawn, so that a night has the people of the test only.
    fn withdraw_samples(&self) {
        let listed = self.run(&["--json", "request", "list"]);
        let requests: serde_json::Value = serde_json::from_str(&listed.told).unwrap();
        for request in requests.as_array().unwrap() {
            if request["status"] == "pending" || request["status"] == "held" {
                let reference = request["reference"].as_str().unwrap();
                let cancelled = self.run(&["request", "cancel", reference, "--reason", "not of this test"]);
                assert_eq!(cancelled.exit, Some(0), "{cancelled:?}");
            }
        }
    }

    fn import(&self, letters: usize) {
        self.import_rows(&Self::people(letters), 0);
    }

    /// One more person asks, who is none of the others.
    pub fn import_one_more(&self) {
        self.import_rows(&["Late Comer".to_owned()], 9000);
    }

    fn import_rows(&self, people: &[String], first: usize) {
        let mut csv =
            "reference,username,full_name,address_line_1,address_line_2,city,state,postal_code,country,phone,\
                       second_factor,language,format,requested_at\n"
                .to_owned();
        for (place, name) in (first..).zip(people) {
            let language = if place % 4 == 3 { "es" } else { "en" };
            let format = if place % 5 == 4 { "large-print" } else { "standard" };
            csv.push_str(&format!(
                "NIGHT-{place:04},{}@example.com,{name},{} Example Street,,Springfield,IL,62701,US,,email,{language},\
                 {format},2026-11-19T08:00:00-05:00\n",
                name.to_lowercase().replace(' ', "."),
                place + 1
            ));
        }
        let path = self.path(&format!("night-{first}.csv"));
        fs::write(&path, csv).unwrap();
        let imported = self.run(&["request", "import", path.to_str().unwrap()]);
        assert_eq!(imported.exit, Some(0), "{imported:?}");
    }

    /// The names of the first `letters` invented people, no two the same.
    pub fn people(letters: usize) -> Vec<String> {
        let families = ["Sample", "Specimen"];
        let all = families.iter().flat_map(|family| FIRST_NAMES.iter().map(move |name| format!("{name} {family}")));
        let people: Vec<String> = all.take(letters).collect();
        assert_eq!(people.len(), letters, "there are no names for so many");
        people
    }

    /// A command line of the program on this site, not started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_letterpost"));
        self.dress(&mut command);
        command.args(words);
        command
    }

    /// Gives a command this site's configuration and the night's clock.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("LETTERPOST_CONFIG", self.path("letterpost.toml"))
            .env("LETTERPOST_SIMULATED_NOW", self.now())
            .env_remove("LETTERPOST_SIMULATED_SEED")
            .env_remove("LETTERPOST_VENDOR_CONFIG")
            .stdin(Stdio::null());
    }

    fn bare(&self, words: &[&str]) -> Ended {
        start(self.command(words)).finish(NIGHT_LIMIT)
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Ended {
        self.bare(words)
    }

    /// Starts a command.
    pub fn start(&self, words: &[&str]) -> Started {
        start(self.command(words))
    }

    /// Waits until there is a file in a folder of the site.
    pub fn wait_for_any_in(&self, folder: &str) {
        wait_until(&format!("a file in {folder}"), || !self.names(folder).is_empty());
    }

    /// The names in a folder of the site.
    pub fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }
}

/// Waits until something is so, with short looks; it must become so within the limit of a night.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let (begun, (_never, clock)) = (Instant::now(), mpsc::channel::<()>());
    while !is_so() {
        assert!(begun.elapsed() < NIGHT_LIMIT, "waited in vain for {what}");
        let _ = clock.recv_timeout(Duration::from_millis(1));
    }
}

/// Starts a command whose output goes to a file, so that no full pipe can stop it.
pub fn start(mut command: Command) -> Started {
    let log = tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap();
    let errors = log.with_extension("errors");
    command.stdout(File::create(&log).unwrap()).stderr(File::create(&errors).unwrap());
    Started { begun: Instant::now(), child: command.spawn().unwrap(), log }
}

impl Drop for Started {
    /// A test that failed leaves nobody at work.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Started {
    /// What it said on standard error so far.
    pub fn said(&self) -> String {
        lossy(&self.log.with_extension("errors"))
    }

    /// Waits until it has said this.
    pub fn wait_until_it_says(&self, text: &str) {
        wait_until(text, || self.said().contains(text));
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Kills it at this moment after its start, unless it is over before.
    pub fn kill_at(mut self, moment: Duration) -> Ended {
        // The moment is the experiment itself: nothing is waited for.
        let (_never, clock) = mpsc::channel::<()>();
        let _ = clock.recv_timeout(moment.saturating_sub(self.begun.elapsed()));
        self.child.kill().unwrap();
        self.ended()
    }

    /// Kills it so long from now, unless it is over before.
    pub fn kill_after(self, length: Duration) -> Ended {
        let moment = self.begun.elapsed() + length;
        self.kill_at(moment)
    }

    /// Lets it run to its end; a start that is not over within the limit fails the test.
    pub fn finish(mut self, limit: Duration) -> Ended {
        let (_never, clock) = mpsc::channel::<()>();
        while self.child.try_wait().unwrap().is_none() {
            if self.begun.elapsed() > limit {
                self.child.kill().unwrap();
                let ended = self.ended();
                panic!("a start hangs: not over after {limit:?}: {ended:?}");
            }
            // A short, bounded look-again: a child's end cannot be waited for with a limit otherwise.
            let _ = clock.recv_timeout(Duration::from_millis(2));
        }
        self.ended()
    }

    fn ended(mut self) -> Ended {
        let exit = self.child.wait().unwrap().code();
        let took = self.begun.elapsed();
        let errors = self.log.with_extension("errors");
        let ended = Ended { exit, told: lossy(&self.log), said: lossy(&errors), took };
        fs::remove_file(&self.log).unwrap();
        fs::remove_file(errors).unwrap();
        ended
    }
}

fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
