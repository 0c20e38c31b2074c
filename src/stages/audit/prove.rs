//! A proof of what the log says of one letter, for somebody who has nothing but the log's public key.

use super::hashes::Hashes;
use super::{last_signed, not_the_root};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::leaf_hash;
use crate::audit::proof::{Plan, verify_inclusion};
use crate::audit::proof_file::{ProofFile, ProvedEntry, hex_hashes};
use crate::domain::letter::LetterId;
use crate::ports::ledger::{KeptEntry, Ledger};
use crate::stages::outcome::{StageError, StageResult};

/// A proof that was made.
pub struct Proved {
    /// The file.
    pub file: ProofFile,
    /// The checkpoint that its entries are under.
    pub checkpoint: Checkpoint,
    /// How many entries it proves.
    pub entries: u64,
    /// How many entries of the letter are newer than the checkpoint.
    pub newer: u64,
}

/// Proves the entries of a letter that are under the newest signed checkpoint.
///
/// # Errors
/// Where there is no signed checkpoint or no entry under it, the ledger cannot be read, or its hashes do not give the
/// checkpoint's root.
pub async fn letter(ledger: &dyn Ledger, origin: &str, letter: LetterId) -> StageResult<Proved> {
    let id = letter.to_string();
    let (checkpoint, note) = last_signed(ledger, origin).await?;
    let (under, newer): (Vec<KeptEntry>, Vec<KeptEntry>) =
        ledger.entries_of_letter(&id).await?.into_iter().partition(|kept| kept.seq < checkpoint.size);
    if under.is_empty() {
        return Err(StageError::Refused(if newer.is_empty() {
            format!("the log has no entry about letter {id}")
        } else {
            format!(
                "the log's {} entries about letter {id} are newer than its last signed checkpoint: run 'letterpost checkpoint' first",
                newer.len()
            )
        }));
    }
    let mut hashes = Hashes::of(ledger);
    let mut proved = Vec::with_capacity(under.len());
    for kept in under {
        let plan = Plan::inclusion(kept.seq, checkpoint.size).ok_or_else(|| not_the_root("its head", &checkpoint))?;
        let proof = hashes.prove(&plan).await?;
        let leaf = leaf_hash(&kept.entry);
        if !verify_inclusion(kept.seq, checkpoint.size, &leaf, &proof, &checkpoint.root) {
            return Err(not_the_root("the newest head", &checkpoint));
        }
        let entry = String::from_utf8(kept.entry).map_err(|_| not_the_root("the newest head", &checkpoint))?;
        proved.push(ProvedEntry { index: kept.seq, entry, hashes: hex_hashes(&proof) });
    }
    let (entries, newer) = (proved.len() as u64, newer.len() as u64);
    Ok(Proved { file: ProofFile::letter(id, note, newer, proved), checkpoint, entries, newer })
}
