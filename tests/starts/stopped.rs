//! A night that is killed or asked to stop is gone on with, under its own date.

use letterpost::cli::config::Config;
use rustix::process::Signal;

use super::night::{Manner, NIGHT_LIMIT, NightSite, Started, Vendor, examine, ledger, start};
use super::{MEMORY_KIB, has_worked, runs};

/// Enough packages that a start is in the middle of them when the first is there.
const MANY: usize = 20;
const FEW_A_PACKAGE: u32 = 2;

fn night_at(site: &NightSite, now: &str) -> Started {
    let mut command = site.command(&["run", "nightly"]);
    command.env("LETTERPOST_SIMULATED_NOW", now);
    start(command)
}

#[tokio::test]
async fn a_night_killed_before_midnight_is_the_same_night_after_it() {
    let site = NightSite::with_requests(MANY, FEW_A_PACKAGE, MEMORY_KIB);
    let vendor = Vendor::start(&site, Manner::Careful);
    let killed = night_at(&site, "2026-11-20T23:58:00-05:00");
    site.wait_for_any_in("spool");
    let killed = killed.kill_after(std::time::Duration::ZERO);
    assert_eq!(killed.exit, None, "{killed:?}");
    let next = night_at(&site, "2026-11-21T00:03:00-05:00").finish(NIGHT_LIMIT);
    assert_eq!(next.exit, Some(0), "{next:?}");
    assert!(next.told.contains("nightly for 2026-11-20T22:30: completed, resumed"), "{next:?}");
    let runs = runs(&site, "nightly").await;
    assert_eq!((runs.len(), runs[0].starts), (1, 2), "{runs:?}");
    let taken = vendor.finish();
    assert_eq!(taken.len(), MANY / FEW_A_PACKAGE as usize, "each package once: {taken:?}");
    let config = Config::from_toml(&std::fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let ledger = ledger(&site, &config).await;
    assert_eq!(ledger.accounting().await.unwrap().letters, MANY as u64);
    ledger.close().await;
}

#[tokio::test]
async fn a_night_that_is_asked_to_stop_finishes_its_package_and_is_gone_on_with() {
    let site = NightSite::with_requests(MANY, FEW_A_PACKAGE, MEMORY_KIB);
    let vendor = Vendor::start(&site, Manner::Careful);
    let stopped = site.start(&["run", "nightly"]);
    site.wait_for_any_in("spool");
    stopped.signal(Signal::TERM);
    let stopped = stopped.finish(NIGHT_LIMIT);
    assert_eq!(stopped.exit, Some(3), "{stopped:?}");
    assert!(stopped.told.contains("nightly for 2026-11-20T22:30: stopped"), "{stopped:?}");
    assert!(stopped.said.contains("stopped as asked; the next start goes on with it"), "{stopped:?}");
    let made = site.names("spool");
    assert!(made.len() < MANY / 2, "the night was over before it was stopped: {made:?}");
    assert!(made.iter().all(|name| !name.contains("part")), "no file is half made: {made:?}");
    let next = site.run(&["run", "nightly"]);
    assert!(has_worked(&next), "{next:?}");
    assert!(next.told.contains("completed, resumed"), "{next:?}");
    assert!(!next.told.contains("swept"), "the stopped start left nothing that nobody knows of: {next:?}");
    examine(&site, MANY, &vendor.finish()).await;
}
