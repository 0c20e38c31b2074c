//! A retention run that is killed leaves nobody half forgotten, and the next one ends what it began.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::nightly::TestSite;
use crate::quarter::{DUE, played};

/// Further people, so that a run takes some time.
const PEOPLE: u32 = 3_000;
const ROUNDS: u32 = 12;

/// Many requests that ended long ago, written behind the program's back.
fn with_many(site: &TestSite) {
    let statement = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {PEOPLE})
         INSERT INTO request (reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state,
             postal_code, country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status,
             status_at, reason)
         SELECT 'M-' || n, hex(randomblob(32)), 'many' || n || '@example.com', 'Many Example ' || n, n || ' Example Street', '',
             'Springfield', 'IL', '62704', 'US', 'en', 'standard', '2026-01-05T12:00:00Z', '2026-01-20', 1, n, 'withdrawn',
             '2026-01-05T12:00:00Z', 'asked by mistake' FROM n"
    );
    let path = site.path("letterpost.db");
    let done = crate::nightly::run_limited("sqlite3", &[path.to_str().unwrap(), &statement], &[], "");
    assert_eq!(done.code, 0, "{}", done.text());
}

/// Erased requests that have something left, or no entry, and entries of requests that are not erased.
fn half_done(site: &TestSite) -> String {
    site.value(
        "WITH told AS (SELECT json_extract(CAST(entry AS TEXT), '$.data.reference') AS reference FROM audit_entry
             WHERE json_extract(CAST(entry AS TEXT), '$.kind') = 'request.erased')
         SELECT (SELECT count(*) FROM request WHERE (erased_at IS NOT NULL) <> (full_name = ''))
             + (SELECT count(*) FROM request WHERE erased_at IS NOT NULL AND reference NOT IN told)
             + (SELECT count(*) FROM told WHERE reference NOT IN (SELECT reference FROM request WHERE erased_at IS NOT NULL))
             + (SELECT count(*) - count(DISTINCT reference) FROM told)
             + (SELECT count(*) FROM letter JOIN request ON request.id = letter.request_id
                 WHERE (letter.erased_at IS NULL) <> (request.erased_at IS NULL))",
    )
}

/// What a retention run does to its end.
fn did(site: &TestSite) -> Value {
    site.run(&["--json", "retention"]).done().json()["did"].take()
}

/// Starts a retention run and kills it after this time; whether it was still at work.
fn kill_after(site: &TestSite, after: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_letterpost"))
        .args(["--config", site.path("letterpost.toml").to_str().unwrap(), "retention"])
        .env("LETTERPOST_SIMULATED_NOW", DUE)
        .env("LETTERPOST_SIMULATED_SEED", "7")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let was_at_work = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    was_at_work
}

#[test]
fn a_killed_run_leaves_nobody_half_forgotten_and_the_next_ends_it() {
    let template = played();
    with_many(&template);
    let whole = TestSite::copy_of(&template.path(""), DUE);
    let began = Instant::now();
    let all = did(&whole)["requests_erased"].as_u64().unwrap();
    let usual = began.elapsed();
    assert!(all > u64::from(PEOPLE));
    let mut between = 0;
    for round in 1..=ROUNDS {
        let site = TestSite::copy_of(&template.path(""), DUE);
        let was_at_work = kill_after(&site, usual * round / ROUNDS);
        assert_eq!(half_done(&site), "0", "round {round}");
        let erased: u64 = site.value("SELECT count(*) FROM request WHERE erased_at IS NOT NULL").parse().unwrap();
        between += u32::from(was_at_work && erased > 0);
        let rest = did(&site)["requests_erased"].as_u64().unwrap();
        assert_eq!(erased + rest, all, "round {round}");
        assert_eq!(half_done(&site), "0", "round {round}");
        assert_eq!(site.value("SELECT count(*) FROM erasure_residue"), "0", "round {round}");
        site.run(&["audit", "verify"]).expect(0);
    }
    assert!(between > 0, "no kill came while something was erased");
}
