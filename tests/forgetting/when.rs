//! When somebody is forgotten: so many days after the end, not a minute sooner, and never while something is under way.

use serde_json::Value;

use crate::nightly::TestSite;
use crate::quarter::{CANCELLED, DUE, JOINED, LATER, MAILED, RETURNED, ROUTED, SPOILED, letter_of, played};

fn erased(site: &TestSite, command: &[&str]) -> u64 {
    let all: Vec<&str> = ["--json"].iter().chain(command).copied().collect();
    site.run(&all).done().json()["did"]["requests_erased"].as_u64().unwrap()
}

fn is_erased(site: &TestSite, reference: &str) -> bool {
    site.value(&format!("SELECT erased_at IS NOT NULL FROM request WHERE reference = '{reference}'")) == "1"
}

/// The entries of a kind, oldest first.
fn entries(site: &TestSite, kind: &str) -> Vec<Value> {
    let all = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq").concat();
    let entries = all.iter().map(|entry| serde_json::from_str::<Value>(entry).unwrap());
    entries.filter(|entry| entry["kind"] == kind).collect()
}

fn entry_of(site: &TestSite, reference: &str) -> Value {
    let mut found = entries(site, "request.erased");
    found.retain(|entry| entry["data"]["reference"] == reference);
    assert_eq!(found.len(), 1, "{reference}: {found:?}");
    found.remove(0)["data"].take()
}

#[test]
fn each_is_forgotten_when_its_days_are_over_with_an_entry_that_says_since_when() {
    let site = played();
    // The password of the letter ended with 17 March, so the first day after ninety more is 16 June.
    assert_eq!(site.value("SELECT DISTINCT ended_on FROM letter WHERE username LIKE 'quillon%'"), "2026-03-17");
    site.clock("2026-06-15T23:59:00-04:00");
    site.run(&["retention"]).done();
    for person in [&MAILED, &JOINED, &LATER] {
        assert!(!is_erased(&site, person.reference), "{}", person.reference);
    }
    // What never became a letter, or came back, was over before.
    for person in [&ROUTED, &CANCELLED, &RETURNED] {
        assert!(is_erased(&site, person.reference), "{}", person.reference);
    }
    site.clock(DUE);
    let planned = erased(&site, &["retention", "--dry-run"]);
    assert!(planned >= 2 && !is_erased(&site, MAILED.reference));
    assert_eq!(erased(&site, &["retention"]), planned);
    assert!(is_erased(&site, MAILED.reference) && is_erased(&site, JOINED.reference));
    assert!(!is_erased(&site, LATER.reference));
    assert_eq!(erased(&site, &["retention"]), 0);

    let mailed = entry_of(&site, MAILED.reference);
    assert_eq!(mailed["due_on"], "2026-06-16");
    assert_eq!(mailed["letter"], letter_of(&site, MAILED.reference));
    // Nobody's joined request is over before the letter that served it.
    assert_eq!(entry_of(&site, JOINED.reference)["due_on"], "2026-06-16");
    assert_eq!(entry_of(&site, JOINED.reference).get("letter"), None);
    let routed = entry_of(&site, ROUTED.reference);
    assert_eq!(routed["due_on"], "2026-05-31");
    let spoiled = entry_of(&site, SPOILED.reference);
    assert_eq!(spoiled["letters"].as_str().unwrap().split(' ').count(), 2, "{spoiled}");
    assert!(site.closed_accounting().is_object());
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn who_is_under_way_is_never_forgotten_however_long_it_takes() {
    let site = played();
    site.import(
        "open.csv",
        "Q-HELD,held@example.com,Held Example,1 Example Street,,Springfield,IL,62704,US,,email,en,standard,\
         2026-06-15T08:00:00-04:00\n\
         Q-PENDING,pending@example.com,Pending Example,1 Example Street,,Springfield,IL,62704,US,,email,en,standard,\
         2026-06-15T08:00:00-04:00",
    )
    .expect(0);
    site.run(&["request", "hold", "Q-HELD", "--reason", "the portal checks"]).expect(0);
    // A package that is not closed keeps its people, and a piece whose fate nobody knows.
    let open = site.value(&format!(
        "SELECT batch.name FROM batch JOIN letter ON letter.batch_id = batch.id WHERE letter.id = '{}'",
        letter_of(&site, MAILED.reference)
    ));
    site.tamper(&format!("UPDATE batch SET closed_at = NULL WHERE name = '{open}'"));
    site.clock("2028-01-10T04:00:00-05:00");
    site.run(&["expire"]).done();
    let ran = site.run(&["retention"]).done();
    for reference in ["Q-HELD", "Q-PENDING", MAILED.reference, JOINED.reference] {
        assert!(!is_erased(&site, reference), "{reference}");
    }
    assert!(is_erased(&site, LATER.reference));
    assert!(
        ran.text().contains(&format!("package {open}")) && ran.text().contains("cannot be forgotten"),
        "{}",
        ran.text()
    );
    site.tamper(&format!("UPDATE batch SET closed_at = '2028-01-09T00:00:00Z' WHERE name = '{open}'"));
    site.clock("2028-04-07T20:00:00-04:00");
    site.run(&["retention"]).done();
    assert!(!is_erased(&site, MAILED.reference));
    site.clock("2028-04-07T20:00:01-04:00");
    site.run(&["retention"]).done();
    assert!(is_erased(&site, MAILED.reference) && is_erased(&site, JOINED.reference));
}

#[test]
fn the_days_are_configured_and_no_fewer_than_the_limits_count() {
    let site = played();
    site.configure("# personal_days = 90", "personal_days = 29");
    let refused = site.run(&["retention"]).expect(2).stderr;
    assert!(refused.contains("personal_days is 29") && refused.contains("write 30 or more"), "{refused}");
    site.configure("personal_days = 29", "personal_days = 92");
    site.run(&["retention"]).done();
    assert!(!is_erased(&site, MAILED.reference));
    site.configure("personal_days = 92", "personal_days = 30");
    site.clock("2026-06-17T05:00:00-04:00");
    site.run(&["retention"]).done();
    assert!(is_erased(&site, MAILED.reference) && !is_erased(&site, LATER.reference));
    // A longer span counts for longer, and forgets later where nothing else is said.
    site.configure("personal_days = 30", "# personal_days");
    site.configure("# span_days = 30", "span_days = 365");
    site.clock("2026-12-01T05:00:00-05:00");
    site.run(&["retention"]).done();
    assert!(!is_erased(&site, LATER.reference));
}

#[test]
fn a_verifier_goes_with_its_account_at_the_latest() {
    let site = played();
    site.configure("# verifier_days = 30", "verifier_days = 365");
    let letter = letter_of(&site, MAILED.reference);
    site.tamper(&format!("UPDATE letter SET verifier = 'x' WHERE id = '{letter}'"));
    site.run(&["retention"]).done();
    assert_eq!(site.value(&format!("SELECT verifier IS NULL FROM letter WHERE id = '{letter}'")), "1");
    assert!(site.audit_kinds(&letter).ends_with(&["password.verifier_destroyed".into(), "request.erased".into()]));
}
