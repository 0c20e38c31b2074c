//! Both sides of a table held against each other, row by row in the order of their keys.

use sha2::{Digest as _, Sha256};

use super::Copied;
use super::catalog::Table;
use super::line::{self, Kind};
use super::source::Source;
use super::target::Target;
use crate::adapters::postgres::failed;
use crate::ports::Progress;
use crate::ports::ledger::{LedgerError, LedgerResult};

const COMPARING: &str = "held the copy against the old ledger";
/// Rows after which progress is told.
const OFTEN: u64 = 1_000;

/// Reads a table on both sides. Of a copy that is there already, only entries before `entries` count.
pub(super) async fn table(
    table: &Table,
    source: &mut Source,
    target: &mut Target,
    entries: Option<u64>,
    progress: &dyn Progress,
) -> LedgerResult<Copied> {
    progress.begin(&format!("comparing {}", table.name), 0);
    let compared = rows(table, source, target, entries, progress).await;
    progress.end();
    match compared? {
        Ok((rows, sha256)) => Ok(Copied { table: table.name.clone(), rows, sha256 }),
        Err(row) => {
            let key = source.key_of(table, row, true).await;
            Err(LedgerError::NotAllowed(format!(
                "table {}, row {key}: the copy is not as the old ledger; the old ledger was not left, and what was not in the \
                 new one before is not in it now",
                table.name
            )))
        }
    }
}

/// The rows and their digest; or the first row that differs.
async fn rows(
    table: &Table,
    source: &mut Source,
    target: &mut Target,
    entries: Option<u64>,
    progress: &dyn Progress,
) -> LedgerResult<Result<(u64, String), u64>> {
    let query = source.rows(table, true);
    let mut old = sqlx::query(query).fetch(&mut source.connection);
    let statement = copied_out(table, entries);
    let mut new = target.tx.copy_out_raw(&statement).await.map_err(failed(COMPARING))?;
    let (mut digest, mut rows) = (Sha256::new(), 0);
    let (mut line, mut found) = (Vec::new(), Lines::default());
    loop {
        let row = std::future::poll_fn(|cx| old.as_mut().poll_next(cx)).await.transpose();
        let row = row.map_err(failed("was read again"))?;
        let next = loop {
            if let Some(next) = found.next() {
                break Some(next);
            }
            match std::future::poll_fn(|cx| new.as_mut().poll_next(cx)).await.transpose().map_err(failed(COMPARING))? {
                Some(bytes) => found.add(&bytes),
                None => break None,
            }
        };
        let (row, next) = match (row, next) {
            (None, None) => return Ok(Ok((rows, hex::encode(digest.finalize())))),
            (Some(row), Some(next)) => (row, next),
            _ => return Ok(Err(rows)),
        };
        line.clear();
        if line::write(table, &row, &mut line).is_err() || line != next {
            return Ok(Err(rows));
        }
        digest.update(&line);
        rows += 1;
        if rows.is_multiple_of(OFTEN) {
            progress.advance(OFTEN);
        }
    }
}

/// How PostgreSQL is asked for the rows: as lines that [`line::write`] would write, in the order of their keys byte by byte.
fn copied_out(table: &Table, entries: Option<u64>) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| column.kind.asked_for(&column.name)).collect();
    let order: Vec<String> = table.key.iter().map(|key| by_bytes(table, key)).collect();
    let condition = match entries {
        Some(entries) if table.name == "audit_entry" => format!("WHERE seq < {entries}"),
        _ => String::new(),
    };
    let (columns, order) = (columns.join(", "), order.join(", "));
    format!("COPY (SELECT {columns} FROM {} {condition} ORDER BY {order}) TO STDOUT", table.on_postgres())
}

fn by_bytes(table: &Table, key: &str) -> String {
    let is_text = table.columns.iter().any(|column| column.name == key && column.kind == Kind::Text);
    if is_text { format!("\"{key}\" COLLATE \"C\"") } else { format!("\"{key}\"") }
}

/// Lines out of pieces of bytes.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    begin: usize,
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.begin));
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line with its end, if all of it is there.
    fn next(&mut self) -> Option<Vec<u8>> {
        let rest = &self.bytes[self.begin..];
        let end = rest.iter().position(|byte| *byte == b'\n')? + 1;
        self.begin += end;
        Some(rest[..end].to_vec())
    }
}
