//! The vendor's certificates of destruction: recorded with a copy, and missed when they do not come.

use std::fs;

use letterpost::package::openpgp::{SecretKey, sign_detached};
use rand08::SeedableRng as _;

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, entries, names, retention};

/// Its ticket says 4 April: the last mailing day is Thursday 5 March, and then 30 days.
const PURGE_BY: &str = "2026-04-04";
/// Ten days later a certificate is in time, and the next day it is overdue.
const LAST_DAY: &str = "2026-04-14T20:00:00-04:00";
const OVERDUE: &str = "2026-04-15T08:00:00-04:00";

fn sign(site: &TestSite, path: &std::path::Path, key: &str) {
    let key = SecretKey::parse(&fs::read(site.path(key)).unwrap(), None).unwrap();
    let mut rng = rand08::rngs::StdRng::seed_from_u64(5);
    let signature = sign_detached(&fs::read(path).unwrap(), &key, site.now().parse().unwrap(), &mut rng).unwrap();
    fs::write(path.with_extension("txt.asc"), signature).unwrap();
}

#[test]
fn a_certificate_that_does_not_come_is_told_and_one_that_comes_is_kept() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = site.packages();
    let day = site.value("SELECT DISTINCT purge_by_on FROM batch WHERE purge_by_on IS NOT NULL");
    assert_eq!(day, PURGE_BY);
    let overdue = |site: &TestSite| site.json(&["report", "night"])["certificates_overdue"].as_array().unwrap().len();
    site.clock(LAST_DAY);
    assert_eq!((retention(&site, 0, &[])["certificates_overdue"].clone(), overdue(&site)), (0.into(), 0));
    let shown = site.run(&["batch", "show", &packages[0]]).expect(0).stdout;
    assert!(shown.contains("due by 2026-04-14"), "{shown}");
    site.clock(OVERDUE);
    assert_eq!(retention(&site, 1, &["--dry-run"])["certificates_overdue"], packages.len());
    let ran = site.run(&["retention"]).expect(1);
    assert!(
        ran.text().contains("no certificate of destruction") && ran.text().contains(&packages[0]),
        "{}",
        ran.text()
    );
    assert_eq!(retention(&site, 0, &[])["certificates_overdue"], packages.len(), "a person is told once");
    assert_eq!(overdue(&site), packages.len(), "the report tells it until it comes");
    let night = site.run(&["report", "night"]).text();
    assert!(night.contains("vendor acme: no certificate of destruction") && night.contains("batch purged"), "{night}");
    assert!(site.run(&["doctor"]).text().contains("certificates of destruction"));

    let paper = site.path("april.txt");
    fs::write(&paper, "We destroyed all copies on 3 April 2026.\n").unwrap();
    let paper = paper.to_str().unwrap();
    let record = |packages: &[&str], on: &str, more: &[&str]| {
        let words =
            [&["batch", "purged"], packages, &["--certificate", paper, "--on", on, "--by", "Robin Sample"], more]
                .concat();
        site.run(&words)
    };
    assert!(record(&[&packages[0]], "2026-05-01", &[]).expect(2).text().contains("has not come"));
    assert!(record(&[&packages[0]], "2026-03-01", &[]).expect(2).text().contains("cannot have destroyed it"));
    assert!(record(&["eba-test-acme-999999"], "2026-04-03", &[]).expect(2).text().contains("none of this name"));
    sign(&site, std::path::Path::new(paper), "keys/site.sec.asc");
    assert!(record(&[&packages[0]], "2026-04-03", &[]).expect(2).text().contains("nothing was recorded"));
    sign(&site, std::path::Path::new(paper), "keys/acme.sec.asc");
    record(&[&packages[0]], "2026-04-03", &["--dry-run"]).expect(0);
    assert!(entries(&site, "package.purged").is_empty() && names(&site, "certificates").is_empty());
    record(&[&packages[0]], "2026-04-03", &[]).expect(0);
    let all: Vec<&str> = packages.iter().map(String::as_str).collect();
    record(&all, "2026-04-03", &[]).expect(0);
    assert!(record(&all, "2026-04-03", &[]).expect(0).text().contains("nothing to do"));
    assert!(record(&all[..1], "2026-04-05", &[]).expect(2).text().contains("kept as it was recorded"));
    assert_eq!(overdue(&site), 0);
    assert_eq!(retention(&site, 0, &[])["certificates_overdue"], 0);
    let copies = names(&site, "certificates");
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert_eq!(fs::read(site.path("certificates").join(&copies[0])).unwrap(), fs::read(paper).unwrap());
    let entries = entries(&site, "package.purged");
    assert_eq!(entries.len(), packages.len());
    let signer = entries[0]["signed_by"].as_str().unwrap();
    assert!(entries.iter().all(|entry| entry["after"]["purged_on"] == "2026-04-03" && entry["by"] == "Robin Sample"));
    let shown = site.run(&["batch", "show", &packages[0]]).expect(0).stdout;
    assert!(shown.contains(signer) && shown.contains(&copies[0]) && shown.contains("destroyed"), "{shown}");
}

#[test]
fn the_stand_in_certifies_and_a_vendor_that_certifies_nothing_is_not_missed() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let package = site.packages().remove(0);
    site.clock("2026-04-06T09:00:00-04:00");
    let inbox = site.path("vendor/inbox");
    site.run(&["vendor", "simulate", inbox.to_str().unwrap(), "--once"]).expect(0);
    site.clock("2026-06-06T09:00:00-04:00");
    site.run(&["vendor", "simulate", inbox.to_str().unwrap(), "--once"]).expect(0);
    let paper = site.path(&format!("vendor/outbox/{package}.destroyed.txt"));
    let words = ["batch", "purged", &package, "--certificate", paper.to_str().unwrap(), "--on", "2026-06-06"];
    let ran = site.run(&words).expect(0);
    assert!(ran.text().contains("after 2026-04-04, the day that its ticket gave"), "{}", ran.text());
    assert!(!entries(&site, "package.purged")[0]["signed_by"].as_str().unwrap().is_empty());
    assert!(!site.json(&["report", "night"])["certificates_overdue"].as_array().unwrap().is_empty());
    site.configure("# purge_certificates = true", "purge_certificates = false");
    assert!(site.json(&["report", "night"])["certificates_overdue"].as_array().unwrap().is_empty());
}
