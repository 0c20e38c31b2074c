//! Asking again: a letter in the mail cannot be killed by a second request, and an overdue one is replaced.

use super::MONDAY_NIGHT;
use super::nightly::TestSite;
use super::opened::{Opened, letter_of, open_all};

const BO: &str = "bo.li@example.com";
const REFERENCE_OF_BO: &str = "EBA-2026-000104";

/// A second request of the same account, asked on this date.
fn ask_again(site: &TestSite, reference: &str, on: &str) {
    let row = format!(
        "{reference},{BO},Bo Li,7 Placeholder Lane,,San Francisco,CA,94103,US,202-555-0104,email,en,standard,{on}T08:00:00-05:00"
    );
    site.import(&format!("{reference}.csv"), &row).expect(0);
}

fn mailed_site() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-03T20:00:00-05:00");
    for package in site.packages() {
        assert_eq!(site.receipt(&package, &[]).code, 0);
    }
    site
}

#[test]
fn a_second_request_four_days_after_the_first_letter_was_mailed_leaves_the_first_letters_password_good() {
    let site = mailed_site();
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, BO);
    site.clock("2026-03-07T12:00:00-05:00");
    ask_again(&site, "EBA-2026-000901", "2026-03-07");
    let second = site.json(&["request", "show", "EBA-2026-000901"]);
    let request = if second["request"].is_object() { &second["request"] } else { &second };
    assert_eq!((&request["status"], &request["joined_to"]), (&"withdrawn".into(), &REFERENCE_OF_BO.into()), "{second}");
    site.clock("2026-03-09T22:30:00-04:00");
    site.night();
    assert_eq!(site.value(&format!("SELECT count(*) FROM letter WHERE username = '{BO}'")), "1");
    assert_eq!(site.packages().len(), packages.len(), "no new package");
    assert_eq!(site.check(BO, &letter.password), (0, "accepted".to_owned()));
    let told = site.value("SELECT count(*) FROM notices WHERE kind = 'joined' AND reference = 'EBA-2026-000901'");
    assert_eq!(told, "1", "the portal is told");
    site.closed_accounting();
}

#[test]
fn an_overdue_letter_is_replaced_and_its_password_lives_until_the_new_one_is_delivered() {
    let site = mailed_site();
    let first_packages = open_all(&site);
    let old = letter_of(&site, &first_packages, BO);
    let expected_to = site.value(&format!("SELECT expected_to FROM letter WHERE id = '{}'", old.id()));
    assert_eq!(expected_to, "2026-03-09", "five postal days after Tuesday, Sunday not counted");
    site.clock("2026-03-10T12:00:00-04:00");
    ask_again(&site, "EBA-2026-000902", "2026-03-10");
    site.clock("2026-03-10T22:30:00-04:00");
    site.run(&["collect"]).done();
    site.run(&["produce"]).expect(0);
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'EBA-2026-000902'"), "lettered");
    assert_eq!(site.check(BO, &old.password), (0, "accepted".to_owned()), "until the new letter is delivered");
    site.run(&["deliver"]).expect(0);
    assert_eq!(site.check(BO, &old.password), (5, "revoked".to_owned()));
    assert_eq!(site.audit_kinds(old.id()).last().unwrap(), "password.revoked");
    let name = site.packages().pop().unwrap();
    let new = Opened::open(&site, &name);
    assert_eq!(new.letters.len(), 1);
    let letter = &new.letters[0];
    assert_eq!(site.value(&format!("SELECT replaces FROM letter WHERE id = '{}'", letter.id())), old.id());
    assert_eq!(site.check(BO, &letter.password), (0, "accepted".to_owned()));
    let live = site.value(&format!("SELECT count(*) FROM letter WHERE username = '{BO}' AND password_status = 'live'"));
    assert_eq!(live, "1");
    site.closed_accounting();
}
