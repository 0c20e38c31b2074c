//! The clock of the machine, moved under the program while it works: libfaketime gives it another wall clock and leaves
//! the time since boot alone, as somebody does who sets a machine's clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::night::{Ended, Manner, NIGHT_LIMIT, NightSite, Vendor, examine, start};

const LETTERS: usize = 12;
/// Four packages of the standard form and one in large print, each of which takes a while.
const LETTERS_A_PACKAGE: u32 = 3;
const MEMORY_KIB: u32 = 8192;
/// The instant of the site's other commands: every start begins there, and none takes a minute.
const RIGHT: &str = "@2026-11-21 03:30:00";

/// The library that the package `faketime` brings.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("the test needs the library of the Debian package 'faketime'")
}

/// A machine's clock, in a file that the library reads at every look.
struct MachineClock {
    file: PathBuf,
}

impl MachineClock {
    fn new(site: &NightSite) -> Self {
        let clock = Self { file: site.path("machine-clock") };
        clock.set(RIGHT);
        clock
    }

    fn set(&self, to: &str) {
        let beside = self.file.with_extension("new");
        fs::write(&beside, to).unwrap();
        fs::rename(beside, &self.file).unwrap();
    }

    fn dress(&self, command: &mut Command) {
        command
            .env_remove("LETTERPOST_SIMULATED_NOW")
            .env("TZ", "UTC")
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
    }
}

fn run(site: &NightSite, clock: &MachineClock, words: &[&str]) -> Ended {
    let mut command = site.command(words);
    clock.dress(&mut command);
    start(command).finish(NIGHT_LIMIT)
}

fn packages(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".tmp") && !name.starts_with('.')).count()
}

/// Waits until a first package lies in the spool, while the others are being made.
fn wait_for_the_first(site: &NightSite) {
    let end = Instant::now() + NIGHT_LIMIT;
    while packages(&site.path("spool")) == 0 {
        assert!(Instant::now() < end, "no package was ever sealed");
        // A short, bounded look-again: the moment is the experiment.
        std::thread::sleep(Duration::from_millis(1));
    }
}

async fn jumps(site: &NightSite, to: &str, kind: &str) {
    let clock = MachineClock::new(site);
    let mut command = site.command(&["run", "nightly"]);
    clock.dress(&mut command);
    let night = start(command);
    wait_for_the_first(site);
    clock.set(to);
    let stopped = night.finish(NIGHT_LIMIT);
    assert_eq!(stopped.exit, Some(4), "{stopped:?}");
    assert!(
        stopped.said.contains("during this run") && stopped.said.contains("set the machine's clock"),
        "{stopped:?}"
    );
    let sealed = packages(&site.path("spool"));
    assert!(sealed < 5, "{sealed} packages: it went on after the clock was set");
    assert_eq!(site.names("vendor/inbox"), [""; 0], "nothing was delivered");
    // The clock is still wrong: the next start does nothing.
    let refused = run(site, &clock, &["run", "nightly"]);
    assert_eq!((refused.exit, packages(&site.path("spool"))), (Some(4), sealed), "{refused:?}");
    assert!(refused.said.contains("nothing was done"), "{refused:?}");
    let listed = run(site, &clock, &["--json", "brake", "list"]);
    assert!(listed.told.contains(kind), "{listed:?}");
    // Set right, it goes on: nothing is lost and nothing twice.
    clock.set(RIGHT);
    let vendor = Vendor::start(site, Manner::Careful);
    let resumed = run(site, &clock, &["run", "nightly"]);
    assert_eq!(resumed.exit, Some(0), "{resumed:?}");
    let taken = vendor.finish();
    examine(site, LETTERS, &taken).await;
}

#[tokio::test]
async fn the_machines_clock_set_in_the_middle_of_a_night_stops_it_and_nothing_is_lost_or_twice() {
    let base = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB);
    let an_hour_back = ("@2026-11-21 02:30:00", "clock-behind");
    let a_day_back = ("@2026-11-20 03:30:00", "clock-behind");
    let forty_days_ahead = ("@2026-12-31 03:30:00", "clock-ahead");
    for (to, kind) in [an_hour_back, a_day_back, forty_days_ahead] {
        jumps(&base.copy(), to, kind).await;
    }
}

#[test]
fn the_machines_clock_between_two_nights() {
    let site = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, 64);
    let clock = MachineClock::new(&site);
    let first = run(&site, &clock, &["run", "nightly"]);
    assert_eq!(first.exit, Some(0), "{first:?}");
    let delivered = site.names("vendor/inbox").len();
    site.import_one_more();
    for (wrong, told) in [
        ("@2026-11-21 02:30:00", "and the ledger was written at"),
        ("@2026-11-20 03:30:00", "and the ledger was written at"),
        ("@2026-12-31 03:30:00", "longer than [limits] longest_gap_days allows, 10 days"),
    ] {
        clock.set(wrong);
        let refused = run(&site, &clock, &["run", "nightly"]);
        assert_eq!(refused.exit, Some(4), "{refused:?}");
        assert!(refused.said.contains(told) && refused.said.contains("nothing was done"), "{refused:?}");
        assert_eq!(site.names("vendor/inbox").len(), delivered);
    }
    clock.set("@2026-11-24 03:31:00");
    let next = run(&site, &clock, &["run", "nightly"]);
    assert_eq!(next.exit, Some(0), "three missed nights pass: {next:?}");
    assert!(site.names("vendor/inbox").len() > delivered);
}
