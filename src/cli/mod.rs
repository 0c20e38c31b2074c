//! What people touch: the command line. Arguments here, one file a command group, adapters wired into stages.

mod alerts;
pub mod args;
mod audit;
mod batches;
mod brakes;
pub mod config;
mod daemon;
pub mod database;
mod decisions;
mod demo;
mod doctor;
pub mod exit;
mod harden;
mod init;
mod jobs;
mod ledger;
mod letters;
mod locks;
mod log_key;
pub mod onboarding;
pub mod open;
mod outside;
mod package_account;
mod passwords;
mod receipt_copies;
mod rehearse;
mod release;
pub mod report;
mod reports;
mod requests;
pub mod schedule;
mod settle;
mod signals;
mod spool;
mod stages;
mod stand_in;
mod starts;
mod templates;
pub mod vendor;
mod vendors;
mod workers;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Cli, Command, LOG_VARIABLE};
use exit::{CliResult, Exit, Failure};
use report::{LogFormat, Report};

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let typed = match Cli::command().try_get_matches() {
        Ok(typed) => typed,
        Err(error) => return untyped(&error),
    };
    let is_config_named = typed.value_source("config") != Some(ValueSource::DefaultValue);
    let cli = Cli::from_arg_matches(&typed).unwrap_or_else(|error| error.exit());
    let report = Report { json: cli.json, quiet: cli.quiet, verbose: cli.verbose, lines: None }.logging(cli.log);
    harden::harden(&report);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            report.failure(&Failure::new(Exit::TryAgain, format!("cannot start: {error}")).plainly());
            return Exit::TryAgain.into();
        }
    };
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = run(cli, report.clone(), is_config_named) => ended,
            // Whoever waits for an answer then waits for ever; what was not committed never was.
            silence = crate::adapters::postgres::silence() => Err(Failure::from(silence)),
        }
    });
    // A letter that is just being printed on a thread of its own is of a run that has ended: nobody waits for it.
    runtime.shutdown_background();
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            report.failure(&failure);
            failure.exit.into()
        }
    }
}

/// Ends where nothing could be made of the command line, or it asks for help. What was typed is not for the log.
fn untyped(error: &clap::Error) -> ExitCode {
    let typed: Vec<String> = std::env::args().collect();
    let named = typed.iter().any(|word| word == "--log=json")
        || typed.windows(2).any(|pair| pair[0] == "--log" && pair[1] == "json");
    if !error.use_stderr() || !(named || std::env::var(LOG_VARIABLE).is_ok_and(|format| format == "json")) {
        error.exit();
    }
    let message = "the command line is not one of letterpost's; without --log json it says why";
    Report::default().logging(LogFormat::Json).failure(&Failure::usage(message).plainly());
    Exit::Usage.into()
}

async fn run(cli: Cli, report: Report, is_config_named: bool) -> CliResult<Exit> {
    let at = open::Opening::new(&cli, report, is_config_named)?;
    match cli.command {
        Command::Init(args) => init::init(&args, &at).await,
        Command::Demo(args) => demo::demo(&args, &at).await,
        Command::Doctor => doctor::doctor(&at).await,
        Command::Request(command) => requests::run(command, &at).await,
        Command::Collect(args) => stages::one(crate::stages::night::Stage::Collect, &args, &at).await,
        Command::Produce(args) => stages::produce(&args, &at).await,
        Command::Worker(args) => workers::worker(&args, &at).await,
        Command::Deliver(args) => stages::one(crate::stages::night::Stage::Deliver, &args, &at).await,
        Command::Ingest(args) => stages::one(crate::stages::night::Stage::Ingest, &args, &at).await,
        Command::Expire(args) => stages::one(crate::stages::night::Stage::Expire, &args, &at).await,
        Command::Checkpoint(args) => stages::one(crate::stages::night::Stage::Checkpoint, &args, &at).await,
        Command::Retention(args) => stages::one(crate::stages::night::Stage::Retention, &args, &at).await,
        Command::Run(args) => jobs::run(&args, &at).await,
        Command::Daemon => daemon::daemon(&at).await,
        Command::Jobs(args) => schedule::list(&args, &at),
        Command::Batch(command) => batches::run(command, &at).await,
        Command::Brake(command) => brakes::run(command, &at).await,
        Command::Letter(command) => letters::run(command, &at).await,
        Command::Template(command) => templates::run(command, &at).await,
        Command::Password(command) => passwords::run(command, &at).await,
        Command::Vendor(command) => onboarding::run(command, &at).await,
        Command::Rehearse(args) => rehearse::rehearse(&args, &at).await,
        Command::Ledger(command) => ledger::run(command, &at).await,
        Command::Audit(command) => audit::run(command, &at).await,
        Command::Report(command) => reports::run(command, &at).await,
    }
}
