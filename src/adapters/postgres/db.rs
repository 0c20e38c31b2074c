//! PostgreSQL as the ledger's statements see it: the driver's types, how a change begins, and how values are stored.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound as _, Timelike as _, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Transaction, Type};

pub use super::refusals::{reason, refusal};

/// The driver.
pub type Db = sqlx::Postgres;
/// A row of an answer.
pub type Row = sqlx::postgres::PgRow;
/// The values of a statement.
pub type Arguments = sqlx::postgres::PgArguments;
/// Connections.
pub type Pool = sqlx::PgPool;
/// One connection.
pub type Connection = sqlx::PgConnection;

/// Rows that one statement writes: each statement is a way to the server and back. With 26 values a row it stays under the
/// 65,535 that a statement may have.
pub const ROWS_A_STATEMENT: usize = 256;

/// Begins a change: it is the only ordinary one until it ends, so that what it reads stays as it is.
///
/// # Errors
/// Where the server refuses, or others take longer than the connection may wait for a lock.
pub async fn begin(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    let mut change = pool.begin().await?;
    lock_log(&mut change).await?;
    Ok(change)
}

/// Begins a change that works beside others until it writes into the audit log.
///
/// # Errors
/// Where the server refuses.
pub async fn begin_beside(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    pool.begin().await
}

/// Begins a reading, which sees the ledger as it is at one moment however long it takes.
///
/// # Errors
/// Where the server refuses.
pub async fn begin_to_read(pool: &Pool) -> sqlx::Result<Transaction<'static, Db>> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
}

/// Waits until no other change is under way that writes into the audit log, and keeps others waiting until this one ends.
///
/// # Errors
/// Where the server refuses, or others take longer than the connection may wait for a lock.
pub async fn lock_log(change: &mut Connection) -> sqlx::Result<()> {
    sqlx::query("SELECT one_at_a_time('audit log')").execute(change).await?;
    Ok(())
}

/// An instant, stored to the second, as every file of letterpost writes it.
#[derive(Debug, Clone, Copy)]
pub struct At(pub DateTime<Utc>);
/// A date.
#[derive(Debug, Clone, Copy)]
pub struct On(pub NaiveDate);
/// A time on the wall of a job's place, stored as a timestamp without a zone.
#[derive(Debug, Clone)]
pub struct Wall(pub String);

/// What is stored as a type of the driver's.
macro_rules! stored_as {
    ($name:ty, $other:ty, $write:expr, $read:expr) => {
        impl Type<Db> for $name {
            fn type_info() -> PgTypeInfo {
                <$other as Type<Db>>::type_info()
            }
        }

        impl Encode<'_, Db> for $name {
            fn encode_by_ref(&self, values: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let write: fn(&$name) -> Result<$other, BoxDynError> = $write;
                Encode::<Db>::encode(write(self)?, values)
            }
        }

        impl<'r> Decode<'r, Db> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn($other) -> $name = $read;
                Ok(read(<$other as Decode<Db>>::decode(value)?))
            }
        }
    };
}

stored_as!(At, DateTime<Utc>, |at| Ok(at.0.trunc_subsecs(0)), At);
stored_as!(On, NaiveDate, |on| Ok(on.0), On);
stored_as!(Wall, NaiveDateTime, |wall| wall_time(&wall.0), |time| Wall(wall_text(time)));

/// The formats of a scheduled time: seconds are left out where there are none.
const WALL_FORMAT: &str = "%Y-%m-%dT%H:%M";
const WALL_FORMAT_WITH_SECOND: &str = "%Y-%m-%dT%H:%M:%S";

fn wall_time(text: &str) -> Result<NaiveDateTime, BoxDynError> {
    let with_second = NaiveDateTime::parse_from_str(text, WALL_FORMAT_WITH_SECOND);
    Ok(with_second.or_else(|_| NaiveDateTime::parse_from_str(text, WALL_FORMAT))?)
}

fn wall_text(time: NaiveDateTime) -> String {
    let format = if time.second() == 0 { WALL_FORMAT } else { WALL_FORMAT_WITH_SECOND };
    time.format(format).to_string()
}

/// Numbers as one value, unpacked by `each!`.
pub type Ids = Vec<i64>;
/// Texts as one value, unpacked by `each!`.
pub type Texts = Vec<String>;

/// Numbers as one value.
#[must_use]
pub fn ids(items: &[i64]) -> Ids {
    items.to_vec()
}

/// Texts as one value.
#[must_use]
pub fn texts<T: AsRef<str>>(items: &[T]) -> Texts {
    items.iter().map(|item| item.as_ref().to_owned()).collect()
}
