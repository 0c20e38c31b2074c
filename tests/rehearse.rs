//! Business days on a scratch site, from the first request to the last receipt, and books that agree at the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "support/nightly.rs"]
mod nightly;

use std::collections::BTreeMap;

use nightly::{Ran, run_limited};
use serde_json::Value;

fn rehearse(arguments: &[&str]) -> Ran {
    let mut all = vec!["--json", "rehearse"];
    all.extend(arguments);
    run_limited(env!("CARGO_BIN_EXE_letterpost"), &all, &[], "")
}

fn sum(states: &Value) -> u64 {
    states.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

fn states(states: &Value) -> BTreeMap<String, u64> {
    serde_json::from_value(states.clone()).unwrap()
}

/// What must be true of any rehearsal, reckoned here from its numbers.
fn check(accounts: &Value) {
    assert_eq!(accounts["unexplained"], serde_json::json!([]), "{accounts:#}");
    assert_eq!(accounts["requests"].as_u64().unwrap(), sum(&accounts["request_states"]));
    assert_eq!(accounts["letters"].as_u64().unwrap(), sum(&accounts["letter_states"]));
    let requests = states(&accounts["request_states"]);
    assert!(requests.keys().all(|state| ["lettered", "routed", "withdrawn"].contains(&state.as_str())), "{requests:?}");
    let vendor = &accounts["vendor"];
    assert_eq!(vendor["pieces"].as_u64().unwrap(), sum(&vendor["piece_states"]));
    // What the vendor printed is what the site sealed, less what no vendor ever got.
    let letters = states(&accounts["letter_states"]);
    let count = |state: &str| letters.get(state).copied().unwrap_or_default();
    assert_eq!(accounts["letters"].as_u64().unwrap() - count("voided"), vendor["pieces"].as_u64().unwrap());
    // Letters that a request had beyond its first were made because one before was made anew, or withdrawn.
    let extra = accounts["reissued"].as_u64().unwrap() + count("voided");
    assert_eq!(accounts["letters"].as_u64().unwrap(), requests["lettered"] + extra, "{accounts:#}");
    let packages = states(&accounts["packages"]);
    assert!(packages.keys().all(|state| state == "closed" || state == "void"), "{packages:?}");
}

#[test]
fn days_around_thanksgiving_end_with_every_piece_accounted_for() {
    let days = ["4", "--letters", "30", "--from", "2026-11-24", "--seed", "5"];
    let first = rehearse(&days).expect(0);
    let accounts = first.json();
    check(&accounts);
    // Tuesday, Wednesday, the Friday after Thanksgiving, and Monday.
    assert_eq!(accounts["business_days"], 4);
    assert!(accounts["rows"]["rows"].as_u64().unwrap() >= 120);
    assert!(first.stderr.contains("rehearsing 4 business days from 2026-11-24"), "{}", first.stderr);
    // The same seed plays the same days.
    assert_eq!(rehearse(&days).expect(0).json(), accounts);
}

#[test]
fn a_bad_vendor_and_a_bad_post_leave_nothing_unexplained() {
    let accounts = rehearse(&[
        "4",
        "--letters",
        "40",
        "--from",
        "2026-03-02",
        "--spoil",
        "8",
        "--reject",
        "3",
        "--lose",
        "3",
        "--return",
        "8",
        "--lose-receipts",
        "20",
        "--late-receipts",
        "20",
    ])
    .expect(0)
    .json();
    check(&accounts);
    let letters = states(&accounts["letter_states"]);
    for state in ["mailed", "returned", "rejected", "spoiled"] {
        assert!(letters.get(state).is_some_and(|count| *count > 0), "{letters:?}");
    }
    let vendor = &accounts["vendor"];
    assert!(vendor["lost"].as_u64().unwrap() > 0 && vendor["late"].as_u64().unwrap() > 0, "{vendor:#}");
    assert!(accounts["reissued"].as_u64().unwrap() > 0);
    assert!(accounts["operations"]["vendor_asked"].as_u64().unwrap() > 0);
}
