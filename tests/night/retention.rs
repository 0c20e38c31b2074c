//! What is kept for a term: sealed packages leave the spool when they are needed no more, and no sooner.

use std::fs;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;

fn spool(site: &TestSite) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(site.path("spool"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_closed_package_leaves_the_spool_after_its_term_and_an_open_one_stays() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = site.packages();
    assert!(packages.len() > 1, "{packages:?}");
    assert_eq!(spool(&site).len(), packages.len());
    // One package is accounted for on Tuesday evening, the others never are.
    site.clock("2026-03-03T20:00:00-05:00");
    site.receipt(&packages[0], &[]).done();
    assert_eq!(site.rows("SELECT name FROM batch WHERE closed_at IS NOT NULL").concat(), packages[..1]);
    let kept = spool(&site);
    // Ninety days later to the second it is kept.
    site.clock("2026-06-01T21:00:00-04:00");
    assert_eq!(removed(&site, &["retention"]), 0);
    assert_eq!(spool(&site), kept);
    site.clock("2026-06-01T21:00:01-04:00");
    assert_eq!(removed(&site, &["retention", "--dry-run"]), 1);
    assert_eq!(spool(&site), kept);
    assert_eq!(removed(&site, &["retention"]), 1);
    assert_eq!(spool(&site), kept[1..]);
    assert_eq!(removed(&site, &["retention"]), 0);
    let entries = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq").concat();
    let told: Vec<_> = entries.iter().filter(|entry| entry.contains("\"package.removed\"")).collect();
    assert!(told.len() == 1 && told[0].contains(&packages[0]), "{told:?}");
    // A crash before the file was removed leaves it, and the next run that makes letters sweeps it away.
    fs::write(site.path(&format!("spool/{}", kept[0])), "left").unwrap();
    site.run(&["produce"]).done();
    assert!(!spool(&site).contains(&kept[0]) && spool(&site).contains(&kept[1]));
    site.closed_accounting();
}

fn removed(site: &TestSite, command: &[&str]) -> u64 {
    // Nobody certified that the packages were destroyed, which is told.
    let command = [&["--json"], command].concat();
    site.run(&command).done().json()["did"]["packages_removed"].as_u64().unwrap()
}

#[test]
fn the_term_of_the_spool_is_configured() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.configure("# spool_days = 90", "spool_days = 0");
    let packages = site.packages();
    site.clock("2026-03-03T20:00:00-05:00");
    for package in &packages {
        site.receipt(package, &[]).done();
    }
    site.clock("2026-03-03T20:00:01-05:00");
    site.run(&["run", "retention", "--date", "2026-03-01"]).expect(0);
    assert_eq!(spool(&site), Vec::<String>::new());
    site.configure("spool_days = 0", "spool_days = -1");
    assert!(site.run(&["retention"]).expect(2).stderr.contains("spool_days"));
}
