//! Letters as the lines of a receipt leave them: one statement for all that have the same step to go.
//!
//! A letter is found by its id. Its status is compared through `coalesce`, which says the same and has no index: PostgreSQL's figures of
//! how many letters have a status are those of some minutes ago, when it may have been none.

use chrono::NaiveDate;

use super::change::Change;
use super::db::On;
use super::exceptions::tell_returned;
use super::lists::Values;
use crate::domain::letter::LetterStatus;
use crate::ports::ledger::LedgerResult;

/// What is changed, for errors.
const LETTERS: &str = "letters of a receipt";

/// A letter that is on paper, or came back, since a day.
pub(super) struct Dated<'a> {
    pub(super) id: &'a str,
    pub(super) on: NaiveDate,
}

/// A letter whose spoiled piece was replaced by another: it is where it was, and its password is good.
pub(super) struct Remade<'a> {
    pub(super) id: &'a str,
    pub(super) on: NaiveDate,
    /// How often it was made again, this time included.
    pub(super) remakes: u32,
}

/// A letter that was mailed.
pub(super) struct Mailed<'a> {
    pub(super) id: &'a str,
    pub(super) line: u64,
    /// The place of the entry that says so.
    pub(super) seq: u64,
    pub(super) dispatched_on: NaiveDate,
    pub(super) expires_on: NaiveDate,
    pub(super) expected_from: NaiveDate,
    pub(super) expected_to: NaiveDate,
    pub(super) days_to_read: u32,
    pub(super) postal_statement: Option<&'a str>,
}

/// A letter that ended before it was mailed.
pub(super) struct Unmailed<'a> {
    pub(super) id: &'a str,
    pub(super) line: u64,
    /// The place of the entry that says so.
    pub(super) seq: u64,
    pub(super) status: LetterStatus,
    pub(super) on: NaiveDate,
}

pub(super) async fn print(change: &mut Change, letters: &[Dated<'_>]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Dated<'_>| {
        row.push_bind(it.id).push_bind(at).push_bind(On(it.on));
    };
    let update = "UPDATE letter SET status = 'printed', status_at = given.at, printed_on = given.day
         FROM given WHERE letter.id = given.id AND coalesce(letter.status, '') IN ('delivered', 'accepted', 'printed')";
    change.update_all("id, at, day", letters, bind, update, LETTERS).await
}

pub(super) async fn remake(change: &mut Change, letters: &[Remade<'_>]) -> LedgerResult<()> {
    let bind = |row: &mut Values<'_>, it: &Remade<'_>| {
        row.push_bind(it.id).push_bind(On(it.on)).push_bind(i64::from(it.remakes));
    };
    let update = "UPDATE letter SET remakes = given.remakes, remade_on = given.day
         FROM given WHERE letter.id = given.id AND letter.remakes = given.remakes - 1";
    change.update_all("id, day, remakes", letters, bind, update, LETTERS).await
}

pub(super) async fn mail(change: &mut Change, file_id: i64, letters: &[Mailed<'_>]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Mailed<'_>| {
        row.push_bind(it.id).push_bind(at).push_bind(On(it.dispatched_on)).push_bind(On(it.expires_on));
        row.push_bind(On(it.expected_from)).push_bind(On(it.expected_to)).push_bind(file_id);
        row.push_bind(it.line.cast_signed()).push_bind(it.seq.cast_signed());
        row.push_bind(i64::from(it.days_to_read)).push_bind(it.postal_statement);
    };
    let columns = "id, at, dispatched_on, expires_on, expected_from, expected_to, file_id, line, seq, days_to_read,
             postal_statement";
    let update = "UPDATE letter SET status = 'mailed', status_at = given.at, dispatched_on = given.dispatched_on,
             expires_on = given.expires_on, expected_from = given.expected_from, expected_to = given.expected_to,
             mailed_file_id = given.file_id, mailed_line = given.line, mailed_seq = given.seq,
             days_to_read = given.days_to_read, postal_statement = given.postal_statement
         FROM given WHERE letter.id = given.id AND coalesce(letter.status, '') IN ('delivered', 'accepted', 'printed')";
    change.update_all(columns, letters, bind, update, LETTERS).await
}

/// Letters with the number of their postal statement.
pub(super) async fn state(change: &mut Change, letters: &[(&str, &str)]) -> LedgerResult<()> {
    let bind = |row: &mut Values<'_>, (id, number): &(&str, &str)| {
        row.push_bind(*id).push_bind(*number);
    };
    let update = "UPDATE letter SET postal_statement = given.number
         FROM given WHERE letter.id = given.id AND letter.postal_statement IS NULL
             AND coalesce(letter.status, '') IN ('mailed', 'returned')";
    change.update_all("id, number", letters, bind, update, LETTERS).await
}

pub(super) async fn end_unmailed(change: &mut Change, file_id: i64, letters: &[Unmailed<'_>]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Unmailed<'_>| {
        row.push_bind(it.id).push_bind(it.status.as_str()).push_bind(at).push_bind(On(it.on));
        row.push_bind(file_id).push_bind(it.line.cast_signed()).push_bind(it.seq.cast_signed());
    };
    let update = "UPDATE letter SET status = given.status, status_at = given.at, unmailed_on = given.day,
             unmailed_file_id = given.file_id, unmailed_line = given.line, unmailed_seq = given.seq
         FROM given WHERE letter.id = given.id AND coalesce(letter.status, '') IN ('delivered', 'accepted', 'printed')";
    change.update_all("id, status, at, day, file_id, line, seq", letters, bind, update, LETTERS).await
}

pub(super) async fn bring_back(change: &mut Change, letters: &[Dated<'_>]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Dated<'_>| {
        row.push_bind(it.id).push_bind(at).push_bind(On(it.on));
    };
    let update = "UPDATE letter SET status = 'returned', status_at = given.at, returned_on = given.day
         FROM given WHERE letter.id = given.id AND coalesce(letter.status, '') = 'mailed'";
    change.update_all("id, at, day", letters, bind, update, LETTERS).await?;
    for letter in letters {
        tell_returned(change, letter.id).await?;
    }
    Ok(())
}
