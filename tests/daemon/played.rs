//! A site that is played, for the daemon's loop alone: a clock that its waiting moves, a ledger of runs in memory, and starts
//! that end as the test says. Years pass in a moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use letterpost::adapters::system::FixedClock;
use letterpost::daemon::agenda::Agenda;
use letterpost::daemon::health::Board;
use letterpost::daemon::job::Job;
use letterpost::daemon::service::Service;
use letterpost::daemon::work::{End, Standings, Start, Work};
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::ports::ledger::{JobStanding, UnfinishedRun};
use letterpost::ports::{Clock as _, Event};
use letterpost::stages::stop::Stop;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A job that makes letters, every night at half past ten.
pub const NIGHTLY: &str = "name = \"nightly\"\nschedule = \"30 22 * * *\"\ntime_zone = \"America/New_York\"\n\
                           catch_up = \"last\"\ndeadline = \"4h\"\nstages = [\"produce\", \"deliver\"]\n";
/// A job that makes none, every half hour.
pub const RECEIPTS: &str = "name = \"receipts\"\nschedule = \"*/30 * * * *\"\ntime_zone = \"America/New_York\"\n\
                            catch_up = \"last\"\ndeadline = \"30m\"\nstages = [\"ingest\"]\n";

/// An instant.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// How a start ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// All is done.
    Done,
    /// Something is left, with this exit status.
    Undone(u8),
    /// It fails before there is a run.
    Refused(u8),
    /// Another one is at it.
    Elsewhere,
}

/// How the start of a job for a time ends.
type Plays = Box<dyn FnMut(&str, &str) -> Play + Send>;
/// What a test looks at before each answer of the site, to change the world at its time.
type Happening = Box<dyn Fn(&Played, DateTime<Utc>) + Send + Sync>;

/// The site.
pub struct Played {
    pub clock: Arc<FixedClock>,
    pub stop: Stop,
    pub board: Arc<Board>,
    agenda: Arc<Agenda>,
    end: DateTime<Utc>,
    /// By job and scheduled time: whether it is completed, and how often it was started.
    pub runs: Mutex<BTreeMap<(String, String), (bool, u32)>>,
    plays: Mutex<Plays>,
    event: Happening,
    pub is_ledger_away: Mutex<bool>,
    pub releases: Mutex<u64>,
    pub reloads: Mutex<Result<(), String>>,
    pub hang_up: Sender<()>,
    hung_up: Mutex<Option<Receiver<()>>>,
    /// Starts, as "2026-11-20 22:30:00 nightly 2026-11-20T22:30", the first in Eastern Time.
    pub started: Mutex<Vec<String>>,
    /// What the site's commands were told: job, run, exit status.
    pub told: Mutex<Vec<(String, String, u8)>>,
    pub said: Mutex<Vec<String>>,
}

impl Played {
    /// A site with these jobs whose time goes from the one instant to the other, and whose starts end so.
    pub fn new(jobs: &[&str], from: &str, to: &str, plays: impl FnMut(&str, &str) -> Play + Send + 'static) -> Self {
        let jobs = jobs.iter().map(|text| Job::from_toml(text).unwrap()).collect();
        let (hang_up, hung_up) = channel(1);
        Self {
            clock: Arc::new(FixedClock::at(at(from))),
            stop: Stop::default(),
            board: Arc::default(),
            agenda: Arc::new(Agenda::new(jobs, BusinessCalendar::default())),
            end: at(to),
            runs: Mutex::default(),
            plays: Mutex::new(Box::new(plays)),
            event: Box::new(|_, _| ()),
            is_ledger_away: Mutex::new(false),
            releases: Mutex::default(),
            reloads: Mutex::new(Ok(())),
            hang_up,
            hung_up: Mutex::new(Some(hung_up)),
            started: Mutex::default(),
            told: Mutex::default(),
            said: Mutex::default(),
        }
    }

    /// The same, where something happens as time passes.
    pub fn while_time_passes(self, event: impl Fn(&Self, DateTime<Utc>) + Send + Sync + 'static) -> Self {
        Self { event: Box::new(event), ..self }
    }

    /// A run that was there before the daemon.
    pub fn with_run(self, job: &str, run: &str, is_completed: bool) -> Self {
        self.runs.lock().unwrap().insert((job.to_owned(), run.to_owned()), (is_completed, 1));
        self
    }

    /// Lets the daemon work until the end of the play.
    pub async fn play(&self) {
        let hung_up = self.hung_up.lock().unwrap().take().unwrap();
        let (clock, pause) = (Arc::<FixedClock>::clone(&self.clock), Arc::<FixedClock>::clone(&self.clock));
        let mut service = Service::new(self, clock, pause, self.stop.clone(), Arc::clone(&self.board), hung_up);
        service.serve().await;
    }

    /// Starts so far.
    pub fn started(&self) -> Vec<String> {
        self.started.lock().unwrap().clone()
    }

    /// What was told so far.
    pub fn told(&self) -> Vec<(String, String, u8)> {
        self.told.lock().unwrap().clone()
    }

    /// How often something with this in it was said.
    pub fn times_said(&self, text: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }
}

#[async_trait]
impl Work for Played {
    fn agenda(&self) -> Arc<Agenda> {
        Arc::clone(&self.agenda)
    }

    async fn standings(&self, up_to: &[(String, String)]) -> Result<Standings, String> {
        let now = self.clock.now();
        (self.event)(self, now);
        if now >= self.end {
            self.stop.ask();
        }
        if *self.is_ledger_away.lock().unwrap() {
            return Err("the disk is gone".to_owned());
        }
        let runs = self.runs.lock().unwrap();
        let standing = |job: &str, key: &str| {
            let of_job = || runs.iter().filter(|((name, _), _)| name == job).map(|((_, run), state)| (run, state));
            JobStanding {
                last_run: of_job().filter(|(run, _)| run.as_str() <= key).map(|(run, _)| run.clone()).max(),
                last_completed: of_job()
                    .filter(|(run, (is_completed, _))| run.as_str() <= key && *is_completed)
                    .map(|(run, _)| run.clone())
                    .max(),
                unfinished: of_job()
                    .filter(|(_, (is_completed, _))| !is_completed)
                    .map(|(run, (_, starts))| UnfinishedRun { scheduled_for: run.clone(), starts: *starts })
                    .collect(),
            }
        };
        let jobs = up_to.iter().map(|(job, key)| (job.clone(), standing(job, key))).collect();
        Ok(Standings { jobs, releases: *self.releases.lock().unwrap() })
    }

    async fn start(&self, job: &str, run: &str) -> Start {
        let shown = self.clock.now().with_timezone(&chrono_tz::America::New_York).format("%Y-%m-%d %H:%M:%S");
        self.started.lock().unwrap().push(format!("{shown} {job} {run}"));
        let play = (self.plays.lock().unwrap())(job, run);
        let mut runs = self.runs.lock().unwrap();
        let mut record = |is_completed: bool| {
            let state = runs.entry((job.to_owned(), run.to_owned())).or_insert((false, 0));
            *state = (is_completed, state.1 + 1);
            if is_completed {
                // A start goes on with what died before.
                runs.iter_mut().filter(|((name, _), _)| name == job).for_each(|(_, state)| state.0 = true);
            }
        };
        match play {
            Play::Done => record(true),
            Play::Undone(_) => record(false),
            Play::Refused(_) => {}
            Play::Elsewhere => return Start::Elsewhere("process 1: run".to_owned()),
        }
        let (exit, is_undone) = match play {
            Play::Undone(exit) | Play::Refused(exit) => (exit, true),
            Play::Done | Play::Elsewhere => (0, false),
        };
        Start::Ended(End { exit, is_undone, reports: Vec::new(), is_failure_ours: true })
    }

    async fn tell(&self, job: &str, run: &str, end: &End) {
        self.told.lock().unwrap().push((job.to_owned(), run.to_owned(), end.exit));
    }

    async fn reload(&self) -> Result<(), String> {
        self.reloads.lock().unwrap().clone()
    }

    fn say(&self, event: Event) {
        self.said.lock().unwrap().push(event.message.unwrap().as_str().to_owned());
    }
}
