//! A hundred thousand pieces: told in bounded memory and in seconds.

use std::fs;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, run_limited};

const PIECES: u32 = 100_000;
/// Of a processor, in a build for tests: the machine may do other things besides.
const MOST_SECONDS: f64 = 40.0;
const MOST_MIB: f64 = 120.0;

/// A hundred packages of a thousand letters each, as the ledger and the log would have them.
const FILL: [&str; 6] = [
    "INSERT INTO batch (vendor, number, name, format, status, status_at, owner, attempt, claimed_at, checkpoint, made_at, mail_on,
            mail_by_on, spool_object, size_bytes, sha256, letters, pages, sheets, offered_at, delivered_at)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        SELECT 'acme', i, printf('eba-test-acme-%06d', i), 'standard', 'accepted', '2026-02-03T03:30:00Z', 'x', 1,
            '2026-02-03T03:30:00Z', '', '2026-02-03T03:30:00Z', '2026-02-03', '2026-02-05', 'x', 1, printf('%064d', i), 1000, 1000,
            1000, '2026-02-03T03:30:00Z', '2026-02-03T03:30:00Z'
        FROM n",
    "INSERT INTO receipt_file (file_name, batch_id, number, sha256, signature_sha256, read_at, lines_taken, lines_held)
        SELECT name || '.receipt-1.csv', id, 1, printf('%064d', id), '', '2026-02-03T23:00:00Z', 1000, 0 FROM batch",
    "INSERT INTO request (reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state, postal_code,
            country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status, status_at, batch_id)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        SELECT printf('L-%06d', i), 'x', printf('l%06d', i), 'Pat Sample', '1 Example Street', '', 'Springfield', 'IL', '62701', 'US',
            'en', 'standard', '2026-02-02T15:00:00Z', '2026-02-17', 1, i, 'lettered', '2026-02-02T15:00:00Z', (i - 1) / 1000 + 1
        FROM n",
    "INSERT INTO letter (id, request_id, batch_id, sequence, username, language, format, outside, pages, sheets, sha256,
            template_version, status, status_at, verifier, password_status, password_status_at, minted_at, planned_mail_on, cap_on,
            use_by_on, expires_on, expected_from, expected_to, usable_at, dispatched_on, mailed_file_id, mailed_line, mailed_seq)
        SELECT printf('%05d-%05d', batch_id, (request.id - 1) % 1000 + 1), request.id, batch_id, (intake_line - 1) % 1000 + 1, username,
            'en', 'standard', 0, 1, 1, printf('%064d', intake_line), 'x', 'mailed', status_at, 'x', 'live', status_at,
            '2026-02-03T03:30:00Z', '2026-02-03', '2026-02-22', '2026-02-18', '2026-02-18', '2026-02-04', '2026-02-09', status_at,
            '2026-02-03', batch_id, (intake_line - 1) % 1000 + 3,
            (SELECT max(seq) FROM audit_entry) + 100100 + intake_line
        FROM request WHERE reference LIKE 'L-%'",
    "INSERT INTO receipt_line (receipt_file_id, line, letter_id, event, event_on, sheets)
        SELECT batch_id, mailed_line, id, 'mailed', '2026-02-03', 1 FROM letter",
    "INSERT INTO audit_entry (seq, entry, leaf_hash)
        SELECT (SELECT max(seq) FROM audit_entry) + row_number() OVER (ORDER BY part, place), CAST(entry AS BLOB), zeroblob(32) FROM (
            SELECT 1 AS part, id AS place, json_object('at', '2026-02-03T03:30:00Z', 'data', json_object('letters', 1000,
                'package', name, 'sha256', sha256), 'kind', 'package.sealed', 'v', 1) AS entry FROM batch
            UNION ALL SELECT 2, letter.rowid, json_object('at', '2026-02-03T03:30:00Z', 'data', json_object('cap_on', cap_on,
                'letter', letter.id, 'package', name, 'planned_mail_on', planned_mail_on, 'reference', reference, 'sequence', sequence,
                'sheets', 1, 'template_version', 'x', 'use_by_on', use_by_on), 'kind', 'letter.sealed', 'v', 1)
                FROM letter JOIN batch ON batch.id = letter.batch_id JOIN request ON request.id = request_id
            UNION ALL SELECT 3, letter.rowid, json_object('at', '2026-02-03T23:00:00Z', 'data', json_object('dispatched_on',
                dispatched_on, 'expires_on', expires_on, 'letter', id, 'line', mailed_line), 'kind', 'letter.mailed', 'v', 1)
                FROM letter
            UNION ALL SELECT 5, id, json_object('at', requested_at, 'data', json_object('line', intake_line, 'reference', reference,
                'sha256', (SELECT sha256 FROM intake_file)), 'kind', 'request.taken', 'v', 2)
                FROM request WHERE reference LIKE 'L-%'
            UNION ALL SELECT 4, receipt_file.id, json_object('at', read_at, 'data', json_object('file', file_name, 'sha256',
                receipt_file.sha256), 'kind', 'receipt.taken', 'v', 1) FROM receipt_file)",
];

fn filled() -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let options = SqliteConnectOptions::new().filename(site.path("letterpost.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut ledger = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        for statement in ["BEGIN", FILL[0], FILL[1], FILL[2], FILL[3], FILL[4], FILL[5], "COMMIT"] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut ledger).await.unwrap();
        }
    });
    site
}

/// Runs the report, and how many seconds of a processor that took and the most memory that it held in MiB.
fn measured(site: &TestSite, arguments: &[&str]) -> (super::Ran, f64, f64) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/measured.py");
    let (config, measured) = (site.path("letterpost.toml"), site.path("measured.json"));
    let program =
        [script, measured.to_str().unwrap(), env!("CARGO_BIN_EXE_letterpost"), "--config", config.to_str().unwrap()];
    let now = site.now();
    let surroundings = [("LETTERPOST_SIMULATED_NOW", now.as_str()), ("LETTERPOST_SIMULATED_SEED", "99")];
    let ran = run_limited("python3", &[&program[..], arguments].concat(), &surroundings, "");
    let measured: Value = serde_json::from_slice(&fs::read(measured).unwrap()).unwrap();
    (ran, measured["processor_seconds"].as_f64().unwrap(), measured["peak_mib"].as_f64().unwrap())
}

#[test]
fn a_hundred_thousand_pieces_take_seconds_and_bounded_memory() {
    // It is filled by SQLite's own means.
    if super::nightly::is_on_postgres() {
        return;
    }
    let site = filled();
    for arguments in
        [&["report", "dispatch", "--format", "csv"][..], &["--json", "report", "dispatch"], &["report", "dispatch"]]
    {
        let (ran, seconds, mib) = measured(&site, arguments);
        eprintln!(
            "{arguments:?}: {} pieces in {seconds:.1} s of a processor, {mib:.0} MiB, {} bytes",
            PIECES,
            ran.stdout.len()
        );
        // The requests of the intake file are more than it had rows: that is found among so many.
        assert!(ran.expect(4).stderr.contains("requests, and new rows: 100021 counted, 21 said"));
        assert!(seconds < MOST_SECONDS && mib < MOST_MIB, "{seconds} s, {mib} MiB");
    }
    let page = site.path("page.html");
    site.run(&["report", "dispatch", "--html", page.to_str().unwrap()]).expect(4);
    let html = fs::read_to_string(page).unwrap();
    assert!(html.len() < 3_000_000 && html.contains("And 99500 more"), "{} bytes", html.len());
}

#[test]
fn a_span_is_read_by_its_index() {
    // It is filled by SQLite's own means.
    if super::nightly::is_on_postgres() {
        return;
    }
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let plan = site.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM letter
         WHERE coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on) BETWEEN '2026-03-01' AND '2026-03-02'
             AND (coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on), batch_id, sequence) > ('2026-03-01', 1, 1)
         ORDER BY coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on), batch_id, sequence LIMIT 1000",
    );
    assert!(plan.iter().any(|step| step[3].contains("letter_by_counted_day")), "{plan:?}");
    assert!(plan.iter().all(|step| !step[3].contains("TEMP B-TREE")), "{plan:?}");
}
