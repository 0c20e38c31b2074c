//! `jobs --next`: the times to come of each job in one list, with all that is out of the ordinary about them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike as _, Utc};
use serde::Serialize;

use crate::cli::config::{Config, VendorSection};
use crate::cli::exit::{CliResult, Failure};
use crate::daemon::agenda::Agenda;
use crate::daemon::forecast::{Forecast, forecast};
use crate::daemon::job::Job;
use crate::daemon::times::{Fate, PlannedTime};
use crate::domain::local_time::{self, Shown};
use crate::stages::night::Stage;

const DAY: &str = "%a %d %b %Y";

/// A time to come.
#[derive(Debug, Serialize)]
pub struct NextTime {
    /// The job.
    pub job: String,
    /// The scheduled local time, by which the run is known.
    pub local: String,
    /// The time zone of the local time.
    pub time_zone: String,
    /// When it falls due.
    pub at: DateTime<Utc>,
    /// Whether the job runs then.
    pub runs: bool,
    /// Why it does not.
    pub skip: Option<String>,
    /// The date on which it runs instead.
    pub moved_to: Option<NaiveDate>,
    /// The skipped dates for which it runs now.
    pub moved_from: Vec<NaiveDate>,
    /// How often the clocks show the local time, where it is not once.
    pub clock: Option<&'static str>,
    /// By vendor, the print day for which letters are made.
    pub mints: Vec<VendorForecast>,
    /// All of it in words.
    pub notes: Vec<String>,
    /// The local time as people read it, with its zone.
    #[serde(skip)]
    pub shown: String,
}

/// What a run makes for a vendor.
#[derive(Debug, Serialize)]
pub struct VendorForecast {
    /// Its code.
    pub vendor: String,
    /// The print day of the letters; `None` where none are made.
    pub print_on: Option<NaiveDate>,
    /// Why none are made.
    pub because: Option<String>,
}

/// The next `count` times of each job of this name, or of all jobs, in the order in which they come.
pub fn next_times(
    agenda: &Agenda,
    name: Option<&str>,
    count: usize,
    now: DateTime<Utc>,
    config: &Config,
) -> CliResult<Vec<NextTime>> {
    let mut times = Vec::new();
    for job in agenda.jobs().iter().filter(|job| name.is_none_or(|name| name == job.name)) {
        for planned in job.next_times(count, now, agenda.calendar())? {
            times.push(next_time(agenda, job, &planned, config)?);
        }
    }
    times.sort_by_key(|time| time.at);
    Ok(times)
}

fn next_time(agenda: &Agenda, job: &Job, planned: &PlannedTime, config: &Config) -> CliResult<NextTime> {
    let zone = job.schedule.zone();
    let (local, at) = (planned.time.local, planned.time.at);
    let clocks = local_time::shown(local, zone).unwrap_or(Shown::Once);
    let mut notes = Vec::new();
    let (mut skip, mut moved_to, mut moved_from, mut mints) = (None, None, Vec::new(), Vec::new());
    match &planned.fate {
        Fate::Skipped { reason, moved_to: to } => {
            notes.push(match to {
                Some(to) => format!("{reason}: moved to {}", to.format(DAY)),
                None => format!("skipped: {reason}"),
            });
            (skip, moved_to) = (Some(reason.to_string()), *to);
        }
        Fate::Runs { also_for } => {
            let dates = also_for.iter().map(|(date, reason)| format!("{} ({reason})", date.format(DAY)));
            let dates: Vec<String> = dates.collect();
            if !dates.is_empty() {
                notes.push(format!("runs also for {}", dates.join(", ")));
            }
            notes.extend(clock_note(planned, clocks, job));
            mints = forecasts(agenda, job, at, config)?;
            notes.extend(mint_note(job, &mints));
            moved_from = also_for.iter().map(|(date, _)| *date).collect();
        }
    }
    let clock = match clocks {
        Shown::Once => None,
        Shown::Never => Some("never"),
        Shown::Twice => Some("twice"),
    };
    Ok(NextTime {
        job: job.name.clone(),
        local: planned.time.key(),
        time_zone: zone.name().to_owned(),
        at,
        runs: skip.is_none(),
        skip,
        moved_to,
        moved_from,
        clock,
        mints,
        notes,
        shown: format!(
            "{} {} {}",
            local.format("%a %Y-%m-%d"),
            clock_text(local),
            at.with_timezone(&zone).format("%Z")
        ),
    })
}

fn clock_note(planned: &PlannedTime, clocks: Shown, job: &Job) -> Option<String> {
    let time = clock_text(planned.time.local);
    let runs_at = clock_text(planned.time.at.with_timezone(&job.schedule.zone()).naive_local());
    match clocks {
        Shown::Once => None,
        Shown::Never => Some(format!("{time} does not exist on this night: runs at {runs_at}")),
        Shown::Twice => Some(format!("{time} comes twice: runs the first time")),
    }
}

/// What the clock shows: the minute, and the second where the schedule names one.
fn clock_text(local: NaiveDateTime) -> String {
    local.format(if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}

/// What a job that makes letters makes for each vendor.
fn forecasts(agenda: &Agenda, job: &Job, at: DateTime<Utc>, config: &Config) -> CliResult<Vec<VendorForecast>> {
    if !job.stages.contains(&Stage::Produce) {
        return Ok(Vec::new());
    }
    let next = agenda.next_delivery_by(at)?;
    let forecast_for = |vendor: &VendorSection| {
        let rule = (&vendor.print_schedule, vendor.mint);
        forecast(at, next, rule, &config.calendar, config.site.time_zone)
            .map(|forecast| vendor_forecast(&vendor.code, forecast))
            .map_err(|error| Failure::usage(format!("vendor {}: {error}", vendor.code)))
    };
    config.vendors.iter().map(forecast_for).collect()
}

fn vendor_forecast(vendor: &str, forecast: Forecast) -> VendorForecast {
    let (print_on, because) = match forecast {
        Forecast::Mints { print_on } => (Some(print_on), None),
        Forecast::NoPrintDay { day, closure } => {
            let why = closure.map_or_else(String::new, |closure| format!(" ({closure})"));
            (None, Some(format!("{vendor} does not print on {}{why}", day.format(DAY))))
        }
        Forecast::LaterRun { print_on } => {
            (None, Some(format!("a later run still makes {vendor}'s print day, {}", print_on.format(DAY))))
        }
    };
    VendorForecast { vendor: vendor.to_owned(), print_on, because }
}

fn mint_note(job: &Job, mints: &[VendorForecast]) -> Option<String> {
    let because: Vec<&str> = mints.iter().filter_map(|mint| mint.because.as_deref()).collect();
    let made =
        mints.iter().filter_map(|mint| Some(format!("{} prints on {}", mint.vendor, mint.print_on?.format(DAY))));
    let made: Vec<String> = made.collect();
    let collects = if job.stages.contains(&Stage::Collect) { "collects, and " } else { "" };
    match (made.is_empty(), because.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("{collects}mints nothing: {}", because.join("; "))),
        (false, true) => Some(format!("mints: {}", made.join("; "))),
        (false, false) => Some(format!("mints: {}; not where {}", made.join("; "), because.join("; "))),
    }
}
