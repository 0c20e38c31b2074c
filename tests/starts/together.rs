//! Starts at once: one works, and the others say so and are over while it is still at it.

use std::fs;
use std::time::{Duration, Instant};

use letterpost::adapters::run_lock::RunLock;

use super::night::{Ended, Manner, NIGHT_LIMIT, NightSite, Started, Vendor, examine};
use super::{LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB, has_worked, runs};

/// Every half hour.
const RECEIPTS: &str = "name = \"receipts\"\nschedule = \"*/30 * * * *\"\ntime_zone = \"America/New_York\"\n\
                        stages = [\"ingest\", \"checkpoint\"]\n";

#[tokio::test]
async fn of_two_starts_at_once_one_works() {
    start_at_once(2).await;
}

#[tokio::test]
async fn of_eight_starts_at_once_one_works() {
    start_at_once(8).await;
}

#[tokio::test]
async fn of_thirty_two_starts_at_once_one_works() {
    start_at_once(32).await;
}

/// The site is busy, so the one that will work has to wait, and none of the others may be over because it is.
async fn start_at_once(count: usize) {
    let site = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB);
    let vendor = Vendor::start(&site, Manner::Careful);
    let busy = RunLock::take(&site.path("letterpost.db.lock"), "a person's command").unwrap();
    let mut started: Vec<Started> = (0..count).map(|_| site.start(&["run", "nightly"])).collect();
    let ended = all_but_one(&mut started);
    let worker = started.remove(0);
    let id = worker.child.id();
    for other in &ended {
        let expected =
            format!("nightly: another start is at work or waits (process {id}: run nightly); nothing was done");
        assert_eq!((other.exit, other.told.trim()), (Some(0), expected.as_str()), "{other:?}");
    }
    drop(busy);
    let worked = worker.finish(NIGHT_LIMIT);
    assert!(has_worked(&worked), "{worked:?}");
    let waits = format!("another run is at work (process {}: a person's command); waiting", std::process::id());
    assert!(worked.said.contains(&waits), "{worked:?}");
    let runs = runs(&site, "nightly").await;
    assert_eq!((runs.len(), runs[0].starts, runs[0].status.as_str()), (1, 1, "completed"), "{runs:?}");
    examine(&site, LETTERS, &vendor.finish()).await;
}

/// Waits until one start is left, and gives how the others ended.
fn all_but_one(started: &mut Vec<Started>) -> Vec<Ended> {
    let begun = Instant::now();
    let mut ended = Vec::new();
    while started.len() > 1 {
        assert!(begun.elapsed() < NIGHT_LIMIT, "{} starts are at work at once", started.len());
        let is_over = |start: &mut Started| start.child.try_wait().unwrap().is_some();
        match started.iter_mut().position(is_over) {
            Some(place) => ended.push(started.remove(place).finish(NIGHT_LIMIT)),
            None => std::thread::park_timeout(Duration::from_millis(2)),
        }
    }
    ended
}

#[tokio::test]
async fn another_job_waits_for_the_night_and_works_then_and_each_time_has_a_run() {
    let site = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, 64);
    fs::write(site.path("jobs/receipts.toml"), RECEIPTS).unwrap();
    let at = |now: &str| {
        let mut command = site.command(&["run", "receipts"]);
        command.env("LETTERPOST_SIMULATED_NOW", now);
        super::night::start(command)
    };
    let busy = RunLock::take(&site.path("letterpost.db.lock"), "run nightly").unwrap();
    let first = at("2026-11-23T10:00:00-05:00");
    drop(busy);
    let first = first.finish(NIGHT_LIMIT);
    assert_eq!(first.exit, Some(0), "{first:?}");
    let again = at("2026-11-23T10:29:59-05:00").finish(NIGHT_LIMIT);
    assert!(again.told.contains("receipts for 2026-11-23T10:00: already completed"), "{again:?}");
    let next = at("2026-11-23T10:30:00-05:00").finish(NIGHT_LIMIT);
    assert!(next.told.contains("receipts for 2026-11-23T10:30: completed"), "{next:?}");
    let runs = runs(&site, "receipts").await;
    let known: Vec<_> = runs.iter().map(|run| (run.scheduled_for.as_str(), run.status.as_str())).collect();
    assert_eq!(known, [("2026-11-23T10:30", "completed"), ("2026-11-23T10:00", "completed")]);
}

#[test]
fn a_wait_that_is_asked_to_stop_is_over_and_did_nothing() {
    let site = NightSite::with_requests(1, LETTERS_A_PACKAGE, 64);
    let _busy = RunLock::take(&site.path("letterpost.db.lock"), "a person's command").unwrap();
    let waits = site.start(&["run", "nightly"]);
    waits.wait_until_it_says("waiting until it is over");
    waits.signal(rustix::process::Signal::TERM);
    let ended = waits.finish(NIGHT_LIMIT);
    assert_eq!(ended.exit, Some(3), "{ended:?}");
    assert!(ended.said.contains("stopped while it waited for another run; nothing was done"), "{ended:?}");
}
