//! What can be typed about the key of the audit log.

use clap::{Args, Subcommand};

use super::Because;

/// `audit key …`.
#[derive(Debug, Subcommand)]
pub enum LogKeyCommand {
    /// Show the public key that checks the log's heads, and those before it with the heads that each signed.
    Show,
    /// Let another key sign the log's heads from now on. Makes the first one on a site that has none.
    Rotate(RotateArgs),
}

/// `audit key rotate`.
#[derive(Debug, Args)]
#[command(
    after_help = "An entry of the log names both keys, and both sign the head over it; what the old key signed stays good. The old \
secret key is destroyed. With --lost the new key alone signs: then nothing but the entry, and checkpoints that others hold, ties the \
log before to the log after. Give the new public key to whoever checks the log: 'letterpost audit key show'.\n\n\
Example: letterpost audit key rotate --reason 'yearly' --by 'Robin Sample'"
)]
pub struct RotateArgs {
    /// The old secret key is gone for good, or somebody else has it: it does not sign the head
    #[arg(long)]
    pub lost: bool,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}
