//! The command line as it is typed.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};

pub use super::ledger::LedgerCommand;
use super::onboarding::VendorCommands;
pub use super::rehearse::RehearseArgs;
use super::report::LogFormat;
pub use audit::*;
pub use brakes::*;
pub use decisions::*;
pub use dispatch::*;
pub use log_key::*;
pub use nights::*;
pub use records::*;
pub use template::*;

mod audit;
mod brakes;
mod decisions;
mod dispatch;
mod log_key;
mod nights;
mod records;
mod template;

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
    /// Join the night that is producing on this ledger, from this machine or another one, and make packages of it.
    #[command(
        after_help = "For a ledger on PostgreSQL. A worker runs until it is asked to stop, and makes packages whenever a night of \
'letterpost run' or 'letterpost produce' is at it; with --once it ends when nothing waits. It needs the same configuration, keys, \
templates and spool as the machine that leads the night, and is refused where they differ. It mints nothing outside a night \
that began and that the brakes let pass.\n\nSIGTERM and Ctrl-C finish the package under way (exit 0). A worker that dies loses \
the packages that it had under way to the others, which make them anew.\n\nExample: letterpost worker --workers 4"
    )]
    Worker(WorkerArgs),
    /// Hand sealed packages to the vendors.
    Deliver(StageArgs),
    /// Read the vendors' receipts and record dispatch dates.
    Ingest(StageArgs),
    /// End passwords whose last day has passed.
    Expire(StageArgs),
    /// Take the head of the audit log, and send it to every place outside the ledger that has not had it.
    Checkpoint(StageArgs),
    /// Remove what has been kept for its term: verifiers, packages, imports, quarantine, receipts, backups.
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
    /// Where its ledger is: a file of SQLite in the folder by default, or postgres://LOGIN@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    pub ledger: Option<String>,
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
    /// Where its ledger is: a file of SQLite in the folder by default, or postgres://LOGIN@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    pub ledger: Option<String>,
    /// Stop after the import: the site is then ready for `run nightly`.
    #[arg(long)]
    pub no_run: bool,
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| "write an instant as 2026-12-01T22:30:00-05:00".to_owned())
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    LogFormat::from_name(text).ok_or_else(|| "one of text, json".to_owned())
}
