//! `request`: intake by file, and the exceptions that a person decides.

mod cancel;
mod hold;

use std::path::Path;

use serde::Serialize;

use super::args::RequestCommand;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::{facts, or_dash, table};
use crate::adapters::files;
use crate::domain::request::RequestStatus;
use crate::ports::ledger::{IntakeCounts, PlannedRow, RequestRecord};
use crate::stages::collect::{self, CONTROL_ENDING, HeldRow, Import, Imported, Source};
use crate::stages::world::World;

/// Does what a `request` command says.
pub async fn run(command: RequestCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        RequestCommand::Import { files, dry_run } => import(&files, dry_run, at).await,
        RequestCommand::List { status, limit } => list(status, limit, at).await,
        RequestCommand::Show { reference } => show(&reference, at).await,
        RequestCommand::Cancel(args) => cancel::cancel(args, at).await,
        RequestCommand::Hold(args) => hold::hold(args, at).await,
        RequestCommand::Release(args) => hold::release(args, at).await,
    }
}

/// Held requests that an import tells one by one.
const MOST_TOLD: usize = 20;

#[derive(Serialize)]
struct FileImported {
    file: String,
    status: &'static str,
    reason: Option<String>,
    #[serde(flatten)]
    counts: IntakeCounts,
    quarantine: Option<String>,
    problems: Vec<Problem>,
    held: Vec<HeldRow>,
}

#[derive(Serialize)]
struct Problem {
    line: u64,
    reference: Option<String>,
    column: String,
    problem: String,
    remedy: String,
}

async fn import(paths: &[std::path::PathBuf], dry_run: bool, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let world = at.world(&config, None).await?;
    let mut imported = Vec::new();
    for path in paths {
        imported.push(import_file(&world, path, dry_run).await?);
        if !dry_run && files::named_in_full(path).to_str().is_none() {
            at.report.say(format!(
                "the path of {} is not UTF-8 and cannot be recorded: remove the file by hand when its term is over",
                path.display()
            ));
        }
    }
    let needs_person =
        |file: &FileImported| file.counts.quarantined > 0 || file.status == "refused" || !file.held.is_empty();
    let needs_person = imported.iter().any(needs_person);
    let text: Vec<String> = imported.iter().map(|file| describe(file, dry_run)).collect();
    at.report.show(&imported, text.join("\n"));
    Ok(if needs_person { Exit::Person } else { Exit::Done })
}

async fn import_file(world: &World, path: &Path, dry_run: bool) -> CliResult<FileImported> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = files::read(path)?;
    let control = files::read_if_there(&path.with_file_name(format!("{name}{CONTROL_ENDING}")))?;
    let in_full = files::named_in_full(path);
    let source = Source { name: &name, bytes: &bytes, control: control.as_deref(), path: in_full.to_str() };
    Ok(match collect::import(world, source, dry_run).await? {
        Imported::Taken(import) => FileImported {
            file: name,
            status: "taken",
            reason: None,
            counts: import.counts,
            problems: problems(&import),
            held: import.held().collect(),
            quarantine: import.quarantine,
        },
        Imported::Refused { reason, quarantine } => FileImported {
            file: name,
            status: "refused",
            reason: Some(reason.to_string()),
            counts: IntakeCounts::default(),
            problems: Vec::new(),
            held: Vec::new(),
            quarantine,
        },
    })
}

/// Imports one file into a site, for the demo: what became of it, in a sentence.
pub async fn import_into(world: &World, path: &Path) -> CliResult<String> {
    Ok(describe(&import_file(world, path, false).await?, false))
}

fn problems(import: &Import) -> Vec<Problem> {
    let mut told = Vec::new();
    for row in &import.rows {
        if let PlannedRow::Quarantined { line, reference, problems } = row {
            told.extend(problems.iter().map(|problem| Problem {
                line: *line,
                reference: reference.clone(),
                column: problem.column.to_owned(),
                problem: problem.problem.clone(),
                remedy: problem.remedy.clone(),
            }));
        }
    }
    told
}

fn describe(file: &FileImported, dry_run: bool) -> String {
    let would = if dry_run { " (nothing was changed)" } else { "" };
    if let Some(reason) = &file.reason {
        let kept = file.quarantine.as_ref().map(|path| format!("\n  a copy is kept as {path}")).unwrap_or_default();
        return format!("{}: refused: {reason}{would}{kept}", file.file);
    }
    let IntakeCounts { rows, new, repeated, routed, quarantined } = file.counts;
    let mut text = format!(
        "{}: {rows} rows: {new} new, {repeated} repeated, {routed} routed away, {quarantined} quarantined{would}",
        file.file
    );
    for problem in &file.problems {
        let named = problem.reference.as_ref().map(|reference| format!(" ({reference})")).unwrap_or_default();
        text.push_str(&format!(
            "\n  line {}{named}, {}: {}; {}",
            problem.line, problem.column, problem.problem, problem.remedy
        ));
    }
    for HeldRow { reference, reason, act_by_on } in file.held.iter().take(MOST_TOLD) {
        text.push_str(&format!("\n  {reference}: held: {reason}; act by {act_by_on}"));
    }
    if file.held.len() > MOST_TOLD {
        text.push_str(&format!("\n  and {} more are held", file.held.len() - MOST_TOLD));
    }
    if let Some(path) = &file.quarantine {
        text.push_str(&format!("\n  the refused rows are kept in {path}"));
    }
    text
}

async fn list(status: Option<RequestStatus>, limit: u32, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let requests = at.ledger(&config).await?.requests(status, limit).await?;
    let rows = requests.iter().map(|request| {
        vec![
            request.reference.clone(),
            request.status.to_string(),
            request.requested_at.date_naive().to_string(),
            request.letter_id.clone().unwrap_or_default(),
            request.reason.clone().unwrap_or_default(),
        ]
    });
    let text = table(&["reference", "status", "requested", "letter", "reason"], rows);
    at.report.show(&requests, text);
    Ok(Exit::Done)
}

async fn show(reference: &str, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let request = at.ledger(&config).await?.request(reference).await?.ok_or_else(|| unknown(reference))?;
    at.report.show(&request, describe_request(&request));
    Ok(Exit::Done)
}

fn unknown(reference: &str) -> Failure {
    Failure::usage(format!("there is no request {reference}; 'letterpost request list' shows all"))
}

fn describe_request(request: &RequestRecord) -> String {
    facts(&[
        ("reference", request.reference.clone()),
        ("status", format!("{} since {}", request.status, request.status_at)),
        ("reason", or_dash(request.reason.as_ref())),
        ("held by", or_dash(request.held_by)),
        ("held since", or_dash(request.held_at)),
        ("act by", or_dash(request.act_by_on)),
        ("cancelled", or_dash(request.cancelled_at)),
        ("erased", or_dash(request.erased_at.map(|at| format!("name, address and username, {at}")))),
        ("username", request.username.clone()),
        ("name", request.full_name.clone()),
        ("address", request.address.join(" / ")),
        ("letter", format!("{}, {}", request.language, request.format)),
        ("requested", request.requested_at.to_string()),
        ("promised by", request.promised_by_on.to_string()),
        ("came in", format!("{} line {}", request.file, request.line)),
        ("replaced by", or_dash(request.replaced_by.as_ref())),
        ("joined to", or_dash(request.joined_to.as_ref())),
        ("letter id", or_dash(request.letter_id.as_ref())),
    ])
}
