//! Arguments of `audit`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::LogKeyCommand;
use crate::domain::letter::LetterId;

/// `audit …`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute the log and hold it against every head that was kept, in the ledger and outside it.
    #[command(
        after_help = "Every entry, subtree, head and signature is looked at; on a difference the exit status is 4, and the first \
entry that differs is named as exactly as can be known. A checkpoint that you kept yourself, out of the site's hands, shows what \
somebody who can write everywhere on the site would hide; an export that you kept tells the very entry.\n\nExamples:\n  letterpost \
audit verify\n  letterpost audit verify --checkpoint my-copy.note --checkpoint inbox/eba-acme-000123.ready\n  letterpost audit verify \
--key \"$(cat log.vkey)\" --export 2026.jsonl"
    )]
    Verify(VerifyArgs),
    /// Write the entries of a span of days, in the bytes that the log's hashes are made of.
    #[command(
        after_help = "As JSON Lines, SHA-256 of a zero byte and a line is the leaf of the tree. Dates are days of the site's zone, both \
included. With --proof, entries that no signed checkpoint covers yet are left out, and how many is said.\n\nExamples:\n  letterpost audit \
export --from 2026-10-01 --to 2026-12-31 --proof q4.proof.json > q4.jsonl\n  letterpost audit export --format csv --out log.csv"
    )]
    Export(ExportArgs),
    /// Write a small file that proves what the log says of a letter.
    #[command(
        after_help = "Whoever has the file and the log's public key can check it: 'letterpost audit verify-proof', or \
docs/verify_letterpost.py. It names no recipient.\n\nExample: letterpost audit prove 7K2QX-90DMC --out 7K2QX-90DMC.proof.json"
    )]
    Prove(ProveArgs),
    /// Check a proof with nothing but the file and the log's public key: no site is needed.
    #[command(
        after_help = "Takes what prove, consistency and export --proof write. Exit status: 0 proved; 4 not; 2 the file is no proof.\n\n\
Examples:\n  letterpost audit verify-proof 7K2QX-90DMC.proof.json --key \"$(cat log.vkey)\"\n  letterpost audit verify-proof q4.proof.json \
--export q4.jsonl --key log.vkey"
    )]
    VerifyProof(VerifyProofArgs),
    /// Prove that the log of one checkpoint is the beginning of another's.
    #[command(
        after_help = "Each is a number of entries of which the ledger keeps a head, or a file with a note. Exit status 4 where they are \
not of one history.\n\nExamples:\n  letterpost audit consistency 1200 5310\n  letterpost audit consistency my-copy.note 5310 --out \
consistency.proof.json"
    )]
    Consistency(ConsistencyArgs),
    /// The key that signs the log's heads.
    #[command(subcommand)]
    Key(LogKeyCommand),
}

/// `audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A checkpoint from outside: a note, a file of notes, a ready marker or a proof. May be given again.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// A key of the log that you trust, name+id+key or a file with it. May be given again. Otherwise the site's own is taken.
    #[arg(long, value_name = "VKEY")]
    pub key: Vec<String>,
    /// An export as JSON Lines that you kept: the entry that differs is found exactly.
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
}

/// `audit export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The first day; otherwise from the log's beginning.
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// The last day; otherwise to the log's end.
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// How entries are written.
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub format: ExportFormat,
    /// Write a proof there that these entries are all of the log's in their span.
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// Write the entries there, not to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The canonical bytes, an entry a line.
    Jsonl,
    /// A table for spreadsheets.
    Csv,
}

/// `audit prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// The letter's id.
    pub letter: LetterId,
    /// Write the proof there, not to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `audit verify-proof`.
#[derive(Debug, Args)]
pub struct VerifyProofArgs {
    /// The proof.
    pub file: PathBuf,
    /// A key of the log that you trust, name+id+key or a file with it. May be given again.
    #[arg(long, value_name = "VKEY", required = true)]
    pub key: Vec<String>,
    /// The export that a proof of a span was made with, as JSON Lines.
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
}

/// `audit consistency`.
#[derive(Debug, Args)]
pub struct ConsistencyArgs {
    /// The checkpoint that covers fewer entries: their number, or a file with a note.
    pub old: String,
    /// The checkpoint that covers more.
    pub new: String,
    /// A key of the log that you trust, name+id+key or a file with it. May be given again. Otherwise the site's own is taken.
    #[arg(long, value_name = "VKEY")]
    pub key: Vec<String>,
    /// Write the proof there.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
