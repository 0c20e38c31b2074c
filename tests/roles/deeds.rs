//! Each deed that a role is for, and each that it must not do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::postgres::{CHECKED, Database, FORBIDDEN, NO_RIGHT};
use super::worked_ledger;

const REQUEST: &str = "INSERT INTO intake.mail_requests (reference, username, full_name, address_line_1, city, state,
    postal_code, phone, second_factor, requested_at) VALUES ('R-9', 'kim.reader', 'Kim Reader', '2 Example Street',
    'Springfield', 'IL', '62701', '202-555-0142', 'email', '2026-03-02T08:05:00-05:00')";

#[test]
fn the_portal_inserts_requests_and_reads_three_views_and_nothing_else() {
    let database = worked_ledger();
    database.allows("portal", REQUEST);
    database.allows("portal", "SELECT * FROM letter_status; SELECT * FROM notices; SELECT * FROM temporary_passwords");
    assert_eq!(database.run("portal", "SELECT username FROM temporary_passwords").unwrap().trim(), "planted-username");
    for forbidden in [
        "SELECT * FROM intake.mail_requests",
        "SELECT count(*) FROM intake.mail_requests",
        "INSERT INTO intake.mail_requests (id, reference) VALUES (1, 'R-10')",
        "UPDATE intake.mail_requests SET city = 'Shelbyville'",
        "DELETE FROM intake.mail_requests",
        "TRUNCATE intake.mail_requests",
        "SELECT nextval('intake.mail_requests_id')",
        "SELECT * FROM request",
        "SELECT verifier FROM letter",
        "SELECT * FROM dispatch_records",
        "SELECT * FROM audit_entry",
        "UPDATE temporary_passwords SET status = 'live'",
        "INSERT INTO notice (at, kind, reference, detail) VALUES ('2026-03-03T03:30Z', 'held', 'R-1', 'x')",
        "CREATE TABLE letterpost.mine (id INTEGER)",
        "CREATE TABLE intake.mine (id INTEGER)",
        "CREATE TEMPORARY TABLE mine (id INTEGER)",
        "SET ROLE letterpost_operator",
    ] {
        database.refuses("portal", forbidden, NO_RIGHT);
    }
}

#[test]
fn what_a_portal_inserts_has_a_shape_and_no_telephone_number_and_stays_as_it_is() {
    let database = worked_ledger();
    database.allows("portal", REQUEST);
    let kept = database.rows("SELECT id, phone IS NULL, country, language, format FROM intake.mail_requests");
    assert_eq!(kept, [["1", "t", "US", "en", "standard"]]);
    for (what, by) in
        [("'R-9'", "repeat('r', 65)"), ("'R-9'", "''"), ("'email'", "'letter'"), ("'202-", "repeat('1', 101) || '")]
    {
        assert!(REQUEST.contains(what));
        database.refuses("portal", &REQUEST.replace(what, by), CHECKED);
    }
    for login in ["owner", "migrations"] {
        database.refuses(login, "UPDATE intake.mail_requests SET city = 'Shelbyville'", FORBIDDEN);
        database.refuses(login, "TRUNCATE intake.mail_requests", FORBIDDEN);
    }
    database.refuses("robin", "UPDATE intake.mail_requests SET city = 'Shelbyville'", NO_RIGHT);
    database.refuses("robin", REQUEST, NO_RIGHT);
    assert_eq!(
        database.run("robin", "SELECT city FROM intake.mail_requests WHERE id > 0").unwrap().trim(),
        "Springfield"
    );
}

#[test]
fn a_request_is_never_seen_behind_one_that_was_read() {
    let database = worked_ledger();
    // While one insertion has not ended, no other gets an id: it waits, here no longer than it may.
    let begun = format!("BEGIN; {REQUEST};");
    database.beside("portal", &begun, "COMMIT;", || {
        database.refuses("portal", &format!("SET lock_timeout = '300ms'; {REQUEST}"), "55P03");
    });
    database.allows("portal", REQUEST);
    assert_eq!(database.rows("SELECT count(*) FROM intake.mail_requests"), [["2"]]);
}

#[test]
fn the_operator_works_the_ledger_and_changes_nothing_that_is_kept() {
    let database = worked_ledger();
    for allowed in [
        "UPDATE letter SET failures = failures + 1",
        "UPDATE letter SET password_status = 'redeemed', ended_on = '2026-03-10', end_reason = 'used'",
        "UPDATE letter SET verifier = NULL",
        "UPDATE pull_order SET sent_at = '2026-03-03T12:01Z'",
        "UPDATE run SET status = 'completed', finished_at = '2026-03-03T03:40Z'",
        "INSERT INTO receipt_waiting VALUES (1, 3, '2026-03-03T12:00Z'); DELETE FROM receipt_waiting",
        "INSERT INTO audit_entry VALUES (2, '\\x7b7d', decode(repeat('03', 32), 'hex'))",
        "SELECT * FROM letter JOIN request ON request.id = letter.request_id",
        "UPDATE kept_file SET removed_at = '2032-03-04T03:30Z'",
        "DELETE FROM intake.mail_requests WHERE id <= 0",
    ] {
        database.allows("robin", allowed);
    }
    for forbidden in [
        "UPDATE audit_entry SET entry = '\\x00'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_head SET root = leaf_hash FROM audit_entry",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE template_approval SET approved_by = 'Kim Sample'",
        "DELETE FROM template_approval",
        "DELETE FROM letter_correction",
        "DELETE FROM letter",
        "DELETE FROM request",
        "TRUNCATE request CASCADE",
        "DELETE FROM receipt_file",
        "UPDATE receipt_line SET event_on = '2026-03-04'",
        "UPDATE letter SET id = 'BBBBB-BBBBB'",
        "UPDATE letter SET request_id = 2",
        "UPDATE request SET reference = 'R-8'",
        "UPDATE request SET country = 'MX'",
        "UPDATE second_person SET is_needed = FALSE",
        "UPDATE legal_hold SET letter_id = 'BBBBB-BBBBB'",
        "DELETE FROM legal_hold",
        "UPDATE package_key SET fingerprint = repeat('B', 40)",
        "UPDATE serial_block SET free_on = '2026-03-04'",
        "CREATE TABLE letterpost.mine (id INTEGER)",
        "CREATE FUNCTION letterpost.mine() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_entry_is_never_changed ON audit_entry",
        "DROP TABLE audit_entry",
        "SET session_replication_role = replica",
        "SET ROLE letterpost_migrator",
        "SET SESSION AUTHORIZATION kim",
    ] {
        // "must be owner of …" and "permission denied" are one SQLSTATE.
        database.refuses("robin", forbidden, NO_RIGHT);
    }
    // An empty ledger is taken up by its site; once something is recorded, it stays that site's.
    database.refuses("robin", "UPDATE site SET rehearsal = TRUE", FORBIDDEN);
}

#[test]
fn nobody_gives_a_letter_to_another_account_or_address() {
    let database = worked_ledger();
    for (statement, state) in [
        ("UPDATE request SET address_line_1 = '9 Other Street' WHERE id = 2", FORBIDDEN),
        ("UPDATE request SET username = 'thief' WHERE id = 2", FORBIDDEN),
        ("UPDATE letter SET username = 'thief'", FORBIDDEN),
    ] {
        for login in ["robin", "migrations", "owner"] {
            database.refuses(login, statement, state);
        }
    }
    // An erasure that leaves something of the person is none.
    database.refuses(
        "robin",
        "UPDATE request SET username = 'thief', erased_at = '2026-07-01T00:00Z' WHERE id = 1",
        CHECKED,
    );
    database.allows(
        "robin",
        "UPDATE request SET username = '', full_name = '', address_line_1 = '', address_line_2 = '', city = '',
             state = '', postal_code = '', content_sha256 = '', address_sha256 = NULL, erased_at = '2026-07-01T00:00Z'
         WHERE id = 1",
    );
    database.refuses("robin", "UPDATE request SET erased_at = NULL WHERE id = 1", FORBIDDEN);
}

#[test]
fn the_migrator_changes_the_schema_and_runs_no_night() {
    let database = worked_ledger();
    database.allows("migrations", "SET ROLE letterpost_migrator; CREATE TABLE letterpost.next (id INTEGER)");
    database.refuses("robin", "SELECT * FROM next", NO_RIGHT);
    database.refuses("auditor", "SELECT * FROM next", NO_RIGHT);
    database.allows("migrations", "SET ROLE letterpost_migrator; DROP TABLE letterpost.next");
    for forbidden in [
        "INSERT INTO run (job, scheduled_for, status, starts, started_at)
         VALUES ('nightly', '2026-03-03T22:30', 'running', 1, '2026-03-04T03:30Z')",
        "INSERT INTO audit_entry VALUES (2, '\\x7b7d', decode(repeat('03', 32), 'hex'))",
        "INSERT INTO audit_head VALUES (3, decode(repeat('03', 32), 'hex'), '\\x00', '2026-03-05T03:30Z')",
        "CREATE ROLE mine",
        "CREATE TABLE public.mine (id INTEGER)",
        "SET ROLE letterpost_operator",
    ] {
        database.refuses("migrations", forbidden, NO_RIGHT);
        database.refuses("migrations", &format!("SET ROLE letterpost_migrator; {forbidden}"), NO_RIGHT);
    }
}

/// Every statement of the ledger that writes has the rights that it needs, and no more tables may be written.
#[test]
fn the_operator_may_write_what_the_ledger_writes() {
    let database = Database::new();
    let mut needed = BTreeSet::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters/ledger")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|ending| ending == "rs") {
            needed.extend(deeds(&fs::read_to_string(&file).unwrap()));
        }
    }
    assert!(needed.len() > 100, "{needed:?}");
    let ask = |Deed { right, table, column }: &Deed| match column {
        Some(column) => format!(
            "SELECT '{right} {table}.{column}' \
             WHERE NOT has_column_privilege('letterpost_operator', 'letterpost.{table}', '{column}', '{right}')"
        ),
        None => format!(
            "SELECT '{right} {table}' WHERE NOT has_table_privilege('letterpost_operator', 'letterpost.{table}', '{right}')"
        ),
    };
    let missing = needed.iter().map(ask).collect::<Vec<_>>().join(" UNION ALL ");
    assert_eq!(database.rows(&missing), Vec::<Vec<String>>::new());
}

/// A right that a statement needs, of UPDATE for each column.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Deed {
    right: &'static str,
    table: String,
    column: Option<String>,
}

/// What the writing statements in a source need. The site's own row and the portal's table are written by others.
fn deeds(text: &str) -> Vec<Deed> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let flat = code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let word = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (start, right) in [("INSERT INTO ", "INSERT"), ("UPDATE ", "UPDATE"), ("DELETE FROM ", "DELETE")] {
        for (at, _) in flat.match_indices(start) {
            let rest = &flat[at + start.len()..];
            let table = word(rest);
            if table.is_empty() || table == "site" || table == "mail_requests" {
                continue;
            }
            let deed = |column| Deed { right, table: table.clone(), column };
            match rest[table.len()..].strip_prefix(" SET ") {
                Some(set) if right == "UPDATE" => found.extend(set_columns(set).into_iter().map(|it| deed(Some(it)))),
                _ if right == "UPDATE" => {}
                _ => found.push(deed(None)),
            }
        }
    }
    found
}

/// `a = $1, b = CASE … END WHERE …`: `a` and `b`.
fn set_columns(rest: &str) -> Vec<String> {
    let (mut columns, mut depth, mut expects) = (Vec::new(), 0, true);
    let mut words = rest.char_indices().peekable();
    while let Some((at, c)) = words.next() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' => break,
            ',' if depth == 0 => expects = true,
            _ if c.is_ascii_alphabetic() => {
                let word: String = rest[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                for _ in 1..word.len() {
                    words.next();
                }
                if depth == 0 && matches!(word.as_str(), "WHERE" | "RETURNING") {
                    break;
                }
                if expects && rest[at + word.len()..].starts_with(" = ") {
                    columns.push(word);
                    expects = false;
                }
            }
            _ => {}
        }
    }
    columns
}

#[test]
fn the_columns_of_an_update_are_found() {
    let text = "\"UPDATE letter SET status = $1, unmailed_on = CASE WHEN $1 = 'a' THEN coalesce($3, $4) END,
        imb = '' WHERE id = $2 AND x = 1\"";
    let columns: Vec<_> = deeds(text).into_iter().map(|deed| (deed.right, deed.table, deed.column.unwrap())).collect();
    let of_letter = |column: &str| ("UPDATE", "letter".to_owned(), column.to_owned());
    assert_eq!(columns, ["status", "unmailed_on", "imb"].map(of_letter));
}
