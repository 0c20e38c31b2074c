//! From the command line to a site: configuration, keys, ledger and the world that stages work in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::args::Cli;
use super::config::{Config, CourierPlace, Paths, SITE_KEY_PASSPHRASE_VARIABLE, VendorPaths};
use super::database;
use super::exit::{CliResult, Exit, Failure};
use super::locks::{self, Lock, Locked, WorksUnder};
use super::log_key;
use super::outside;
use super::report::Report;
use super::spool;
use super::templates::folder as template_folder;
use crate::adapters::files;
use crate::adapters::folder_courier::FolderCourier;
use crate::adapters::keepers::{HeadFile, QuarantineFolder};
use crate::adapters::kept_files::SiteFiles;
use crate::adapters::run_lock::RunLockError;
use crate::adapters::sftp_courier::SftpCourier;
use crate::adapters::system::{FixedClock, RunningClock, SeededEntropy, SystemClock, SystemEntropy};
use crate::domain::verifier::{PEPPER_BYTES, Pepper};
use crate::letter::{Stationery, TemplateSet};
use crate::package::openpgp::{Certificate, SecretKey};
use crate::ports::ledger::Ledger;
use crate::ports::{Clock, Courier, Entropy, Pause};
use crate::stages::brakes::Steady;
use crate::stages::patience::Patience;
use crate::stages::site::Site;
use crate::stages::stop::Stop;
use crate::stages::world::{Press, World};

/// For sites that are made for rehearsing: the seed that all chance comes from.
const SEED_VARIABLE: &str = "LETTERPOST_SIMULATED_SEED";

/// How long a person's command waits for a run that is at work: a half-hourly job is over by then.
const SHORT_WAIT: Duration = Duration::from_secs(5);
/// How long the lock of a job is asked for: what held it may just be ending.
const MOMENT: Duration = Duration::from_millis(400);

/// What a command can open.
pub struct Opening {
    /// Where to show things.
    pub report: Report,
    /// The configuration file.
    pub config_path: PathBuf,
    /// Whether the command line or the environment names it.
    is_config_named: bool,
    clock: Arc<dyn Clock>,
    pause: Arc<dyn Pause>,
    entropy: Arc<dyn Entropy>,
    stop: Stop,
    works_under: WorksUnder,
    is_simulated: bool,
}

impl Opening {
    /// What this command line and its environment name.
    ///
    /// # Errors
    /// Where a simulated seed cannot be read.
    pub fn new(cli: &Cli, report: Report, is_config_named: bool) -> CliResult<Self> {
        let seed = std::env::var(SEED_VARIABLE).ok();
        let is_simulated = cli.now.is_some() || seed.is_some();
        let (clock, pause) = clock(cli.now);
        report.tell_time_by(&clock);
        Ok(Self {
            report,
            config_path: cli.config.clone(),
            is_config_named,
            is_simulated,
            clock,
            pause,
            entropy: entropy(seed)?,
            stop: Stop::default(),
            works_under: WorksUnder::default(),
        })
    }

    /// A site that is worked under a clock and chance of the caller's: a rehearsal. Waiting moves the clock.
    #[must_use]
    pub fn simulated(report: Report, config_path: PathBuf, clock: &Arc<FixedClock>, entropy: Arc<dyn Entropy>) -> Self {
        let (clock, pause) = (Arc::<FixedClock>::clone(clock), Arc::<FixedClock>::clone(clock));
        let (stop, works_under) = (Stop::default(), WorksUnder::default());
        Self {
            report,
            config_path,
            is_config_named: true,
            clock,
            pause,
            entropy,
            stop,
            works_under,
            is_simulated: true,
        }
    }

    /// The same for another configuration file.
    #[must_use]
    pub fn at(&self, config_path: PathBuf) -> Self {
        Self {
            report: self.report.clone(),
            config_path,
            is_config_named: true,
            clock: Arc::clone(&self.clock),
            pause: Arc::clone(&self.pause),
            entropy: Arc::clone(&self.entropy),
            stop: self.stop.clone(),
            works_under: self.works_under.clone(),
            is_simulated: self.is_simulated,
        }
    }

    /// The same, with a simulated clock that goes on from where it stands: for work that waits for hours to come.
    #[must_use]
    pub fn running(&self) -> Self {
        let same = self.at(self.config_path.clone());
        if !self.is_simulated {
            return same;
        }
        let clock = Arc::new(RunningClock::from(self.clock.now()));
        Self { pause: Arc::<RunningClock>::clone(&clock), clock, ..same }
    }

    /// Whether time or chance is simulated: nothing that lasts may be made then.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    /// The clock: the system's, or on a rehearsal's site the simulated one.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// How time passes: as on the clock.
    #[must_use]
    pub fn pause(&self) -> Arc<dyn Pause> {
        Arc::clone(&self.pause)
    }

    /// The wish that this start ends soon.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// The source of randomness: the system's, or on a rehearsal's site the seeded one.
    #[must_use]
    pub fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.entropy)
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// Where there is none, or it is wrong.
    pub fn config(&self) -> CliResult<Config> {
        let text = files::read_text(&self.config_path).map_err(|error| {
            Failure::usage(format!(
                "{error}; name the site's configuration with --config, or make a site with 'letterpost init DIR'"
            ))
            .plainly()
        })?;
        let config = Config::from_toml(&text)
            .map_err(|error| Failure::usage(format!("{}: {error}", self.config_path.display())).plainly())?;
        if self.is_simulated && !config.site.is_rehearsal {
            return Err(Failure::usage(format!(
                "time or chance is simulated (--now, LETTERPOST_SIMULATED_NOW or {SEED_VARIABLE}), and {} is not of a \
                 rehearsal: its ledger would be backdated; leave them out. A site to rehearse on is made by 'letterpost \
                 demo DIR', or has rehearsal = true under [site] before anything is recorded in its ledger",
                self.config_path.display()
            ))
            .plainly());
        }
        Ok(config)
    }

    /// Reads the configuration; where there is none and none was named, there is no site.
    ///
    /// # Errors
    /// Where the one that was named is missing, or it is wrong.
    pub fn config_if_any(&self) -> CliResult<Option<Config>> {
        if !self.is_config_named && !files::exists(&self.config_path) {
            return Ok(None);
        }
        self.config().map(Some)
    }

    /// The files and folders that the configuration names.
    #[must_use]
    pub fn paths(&self, config: &Config) -> Paths {
        config.paths(&self.folder())
    }

    /// The configuration file in full, where it is not the one that commands find by themselves.
    #[must_use]
    pub fn named_config(&self) -> Option<String> {
        self.is_config_named.then(|| files::in_full(&self.config_path).display().to_string())
    }

    /// The folder that relative paths start from.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self.config_path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// Opens the ledger.
    ///
    /// # Errors
    /// Where there is none or it is another site's.
    pub async fn ledger(&self, config: &Config) -> CliResult<Arc<dyn Ledger>> {
        let place = self.works_under.place(self.paths(config).ledger);
        database::ledger(&place, &config.site_mark(), self.entropy(), None).await
    }

    /// The files that are kept for a term.
    #[must_use]
    pub fn site_files(&self, config: &Config) -> SiteFiles {
        let paths = self.paths(config);
        SiteFiles {
            quarantine: paths.quarantine,
            receipts: paths.receipts,
            certificates: paths.certificates,
            backups: paths.backups,
            databases: [paths.ledger_file, paths.intake_file],
        }
    }

    /// The site's settings, with its vendors' certificates read.
    ///
    /// # Errors
    /// Where a certificate cannot be read or a setting is impossible.
    pub fn site(&self, config: &Config) -> CliResult<Site> {
        config
            .site(read_certificates(&self.paths(config))?)
            .map_err(|error| Failure::usage(format!("{}: {error}", self.config_path.display())).plainly())
    }

    /// The site's secret key.
    ///
    /// # Errors
    /// Where it cannot be read, or its passphrase does not open it.
    pub fn site_key(&self, config: &Config) -> CliResult<SecretKey> {
        let path = self.paths(config).site_key;
        let passphrase = std::env::var(SITE_KEY_PASSPHRASE_VARIABLE).ok().map(zeroize::Zeroizing::new);
        let key = files::read_secret(&path)?;
        SecretKey::parse(&key, passphrase.as_ref().map(|text| text.as_str())).map_err(|error| {
            Failure::usage(format!(
                "{}: {error}; its passphrase is taken from {SITE_KEY_PASSPHRASE_VARIABLE}",
                path.display()
            ))
        })
    }

    /// The site's secrets and its compiled letter.
    ///
    /// # Errors
    /// Where a key, the pepper, a template or a font is not fit.
    pub fn press(&self, config: &Config) -> CliResult<Press> {
        let signing_key = self.site_key(config)?;
        let stationery = Stationery::compile(&self.templates(config)?, &config.letterhead(), &config.geometry())
            .map_err(|error| Failure::usage(error.to_string()))?;
        let proofread = Stationery::proofread_letters;
        Ok(Press { signing_key, pepper: pepper(&self.paths(config).pepper)?, stationery, proofread })
    }

    /// The site's templates.
    ///
    /// # Errors
    /// Where its folder cannot be read, or holds what is no template of a letter.
    pub fn templates(&self, config: &Config) -> CliResult<TemplateSet> {
        template_folder::read(self.paths(config).templates.as_deref())
    }

    /// Everything that stages work with.
    ///
    /// # Errors
    /// As the parts.
    pub async fn world(&self, config: &Config, workers: Option<u16>) -> CliResult<World> {
        let press = Arc::new(self.press(config)?);
        self.world_with(config, workers, press).await
    }

    /// Everything that stages work with, with a press that was made before.
    ///
    /// # Errors
    /// As the other parts.
    pub async fn world_with(&self, config: &Config, workers: Option<u16>, press: Arc<Press>) -> CliResult<World> {
        let mut site = self.site(config)?;
        if self.is_simulated {
            // Simulated time goes where it is sent; a site that asks for the limit has it all the same.
            site.limits.longest_gap_days.get_or_insert(0);
        }
        let (clock, paths) = (self.clock(), self.paths(config));
        self.report.detail(format!(
            "site {} ({}), ledger {}, {} where it is {}",
            site.code,
            site.environment,
            paths.ledger,
            site.date_at(clock.now())?,
            site.time_zone
        ));
        let couriers = paths.vendors.into_iter().map(|(code, vendor)| (code, courier(vendor.courier))).collect();
        let workers = workers.map(usize::from).or_else(|| std::thread::available_parallelism().ok().map(usize::from));
        let ledger = self.ledger(config).await?;
        let log_key = log_key::open(&paths.log_key, &site.origin, ledger.as_ref()).await?;
        let log_vkey =
            log_key.as_ref().ok().map(|key| key.verifier().clone()).or_else(|| log_key::public(&paths.log_key));
        Ok(World {
            site,
            ledger,
            log_key,
            log_vkey,
            intake: database::intake(&paths.intake).await?,
            clock,
            steady: Steady::default(),
            pause: Arc::clone(&self.pause),
            patience: Patience::of(Duration::from_secs(60 * u64::from(config.retry_minutes))),
            stop: self.stop(),
            entropy: self.entropy(),
            spool: spool::open(paths.spool)?,
            files: Arc::new(self.site_files(config)),
            quarantine: Arc::new(QuarantineFolder(paths.quarantine)),
            heads: Arc::new(HeadFile(paths.heads)),
            sinks: outside::sinks(&config.audit, &self.folder()),
            time_stamps: outside::time_stamps(&config.audit, &self.folder()),
            couriers,
            progress: Arc::new(self.report.bars()),
            log: self.report.log(),
            press,
            workers: workers.unwrap_or(1),
        })
    }

    /// Takes the lock of the site's runs, for a command that waits a little for whoever has it.
    ///
    /// # Errors
    /// Where another run has it.
    pub async fn lock(&self, config: &Config, what: &str) -> CliResult<Lock> {
        Ok(self.site_lock(config, what, SHORT_WAIT, |_| ()).await?)
    }

    /// Takes the lock of the site's runs, waiting up to `limit`; calls `busy` with the holder each time that it is not free.
    ///
    /// # Errors
    /// [`RunLockError`].
    pub async fn site_lock(
        &self,
        config: &Config,
        what: &str,
        limit: Duration,
        busy: impl FnMut(&str),
    ) -> Result<Lock, RunLockError> {
        let lock = locks::take(&self.paths(config), Locked::Site, what, limit, busy).await?;
        self.works_under.set(&lock);
        Ok(lock)
    }

    /// Takes the lock of a job's starts, or says who has it.
    ///
    /// # Errors
    /// [`RunLockError`].
    pub async fn job_lock(&self, config: &Config, job: &str, what: &str) -> Result<Lock, RunLockError> {
        let paths = self.paths(config);
        let limit = if paths.ledger.file().is_some() { Duration::ZERO } else { MOMENT };
        locks::take(&paths, Locked::Job(job), what, limit, |_| ()).await
    }
}

/// The way to a vendor's inbox and outbox.
#[must_use]
pub fn courier(place: CourierPlace) -> Arc<dyn Courier> {
    match place {
        CourierPlace::Folder { inbox, outbox } => Arc::new(FolderCourier { inbox, outbox }),
        CourierPlace::Sftp(place) => Arc::new(SftpCourier::to(place)),
    }
}

/// The clock, and how its time passes. A simulated clock moves where the system's would be waited for.
fn clock(simulated_now: Option<DateTime<Utc>>) -> (Arc<dyn Clock>, Arc<dyn Pause>) {
    let Some(now) = simulated_now else { return (Arc::new(SystemClock), Arc::new(SystemClock)) };
    let clock = Arc::new(FixedClock::at(now));
    (Arc::<FixedClock>::clone(&clock), clock)
}

fn entropy(simulated_seed: Option<String>) -> CliResult<Arc<dyn Entropy>> {
    let Some(text) = simulated_seed else { return Ok(Arc::new(SystemEntropy)) };
    let seed =
        text.parse().map_err(|_| Failure::usage(format!("{SEED_VARIABLE} is '{text}'; write a whole number")))?;
    Ok(Arc::new(SeededEntropy::new(seed)))
}

/// Reads the certificates of each vendor, by its code.
///
/// # Errors
/// As [`read_certificate`].
pub fn read_certificates(paths: &Paths) -> CliResult<BTreeMap<String, Vec<Certificate>>> {
    let of_vendor = |vendor: &VendorPaths| -> CliResult<Vec<Certificate>> {
        vendor.certificates.iter().map(|path| read_certificate(path)).collect()
    };
    paths.vendors.iter().map(|(code, vendor)| Ok((code.clone(), of_vendor(vendor)?))).collect()
}

/// Reads a certificate.
///
/// # Errors
/// Where there is none, or the file holds something else.
pub fn read_certificate(path: &Path) -> CliResult<Certificate> {
    Certificate::parse(&files::read(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// A file beside the ledger, named after it.
pub(super) fn beside(ledger: &Path, ending: &str) -> PathBuf {
    let mut name = ledger.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    ledger.with_file_name(name)
}

/// Reads the pepper: 32 bytes in hexadecimal.
///
/// # Errors
/// Where the file is missing or holds something else.
pub fn pepper(path: &Path) -> CliResult<Pepper> {
    let text = files::read_secret(path)?;
    let mut bytes = zeroize::Zeroizing::new([0u8; PEPPER_BYTES]);
    hex::decode_to_slice(text.trim_ascii(), bytes.as_mut_slice()).map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!(
                "{} is not a pepper: it must hold {PEPPER_BYTES} bytes in hexadecimal; bring the right one back, for \
                 without it no password can be checked",
                path.display()
            ),
        )
    })?;
    Ok(Pepper::new(*bytes))
}
