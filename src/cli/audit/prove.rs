//! `audit prove`: what the log says of a letter, as a file that proves it.

use serde::Serialize;

use crate::adapters::files;
use crate::cli::args::ProveArgs;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::stages::audit::prove;

#[derive(Serialize)]
struct Written {
    letter: String,
    entries: u64,
    newer_entries: u64,
    checkpoint_size: u64,
    file: String,
}

/// Writes the proof of a letter.
pub(super) async fn prove(args: &ProveArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let proved = prove::letter(ledger.as_ref(), &config.site.origin, args.letter).await?;
    let text = proved.file.to_json().map_err(|error| Failure::new(Exit::TryAgain, error))?;
    let newer = match proved.newer {
        0 => String::new(),
        newer => format!("; {newer} newer ones are not under a signed checkpoint yet, and not in it"),
    };
    let told = format!(
        "{} entries about {} under the checkpoint of {} entries{newer}",
        proved.entries, args.letter, proved.checkpoint.size
    );
    let Some(path) = &args.out else {
        at.report.show(&proved.file, text);
        at.report.say(told);
        return Ok(Exit::Done);
    };
    files::replace(path, text.as_bytes())?;
    let written = Written {
        letter: args.letter.to_string(),
        entries: proved.entries,
        newer_entries: proved.newer,
        checkpoint_size: proved.checkpoint.size,
        file: path.display().to_string(),
    };
    at.report.show(&written, format!("{told}\nthe proof is in {}", written.file));
    Ok(Exit::Done)
}
