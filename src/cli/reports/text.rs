//! The report of the night on a terminal, within 100 columns.

use std::collections::BTreeMap;

use super::item::{Group, Item};
use super::night::Night;
use super::outside;
use crate::ports::ledger::{Accounting, RunRecord, StageRecord};

/// The widest line, in characters.
const COLUMNS: usize = 100;
/// Items of a group that are shown.
pub(super) const MOST_SHOWN: usize = 20;

/// The whole report.
pub(super) fn describe(night: &Night) -> String {
    let mut text = vec![format!("site {} ({}), {}: {}", night.site, night.environment, night.today, summary(night))];
    text.push(String::new());
    night.runs.iter().for_each(|run| text.extend(run_lines(run)));
    if night.runs.is_empty() {
        text.push("no run yet".to_owned());
    }
    text.push(last_backup(night));
    text.extend(outside::lines(&night.sinks));
    section(&mut text, "before anything else", night.of(Group::Halt), None);
    late(&mut text, night);
    text.push(String::new());
    text.push(format!("held for a person: {}", night.held()));
    let listed = night.of(Group::Decide).count() as u64;
    let more = night.held().saturating_sub(night.waiting.held.len() as u64);
    items(&mut text, night.of(Group::Decide), listed + more, "letterpost request list --status held");
    section(&mut text, "to look at", night.of(Group::Look), None);
    if !night.ends_soon.is_empty() {
        text.push(String::new());
        text.push("ends soon".to_owned());
        for ending in &night.ends_soon {
            text.extend(wrapped(&format!("{}  {}", ending.on, ending.what), 2, 14));
        }
    }
    text.push(String::new());
    text.extend(accounting(&night.accounting));
    text.join("\n")
}

/// How it stands, in a few words.
pub(super) fn summary(night: &Night) -> String {
    let count = |is: fn(&Item) -> bool| night.items.iter().filter(|item| is(item)).count();
    let waiting = night.items.len();
    if waiting == 0 {
        return "nothing waits for a person".to_owned();
    }
    let things = if waiting == 1 { "1 thing waits".to_owned() } else { format!("{waiting} things wait") };
    let are = |count, what| match count {
        0 => String::new(),
        1 => format!(", 1 is {what}"),
        _ => format!(", {count} are {what}"),
    };
    let (new, late) = (count(|item| item.is_new), count(|item| item.is_overdue || item.group == Group::Late));
    format!("{things} for a person{}{}", are(new, "new"), are(late, "late"))
}

/// When the ledger was last copied.
pub(super) fn last_backup(night: &Night) -> String {
    match &night.last_backup {
        Some(last) => format!("last backup: {} hours ago", (night.at - last.made_at).num_hours()),
        None => "last backup: none".to_owned(),
    }
}

/// A run, and what each of its stages did.
fn run_lines(run: &RunRecord) -> Vec<String> {
    let starts = if run.starts > 1 { format!(", started {} times", run.starts) } else { String::new() };
    let length = run.finished_at.map(|end| format!(" in {}", length((end - run.started_at).num_seconds())));
    let mut text =
        vec![format!("{} for {}: {}{}{starts}", run.job, run.scheduled_for, run.status, length.unwrap_or_default())];
    for stage in &run.stages {
        text.extend(wrapped(&format!("{:<10} {}", stage.stage, did(stage)), 2, 13));
    }
    text
}

/// So many seconds as people say them.
pub(super) fn length(seconds: i64) -> String {
    match seconds {
        ..1 => "under 1 s".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// What a stage did: its counts that are not nothing, by name.
pub(super) fn did(stage: &StageRecord) -> String {
    let Some(outcome) = &stage.outcome else { return "not finished".to_owned() };
    let facts = outcome.get("did").and_then(|did| did.as_object()).into_iter().flatten();
    let told: Vec<String> = facts
        .filter_map(|(name, value)| {
            let name = name.replace('_', " ");
            match value {
                serde_json::Value::Number(count) if count.as_u64() == Some(0) => None,
                serde_json::Value::Number(count) => Some(format!("{name} {count}")),
                serde_json::Value::Array(list) if list.is_empty() => None,
                serde_json::Value::Array(list) => Some(format!("{name} {}", list.len())),
                _ => None,
            }
        })
        .collect();
    let told = if told.is_empty() { "nothing to do".to_owned() } else { told.join(", ") };
    if stage.finished_at.is_some() { told } else { format!("{told}; not finished") }
}

fn late(text: &mut Vec<String>, night: &Night) {
    if night.of(Group::Late).next().is_none() {
        return;
    }
    text.push(String::new());
    if !night.overdue_packages.is_empty() {
        text.push(format!("packages that are overdue: {}", night.overdue_packages.len()));
    }
    if !night.missed_promises.is_empty() {
        text.push(format!("not there by the day that was promised: {}", night.missed_promises.len()));
    }
    let count = night.of(Group::Late).count() as u64;
    items(text, night.of(Group::Late), count, "letterpost --json report night");
}

fn section<'a>(text: &mut Vec<String>, title: &str, of: impl Iterator<Item = &'a Item>, all: Option<&str>) {
    let of: Vec<&Item> = of.collect();
    if of.is_empty() {
        return;
    }
    text.push(String::new());
    text.push(title.to_owned());
    let count = of.len() as u64;
    items(text, of.into_iter(), count, all.unwrap_or("letterpost --json report night"));
}

/// The first items, and where the others are.
fn items<'a>(text: &mut Vec<String>, of: impl Iterator<Item = &'a Item>, count: u64, all: &str) {
    let mut shown = 0;
    for item in of.take(MOST_SHOWN) {
        text.extend(item_lines(item));
        shown += 1;
    }
    if count > shown {
        text.push(format!("  and {} more: {all}", count - shown));
    }
}

fn item_lines(item: &Item) -> Vec<String> {
    let (headline, mark) = (&item.headline, item.mark());
    let is_of_two = headline.contains("second person");
    let head = match (&item.why, &item.said) {
        (Some(why), None) if item.group == Group::Late => format!("{headline}: {why}{mark}"),
        (_, Some(said)) if is_of_two => format!("{headline}, says {said}{mark}"),
        _ => format!("{headline}{mark}"),
    };
    let mut text = wrapped(&head, 2, 4);
    if item.group != Group::Late {
        item.why.iter().for_each(|why| text.extend(wrapped(why, 4, 4)));
        item.said.iter().filter(|_| !is_of_two).for_each(|said| text.extend(wrapped(said, 4, 4)));
    }
    // A command is for copying, so it stays on one line.
    text.push(format!("      {}", item.command));
    text
}

fn accounting(accounting: &Accounting) -> Vec<String> {
    let sum = |states: &BTreeMap<String, u64>| {
        states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(" + ")
    };
    let requests = format!("requests {} = {}", accounting.requests, sum(&accounting.request_states));
    let letters = format!("letters  {} = {}", accounting.letters, sum(&accounting.letter_states));
    [requests, letters].iter().flat_map(|line| wrapped(line, 0, 9)).collect()
}

/// A sentence in lines of at most [`COLUMNS`], the first and the others indented by so much.
fn wrapped(sentence: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = vec![" ".repeat(first)];
    for (place, word) in sentence.split(' ').enumerate() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if place > 0 && line + 1 + word.chars().count() > COLUMNS {
            lines.push(" ".repeat(others));
        } else if place > 0
            && let Some(line) = lines.last_mut()
        {
            line.push(' ');
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_the_hundred_and_first_column_and_lose_no_word() {
        let sentence = format!("{} end", "word ".repeat(60).trim_end());
        let lines = wrapped(&sentence, 2, 4);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= COLUMNS), "{lines:?}");
        assert_eq!(lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join(" "), sentence);
        assert_eq!(wrapped(&"x".repeat(120), 2, 4), [format!("  {}", "x".repeat(120))], "a word is never cut");
    }
}
