//! A start that comes after another one: what that one finished is not done again, and what it left is.

use std::fs;

use letterpost::cli::config::Config;
use letterpost::ports::ledger::RunRecord;

use super::night::{Manner, NightSite, Vendor, examine, ledger};
use super::{LETTERS, LETTERS_A_PACKAGE, has_worked, runs};

#[tokio::test]
async fn a_night_that_is_done_says_so_and_makes_nothing() {
    let site = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, 64);
    let vendor = Vendor::start(&site, Manner::Careful);
    assert!(has_worked(&site.run(&["run", "nightly"])));
    let taken = vendor.finish();
    // Somebody who asks after the night waits for the next one.
    site.import_one_more();
    let vendor = Vendor::start(&site, Manner::Sloppy);
    let again = site.run(&["run", "nightly"]);
    assert_eq!(again.exit, Some(0), "{again:?}");
    assert_eq!(again.told.trim(), "nightly for 2026-11-20T22:30: already completed");
    assert!(again.said.contains("this night is done"), "{again:?}");
    assert!(vendor.finish().is_empty(), "nothing new for the vendor");
    let config = Config::from_toml(&fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let ledger = ledger(&site, &config).await;
    let accounting = ledger.accounting().await.unwrap();
    assert_eq!(accounting.letters, LETTERS as u64, "{accounting:?}");
    assert_eq!(accounting.request_states.get("pending"), Some(&1), "{accounting:?}");
    ledger.close().await;
    assert_eq!(taken.len(), 3);
}

#[tokio::test]
async fn a_night_that_could_not_reach_the_vendor_goes_on_under_its_own_date() {
    let site = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, 64);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/unmounted"));
    fs::rename(&inbox, &away).unwrap();
    let failed = site.run(&["run", "nightly"]);
    // A folder that is missing is for a person to mend.
    assert_eq!(failed.exit, Some(1), "{failed:?}");
    assert!(failed.said.contains(inbox.to_str().unwrap()), "the message names the folder: {failed:?}");
    assert!(failed.said.contains("then start the run again"), "the message says what to do: {failed:?}");
    assert!(failed.told.contains("nightly for 2026-11-20T22:30: unfinished"), "{failed:?}");
    // A start while the inbox is still away gets no further, and makes nothing anew.
    assert_eq!(site.run(&["run", "nightly"]).exit, Some(1));
    let spool = site.names("spool");
    assert_eq!(spool.len(), 3, "{spool:?}");
    fs::rename(away, inbox).unwrap();
    let vendor = Vendor::start(&site, Manner::Careful);
    let next = site.run(&["run", "nightly", "--date", "2026-11-21"]);
    assert_eq!(next.exit, Some(0), "{next:?}");
    let told: Vec<&str> = next.told.lines().filter(|line| line.starts_with("nightly")).collect();
    assert_eq!(told, ["nightly for 2026-11-20T22:30: completed, resumed", "nightly for 2026-11-21T22:30: completed"]);
    let mut runs = runs(&site, "nightly").await;
    runs.sort_by_key(|run| run.run);
    let known: Vec<_> = runs.iter().map(|run| (run.scheduled_for.as_str(), run.status.as_str(), run.starts)).collect();
    assert_eq!(known, [("2026-11-20T22:30", "completed", 3), ("2026-11-21T22:30", "completed", 1)]);
    let made = |run: &RunRecord| {
        let produced = run.stages.iter().find(|stage| stage.stage == "produce").unwrap();
        produced.outcome.as_ref().unwrap()["did"]["letters"].as_u64()
    };
    assert_eq!((made(&runs[0]), made(&runs[1])), (Some(LETTERS as u64), Some(0)), "{runs:?}");
    examine(&site, LETTERS, &vendor.finish()).await;
}
