//! The report of the night: what waits, since when and why, and a command for each that can be typed as it stands.

use std::fs;

use serde_json::Value;

use super::MONDAY_NIGHT;
use super::nightly::{Ran, TestSite, run_limited};

const TUESDAY_MORNING: &str = "2026-03-03T08:00:00-05:00";

/// The report as JSON, at this instant.
fn report(site: &TestSite, at: &str) -> Value {
    site.clock(at);
    site.json(&["report", "night"])
}

/// The items of a group.
fn items<'a>(report: &'a Value, group: &str) -> Vec<&'a Value> {
    report["items"].as_array().unwrap().iter().filter(|item| item["group"] == group).collect()
}

fn of<'a>(report: &'a Value, part_of_headline: &str) -> &'a Value {
    let items = report["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["headline"].as_str().unwrap().contains(part_of_headline));
    found.unwrap_or_else(|| panic!("no item of {part_of_headline:?} in {items:#?}"))
}

/// Types an item's command into a shell; what changes something only says what it would do.
#[track_caller]
fn type_command(site: &TestSite, item: &Value) -> Ran {
    let bin = site.outside();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_letterpost"), bin.join("letterpost")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let command = item["command"].as_str().unwrap();
    let verb = match command {
        _ if command.starts_with("letterpost run ") => "letterpost run",
        _ if command.contains(" --reason ") || command.contains(" --confirm ") => {
            let third = command.match_indices(' ').nth(2).unwrap().0;
            &command[..third]
        }
        _ => "",
    };
    let typed = command.replacen(verb, &format!("{verb} --dry-run"), usize::from(!verb.is_empty()));
    let config = site.path("letterpost.toml");
    let now = site.now();
    let surroundings = [
        ("PATH", path.as_str()),
        ("LETTERPOST_CONFIG", config.to_str().unwrap()),
        ("LETTERPOST_SIMULATED_NOW", now.as_str()),
    ];
    run_limited("sh", &["-c", &typed], &surroundings, "")
}

#[test]
fn a_morning_tells_what_is_new_and_what_to_type() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY_MORNING);
    let text = site.run(&["report", "night"]).expect(0).stdout;
    let first = text.lines().next().unwrap();
    assert_eq!(first, "site eba (test), 2026-03-03: 4 things wait for a person, 4 are new");
    for part in [
        "nightly for 2026-03-02T22:30: completed in under 1 s",
        "  produce    letters 17, packages 2",
        "held for a person: 3",
        "  held request EBA-2026-000114, act by 2026-03-04, withdrawn after 2026-03-09 (new)\n    full_name: the fonts have no \
         glyph for U+1F600\n      letterpost request cancel --reason '…' EBA-2026-000114\n",
        "  intake file 1: 1 of 24 rows were refused (new)",
        "  2026-03-09  3 held requests are withdrawn after this day, and the portal told",
        "requests 23 = ",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    for line in text.lines().filter(|line| !line.starts_with("      ")) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn every_command_can_be_typed_as_it_stands() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // A package is held, a letter is spoiled for a person to decide about, a receipt is refused, a night is missed.
    site.configure("# spoiled = \"reissue\"", "spoiled = \"person\"");
    site.run(&["collect"]).done();
    site.run(&["produce"]).done();
    let names: Vec<String> = site.rows("SELECT name FROM batch ORDER BY id").into_iter().flatten().collect();
    site.run(&["batch", "hold", &names[1], "--reason", "let me look", "--by", "Robin Sample"]).expect(0);
    site.night();
    let spoiled = site.value("SELECT id FROM letter WHERE status = 'delivered' ORDER BY id LIMIT 1");
    site.clock("2026-03-03T20:00:00-05:00");
    site.receipt(&names[0], &["--except", &format!("{spoiled}=spoiled")]).done();
    fs::write(site.path(&format!("vendor/outbox/{}.receipt-7.csv", names[0])), "no receipt").unwrap();
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    let report = report(&site, "2026-03-05T08:00:00-05:00");
    for (part, command) in [
        ("nightly for 2026-03-04T22:30 was not started", "letterpost run nightly"),
        (&format!("held package {}", names[1]), &format!("letterpost batch release --reason '…' {}", names[1])),
        (&format!("letter {spoiled}"), &format!("letterpost letter reissue --reason '…' {spoiled}")),
        ("held request EBA-2026-000103", "letterpost request cancel --reason '…' EBA-2026-000103"),
        ("receipt eba", &format!("letterpost batch show {}", names[0])),
    ] {
        assert_eq!(of(&report, part)["command"], command, "{part}");
    }
    assert!(of(&report, "held request EBA-2026-000103")["is_overdue"].as_bool().unwrap());
    assert_eq!(of(&report, "held package")["said"], "Robin Sample: let me look");
    for item in report["items"].as_array().unwrap() {
        let ran = type_command(&site, item);
        assert!(ran.code <= 1, "{}: {}", item["command"], ran.text());
    }
}

#[test]
fn new_is_what_came_up_since_the_night_before_the_last_one() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let first = report(&site, TUESDAY_MORNING);
    assert!(first["new_after"].is_null() && items(&first, "decide").iter().all(|item| item["is_new"] == true));
    // Another request is held by day: new on Wednesday, when the others are known.
    site.clock("2026-03-03T12:00:00-05:00");
    site.import(
        "more.csv",
        "EBA-2026-000801,kim.sample@example.com,Kim 😀 Sample,1 Example Street,,Springfield,IL,62701,US,\
         202-555-0101,email,en,standard,2026-03-03T08:00:00-05:00",
    )
    .expect(0);
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    let second = report(&site, "2026-03-04T08:00:00-05:00");
    assert_eq!(second["new_after"], "2026-03-03T03:30:00Z");
    let new = |report: &Value| -> Vec<String> {
        let held = items(report, "decide").into_iter().filter(|item| item["is_new"] == true);
        held.map(|item| item["headline"].as_str().unwrap().split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(new(&second), ["held request EBA-2026-000801"]);
    assert_eq!(items(&second, "decide").len(), 4);
    // A night that nobody completed does not move the line.
    site.tamper("UPDATE run SET status = 'running', finished_at = NULL WHERE scheduled_for = '2026-03-03T22:30'");
    let unfinished = report(&site, "2026-03-04T08:00:00-05:00");
    assert_eq!(unfinished["new_after"], "2026-03-03T03:30:00Z");
    assert_eq!(of(&unfinished, "has not finished")["command"], "letterpost run nightly");
}

#[test]
fn long_lists_are_cut_and_say_how_to_see_all() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let row = |n: u32| {
        format!(
            "L-{n},person{n}@example.com,Pat 😀 Sample,{n} Example Street,,Springfield,IL,62701,US,202-555-0101,email,en,\
             standard,2026-03-02T08:00:00-05:00"
        )
    };
    site.import("many.csv", &(1..=130).map(row).collect::<Vec<_>>().join("\n")).done();
    site.night();
    site.clock(TUESDAY_MORNING);
    let text = site.run(&["report", "night"]).expect(0).stdout;
    assert!(text.contains("held for a person: 133\n"), "{text}");
    assert!(text.contains("  and 113 more: letterpost request list --status held\n"), "{text}");
    assert_eq!(text.matches("letterpost request cancel").count(), 20, "{text}");
}

#[test]
fn a_reference_is_one_word_of_its_command_whatever_the_portal_wrote() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let marker = site.path("marker");
    let evil = format!("$(touch${{IFS}}{})", marker.display());
    for (n, reference) in [evil.as_str(), "it's;reboot", "--help"].into_iter().enumerate() {
        let row = format!(
            "{reference},evil{n}@example.com,Pat Sample,1 Example Street,,Springfield,IL,62701,US,202-555-0101,email,en,\
             standard,2026-03-02T08:00:00-05:00"
        );
        site.import(&format!("evil{n}.csv"), &row).expect(0);
        site.run(&["request", "hold", "--reason", "look", "--", reference]).expect(0);
        let report = site.json(&["report", "night"]);
        let ran = type_command(&site, of(&report, &format!("held request {reference}")));
        assert_eq!(ran.code, 0, "{reference}: {}", ran.text());
    }
    assert!(!marker.exists(), "a reference was run as a command");
}

#[test]
fn a_brake_comes_before_anything_else() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# letters_a_night = 150000", "letters_a_night = 10");
    site.run(&["run", "nightly"]).expect(4);
    let report = report(&site, TUESDAY_MORNING);
    let brake = &report["items"][0];
    assert_eq!(brake["headline"], "brake 1 (size) is engaged");
    assert_eq!(brake["command"], "letterpost brake release --by '…' --reason '…' 1");
    assert!(brake["why"].as_str().unwrap().contains("[limits] letters_a_night is 10"), "{brake}");
    assert_eq!(type_command(&site, brake).code, 0);
    assert_eq!(of(&report, "has not finished")["command"], "letterpost run nightly");
}

#[test]
fn a_backup_that_is_too_old_is_told_with_its_age() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let told = |at| {
        site.clock(at);
        site.run(&["report", "night"]).expect(0).stdout
    };
    assert!(told(TUESDAY_MORNING).contains("last backup: none\n"));
    site.clock("2026-03-02T23:00:00-05:00");
    site.run(&["ledger", "backup"]).done();
    let morning = told(TUESDAY_MORNING);
    assert!(morning.contains("last backup: 9 hours ago\n") && !morning.contains("the last backup is"), "{morning}");
    let late = told("2026-03-04T12:00:00-05:00");
    assert!(late.contains("  the last backup is 37 hours old (overdue)\n      letterpost ledger backup\n"), "{late}");
}

#[test]
fn what_ends_soon_is_told_by_day() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let on =
        |day: &str| site.value(&format!("SELECT count(*) FROM letter WHERE expires_on = '{day}'")).parse().unwrap();
    let last = site.value("SELECT min(expires_on) FROM letter WHERE password_status = 'live'");
    let passwords: u64 = on(&last);
    let report = report(&site, &format!("{last}T08:00:00-05:00"));
    let told = report["ends_soon"].as_array().unwrap().iter().find(|end| end["on"] == last.as_str()).unwrap();
    assert_eq!(told["what"], format!("{passwords} passwords that were not used end"));
    assert_eq!(report["series"]["days"][0]["passwords_end"], passwords);
    let nights = report["series"]["nights"].as_array().unwrap();
    assert_eq!((nights.len(), &nights[0]["letters"]["at_the_vendor"]), (1, &Value::from(17)));
}
