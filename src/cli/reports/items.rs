//! What somebody should do or know, from all that waits, is late, or was come across.

use std::collections::{BTreeMap, BTreeSet};

use super::OverduePackage;
use super::item::{Group, Item, REASON, Seen, command, quoted};
use super::waiting::{HeldPackageShown, HeldShown, UndecidedLetter, Waiting};
use crate::cli::doctor::safekeeping::MOST_AGE;
use crate::cli::exit::CliResult;
use crate::domain::package_name::Environment;
use crate::domain::standing::HeldBy;
use crate::ports::ledger::{
    AskedRelease, BackupRecord, Brake, HeldPackage, IntakeTrouble, MissedPromise, Purge, RunRecord, WaitingCorrection,
};
use crate::stages::outcome::{FEW, Matter, Urgency, few_of, letters_of};
use crate::stages::promises::Missed;
use crate::stages::purges::certificate_due_on;

/// What waits for somebody's decision.
pub(super) fn of_waiting(waiting: &Waiting, seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    let mut items = Vec::new();
    for held in &waiting.held {
        items.push(of_request(held, seen)?);
    }
    for held in &waiting.held_packages {
        items.push(of_package(held, seen)?);
    }
    for letter in &waiting.letters_to_decide {
        items.push(of_letter(letter, seen)?);
    }
    for waits in &waiting.corrections_to_confirm {
        items.push(of_correction(waits, seen)?);
    }
    for asked in &waiting.releases_to_confirm {
        let is_package = waiting.held_packages.iter().any(|held| held.package.package == asked.subject);
        items.push(of_release(asked, is_package, seen)?);
    }
    Ok(items)
}

fn of_request(held: &HeldShown, seen: &Seen<'_>) -> CliResult<Item> {
    let HeldShown { request, overdue, withdrawn_after } = held;
    let act_by = request.act_by_on.map(|day| format!(", act by {day}")).unwrap_or_default();
    let headline = format!("held request {}{act_by}, withdrawn after {withdrawn_after}", request.reference);
    let reason = request.reason.clone().unwrap_or_default();
    // A letter that cannot be printed is not mended by letting it go.
    let decision = if reason.starts_with("full_name") || reason.starts_with("address_") || reason.starts_with("city") {
        "cancel"
    } else {
        "release"
    };
    let item = Item::new(Group::Decide, headline, command(&format!("request {decision} {REASON}"), &request.reference));
    let item = match request.held_by {
        Some(HeldBy::Rule) => item.because(reason),
        _ => item.saying(reason),
    };
    item.overdue(*overdue).since(request.held_at.unwrap_or(request.status_at), seen)
}

fn of_package(held: &HeldPackageShown, seen: &Seen<'_>) -> CliResult<Item> {
    let HeldPackage { package, letters, hold_reason, held_by, held_at, act_by_on, mail_by_on } = &held.package;
    let headline = format!(
        "held package {package} ({}), act by {act_by_on}, withdrawn after {mail_by_on}",
        letters_of((*letters).into())
    );
    Item::new(Group::Decide, headline, command(&format!("batch release {REASON}"), package))
        .saying(format!("{held_by}: {hold_reason}"))
        .overdue(held.overdue)
        .since(*held_at, seen)
}

fn of_letter(letter: &UndecidedLetter, seen: &Seen<'_>) -> CliResult<Item> {
    let UndecidedLetter { letter_id, package, status, decide_by_on, overdue, .. } = letter;
    let what = match letter.days_to_read {
        Some(days) => format!("was mailed late, with {days} business days to read it"),
        None => format!("will not come, {status}"),
    };
    let headline = format!("letter {letter_id} of {package} {what}, act by {decide_by_on}");
    let item = Item::new(Group::Decide, headline, command(&format!("letter reissue {REASON}"), letter_id));
    // When it was left to a person is known by the day that they were given.
    let known = seen.day.map(|day| seen.desk.site.act_by_on(day)).transpose()?;
    Ok(Item { is_new: known.is_none_or(|known| *decide_by_on > known), ..item.overdue(*overdue) })
}

fn of_correction(waits: &WaitingCorrection, seen: &Seen<'_>) -> CliResult<Item> {
    let WaitingCorrection { letter_id, old_mailed_on, new_mailed_on, asked_by, reason, asked_at } = waits;
    let headline =
        format!("letter {letter_id} waits for a second person: mailed on {new_mailed_on} instead of {old_mailed_on}");
    Item::new(Group::Decide, headline, command("letter correct --confirm", letter_id))
        .saying(format!("{asked_by}: {reason}"))
        .since(*asked_at, seen)
}

fn of_release(asked: &AskedRelease, is_package: bool, seen: &Seen<'_>) -> CliResult<Item> {
    let AskedRelease { subject, reason, asked_by, asked_at } = asked;
    let noun = if is_package { "batch" } else { "request" };
    let headline = format!("{subject} waits for a second person: to be released");
    Item::new(Group::Decide, headline, command(&format!("{noun} release --confirm"), subject))
        .saying(format!("{asked_by}: {reason}"))
        .since(*asked_at, seen)
}

/// Runs that did not end.
pub(super) fn of_runs(runs: &[RunRecord], seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    let unfinished = runs.iter().filter(|run| run.finished_at.is_none());
    unfinished
        .map(|run| {
            let headline = format!("{} for {} has not finished", run.job, run.scheduled_for);
            let stage = run.stages.iter().find(|stage| stage.finished_at.is_none());
            let why =
                stage.map(|stage| format!("{} was started and did not end; it may be at work still", stage.stage));
            let why = why.unwrap_or_else(|| "its next start goes on with it".to_owned());
            Item::new(Group::Halt, headline, command("run", &run.job)).because(why).since(run.started_at, seen)
        })
        .collect()
}

/// What the newest run told people and is not among what waits or is late: receipts, alarms, what could not be read.
pub(super) fn of_matters(runs: &[RunRecord], seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    let mut items = Vec::new();
    for stage in runs.first().into_iter().flat_map(|run| &run.stages) {
        let matters = stage.outcome.as_ref().and_then(|outcome| outcome.get("matters"));
        let matters: Vec<Matter> =
            matters.and_then(|told| serde_json::from_value(told.clone()).ok()).unwrap_or_default();
        for matter in matters.into_iter().filter(is_told_nowhere_else) {
            items.push(of_matter(matter).since(stage.finished_at.unwrap_or(stage.started_at), seen)?);
        }
    }
    Ok(items)
}

/// Requests and packages that wait for a person, brakes, and sinks that are behind, are told from the ledger, for as long as
/// they wait.
fn is_told_nowhere_else(matter: &Matter) -> bool {
    let is_behind = matter.subject.starts_with("sink ") && matter.urgency == Urgency::Person;
    if matter.subject.starts_with("brake ") || is_behind {
        return false;
    }
    let is_waiting = matter.subject.starts_with("request") || matter.subject.starts_with("package ");
    matter.urgency > Urgency::Person || (matter.urgency == Urgency::Person && !is_waiting)
}

fn of_matter(matter: Matter) -> Item {
    let group = if matter.urgency == Urgency::Person { Group::Look } else { Group::Halt };
    let next = match matter.subject.split_once(' ') {
        Some(("package", package)) => command("batch show", package),
        Some(("receipt", file)) => command("batch show", file.split_once(".receipt").map_or(file, |(name, _)| name)),
        Some(("request", reference)) => command("request show", reference),
        Some(("vendor", _)) => "letterpost vendor list".to_owned(),
        _ => "letterpost doctor".to_owned(),
    };
    let item = Item::new(group, matter.subject, next);
    if matter.is_ours { item.because(matter.message) } else { item.saying(matter.message) }
}

/// Files of requests that were refused, wholly or in part.
pub(super) fn of_intake(files: Vec<IntakeTrouble>, quarantine: &str, seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    files
        .into_iter()
        .map(|file| {
            let what = match &file.refused_because {
                Some(_) => "was refused whole".to_owned(),
                None => format!("{} of {} rows were refused", file.quarantined, file.rows),
            };
            let headline = format!("intake file {}: {what}", file.file);
            let said = file.refused_because.map_or_else(|| file.name.clone(), |why| format!("{}: {why}", file.name));
            let next = format!("ls -t {}", super::item::quoted(quarantine));
            let item = Item::new(Group::Look, headline, next).saying(said);
            item.because("have the sender mend and send it again").since(file.taken_at, seen)
        })
        .collect()
}

/// Brakes that hold nights back.
pub(super) fn of_brakes(brakes: &[Brake], seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    brakes
        .iter()
        .map(|brake| {
            let is_asked = brake.asked_by.is_some();
            let waits = if is_asked { ", waits for a second person" } else { "" };
            let words = if is_asked { "--confirm --by '…'".to_owned() } else { format!("--by '…' {REASON}") };
            let release = format!("brake release {words}");
            let headline = format!("brake {} ({}) is engaged{waits}", brake.id, brake.kind);
            Item::new(Group::Halt, headline, command(&release, &brake.id.to_string()))
                .because(format!("{}; 'letterpost brake list' says what to look at first", brake.found))
                .since(brake.raised_at, seen)
        })
        .collect()
}

/// A backup that is too old. A site that was never copied is for `doctor` to tell, unless it is live.
pub(super) fn of_backup(last: Option<&BackupRecord>, seen: &Seen<'_>) -> CliResult<Option<Item>> {
    let desk = seen.desk;
    let item = |headline: String| Item::new(Group::Look, headline, "letterpost ledger backup");
    Ok(match last {
        None if desk.site.environment == Environment::Live => Some(item("no backup was ever made".to_owned())),
        Some(last) if desk.now - last.made_at > MOST_AGE => {
            let headline = format!("the last backup is {} hours old", (desk.now - last.made_at).num_hours());
            Some(item(headline).since(last.made_at, seen)?.overdue(true))
        }
        _ => None,
    })
}

/// Packages of which something is due.
pub(super) fn of_packages(packages: &[OverduePackage], seen: &Seen<'_>) -> Vec<Item> {
    let item = |late: &OverduePackage| {
        let headline = format!("package {}", late.package);
        let item = Item::new(Group::Late, headline, command("batch show", &late.package));
        let item = item.because(late.overdue.join("; "));
        match late.due_on {
            Some(day) => item.since_on(day, seen),
            None => item,
        }
    };
    packages.iter().map(item).collect()
}

/// Certificates of destruction that are overdue: one item a vendor.
pub(super) fn of_purges(overdue: &[Purge], seen: &Seen<'_>) -> Vec<Item> {
    let mut by_vendor = BTreeMap::<&str, Vec<&Purge>>::new();
    for purge in overdue {
        by_vendor.entry(&purge.vendor).or_default().push(purge);
    }
    by_vendor.into_iter().map(|(vendor, missing)| of_vendors_purges(vendor, &missing, seen)).collect()
}

fn of_vendors_purges(vendor: &str, missing: &[&Purge], seen: &Seen<'_>) -> Item {
    let site = &seen.desk.site;
    let name = site.vendors.iter().find(|known| known.code == vendor).map_or(vendor, |known| known.name.as_str());
    let headline = format!("vendor {vendor}: no certificate of destruction for {} packages", missing.len());
    let packages = few_of(missing.iter().map(|purge| purge.package.as_str()), FEW);
    let first = missing.iter().take(FEW).map(|purge| quoted(&purge.package)).collect::<Vec<_>>().join(" ");
    let words = format!("letterpost batch purged {first} --certificate FILE --on DATE");
    let item = Item::new(Group::Late, headline, words).because(format!("{packages}: ask {name} for it"));
    match missing.iter().filter_map(|purge| certificate_due_on(site, purge)).min() {
        Some(day) => item.since_on(day, seen).overdue(true),
        None => item,
    }
}

/// Promises that were missed, but those of requests and letters that somebody decides about: these are told as such.
pub(super) fn of_promises(missed: &[Missed], waiting: &Waiting, seen: &Seen<'_>) -> Vec<Item> {
    let letters: BTreeSet<&str> = waiting.letters_to_decide.iter().map(|letter| letter.letter_id.as_str()).collect();
    let is_decided_about = |promise: &MissedPromise| {
        promise.stage == "held" || promise.letter_id.as_deref().is_some_and(|letter| letters.contains(letter))
    };
    missed.iter().filter(|missed| !is_decided_about(&missed.promise)).map(|missed| of_promise(missed, seen)).collect()
}

fn of_promise(missed: &Missed, seen: &Seen<'_>) -> Item {
    let Missed { promise, business_days_late, hangs, command: words } = missed;
    let MissedPromise { reference, promised_by_on, letter_id, .. } = promise;
    let letter = letter_id.as_deref().map(|letter| format!(", letter {letter}")).unwrap_or_default();
    let headline =
        format!("{reference}{letter}: promised by {promised_by_on}, {business_days_late} business days late");
    // The last word is the id, which others may have chosen.
    let (words, id) = words.rsplit_once(' ').unwrap_or(("letterpost request show", reference));
    let words = words.trim_start_matches("letterpost ");
    let reason = if words.ends_with("reissue") { format!(" {REASON}") } else { String::new() };
    let item = Item::new(Group::Late, headline, command(&format!("{words}{reason}"), id));
    item.because(hangs.as_str()).since_on(*promised_by_on, seen)
}
