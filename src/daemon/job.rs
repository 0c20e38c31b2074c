//! A scheduled job, as written in one file of `jobs/`.

use chrono::TimeDelta;
use chrono_tz::Tz;
use toml::{Table, Value};

use super::schedule::{Schedule, ScheduleError};
use crate::domain::letter::named;
use crate::stages::night::Stage;

const KEYS: [&str; 8] = ["name", "schedule", "time_zone", "skip", "moved", "catch_up", "deadline", "stages"];
const LONGEST_NAME: usize = 40;
const DEFAULT_DEADLINE: TimeDelta = TimeDelta::hours(4);
const LONGEST_DEADLINE_MINUTES: i64 = 24 * 60;

named! {
    /// Dates on which a job does not run.
    Skip {
        /// Saturdays and Sundays, unless the calendar opens one.
        Weekends = "weekends",
        /// Federal holidays and the one-off closures of the calendar.
        Holidays = "holidays",
    }
}

named! {
    /// Whether a time on a skipped date runs on another date instead, at the same time on the wall clock.
    Moved {
        /// It does not run.
        Never = "never",
        /// It runs on the last date before that is not skipped.
        Before = "before",
        /// It runs on the first date after that is not skipped.
        After = "after",
    }
}

named! {
    /// What is done about times that passed while nobody watched the schedule.
    CatchUp {
        /// Nothing; the next time is waited for.
        None = "none",
        /// The latest is run, the earlier ones are not: one run does what all of them would have done.
        Last = "last",
        /// Each is run, in order.
        All = "all",
    }
}

/// A job that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Not TOML.
    #[error("the job is not valid TOML: {0}")]
    Syntax(String),
    /// A key that no job has.
    #[error("unknown key '{key}'{}", nearest.map_or_else(|| format!("; a job has {}", KEYS.join(", ")), |name| format!("; did you mean '{name}'?")))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A key that every job must have.
    #[error("the key '{key}' is missing; write {write}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What to write.
        write: String,
    },
    /// A value that makes no sense.
    #[error("{key} = {found} is not right; write {write}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value as written.
        found: String,
        /// What to write.
        write: String,
    },
    /// The schedule cannot be followed.
    #[error("schedule: {0}")]
    Schedule(#[from] ScheduleError),
}

/// A job: what runs, and when.
#[derive(Debug, Clone)]
pub struct Job {
    /// The name, which with the scheduled time is the key of a run: lower-case letters, digits and hyphens.
    pub name: String,
    /// When it falls due.
    pub schedule: Schedule,
    /// The dates on which it does not run.
    pub skip: Vec<Skip>,
    /// Whether a skipped time runs on another date.
    pub moved: Moved,
    /// What is done about missed times.
    pub catch_up: CatchUp,
    /// How long a run may take before it is stopped and the alarm raised.
    pub deadline: TimeDelta,
    /// What a run does, in this order.
    pub stages: Vec<Stage>,
}

impl Job {
    /// Reads a job from the text of its file.
    ///
    /// `skip` may be left out (nothing is skipped), `moved` (`never`), `catch_up` (`last`) and `deadline` (four hours;
    /// written as minutes or as "4h", "90m", "1h30m").
    ///
    /// # Errors
    /// [`JobError`], naming the key and what to write.
    pub fn from_toml(text: &str) -> Result<Self, JobError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| JobError::Syntax(error.to_string()))?;
        refuse_unknown_keys(&table)?;
        let zone = time_zone(&table)?;
        let skip = names(&table, "skip", Skip::ALL, Skip::from_name)?.unwrap_or_default();
        Ok(Self {
            name: name(&table)?,
            schedule: Schedule::parse(text_of(&table, "schedule", SCHEDULE_FORM)?, zone)?,
            moved: moved(&table, &skip)?,
            skip,
            catch_up: choice(&table, "catch_up", CatchUp::ALL, CatchUp::from_name)?.unwrap_or(CatchUp::Last),
            deadline: deadline(&table)?,
            stages: stages(&table)?,
        })
    }
}

const SCHEDULE_FORM: &str = "a cron schedule between quotes: \"30 22 * * *\" is every night at half past ten";

fn refuse_unknown_keys(table: &Table) -> Result<(), JobError> {
    match table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        Some(key) => Err(JobError::UnknownKey { key: key.clone(), nearest: nearest(key) }),
        None => Ok(()),
    }
}

/// The known key that looks most like this one, if any looks like it.
fn nearest(key: &str) -> Option<&'static str> {
    const LIKE: f64 = 0.7;
    let likeness = |known: &str| strsim::jaro_winkler(known, &key.to_lowercase());
    KEYS.into_iter().filter(|known| likeness(known) > LIKE).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

fn wrong(key: &'static str, found: &Value, write: impl Into<String>) -> JobError {
    JobError::Value { key, found: found.to_string(), write: write.into() }
}

fn text_of<'a>(table: &'a Table, key: &'static str, write: &str) -> Result<&'a str, JobError> {
    let value = table.get(key).ok_or_else(|| JobError::Missing { key, write: write.to_owned() })?;
    value.as_str().ok_or_else(|| wrong(key, value, write))
}

fn name(table: &Table) -> Result<String, JobError> {
    let write = format!("lower-case letters, digits and hyphens, at most {LONGEST_NAME}: \"nightly\"");
    let name = text_of(table, "name", &write)?;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > LONGEST_NAME || name.starts_with('-') || !name.chars().all(is_plain) {
        return Err(wrong("name", &Value::from(name), write));
    }
    Ok(name.to_owned())
}

fn time_zone(table: &Table) -> Result<Tz, JobError> {
    let write = "a name of the time zone database: \"America/New_York\"";
    let name = text_of(table, "time_zone", write)?;
    name.parse().map_err(|_| wrong("time_zone", &Value::from(name), write))
}

/// Where skipped times go, if any are skipped.
fn moved(table: &Table, skip: &[Skip]) -> Result<Moved, JobError> {
    let moved = choice(table, "moved", Moved::ALL, Moved::from_name)?.unwrap_or(Moved::Never);
    match table.get("moved").filter(|_| moved != Moved::Never && skip.is_empty()) {
        Some(value) => {
            let write = "what is skipped, skip = [\"weekends\", \"holidays\"], or leave it out";
            Err(wrong("moved", value, write))
        }
        None => Ok(moved),
    }
}

/// One of several names; `None` if the key is not there.
fn choice<T: ToString>(
    table: &Table,
    key: &'static str,
    all: &[T],
    from_name: fn(&str) -> Option<T>,
) -> Result<Option<T>, JobError> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let known = value.as_str().and_then(from_name);
    known.map(Some).ok_or_else(|| wrong(key, value, one_of(all)))
}

fn deadline(table: &Table) -> Result<TimeDelta, JobError> {
    let Some(value) = table.get("deadline") else { return Ok(DEFAULT_DEADLINE) };
    let minutes = value.as_integer().or_else(|| value.as_str().and_then(minutes_of));
    let allowed = minutes.filter(|minutes| (1..=LONGEST_DEADLINE_MINUTES).contains(minutes));
    let write = "minutes, or hours and minutes between quotes, up to a day: 240, \"4h\", \"1h30m\"";
    allowed.map(TimeDelta::minutes).ok_or_else(|| wrong("deadline", value, write))
}

/// The minutes of "4h", "90m" or "1h30m".
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = match text.split_once('h') {
        Some((hours, rest)) => (hours, rest),
        None => ("0", text),
    };
    let minutes = if minutes.is_empty() { "0" } else { minutes.strip_suffix('m')? };
    let number = |digits: &str| digits.parse::<u16>().ok().map(i64::from).filter(|_| !digits.starts_with('+'));
    Some(number(hours)? * 60 + number(minutes)?)
}

fn stages(table: &Table) -> Result<Vec<Stage>, JobError> {
    let write = format!("a list of stages in their order: [\"{}\"]", known_names(Stage::ALL, "\", \""));
    let stages = names(table, "stages", Stage::ALL, Stage::from_name)?;
    let stages = stages.ok_or_else(|| JobError::Missing { key: "stages", write: write.clone() })?;
    if stages.is_empty() { Err(JobError::Missing { key: "stages", write }) } else { Ok(stages) }
}

/// A list of names, each known and none twice; `None` if the key is not there.
fn names<T: Copy + PartialEq + ToString>(
    table: &Table,
    key: &'static str,
    all: &[T],
    from_name: fn(&str) -> Option<T>,
) -> Result<Option<Vec<T>>, JobError> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let write = format!("a list of any of these, each once: {}", known_names(all, ", "));
    let mut found = Vec::new();
    for item in value.as_array().ok_or_else(|| wrong(key, value, write.as_str()))? {
        let name = item.as_str().and_then(from_name).filter(|name| !found.contains(name));
        found.push(name.ok_or_else(|| wrong(key, item, write.as_str()))?);
    }
    Ok(Some(found))
}

/// "a", "b" or "c".
fn one_of<T: ToString>(all: &[T]) -> String {
    let quoted: Vec<String> = all.iter().map(|name| format!("\"{}\"", name.to_string())).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

fn known_names<T: ToString>(all: &[T], between: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
