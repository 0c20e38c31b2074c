//! A site in a folder of its own, and its commands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::ledger::{LedgerKind, Store};
use crate::measured::{self, Measured};
use crate::night::Plan;

/// The instant of the night: a Tuesday evening.
pub const NIGHT: &str = "2026-03-03T22:30:00-05:00";

/// The site of one night.
pub struct Site {
    folder: PathBuf,
    pub store: Store,
    /// The instant of the next command.
    now: &'static str,
}

impl Site {
    /// The demo's site before its night, with the limits of a large agency.
    pub fn make(plan: &Plan, root: &Path, name: &str) -> Self {
        let folder = root.join(name);
        let store = match plan.ledger {
            LedgerKind::Sqlite => Store::sqlite(&folder),
            LedgerKind::Postgres => Store::postgres(),
        };
        let site = Self { folder, store, now: NIGHT };
        let mut command = site.program();
        command.args(["--quiet", "demo", "--no-run"]).args(site.store.arguments()).arg(&site.folder);
        let made = command.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        site.configure("[password]", plan.verifier.configuration());
        site.configure("[limits]", "letters_a_night = 10000000\ntimes_the_usual_night = 0");
        site.replace("# letters_a_package = 1000", &format!("letters_a_package = {}", plan.letters_a_package));
        site
    }

    /// A path in the site's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sets the clock.
    pub fn at(&mut self, now: &'static str) {
        self.now = now;
    }

    /// Runs a command on the site; what it took, and what it showed.
    pub fn run(&self, words: &[&str]) -> (Measured, Value) {
        let mut command = self.program();
        command.arg("--config").arg(self.path("letterpost.toml")).args(["--json", "--quiet"]).args(words);
        measured::run(&command, self.folder.parent().unwrap())
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_letterpost"));
        command.env_remove("LETTERPOST_CONFIG").env("LETTERPOST_SIMULATED_NOW", self.now);
        command
    }

    /// Puts lines below the header of a section.
    fn configure(&self, section: &str, lines: &str) {
        self.replace(&format!("{section}\n"), &format!("{section}\n{lines}\n"));
    }

    fn replace(&self, line: &str, by: &str) {
        let file = self.path("letterpost.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(&format!("\n{line}")).count(), 1, "the configuration has one line {line:?}");
        fs::write(file, text.replace(&format!("\n{line}"), &format!("\n{by}"))).unwrap();
    }
}

/// MiB of all files in a folder, or of one file.
pub fn mib(path: &Path) -> f64 {
    let bytes: u64 = match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum(),
        Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
    };
    bytes as f64 / f64::from(1 << 20)
}
