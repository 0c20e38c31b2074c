//! What is kept is kept from its owner too, and from a superuser who does not take the trigger away.

use super::postgres::{Database, FORBIDDEN, NO_RIGHT};
use super::worked_ledger;

/// Tables with a trigger of this ending, each with its first column.
fn tables(database: &Database, ending: &str) -> Vec<Vec<String>> {
    let query = format!(
        "SELECT relname, (SELECT attname FROM pg_attribute WHERE attrelid = relname::regclass AND attnum = 1)
         FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE tgname = relname || '_is_never_{ending}' AND relnamespace = 'letterpost'::regnamespace ORDER BY 1"
    );
    database.rows(&query)
}

#[test]
fn what_is_kept_is_changed_by_nobody() {
    let database = worked_ledger();
    database.allows(
        "robin",
        "INSERT INTO letter_correction (letter_id, old_mailed_on, new_mailed_on, reason, asked_by, asked_at, status)
             VALUES ('AAAAA-AAAAA', '2026-03-03', '2026-03-04', 'it lay', 'Robin Sample', '2026-03-05T12:00Z', 'waiting');
         INSERT INTO release_ask (request_id, reason, asked_by, asked_at)
             VALUES (2, 'fine', 'Robin Sample', '2026-03-05T12:00Z')",
    );
    let mut seen = 0;
    for (ending, deed) in [
        ("changed", "UPDATE {table} SET {column} = {column}"),
        ("deleted", "DELETE FROM {table}"),
        ("emptied", "TRUNCATE {table} CASCADE"),
    ] {
        for row in tables(&database, ending) {
            // A pull order and a head that was sent are changed no more; an unsent order may be sent.
            let deed = deed.replace("{table}", &row[0]).replace("{column}", &row[1]);
            let deed = deed.replace("UPDATE pull_order SET id = id", "UPDATE pull_order SET number = 2");
            for login in ["owner", "migrations"] {
                database.refuses(login, &deed, FORBIDDEN);
            }
            assert!(database.run("robin", &deed).is_err(), "{deed}");
            seen += 1;
        }
    }
    assert!(seen >= 25, "{seen}");
}

#[test]
fn every_table_that_only_grows_or_is_never_deleted_from_is_never_emptied() {
    let database = Database::new();
    let emptied = tables(&database, "emptied");
    for row in tables(&database, "changed").into_iter().chain(tables(&database, "deleted")) {
        assert!(emptied.contains(&row), "TRUNCATE {} is open", row[0]);
    }
}

#[test]
fn the_log_only_grows_one_entry_after_another() {
    let database = worked_ledger();
    let entry =
        |seq: i64| format!("INSERT INTO audit_entry VALUES ({seq}, '\\x7b7d', decode(repeat('03', 32), 'hex'))");
    let head = |size: i64| {
        format!(
            "INSERT INTO audit_head (size, root, frontier, taken_at)
            VALUES ({size}, decode(repeat('03', 32), 'hex'), '\\x00', '2026-03-05T03:30Z')"
        )
    };
    for login in ["robin", "owner"] {
        for statement in [entry(3), head(2), head(1)] {
            database.refuses(login, &statement, FORBIDDEN);
        }
        // A place that is taken is refused by its key: the rule is kept once a statement, when its rows are there.
        for statement in [entry(1), entry(0)] {
            database.refuses(login, &statement, "23505");
        }
    }
    database.refuses("robin", "INSERT INTO audit_entry VALUES (2, '\\x7b7d', '\\x03')", "23514");
    database.allows("robin", &entry(2));
    database.allows("robin", &head(3));
    database.refuses(
        "robin",
        &format!("SET default_transaction_isolation = 'repeatable read'; {}", head(4)),
        FORBIDDEN,
    );
}

#[test]
fn a_superuser_who_plays_the_replica_is_refused_too() {
    let database = worked_ledger();
    for deed in [
        "UPDATE audit_entry SET entry = '\\x00'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_head",
        "INSERT INTO audit_entry VALUES (7, '\\x7b7d', decode(repeat('03', 32), 'hex'))",
    ] {
        database.refuses("owner", &format!("SET session_replication_role = replica; {deed}"), FORBIDDEN);
        database.refuses("migrations", &format!("SET session_replication_role = replica; {deed}"), NO_RIGHT);
    }
}

#[test]
fn entries_are_found_by_letter_and_instant_and_move_the_clock_mark() {
    let database = worked_ledger();
    let plan = "SET enable_seqscan = off; EXPLAIN SELECT seq FROM audit_entry WHERE ";
    for (condition, index) in
        [("letter = 'AAAAA-AAAAA'", "audit_entry_by_letter"), ("at >= '2026-03-04'", "audit_entry_by_instant")]
    {
        let told = database.run("auditor", &format!("{plan}{condition}")).unwrap();
        assert!(told.contains(index), "{condition}: {told}");
        let found = database.run("auditor", &format!("SELECT seq FROM audit_entry WHERE {condition}")).unwrap();
        assert_eq!(found.trim(), "1", "{condition}");
    }
    let mark = "SELECT recorded_at = '2026-03-04T03:30Z' FROM clock_mark";
    assert_eq!(database.rows(mark), [["t"]]);
    // A brake's own entries, older ones, and bytes that are no JSON move nothing and stop nothing.
    let told = [
        r#"{"at":"2026-04-01T00:00:00Z","kind":"brake.raised"}"#,
        r#"{"at":"2026-01-01T00:00:00Z","kind":"run.started"}"#,
        "no JSON",
    ];
    for (told, seq) in told.iter().zip(2..) {
        database.allows(
            "robin",
            &format!(
                "INSERT INTO audit_entry VALUES ({seq}, convert_to('{told}', 'UTF8'), decode(repeat('03', 32), 'hex'))"
            ),
        );
    }
    assert_eq!(database.rows(mark), [["t"]]);
}
