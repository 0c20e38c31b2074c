//! `audit verify-proof`: a proof, checked with nothing but the file and the log's public key.

use std::path::Path;

use serde::Serialize;

use super::{lines, trust};
use crate::adapters::files;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::note::VerifierKey;
use crate::audit::proof_file::{ExportCheck, HexHash, ProofFault, ProofFile, check_consistency, check_letter};
use crate::audit::read::Entry;
use crate::cli::args::VerifyProofArgs;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;

#[derive(Serialize)]
struct Verdict {
    is_proved: bool,
    fault: Option<String>,
    #[serde(flatten)]
    proved: Option<Proved>,
}

#[derive(Serialize)]
struct Proved {
    what: String,
    origin: String,
    checkpoint_size: u64,
    entries: Vec<Entry>,
}

/// Checks a proof.
pub(super) fn verify_proof(args: &VerifyProofArgs, at: &Opening) -> CliResult<Exit> {
    let keys = trust::named(&args.key)?;
    let unreadable = |error: ProofFault| Failure::usage(format!("{}: {error}", args.file.display()));
    let file = ProofFile::from_json(&files::read(&args.file)?).map_err(unreadable)?;
    let verdict = match check(&file, args.export.as_deref(), &keys)? {
        Ok(proved) => Verdict { is_proved: true, fault: None, proved: Some(proved) },
        Err(fault) => Verdict { is_proved: false, fault: Some(fault.to_string()), proved: None },
    };
    at.report.show(&verdict, describe(&verdict));
    Ok(if verdict.is_proved { Exit::Done } else { Exit::Alarm })
}

fn check(file: &ProofFile, export: Option<&Path>, keys: &[VerifierKey]) -> CliResult<Result<Proved, ProofFault>> {
    match file {
        ProofFile::Letter { letter, checkpoint, entries, newer_entries, .. } => {
            Ok(check_letter(letter, checkpoint, entries, keys).map(|(checkpoint, read)| {
                let newer = match newer_entries {
                    0 => String::new(),
                    newer => format!(" ({newer} more were newer than the checkpoint)"),
                };
                proved(format!("{} entries about letter {letter} are in the log{newer}", read.len()), checkpoint, read)
            }))
        }
        ProofFile::Consistency { old, new, hashes, .. } => {
            Ok(check_consistency(old, new, hashes, keys).map(|(from, to)| {
                let bare = if Checkpoint::parse(old).is_ok() {
                    "; the first is not signed, and as good as where it comes from"
                } else {
                    ""
                };
                proved(
                    format!("the log of {} entries is the beginning of that of {}{bare}", from.size, to.size),
                    to,
                    Vec::new(),
                )
            }))
        }
        ProofFile::Range { checkpoint, from, to, hashes, .. } => {
            let export = export
                .ok_or_else(|| Failure::usage("this proof is of the entries of an export: name it with --export"))?;
            range(checkpoint, (*from, *to), hashes, export, keys)
        }
    }
}

fn range(
    note: &str,
    span: (u64, u64),
    hashes: &[HexHash],
    export: &Path,
    keys: &[VerifierKey],
) -> CliResult<Result<Proved, ProofFault>> {
    let mut check = match ExportCheck::begin(note, span, hashes, keys) {
        Ok(check) => check,
        Err(fault) => return Ok(Err(fault)),
    };
    for line in lines(export)? {
        if let Err(fault) = check.line(&line?) {
            return Ok(Err(fault));
        }
    }
    let what = format!("the export has all {} entries of the log from entry {} on", span.1 - span.0, span.0);
    Ok(check.finish().map(|checkpoint| proved(what, checkpoint, Vec::new())))
}

fn proved(what: String, checkpoint: Checkpoint, entries: Vec<Entry>) -> Proved {
    Proved { what, origin: checkpoint.origin, checkpoint_size: checkpoint.size, entries }
}

fn describe(verdict: &Verdict) -> String {
    let Some(proved) = &verdict.proved else {
        return format!("NOT proved: {}", verdict.fault.as_deref().unwrap_or_default());
    };
    let mut text = vec![format!("proved: {}", proved.what)];
    text.push(format!("by the signed checkpoint of {} over {} entries", proved.origin, proved.checkpoint_size));
    for entry in &proved.entries {
        let who = entry.who();
        let who = if who.is_empty() { String::new() } else { format!("  by {who}") };
        text.push(format!("  {}  {}  {}{who}\n      {}", entry.seq, entry.at, entry.kind, entry.told()));
    }
    text.join("\n")
}
