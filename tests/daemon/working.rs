//! A daemon works a night as `run` does, with others beside it, and stops in its middle without harm.

use letterpost::cli::config::Config;
use letterpost::ports::ledger::RunRecord;

use super::night::{Manner, NightSite, Vendor, examine, ledger, wait_until};
use super::process::{Daemon, site};

const DONE: &str = "nightly for 2026-11-20T22:30: completed";

async fn runs(site: &NightSite) -> Vec<RunRecord> {
    let config = Config::from_toml(&std::fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let ledger = ledger(site, &config).await;
    let runs = ledger.runs(None, 10).await.unwrap();
    ledger.close().await;
    runs
}

#[tokio::test]
async fn of_two_daemons_at_once_one_works_the_night() {
    let site = site(6, 4, 19_456);
    let vendor = Vendor::start(&site, Manner::Careful);
    let daemons = [Daemon::start(&site), Daemon::start(&site)];
    wait_until("the night", || daemons.iter().any(|daemon| daemon.0.said().contains(DONE)));
    let said: Vec<String> = daemons.into_iter().map(|daemon| daemon.stop().said).collect();
    assert_eq!(said.iter().filter(|said| said.contains(DONE)).count(), 1, "{said:#?}");
    let runs = runs(&site).await;
    // The daemon's clock went on meanwhile.
    site.clock("2026-11-20T22:45:00-05:00");
    assert_eq!((runs.len(), runs[0].starts, runs[0].status.as_str()), (1, 1, "completed"), "{runs:?}");
    examine(&site, 6, &vendor.finish()).await;
}

#[tokio::test]
async fn one_that_is_asked_to_stop_in_the_middle_of_a_night_leaves_it_to_the_next() {
    let site = site(20, 2, 19_456);
    let vendor = Vendor::start(&site, Manner::Careful);
    let first = Daemon::start(&site);
    site.wait_for_any_in("spool");
    let stopped = first.stop();
    assert!(stopped.said.contains("nightly for 2026-11-20T22:30: stopped"), "{stopped:?}");
    assert!(site.names("spool").len() < 10, "it was over before it was stopped");
    // The daemon's clock went on meanwhile.
    site.clock("2026-11-20T22:45:00-05:00");
    let next = Daemon::start(&site);
    next.wait_until_it_says("nightly for 2026-11-20T22:30: completed, resumed");
    next.stop();
    site.clock("2026-11-20T23:00:00-05:00");
    examine(&site, 20, &vendor.finish()).await;
}

#[tokio::test]
async fn a_second_signal_stops_it_at_once() {
    let site = site(20, 20, 65_536);
    let daemon = Daemon::start(&site);
    wait_until("a claim", || {
        daemon.0.said().contains("watching") && site.path("letterpost.db.run-nightly.lock").exists()
    });
    daemon.0.signal(rustix::process::Signal::TERM);
    daemon.wait_until_it_says("once more to stop at once");
    daemon.0.signal(rustix::process::Signal::TERM);
    let ended = daemon.0.finish(super::night::NIGHT_LIMIT);
    // It may have stopped well before the second one came.
    assert!(matches!(ended.exit, Some(0 | 3)), "{ended:?}");
}

#[tokio::test]
async fn what_falls_due_while_it_waits_is_run() {
    let site = site(1, 4, 64);
    // A job that never ran has missed nothing, so the night before is not made up for.
    let daemon = Daemon::start_at(&site, "2026-11-21T22:29:58-05:00");
    daemon.wait_until_it_says("nightly for 2026-11-21T22:30: completed");
    let (status, health) = daemon.health();
    assert_eq!(status, 200, "{health}");
    daemon.stop();
}
