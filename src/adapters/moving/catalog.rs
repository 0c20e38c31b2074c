//! The tables of both sides: what PostgreSQL's catalog says of those that SQLite has.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::is_of_portal;
use super::line::Kind;
use crate::adapters::postgres::failed;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// The portal's table.
pub(super) const INTAKE: &str = "mail_requests";
/// Filled before the entries of the log are: each of those would move it otherwise.
const CLOCK_MARK: &str = "clock_mark";
/// What is in PostgreSQL alone and says who logged in: of what came from SQLite nobody knows, and nobody has this name.
const GIVEN: &[(&str, &str)] = &[("letter_correction", "asked_login"), ("release_ask", "asked_login")];
/// See [`GIVEN`].
pub(super) const NOBODY: &str = "copied from SQLite";
const READING: &str = "read the schema of the new ledger";

/// A table on SQLite: its name, its columns in order, and how its rows are ordered as they were written.
#[derive(Debug, Clone)]
pub struct Shape {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) has_rowid: bool,
}

/// A column as both sides have it.
#[derive(Debug, Clone)]
pub struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A table as both sides have it.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of its primary key.
    pub(super) key: Vec<String>,
    pub(super) has_rowid: bool,
    /// Tables whose rows its rows refer to.
    refers_to: Vec<String>,
    /// A column that is in PostgreSQL alone and gets [`NOBODY`].
    pub(super) given: Option<&'static str>,
    /// Its columns whose numbers the server gives.
    pub(super) numbered: Vec<String>,
}

impl Table {
    /// Its name with its schema.
    pub(super) fn on_postgres(&self) -> String {
        let schema = if is_of_portal(&self.name) { "intake" } else { "letterpost" };
        format!("{schema}.\"{}\"", self.name)
    }

    /// Whether the entry that records the copy changes it, so that it cannot be compared after it.
    pub(super) fn moves_with_entries(&self) -> bool {
        self.name == CLOCK_MARK
    }

    /// Whether a new schema has a row of it already.
    pub(super) fn has_first_row(&self) -> bool {
        self.name == CLOCK_MARK
    }
}

/// The tables of SQLite as PostgreSQL has them, those that are referred to first.
pub(super) async fn tables(connection: &mut PgConnection, shapes: &[Shape]) -> LedgerResult<Vec<Table>> {
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT relname::TEXT, attname::TEXT, format_type(atttypid, NULL), attidentity <> ''
         FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace) AND relkind = 'r'
             AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed(READING))?;
    let keys: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT relname::TEXT, ARRAY(SELECT attname::TEXT FROM unnest(conkey) WITH ORDINALITY AS listed (number, place)
             JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place)
         FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE contype = 'p' AND relnamespace IN ('letterpost'::regnamespace, 'intake'::regnamespace)",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed(READING))?;
    let references: Vec<(String, String)> = sqlx::query_as(
        "SELECT one.relname::TEXT, other.relname::TEXT FROM pg_constraint
         JOIN pg_class AS one ON one.oid = conrelid JOIN pg_class AS other ON other.oid = confrelid
         WHERE contype = 'f' AND conrelid <> confrelid AND one.relnamespace = 'letterpost'::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed(READING))?;
    let mut types = BTreeMap::new();
    for (table, column, kind, is_numbered) in columns {
        types.insert((table, column), (kind, is_numbered));
    }
    let keys: BTreeMap<String, Vec<String>> = keys.into_iter().collect();
    let tables = shapes.iter().map(|shape| table(shape, &types, &keys, &references)).collect::<LedgerResult<_>>()?;
    Ok(referred_first(tables))
}

fn table(
    shape: &Shape,
    types: &BTreeMap<(String, String), (String, bool)>,
    keys: &BTreeMap<String, Vec<String>>,
    references: &[(String, String)],
) -> LedgerResult<Table> {
    let name = &shape.name;
    let column = |column: &String| {
        let found = types.get(&(name.clone(), column.clone()));
        let kind = found.and_then(|(kind, _)| Kind::of(kind));
        kind.map(|kind| Column { name: column.clone(), kind }).ok_or_else(|| differs(&format!("{name}.{column}")))
    };
    let of_table = types.iter().filter(|((table, _), _)| table == name);
    Ok(Table {
        name: name.clone(),
        columns: shape.columns.iter().map(column).collect::<LedgerResult<_>>()?,
        key: keys.get(name).cloned().ok_or_else(|| differs(name))?,
        has_rowid: shape.has_rowid,
        refers_to: references.iter().filter(|(one, _)| one == name).map(|(_, other)| other.clone()).collect(),
        given: GIVEN.iter().find(|(table, _)| table == name).map(|(_, column)| *column),
        numbered: of_table.filter(|(_, (_, is))| *is).map(|((_, column), _)| column.clone()).collect(),
    })
}

fn differs(what: &str) -> LedgerError {
    LedgerError::NotAllowed(format!(
        "the new ledger has no {what} as this one has: its schema is of another letterpost; bring it up to date with \
         'letterpost ledger migrate', or use the letterpost that is at work on it"
    ))
}

fn referred_first(mut tables: Vec<Table>) -> Vec<Table> {
    tables.sort_by_key(|table| (table.name != CLOCK_MARK, table.name.clone()));
    let mut sorted: Vec<Table> = Vec::new();
    while !tables.is_empty() {
        let waits = |table: &Table| tables.iter().any(|other| table.refers_to.contains(&other.name));
        // Two tables that refer to each other would be left for the server to refuse.
        let next = tables.iter().position(|table| !waits(table)).unwrap_or(0);
        sorted.push(tables.remove(next));
    }
    sorted
}
