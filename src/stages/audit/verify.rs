//! Is the log whole? All of it is recomputed, and held against all that is known of it.

use super::{Lines, PORTION};
use crate::audit::check::notes::KeptNote;
use crate::audit::check::{Checked, KeptHead, KeptSubtrees, Known};
use crate::audit::note::VerifierKey;
use crate::audit::read::Entry;
use crate::ports::Progress;
use crate::ports::ledger::{Head, Ledger, LedgerResult};
use crate::stages::outcome::{StageError, StageResult};

/// Levels of which subtrees are kept.
const LEVELS: std::ops::RangeInclusive<u32> = 1..=7;

/// What the log is held against besides what the ledger keeps.
#[derive(Default)]
pub struct Evidence<'a> {
    /// The keys that are trusted; those that follow from them through rotations are known too. Where there is none, signatures are not
    /// looked at.
    pub keys: Vec<VerifierKey>,
    /// Checkpoints from outside the ledger.
    pub notes: Vec<KeptNote>,
    /// The lines of an export that was made earlier, as JSON Lines.
    pub export: Option<Lines<'a>>,
}

/// Recomputes the whole log, a portion of entries at a time.
///
/// # Errors
/// Where the ledger cannot be read, or the export is none.
pub async fn verify(
    ledger: &dyn Ledger,
    origin: &str,
    mut evidence: Evidence<'_>,
    progress: &dyn Progress,
) -> StageResult<Checked> {
    let mut exported = Exported::begin(evidence.export.take())?;
    let known = Known {
        origin: origin.to_owned(),
        keys: evidence.keys,
        heads: ledger.heads().await?.into_iter().map(kept_head).collect(),
        notes: evidence.notes,
        subtrees: kept_subtrees(ledger).await?,
    };
    let mut check = known.begin();
    progress.begin("entries", ledger.log_size().await?);
    let mut next = 0;
    loop {
        let rows = ledger.entries(next, PORTION).await?;
        let Some(last) = rows.last() else { break };
        next = last.seq + 1;
        for row in &rows {
            let line = exported.line_of(row.seq)?;
            check.row(row.seq, &row.entry, &row.leaf_hash, line.as_deref());
        }
        progress.advance(rows.len() as u64);
    }
    progress.end();
    if let Some(seq) = exported.next_seq() {
        check.exported_beyond(seq);
    }
    Ok(known.judge(check))
}

fn kept_head(head: Head) -> KeptHead {
    let what = format!("the head of {}", head.taken_at);
    KeptHead { what, size: head.size, root: head.root, note: head.note, has_its_edge: head.has_its_edge }
}

async fn kept_subtrees(ledger: &dyn Ledger) -> LedgerResult<KeptSubtrees> {
    let mut kept = KeptSubtrees::new();
    for level in LEVELS {
        let mut next = 0;
        loop {
            let roots = ledger.subtrees(level, next, PORTION).await?;
            if roots.is_empty() {
                break;
            }
            for root in roots {
                kept.insert((level, next), root);
                next += 1;
            }
        }
    }
    Ok(kept)
}

/// An export under way: its next line, and the place of the entry that it should be.
struct Exported<'a> {
    lines: Option<Lines<'a>>,
    next: Option<(u64, Vec<u8>)>,
}

impl<'a> Exported<'a> {
    fn begin(lines: Option<Lines<'a>>) -> StageResult<Self> {
        let mut exported = Self { lines, next: None };
        if let Some(first) = exported.read()? {
            let entry = Entry::parse(&first).map_err(|fault| {
                StageError::Refused(format!(
                    "the first line of the export {fault}; it must be one that 'letterpost audit export' wrote as JSON Lines"
                ))
            })?;
            exported.next = Some((entry.seq, first));
        }
        Ok(exported)
    }

    fn read(&mut self) -> StageResult<Option<Vec<u8>>> {
        self.lines.as_mut().and_then(Iterator::next).transpose()
    }

    /// The line of an entry, where the export has one.
    fn line_of(&mut self, seq: u64) -> StageResult<Option<Vec<u8>>> {
        loop {
            let Some((place, line)) = self.next.take_if(|(place, _)| *place <= seq) else { return Ok(None) };
            self.next = self.read()?.map(|next| (place + 1, next));
            // The ledger may lack a row that was exported.
            if place == seq {
                return Ok(Some(line));
            }
        }
    }

    fn next_seq(&self) -> Option<u64> {
        self.next.as_ref().map(|(place, _)| *place)
    }
}
