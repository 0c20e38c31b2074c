//! A person's decisions at the command line: who decides, what it comes to, and how that is shown.

use serde::Serialize;

use super::args::Because;
use super::config::Config;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use crate::adapters::login_user::login_user;
use crate::ports::ledger::Decision;
use crate::stages::decision::{Desk, Planned, Step};

/// The longest name of a person.
const LONGEST_NAME: usize = 80;
/// The longest reason.
const LONGEST_REASON: usize = 500;

/// Opens what a decision works with.
///
/// # Errors
/// As the parts.
pub async fn desk(config: &Config, at: &Opening) -> CliResult<Desk> {
    let site = at.site(config)?;
    let now = at.clock().now();
    let today = site.date_at(now)?;
    Ok(Desk { site, ledger: at.ledger(config).await?, now, today })
}

/// Why something is decided and by whom, if both are said.
///
/// # Errors
/// Where the reason is empty, or nobody is named and the system names nobody.
pub fn decision(because: &Because) -> CliResult<Decision> {
    Ok(Decision { reason: reason(&because.reason)?, by: Some(person(because.by.as_deref())?) })
}

/// A reason that is one.
///
/// # Errors
/// Where it is empty, very long, or holds control characters.
pub fn reason(text: &str) -> CliResult<String> {
    plain(text, LONGEST_REASON).ok_or_else(|| {
        Failure::usage(format!(
            "--reason must say why, on one line of at most {LONGEST_REASON} characters; the auditor will ask"
        ))
    })
}

/// The person who decides: as named, else the login user.
///
/// # Errors
/// Where nobody is named and the system names nobody.
pub fn person(named: Option<&str>) -> CliResult<String> {
    let name = named.map_or_else(login_user, str::to_owned);
    plain(&name, LONGEST_NAME).ok_or_else(|| {
        Failure::usage(format!("name the person who decides, in at most {LONGEST_NAME} characters: --by NAME"))
    })
}

fn plain(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    is_plain.then(|| text.to_owned())
}

#[derive(Serialize)]
struct Shown<'a> {
    dry_run: bool,
    steps: &'a [Planned],
}

/// Shows what a decision comes to, the same before and after it is carried out, and gives the exit status.
pub fn show(steps: &[Planned], dry_run: bool, at: &Opening) -> Exit {
    let mut lines: Vec<String> = steps.iter().map(line).collect();
    let count = |step| steps.iter().filter(|planned| planned.step == step).count();
    let (done, known, refused) = (count(Step::Do), count(Step::Known), count(Step::Refused));
    if steps.len() > 1 {
        lines.push(format!("{} letters: {done} done, {known} known, {refused} refused", steps.len()));
    }
    if dry_run {
        lines.push("nothing was changed".to_owned());
    }
    at.report.show(&Shown { dry_run, steps }, lines.join("\n"));
    match (done + known, refused) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Usage,
        _ => Exit::Person,
    }
}

fn line(planned: &Planned) -> String {
    let Planned { subject, step, message } = planned;
    match step {
        Step::Do => format!("{subject}: {message}"),
        Step::Known => format!("{subject}: nothing to do: {message}"),
        Step::Refused => format!("{subject}: refused: {message}"),
    }
}

/// Shows the one thing that a decision comes to.
pub fn show_one(planned: Planned, dry_run: bool, at: &Opening) -> Exit {
    show(&[planned], dry_run, at)
}
