//! The backup of a ledger on a server: what `pg_dump` wrote, read again and held against the log that is on record.

use std::path::Path;

use crate::adapters::large_files;
use crate::adapters::postgres::{PostgresAddress, dump};
use crate::audit::note::VerifierKey;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::ports::ledger::Ledger;
use crate::stages::checkpoint;

/// Writes a copy; how many entries its log has, and their root.
///
/// The log is recomputed twice: on the server, against its heads and the one outside, and from the copy's bytes, which must begin
/// with the same entries. What was recorded between the two is in the copy alone.
pub(super) async fn dump(
    ledger: &dyn Ledger,
    address: &PostgresAddress,
    origin: &str,
    (key, outside): (Option<&VerifierKey>, Option<&str>),
    copy: &Path,
) -> CliResult<(u64, String)> {
    let (entries, root, mut faults) = checkpoint::verify(ledger, origin, key, outside).await?;
    large_files::make_empty(copy)?;
    dump::dump_into(address, copy).await?;
    large_files::sync(copy)?;
    let log = dump::log_of(copy, entries).await?;
    if log.root_then != Some(root) {
        faults.push(format!("its first {entries} entries are not those of the ledger"));
    }
    if faults.is_empty() {
        return Ok((log.size, hex::encode(log.root)));
    }
    let (copy, faults) = (copy.display(), faults.join("; "));
    let message = format!(
        "the copy {copy} does not hold the log that was kept ({faults}), so it was not made a backup; run 'letterpost audit \
         verify'"
    );
    Err(Failure::new(Exit::Alarm, message))
}
