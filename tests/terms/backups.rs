//! Copies of the ledger: they remember whom the ledger forgets, and go, but never the newest good one.

use std::fs;

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, entries, names, retention, sql};

fn backup(site: &TestSite, at: &str) -> String {
    site.clock(at);
    site.json(&["ledger", "backup"])["path"].as_str().unwrap().to_owned()
}

#[test]
fn old_backups_go_and_the_newest_good_one_stays_and_is_told_of() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let older = backup(&site, "2026-03-03T04:30:00-05:00");
    let newer = backup(&site, "2026-03-10T04:30:00-04:00");
    let elsewhere = site.outside().join("copy.db");
    site.run(&["ledger", "backup", "--to", elsewhere.to_str().unwrap()]).expect(0);
    assert!(elsewhere.with_file_name("copy.intake.db").exists());
    site.clock("2026-04-07T06:00:00-04:00");
    assert_eq!(retention(&site, 0, &["--dry-run"])["backups_removed"], 2);
    assert_eq!(retention(&site, 0, &[])["backups_removed"], 2);
    assert!(!fs::exists(&older).unwrap() && !fs::exists(older.replace(".db", ".intake.db")).unwrap());
    assert!(fs::exists(&newer).unwrap() && elsewhere.exists());
    let removed = entries(&site, "backup.removed");
    assert_eq!(removed.len(), 2);
    assert!(removed.iter().all(|entry| entry["due_on"] == "2026-04-07"), "{removed:?}");
    // The copy elsewhere is the newest. It is damaged, so the one before it is the newest good one.
    fs::write(&elsewhere, "damaged").unwrap();
    site.clock("2026-05-01T06:00:00-04:00");
    let did = retention(&site, 0, &[]);
    assert!(fs::exists(&newer).unwrap() && elsewhere.exists(), "{did}");
    assert!(fs::exists(newer.replace(".db", ".intake.db")).unwrap(), "nor does its intake go");
    // Somebody is forgotten whom it remembers.
    sql(
        &site,
        "letterpost.db",
        "UPDATE request SET erased_at = '2026-05-01T00:00:00Z', username = '', full_name = '', address_line_1 = '',
             address_line_2 = '', city = '', state = '', postal_code = '', content_sha256 = '', address_sha256 = NULL,
             reason = 'erased' WHERE id = (SELECT min(id) FROM request WHERE status = 'routed')",
    );
    let ran = site.run(&["retention"]).expect(1);
    assert!(ran.text().contains("1 requests whose people were forgotten since"), "{}", ran.text());
    assert!(site.run(&["doctor"]).text().contains("newest good backup"), "doctor says so too");
    backup(&site, "2026-05-02T06:00:00-04:00");
    assert_eq!(retention(&site, 0, &[])["backups_removed"], 2);
    assert!(!fs::exists(&newer).unwrap());
    assert!(!site.run(&["doctor"]).text().contains("newest good backup"));
}

#[test]
fn a_ledger_that_was_set_aside_and_backups_that_the_ledger_does_not_know_go_by_the_day_in_their_names() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let first = backup(&site, "2026-03-03T04:30:00-05:00");
    let second = backup(&site, "2026-03-04T04:30:00-05:00");
    site.run(&["ledger", "restore", &first]).done();
    let aside = "letterpost.db.replaced-2026-03-04T093000Z";
    assert!(site.path(aside).exists(), "{:?}", names(&site, ""));
    assert_eq!(site.value("SELECT count(*) FROM backup"), "0", "the ledger from before knows of none");
    let last = backup(&site, "2026-03-05T04:30:00-05:00");
    site.clock("2026-04-07T12:00:00-04:00");
    assert_eq!(retention(&site, 0, &[])["backups_removed"], 2, "the first and its intake");
    assert!(!fs::exists(&first).unwrap() && fs::exists(&second).unwrap() && site.path(aside).exists());
    site.clock("2026-04-08T12:00:00-04:00");
    assert_eq!(retention(&site, 0, &[])["backups_removed"], 3, "the second and its intake, and what was set aside");
    assert!(!fs::exists(&second).unwrap() && !site.path(aside).exists() && fs::exists(&last).unwrap());
}
