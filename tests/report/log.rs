//! The log: with `--log json`, standard error is JSON lines and nothing else.

use serde_json::Value;

use super::MONDAY_NIGHT;
use super::nightly::{Ran, TestSite, run_limited};

/// The lines of the log that a command wrote; every line is one.
#[track_caller]
fn lines(ran: &Ran) -> Vec<Value> {
    ran.stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn a_run_is_told_from_its_start_to_its_end_and_each_line_says_which_run_it_is() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let ran = site.run(&["--log", "json", "run", "nightly"]).done();
    let lines = lines(&ran);
    for line in &lines {
        assert_eq!(line["at"], "2026-03-03T03:30:00.000Z", "{line}");
        assert_eq!((&line["run"], &line["job"]), (&Value::from(1), &Value::from("nightly")), "{line}");
        assert_eq!(line["scheduled_for"], "2026-03-02T22:30", "{line}");
    }
    let all = events(&lines);
    assert_eq!((all[0], all[all.len() - 1]), ("run.started", "run.completed"));
    let stages: Vec<&str> = of(&lines, "stage.finished").iter().map(|line| line["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["ingest", "expire", "collect", "produce", "deliver", "checkpoint"]);
    let produced = of(&lines, "stage.finished")[3];
    assert_eq!((&produced["counts"]["letters"], &produced["counts"]["packages"]), (&Value::from(17), &Value::from(2)));
    for (event, package) in [("package.sealed", 0), ("package.delivered", 0), ("package.delivered", 1)] {
        let told = of(&lines, event)[package];
        assert_eq!(told["package"], format!("eba-test-acme-{:06}", package + 1), "{told}");
        assert_eq!((told["vendor"].as_str(), told["level"].as_str()), (Some("acme"), Some("info")), "{told}");
    }
    let held: Vec<_> = of(&lines, "letter.held").iter().map(|line| line["reference"].clone()).collect();
    assert!(held.contains(&Value::from("EBA-2026-000114")), "{held:?}");
    // The ledger's own run has the same id, and what was said to people is a line for each.
    assert_eq!(site.value("SELECT id || job FROM run"), "1nightly");
    let matters = of(&lines, "matter");
    assert_eq!(matters.iter().filter(|matter| matter["urgency"] == "person").count(), held.len(), "{matters:?}");
    assert_eq!(matters[0]["subject"], format!("request {}", matters[0]["reference"].as_str().unwrap()));
}

#[test]
fn receipts_refusals_and_closings_are_told_with_their_ids() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-03T20:00:00-05:00");
    let package = site.packages()[0].clone();
    let sealed = site.path(&format!("vendor/inbox/{package}.zip.pgp"));
    site.run(&["vendor", "receipt", sealed.to_str().unwrap()]).expect(0);
    std::fs::write(site.path(&format!("vendor/outbox/{package}.receipt-9.csv")), "Casey Canary").unwrap();
    let told = lines(&site.run(&["--log", "json", "ingest"]).done());
    let taken = of(&told, "receipt.taken")[0];
    assert_eq!((&taken["package"], &taken["stage"]), (&Value::from(package.as_str()), &Value::from("ingest")));
    assert!(taken["receipt"].as_str().unwrap().starts_with(&package), "{taken}");
    assert!(taken["counts"]["mailed"].as_u64().unwrap() > 0, "{taken}");
    assert_eq!(of(&told, "receipt.refused")[0]["package"], package.as_str());
    assert_eq!(of(&told, "package.closed")[0]["package"], package.as_str());
    assert!(told.iter().all(|line| line["run"].is_null()), "a stage by hand is of no run");
    assert!(!format!("{told:?}").contains("Canary"), "{told:?}");
}

#[test]
fn failures_are_lines_and_quote_nothing_that_was_typed() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    for (arguments, code) in [
        (&["--log", "json", "letter", "show", "Casey Canary"][..], 2),
        (&["--log=json", "request", "show", "Casey-Canary"], 2),
        (&["--log", "json", "Casey-Canary"], 2),
        (&["--log", "json", "password", "check", "Casey-Canary", "--redeme"], 2),
    ] {
        let ran = site.run(arguments).expect(code);
        let lines = lines(&ran);
        assert_eq!(events(&lines), ["failed"], "{lines:?}");
        assert_eq!(lines[0]["counts"]["exit_status"], code, "{lines:?}");
        assert!(!ran.stderr.contains("Canary"), "{}", ran.stderr);
    }
    // What the site's own files lack is said.
    site.configure("# retry_minutes = 30", "retry_hours = 1");
    let ran = site.run(&["--log", "json", "run", "nightly"]).expect(2);
    assert!(lines(&ran)[0]["message"].as_str().unwrap().contains("retry_hours"), "{}", ran.stderr);
}

#[test]
fn the_environment_can_ask_for_the_log_and_help_is_no_line() {
    let letterpost = env!("CARGO_BIN_EXE_letterpost");
    let json = [("LETTERPOST_LOG", "json")];
    let failed = run_limited(letterpost, &["--config", "/nowhere/letterpost.toml", "jobs"], &json, "").expect(2);
    assert!(lines(&failed)[0]["message"].as_str().unwrap().contains("/nowhere/letterpost.toml"), "{}", failed.stderr);
    let untyped = run_limited(letterpost, &["no-such-command"], &json, "").expect(2);
    assert_eq!(events(&lines(&untyped)), ["failed"]);
    let help = run_limited(letterpost, &["--help"], &json, "").expect(0);
    assert!(help.stdout.contains("--log <FORMAT>") && help.stderr.is_empty(), "{}", help.text());
    let unknown = run_limited(letterpost, &["jobs"], &[("LETTERPOST_LOG", "xml")], "").expect(2);
    assert!(unknown.stderr.contains("one of text, json"), "{}", unknown.stderr);
}

#[test]
fn people_who_ask_for_more_read_the_events_and_others_do_not() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let usual = site.run(&["run", "nightly", "--dry-run"]).done();
    assert!(!usual.stderr.contains("stage."), "{}", usual.stderr);
    let planned = lines(&site.run(&["--log", "json", "run", "nightly", "--dry-run"]).done());
    assert!(planned.iter().all(|line| line["event"] == "matter"), "a plan tells what people should see: {planned:?}");
    let more = site.run(&["-v", "run", "nightly"]).done();
    assert!(more.stderr.contains("package.sealed package eba-test-acme-000001 vendor acme letters"), "{}", more.stderr);
}
