//! Copies of a ledger on a server: made by PostgreSQL's own `pg_dump`, and read again by its `pg_restore`.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::address::PostgresAddress;
use crate::audit::merkle::{Frontier, Hash, leaf_hash};
use crate::ports::ledger::{LedgerError, LedgerResult};

/// What it is doing, for errors.
const DOING: &str = "was copied by pg_dump";
/// What begins the rows of the audit log in what `pg_restore` writes, with its first columns, and what ends them.
const ROWS_BEGIN: &[u8] = b"COPY letterpost.audit_entry (seq, entry, leaf_hash";
const ROWS_END: &[u8] = b"\\.";
/// What begins a value of bytes.
const BYTES: &[u8] = b"\\\\x";

/// The audit log that a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DumpedLog {
    /// Entries.
    pub size: u64,
    /// The root over all of them, recomputed from their bytes.
    pub root: Hash,
    /// The root over as many of them as were asked for; `None` where there are fewer.
    pub root_then: Option<Hash>,
}

/// Writes the ledger and the portal's table, as they are at one moment, into a file that is there.
///
/// # Errors
/// Where `pg_dump` is missing or refuses: it must be as new as the server.
pub async fn dump_into(address: &PostgresAddress, into: &Path) -> LedgerResult<()> {
    let mut command = Command::new("pg_dump");
    command
        .args(["--format=custom", "--no-password", "--lock-wait-timeout=30s"])
        .args(["--schema=letterpost", "--schema=intake", "--dbname", address.as_str(), "--file"])
        .arg(std::path::absolute(into).map_err(|error| failed(&error.to_string()))?)
        .envs(address.mode_of_programs());
    if let Some(folder) = address.folder() {
        command.current_dir(folder);
    }
    in_background(move || {
        let dumping = started(command.stdout(Stdio::null()))?;
        ended(dumping, "pg_dump")
    })
    .await
}

/// Reads the audit log out of a copy, and with it the whole copy.
///
/// # Errors
/// Where `pg_restore` is missing or cannot read it, or the log lacks an entry.
pub async fn log_of(dump: &Path, then: u64) -> LedgerResult<DumpedLog> {
    let mut command = Command::new("pg_restore");
    command.args(["--data-only", "--schema=letterpost", "--table=audit_entry", "--file=-"]).arg(dump);
    in_background(move || {
        let mut reading = started(command.stdout(Stdio::piped()))?;
        let Some(rows) = reading.stdout.take() else { return Err(failed("pg_restore gave nothing")) };
        let log = read_log(BufReader::new(rows), then)?;
        ended(reading, "pg_restore")?;
        Ok(log)
    })
    .await
}

/// Reads rows of the log, in whatever order they lie in the table: they are nearly in theirs.
fn read_log(mut rows: impl std::io::BufRead, then: u64) -> LedgerResult<DumpedLog> {
    let (mut frontier, mut waiting, mut root_then) = (Frontier::new(), BTreeMap::<u64, Hash>::new(), None);
    let (mut line, mut is_within) = (Vec::new(), false);
    loop {
        if frontier.size() == then {
            root_then = Some(frontier.root());
        }
        line.clear();
        if rows.read_until(b'\n', &mut line).map_err(|error| failed(&error.to_string()))? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if !is_within || text == ROWS_END {
            is_within = text.starts_with(ROWS_BEGIN);
            continue;
        }
        let (seq, leaf) = read_row(text).ok_or_else(|| failed("a row of its audit log cannot be read"))?;
        waiting.insert(seq, leaf);
        while let Some(leaf) = waiting.remove(&frontier.size()) {
            frontier.append(leaf);
            if frontier.size() == then {
                root_then = Some(frontier.root());
            }
        }
    }
    match waiting.first_key_value() {
        None => Ok(DumpedLog { size: frontier.size(), root: frontier.root(), root_then }),
        Some(_) => Err(failed(&format!("its audit log has no entry {}", frontier.size()))),
    }
}

/// A row's place, and the hash of its bytes.
fn read_row(line: &[u8]) -> Option<(u64, Hash)> {
    let mut values = line.split(|byte| *byte == b'\t');
    let seq = std::str::from_utf8(values.next()?).ok()?.parse().ok()?;
    let entry = hex::decode(values.next()?.strip_prefix(BYTES)?).ok()?;
    Some((seq, leaf_hash(&entry)))
}

fn failed(why: &str) -> LedgerError {
    LedgerError::Unavailable { doing: DOING, reason: why.to_owned() }
}

fn started(command: &mut Command) -> LedgerResult<Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(|error| {
        LedgerError::NotAllowed(format!("{program} cannot be run: {error}; install PostgreSQL's client programs"))
    })
}

/// Waits for a program and tells what it said where it failed. It says little, so that it never waits for a reader.
fn ended(mut child: Child, program: &str) -> LedgerResult<()> {
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        errors.read_to_string(&mut said).map_err(|error| failed(&error.to_string()))?;
    }
    let status = child.wait().map_err(|error| failed(&error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(&format!("{program}: {}", said.trim()))) }
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> LedgerResult<T> + Send + 'static) -> LedgerResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `pg_restore` writes them.
    fn rows(entries: &[(u64, &str)]) -> Vec<u8> {
        let mut text = b"SET search_path = '';\n".to_vec();
        text.extend_from_slice(ROWS_BEGIN);
        for (seq, entry) in entries {
            text.extend_from_slice(format!("\n{seq}\t\\\\x{}\t\\\\x00", hex::encode(entry)).as_bytes());
        }
        text.extend_from_slice(b"\n\\.\n\n-- done\n");
        text
    }

    fn root(entries: &[&str]) -> Hash {
        let mut frontier = Frontier::new();
        entries.iter().for_each(|entry| frontier.append(leaf_hash(entry.as_bytes())));
        frontier.root()
    }

    #[test]
    fn the_log_is_recomputed_from_bytes_in_any_order() {
        let log = read_log(rows(&[(0, "{a}"), (2, "{c}"), (1, "{b}")]).as_slice(), 2).unwrap();
        let expected =
            DumpedLog { size: 3, root: root(&["{a}", "{b}", "{c}"]), root_then: Some(root(&["{a}", "{b}"])) };
        assert_eq!(log, expected);
        let short = read_log(rows(&[(0, "{a}")]).as_slice(), 2).unwrap();
        assert_eq!((short.size, short.root_then), (1, None));
        assert_eq!(read_log(rows(&[]).as_slice(), 0).unwrap().root_then, Some(root(&[])));
    }

    #[test]
    fn a_log_that_lacks_an_entry_or_has_another_row_is_refused() {
        let lacking = read_log(rows(&[(0, "{a}"), (2, "{c}")]).as_slice(), 1).unwrap_err();
        assert!(lacking.to_string().contains("has no entry 1"), "{lacking}");
        let text = String::from_utf8(rows(&[(0, "{a}")])).unwrap().replace("\\\\x7b", "what");
        assert!(read_log(text.as_bytes(), 0).is_err());
    }
}
