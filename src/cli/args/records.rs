//! What can be typed about requests, packages, letters and passwords.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::decisions::{
    Because, CorrectArgs, DecisionArgs, HoldPackageArgs, LegalHoldArgs, PullArgs, PurgedArgs, ReissueArgs,
    ReleasePackageArgs, ReleaseRequestArgs, ReturnedArgs,
};
use crate::domain::request::RequestStatus;

/// `request …`.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Take in files of requests: CSV with a header row, or JSON Lines of the same names.
    #[command(
        after_help = "A file X.csv with a file X.csv.control beside it is checked against it first. Bad rows go to \
quarantine with their line, column and remedy; the good rows go in. The file and its control file hold names: 'letterpost \
retention' removes them where they lie [retention] import_days later (90), if they are still the same.\n\nExample: letterpost request import requests.csv"
    )]
    Import {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Say what would become of each row, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// List requests.
    List {
        /// Only those in this state: pending, held, claimed, lettered, withdrawn, routed.
        #[arg(long, value_parser = status)]
        status: Option<RequestStatus>,
        /// The most to list.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Show one request.
    Show {
        /// The portal's reference.
        reference: String,
    },
    /// Give a request up, and stop what can still be stopped.
    #[command(
        after_help = "A request that waits is withdrawn. Once its letter is made, the letter's password ends at once; while \
the letter is not mailed, its vendor is ordered to pull it and reads the reason. A letter in the mail cannot be stopped. \
The portal is told. See first: --dry-run.\n\nExample: letterpost request cancel EBA-2026-000101 --reason 'asked for by \
mistake'"
    )]
    Cancel(DecisionArgs),
    /// Hold a pending request for a person to decide; once more, for more time.
    #[command(
        after_help = "It says by which day somebody has to act. After that, every night says so; and when nobody acts, the \
request is withdrawn and the portal told ([holds] in the configuration).\n\nExample: letterpost request hold \
EBA-2026-000101 --reason 'the portal checks the address'"
    )]
    Hold(DecisionArgs),
    /// Let a held request go on.
    Release(ReleaseRequestArgs),
}

/// `batch …`.
#[derive(Debug, Subcommand)]
pub enum BatchCommand {
    /// List packages, newest first.
    List {
        /// The most to list.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one package: its receipts, what became of each piece, what is wrong, and whether it is closed.
    Show {
        /// Its name.
        package: String,
    },
    /// Keep a sealed package back, before any vendor is offered it.
    Hold(HoldPackageArgs),
    /// Let a held package go.
    Release(ReleasePackageArgs),
    /// Order a vendor to take letters out before they are mailed.
    Pull(PullArgs),
    /// Record a vendor's certificate that it destroyed packages.
    Purged(PurgedArgs),
    /// Answer for a package that was offered and is gone: whether the vendor has it.
    #[command(
        after_help = "'letterpost batch show PACKAGE' says what to ask the vendor first. --taken: the vendor has it, and its \
passwords are good from now on. --not-taken: the vendor says in writing that it does not have it and will print nothing of \
its name; its passwords are revoked, its letters are made anew, and the vendor gets a signed void notice.\n\nExample: \
letterpost batch settle eba-acme-000123 --not-taken --reason 'e-mail of Robin Sample, Acme, 2026-12-02 09:14'"
    )]
    Settle(SettleArgs),
}

/// `batch settle`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("answer").required(true).args(["taken", "not_taken"])))]
pub struct SettleArgs {
    /// Its name.
    pub package: String,
    /// The vendor has it.
    #[arg(long)]
    pub taken: bool,
    /// The vendor does not have it, and will print nothing of its name.
    #[arg(long)]
    pub not_taken: bool,
    /// Why, and who: the reason says who at the vendor said so, and when.
    #[command(flatten)]
    pub because: Because,
}

/// `letter …`.
#[derive(Debug, Subcommand)]
pub enum LetterCommand {
    /// List letters, newest first.
    List {
        /// Only those of this package.
        #[arg(long, conflicts_with = "on_legal_hold")]
        package: Option<String>,
        /// Only those that a legal hold keeps.
        #[arg(long)]
        on_legal_hold: bool,
        /// The most to list.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Show one letter: where it is, when it should come, when its password ends.
    Show {
        /// The id that is printed on it, as 7K2QX-90DMC, or the digits of its barcode, as the postal service reads them.
        letter_id: String,
    },
    /// Make a letter anew: a new password for the same request.
    Reissue(ReissueArgs),
    /// Record letters that the postal service brought back.
    Returned(ReturnedArgs),
    /// Correct the day on which a letter was mailed; both days are kept.
    Correct(CorrectArgs),
    /// Keep what is known of a letter from being erased, until it is released.
    #[command(
        after_help = "Name and address of its request, and of those that it replaced or that replaced it, are not erased, and \
what else is kept of it stays. Verifiers are destroyed all the same: they say nothing of who was sent what. 'letterpost letter \
list --on-legal-hold' lists what is kept.\n\nExample: letterpost letter legal-hold 7K2QX-90DMC --reason 'claim 2026-117, says \
counsel' --by 'Robin Sample'"
    )]
    LegalHold(LegalHoldArgs),
    /// Lift the legal hold of a letter: its term counts as it did.
    #[command(
        after_help = "What would have been erased meanwhile is erased by the next retention. The hold and its release stay on \
record.\n\nExample: letterpost letter legal-release 7K2QX-90DMC --reason 'claim 2026-117 is settled' --by 'Robin Sample'"
    )]
    LegalRelease(LegalHoldArgs),
}

/// `password …`.
#[derive(Debug, Subcommand)]
pub enum PasswordCommand {
    /// Check the temporary password on standard input for a username.
    #[command(
        after_help = "Case, spaces and hyphens do not matter; O is read as 0, I and L as 1. The verdict is one of \
accepted, wrong, expired, used, revoked, not_yet, locked; the exit status is 0 for accepted and 5 for the rest.\n\n\
Example: letterpost password check mara.example < typed.txt"
    )]
    Check {
        /// The account.
        username: String,
        /// Use a good password up: the portal has just set the new one.
        #[arg(long)]
        redeem: bool,
    },
}

fn status(text: &str) -> Result<RequestStatus, String> {
    RequestStatus::from_name(text)
        .ok_or_else(|| "one of pending, held, claimed, lettered, withdrawn, routed".to_owned())
}
