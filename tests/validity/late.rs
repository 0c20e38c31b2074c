//! Letters that are mailed so late that their readers have too few days: told to a person, or made anew.
//!
//! All are minted on Monday night, 2 March 2026, for Tuesday's print. Mailed a week late, on Tuesday the 10th, a letter is
//! expected until Monday the 16th, and its password ends with the cap, on Sunday the 22nd: four business days. Outside
//! the contiguous United States the cap is the 31st, and there is time enough.

use serde_json::{Value, json};

use super::nightly::{Ran, TestSite};
use super::opened::open_all;

const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const A_WEEK_LATE: &str = "2026-03-10T20:00:00-04:00";
const PACKAGE: &str = "eba-test-acme-000001";
/// In California, and in Alaska.
const BO: &str = "bo.li@example.com";
const REFERENCE_OF_BO: &str = "EBA-2026-000104";
const DAKOTA: &str = "dakota.unreal@example.com";

fn letter(site: &TestSite, username: &str) -> String {
    site.value(&format!("SELECT id FROM letter WHERE username = '{username}' ORDER BY batch_id DESC LIMIT 1"))
}

fn printed_password(site: &TestSite, letter_id: &str) -> String {
    let packages = open_all(site);
    let mut letters = packages.iter().flat_map(|package| &package.letters);
    letters.find(|letter| letter.id() == letter_id).unwrap().password.clone()
}

/// The site after its first night, and the receipt of the standard package that says when its letters were mailed.
fn mailed(site: &TestSite, on: &str, read_at: &str) -> Ran {
    site.clock(read_at);
    site.receipt(PACKAGE, &["--on", on])
}

fn undecided(site: &TestSite, letter_id: &str) -> Value {
    let report = site.json(&["report", "night"]);
    let letters = report["letters_to_decide"].as_array().unwrap();
    letters.iter().find(|letter| letter["letter_id"] == letter_id).cloned().unwrap_or_default()
}

#[test]
fn a_letter_that_leaves_too_few_days_is_told_to_a_person_who_may_have_it_made_anew() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let ran = mailed(&site, "2026-03-10", A_WEEK_LATE).expect(1);
    let (bo, dakota) = (letter(&site, BO), letter(&site, DAKOTA));
    let told = "in the mail (late, with 4 business days to read it); decide by 2026-03-12";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(!ran.stdout.contains("reissued"), "{}", ran.stdout);
    let shown = undecided(&site, &bo);
    assert_eq!((&shown["days_to_read"], &shown["decide_by_on"]), (&json!(4), &json!("2026-03-12")));
    assert_eq!(shown["commands"][0], format!("letterpost letter reissue {bo} --reason REASON"));
    assert_eq!(undecided(&site, &dakota), json!(null), "the longer cap leaves enough");
    // Lines end before the hundred and first column.
    let report = site.run(&["report", "night"]).expect(0).stdout;
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("letter {bo} of {PACKAGE} was mailed late, with 4 business days to read it, act by 2026-03-12");
    assert!(report.contains(&line), "{report}");
    let kinds = format!("SELECT string_agg(kind, ' ') FROM notices WHERE reference = '{REFERENCE_OF_BO}'");
    assert_eq!(site.value(&kinds), "minted mailed held");
    let password = printed_password(&site, &bo);
    assert_eq!(site.check(BO, &password), (0, "accepted".to_owned()), "it is good as long as it is");
    let ran = site.run(&["ingest"]);
    assert!(!ran.stderr.contains("late"), "it is said once: {}", ran.stderr);
    // The letter may still come; a person need not wait for that.
    site.run(&["letter", "reissue", &bo, "--reason", "too late", "--by", "Robin Sample"]).expect(0);
    site.clock("2026-03-11T22:30:00-04:00");
    assert_eq!(site.check(BO, &password), (0, "accepted".to_owned()), "until the new one is on its way");
    site.night();
    let new = letter(&site, BO);
    assert_eq!(site.json(&["letter", "show", &new])["replaces"], bo);
    assert_eq!(site.check(BO, &password), (5, "revoked".to_owned()));
    assert_eq!(site.check(BO, &printed_password(&site, &new)), (0, "accepted".to_owned()));
    assert_eq!(undecided(&site, &bo), json!(null));
    site.closed_accounting();
}

#[test]
fn where_the_site_says_so_late_letters_are_made_anew_but_not_without_end() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# late = \"alert\"", "late = \"reissue\"");
    site.configure("# most_letters_a_request = 3", "most_letters_a_request = 2");
    site.night();
    let ran = mailed(&site, "2026-03-10", A_WEEK_LATE);
    assert!(ran.stdout.contains("reissued"), "{}", ran.text());
    let first = letter(&site, BO);
    let shown = site.json(&["letter", "show", &first]);
    assert_eq!(shown["reissue_reason"], "policy: late, with 4 business days to read it");
    assert_eq!((&shown["password_status"], &shown["days_to_read"]), (&json!("live"), &json!(4)));
    let outside = site.json(&["letter", "show", &letter(&site, DAKOTA)]);
    assert_eq!(outside["reissue_reason"], json!(null));
    site.clock("2026-03-10T22:30:00-04:00");
    site.night();
    let second = letter(&site, BO);
    assert_ne!(first, second);
    assert_eq!(site.json(&["letter", "show", &first])["password_status"], "revoked");
    // The second one is mailed just as late: its request has had its letters.
    let package = site.json(&["letter", "show", &second])["package"].as_str().unwrap().to_owned();
    site.clock("2026-03-18T20:00:00-04:00");
    let ran = site.receipt(&package, &["--on", "2026-03-18"]).expect(1);
    let told = "late, with 4 business days to read it, and its request has had 2 letters";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0");
    site.closed_accounting();
}

#[test]
fn a_letter_that_was_mailed_as_planned_is_never_late_however_short_the_window() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# late = \"alert\"", "late = \"reissue\"");
    site.configure("# window_business_days = 10", "window_business_days = 3");
    site.night();
    let ran = mailed(&site, "2026-03-03", "2026-03-03T20:00:00-05:00");
    assert!(!ran.text().contains("reissued"), "{}", ran.text());
    let shown = site.json(&["letter", "show", &letter(&site, BO)]);
    assert_eq!((&shown["expires_on"], &shown["days_to_read"]), (&json!("2026-03-06"), &json!(0)));
}

#[test]
fn a_corrected_day_of_mailing_is_judged_like_a_receipts() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    mailed(&site, "2026-03-03", A_WEEK_LATE).done();
    let bo = letter(&site, BO);
    assert_eq!(undecided(&site, &bo), json!(null));
    let mut correct = vec!["letter", "correct", &bo, "--mailed-on", "2026-03-10", "--reason", "the vendor's log"];
    correct.extend(["--by", "Robin Sample"]);
    let said = site.run(&correct).expect(0).stdout;
    let warning =
        "its reader has 4 business days after 2026-03-16, and [validity] asks for 5: 'letterpost letter reissue'";
    assert!(said.contains(warning), "{said}");
    let ran = site.run(&["ingest"]).expect(1);
    assert!(ran.stderr.contains("late, with 4 business days to read it"), "{}", ran.stderr);
    assert_eq!(undecided(&site, &bo)["days_to_read"], 4);
    // And back: it is not late any more.
    correct[4] = "2026-03-04";
    site.run(&correct).expect(0);
    assert_eq!(undecided(&site, &bo), json!(null));
    assert_eq!(site.json(&["letter", "show", &bo])["days_to_read"], 6);
}

#[test]
fn a_site_may_turn_the_rule_off() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# shortest_window_business_days = 5", "shortest_window_business_days = 0");
    site.night();
    let ran = mailed(&site, "2026-03-10", A_WEEK_LATE);
    assert!(!ran.stderr.contains("to read it"), "{}", ran.stderr);
    assert_eq!(undecided(&site, &letter(&site, BO)), json!(null));
}
