//! The auditor reads the log and the dispatch records, and nothing that tells who a letter is for.

use super::postgres::NO_RIGHT;
use super::worked_ledger;

/// Columns that are personal data, are made from it, or open an account, wherever they are.
const PERSONAL: &[&str] = &[
    "username",
    "full_name",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "postal_code",
    "country",
    "phone",
    "verifier",
    "imb",
    "content_sha256",
    "address_sha256",
    "problems",
    "outcome",
    "detail",
    "refused_because",
    "reason",
    "next",
    "second_factor",
    "address_basis",
    "address_since",
];
/// Columns of these names that staff, vendors or the program wrote, and that are about packages and decisions.
const OF_STAFF: &[&str] = &[
    "brake.reason",
    "legal_hold.reason",
    "letter_correction.reason",
    "loss.reason",
    "pull_order.reason",
    "receipt_file.refused_because",
    "release_ask.reason",
    "template_approval.reason",
    "vendor_onboarding.detail",
    "vendor_test_receipt.refused_because",
];

/// Every column of every table and view, and whether a login may read it.
const READABLE: &str = "SELECT nspname, relname, attname, has_schema_privilege('auditor', nspname, 'USAGE')
        AND has_column_privilege('auditor', pg_class.oid, attnum, 'SELECT')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname IN ('letterpost', 'intake') AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
    ORDER BY 1, 2, attnum";

#[test]
fn no_column_of_a_person_can_be_read() {
    let database = worked_ledger();
    let (mut open, mut personal) = (0, 0);
    for row in database.rows(READABLE) {
        let [schema, table, column, readable] = &row[..] else { panic!("{row:?}") };
        let is_open = readable == "t";
        open += u32::from(is_open);
        let name = format!("{table}.{column}");
        if schema == "intake" || (PERSONAL.contains(&column.as_str()) && !OF_STAFF.contains(&name.as_str())) {
            personal += 1;
            assert!(!is_open, "the auditor can read {schema}.{name}");
        }
    }
    assert!(open > 200 && personal > 35, "{open} open, {personal} personal");
}

#[test]
fn nothing_that_can_be_read_holds_what_a_person_is_known_by() {
    let database = worked_ledger();
    let mut tables = std::collections::BTreeMap::<String, Vec<String>>::new();
    for row in database.rows(READABLE).iter().filter(|row| row[3] == "t") {
        tables.entry(format!("{}.{}", row[0], row[1])).or_default().push(row[2].clone());
    }
    assert!(tables.len() > 25, "{tables:?}");
    for (table, columns) in &tables {
        let rows = database.run("auditor", &format!("SELECT {} FROM {table}", columns.join(", "))).unwrap();
        assert!(!rows.contains("planted") && !rows.contains("0030056709406000000112345"), "{table}: {rows}");
    }
    // The same words are there for whoever may read them.
    let all = database
        .run("robin", "SELECT request, letter, quarantined_row, notice FROM request, letter, quarantined_row, notice")
        .unwrap();
    for word in
        ["username", "full-name", "line-1", "line-2", "city", "state", "zip", "verifier", "problem", "notice", "reason"]
    {
        assert!(all.contains(&format!("planted-{word}")), "{word}: {all}");
    }
}

#[test]
fn the_auditor_reads_what_a_report_needs_and_changes_nothing() {
    let database = worked_ledger();
    for allowed in [
        "SELECT * FROM dispatch_records",
        "SELECT seq, entry, leaf_hash FROM audit_entry",
        "SELECT * FROM audit_head",
        "SELECT * FROM letter_correction; SELECT * FROM pull_order; SELECT * FROM loss; SELECT * FROM lost_number",
        "SELECT intake_file_id, count(*) FROM request GROUP BY 1; SELECT rows, new_rows FROM intake_file",
        "SELECT * FROM receipt_line JOIN receipt_file ON receipt_file.id = receipt_file_id",
        "SELECT * FROM letter_on_legal_hold",
    ] {
        database.allows("auditor", allowed);
    }
    let record = "SELECT letter_id, reference, package, dispatched_on, receipt_line, audit_seq FROM dispatch_records";
    let told = database.run("auditor", record).unwrap();
    assert_eq!(told.trim(), "AAAAA-AAAAA|R-1|eba-test-acme-000001|2026-03-03|3|1");
    for forbidden in [
        "SELECT * FROM request",
        "SELECT * FROM letter",
        "SELECT username FROM temporary_passwords",
        "SELECT * FROM letter_status",
        "SELECT * FROM notices",
        "SELECT * FROM intake.mail_requests",
        "SELECT request FROM request",
        "SELECT count(*) FROM request WHERE username = 'planted-username'",
        "SELECT id FROM letter ORDER BY verifier",
        "UPDATE audit_entry SET seq = 9",
        "INSERT INTO audit_entry VALUES (2, '\\x00', '\\x00')",
        "DELETE FROM audit_head",
        "UPDATE letter SET status = 'voided'",
        "SELECT id FROM letter FOR UPDATE",
        "CREATE TABLE letterpost.mine (id INTEGER)",
        "CREATE TEMPORARY TABLE mine (id INTEGER)",
        "SET ROLE letterpost_operator",
    ] {
        database.refuses("auditor", forbidden, NO_RIGHT);
    }
    // What the planner learned of a column that is not readable is not shown either.
    database.allows("owner", "ANALYZE");
    let learned = "SELECT count(*) FROM pg_stats WHERE tablename = 'request' AND attname = 'username'";
    assert_eq!(database.run("auditor", learned).unwrap().trim(), "0");
}
