//! SQLite as the ledger's statements see it: the driver's types, how a change begins, and how values are stored.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Transaction, Type};

use crate::audit::entry::instant_text;

/// The driver.
pub type Db = sqlx::Sqlite;
/// A row of an answer.
pub type Row = sqlx::sqlite::SqliteRow;
/// The values of a statement.
pub type Arguments = sqlx::sqlite::SqliteArguments;
/// Connections.
pub type Pool = sqlx::sqlite::SqlitePool;
/// One connection.
pub type Connection = sqlx::SqliteConnection;

/// Rows that one statement writes: what it is prepared as takes memory for each of their values. A package of a thousand letters
/// is written with full ones alone.
pub const ROWS_A_STATEMENT: usize = 125;

/// Begins a change: it is the only one until it ends.
///
/// # Errors
/// Where the database refuses.
pub async fn begin(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    pool.begin_with("BEGIN IMMEDIATE").await
}

/// Begins a change that works beside others where the database can do that: here it is alone as every other.
///
/// # Errors
/// Where the database refuses.
pub async fn begin_beside(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    begin(pool).await
}

/// Begins a reading, which sees the ledger as it is at one moment however long it takes.
///
/// # Errors
/// Where the database refuses.
pub async fn begin_to_read(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    pool.begin().await
}

/// Waits until no other change writes into the audit log: here a change has no other beside it.
///
/// # Errors
/// None.
pub async fn lock_log(_: &mut Connection) -> sqlx::Result<()> {
    Ok(())
}

/// An instant, stored as text: UTC, whole seconds, `Z`.
#[derive(Debug, Clone, Copy)]
pub struct At(pub DateTime<Utc>);
/// A date, stored as text.
#[derive(Debug, Clone, Copy)]
pub struct On(pub NaiveDate);
/// A time on the wall of a job's place, stored as the text that it is.
#[derive(Debug, Clone)]
pub struct Wall(pub String);

/// What is stored as text.
macro_rules! stored_as_text {
    ($name:ty, $write:expr, $read:expr) => {
        impl Type<Db> for $name {
            fn type_info() -> SqliteTypeInfo {
                <String as Type<Db>>::type_info()
            }

            fn compatible(found: &SqliteTypeInfo) -> bool {
                <String as Type<Db>>::compatible(found)
            }
        }

        impl Encode<'_, Db> for $name {
            fn encode_by_ref(&self, values: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                let write: fn(&$name) -> String = $write;
                Encode::<Db>::encode(write(self), values)
            }
        }

        impl<'r> Decode<'r, Db> for $name {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn(&str) -> Result<$name, BoxDynError> = $read;
                read(<&str as Decode<Db>>::decode(value)?)
            }
        }
    };
}

stored_as_text!(At, |at| instant_text(at.0), |text| Ok(At(text.parse()?)));
stored_as_text!(On, |on| on.0.to_string(), |text| Ok(On(text.parse()?)));
stored_as_text!(Wall, |wall| wall.0.clone(), |text| Ok(Wall(text.to_owned())));

/// Numbers as one value, unpacked by `each!`.
pub type Ids = String;
/// Texts as one value, unpacked by `each!`.
pub type Texts = String;

/// Numbers as one value.
#[must_use]
pub fn ids(items: &[i64]) -> Ids {
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}

/// Texts as one value.
#[must_use]
pub fn texts<T: AsRef<str>>(items: &[T]) -> Texts {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    serde_json::to_string(&items).unwrap_or_else(|_| "[]".to_owned())
}

/// Why trying again is of no use: a file says no to nothing for good.
#[must_use]
pub fn refusal(_: &sqlx::Error) -> Option<String> {
    None
}

/// What happened, where trying again may help.
#[must_use]
pub fn reason(error: &sqlx::Error) -> String {
    error.to_string()
}
