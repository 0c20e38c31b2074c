//! Who may join a night, and what a worker does when there is none.

use std::fs;

use super::machines::Machine;

#[test]
fn a_worker_makes_packages_under_the_run_of_the_night() {
    let first = Machine::first(120, 6, 19_456);
    let second = Machine::beside(&first);
    let worker = second.worker();
    let (helper, owned) = (worker.id(), worker.owned());
    first.run(&["run", "nightly", "--workers", "1"]).expect(0).says("workers");
    worker.stop().expect(0).says("joining the production of");
    assert_eq!(first.number("SELECT count(DISTINCT run_id) FROM batch"), 1, "all under the run of the night");
    assert!(first.number(&format!("SELECT count(*) FROM batch WHERE {owned}")) > 0, "the worker made packages");
    let outcome = first.value("SELECT outcome FROM run_stage WHERE stage = 'produce'");
    assert!(outcome.contains(&format!("-{helper}-")) && outcome.contains("\"letters\":120"), "{outcome}");
    first.all_is_made_once(120);
}

#[test]
fn a_worker_makes_nothing_where_no_night_produces_or_the_brakes_stopped_it() {
    let first = Machine::first(6, 3, 8);
    first.run(&["worker", "--once"]).expect(0).says("no night is producing");
    first.configure("# letters_a_night = 150000", "letters_a_night = 5");
    first.run(&["produce"]).expect(4).says("brake");
    first.run(&["worker", "--once"]).expect(0).says("no night is producing");
    assert_eq!(first.number("SELECT count(*) FROM batch"), 0);
}

#[test]
fn a_worker_with_another_pepper_or_other_settings_is_refused_and_told_in_what() {
    let first = Machine::first(120, 6, 19_456);
    let second = Machine::beside(&first);
    fs::write(second.path("keys/pepper"), "ab".repeat(32)).unwrap();
    second.configure("# cap_days = 21", "cap_days = 20");
    let worker = second.worker();
    first.run(&["produce", "--workers", "1"]).expect(0);
    let refused = worker.finish().expect(2);
    assert!(refused.told.contains("the pepper") && refused.told.contains("the settings"), "{}", refused.told);
    assert!(!refused.told.contains("templates,") && !refused.told.contains("the site's key,"), "{}", refused.told);
    assert_eq!(first.number("SELECT count(DISTINCT owner) FROM batch"), 1);
}

#[test]
fn a_ledger_in_a_file_has_no_workers() {
    let folder = tempfile::tempdir().unwrap();
    let letterpost = |words: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_letterpost"))
            .args(words)
            .env("LETTERPOST_CONFIG", folder.path().join("site/letterpost.toml"))
            .env("LETTERPOST_SIMULATED_NOW", super::machines::NOW)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let made = letterpost(&["demo", "--no-run", super::machines::text(&folder.path().join("site"))]);
    assert_eq!(made.0, Some(0), "{}", made.1);
    let (exit, said) = letterpost(&["worker"]);
    assert!(exit == Some(2) && said.contains("--workers N") && said.contains("PostgreSQL"), "{exit:?} {said}");
}
