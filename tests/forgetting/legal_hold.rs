//! Legal hold: what it keeps, what it does not, and that it is on record for ever.

use crate::nightly::TestSite;
use crate::quarter::{JOINED, MAILED, RETURNED, SPOILED, letter_of, played};

fn name(site: &TestSite, reference: &str) -> String {
    site.value(&format!("SELECT full_name FROM request WHERE reference = '{reference}'"))
}

fn decide(site: &TestSite, command: &str, letters: &[&str], because: &str) -> crate::nightly::Ran {
    let mut all = vec!["letter", command];
    all.extend(letters);
    all.extend(["--reason", because, "--by", "Robin Sample"]);
    site.run(&all)
}

#[test]
fn a_letter_on_hold_is_kept_until_it_is_released_and_goes_when_it_would_have_gone() {
    let site = played();
    let letter = letter_of(&site, MAILED.reference);
    let dry = site.run(&["letter", "legal-hold", &letter, "--reason", "a claim", "--by", "R. S.", "--dry-run"]);
    assert!(dry.expect(0).stdout.contains("nothing was changed"));
    assert_eq!(site.value("SELECT count(*) FROM legal_hold"), "0");
    assert!(
        decide(&site, "legal-hold", &[&letter], "a claim").expect(0).stdout.contains("is kept until it is released")
    );
    assert!(
        decide(&site, "legal-hold", &[&letter], "again").expect(0).stdout.contains("Robin Sample placed a legal hold")
    );
    site.tamper(&format!("UPDATE letter SET verifier = 'x' WHERE id = '{letter}'"));
    site.run(&["retention"]).done();
    assert_eq!(name(&site, MAILED.reference), "Quillon Zanzibarski");
    // What was joined to it goes after it; others go.
    assert_eq!(name(&site, JOINED.reference), "Quillonette Marmaladow");
    assert_eq!(name(&site, RETURNED.reference), "");
    // The verifier went by its own term.
    assert_eq!(site.value(&format!("SELECT verifier IS NULL FROM letter WHERE id = '{letter}'")), "1");
    let listed = site.json(&["letter", "list", "--on-legal-hold"]);
    assert_eq!(
        listed.as_array().unwrap().iter().map(|it| it["letter_id"].clone()).collect::<Vec<_>>(),
        [letter.as_str()]
    );
    assert!(site.run(&["letter", "show", &letter]).expect(0).stdout.contains("by Robin Sample: a claim"));

    site.clock("2026-08-01T04:00:00-04:00");
    decide(&site, "legal-release", &[&letter], "it is settled").expect(0);
    assert!(decide(&site, "legal-release", &[&letter], "again").expect(0).stdout.contains("no legal hold names it"));
    site.run(&["retention"]).done();
    assert_eq!(name(&site, MAILED.reference) + &name(&site, JOINED.reference), "");
    let kinds = site.audit_kinds(&letter);
    let tail =
        ["letter.legal_hold_placed", "password.verifier_destroyed", "letter.legal_hold_lifted", "request.erased"];
    assert!(kinds.ends_with(&tail.map(str::to_owned)), "{kinds:?}");
    let entries = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq").concat();
    let entry =
        entries.iter().rfind(|entry| entry.contains("\"request.erased\"") && entry.contains("\"Q-MAILED\"")).unwrap();
    assert!(entry.contains("\"due_on\":\"2026-06-16\""), "{entry}");
    let held = site.rows("SELECT reason, placed_by, lift_reason, lifted_by FROM legal_hold").concat();
    assert_eq!(held, ["a claim", "Robin Sample", "it is settled", "Robin Sample"]);
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_hold_keeps_what_a_letter_replaced_and_what_replaced_it() {
    let site = played();
    let first = site.value(
        "SELECT letter.id FROM letter JOIN request ON request.id = letter.request_id
         WHERE request.reference = 'Q-SPOILED' ORDER BY letter.rowid LIMIT 1",
    );
    assert_ne!(first, letter_of(&site, SPOILED.reference));
    decide(&site, "legal-hold", &[&first], "a claim").expect(0);
    let newer = letter_of(&site, SPOILED.reference);
    let shown = site.run(&["letter", "show", &newer]).expect(0).stdout;
    assert!(shown.contains("kept by the hold of a letter"), "{shown}");
    assert_eq!(site.json(&["letter", "list", "--on-legal-hold"]).as_array().unwrap().len(), 2);
    site.run(&["retention"]).done();
    assert_eq!(name(&site, SPOILED.reference), "Thaddeusq Brackenmoor");
    assert_eq!(name(&site, MAILED.reference), "");
    // What is erased already can be held: what is left of it is kept.
    let erased = letter_of(&site, MAILED.reference);
    assert!(decide(&site, "legal-hold", &[&erased], "a claim").expect(0).stdout.contains("were erased before"));
}

#[test]
fn a_hold_needs_a_letter_a_reason_and_a_person() {
    let site = played();
    let letter = letter_of(&site, MAILED.reference);
    assert!(decide(&site, "legal-hold", &["00000-00000"], "a claim").expect(2).text().contains("there is no letter"));
    assert!(decide(&site, "legal-hold", &[&letter], "  ").expect(2).stderr.contains("--reason must say why"));
    site.run(&["letter", "legal-hold", &letter]).expect(2);
    let some = decide(&site, "legal-hold", &[&letter, "00000-00000"], "a claim").expect(1);
    assert!(some.stdout.contains("1 done") && some.stdout.contains("1 refused"), "{}", some.stdout);
    assert_eq!(site.value("SELECT count(*) FROM legal_hold WHERE lifted_at IS NULL"), "1");
}
