//! The site as the daemon works it: the settings in force, and starts as `run` makes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::adapters::files;
use crate::cli::alerts::{self, Told};
use crate::cli::config::Config;
use crate::cli::database;
use crate::cli::doctor;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::jobs::describe;
use crate::cli::open::Opening;
use crate::cli::schedule;
use crate::cli::starts::{self, Ended, Started};
use crate::daemon::agenda::Agenda;
use crate::daemon::figures::KeyEnd;
use crate::daemon::work::{End, Standings, Start, Work};
use crate::package::openpgp::{self, Certificate};
use crate::ports::ledger::{Figures, Ledger, LedgerError, SinkStanding};
use crate::ports::{Event, Log as _, Place};
use crate::stages::site::Site;

/// The longest that the ledger is asked for figures.
const FIGURES_LIMIT: Duration = Duration::from_secs(10);

/// What is in force from one reading of the configuration to the next.
pub struct Settings {
    /// The configuration.
    pub config: Config,
    agenda: Arc<Agenda>,
    keys: Vec<KeyEnd>,
}

impl Settings {
    /// Reads configuration, jobs and keys, and refuses what no night can run with. The ledger is not asked: it may be away
    /// for a while.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub fn read(at: &Opening) -> CliResult<Self> {
        let config = at.config()?;
        let agenda = schedule::agenda(&config, at)?;
        if agenda.jobs().is_empty() {
            let folder = at.paths(&config).jobs;
            return Err(Failure::usage(format!(
                "{}: there is no job in it, so there is nothing to run",
                folder.display()
            )));
        }
        doctor::require_fit_without_ledger(&config, at)?;
        let (site, press) = (at.site(&config)?, at.press(&config)?);
        let keys = keys(press.signing_key.certificate(), &site, at.clock().now())?;
        Ok(Self { config, agenda: Arc::new(agenda), keys })
    }
}

/// The ends of the keys, if each that is needed is good now.
fn keys(own: &Certificate, site: &Site, now: DateTime<Utc>) -> CliResult<Vec<KeyEnd>> {
    own.check(now).map_err(|error| Failure::usage(format!("the site's key: {error}")))?;
    let end = |owner: &str, certificate: &Certificate| KeyEnd {
        owner: owner.to_owned(),
        fingerprint: certificate.fingerprint(),
        ends_at: certificate.expires_at(now),
    };
    let mut keys = vec![end("site", own)];
    for vendor in &site.vendors {
        if openpgp::usable(&vendor.certificates, now).is_empty() {
            return Err(Failure::usage(format!(
                "vendor {}: none of its certificates can be encrypted to; 'letterpost doctor' says why",
                vendor.code
            )));
        }
        keys.extend(vendor.certificates.iter().map(|certificate| end(&vendor.code, certificate)));
    }
    Ok(keys)
}

/// How far each sink is of which the ledger tells.
async fn sinks(config: &Config, ledger: &dyn Ledger) -> Vec<SinkStanding> {
    let mut standings = Vec::new();
    for sink in &config.audit.sinks {
        standings.extend(ledger.sink_standing(&sink.code).await);
    }
    standings
}

/// The site.
pub struct DaemonSite {
    at: Opening,
    settings: RwLock<Arc<Settings>>,
    /// Whether the ledger's tables are those of this program.
    is_up_to_date: AtomicBool,
}

impl DaemonSite {
    /// A site with these settings in force.
    pub fn new(at: Opening, settings: Settings) -> Self {
        Self { at, settings: RwLock::new(Arc::new(settings)), is_up_to_date: AtomicBool::new(false) }
    }

    /// What it is opened with.
    pub fn at(&self) -> &Opening {
        &self.at
    }

    /// Says what is watched.
    pub fn say_jobs(&self) {
        let settings = self.settings();
        let jobs: Vec<&str> = settings.agenda.jobs().iter().map(|job| job.name.as_str()).collect();
        self.at.report.say(format!("watching the schedule of {}", jobs.join(", ")));
    }

    /// The figures of the ledger, if it gives them, with the keys and the instant of both.
    pub async fn figures(&self) -> (Option<Figures>, Vec<KeyEnd>, DateTime<Utc>) {
        let (settings, now) = (self.settings(), self.at.clock().now());
        let asked = async {
            let today = self.at.site(&settings.config).ok()?.date_at(now).ok()?;
            let ledger = self.ledger(&settings.config).await.ok()?;
            let mut figures = ledger.figures(today).await.ok();
            if let Some(figures) = &mut figures {
                figures.sinks = sinks(&settings.config, ledger.as_ref()).await;
            }
            ledger.close().await;
            figures
        };
        let figures = tokio::time::timeout(FIGURES_LIMIT, asked).await.ok().flatten();
        (figures, settings.keys.clone(), now)
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ledger, opened for each question: one that was put in the place of another is seen by the next.
    async fn ledger(&self, config: &Config) -> Result<Arc<dyn Ledger>, String> {
        let place = self.at.paths(config).ledger;
        if let Some(path) = place.file().filter(|path| !files::exists(path)) {
            self.is_up_to_date.store(false, Ordering::Relaxed);
            return Err(format!("there is no {}; bring it back", path.display()));
        }
        if !self.is_up_to_date.load(Ordering::Relaxed) {
            self.at.ledger(config).await.map_err(|failure| failure.message)?.close().await;
            self.is_up_to_date.store(true, Ordering::Relaxed);
        }
        let opened = database::ledger_to_read(&place, &config.site_mark(), self.at.entropy()).await;
        opened.map_err(|error| error.to_string())
    }

    fn told(&self, ended: &Ended) {
        self.at.report.say(describe(&ended.reports));
        let stages = ended.reports.iter().flat_map(|report| &report.stages);
        self.at.report.recap(stages.flat_map(|done| &done.outcome.matters));
        if let Some(failure) = &ended.failure {
            self.at.report.failure(failure);
        }
        // A run that failed or ran out of time leaves its place in the log: what the daemon says next is not of it.
        self.at.report.log().enter(Place::default());
    }
}

#[async_trait]
impl Work for DaemonSite {
    fn agenda(&self) -> Arc<Agenda> {
        Arc::clone(&self.settings().agenda)
    }

    async fn standings(&self, up_to: &[(String, String)]) -> Result<Standings, String> {
        let ledger = self.ledger(&self.settings().config).await?;
        let found = async {
            let mut standings = Standings { releases: ledger.releases().await?, ..Standings::default() };
            for (job, key) in up_to {
                standings.jobs.insert(job.clone(), ledger.job_standing(job, key).await?);
            }
            Ok::<_, LedgerError>(standings)
        }
        .await;
        ledger.close().await;
        found.map_err(|error| error.to_string())
    }

    async fn start(&self, job: &str, run: &str) -> Start {
        let settings = self.settings();
        let Some(job) = settings.agenda.jobs().iter().find(|known| known.name == job) else {
            return Start::Ended(End::without_start(Exit::Usage as u8, job, run, "there is no such job any more"));
        };
        match starts::start(job, run, &settings.agenda, None, &settings.config, &self.at).await {
            Started::Elsewhere(holder) => Start::Elsewhere(holder),
            Started::Here(ended) => {
                self.told(&ended);
                Start::Ended(End {
                    exit: ended.alarm_exit() as u8,
                    is_undone: ended.is_undone,
                    is_failure_ours: ended.failure.as_ref().is_some_and(|failure| failure.is_ours),
                    reports: ended.reports,
                })
            }
        }
    }

    async fn tell(&self, job: &str, run: &str, end: &End) {
        let exit = match end.exit {
            0 => Exit::Done,
            1 => Exit::Person,
            2 => Exit::Usage,
            4 => Exit::Alarm,
            _ => Exit::TryAgain,
        };
        let told = Told { job, run, exit, reports: &end.reports, is_failure_ours: end.is_failure_ours };
        alerts::tell(&self.settings().config.alerts, told, &self.at.report).await;
    }

    async fn reload(&self) -> Result<(), String> {
        let settings = Settings::read(&self.at).map_err(|failure| {
            self.at.report.aside(&failure.message);
            failure.message
        })?;
        if settings.config.listen != self.settings().config.listen {
            self.at.report.say("[daemon] listen holds when the daemon is started again");
        }
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.is_up_to_date.store(false, Ordering::Relaxed);
        self.say_jobs();
        Ok(())
    }

    fn say(&self, event: Event) {
        match (&self.at.report.lines, &event.message) {
            (Some(lines), _) => lines.note(event),
            (None, Some(message)) => self.at.report.say(message.as_str()),
            (None, None) => {}
        }
    }
}
