//! What can be typed about brakes.

use clap::{Args, Subcommand};

/// `brake …`.
#[derive(Debug, Subcommand)]
pub enum BrakeCommand {
    /// List what holds nights back, and what to look at first.
    List {
        /// Also those that hold nothing back any more, newest first.
        #[arg(long)]
        all: bool,
        /// The most to list with --all.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Release a brake, on a named person's word.
    #[command(
        after_help = "A release of a large night is good for the letters that were found and a twentieth more (ten at least), once, \
within three days; more letters raise a new brake. A release of a clock brake says that the clock is right as it is now. Where \
[approval] releases is true, the release waits until another person confirms it. Names are kept as they are typed; nothing \
here proves them.\n\nExamples:\n  letterpost brake release 3 --by 'Robin Sample' --reason 'the portal was closed for a \
week'\n  letterpost brake release 3 --confirm --by 'Kim Example'"
    )]
    Release(ReleaseBrakeArgs),
}

/// `brake release`.
#[derive(Debug, Args)]
pub struct ReleaseBrakeArgs {
    /// The brake's number, as `brake list` shows it
    pub id: i64,
    /// Who decides: a person's name; it is kept
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why; it is kept for ever, in the audit log too: name no recipient
    #[arg(long, required_unless_present = "confirm", conflicts_with = "confirm")]
    pub reason: Option<String>,
    /// Confirm what another person asked for
    #[arg(long)]
    pub confirm: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}
