//! The two ledgers have the same tables, columns, keys, indexes, triggers and views, but for what is listed here.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use letterpost::adapters::sqlite::{SqliteIntakeTable, SqliteLedger};
use letterpost::adapters::system::SeededEntropy;
use letterpost::ports::IntakeTable as _;
use letterpost::ports::ledger::{SafekeepingLedger as _, SiteMark};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::postgres::Database;

/// What is in PostgreSQL alone: who logged in, for what a second person is needed, and the order of a run's stages, which
/// SQLite has by itself.
const IN_POSTGRES_ALONE: &[&str] = &[
    "column brake.asked_login text null",
    "column brake.confirmed_login text null",
    "column letter_correction.asked_login text not null",
    "column letter_correction.settled_login text null",
    "column release_ask.asked_login text not null",
    "column release_ask.confirmed_login text null",
    "column run_stage.place a whole number not null",
    "column second_person.deed text not null",
    "column second_person.is_needed boolean not null",
    "key second_person (deed)",
    // SQLite has it by the index of statuses, whose entries are in the order of ids.
    "index request_that_waits on request in part",
    // On SQLite these columns are generated; here that would be six readings of an entry.
    "trigger audit_entry_is_about_what_its_bytes_say on audit_entry",
    // Second persons are enforced by logins.
    "trigger batch_is_released_by_two on batch",
    "trigger brake_names_logins on brake",
    "trigger letter_correction_names_logins on letter_correction",
    "trigger letter_day_is_corrected on letter",
    "trigger release_ask_is_never_deleted on release_ask",
    "trigger release_ask_names_logins on release_ask",
    "trigger request_is_released_by_two on request",
    // Whoever works the ledger by SQL gives it to no other site. On SQLite the statement that takes a ledger up looks.
    "trigger site_is_kept on site",
    // Whoever works the ledger by SQL gives no letter to another person.
    "trigger letter_keeps_its_person on letter",
    "trigger request_keeps_its_person on request",
];
/// What is in SQLite alone: an insertion there may replace a row, and a row is written before its telephone number goes.
const IN_SQLITE_ALONE: &[&str] = &[
    "trigger mail_requests_never_use_an_id_again on mail_requests",
    "trigger mail_requests_take_no_phone_later on mail_requests",
];
/// How many CHECK constraints a table has more on PostgreSQL (or fewer): a BOOLEAN needs none, and logins are compared.
const MORE_CHECKS: &[(&str, i64)] = &[
    ("brake", 1),
    ("letter", -1),
    ("letter_correction", 1),
    ("receipt_line", -1),
    ("release_ask", 1),
    ("second_person", 1),
];
/// Types that do not follow from a column's name and its type on SQLite.
const OF_ANOTHER_TYPE: &[(&str, &str)] = &[
    // On the clock of the job's own wall.
    ("run.scheduled_for", "timestamp without time zone"),
    ("erasure_residue.since", "timestamp with time zone"),
    ("letter.expected_from", "date"),
    ("letter.expected_to", "date"),
    ("letter.outside", "boolean"),
    ("notice.at", "timestamp with time zone"),
    ("receipt_line.remade", "boolean"),
    ("site.rehearsal", "boolean"),
    ("vendor_onboarding.at", "timestamp with time zone"),
    // As the portal wrote them; what is wrong with them is told at `collect`.
    ("mail_requests.requested_at", "text"),
];

/// What a query of a SQLite file gives, each value as text and NULL as the empty text.
async fn of_file(path: &Path, query: &str) -> Vec<Vec<String>> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut file = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut file).await.unwrap();
    let text = |row: &sqlx::sqlite::SqliteRow, place| {
        row.try_get_unchecked::<Option<String>, usize>(place).unwrap().unwrap_or_default()
    };
    rows.iter().map(|row| (0..row.len()).map(|place| text(row, place)).collect()).collect()
}

/// The type on PostgreSQL of a column on SQLite, where it is not an exception.
fn expected_type(table: &str, column: &str, on_sqlite: &str) -> String {
    let name = format!("{table}.{column}");
    if let Some((_, other)) = OF_ANOTHER_TYPE.iter().find(|(it, _)| *it == name) {
        return (*other).to_owned();
    }
    match on_sqlite {
        "BLOB" => "bytea",
        "INTEGER" => "a whole number",
        _ if column.ends_with("_at") => "timestamp with time zone",
        _ if column.ends_with("_on") => "date",
        _ => "text",
    }
    .to_owned()
}

const SQLITE_TABLES: &str = "(SELECT name AS tbl, sql AS made FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations')";

/// All that there is in a SQLite file, one line each.
async fn shape_of_file(path: &Path) -> (BTreeSet<String>, Vec<(String, i64)>) {
    let mut shape = BTreeSet::new();
    let columns = format!(
        "SELECT tbl, info.name, info.type, info.\"notnull\" OR info.pk > 0 FROM {SQLITE_TABLES}, pragma_table_xinfo(tbl) AS info"
    );
    for row in of_file(path, &columns).await {
        let null = if row[3] == "1" { "not null" } else { "null" };
        shape.insert(format!("column {}.{} {} {null}", row[0], row[1], expected_type(&row[0], &row[1], &row[2])));
    }
    let keys = format!(
        "SELECT tbl, (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno))
         FROM {SQLITE_TABLES}, pragma_index_list(tbl) AS list WHERE list.origin IN ('u', 'pk')
         UNION ALL SELECT tbl, info.name FROM {SQLITE_TABLES}, pragma_table_info(tbl) AS info
         WHERE info.pk = 1 AND info.type = 'INTEGER'
             AND NOT EXISTS (SELECT 1 FROM pragma_index_list(tbl) AS list WHERE list.origin = 'pk')"
    );
    shape.extend(of_file(path, &keys).await.iter().map(|row| format!("key {} ({})", row[0], row[1])));
    let references = format!(
        "SELECT tbl, other.\"from\", other.\"table\", other.\"to\" FROM {SQLITE_TABLES}, pragma_foreign_key_list(tbl) AS other"
    );
    shape.extend(
        of_file(path, &references)
            .await
            .iter()
            .map(|row| format!("reference {}.{} to {}.{}", row[0], row[1], row[2], row[3])),
    );
    let indexes = "SELECT name, tbl_name, sql LIKE 'CREATE UNIQUE%', sql LIKE '% WHERE %' OR sql LIKE '%\n%WHERE %'
        FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    for row in of_file(path, indexes).await {
        shape.insert(index_line(&row));
    }
    let triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'";
    shape.extend(of_file(path, triggers).await.iter().map(|row| format!("trigger {} on {}", row[0], row[1])));
    let views =
        "SELECT master.name, info.cid, info.name FROM sqlite_master AS master, pragma_table_info(master.name) AS info
        WHERE master.type = 'view'";
    shape.extend(of_file(path, views).await.iter().map(|row| format!("view {} column {} {}", row[0], row[1], row[2])));
    let made = of_file(path, &format!("SELECT tbl, made FROM {SQLITE_TABLES}")).await;
    let checks = made.iter().map(|row| (row[0].clone(), i64::try_from(row[1].matches("CHECK (").count()).unwrap()));
    (shape, checks.collect())
}

/// An index by its name; whether it is unique, and whether it is of some rows alone.
fn index_line(row: &[String]) -> String {
    let is = |cell: &str| cell == "1" || cell == "t";
    let unique = if is(&row[2]) { "unique " } else { "" };
    let part = if is(&row[3]) { " in part" } else { "" };
    format!("{unique}index {} on {}{part}", row[0], row[1])
}

/// The table of steps is the driver's, on SQLite too.
const IN_OURS: &str = "relnamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace)
    AND pg_class.relname NOT LIKE '\\_sqlx%'";

fn shape_of_postgres(database: &Database) -> (BTreeSet<String>, Vec<(String, i64)>) {
    let mut shape = BTreeSet::new();
    let columns = format!(
        "SELECT relname, attname, CASE WHEN atttypid IN ('integer'::regtype, 'bigint'::regtype) THEN 'a whole number'
             ELSE format_type(atttypid, NULL) END, attnotnull
         FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE {IN_OURS} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
    );
    for row in database.rows(&columns) {
        let null = if row[3] == "t" { "not null" } else { "null" };
        shape.insert(format!("column {}.{} {} {null}", row[0], row[1], row[2]));
    }
    let names =
        "(SELECT string_agg(attname, ', ' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = number)";
    let keys = format!(
        "SELECT relname, {names} FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE {IN_OURS} AND contype IN ('p', 'u')"
    );
    shape.extend(database.rows(&keys).iter().map(|row| format!("key {} ({})", row[0], row[1])));
    let references = format!(
        "SELECT pg_class.relname, {names}, other.relname, (SELECT attname FROM pg_attribute
             WHERE attrelid = confrelid AND attnum = confkey[1])
         FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid JOIN pg_class AS other ON other.oid = confrelid
         WHERE pg_class.{IN_OURS} AND contype = 'f'"
    );
    shape.extend(
        database
            .rows(&references)
            .iter()
            .map(|row| format!("reference {}.{} to {}.{}", row[0], row[1], row[2], row[3])),
    );
    let indexes = format!(
        "SELECT pg_class.relname, parent.relname, indisunique, indpred IS NOT NULL
         FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_class AS parent ON parent.oid = indrelid
         WHERE pg_class.{IN_OURS} AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"
    );
    shape.extend(database.rows(&indexes).iter().map(|row| index_line(row)));
    let triggers = format!(
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE {IN_OURS} AND NOT tgisinternal
             AND tgname NOT LIKE '%never\\_emptied'"
    );
    shape.extend(database.rows(&triggers).iter().map(|row| format!("trigger {} on {}", row[0], row[1])));
    let views = format!(
        "SELECT relname, attnum - 1, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE {IN_OURS} AND relkind = 'v' AND attnum > 0"
    );
    shape.extend(database.rows(&views).iter().map(|row| format!("view {} column {} {}", row[0], row[1], row[2])));
    let checks = format!(
        "SELECT relname, (SELECT count(*) FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'c')
         FROM pg_class WHERE {IN_OURS} AND relkind = 'r'"
    );
    let checks = database.rows(&checks).into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap()));
    (shape, checks.collect())
}

/// The shape of a ledger and a portal's table that the program made on SQLite.
async fn shape_of_sqlite() -> (BTreeSet<String>, Vec<(String, i64)>) {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, intake) = (folder.path().join("ledger.db"), folder.path().join("intake.db"));
    let site = SiteMark {
        code: "eba".to_owned(),
        environment: "test".to_owned(),
        origin: "agency.example/eba".to_owned(),
        is_rehearsal: true,
    };
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    SqliteLedger::create(&ledger, &site, at, Arc::new(SeededEntropy::new(1))).await.unwrap().close().await;
    SqliteIntakeTable::open(&intake).await.unwrap().close().await;
    let (mut shape, mut checks) = shape_of_file(&ledger).await;
    let (of_intake, checks_of_intake) = shape_of_file(&intake).await;
    shape.extend(of_intake);
    checks.extend(checks_of_intake);
    (shape, checks)
}

#[tokio::test]
async fn both_ledgers_have_the_same_shape() {
    let (sqlite, _) = shape_of_sqlite().await;
    let (postgres, _) = shape_of_postgres(&Database::new());
    assert!(sqlite.len() > 400, "{}", sqlite.len());
    let listed = |list: &[&str]| list.iter().map(|line| (*line).to_owned()).collect::<BTreeSet<_>>();
    let missing: Vec<_> = sqlite.difference(&postgres).cloned().collect();
    let extra: Vec<_> = postgres.difference(&sqlite).cloned().collect();
    assert_eq!(missing, listed(IN_SQLITE_ALONE).into_iter().collect::<Vec<_>>(), "in SQLite and not in PostgreSQL");
    assert_eq!(extra, listed(IN_POSTGRES_ALONE).into_iter().collect::<Vec<_>>(), "in PostgreSQL and not in SQLite");
}

#[tokio::test]
async fn both_ledgers_have_as_many_constraints() {
    let (_, sqlite) = shape_of_sqlite().await;
    let (_, postgres) = shape_of_postgres(&Database::new());
    for (table, checks) in &postgres {
        let on_sqlite = sqlite.iter().find(|(name, _)| name == table).map_or(0, |(_, checks)| *checks);
        let more = MORE_CHECKS.iter().find(|(name, _)| name == table).map_or(0, |(_, more)| *more);
        assert_eq!(*checks, on_sqlite + more, "CHECK constraints of {table}");
    }
}
