//! A scheduled job, as written in one file of `jobs/`.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use toml::{Table, Value};

use super::schedule::{Schedule, ScheduleError, ScheduledTime};
use crate::domain::calendar::{BusinessCalendar, CalendarError, Closure};
use crate::domain::holidays::FederalHoliday;
use crate::domain::letter::named;
use crate::domain::local_time;
use crate::stages::night::Stage;

const KEYS: [&str; 7] = ["name", "schedule", "time_zone", "skip", "catch_up", "deadline", "stages"];
const LONGEST_NAME: usize = 40;
const DEFAULT_DEADLINE: TimeDelta = TimeDelta::hours(4);
const LONGEST_DEADLINE_MINUTES: i64 = 24 * 60;
/// How many skipped dates in a row are passed over in search of a run: more than ten years of them is never.
const LONGEST_SKIP_DAYS: usize = 3660;

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
    /// What is done about times that passed while nobody watched the schedule.
    CatchUp {
        /// The latest one that was missed is run at once, the earlier ones are not: one night collects everything.
        Latest = "latest",
        /// Nothing; the next time is waited for.
        Never = "never",
    }
}

/// Why a job does not run at one of its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipReason(Closure);

impl SkipReason {
    /// The closure of the calendar for which the time is skipped.
    #[must_use]
    pub fn closure(self) -> Closure {
        self.0
    }
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One time of a job, and whether it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTime {
    /// When.
    pub time: ScheduledTime,
    /// Why it does not run then; `None` if it does.
    pub skip: Option<SkipReason>,
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
    /// `skip` may be left out (nothing is skipped), `catch_up` (`latest`) and `deadline` (four hours; written as
    /// minutes or as "4h", "90m", "1h30m").
    ///
    /// # Errors
    /// [`JobError`], naming the key and what to write.
    pub fn from_toml(text: &str) -> Result<Self, JobError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| JobError::Syntax(error.to_string()))?;
        refuse_unknown_keys(&table)?;
        let zone = time_zone(&table)?;
        Ok(Self {
            name: name(&table)?,
            schedule: Schedule::parse(text_of(&table, "schedule", SCHEDULE_FORM)?, zone)?,
            skip: names(&table, "skip", Skip::ALL, Skip::from_name)?.unwrap_or_default(),
            catch_up: catch_up(&table)?,
            deadline: deadline(&table)?,
            stages: stages(&table)?,
        })
    }

    /// The next `count` times after `from`, those that are skipped among them with the reason.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn next_times(
        &self,
        count: usize,
        from: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Vec<PlannedTime>, CalendarError> {
        let times = self.schedule.times_after(from).take(count);
        times.map(|time| Ok(PlannedTime { time, skip: self.skip_reason(time, calendar)? })).collect()
    }

    /// The first time after `from` at which the job runs; `None` if every time is skipped for ten years.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn next_run_after(
        &self,
        from: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Option<ScheduledTime>, CalendarError> {
        let mut from = from;
        for _ in 0..LONGEST_SKIP_DAYS {
            let Some(time) = self.schedule.times_after(from).next() else { break };
            if self.skip_reason(time, calendar)?.is_none() {
                return Ok(Some(time));
            }
            let Some(day_over_at) = local_time::day_ends_at(time.local.date(), self.schedule.zone()) else { break };
            from = time.at.max(day_over_at - TimeDelta::seconds(1));
        }
        Ok(None)
    }

    /// The last time at or before `instant` at which the job was to run; `None` if there is none in ten years.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn latest_run_at_or_before(
        &self,
        instant: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Option<ScheduledTime>, CalendarError> {
        let mut until = instant;
        for _ in 0..LONGEST_SKIP_DAYS {
            let Some(time) = self.schedule.latest_at_or_before(until) else { break };
            if self.skip_reason(time, calendar)?.is_none() {
                return Ok(Some(time));
            }
            let eve = time.local.date().checked_sub_days(Days::new(1));
            let Some(eve_over_at) = eve.and_then(|eve| local_time::day_ends_at(eve, self.schedule.zone())) else {
                break;
            };
            until = eve_over_at.min(time.at) - TimeDelta::seconds(1);
        }
        Ok(None)
    }

    /// Why the job does not run at this time. What counts is the date on the wall clock.
    fn skip_reason(
        &self,
        time: ScheduledTime,
        calendar: &BusinessCalendar,
    ) -> Result<Option<SkipReason>, CalendarError> {
        let date = time.local.date();
        let skips = |what| self.skip.contains(&what);
        let reason = match calendar.closure_on(date)? {
            // A Saturday may be a holiday in itself: a job that runs at weekends but not on holidays rests then.
            Some(Closure::Weekend) if !skips(Skip::Weekends) => FederalHoliday::on(date).map(Closure::Holiday),
            Some(Closure::Weekend) => return Ok(Some(SkipReason(Closure::Weekend))),
            closure => closure,
        };
        Ok(reason.filter(|_| skips(Skip::Holidays)).map(SkipReason))
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

fn catch_up(table: &Table) -> Result<CatchUp, JobError> {
    let Some(value) = table.get("catch_up") else { return Ok(CatchUp::Latest) };
    let known = value.as_str().and_then(CatchUp::from_name);
    known.ok_or_else(|| wrong("catch_up", value, "\"latest\" or \"never\""))
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

fn known_names<T: ToString>(all: &[T], between: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
