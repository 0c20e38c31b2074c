//! What can be typed after `vendor verify` and `vendor receipt`.

use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::exception::LetterException;
use super::simulate::Manners;
use crate::domain::letter::LetterId;
use crate::domain::postal_statement::PostalStatement;

/// What overrides `vendor.toml`.
#[derive(Debug, Clone, Args)]
pub struct SettingsArgs {
    /// The vendor's settings [default: vendor.toml in the folder of what is named, or in the folder above it]
    #[arg(long, value_name = "FILE", env = "LETTERPOST_VENDOR_CONFIG")]
    pub vendor_config: Option<PathBuf>,
    /// The vendor's secret key; its passphrase is taken from LETTERPOST_VENDOR_KEY_PASSPHRASE
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The site's certificate: only what this key signed is accepted; repeat it while the site changes its key
    #[arg(long = "site-certificate", value_name = "FILE")]
    pub site_certificates: Vec<PathBuf>,
    /// The folder where receipts go
    #[arg(long, value_name = "DIR")]
    pub outbox: Option<PathBuf>,
    /// The file of package names that were taken; made when the first is
    #[arg(long, value_name = "FILE")]
    pub register: Option<PathBuf>,
    /// This vendor's code, the part of a package's name before its number
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// The site's time zone, in which "today" and the dates of receipts are meant
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    pub time_zone: Tz,
}

/// The package, and what overrides `vendor.toml`.
#[derive(Debug, Clone, Args)]
pub struct PackageArgs {
    /// The sealed package, NAME.zip.pgp; NAME.ready lies beside it
    pub package: PathBuf,
    /// Check the package although NAME.ready is missing; it may still be arriving
    #[arg(long)]
    pub without_ready: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// What can be typed after `vendor verify`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example:\n  letterpost vendor verify inbox/eba-acme-000123.zip.pgp --take --extract job-000123"
)]
pub struct VerifyArgs {
    /// The package and the settings.
    #[command(flatten)]
    pub common: PackageArgs,
    /// Write the name into the register as taken; refuse one that was taken before or can no longer be mailed in time
    #[arg(long)]
    pub take: bool,
    /// Unpack the letters into this new folder, readable by its owner only
    #[arg(long, value_name = "DIR")]
    pub extract: Option<PathBuf>,
    /// Unpack a package that was taken before, as after a crash; make sure that nothing is printed twice
    #[arg(long, requires = "extract", conflicts_with = "take")]
    pub again: bool,
}

/// What can be typed after `vendor pulls`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:
  letterpost vendor pulls inbox/eba-acme-000123.pull-1.json.pgp
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --events accepted \\
      --pulled-by inbox/eba-acme-000123.pull-1.json.pgp")]
pub struct PullsArgs {
    /// Pull orders, NAME.pull-1.json.pgp and so on
    #[arg(required = true, value_name = "ORDER")]
    pub orders: Vec<PathBuf>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// What a receipt can say of letters, and `accepted` for the package alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LetterEvent {
    /// The package was opened, checked and taken
    Accepted,
    /// The letters are on paper
    Printed,
    /// The letters were handed to the postal service
    Mailed,
    /// The postal service brought the letters back; with --only
    Returned,
}

/// What can be typed after `vendor receipt`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --events accepted
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --events printed,mailed --on 2026-03-03 \\
      --postal-statement 3600-20260303 --except 7K2QX-90DMC=spoiled:remade --except 0B4TN-3WZ8H=rejected:unreadable
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --events accepted --pulled-by inbox/eba-acme-000123.pull-1.json.pgp
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --events returned --only 7K2QX-90DMC
  letterpost vendor receipt inbox/eba-acme-000123.zip.pgp --refuse \"the stock has run out\"")]
pub struct ReceiptArgs {
    /// The package and the settings.
    #[command(flatten)]
    pub common: PackageArgs,
    /// What happened to every letter that --except does not name
    #[arg(long, value_enum, value_delimiter = ',', default_value = "accepted,printed,mailed")]
    pub events: Vec<LetterEvent>,
    /// When it happened [default: today in the site's time zone]
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
    /// Refuse the whole package; none of its letters is printed. The receipt has no place for the reason: tell the site
    #[arg(long, value_name = "REASON",
        conflicts_with_all = ["events", "except", "only", "pulled_by", "postal_statement"])]
    pub refuse: Option<String>,
    /// What happened to one letter instead: LETTER_ID=EVENT or LETTER_ID=EVENT:DETAIL, EVENT one of printed, mailed,
    /// spoiled, rejected, pulled, returned; `spoiled:remade` is said besides the other events
    #[arg(long, value_name = "LETTER_ID=EVENT[:DETAIL]")]
    pub except: Vec<LetterException>,
    /// The number of the postal statement (PS Form 3600 or 3602) of this mailing: letters, digits and hyphens, at most 40; a
    /// letter of another one is named with --except LETTER_ID=mailed:NUMBER
    #[arg(long, value_name = "NUMBER")]
    pub postal_statement: Option<PostalStatement>,
    /// The letters of this pull order were taken out, but those that --except names, such as LETTER_ID=mailed for one
    /// that had left; repeat it for more
    #[arg(long, value_name = "ORDER")]
    pub pulled_by: Vec<PathBuf>,
    /// Speak of this letter only; repeat it for more
    #[arg(long, value_name = "LETTER_ID")]
    pub only: Vec<LetterId>,
    /// The receipt's number, where earlier ones were moved out of the outbox [default: the first that is free there]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub number: Option<u32>,
    /// Show the receipt and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What can be typed after `vendor simulate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  letterpost vendor simulate demo/vendor/inbox --once
  letterpost vendor simulate demo/vendor/inbox --accept-after 1m --print-after 2m --mail-after 5m --spoil 2 --remake
  letterpost vendor simulate demo/vendor/inbox --mistakes unsigned,gap,wrong-sheets --mistaken 20 --seed 7

Kinds of mistakes: unsigned, other-key, changed-after-signing, no-trailer, wrong-total, other-digest, not-utf8 and \
opposite make a receipt that the site refuses whole; gap one that it waits with; replaced one that is an alarm; \
wrong-sheets, foreign-letter, future-date, early-date, mailed-twice, backwards and unknown-event a line that it holds; \
ignored-pull a letter that is mailed although it was pulled.")]
pub struct SimulateArgs {
    /// The vendor's inbox
    pub inbox: PathBuf,
    /// The stand-in's own folder: packages that it took, and what it remembers [default: stand-in beside the inbox]
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Look once, do what is due, and end
    #[arg(long, conflicts_with = "for_seconds")]
    pub once: bool,
    /// End after so many seconds [default: at Ctrl-C or SIGTERM]
    #[arg(long, value_name = "SECONDS")]
    pub for_seconds: Option<u64>,
    /// Look into the inbox so often
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub look_every_ms: u64,
    /// How it behaves.
    #[command(flatten)]
    pub manners: Manners,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}
