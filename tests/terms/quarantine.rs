//! Refused files and rows: they hold names like the good ones, and go sooner.

use std::fs;

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, entries, names, retention};

#[test]
fn what_was_refused_leaves_the_quarantine_and_is_told_a_week_before() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let before = names(&site, "quarantine");
    assert!(!before.is_empty(), "the demo has rows that are refused");
    site.import("bad.csv", "x,y").done();
    fs::write(site.path("wrong.csv"), "no,such,columns\n1,2,3\n").unwrap();
    site.run(&["request", "import", site.path("wrong.csv").to_str().unwrap()]).expect(1);
    let refused = names(&site, "quarantine");
    assert!(refused.len() > before.len() && refused.iter().any(|name| name.ends_with(".reason.txt")), "{refused:?}");
    // The first run takes them up; from then on the days are counted.
    site.clock("2026-03-03T04:00:00-05:00");
    assert_eq!(retention(&site, 0, &[])["quarantined_removed"], 0);
    let ends = |site: &TestSite| site.json(&["report", "night"])["ends_soon"].to_string();
    site.clock("2026-03-25T04:00:00-04:00");
    assert!(!ends(&site).contains("quarantine"));
    site.clock("2026-03-27T04:00:00-04:00");
    assert!(ends(&site).contains("removed from the quarantine, looked at or not"), "{}", ends(&site));
    // Somebody works on one of them, in its place.
    let edited = format!("quarantine/{}", refused[0]);
    fs::write(site.path(&edited), "mended").unwrap();
    site.clock("2026-04-02T05:00:01-04:00");
    let ran = site.run(&["--json", "retention"]).expect(0);
    assert_eq!(ran.json()["did"]["quarantined_removed"], refused.len() as u64 - 1, "{}", ran.text());
    assert_eq!(names(&site, "quarantine"), refused[..1]);
    let removed = entries(&site, "quarantine.removed");
    assert_eq!(removed.len(), refused.len() - 1);
    assert!(
        removed.iter().all(|entry| entry["due_on"] == "2026-04-02" && entry["sha256"].as_str().unwrap().len() == 64)
    );
    let of_file = site.value("SELECT sha256 FROM intake_file WHERE name = 'wrong.csv'");
    assert!(
        removed.iter().any(|entry| entry["sha256"] == of_file.as_str()),
        "the entry names the refused file's digest"
    );
    // It goes a term after it was changed, as far as that is known.
    assert_eq!(retention(&site, 0, &[])["quarantined_removed"], 0);
    site.clock("2026-05-03T05:00:00-04:00");
    assert_eq!(retention(&site, 0, &[])["quarantined_removed"], 1);
    assert!(names(&site, "quarantine").is_empty());
}
