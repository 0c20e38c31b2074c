//! What can be typed about dispatch records.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use crate::domain::letter::{LetterId, LetterStatus};

/// How dispatch records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DispatchFormat {
    /// The columns that matter, for people, within 100 characters
    #[default]
    Table,
    /// Every column, for programs
    Csv,
}

/// `report dispatch`.
#[derive(Debug, Args)]
#[command(
    after_help = "A piece counts on the day on which it was mailed; where it was spoiled, rejected or pulled, on that day; \
until then, and where its package was withdrawn, on the day on which it was to be mailed. Without --status all are told, \
mailed or not.\n\nThe totals are of all pieces of those days, whatever --status says, and of each package and intake file \
that has one, whole. Where two numbers that must be one are not, the status is 4 and they are named. With --format csv the \
totals go to standard error. The page of --html has the first 500 pieces.\n\nExamples:\n  letterpost report dispatch --from \
2026-03-01 --to 2026-03-31 --format csv > march.csv\n  letterpost report dispatch --letter 7K2QX-90DMC\n  letterpost report \
dispatch --intake-file requests.csv --status rejected,spoiled"
)]
pub struct DispatchArgs {
    /// The first day [default: thirty days before the last; all days with --letter, --package or --intake-file]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// The last day [default: today, or all days likewise]
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// Only pieces of this vendor
    #[arg(long, value_name = "CODE")]
    pub vendor: Option<String>,
    /// Only pieces that are now: sealed, delivered, accepted, printed, mailed, returned, spoiled, rejected, pulled, voided
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    pub status: Vec<LetterStatus>,
    /// Only this letter
    #[arg(long, value_name = "LETTER_ID")]
    pub letter: Option<LetterId>,
    /// Only pieces of this package
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
    /// Only pieces whose request came in this file: its name, or its SHA-256
    #[arg(long, value_name = "NAME")]
    pub intake_file: Option<String>,
    /// How to write them
    #[arg(long, value_enum, default_value_t, conflicts_with = "json")]
    pub format: DispatchFormat,
    /// Write a page to this file, in the place of one that is there, and nothing to standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "format"])]
    pub html: Option<PathBuf>,
}

fn status(text: &str) -> Result<LetterStatus, String> {
    LetterStatus::from_name(text).ok_or_else(|| {
        let known = LetterStatus::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(", ");
        format!("one of {known}")
    })
}
