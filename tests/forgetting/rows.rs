//! What an erased record has left: what was done with which piece, and nothing of whose it was.

use std::sync::Arc;

use letterpost::adapters::system::FixedClock;
use letterpost::portal::Portal;
use serde_json::Value;

use crate::quarter::{DUE, JOINED, LATER, MAILED, letter_of, played};

/// Columns of a request that stay; every other one is empty when it is erased.
const KEPT_OF_A_REQUEST: [&str; 16] = [
    "id",
    "reference",
    "country",
    "language",
    "format",
    "requested_at",
    "promised_by_on",
    "intake_file_id",
    "intake_line",
    "status",
    "status_at",
    "reason",
    "joined_to",
    "replaced_by",
    "erased_at",
    "batch_id",
];

#[test]
fn an_erased_request_has_no_other_column_than_those_that_tell_of_nobody() {
    let site = played();
    let columns = site.rows("SELECT name FROM pragma_table_info('request') ORDER BY cid").concat();
    let row = |reference: &str| {
        let found = site.rows(&format!("SELECT * FROM request WHERE reference = '{reference}'")).remove(0);
        columns.iter().cloned().zip(found).collect::<Vec<_>>()
    };
    let (before, later) = (row(MAILED.reference), row(LATER.reference));
    let filled = |row: &[(String, String)]| row.iter().filter(|(_, value)| !value.is_empty()).count();
    assert!(filled(&before) > KEPT_OF_A_REQUEST.len(), "{before:?}");
    site.run(&["retention"]).done();
    for (column, value) in row(MAILED.reference) {
        assert!(value.is_empty() || KEPT_OF_A_REQUEST.contains(&column.as_str()), "{column} = {value}");
    }
    assert_eq!(row(LATER.reference), later);
}

#[test]
fn the_barcode_keeps_its_tracking_code_and_finds_the_letter() {
    let site = played();
    let letter = letter_of(&site, MAILED.reference);
    let whole = "0004056709412345678962704741312";
    site.tamper(&format!("UPDATE letter SET imb = '{whole}' WHERE id = '{letter}'"));
    site.run(&["retention"]).done();
    let shown = site.json(&["letter", "show", whole]);
    assert_eq!((&shown["letter_id"], &shown["imb"]), (&letter.into(), &whole[..20].into()));
    assert_eq!(shown["username"], "");
    assert!(shown["erased_at"].is_string());
}

#[test]
fn what_others_read_names_nobody_any_more_and_says_why() {
    let site = played();
    site.run(&["retention"]).done();
    assert_eq!(site.value("SELECT count(*) FROM temporary_passwords WHERE username = ''"), "0");
    let next = site.value(&format!("SELECT next FROM letter_status WHERE reference = '{}'", MAILED.reference));
    assert!(next.contains("forgotten"), "{next}");
    let letter = letter_of(&site, MAILED.reference);
    for command in [&["request", "show", MAILED.reference][..], &["letter", "show", &letter]] {
        let shown = site.run(command).expect(0).stdout;
        assert!(shown.contains("name, address and username"), "{shown}");
    }
    assert!(site.run(&["request", "show", JOINED.reference]).expect(0).stdout.contains("joined to"));
    assert_eq!(site.check("quillonzan@example.com", "7K2Q-X90D-MCTR"), (5, "wrong".to_owned()));
}

#[tokio::test]
async fn the_portal_is_told_that_a_row_was_refused_when_why_is_forgotten() {
    let site = played();
    site.configure("# import_days = 90", "import_days = 365");
    let asked = async || {
        let clock = FixedClock::at(DUE.parse().unwrap());
        let portal = Portal::open_at(site.path("letterpost.toml"), Arc::new(clock)).await.unwrap();
        let status = portal.status("Q-TABLE-BAD").await.unwrap().unwrap();
        portal.close().await;
        status
    };
    assert!(asked().await.next.contains("Gryphonia"));
    let done = site.run(&["retention"]);
    let status = asked().await;
    assert_eq!((status.stage.as_str(), status.since), ("quarantined", None), "{}", done.text());
    assert!(status.next.contains("why is forgotten"), "{status:?}");
}

#[test]
fn decisions_about_an_erased_letter_say_so() {
    let site = played();
    site.run(&["retention"]).done();
    let letter = letter_of(&site, MAILED.reference);
    let because = ["--reason", "asked for", "--by", "Robin Sample"];
    let decide = |command: &[&str]| {
        let all: Vec<&str> = command.iter().copied().chain(because).collect();
        site.run(&all)
    };
    assert!(decide(&["letter", "reissue", &letter]).expect(2).stdout.contains("erased"));
    assert!(decide(&["request", "cancel", MAILED.reference]).expect(2).text().contains("erased"));
    let corrected = decide(&["letter", "correct", &letter, "--mailed-on", "2026-03-04"]).expect(0).stdout;
    assert!(corrected.contains("whose letter it was is erased"), "{corrected}");
    decide(&["letter", "returned", &letter, "--on", "2026-06-15"]).expect(0);
    site.run(&["audit", "verify"]).expect(0);
    // What nobody decided by then does not come up again.
    site.run(&["ingest"]).done();
    site.closed_accounting();
}

#[test]
fn what_a_person_left_in_an_erased_row_is_a_contradiction() {
    let site = played();
    site.run(&["retention"]).done();
    site.run(&["audit", "verify"]).expect(0);
    let change = format!("UPDATE request SET full_name = 'Somebody' WHERE reference = '{}'", MAILED.reference);
    // The schema itself refuses it.
    let done =
        crate::nightly::run_limited("sqlite3", &[site.path("letterpost.db").to_str().unwrap(), &change], &[], "");
    assert!(done.code != 0 && done.stderr.contains("CHECK"), "{}", done.text());
    let forced = format!("PRAGMA ignore_check_constraints = ON; {change}");
    let done =
        crate::nightly::run_limited("sqlite3", &[site.path("letterpost.db").to_str().unwrap(), &forced], &[], "");
    assert_eq!(done.code, 0, "{}", done.text());
    let found = site.run(&["audit", "verify"]).expect(4).text();
    assert!(found.contains("erased and have something left"), "{found}");
}

#[test]
fn reports_and_refusals_keep_their_counts_and_lose_what_they_quote() {
    let site = played();
    site.import(
        "more.csv",
        "Q-X,x@example.com,Some One,1 Example Street,,Springfield,Gryphonia,62704,US,,email,en,standard,\
        2026-06-15T08:00:00-04:00",
    )
    .expect(1);
    let quoted = "SELECT count(*) FROM run_stage, json_each(outcome, '$.matters')
        WHERE coalesce(json_extract(value, '$.is_ours'), 0) = 0 AND json_extract(value, '$.message') NOT LIKE 'erased%'
            AND finished_at < '2026-03-18'";
    site.tamper(
        "UPDATE run_stage SET outcome = json_set(outcome, '$.matters', json('[{\"urgency\":\"person\",
             \"subject\":\"request Q-MAILED\",\"message\":\"held: because of Quillon\"},{\"urgency\":\"note\",
             \"subject\":\"package p\",\"message\":\"all ours\",\"is_ours\":true}]'))
         WHERE stage = 'ingest' AND run_id = (SELECT min(run_id) FROM run_stage)",
    );
    assert!(site.value(quoted).parse::<u32>().unwrap() > 0);
    let planned = site.run(&["--json", "retention", "--dry-run"]).done().json()["did"].take();
    let did = site.run(&["--json", "retention"]).done().json()["did"].take();
    for count in ["requests_erased", "refusals_erased", "reports_erased"] {
        assert!(did[count].as_u64().unwrap() > 0 && did[count] == planned[count], "{count}: {did} and {planned}");
    }
    assert_eq!(site.value(quoted), "0");
    let outcome = site.value("SELECT outcome FROM run_stage WHERE stage = 'ingest' ORDER BY run_id LIMIT 1");
    let outcome: Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(outcome["matters"][1]["message"], "all ours");
    assert_eq!(outcome["matters"][0]["subject"], "request Q-MAILED");
    // Of the two refused rows the old one is emptied, and the file that was refused.
    let rows = "SELECT count(*), sum(problems = '[]') FROM quarantined_row WHERE problems LIKE '%Gryphonia%' OR problems = '[]'";
    let counts = site.rows(rows).concat();
    assert!(counts[0].parse::<u32>().unwrap() > counts[1].parse::<u32>().unwrap(), "{counts:?}");
    assert_eq!(site.value("SELECT refused_because FROM intake_file WHERE name = 'headless.csv'"), "erased");
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}
