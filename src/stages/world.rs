//! What a stage works with: the site's settings, its keys, and the ports to everything outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rand08::SeedableRng as _;
use rand08::rngs::StdRng;
use zeroize::Zeroizing;

use super::brakes::Steady;
use super::brakes::clock::jumped;
use super::outcome::{StageError, StageResult};
use super::patience::Patience;
use super::site::Site;
use super::stop::Stop;
use crate::audit::note::{SigningKey, VerifierKey};
use crate::domain::verifier::Pepper;
use crate::letter::{DocumentInfo, LetterError, Misprint, Piece, PrintedLetters, Stationery};
use crate::package::openpgp::SecretKey;
use crate::ports::ledger::Ledger;
use crate::ports::{
    Clock, CodedSink, Courier, Entropy, HeadKeeper, IntakeTable, KeptFiles, Log, NoEntropy, Pause, Progress,
    Quarantine, Spool, TimeStamps,
};

/// Everything that the stages of one site reach.
pub struct World {
    /// The settings.
    pub site: Site,
    /// What is known.
    pub ledger: Arc<dyn Ledger>,
    /// What the portal inserted.
    pub intake: Arc<dyn IntakeTable>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether the clock still goes as it did when this start began.
    pub steady: Steady,
    /// How time passes while nothing can be done.
    pub pause: Arc<dyn Pause>,
    /// How much of it may pass so in this start.
    pub patience: Patience,
    /// Whether this start is to end soon.
    pub stop: Stop,
    /// Where chance comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Where sealed packages lie.
    pub spool: Arc<dyn Spool>,
    /// Where refused files lie.
    pub quarantine: Arc<dyn Quarantine>,
    /// Files that are kept for a term.
    pub files: Arc<dyn KeptFiles>,
    /// What signs heads of the audit log, or why nothing can, and what to do.
    pub log_key: Result<Arc<SigningKey>, String>,
    /// The public half of it, which may be there without it.
    pub log_vkey: Option<VerifierKey>,
    /// Where heads of the audit log are kept outside the ledger.
    pub heads: Arc<dyn HeadKeeper>,
    /// The places of the operator's choice to which checkpoints go as well.
    pub sinks: Vec<CodedSink>,
    /// Who stamps checkpoints with the time, if anybody.
    pub time_stamps: Option<Arc<dyn TimeStamps>>,
    /// The way to each vendor, by code.
    pub couriers: BTreeMap<String, Arc<dyn Courier>>,
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// What happened, for programs that watch.
    pub log: Arc<dyn Log>,
    /// The secrets and the letter; opened when they are first needed.
    pub press: Arc<Press>,
    /// Threads that make verifiers.
    pub workers: usize,
}

/// What makes letters: the site's key, the pepper and the stationery.
pub struct Press {
    /// Signs packages and void notices.
    pub signing_key: SecretKey,
    /// Goes into every verifier.
    pub pepper: Pepper,
    /// The compiled templates and fonts.
    pub stationery: Stationery,
    /// Reads what was printed again: [`Stationery::proofread_letters`], but where a misprint must be played.
    pub proofread: Proofread,
}

/// Says which finished letters are not as they should be.
pub type Proofread =
    fn(&Stationery, &DocumentInfo, &[Piece<'_>], &PrintedLetters) -> Result<Vec<Misprint>, LetterError>;

impl World {
    /// The present instant, as long as the clock goes as time does.
    ///
    /// # Errors
    /// [`StageError::Alarm`] where it has jumped since this start began: nothing may be dated by it.
    pub fn instant(&self) -> StageResult<DateTime<Utc>> {
        self.steady.look(self.clock.as_ref()).map_err(|jump| jumped(&jump))
    }

    /// The present instant and the site's date then.
    ///
    /// # Errors
    /// As [`instant`](Self::instant), or where the clock shows what no calendar knows.
    pub fn now(&self) -> StageResult<(DateTime<Utc>, NaiveDate)> {
        let now = self.instant()?;
        Ok((now, self.site.date_at(now)?))
    }

    /// The way to a vendor.
    ///
    /// # Errors
    /// Where the configuration has no such vendor.
    pub fn courier(&self, vendor: &str) -> StageResult<&Arc<dyn Courier>> {
        self.couriers
            .get(vendor)
            .ok_or_else(|| StageError::Refused(format!("the configuration has no courier to vendor '{vendor}'")))
    }

    /// Ends the connections to all vendors.
    pub async fn hang_up(&self) {
        for courier in self.couriers.values() {
            courier.hang_up().await;
        }
    }

    /// What signs heads of the audit log.
    ///
    /// # Errors
    /// Where nothing can, with what to do.
    pub fn log_key(&self) -> StageResult<&SigningKey> {
        self.log_key
            .as_deref()
            .map_err(|why| StageError::Refused(format!("the audit log's head cannot be signed: {why}")))
    }

    /// A generator for the OpenPGP library, seeded anew.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub fn generator(&self) -> Result<StdRng, NoEntropy> {
        let mut seed = Zeroizing::new([0; 32]);
        self.entropy.fill(seed.as_mut_slice())?;
        Ok(StdRng::from_seed(*seed))
    }
}
