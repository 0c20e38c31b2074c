//! Each request goes to one vendor: the first in the file that takes it.

use serde_json::{Value, json};

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, second};

/// What waits on the demo's site: six in English and two in Spanish, of which three are in large print.
fn counted(site: &TestSite, where_: &str) -> String {
    site.value(&format!("SELECT count(*) FROM request WHERE status = 'pending' AND {where_}"))
}

fn would_make(rehearsed: &Value) -> Vec<(String, String, u64, u64)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let made = rehearsed["did"]["would_make"].as_array().unwrap().iter();
    made.map(|lane| {
        let count = |name: &str| lane[name].as_u64().unwrap();
        (text(&lane["vendor"]), text(&lane["format"]), count("letters"), count("packages"))
    })
    .collect()
}

/// Which vendor printed letters in which language.
fn printed(site: &TestSite) -> Vec<Vec<String>> {
    site.rows(
        "SELECT DISTINCT batch.vendor, letter.language FROM letter JOIN batch ON batch.id = letter.batch_id ORDER BY 1, 2",
    )
}

#[test]
fn where_two_vendors_take_the_same_letters_each_is_counted_and_made_once_by_the_first() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    second::add(&site, "west", "formats = [\"standard\", \"large-print\"]");
    site.configure("# languages = [\"en\", \"es\"]", "languages = [\"en\"]");
    let count =
        |language: &str, format: &str| counted(&site, &format!("language = '{language}' AND format = '{format}'"));
    let expected: Vec<(String, String, u64, u64)> = [("acme", "en"), ("west", "es")]
        .into_iter()
        .flat_map(|(vendor, language)| {
            ["standard", "large-print"].map(|format| (vendor.to_owned(), format.to_owned(), count(language, format)))
        })
        .map(|(vendor, format, letters)| (vendor, format, letters.parse().unwrap(), 1))
        .collect();
    assert!(expected.iter().all(|(_, _, letters, _)| *letters > 0), "the demo has letters of each kind: {expected:?}");
    let rehearsed = site.json(&["produce", "--dry-run"]);
    assert_eq!(would_make(&rehearsed), expected);
    // A night that counts each letter once is not too large: twice as many would be.
    let all: u64 = expected.iter().map(|(_, _, letters, _)| letters).sum();
    site.configure("# letters_a_night = 150000", &format!("letters_a_night = {all}"));
    let night = site.run(&["--json", "run", "nightly", "--dry-run"]);
    let stages: Value = serde_json::from_str(&night.stdout).unwrap();
    let produce = stages.as_array().unwrap().iter().find(|stage| stage["stage"] == "produce").unwrap();
    assert_eq!(would_make(produce), expected, "the night's rehearsal says the same");
    site.night();
    assert_eq!(printed(&site), [["acme", "en"], ["west", "es"]]);
    let claims = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry WHERE kind = 'package.claimed'");
    let claimed = claims.iter().map(|row| serde_json::from_str::<Value>(&row[0]).unwrap()["data"]["requests"].as_u64());
    assert_eq!(claimed.sum::<Option<u64>>().map(|all| all.to_string()), Some(all.to_string()), "each was claimed once");
    site.closed_accounting();
}

#[test]
fn a_letter_that_no_vendor_takes_is_held_with_the_reason_of_each() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    second::add(&site, "west", "languages = [\"es\"]\nformats = [\"large-print\"]\ncountries = [\"abroad\"]");
    site.configure("# languages = [\"en\", \"es\"]", "languages = [\"en\"]");
    let unserved: u64 = counted(&site, "language = 'es'").parse().unwrap();
    assert!(unserved > 0);
    let rehearsed = site.run(&["--json", "produce", "--dry-run"]).expect(1).json();
    assert_eq!(rehearsed["did"]["would_hold"], json!(unserved));
    let reason = "no vendor takes standard letters in es to US (acme: takes en and not es; west: takes large-print and \
                  not standard, takes abroad and not US)";
    let matters = rehearsed["matters"].as_array().unwrap();
    assert!(matters.iter().any(|matter| matter["message"] == format!("would be held: {reason}")), "{matters:?}");
    assert_eq!(counted(&site, "language = 'es'"), unserved.to_string(), "a rehearsal holds nothing");
    let night = site.night();
    assert!(
        night.stderr.contains(&format!("{reason}; act by 2026-03-04: see 'letterpost request show")),
        "{}",
        night.text()
    );
    let held = site.rows("SELECT reference FROM request WHERE status = 'held' AND language = 'es'");
    assert_eq!(held.len() as u64, unserved);
    let shown = site.json(&["request", "show", &held[0][0]]);
    assert!(shown["reason"].as_str().unwrap().starts_with("no vendor takes"), "{shown}");
    // Once a vendor takes such letters, a person lets them go on.
    site.configure("languages = [\"en\"]", "languages = [\"en\", \"es\"]");
    for row in &held {
        site.run(&["request", "release", &row[0], "--reason", "acme takes Spanish now"]).expect(0);
    }
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    let made = site.value("SELECT count(*) FROM letter WHERE language = 'es'").parse::<u64>().unwrap();
    let unprintable = site.value("SELECT count(*) FROM request WHERE language = 'es' AND status = 'held'");
    assert_eq!(made + unprintable.parse::<u64>().unwrap(), unserved);
}
