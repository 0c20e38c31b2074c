//! The schedule: the jobs of the site's folder, and the times to come.

mod next_times;

use chrono::{DateTime, TimeDelta, Utc};

use self::next_times::next_times;
use super::args::JobsArgs;
use super::config::Config;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::table;
use crate::adapters::files;
use crate::daemon::agenda::{Agenda, LastRuns};
use crate::daemon::job::Job;
use crate::daemon::schedule::read_key;
use crate::ports::ledger::Ledger;
use crate::stages::world::World;

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

/// The missed times of a job that are to be run before the run of this key, in order. What is given up is said.
pub async fn missed_before(job: &Job, key: &str, world: &World, at: &Opening) -> CliResult<Vec<String>> {
    let now = world.clock.now();
    let agenda = Agenda::new(vec![job.clone()], world.site.calendar.clone());
    let due = agenda.due(&last_runs(&agenda, world.ledger.as_ref(), now).await?, now)?;
    for mut given_up in due.given_up {
        // Whoever starts a job gets its latest time, even where the schedule alone would not make up for it.
        let earlier = job.latest_run_at_or_before(given_up.last.at - TimeDelta::seconds(1), agenda.calendar())?;
        if given_up.last.key() == key {
            given_up.last = earlier.unwrap_or(given_up.last);
        }
        if given_up.first.at <= given_up.last.at && given_up.last.key().as_str() < key {
            at.report.say(given_up.to_string());
        }
    }
    Ok(due.due.iter().map(|due| due.time.key()).filter(|missed| missed.as_str() < key).collect())
}

/// Shows the next times of a job, or of all, in the order in which they come.
pub fn list(args: &JobsArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    if let Some(name) = &args.job {
        job(&config, name, at)?;
    }
    let count = usize::from(args.next);
    let times = next_times(&agenda(&config, at)?, args.job.as_deref(), count, at.clock().now(), &config)?;
    let rows = times.iter().map(|time| {
        let instant = time.at.format("%Y-%m-%dT%H:%MZ").to_string();
        vec![time.job.clone(), time.shown.clone(), instant, time.notes.join("; ")]
    });
    let text = table(&["job", "local time", "instant", "note"], rows);
    at.report.show(&times, text);
    Ok(Exit::Done)
}
