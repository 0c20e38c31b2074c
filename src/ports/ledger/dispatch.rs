//! Dispatch records: each piece from the intake file to the receipt line, and the numbers that must tie.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::audit::entry::instant_text;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::postal_statement::PostalStatement;

/// Which pieces are asked for: those that answer to everything that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DispatchQuestion {
    /// The first day on which a piece may count; `None` for the first of all.
    pub from: Option<NaiveDate>,
    /// The last day on which a piece may count; `None` for the last of all.
    pub to: Option<NaiveDate>,
    /// The vendor's code.
    pub vendor: Option<String>,
    /// Where the letter is; none for wherever it is. The totals are of all pieces all the same.
    pub statuses: Vec<LetterStatus>,
    /// One letter.
    pub letter: Option<LetterId>,
    /// The package's name.
    pub package: Option<String>,
    /// The intake file's name, or its SHA-256 in hexadecimal.
    pub intake_file: Option<String>,
}

/// Declares the columns once: as fields, as names, and as texts.
macro_rules! columns {
    ($($name:ident: $kind:ty => $text:expr),+ $(,)?) => {
        /// A row of the view `dispatch_records`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[allow(missing_docs, reason = "the columns are those of the view, told in docs/auditor-guide.md")]
        pub struct DispatchRecord { $(pub $name: $kind),+ }

        impl DispatchRecord {
            /// The names of the columns, in their order.
            pub const COLUMNS: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Each column as text, in the same order; what is missing is empty.
            #[must_use]
            pub fn cells(&self) -> Vec<String> {
                vec![$($text(&self.$name)),+]
            }
        }
    };
}

columns! {
    letter_id: String => text,
    reference: String => text,
    vendor: String => text,
    package: String => text,
    package_sha256: Option<String> => maybe,
    sequence: u32 => text,
    sheets: u32 => text,
    template_version: String => text,
    delivered_at: Option<DateTime<Utc>> => maybe_instant,
    dispatched_on: Option<NaiveDate> => maybe,
    receipt_file: Option<String> => maybe,
    receipt_sha256: Option<String> => maybe,
    receipt_line: Option<i64> => maybe,
    expected_from: NaiveDate => text,
    expected_to: NaiveDate => text,
    use_by_on: NaiveDate => text,
    expires_on: NaiveDate => text,
    ended_on: Option<NaiveDate> => maybe,
    end_reason: Option<String> => maybe,
    replaces: Option<String> => maybe,
    replaced_by: Option<String> => maybe,
    run: Option<i64> => maybe,
    audit_seq: Option<i64> => maybe,
    reported_on: Option<NaiveDate> => maybe,
    counted_on: NaiveDate => text,
    status: LetterStatus => text,
    password_status: PasswordStatus => text,
    intake_file: String => text,
    intake_sha256: String => text,
    intake_line: i64 => text,
    requested_at: DateTime<Utc> => instant,
    outside: bool => text,
    minted_at: DateTime<Utc> => instant,
    planned_mail_on: NaiveDate => text,
    mail_by_on: Option<NaiveDate> => maybe,
    cap_on: NaiveDate => text,
    letter_sha256: String => text,
    receipt_read_at: Option<DateTime<Utc>> => maybe_instant,
    corrections: Option<String> => maybe,
    postal_statement: Option<PostalStatement> => maybe,
    unmailed_on: Option<NaiveDate> => maybe,
    returned_on: Option<NaiveDate> => maybe,
}

fn text(value: &impl ToString) -> String {
    value.to_string()
}

fn maybe(value: &Option<impl ToString>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn instant(value: &DateTime<Utc>) -> String {
    instant_text(*value)
}

fn maybe_instant(value: &Option<DateTime<Utc>>) -> String {
    value.map(instant_text).unwrap_or_default()
}

/// Two numbers that must be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// What is counted, and what says how many there must be.
    pub what: &'static str,
    /// As it is counted in the ledger.
    pub counted: u64,
    /// As it is said there.
    pub said: u64,
    /// Whether they are one.
    pub ties: bool,
}

impl Tie {
    /// Two numbers.
    #[must_use]
    pub fn new(what: &'static str, counted: u64, said: u64) -> Self {
        Self { what, counted, said, ties: counted == said }
    }
}

/// What must tie of one package, or of one intake file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tied {
    /// Its name.
    pub name: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The numbers.
    pub ties: Vec<Tie>,
    /// How many of it are where: letters of a package, requests of an intake file.
    pub states: BTreeMap<String, u64>,
}

/// What must tie of the whole span with the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogTie {
    /// The numbers.
    pub ties: Vec<Tie>,
    /// The letters that do not agree with their entries, the first few.
    pub differing: Vec<String>,
}

/// Everything that must tie. A package or an intake file that has a piece in the answer is counted whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DispatchTotals {
    /// Of each package, with its control totals, its receipts and the log.
    pub packages: Vec<Tied>,
    /// Of each intake file, with what was counted when it was taken and the log.
    pub intake_files: Vec<Tied>,
    /// Of all pieces of the span, with the log.
    pub log: LogTie,
}

impl DispatchTotals {
    /// What does not tie, each as a sentence; empty where all does.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let of = |name: &str, tie: &Tie| format!("{name}: {}: {} counted, {} said", tie.what, tie.counted, tie.said);
        let whole = |kind: &str, tied: &Tied| {
            let subject = format!("{kind} {}", tied.name);
            tied.ties.iter().filter(|tie| !tie.ties).map(|tie| of(&subject, tie)).collect::<Vec<_>>()
        };
        let packages = self.packages.iter().flat_map(|package| whole("package", package));
        let files = self.intake_files.iter().flat_map(|file| whole("intake file", file));
        let log = self.log.ties.iter().filter(|tie| !tie.ties).map(|tie| of("the log", tie));
        let letters =
            self.log.differing.iter().map(|letter| format!("letter {letter}: its entry in the log says otherwise"));
        packages.chain(files).chain(log).chain(letters).collect()
    }
}

/// What the ledger does for dispatch records.
#[async_trait]
pub trait DispatchLedger: Send + Sync {
    /// Gives each piece that is asked for, by day, package and place, and then what must tie; all as of one moment. However many
    /// pieces there are, a bounded number of them is in memory at once.
    async fn dispatches(
        &self,
        question: &DispatchQuestion,
        take: &mut (dyn FnMut(DispatchRecord) + Send),
    ) -> LedgerResult<DispatchTotals>;
}
