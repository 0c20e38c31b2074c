//! `audit export`: the entries of a span of days, and the proof that they are all.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;

use crate::adapters::files;
use crate::adapters::large_files::GrowingFile;
use crate::audit::proof::Span;
use crate::cli::args::{ExportArgs, ExportFormat};
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::domain::local_time;
use crate::ports::ledger::Ledger;
use crate::stages::audit::export::{self, Format};
use crate::stages::outcome::StageError;

#[derive(Serialize)]
struct Exported {
    entries: u64,
    from_seq: u64,
    to_seq: u64,
    not_yet_covered: u64,
    file: Option<String>,
    proof: Option<String>,
}

/// Writes the entries.
pub(super) async fn export(args: &ExportArgs, at: &Opening) -> CliResult<Exit> {
    check(args, at)?;
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let asked = span(args, &config, ledger.as_ref(), at).await?;
    let (covered, proof) = match &args.proof {
        Some(_) => {
            let (span, proof) = export::prove(ledger.as_ref(), &config.site.origin, asked).await?;
            (span, Some(proof))
        }
        None => (asked, None),
    };
    let format = match args.format {
        ExportFormat::Jsonl => Format::JsonLines,
        ExportFormat::Csv => Format::Csv,
    };
    let mut file = args.out.as_deref().map(GrowingFile::begin).transpose()?;
    let mut output = at.report.output();
    let mut sink = |bytes: &[u8]| match &mut file {
        Some(file) => file.append(bytes).map(|()| true).map_err(|error| StageError::Retry(error.to_string())),
        None => Ok(output.pass(bytes)),
    };
    export::write(ledger.as_ref(), covered, format, proof.as_ref(), &mut sink, &at.report.bars()).await?;
    output.close();
    file.map(GrowingFile::finish).transpose()?;
    if let (Some(proof), Some(path)) = (&proof, &args.proof) {
        let text = proof.file.to_json().map_err(|error| Failure::new(Exit::TryAgain, error))?;
        files::replace(path, text.as_bytes())?;
    }
    tell(args, asked, covered, at);
    Ok(Exit::Done)
}

fn check(args: &ExportArgs, at: &Opening) -> CliResult<()> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(Failure::usage(format!("--from {from} is after --to {to}")));
    }
    if at.report.json && args.out.is_none() {
        return Err(Failure::usage(
            "--json shows one document, and an export is as many lines as the log has entries: name a file for it with --out",
        ));
    }
    if args.format == ExportFormat::Csv && args.proof.is_some() {
        return Err(Failure::usage("--proof is of the entries' own bytes: leave out --format csv"));
    }
    Ok(())
}

fn tell(args: &ExportArgs, asked: Span, covered: Span, at: &Opening) {
    let path = |path: &std::path::PathBuf| path.display().to_string();
    let exported = Exported {
        entries: covered.len(),
        from_seq: covered.from,
        to_seq: covered.to,
        not_yet_covered: asked.len() - covered.len(),
        file: args.out.as_ref().map(path),
        proof: args.proof.as_ref().map(path),
    };
    let newer = match exported.not_yet_covered {
        0 => String::new(),
        newer => format!("; {newer} newer ones are not under a signed checkpoint yet, and left out"),
    };
    let told = format!("{} entries from {} on{newer}", exported.entries, exported.from_seq);
    if exported.file.is_some() {
        at.report.show(&exported, told);
    } else {
        at.report.say(told);
    }
}

/// The places of the entries of a span of days in the site's zone.
async fn span(args: &ExportArgs, config: &Config, ledger: &dyn Ledger, at: &Opening) -> CliResult<Span> {
    let zone = at.site(config)?.time_zone;
    let size = ledger.log_size().await?;
    let starts = |date: NaiveDate| -> CliResult<DateTime<Utc>> {
        let before = date.checked_sub_days(Days::new(1));
        let starts = before.and_then(|before| local_time::day_ends_at(before, zone));
        starts.ok_or_else(|| Failure::usage(format!("{date} is no day that the log can tell of")))
    };
    let from = match args.from {
        Some(date) => ledger.first_entry_since(starts(date)?).await?.unwrap_or(size),
        None => 0,
    };
    let to = match args.to.and_then(|date| date.checked_add_days(Days::new(1))) {
        Some(after) => ledger.first_entry_since(starts(after)?).await?.unwrap_or(size),
        None => size,
    };
    Ok(Span { from: from.min(to), to })
}
