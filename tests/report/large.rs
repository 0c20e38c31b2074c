//! The report of a site with a hundred thousand letters.

use std::time::Instant;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, is_on_postgres};

/// A hundred nights of a thousand letters each: the last thirty of them on their way, 2,000 promises missed.
const FILL: [&str; 5] = [
    "INSERT INTO run (job, scheduled_for, status, starts, started_at, finished_at)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        SELECT 'nightly', date('2026-03-02', (i - 100) || ' days') || 'T22:30', 'completed', 1,
            date('2026-03-03', (i - 100) || ' days') || 'T03:30:00Z', date('2026-03-03', (i - 100) || ' days') || 'T03:42:00Z'
        FROM n",
    "INSERT INTO run_stage (run_id, stage, started_at, finished_at, outcome)
        SELECT id, 'produce', started_at, finished_at, '{\"did\": {\"letters\": 1000}, \"matters\": []}' FROM run",
    "INSERT INTO batch (vendor, number, name, format, status, status_at, owner, attempt, run_id, claimed_at, checkpoint, made_at,
            mail_on, mail_by_on, spool_object, size_bytes, sha256, letters, pages, sheets, offered_at, delivered_at, closed_at)
        SELECT 'acme', id, printf('eba-test-acme-%06d', id), 'standard', 'accepted', started_at, 'x', 1, id, started_at, '', started_at,
            substr(finished_at, 1, 10), date(finished_at, '+2 days'), 'x', 1, 'x', 1000, 1000, 1000, started_at, started_at,
            started_at
        FROM run",
    "INSERT INTO request (reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state, postal_code,
            country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status, status_at, batch_id)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        SELECT printf('L-%06d', i), 'x', printf('l%06d', i), 'Pat Sample', '1 Example Street', '', 'Springfield', 'IL', '62701', 'US',
            'en', 'standard', started_at, CASE WHEN i > 98000 THEN '2026-03-02' ELSE '2027-01-01' END, 1, i, 'lettered', started_at,
            run.id
        FROM n JOIN run ON run.id = (i - 1) / 1000 + 1",
    "INSERT INTO letter (id, request_id, batch_id, sequence, username, language, format, outside, pages, sheets, sha256,
            template_version, status, status_at, verifier, password_status, password_status_at, minted_at, planned_mail_on, cap_on,
            use_by_on, expires_on, expected_from, expected_to, usable_at, dispatched_on, ended_on, end_reason)
        SELECT printf('%010d', request.id), request.id, batch_id, (request.id - 1) % 1000 + 1, username, 'en', 'standard', 0, 1, 1,
            'x', 'x', CASE WHEN batch_id > 98 THEN 'printed' ELSE 'mailed' END, status_at,
            CASE WHEN batch_id > 70 THEN 'x' END, CASE WHEN batch_id > 70 THEN 'live' ELSE 'expired' END, status_at, status_at,
            date(status_at), date(status_at, '+21 days'), date(status_at, '+14 days'), date(status_at, '+14 days'),
            date(status_at, '+2 days'), date(status_at, '+6 days'), CASE WHEN batch_id > 70 THEN status_at END,
            CASE WHEN batch_id > 98 THEN NULL ELSE date(status_at) END,
            CASE WHEN batch_id > 70 THEN NULL ELSE date(status_at, '+14 days') END,
            CASE WHEN batch_id > 70 THEN NULL ELSE 'x' END
        FROM request WHERE reference LIKE 'L-%'",
];

/// The questions that are asked of every letter on its way or of the newest nights, as the ledger asks them.
const QUESTIONS: [(&str, &str); 3] = [
    (
        "letters of nights",
        "SELECT batch.run_id, letter.status, count(*) FROM batch JOIN letter ON letter.batch_id = batch.id
         WHERE batch.run_id >= 71 GROUP BY batch.run_id, letter.status ORDER BY batch.run_id",
    ),
    (
        "arrivals",
        "SELECT expected_from, expected_to, count(*) FROM letter
         WHERE status IN ('delivered', 'accepted', 'printed', 'mailed') AND password_status IN ('live', 'locked')
             AND expected_to >= '2026-03-03' GROUP BY expected_to, expected_from",
    ),
    (
        "passwords",
        "SELECT expires_on, count(*) FROM letter
         WHERE password_status IN ('live', 'locked') AND expires_on BETWEEN '2026-03-03' AND '2026-04-01' GROUP BY expires_on",
    ),
];

fn fill(site: &TestSite) {
    let options = SqliteConnectOptions::new().filename(site.path("letterpost.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut ledger = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        for statement in ["BEGIN", FILL[0], FILL[1], FILL[2], FILL[3], FILL[4], "COMMIT"] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut ledger).await.unwrap();
        }
    });
}

#[test]
fn a_hundred_thousand_letters_are_told_at_once_and_in_short() {
    // They are made by SQLite's own functions, as are the plans below.
    if is_on_postgres() {
        return;
    }
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    fill(&site);
    assert_eq!(site.value("SELECT count(*) FROM letter"), "100000");
    site.clock("2026-03-03T08:00:00-05:00");
    let page = site.path("report.html");
    let begun = Instant::now();
    site.run(&["report", "night", "--html", page.to_str().unwrap()]).expect(0);
    let took = begun.elapsed();
    // A build for tests, on a machine that does other things besides: in peace it takes a second.
    assert!(took.as_secs() < 20, "{took:?}");
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.len() < 200_000, "{} bytes", html.len());
    assert!(html.contains("And 1,980 more") || html.contains("And 1980 more"), "the list of missed promises is cut");
    let text = site.run(&["report", "night"]).expect(0).stdout;
    assert!(text.lines().count() < 150, "{text}");
    let report = site.json(&["report", "night"]);
    let nights = report["series"]["nights"].as_array().unwrap();
    assert_eq!((nights.len(), &nights[29]["letters"]["at_the_vendor"]), (30, &Value::from(1000)));
    assert_eq!(nights[0]["seconds"]["produce"], 720);
    assert_eq!(report["series"]["days"][0]["may_arrive"], 5000, "five nights, each expected two to six days later");
    eprintln!("100,000 letters: {took:?}");
}

#[test]
fn no_question_of_the_overview_reads_every_letter() {
    if is_on_postgres() {
        return;
    }
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    fill(&site);
    for (name, question) in QUESTIONS {
        let plan: Vec<String> =
            site.rows(&format!("EXPLAIN QUERY PLAN {question}")).into_iter().map(|row| row[3].clone()).collect();
        assert!(plan.iter().all(|step| !step.starts_with("SCAN letter")), "{name}: {plan:?}");
        assert!(plan.iter().any(|step| step.contains("INDEX")), "{name}: {plan:?}");
    }
}
