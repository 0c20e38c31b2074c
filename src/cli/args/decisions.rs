//! What can be typed where a person decides about an exception.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

/// Why, and who: both are kept.
#[derive(Debug, Clone, Args)]
pub struct Because {
    /// Why; it is kept
    #[arg(long)]
    pub reason: String,
    /// Who decides: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// A person's decision about a request.
#[derive(Debug, Clone, Args)]
pub struct DecisionArgs {
    /// The portal's reference
    pub reference: String,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `request release`.
#[derive(Debug, Clone, Args)]
pub struct ReleaseRequestArgs {
    /// The portal's reference
    pub reference: String,
    /// How.
    #[command(flatten)]
    pub release: ReleaseArgs,
}

/// `batch hold`.
#[derive(Debug, Clone, Args)]
pub struct HoldPackageArgs {
    /// The package's name
    pub package: String,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `batch release`.
#[derive(Debug, Clone, Args)]
pub struct ReleasePackageArgs {
    /// The package's name
    pub package: String,
    /// How.
    #[command(flatten)]
    pub release: ReleaseArgs,
}

/// A release: one person's word, or where `[approval] releases` is true a second one's too.
#[derive(Debug, Clone, Args)]
pub struct ReleaseArgs {
    /// Why; it is kept
    #[arg(long, required_unless_present = "confirm", conflicts_with = "confirm")]
    pub reason: Option<String>,
    /// Confirm what another person asked for; with --by
    #[arg(long)]
    pub confirm: bool,
    /// Who decides: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `letter reissue`.
#[derive(Debug, Clone, Args)]
pub struct ReissueArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required = true, value_name = "LETTER")]
    pub letters: Vec<String>,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `letter returned`.
#[derive(Debug, Clone, Args)]
pub struct ReturnedArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required_unless_present = "list", value_name = "LETTER")]
    pub letters: Vec<String>,
    /// A file of more of them, one a line; of CSV the first column. Lines that begin with '#' and a space are comments
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// The day on which they came back
    #[arg(long, value_name = "DATE")]
    pub on: NaiveDate,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `letter correct`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["mailed_on", "confirm", "drop"]))]
pub struct CorrectArgs {
    /// The letter: by its id, the line above the address, or the digits of its barcode
    pub letter: String,
    /// The day on which it was mailed
    #[arg(long, value_name = "DATE")]
    pub mailed_on: Option<NaiveDate>,
    /// Confirm a correction that another person asked for
    #[arg(long)]
    pub confirm: bool,
    /// Drop a correction that waits for a second person
    #[arg(long)]
    pub drop: bool,
    /// Why; it is kept
    #[arg(long, required_unless_present = "confirm", conflicts_with = "confirm")]
    pub reason: Option<String>,
    /// Who says so: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `batch pull`.
#[derive(Debug, Clone, Args)]
pub struct PullArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required = true, value_name = "LETTER")]
    pub letters: Vec<String>,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}
