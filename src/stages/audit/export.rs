//! The entries of a span of days, as the log has them, and the proof that they are all of them.

use super::hashes::Hashes;
use super::{PORTION, last_signed, not_the_root};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::{Hash, leaf_hash};
use crate::audit::proof::{Plan, RangeCheck, Span};
use crate::audit::proof_file::ProofFile;
use crate::audit::read::{Entry, Fields};
use crate::package::cell;
use crate::ports::Progress;
use crate::ports::ledger::{KeptEntry, Ledger};
use crate::stages::outcome::{StageError, StageResult};

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One a line, in their canonical bytes: SHA-256 of a zero byte and the line is the leaf.
    JsonLines,
    /// A table for spreadsheets.
    Csv,
}

/// The columns of the table.
const COLUMNS: [&str; 9] = ["seq", "at", "kind", "actor", "subjects", "before", "after", "data", "leaf_sha256"];

/// Where an export goes, piece by piece; `false` where nobody reads it any more.
pub type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> StageResult<bool> + Send);

/// A proof of a span, before the entries of it are written.
pub struct Proof {
    /// The file.
    pub file: ProofFile,
    hashes: Vec<Hash>,
    checkpoint: Checkpoint,
}

/// The part of a span that the newest signed checkpoint covers, and the proof of it.
///
/// # Errors
/// Where there is no signed checkpoint, or the ledger cannot be read.
pub async fn prove(ledger: &dyn Ledger, origin: &str, span: Span) -> StageResult<(Span, Proof)> {
    let (checkpoint, note) = last_signed(ledger, origin).await?;
    let span = Span { from: span.from.min(checkpoint.size), to: span.to.min(checkpoint.size) };
    let plan = Plan::range(span, checkpoint.size).ok_or_else(|| not_the_root("the newest head", &checkpoint))?;
    let hashes = Hashes::of(ledger).prove(&plan).await?;
    let file = ProofFile::range(note, span.from, span.to, &hashes);
    Ok((span, Proof { file, hashes, checkpoint }))
}

/// Writes the entries of a span. Where there is a proof, they must give its checkpoint's root.
///
/// # Errors
/// Where the ledger cannot be read, the sink refuses, or the entries do not give the root.
pub async fn write(
    ledger: &dyn Ledger,
    span: Span,
    format: Format,
    proof: Option<&Proof>,
    sink: Sink<'_>,
    progress: &dyn Progress,
) -> StageResult<()> {
    let mut check = proof.and_then(|proof| Some((RangeCheck::begin(span.from, &proof.hashes)?, proof)));
    if format == Format::Csv && !sink(cell::row(COLUMNS).as_bytes())? {
        return Ok(());
    }
    progress.begin("entries", span.len());
    let mut next = span.from;
    while next < span.to {
        let limit = u32::try_from(span.to - next).unwrap_or(PORTION).min(PORTION);
        let rows = ledger.entries(next, limit).await?;
        let Some(last) = rows.last() else { break };
        next = last.seq + 1;
        for kept in &rows {
            if let Some((check, _)) = &mut check {
                check.append(leaf_hash(&kept.entry));
            }
            if !sink(&line(kept, format)?)? {
                return Ok(());
            }
        }
        progress.advance(rows.len() as u64);
    }
    progress.end();
    match check {
        Some((check, Proof { checkpoint, .. })) if check.root(checkpoint.size) != Some(checkpoint.root) => {
            Err(not_the_root("the newest head", checkpoint))
        }
        _ => Ok(()),
    }
}

fn line(kept: &KeptEntry, format: Format) -> StageResult<Vec<u8>> {
    match format {
        Format::JsonLines => Ok([kept.entry.as_slice(), b"\n"].concat()),
        Format::Csv => row(kept).map(String::into_bytes),
    }
}

fn row(kept: &KeptEntry) -> StageResult<String> {
    let not_read =
        |told: String| StageError::Alarm(format!("entry {} {told}; 'letterpost audit verify' says more", kept.seq));
    let entry = Entry::parse(&kept.entry).map_err(|fault| not_read(fault.to_string()))?;
    let json = |fields: &Fields| match fields.is_empty() {
        true => Ok(String::new()),
        false => serde_json::to_string(fields).map_err(|error| not_read(error.to_string())),
    };
    let actor = entry.actor.as_ref().map_or(Ok(String::new()), json)?;
    let cells = [
        entry.seq.to_string(),
        entry.at.clone(),
        entry.kind.clone(),
        actor,
        entry.subjects(),
        json(&entry.before)?,
        json(&entry.after)?,
        json(&entry.data)?,
        hex::encode(leaf_hash(&kept.entry)),
    ];
    Ok(cell::row(cells.iter().map(String::as_str)))
}
