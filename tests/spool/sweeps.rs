//! What is swept from a spool, and what is left to those who may still need it.

use std::fs;

use super::nightly::TestSite;

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
