//! The schedule: the jobs of the site's folder, and the times to come.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::args::JobsArgs;
use super::config::Config;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::table;
use crate::adapters::files;
use crate::daemon::agenda::{Agenda, LastRuns};
use crate::daemon::job::Job;
use crate::daemon::schedule::read_key;
use crate::daemon::times::{Fate, PlannedTime};
use crate::ports::ledger::Ledger;

/// The job of this name.
pub fn job(config: &Config, name: &str, at: &Opening) -> CliResult<Job> {
    let jobs = jobs(config, at)?;
    let known: Vec<String> = jobs.iter().map(|job| job.name.clone()).collect();
    jobs.into_iter().find(|job| job.name == name).ok_or_else(|| {
        let folder = at.paths(config).jobs;
        Failure::usage(format!("there is no job {name} in {}; known: {}", folder.display(), known.join(", ")))
    })
}

/// Every job of the folder `jobs`, in the order of their files. A file is named after its job.
pub fn jobs(config: &Config, at: &Opening) -> CliResult<Vec<Job>> {
    let mut jobs = Vec::new();
    for path in files::list(&at.paths(config).jobs, "toml")? {
        let refused = |why: String| Failure::usage(format!("{}: {why}", path.display()));
        let job = Job::from_toml(&files::read_text(&path)?).map_err(|error| refused(error.to_string()))?;
        if path.file_stem().is_none_or(|stem| stem != job.name.as_str()) {
            return Err(refused(format!("the job in it is named {0}; name the file {0}.toml", job.name)));
        }
        jobs.push(job);
    }
    Ok(jobs)
}

/// Every job with the site's calendar.
pub fn agenda(config: &Config, at: &Opening) -> CliResult<Agenda> {
    Ok(Agenda::new(jobs(config, at)?, config.calendar.clone()))
}

/// The last scheduled time of each job that has a run, as the agenda asks for it.
pub async fn last_runs(agenda: &Agenda, ledger: &dyn Ledger, now: DateTime<Utc>) -> CliResult<LastRuns> {
    let mut last_runs = LastRuns::new();
    for (job, latest) in agenda.latest(now)? {
        let key = ledger.last_run(job, &latest.key()).await?;
        last_runs.extend(key.and_then(|key| read_key(&key)).map(|local| (job.to_owned(), local)));
    }
    Ok(last_runs)
}

#[derive(Serialize)]
struct NextTime {
    job: String,
    local: String,
    at: DateTime<Utc>,
    skip: Option<String>,
}

/// Shows the next times of every job, with the reason for each skip.
pub fn list(args: &JobsArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let now = at.clock().now();
    let mut times = Vec::new();
    for job in jobs(&config, at)? {
        for planned in job.next_times(usize::from(args.next), now, &config.calendar)? {
            times.push(next_time(&job, &planned));
        }
    }
    let rows = times.iter().map(|time| {
        let note = time.skip.as_ref().map_or_else(String::new, |reason| format!("skipped: {reason}"));
        vec![time.job.clone(), time.local.clone(), time.at.to_string(), note]
    });
    let text = table(&["job", "local time", "instant", "note"], rows);
    at.report.show(&times, text);
    Ok(Exit::Done)
}

fn next_time(job: &Job, planned: &PlannedTime) -> NextTime {
    let skip = match &planned.fate {
        Fate::Runs { .. } => None,
        Fate::Skipped { reason, .. } => Some(reason.to_string()),
    };
    NextTime { job: job.name.clone(), local: planned.time.key(), at: planned.time.at, skip }
}
