//! The portal's side of letterpost as calls: hand a request over, ask whether a temporary password is good, use it up, read
//! what people should be told. The recipe is `docs/portal-guide.md`.
//!
//! A [`Portal`] works on a site's own files, beside the runs of its night: the ledger takes one writer at a time and the others
//! wait for it, thirty seconds at the most. It needs the configuration, the ledger, the intake table and the pepper, and none of
//! the keys that make letters. It holds no password longer than a call takes.
//!
//! ```no_run
//! # async fn doc() -> Result<(), letterpost::portal::PortalError> {
//! use letterpost::portal::{Portal, Verdict};
//!
//! let portal = Portal::open("/srv/eba/letterpost.toml").await?;
//! let typed = zeroize::Zeroizing::new(String::from("7K2Q-X90D-MCTR"));
//! if portal.check("avery.sample@example.com", &typed).await?.verdict == Verdict::Accepted {
//!     // Let the person choose a new password; when it is set, `redeem`.
//! }
//! # Ok(())
//! # }
//! ```

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::adapters::files;
use crate::adapters::system::{SystemClock, SystemEntropy};
use crate::audit::actor::{Actors, PORTAL};
use crate::cli::config::Config;
use crate::cli::database;
use crate::cli::open::{pepper, read_certificates};
use crate::domain::request::{NewRequest, judge};
use crate::domain::verifier::Pepper;
use crate::ports::ledger::{Ledger, LedgerError, Standing};
use crate::ports::{Clock, IntakeTable};
use crate::stages::collect::TABLE_NAME;
use crate::stages::outcome::StageError;
use crate::stages::password::{Check, check};
use crate::stages::site::Site;

pub use crate::domain::request::{FieldProblem, RawRequest};
pub use crate::ports::ledger::Notice;
pub use crate::stages::password::{Answer, Verdict};

/// The most notices that one call gives.
const MOST_NOTICES: u32 = 1_000;

/// Why a call did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The site cannot be opened: its configuration, a file that it names, or its ledger is not fit. Nothing helps but mending it.
    #[error("{0}")]
    NotFit(String),
    /// The request is not one: every problem with its column and what to do. Show the person what concerns them.
    #[error("the request has {} problems; the first: {}", .0.len(), first(.0))]
    Refused(Vec<FieldProblem>),
    /// The ledger, the table or the disk failed: the same call may be made again. A redeemed password stays redeemed.
    #[error("{0}")]
    TryAgain(String),
    /// What must never be has happened, such as a verifier that cannot be read: a person looks.
    #[error("{0}")]
    Alarm(String),
}

fn first(problems: &[FieldProblem]) -> String {
    problems.first().map(|it| format!("{}: {}; {}", it.column, it.problem, it.remedy)).unwrap_or_default()
}

impl From<LedgerError> for PortalError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable { .. } | LedgerError::Overtaken { .. } => Self::TryAgain(error.to_string()),
            LedgerError::NotAllowed(_) => Self::NotFit(error.to_string()),
            LedgerError::Corrupt { .. } => Self::Alarm(error.to_string()),
        }
    }
}

impl From<StageError> for PortalError {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Refused(message) => Self::NotFit(message),
            StageError::Retry(message) => Self::TryAgain(message),
            StageError::Alarm(message) => Self::Alarm(message),
            StageError::Ledger(error) => error.into(),
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `handed-over` until a night collects it, `quarantined` where that refused it; then the status of its letter, or of the
    /// request where it has none.
    pub stage: String,
    /// Since when, once a night has seen it.
    pub since: Option<DateTime<Utc>>,
    /// What comes next, as a person reads it.
    pub next: String,
}

impl From<Standing> for Status {
    fn from(standing: Standing) -> Self {
        Self { stage: standing.stage, since: Some(standing.since), next: standing.next.unwrap_or_default() }
    }
}

/// A site, as its portal uses it. One for a process is enough: it may be shared and called from many tasks at once.
pub struct Portal {
    site: Site,
    ledger: Arc<dyn Ledger>,
    intake: Arc<dyn IntakeTable>,
    pepper: Pepper,
    clock: Arc<dyn Clock>,
}

impl Portal {
    /// Opens the site of a configuration file.
    ///
    /// # Errors
    /// [`PortalError::NotFit`] where the configuration, the pepper, a certificate or the ledger is missing or wrong;
    /// [`PortalError::TryAgain`] where the ledger cannot be reached.
    pub async fn open(config_path: impl AsRef<Path>) -> Result<Self, PortalError> {
        let config = read(config_path.as_ref())?;
        Self::open_with(&config, config_path.as_ref(), Arc::new(SystemClock)).await
    }

    /// The same under a clock of the caller's, for tests of a portal on a site that is made for rehearsing.
    ///
    /// # Errors
    /// As [`Portal::open`]; [`PortalError::NotFit`] on any other site.
    pub async fn open_at(config_path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, PortalError> {
        let config = read(config_path.as_ref())?;
        if !config.site.is_rehearsal {
            let why = "this site is not made for rehearsing: open it under the machine's clock";
            return Err(PortalError::NotFit(why.to_owned()));
        }
        Self::open_with(&config, config_path.as_ref(), clock).await
    }

    async fn open_with(config: &Config, path: &Path, clock: Arc<dyn Clock>) -> Result<Self, PortalError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let paths = config.paths(folder);
        let certificates = read_certificates(&paths).map_err(not_fit)?;
        Ok(Self {
            site: config.site(certificates).map_err(not_fit)?,
            pepper: pepper(&paths.pepper).map_err(not_fit)?,
            ledger: database::ledger(
                &paths.ledger,
                &config.site_mark(),
                Arc::new(SystemEntropy),
                Some(Actors::service(PORTAL)),
            )
            .await
            .map_err(not_fit)?,
            intake: database::intake(&paths.intake).await?,
            clock,
        })
    }

    /// Hands a request over. It is judged by the rules of a request file first, and lies in the intake table when this returns;
    /// the next night collects it. The telephone number is looked at and not kept.
    ///
    /// Handing the same request over twice is no fault: the same reference with the same content is the same request.
    ///
    /// # Errors
    /// [`PortalError::Refused`] with every problem; [`PortalError::TryAgain`].
    pub async fn submit(&self, request: &RawRequest) -> Result<(), PortalError> {
        let judged = judge(request).map_err(PortalError::Refused)?;
        if judged.is_from_the_future(self.clock.now()) {
            return Err(PortalError::Refused(vec![from_the_future(&judged)]));
        }
        Ok(self.intake.hand_over(&judged).await?)
    }

    /// Whether what a person typed is the temporary password of this account, now. Nothing is used up; a wrong try is counted.
    ///
    /// It takes the processor as long as a verifier costs, about 16 ms and 19 MiB by default, for each letter of the account
    /// whose verifier is kept; an account without a letter costs the same as one with a letter. Let no more of them
    /// run at once than the machine has cores.
    ///
    /// # Errors
    /// [`PortalError::TryAgain`], [`PortalError::Alarm`].
    pub async fn check(&self, username: &str, typed: &Zeroizing<String>) -> Result<Answer, PortalError> {
        self.ask(username, typed, false).await
    }

    /// The same, and uses a good password up, once: of two calls at the same time one is `accepted` and the other `used`. Call it
    /// when the new password is set.
    ///
    /// # Errors
    /// As [`Portal::check`].
    pub async fn redeem(&self, username: &str, typed: &Zeroizing<String>) -> Result<Answer, PortalError> {
        self.ask(username, typed, true).await
    }

    async fn ask(&self, username: &str, typed: &Zeroizing<String>, redeem: bool) -> Result<Answer, PortalError> {
        let needs =
            Check { site: &self.site, ledger: self.ledger.as_ref(), clock: self.clock.as_ref(), pepper: &self.pepper };
        Ok(check(&needs, username, typed, redeem).await?)
    }

    /// What people should be told since the notice `after` (0 from the first on), in order, at most 1,000. Keep the `id` of the last
    /// one that was passed on, and ask from there.
    ///
    /// # Errors
    /// [`PortalError::TryAgain`].
    pub async fn notices(&self, after: i64) -> Result<Vec<Notice>, PortalError> {
        Ok(self.ledger.notices(after, MOST_NOTICES).await?)
    }

    /// Where the request of this reference stands; `None` where none was handed over.
    ///
    /// # Errors
    /// [`PortalError::TryAgain`].
    pub async fn status(&self, reference: &str) -> Result<Option<Status>, PortalError> {
        if let Some(standing) = self.ledger.standing(reference).await? {
            return Ok(Some(standing.into()));
        }
        let Some(row) = self.intake.newest_row(reference).await? else { return Ok(None) };
        let refused = self.ledger.refused_row(reference).await?;
        let is_collected = row <= self.ledger.position(TABLE_NAME).await?;
        Ok(Some(match refused.filter(|_| is_collected) {
            Some((since, problems)) => Status {
                stage: "quarantined".to_owned(),
                since: Some(since),
                next: format!("it was refused: {}; send it again, mended", in_words(&problems)),
            },
            None if is_collected => match self.ledger.standing(reference).await? {
                // A night collected it between the two looks.
                Some(standing) => standing.into(),
                None => Status {
                    stage: "quarantined".to_owned(),
                    since: None,
                    next: "it was refused, and why is forgotten; send it again, mended".to_owned(),
                },
            },
            None => Status {
                stage: "handed-over".to_owned(),
                since: None,
                next: "waits for the next night, which collects it".to_owned(),
            },
        }))
    }

    /// Closes its files.
    pub async fn close(self) {
        self.intake.close().await;
        self.ledger.close().await;
    }
}

fn read(path: &Path) -> Result<Config, PortalError> {
    let text = files::read_text(path).map_err(not_fit)?;
    Config::from_toml(&text).map_err(|error| PortalError::NotFit(format!("{}: {error}", path.display())))
}

fn not_fit(error: impl ToString) -> PortalError {
    PortalError::NotFit(error.to_string())
}

fn from_the_future(request: &NewRequest) -> FieldProblem {
    FieldProblem {
        column: "requested_at",
        problem: format!("{} is more than a day ahead of this machine's clock", request.requested_at),
        remedy: "check the portal's clock and this one".to_owned(),
    }
}

/// The problems of a refused row, which the ledger keeps as JSON, as a person reads them.
fn in_words(problems: &str) -> String {
    let problems: Vec<serde_json::Value> = serde_json::from_str(problems).unwrap_or_default();
    let text = |problem: &serde_json::Value, field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    problems.iter().map(|it| format!("{}: {}", text(it, "column"), text(it, "problem"))).collect::<Vec<_>>().join("; ")
}
