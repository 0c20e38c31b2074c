//! `vendor simulate`: a stand-in print vendor, to rehearse with.
//!
//! ```text
//! inbox/NAME.zip.pgp + .ready ──► taken/ ──► verify ──► register ──► accepted ─► printed ─► mailed ─► returned
//!       NAME.void, NAME.pull-1.json.pgp ─┘                                  └────────┴─────────┴──────────┘
//!                                                                              outbox/NAME.receipt-1.csv + .asc
//! ```
//!
//! It uses the vendor's commands and nothing of the site's but its certificate. It prints nothing: pieces have a fate that
//! a seed gives. Each look does all that is due by then, and no more, so that the looks may be seconds or days apart, by
//! a clock of any kind.
//!
//! Durable when a look returns: its state, in one file of its folder. A crash in a look leaves packages that were moved
//! and are not known yet, which the next look finds, and receipts that the state does not count yet, which the next look
//! finds in the outbox.

mod answer;
mod chance;
mod hours;
mod inbox;
mod job;
mod manners;
mod mistake;
mod outbox;
mod piece;
mod report;
mod state;
mod summary;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rand08::rngs::StdRng;

use super::error::VendorError;
use super::package_file::Keys;
use super::settings::VendorSettings;
use crate::adapters::files;
use crate::adapters::run_lock::RunLock;
use crate::domain::package_name::PackageName;
use crate::package::openpgp::SecretKey;
use state::STATE_FILE;

pub use chance::{Chance, Percent};
pub use hours::{Delay, Hours};
pub use job::{Job, JobStage, ReceiptCounts};
pub use manners::Manners;
pub use mistake::Mistake;
pub use piece::{Piece, PieceStatus};
pub use report::{Report, Told};
pub use state::State;
pub use summary::Summary;

/// Where packages go that were taken, within the stand-in's folder.
const TAKEN: &str = "taken";
/// Where packages go that came again, within the stand-in's folder.
const AGAIN: &str = "again";

/// Where a stand-in works.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where the site puts packages.
    pub inbox: PathBuf,
    /// The stand-in's own folder, on the same disk: what it took, and its state.
    pub folder: PathBuf,
    /// The site's time zone.
    pub time_zone: Tz,
}

/// How a stand-in behaves.
pub(super) struct Shop {
    pub(super) manners: Manners,
    pub(super) hours: Hours,
    pub(super) chance: Chance,
}

/// A stand-in print vendor. It holds its folder for itself until it is dropped.
pub struct StandIn {
    place: Place,
    outbox: PathBuf,
    register: PathBuf,
    code: Option<String>,
    keys: Keys,
    shop: Shop,
    state: State,
    /// The state as it was last written.
    written: State,
    /// What is doubtful and was said already, by what it is about.
    doubts: BTreeMap<String, String>,
    /// A key that nobody knows, made when something is to be signed wrongly.
    stranger: Option<SecretKey>,
    rng: StdRng,
    _lock: RunLock,
}

/// What a look did, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// One line for each thing that was done or seen.
    pub said: Vec<String>,
}

impl StandIn {
    /// Opens the folder of a stand-in, or makes a new one. Keys, code, outbox and register are the vendor's; without a
    /// register, the names go into a file of the folder.
    ///
    /// # Errors
    /// Where a key or certificate cannot be used, a folder cannot be made, the state cannot be read, or another stand-in
    /// works in the folder.
    pub fn open(place: Place, settings: &VendorSettings, manners: Manners, rng: StdRng) -> Result<Self, VendorError> {
        let keys = Keys::read(settings)?;
        let outbox = settings.require_outbox()?.to_owned();
        for folder in [TAKEN, AGAIN] {
            files::make_folder(&place.folder.join(folder))?;
        }
        files::make_folder(&outbox)?;
        let lock = RunLock::take(&place.folder.join("lock"), "vendor simulate")?;
        let state = State::read(&place.folder.join(STATE_FILE))?;
        Ok(Self {
            register: settings.register.clone().unwrap_or_else(|| place.folder.join("register")),
            code: settings.code.clone(),
            shop: Shop {
                hours: Hours::new(manners.print_days, manners.cut_off, place.time_zone)?,
                chance: Chance(manners.seed),
                manners,
            },
            stranger: None,
            written: state.clone(),
            doubts: BTreeMap::new(),
            place,
            outbox,
            keys,
            state,
            rng,
            _lock: lock,
        })
    }

    /// Does everything that is due at this instant: takes packages away, reads void notices and pull orders, prints and
    /// mails by its own calendar, writes receipts.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or another command of the vendor is at work. What was done until then is
    /// found by the next look. A package or an order that is not good is no error: it is refused, and said.
    pub fn look(&mut self, now: DateTime<Utc>) -> Result<Looked, VendorError> {
        let mut looked = Looked::default();
        // 1. What came.
        self.take_away(now, &mut looked)?;
        self.read_voids(now, &mut looked)?;
        self.admit(now, &mut looked)?;
        // 2. The work that was due before the orders were read.
        let names: Vec<PackageName> = self.state.jobs.keys().cloned().collect();
        for name in &names {
            if let Some(job) = self.state.jobs.get_mut(name) {
                looked.said.extend(job.advance(name, &self.shop, now)?);
            }
        }
        self.read_orders(now, &mut looked)?;
        // 3. What is to be said of it.
        for name in &names {
            self.mend(name, now, &mut looked)?;
            self.write_receipts(name, now, &mut looked)?;
            self.purge(name, now, &mut looked)?;
        }
        self.say_missing(&mut looked);
        self.save()?;
        Ok(looked)
    }

    /// When there will be something to do again, as far as that is known; what the site sends is not.
    #[must_use]
    pub fn next_due_at(&self) -> Option<DateTime<Utc>> {
        let arriving = self.state.arriving.values().map(|seen_at| *seen_at + self.take_after());
        self.state.jobs.values().filter_map(Job::next_due_at).chain(arriving).min()
    }

    /// Everything that it knows: where each piece is in truth, and what is still to be said.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What it did in all, in numbers.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.state)
    }

    fn save(&mut self) -> Result<(), VendorError> {
        if self.state != self.written {
            self.state.write(&self.place.folder.join(STATE_FILE))?;
            self.written = self.state.clone();
        }
        Ok(())
    }

    /// Says something once.
    fn doubt(&mut self, about: &str, message: String, looked: &mut Looked) {
        if self.doubts.get(about) != Some(&message) {
            looked.said.push(message.clone());
            self.doubts.insert(about.to_owned(), message);
        }
    }

    fn say_missing(&mut self, looked: &mut Looked) {
        for name in self.state.missing() {
            let message =
                format!("{name}: neither a package nor a void notice has come, and later numbers have: a lost file");
            self.doubt(&name.to_string(), message, looked);
        }
    }

    /// Destroys the copy of a package whose last day for that has come.
    fn purge(&mut self, name: &PackageName, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        let Some(job) = self.state.jobs.get_mut(name).filter(|job| !job.is_purged) else { return Ok(()) };
        if self.shop.hours.date(now)? < job.purge_by_on {
            return Ok(());
        }
        for path in inbox::files_of(&self.place.folder.join(TAKEN), name) {
            files::remove(&path)?;
        }
        job.is_purged = true;
        let purge_by_on = job.purge_by_on;
        let paper = format!(
            "Certificate of destruction\n\nAll copies of package {name} (SHA-256 {}) were destroyed on {}.\n",
            job.sha256,
            self.shop.hours.date(now)?
        );
        self.certify(name, &paper, now)?;
        looked.said.push(format!("{name}: destroyed, as its last day for that is {purge_by_on}, and certified"));
        Ok(())
    }
}
