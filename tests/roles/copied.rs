//! What nights recorded on SQLite goes into PostgreSQL as it is, both show the same, and both refuse the same.

use std::fs;

use super::nightly::TestSite;
use super::postgres::{CHECKED, Database, FORBIDDEN, SUPERUSER, migrations};

const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// A site with letters mailed, returned, pulled and corrected, a request held, and a package held.
fn worked_site() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-03T15:00:00-05:00");
    let packages = site.packages();
    let of_package = |name: &str| {
        let query = "SELECT letter.id FROM letter JOIN batch ON batch.id = batch_id WHERE name = ";
        site.rows(&format!("{query} '{name}' ORDER BY sequence"))
    };
    let pulled = &of_package(&packages[1])[0][0];
    site.run(&["batch", "pull", pulled, "--reason", "wrong insert", "--by", "Robin Sample"]).done();
    let letters = of_package(&packages[0]);
    site.receipt(&packages[0], &[]).done();
    site.clock("2026-03-06T09:00:00-05:00");
    let corrected = [
        "letter",
        "correct",
        &letters[1][0],
        "--mailed-on",
        "2026-03-04",
        "--reason",
        "it lay",
        "--by",
        "Robin Sample",
    ];
    site.run(&corrected).done();
    site.tamper(&format!(
        "INSERT INTO legal_hold (letter_id, reason, placed_by, placed_at)
         VALUES ('{}', 'a case', 'Robin Sample', '2026-03-06T14:00:00Z')",
        letters[1][0]
    ));
    site.run(&[
        "letter",
        "returned",
        &letters[2][0],
        "--on",
        "2026-03-06",
        "--reason",
        "moved",
        "--by",
        "Robin Sample",
    ])
    .done();
    site.run(&["checkpoint"]).done();
    site.run(&["ledger", "backup"]).done();
    site
}

/// The tables, in an order in which references are there before they are referred to.
fn tables() -> Vec<String> {
    let texts = migrations().into_iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>();
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
    let all = texts.split("CREATE TABLE ").skip(1).map(name);
    all.filter(|table| !["second_person", "mail_requests"].contains(&table.as_str())).collect()
}

/// The rows of a table on SQLite as statements that insert them on PostgreSQL.
fn statements(site: &TestSite, table: &str) -> Vec<String> {
    let columns: Vec<String> = site
        .rows(&format!("SELECT name FROM pragma_table_info('{table}')"))
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| {
            format!(
                "CASE typeof({column}) WHEN 'null' THEN 'NULL' WHEN 'blob' THEN '''\\x' || hex({column}) || ''''
                 ELSE '''' || replace({column}, '''', '''''') || '''' END"
            )
        })
        .collect();
    let into = format!("INSERT INTO {table} ({}) VALUES (", columns.join(", "));
    let rows = site.rows(&format!("SELECT {} FROM {table}", values.join(" || ', ' || ")));
    rows.into_iter().map(|row| format!("{into}{});", row[0])).collect()
}

/// The ledger of a site, copied into a new database by an operator.
fn copied(site: &TestSite) -> Database {
    let database = Database::new();
    let mut copied = 0;
    database.allows("migrations", &statements(site, "site").concat());
    database.allows(SUPERUSER, "DELETE FROM clock_mark; INSERT INTO clock_mark (only_one) VALUES (1)");
    for table in tables().iter().filter(|table| !["site", "clock_mark"].contains(&table.as_str())) {
        let rows = statements(site, table);
        copied += usize::from(!rows.is_empty());
        database.allows("robin", &rows.join("\n"));
    }
    assert!(copied >= 18, "only {copied} tables have rows");
    database
}

#[test]
fn a_ledger_from_sqlite_goes_in_whole_and_shows_the_same() {
    let site = worked_site();
    let database = copied(&site);
    let mark = "SELECT recorded_at FROM clock_mark";
    assert_eq!(
        database
            .run(
                SUPERUSER,
                "SET TIME ZONE 'UTC'; SELECT to_char(recorded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM clock_mark"
            )
            .unwrap()
            .trim(),
        site.value(mark)
    );
    let mut compared = 0;
    for view in ["temporary_passwords", "dispatch_records", "letter_status", "notices", "letter_on_legal_hold"] {
        let columns = site.rows(&format!("SELECT name FROM pragma_table_info('{view}')"));
        let names = columns.iter().map(|row| row[0].clone()).collect::<Vec<_>>().join(", ");
        let as_text = database.rows(&format!(
            "SELECT string_agg(CASE format_type(atttypid, NULL)
                 WHEN 'timestamp with time zone'
                     THEN 'to_char(' || attname || ' AT TIME ZONE ''UTC'', ''YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'')'
                 WHEN 'boolean' THEN attname || '::INTEGER' ELSE attname || '::TEXT' END, ', ' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = 'letterpost.{view}'::regclass AND attnum > 0"
        ));
        let mut on_postgres = database.rows(&format!("SELECT {} FROM {view}", as_text[0].join("|")));
        let mut on_sqlite = site.rows(&format!("SELECT {names} FROM {view}"));
        on_postgres.sort();
        on_sqlite.sort();
        assert_eq!(on_postgres, on_sqlite, "{view}");
        compared += on_sqlite.len();
    }
    assert!(compared > 30, "{compared}");
}

/// What SQLite says where a constraint or a trigger refuses.
const SQLITE_CONSTRAINT: u32 = 19;

/// What must be impossible: in the words of both databases.
const IMPOSSIBLE: &[&str] = &[
    "UPDATE letter SET expires_on = '2099-01-01'",
    "UPDATE letter SET expires_on = '2020-01-01'",
    "UPDATE letter SET status = 'lost'",
    "UPDATE letter SET dispatched_on = NULL WHERE status = 'mailed'",
    "UPDATE letter SET status = 'printed' WHERE status = 'mailed'",
    "UPDATE letter SET password_status = 'expired' WHERE password_status = 'live'",
    "UPDATE letter SET verifier = NULL WHERE password_status = 'live'",
    "UPDATE letter SET failures = 101",
    "UPDATE letter SET imb = '123'",
    "UPDATE letter SET imb = 'x030056709406000000'",
    "UPDATE letter SET printed_on = '2099-01-01' WHERE status = 'mailed'",
    "UPDATE letter SET remakes = 1",
    "UPDATE letter SET sequence = 0",
    "UPDATE letter SET days_to_read = -1 WHERE status = 'mailed'",
    "UPDATE letter SET replaces = 'ZZZZZ-ZZZZZ'",
    "UPDATE letter SET batch_id = 999",
    "UPDATE request SET status = 'held'",
    "UPDATE request SET status = 'pending', batch_id = NULL, reason = NULL, username = 'one'",
    "UPDATE request SET status = 'claimed', batch_id = NULL",
    "UPDATE request SET reference = 'one'",
    "UPDATE batch SET number = 1",
    "UPDATE batch SET number = 0",
    "UPDATE batch SET name = 'one'",
    "UPDATE batch SET delivered_at = NULL WHERE status IN ('delivered', 'accepted')",
    "UPDATE batch SET hold_reason = 'x', held_at = '2026-03-04T00:00:00Z', held_by = 'x', act_by_on = '2026-03-05'
     WHERE offered_at IS NOT NULL",
    "UPDATE batch SET spool_removed_at = '2026-03-04T00:00:00Z' WHERE closed_at IS NULL",
    "UPDATE run SET finished_at = NULL WHERE status = 'completed'",
    "UPDATE run SET last_exit = 6",
    "UPDATE site SET environment = 'live'",
    "UPDATE site SET environment = 'other'",
    "UPDATE intake_file SET rows = rows + 1",
    "UPDATE audit_entry SET seq = seq + 1000",
    "DELETE FROM audit_entry",
    "UPDATE audit_head SET size = size + 1000",
    "DELETE FROM audit_head",
    "UPDATE pull_order SET number = 2",
    "DELETE FROM pull_order",
    "INSERT INTO pull_order (batch_id, number, reason, ordered_by, made_at, sealed)
     SELECT batch_id, 5, 'x', 'x', made_at, sealed FROM pull_order",
    "UPDATE letter_correction SET new_mailed_on = '2026-03-05'",
    "DELETE FROM letter_correction",
    "INSERT INTO letter_correction (letter_id, old_mailed_on, new_mailed_on, reason, asked_by, asked_at, status)
     SELECT letter_id, new_mailed_on, new_mailed_on, 'x', 'x', asked_at, 'waiting' FROM letter_correction",
    "DELETE FROM package_key",
    "UPDATE package_key SET fingerprint = 'abc'",
    "INSERT INTO vendor_test (vendor, number, name, format, status, status_at, letters, sheets, size_bytes, sha256,
         checkpoint, sealed_by, sealed_to)
     SELECT vendor, 9, name, format, 'made', status_at, 1, 1, 1, sha256, 'x', 'x', 'x' FROM batch WHERE sha256 IS NOT NULL",
    "INSERT INTO notice (at, kind, reference, detail) VALUES ('2026-03-04T00:00:00Z', 'greeting', 'x', 'x')",
    "UPDATE legal_hold SET reason = 'another'",
    "DELETE FROM legal_hold",
    "INSERT INTO loss (accepted_at, accepted_by, reason, entries) VALUES ('2026-03-04T00:00:00Z', ' ', 'x', 0)",
    "INSERT INTO brake (kind, found, raised_at) VALUES ('size', 'x', '2026-03-04T00:00:00Z')",
    "INSERT INTO backup (made_at, path, sha256, entries) VALUES ('2026-03-04T00:00:00Z', 'x', 'short', 0)",
];

#[test]
fn both_refuse_what_must_be_impossible() {
    let site = worked_site();
    let database = copied(&site);
    for statement in IMPOSSIBLE {
        let refusal = site.try_tamper(statement).expect_err(statement);
        // The low byte of a code of SQLite says of what kind it is.
        let code = refusal.as_database_error().and_then(|it| it.code()?.parse::<u32>().ok()).unwrap_or_default();
        assert_eq!(code & 0xff, SQLITE_CONSTRAINT, "{statement}: {refusal}");
        match database.run(SUPERUSER, statement) {
            Ok(_) => panic!("PostgreSQL takes this: {statement}"),
            Err(refusal) => assert!(
                [CHECKED, FORBIDDEN, "23505", "23503", "23502"].contains(&refusal.state.as_str()),
                "{statement}: {}",
                refusal.text
            ),
        }
    }
}
