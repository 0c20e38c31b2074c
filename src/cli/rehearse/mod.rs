//! `rehearse DAYS`: business days on a scratch site, by a clock that is moved, with people, operations and a vendor.
//!
//! ```text
//! people ask ──► nights ──► the stand-in vendor prints, spoils, loses, mails, brings back ──► receipts ──► people sign in
//!                  ▲                                                                             │
//!                  └──────── operations answer what the nights ask of a person ◄─────────────────┘
//! ```
//!
//! Nothing is played but time, chance and people: the stages, the ledger, the sealed packages and the receipts are those
//! of every site. When the days are over, the rehearsal goes on without new requests until nothing is on its way, and
//! then holds the site's books against the vendor's: every request, every piece, every live password. What cannot be
//! explained is told, and the exit status is 4.

mod accounting;
mod day;
mod operations;
mod people;
mod scratch;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::vendor::simulate::Percent;
use accounting::Accounts;
use day::Days;
use scratch::Scratch;

/// What can be typed after `rehearse`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The same days, numbers and seed give the same rehearsal. Passwords cost next to nothing to verify here, so that \
many days fit into a minute; nothing else is cheaper than on a real site.\n\nExamples:\n  letterpost rehearse 5\n  \
letterpost rehearse 30 --letters 500 --spoil 2 --return 1 --lose-receipts 2 --late-receipts 5\n  letterpost rehearse 10 \
--from 2026-11-16 --keep thanksgiving"
)]
pub struct RehearseArgs {
    /// How many business days people ask on; the rehearsal then goes on until every letter is accounted for
    #[arg(value_parser = clap::value_parser!(u32).range(1..=250))]
    pub days: u32,
    /// How many people ask on each
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub letters: u32,
    /// The first day [default: today]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// How many pieces the vendor spoils, and does not make again
    #[arg(long, value_name = "PERCENT", default_value = "2")]
    pub spoil: Percent,
    /// How many pieces the vendor rejects
    #[arg(long, value_name = "PERCENT", default_value = "0.2")]
    pub reject: Percent,
    /// How many pieces the vendor prints and then loses without a word
    #[arg(long, value_name = "PERCENT", default_value = "0.2")]
    pub lose: Percent,
    /// How many letters the postal service brings back; half to the vendor, half to the agency
    #[arg(long = "return", value_name = "PERCENT", default_value = "1")]
    pub returned: Percent,
    /// How many receipts are never written, until the vendor is asked
    #[arg(long, value_name = "PERCENT", default_value = "2")]
    pub lose_receipts: Percent,
    /// How many receipts come two print days late
    #[arg(long, value_name = "PERCENT", default_value = "5")]
    pub late_receipts: Percent,
    /// The number that all chance comes from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Keep the site in this folder, which must be missing or empty; by default it is thrown away if all is explained
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Plays the days, and holds the books against each other.
pub async fn rehearse(args: &RehearseArgs, at: &Opening) -> CliResult<Exit> {
    // 1. A site, a vendor, and a clock of its own.
    let scratch = Scratch::make(args, at).await?;
    at.report.say(format!(
        "rehearsing {} business days from {} in {} …",
        args.days,
        scratch.first_day,
        scratch.folder.display()
    ));
    // 2. The days, and then as many more as it takes until nothing is on its way.
    let mut days = Days::begin(args, scratch)?;
    days.play(at).await?;
    // 3. The books.
    let accounts = Accounts::draw_up(&days).await?;
    at.report.show(&accounts, accounts.to_text());
    let is_explained = accounts.unexplained.is_empty();
    days.scratch.leave(is_explained && args.keep.is_none(), at)?;
    Ok(if is_explained { Exit::Done } else { Exit::Alarm })
}
