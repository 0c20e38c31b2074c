//! What is swept from a spool, and what is left to those who may still need it.

use std::fs;

use clap::Parser as _;
use letterpost::cli::args::Cli;
use letterpost::cli::open::Opening;
use letterpost::cli::report::Report;
use letterpost::domain::request::Format;
use letterpost::ports::ledger::Lane;

use super::nightly::{LEDGER_VARIABLE, TestSite};

const NIGHT: &str = "2026-03-02T22:30:00-05:00";

fn in_spool(site: &TestSite) -> Vec<String> {
    let entries = fs::read_dir(site.path("spool")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_nobody_can_record_any_more_goes_and_what_is_anothers_stays() {
    let site = TestSite::after_the_night(NIGHT);
    let package = &site.packages()[0];
    let kept = in_spool(&site);
    // Of another attempt, whole and not; of another site, of a live one, and of nobody.
    let dead = [format!("{package}.2"), format!("{package}.2.part")];
    let others = ["another-test-acme-000001.1", "eba-acme-000001.1", "notes.txt"];
    for name in dead.iter().map(String::as_str).chain(others) {
        fs::write(site.path("spool").join(name), "x").unwrap();
    }
    let made = site.json(&["produce"]);
    assert_eq!(made["did"]["swept"], 2, "{made}");
    let mut expected = [kept, others.map(str::to_owned).to_vec()].concat();
    expected.sort();
    assert_eq!(in_spool(&site), expected);
}

/// Nobody is at work beside the one process that has a ledger of SQLite; on PostgreSQL many are.
#[tokio::test]
async fn what_somebody_at_work_may_record_is_in_use_until_they_are_gone() {
    let site = TestSite::before_the_night(NIGHT);
    site.run(&["collect"]).done();
    let config = site.path("letterpost.toml");
    let cli = Cli::parse_from(["letterpost", "--config", config.to_str().unwrap(), "doctor"]);
    let at = Opening::new(&cli, Report { quiet: true, ..Report::default() }, true).unwrap();
    let ledger = at.ledger(&at.config().unwrap()).await.unwrap();
    let now = NIGHT.parse::<chrono::DateTime<chrono::FixedOffset>>().unwrap().to_utc();
    let life = ledger.live("first").await.unwrap();
    let kinds = ledger.pending_kinds().await.unwrap().into_iter().map(|(kind, _)| kind);
    let lane = Lane {
        vendor: "acme".to_owned(),
        format: Format::Standard,
        kinds: kinds.filter(|kind| kind.format == Format::Standard).collect(),
        limit: 2,
    };
    let name = |number: u32| format!("eba-test-acme-{number:06}");
    ledger.claim(&lane, &name, "first", "", None, now).await.unwrap().unwrap();
    let in_use = async |attempt| {
        let objects = ledger.objects_in_use().await.unwrap();
        objects.contains(&format!("eba-test-acme-000001.{attempt}"))
    };
    let shares = std::env::var(LEDGER_VARIABLE).as_deref() == Ok("postgres");
    assert_eq!(in_use(1).await, shares);
    // The server frees the lock of a session that ended; it takes the time of a message.
    drop(life);
    for _ in 0..40 {
        if !in_use(1).await {
            break;
        }
        ledger.wait_for_others().await;
    }
    assert!(!in_use(1).await);
    let _life = ledger.live("second").await.unwrap();
    let batch = ledger.take_over_next("second", now).await.unwrap().unwrap();
    assert_eq!((batch.attempt, in_use(1).await, in_use(2).await), (2, false, shares));
}
