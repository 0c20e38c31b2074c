//! The command line as it is typed.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{ArgGroup, Args, Parser, Subcommand};

pub use super::ledger::LedgerCommand;
use super::onboarding::VendorCommands;
pub use super::rehearse::RehearseArgs;
use super::report::LogFormat;
use crate::domain::request::{Format, Language, RequestStatus};
pub use brakes::*;
pub use decisions::*;

mod brakes;
mod decisions;

/// The environment's word for how standard error is written.
pub const LOG_VARIABLE: &str = "LETTERPOST_LOG";

/// Mails temporary passwords: collects requests, prints letters into sealed packages for a print vendor, reads the
/// vendor's receipts, and ends each password when its time is over.
///
/// Try it on invented people: `letterpost demo`. Then look around: `letterpost --config demo/letterpost.toml report night`.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true, propagate_version = true)]
#[command(
    after_help = "Exit status: 0 done; 1 done, and something new or overdue waits for a person; 2 configuration or \
usage, nothing was claimed; 3 the vendor, the ledger or the network failed, try again; 4 integrity alarm, a person \
must look; 5 the answer is no."
)]
pub struct Cli {
    /// The site's configuration.
    #[arg(long, global = true, value_name = "FILE", default_value = "letterpost.toml", env = "LETTERPOST_CONFIG")]
    pub config: PathBuf,
    /// Show one JSON document on standard output instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more on standard error: which site, ledger and date a command works with.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// On a site that is made for rehearsing: the instant at which the clock stands, as 2026-12-01T22:30:00-05:00.
    #[arg(long, global = true, value_name = "INSTANT", env = "LETTERPOST_SIMULATED_NOW", value_parser = instant)]
    #[arg(hide_env_values = true)]
    pub now: Option<DateTime<Utc>>,
    /// Say nothing on standard error but what needs a person.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Standard error: text for people, or json for programs, one event a line and nothing else.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", env = LOG_VARIABLE, value_parser = log_format)]
    pub log: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "one is made in the life of a process")]
pub enum Command {
    /// Make a new site in a folder: configuration, keys, ledger, schedule.
    Init(InitArgs),
    /// Play one whole night on invented people, with a stand-in print vendor.
    Demo(DemoArgs),
    /// Check everything that a night needs, before anything is claimed.
    Doctor,
    /// Requests: import them, look at them, decide about those that wait for a person.
    #[command(subcommand)]
    Request(RequestCommand),
    /// Collect what the portal inserted into its table, and raise holds that are overdue.
    Collect(StageArgs),
    /// Make letters from pending requests, and seal them into packages.
    Produce(ProduceArgs),
    /// Hand sealed packages to the vendors.
    Deliver(StageArgs),
    /// Read the vendors' receipts and record dispatch dates.
    Ingest(StageArgs),
    /// End passwords whose last day has passed.
    Expire(StageArgs),
    /// Take the head of the audit log and keep a copy outside the ledger.
    Checkpoint(StageArgs),
    /// Destroy what has been kept for its term: verifiers of ended passwords, packages that are closed.
    Retention(StageArgs),
    /// Run one scheduled job now, or go on with one that died.
    #[command(
        after_help = "Start it as often as you like: of starts at once one works, and the others say so and exit 0. A start \
waits while another job is at work. SIGTERM and Ctrl-C finish the stage or package under way and leave the rest to the next \
start (exit 3); a second one stops at once.\n\nExample: letterpost run nightly --dry-run"
    )]
    Run(RunArgs),
    /// Watch the schedule and run what falls due, until it is asked to stop.
    #[command(
        after_help = "Its runs are those of 'letterpost run': any number of daemons, cron lines and people may start one. A run \
that failed is started again with growing pauses until its job's deadline; one that raised an integrity alarm is not, and \
nothing is minted or delivered before a person acted. Nights that passed meanwhile are made up for as each job's catch_up says.\n\n\
SIGTERM, SIGINT: stop after the step under way (exit 0). SIGHUP: read configuration and jobs anew; where they are bad, the old \
ones hold. Health, readiness and figures: http://127.0.0.1:9464/health /ready /metrics ([daemon] listen).\n\nExit status: 0 \
stopped as asked; 2 the configuration is bad at the start; 3 stopped at once by a second signal. Nothing else ends it. A unit \
for systemd is in docs/operations.md."
    )]
    Daemon,
    /// Show the times to come of every job, and which are skipped or moved, which nights mint, and why.
    #[command(
        after_help = "A time is that of the wall clock which the job names, and by it the run is known. Skipped times are \
listed with their reason, and nights on which nothing is minted with theirs.\n\nExamples:\n  letterpost jobs\n  letterpost jobs nightly \
--next 20"
    )]
    Jobs(JobsArgs),
    /// Packages: where they are, what became of each piece, and what a person decides about them.
    #[command(subcommand)]
    Batch(BatchCommand),
    /// What holds nights back until a named person lets them go on: see it, and release it.
    #[command(subcommand)]
    Brake(BrakeCommand),
    /// Letters: where one is, without a secret; make one anew, record one that came back. For the help desk.
    #[command(subcommand)]
    Letter(LetterCommand),
    /// Passwords: whether one is good. For the sign-in portal.
    #[command(subcommand)]
    Password(PasswordCommand),
    /// The letter's text: check it, look at it, approve it. For those who edit it.
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Print vendors: take one on and test the way to it; for the vendor itself, check a package, write a receipt.
    #[command(
        subcommand,
        after_help = "add, list and test are for the site. The others are for the print vendor, and need nothing of the site \
but its certificate: docs/vendor-guide.md."
    )]
    Vendor(VendorCommands),
    /// Rehearse business days on a scratch site, with a stand-in vendor's spoils, losses and late receipts.
    Rehearse(RehearseArgs),
    /// The ledger's safety: backups, and what to do when it is lost.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// For the auditor: the log of every change of state.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What a night did; what was dispatched when.
    #[command(subcommand)]
    Report(ReportCommand),
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder; it must be missing or empty.
    pub dir: PathBuf,
    /// Say what would be made, and make nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder; it must be missing or empty.
    #[arg(default_value = "demo")]
    pub dir: PathBuf,
    /// Stop after the import: the site is then ready for `run nightly`.
    #[arg(long)]
    pub no_run: bool,
}

/// A stage.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `produce`.
#[derive(Debug, Args)]
pub struct ProduceArgs {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Threads that compute verifiers; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The job's name: that of its file in the jobs folder.
    pub job: String,
    /// The night to run it for: only the run's key. Every date that is recorded comes from the clock.
    #[arg(long, value_name = "DATE")]
    pub date: Option<NaiveDate>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Threads that compute verifiers; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
}

/// `jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// Only this job; by default all.
    pub job: Option<String>,
    /// How many times of each job.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub next: u16,
}

/// `request …`.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Take in files of requests: CSV with a header row, or JSON Lines of the same names.
    #[command(
        after_help = "A file X.csv with a file X.csv.control beside it is checked against it first. Bad rows go to \
quarantine with their line, column and remedy; the good rows go in.\n\nExample: letterpost request import requests.csv"
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
    /// Who said so, and when; it is kept.
    #[arg(long)]
    pub reason: String,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `letter …`.
#[derive(Debug, Subcommand)]
pub enum LetterCommand {
    /// List letters, newest first.
    List {
        /// Only those of this package.
        #[arg(long)]
        package: Option<String>,
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
}

/// `template …`.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Print every letter to invented people, and say what fits.
    #[command(
        after_help = "Every template is compiled in every language and format with the site's letterhead and envelope, and \
printed with the widest dates to a set of invented people. 'held' means that such a person's request would wait for \
somebody to look at it, as it should; 'fails' means that the template, the letterhead or the envelope must be mended, \
and the exit status is 2. Without a site, the built-in letter is checked."
    )]
    Check,
    /// Print one letter to an invented person, as a PDF and as pictures, with SPECIMEN across every page.
    #[command(
        after_help = "Examples:\n  letterpost template preview\n  letterpost template preview --language es --format \
large-print --page 1 --page 3\n  letterpost template preview --envelope --out look\n\nThe files are named after the \
language and the format, as letter-en-standard.pdf and letter-en-standard-1.png, and take the place of those of an \
earlier preview. Without a site, the built-in letter of an invented agency is shown."
    )]
    Preview(PreviewArgs),
    /// Approve the letter as it is now: a live site mints nothing for a letter that nobody has approved.
    #[command(
        after_help = "What is approved is the version: every template, the letterhead, the envelope and the fonts together. \
Any change of one of them is a new version, and needs a new approval. Look at it first: 'letterpost template preview'. \
The approval is kept in the ledger and in its audit log.\n\nExample: letterpost template approve --by 'Robin Sample' \
--reason 'new help desk hours'"
    )]
    Approve(ApproveArgs),
}

/// `template preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The language: en or es.
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,
    /// The format: standard or large-print.
    #[arg(long, default_value = "standard", value_parser = format)]
    pub format: Format,
    /// The vendor whose package it pretends to be in; by default the first.
    #[arg(long, value_name = "CODE")]
    pub vendor: Option<String>,
    /// Only the picture of this page, counted from 1; give it again for another. The PDF always has all.
    #[arg(long = "page", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub pages: Vec<u32>,
    /// Dots per inch of the pictures.
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = clap::value_parser!(u16).range(36..=1200))]
    pub dpi: u16,
    /// The folder for the files; it is made where it is missing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Also two pictures of the first page in its envelope, at both ends of its travel: what shows through the window,
    /// and how near the rest comes.
    #[arg(long)]
    pub envelope: bool,
}

/// `template approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// Who approves: a person's name; it is kept.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What was changed and why; it is kept.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Say what would be approved, and approve nothing.
    #[arg(long)]
    pub dry_run: bool,
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

/// `audit …`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute the log and hold it against every head that was kept, in the ledger and outside it.
    Verify,
}

/// `report …`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// What the newest runs did, and what waits for a person, each with the command for it.
    #[command(
        after_help = "It tells, from the top: what ran; what keeps nights from going on; what is late; what somebody decides \
about, marked (new) if it came up since the night before the last one ended, or (overdue); what ends within a week, and \
certificates within a month; how many requests and letters are where.\n\nThe page of --html is one file without scripts \
and without names, with pictures of the last 30 nights and the next 30 days.\n\nExample: letterpost report night --html \
/srv/www/letterpost.html"
    )]
    Night {
        /// How many runs.
        #[arg(long, default_value_t = 1)]
        last: u32,
        /// Write a page to this file, in the place of one that is there, and nothing to standard output.
        #[arg(long, value_name = "FILE", conflicts_with = "json")]
        html: Option<PathBuf>,
    },
    /// The dispatch records of a span of dates, as CSV; no name, no address.
    Dispatch {
        /// The first day; by default thirty days ago.
        #[arg(long)]
        from: Option<NaiveDate>,
        /// The last day; by default today.
        #[arg(long)]
        to: Option<NaiveDate>,
    },
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| "write an instant as 2026-12-01T22:30:00-05:00".to_owned())
}

fn status(text: &str) -> Result<RequestStatus, String> {
    RequestStatus::from_name(text)
        .ok_or_else(|| "one of pending, held, claimed, lettered, withdrawn, routed".to_owned())
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    LogFormat::from_name(text).ok_or_else(|| "one of text, json".to_owned())
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "one of en, es".to_owned())
}

fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text).ok_or_else(|| "one of standard, large-print".to_owned())
}
