//! Stored values, read back as what they mean.

use super::db::{At, Db, On, Row, Wall};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row as _;

use crate::domain::address::PostalAddress;
use crate::domain::letter::LetterId;
use crate::domain::postal_statement::PostalStatement;
use crate::domain::request::{Format, Language, Recipient};
use crate::ports::ledger::{LedgerError, LedgerResult, Member};

/// A column as the database gives it.
pub(super) fn column<'r, T>(row: &'r Row, name: &'static str) -> LedgerResult<T>
where
    T: sqlx::Decode<'r, Db> + sqlx::Type<Db>,
{
    row.try_get(name).map_err(|error| LedgerError::Corrupt { field: name, value: error.to_string() })
}

/// A text that stands for something else.
pub(super) fn parsed<T>(value: &str, field: &'static str, read: impl Fn(&str) -> Option<T>) -> LedgerResult<T> {
    read(value).ok_or_else(|| LedgerError::Corrupt { field, value: value.to_owned() })
}

/// An instant.
pub(super) fn instant(row: &Row, name: &'static str) -> LedgerResult<DateTime<Utc>> {
    Ok(column::<At>(row, name)?.0)
}

/// An instant that may be missing.
pub(super) fn maybe_instant(row: &Row, name: &'static str) -> LedgerResult<Option<DateTime<Utc>>> {
    Ok(column::<Option<At>>(row, name)?.map(|at| at.0))
}

/// A date.
pub(super) fn date(row: &Row, name: &'static str) -> LedgerResult<NaiveDate> {
    Ok(column::<On>(row, name)?.0)
}

/// A date that may be missing.
pub(super) fn maybe_date(row: &Row, name: &'static str) -> LedgerResult<Option<NaiveDate>> {
    Ok(column::<Option<On>>(row, name)?.map(|on| on.0))
}

/// A time on the wall of a job's place.
pub(super) fn wall(row: &Row, name: &'static str) -> LedgerResult<String> {
    Ok(column::<Wall>(row, name)?.0)
}

/// A time on the wall that may be missing.
pub(super) fn maybe_wall(row: &Row, name: &'static str) -> LedgerResult<Option<String>> {
    Ok(column::<Option<Wall>>(row, name)?.map(|wall| wall.0))
}

/// A name of one of the enums.
pub(super) fn named<T>(row: &Row, name: &'static str, read: impl Fn(&str) -> Option<T>) -> LedgerResult<T> {
    parsed(&column::<String>(row, name)?, name, read)
}

/// A letter's id.
pub(super) fn letter_id(row: &Row, name: &'static str) -> LedgerResult<LetterId> {
    parsed(&column::<String>(row, name)?, name, |text| text.parse().ok())
}

/// The number of a postal statement, which may be missing.
pub(super) fn postal_statement(row: &Row) -> LedgerResult<Option<PostalStatement>> {
    let text: Option<String> = column(row, "postal_statement")?;
    text.map(|text| parsed(&text, "postal_statement", |text| text.parse().ok())).transpose()
}

/// A count.
pub(super) fn count(row: &Row, name: &'static str) -> LedgerResult<u32> {
    as_count(column(row, name)?, name)
}

/// A count that may be missing.
pub(super) fn maybe_count(row: &Row, name: &'static str) -> LedgerResult<Option<u32>> {
    column::<Option<i64>>(row, name)?.map(|number| as_count(number, name)).transpose()
}

/// A number as a count.
pub(super) fn as_count(number: i64, field: &'static str) -> LedgerResult<u32> {
    u32::try_from(number).map_err(|_| LedgerError::Corrupt { field, value: number.to_string() })
}

/// A count that may be missing, or may be large.
pub(super) fn maybe_size(row: &Row, name: &'static str) -> LedgerResult<Option<u64>> {
    Ok(column::<Option<i64>>(row, name)?.map(i64::cast_unsigned))
}

/// A request as a member of a batch.
pub(super) fn member(row: &Row) -> LedgerResult<Member> {
    Ok(Member {
        request_id: column(row, "id")?,
        reference: column(row, "reference")?,
        username: column(row, "username")?,
        recipient: Recipient {
            full_name: column(row, "full_name")?,
            address: address(row)?,
            language: named(row, "language", Language::from_name)?,
            format: named(row, "format", Format::from_name)?,
        },
        requested_at: instant(row, "requested_at")?,
    })
}

/// The address of a request.
pub(super) fn address(row: &Row) -> LedgerResult<PostalAddress> {
    Ok(PostalAddress {
        address_line_1: column(row, "address_line_1")?,
        address_line_2: column(row, "address_line_2")?,
        city: column(row, "city")?,
        state: column(row, "state")?,
        postal_code: column(row, "postal_code")?,
        country: column(row, "country")?,
    })
}
