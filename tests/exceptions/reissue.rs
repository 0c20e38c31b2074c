//! A letter made anew by a person: one live password at any time, and the old one good until the new one is on its way.

use super::desk::{
    BO, CARMEN, GRACE, JOSE, LARGE_PRINT, PACKAGE, REFERENCE_OF_BO, REFERENCE_OF_GRACE, SOREN, all_is_well, decide,
    letter, newest_entry, night, notices, passwords, refuse, request, site_on_tuesday, states,
};
use super::nightly::TestSite;

/// Another request of Bo's account.
fn ask_again(site: &TestSite, reference: &str, on: &str) {
    let row = format!(
        "{reference},{BO},Bo Li,7 Placeholder Lane,,San Francisco,CA,94103,US,202-555-0104,email,en,standard,{on}T08:00:00-05:00"
    );
    site.import(&format!("{reference}.csv"), &row).expect(0);
}

#[test]
fn a_letter_lost_in_the_mail_is_made_anew_and_its_password_works_until_the_new_one_leaves() {
    let site = site_on_tuesday();
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    let old = letter(&site, BO);
    let reissue = ["letter", "reissue", &old, "--reason", "never came", "--by", "Robin Sample"];
    refuse(&site, &reissue, "it is in the mail and expected by 2026-03-09");
    site.clock("2026-03-10T12:00:00-04:00");
    let said = decide(&site, 0, &reissue);
    assert!(said.contains("its password, which is live, ends when the new letter's package is delivered"), "{said}");
    assert_eq!(request(&site, REFERENCE_OF_BO), "pending");
    let first = passwords(&site);
    assert_eq!(site.check(BO, &first[&old]), (0, "accepted".to_owned()), "the old letter may still come");
    let said = decide(&site, 0, &reissue);
    assert!(said.contains("it was made anew before"), "{said}");
    // Who asks meanwhile joins nothing and takes the place of the request that waits.
    let entry = newest_entry(&site, "letter.reissued");
    assert_eq!((&entry["reason"], &entry["by"]), (&"never came".into(), &"Robin Sample".into()));
    assert!(night(&site, "2026-03-10").code <= 1);
    let new = letter(&site, BO);
    assert_ne!(new, old);
    let all = passwords(&site);
    assert_eq!(site.check(BO, &all[&old]), (5, "revoked".to_owned()));
    assert_eq!(site.check(BO, &all[&new]), (0, "accepted".to_owned()));
    assert_eq!(notices(&site, REFERENCE_OF_BO), ["minted", "mailed", "reissued", "minted"]);
    let records = site.rows(&format!(
        "SELECT letter_id, replaces, replaced_by FROM dispatch_records WHERE reference = '{REFERENCE_OF_BO}' ORDER BY replaces"
    ));
    assert_eq!(records, [[old.as_str(), "", &new], [&new, &old, ""]]);
    refuse(&site, &reissue.map(|word| if word == old { new.as_str() } else { word }), "pull it first");
    all_is_well(&site);
}

#[test]
fn a_letter_that_ended_is_made_anew_and_the_newer_one_counts() {
    let site = site_on_tuesday();
    let [bo, grace] = [BO, GRACE].map(|username| letter(&site, username));
    refuse(&site, &["letter", "reissue", &bo, "--reason", "why not"], &format!("'letterpost batch pull {bo}'"));
    // Pulled by the agency: it need not wait for the vendor's word, for the password is no good.
    site.run(&["batch", "pull", &bo, "--reason", "wrong insert"]).expect(0);
    decide(&site, 0, &["letter", "reissue", &bo, "--reason", "the insert is right now"]);
    // Returned.
    assert_eq!(site.receipt(LARGE_PRINT, &[]).code, 0);
    decide(&site, 0, &["letter", "returned", &grace, "--on", "2026-03-03", "--reason", "nixie"]);
    decide(&site, 0, &["letter", "reissue", &grace, "--reason", "the address is right, says the post office"]);
    assert_eq!(request(&site, REFERENCE_OF_GRACE), "pending");
    assert!(night(&site, "2026-03-03").code <= 1);
    for (username, old) in [(BO, &bo), (GRACE, &grace)] {
        let new = letter(&site, username);
        assert_eq!(states(&site, &new), ("delivered".to_owned(), "live".to_owned()));
        assert_eq!(site.json(&["letter", "show", &new])["replaces"], old.as_str());
        let said = decide(&site, 0, &["letter", "reissue", old, "--reason", "again"]);
        assert!(said.contains("it was made anew before"), "{said}");
    }
    // The vendor mails the pulled letter all the same: the known alarm.
    let ran = site.receipt(PACKAGE, &[]);
    assert_eq!(ran.code, 4, "{}", ran.text());
    all_is_well(&site);
}

#[test]
fn a_request_that_waits_serves_the_account_instead() {
    let site = site_on_tuesday();
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    let old = letter(&site, BO);
    site.clock("2026-03-10T12:00:00-04:00");
    ask_again(&site, "EBA-2026-000901", "2026-03-10");
    let reissue = ["letter", "reissue", &old, "--reason", "never came"];
    refuse(&site, &reissue, "request EBA-2026-000901 of the same account waits and will serve it instead");
    site.run(&["request", "hold", "EBA-2026-000901", "--reason", "is it them?"]).expect(0);
    refuse(&site, &reissue, "request EBA-2026-000901 of the same account waits");
    site.run(&["request", "cancel", "EBA-2026-000901", "--reason", "it was not them"]).expect(0);
    decide(&site, 0, &reissue);
    // A newer request takes the place of the one that waits, and its letter replaces the old one.
    site.clock("2026-03-10T13:00:00-04:00");
    ask_again(&site, "EBA-2026-000902", "2026-03-10");
    assert_eq!(request(&site, REFERENCE_OF_BO), "withdrawn");
    assert!(night(&site, "2026-03-10").code <= 1);
    let new = site.json(&["letter", "show", &letter(&site, BO)]);
    assert_eq!((&new["reference"], &new["replaces"]), (&"EBA-2026-000902".into(), &old.as_str().into()));
    all_is_well(&site);
}

#[test]
fn asking_again_does_not_join_a_letter_that_was_made_anew() {
    let site = site_on_tuesday();
    site.receipt(PACKAGE, &["--events", "accepted"]).done();
    // The last mailing day is over, and the letter would still be expected.
    site.clock("2026-03-06T12:00:00-05:00");
    decide(&site, 0, &["letter", "reissue", &letter(&site, BO), "--reason", "the vendor has lost it"]);
    ask_again(&site, "EBA-2026-000903", "2026-03-06");
    assert_eq!(request(&site, "EBA-2026-000903"), "pending");
    assert_eq!(site.json(&["request", "show", REFERENCE_OF_BO])["replaced_by"], "EBA-2026-000903");
    all_is_well(&site);
}

#[test]
fn several_letters_are_judged_each_by_itself() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    site.clock("2026-03-10T12:00:00-04:00");
    let [bo, jose, soren, carmen] = [BO, JOSE, SOREN, CARMEN].map(|username| letter(&site, username));
    assert_eq!(site.redeem(JOSE, &printed[&jose]), (0, "accepted".to_owned()));
    let said = decide(&site, 1, &["letter", "reissue", &bo, &jose, &soren, &carmen, "--reason", "a mail van burned"]);
    assert!(said.contains("4 letters: 3 done, 0 known, 1 refused"), "{said}");
    assert!(said.contains(&format!("letter {jose}: refused: its password was used")), "{said}");
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "3");
    all_is_well(&site);
}
