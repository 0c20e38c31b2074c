//! Rows that were changed behind the program's back: the totals do not tie, or the dates are reckoned otherwise.

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, TUESDAY_EVENING, recompute, written};

/// What is changed, how it is set right again, and words of what does not tie.
struct Case {
    change: String,
    mend: String,
    words: &'static str,
}

/// A change of one column of one row.
fn case(site: &TestSite, table: &str, key: &str, column: &str, value: &str, words: &'static str) -> Case {
    let old = site.value(&format!("SELECT quote({column}) FROM {table} WHERE {key}"));
    let set = |value: &str| format!("UPDATE {table} SET {column} = {value} WHERE {key}");
    assert_ne!(old, value, "{column}");
    Case { change: set(value), mend: set(&old), words }
}

/// A letter of the first package, whatever is changed of it.
fn by_id(site: &TestSite, place: u32) -> String {
    let id = site.value(&format!("SELECT id FROM letter WHERE batch_id = 1 AND sequence = {place}"));
    format!("id = '{id}'")
}

fn mailed_site() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY_EVENING);
    let unmailed = site.rows("SELECT id FROM letter WHERE batch_id = 1 AND sequence IN (4, 5) ORDER BY sequence");
    let except =
        [("spoiled", &unmailed[0][0]), ("rejected", &unmailed[1][0])].map(|(event, id)| format!("{id}={event}"));
    site.receipt(
        "eba-test-acme-000001",
        &["--postal-statement", "A-1", "--except", &except[0], "--except", &except[1]],
    )
    .done();
    site.receipt("eba-test-acme-000002", &[]).done();
    site
}

#[test]
fn what_was_changed_in_the_ledger_does_not_tie() {
    // What people may change behind the program's back on PostgreSQL, triggers refuse: tests/roles/kept.rs.
    if super::nightly::is_on_postgres() {
        return;
    }
    let site = mailed_site();
    written(&site, &[]).1.expect(0);
    let [letter, spoiled] = [1, 4].map(|place| by_id(&site, place));
    let (letter, spoiled) = (letter.as_str(), spoiled.as_str());
    let [lettered, routed] = ["lettered", "routed"].map(|status| {
        format!("id = {}", site.value(&format!("SELECT min(id) FROM request WHERE status = '{status}'")))
    });
    let (lettered, routed) = (lettered.as_str(), routed.as_str());
    let other = "'0000000000000000000000000000000000000000000000000000000000000000'";
    let of = |table, key, column, value, words| case(&site, table, key, column, value, words);
    let cases = [
        of("letter", letter, "sheets", "7", "sheets, and its control total"),
        of("letter", letter, "sequence", "99", "sum of places, and its control total"),
        of("letter", letter, "dispatched_on", "'2026-03-04'", "letters that ended, and their entries that agree"),
        of("letter", letter, "expires_on", "'2026-03-20'", "letters that ended, and their entries that agree"),
        of("letter", letter, "use_by_on", "'2026-03-16'", "letters, and entries that sealed them so"),
        of("letter", letter, "cap_on", "'2026-03-23'", "letters, and entries that sealed them so"),
        of("letter", letter, "minted_at", "'2026-03-03T03:30:01Z'", "letters, and entries that sealed them so"),
        of("letter", letter, "mailed_line", "99", "letters that ended, and their entries that agree"),
        of("letter", letter, "mailed_seq", "1", "letters that ended, and their entries that agree"),
        of("letter", letter, "mailed_file_id", "2", "letters that ended, and their entries that agree"),
        of("letter", letter, "template_version", "'x'", "letters, and entries that sealed them so"),
        of("letter", letter, "postal_statement", "'A-2'", "letters that ended, and their entries that agree"),
        of("letter", spoiled, "status", "'rejected'", "letters that ended, and their entries that agree"),
        of("letter", spoiled, "unmailed_on", "'2026-03-02'", "letters that ended, and their entries that agree"),
        of("batch", "id = 1", "sha256", other, "its digest, and entries that sealed it under that"),
        of("batch", "id = 1", "letters", "17", "letters, and its control total"),
        of("batch", "id = 1", "sheets", "17", "sheets, and its control total"),
        of("receipt_file", "batch_id = 1", "sha256", other, "its receipts, and entries that took them in so"),
        of(
            "receipt_line",
            "receipt_file_id = 1 AND line = (SELECT min(line) FROM receipt_line WHERE event = 'mailed')",
            "event",
            "'printed'",
            "letters mailed, and those of its receipts",
        ),
        of("intake_file", "id = 1", "sha256", other, "its digest and rows, and entries that took it in so"),
        of("intake_file", "id = 1", "taken_at", "'2026-03-01T00:00:00Z'", "its digest and rows, and entries"),
        of("request", lettered, "intake_line", "99", "letters, and entries that took their rows in so"),
        of("request", lettered, "reference", "'EBA-X'", "letters, and entries that sealed them so"),
        of("request", lettered, "status", "'pending'", "letters that count, and requests that have one"),
        of("request", routed, "status", "'withdrawn'", "requests routed away, and routed rows"),
    ];
    for Case { change, mend, words } in &cases {
        site.tamper(change);
        let ran = written(&site, &["--from", "2026-02-01", "--to", "2026-03-31"]).1.expect(4);
        assert!(ran.stderr.contains(words), "{change}: {}", ran.stderr);
        assert!(ran.stderr.contains("do not tie; keep the ledger as it is"), "{}", ran.stderr);
        site.tamper(mend);
    }
    written(&site, &[]).1.expect(0);
}

#[test]
fn a_letter_that_is_gone_or_was_never_logged_is_missed() {
    // What people may change behind the program's back on PostgreSQL, triggers refuse: tests/roles/kept.rs.
    if super::nightly::is_on_postgres() {
        return;
    }
    let site = mailed_site();
    // Moved out of the span in the ledger, and all its dates with it: the log has it here.
    let letter = "id = (SELECT id FROM letter WHERE batch_id = 1 AND sequence = 1)";
    let id = site.value(&format!("SELECT id FROM letter WHERE {letter}"));
    site.tamper(&format!("UPDATE letter SET dispatched_on = '2026-04-01' WHERE {letter}"));
    let ran = written(&site, &["--from", "2026-03-01", "--to", "2026-03-31"]).1.expect(4);
    assert!(
        ran.stderr.contains("the log: letters dispatched, and entries of it: 14 counted, 15 said"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(&format!("letter {id}: its entry in the log says otherwise")), "{}", ran.stderr);
    // Asked for by its id, it is found where it is now.
    written(&site, &["--letter", &id]).1.expect(4);
    site.tamper(&format!("UPDATE letter SET dispatched_on = '2026-03-03' WHERE {letter}"));
    // Mailed by the ledger alone.
    let spoiled = "id = (SELECT id FROM letter WHERE batch_id = 1 AND sequence = 4)";
    site.tamper(&format!(
        "UPDATE letter SET status = 'mailed', unmailed_on = NULL, dispatched_on = '2026-03-03' WHERE {spoiled}"
    ));
    let ran = written(&site, &["--from", "2026-03-01", "--to", "2026-03-31"]).1.expect(4);
    assert!(ran.stderr.contains("16 counted, 15 said") && ran.stderr.contains("15 counted, 14 said"), "{}", ran.stderr);
}

#[test]
fn dates_that_were_changed_are_reckoned_otherwise() {
    // What people may change behind the program's back on PostgreSQL, triggers refuse: tests/roles/kept.rs.
    if super::nightly::is_on_postgres() {
        return;
    }
    let site = mailed_site();
    recompute(&written(&site, &[]).0).expect(0);
    let letter = "id = (SELECT id FROM letter WHERE batch_id = 1 AND sequence = 1)";
    let of = |column, value| case(&site, "letter", letter, column, value, "");
    let cases = [
        of("dispatched_on", "'2026-03-04'"),
        of("expires_on", "'2026-03-18'"),
        of("use_by_on", "'2026-03-16'"),
        of("cap_on", "'2026-03-24'"),
        of("planned_mail_on", "'2026-03-04'"),
        of("expected_from", "'2026-03-05'"),
        of("expected_to", "'2026-03-10'"),
        of("outside", "1 - outside"),
        of("minted_at", "'2026-03-03T12:30:00Z'"),
    ];
    for Case { change, mend, .. } in &cases {
        site.tamper(change);
        let ran = recompute(&written(&site, &["--from", "2026-03-01", "--to", "2026-03-31"]).0);
        assert!(ran.code == 1 && ran.stdout.contains("reckoned"), "{change}: {}", ran.text());
        site.tamper(mend);
    }
    recompute(&written(&site, &[]).0).expect(0);
}
