//! The settings of a site, as the stages need them: plain values that the configuration was found to mean.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::outcome::{StageError, StageResult};
use crate::domain::calendar::{BusinessCalendar, CalendarError};
use crate::domain::imb::ServiceType;
use crate::domain::imb::serials::SerialRange;
use crate::domain::letter::named;
use crate::domain::limits::RequestLimits;
use crate::domain::local_time;
use crate::domain::package_name::{Environment, NotAPackageName, PackageName};
use crate::domain::postal_days::PostalCalendar;
use crate::domain::print_days::PrintSchedule;
use crate::domain::reissue::ReissuePolicy;
use crate::domain::routing::Profile;
use crate::domain::validity::ValidityPolicy;
use crate::domain::verifier::Cost;
use crate::letter::{FileLayout, PrintMode};
use crate::package::openpgp::Certificate;
use crate::package::ticket::{Remake, TicketEnvelope};

named! {
    /// When passwords are minted.
    Mint {
        /// On the last run before the vendor's print day, so that no password lies about.
        LastRun = "last-run",
        /// On every run.
        EveryRun = "every-run",
    }
}

/// Limits that stop a night before anything is minted, or a request before a letter is made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most letters in a night.
    pub letters_a_night: u64,
    /// The most letters in a night, as a multiple of the usual one; 0 for no such limit.
    pub times_the_usual_night: u64,
    /// The most days from one night to the next, 0 for no such limit; `None` where the site does not say.
    pub longest_gap_days: Option<u32>,
    /// Which requests a person looks at first.
    pub requests: RequestLimits,
}

/// Who puts the Intelligent Mail barcode on a vendor's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImbMode {
    /// Nobody.
    None,
    /// The vendor, in the room that the letter keeps free for it.
    Vendor,
    /// The agency: it is on the page, and its digits are in the manifest.
    Agency(AgencyBarcode),
}

impl ImbMode {
    /// Whether domestic letters keep room for a barcode in the window.
    #[must_use]
    pub fn has_room(self) -> bool {
        self != Self::None
    }
}

/// What the agency's barcodes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgencyBarcode {
    /// The service that they ask for.
    pub service: ServiceType,
    /// The mailer id and its serial numbers that letters may have.
    pub serials: SerialRange,
}

/// A print vendor.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The letters that it takes.
    pub takes: Profile,
    /// How its letters lie in files.
    pub layout: FileLayout,
    /// The most letters in a package.
    pub letters_a_package: u32,
    /// The most bytes of a sealed package.
    pub package_bytes: u64,
    /// When it prints.
    pub print_schedule: PrintSchedule,
    /// When its letters are minted.
    pub mint: Mint,
    /// Its OpenPGP certificates, one at least: the packages are sealed to all of them that are usable, and a receipt may
    /// be signed by any.
    pub certificates: Vec<Certificate>,
    /// Whether its receipts may come without a signature.
    pub unsigned_receipts: bool,
    /// The stock.
    pub paper: String,
    /// Whether both sides are printed.
    pub duplex: bool,
    /// The envelope.
    pub envelope: TicketEnvelope,
    /// The postal class.
    pub mail_class: String,
    /// Who puts the barcode on its letters.
    pub imb: ImbMode,
    /// Who may make a spoiled letter again.
    pub remake: Remake,
    /// Days after the last mailing day by which it has destroyed its copies.
    pub purge_days: u32,
    /// Whether it certifies that it did.
    pub purge_certificates: bool,
}

impl Vendor {
    /// How it prints, as far as that changes the pages.
    #[must_use]
    pub fn print_mode(&self) -> PrintMode {
        PrintMode { duplex: self.duplex, barcode_room: self.imb.has_room() }
    }
}

/// How long a hold may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldPolicy {
    /// Business days within which a person acts; after that, every night says so.
    pub act_within_business_days: u32,
    /// Business days after which a request on which nobody acted is withdrawn, and the portal told.
    pub withdraw_after_business_days: u32,
}

impl Default for HoldPolicy {
    fn default() -> Self {
        Self { act_within_business_days: 2, withdraw_after_business_days: 5 }
    }
}

/// How long things are kept that are needed no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days after a password's end until its verifier is destroyed.
    pub verifier_days: u32,
    /// Days after a package was closed until it leaves the spool.
    pub spool_days: u32,
    /// Days after a request's end until name, address and account are erased; no fewer than limits are counted over.
    pub personal_days: u32,
    /// Days after a file or a row of requests was taken until it is removed where it lies.
    pub import_days: u32,
    /// Days until a refused file leaves the quarantine.
    pub quarantine_days: u32,
    /// Days until the copy of a receipt or of a certificate is removed.
    pub receipt_days: u32,
    /// Days until a copy of the ledger is removed, but for the newest good one.
    pub backup_days: u32,
    /// Days after a vendor was to have destroyed a package until its certificate is overdue.
    pub certificate_days: u32,
}

/// What a second person confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Approval {
    /// Corrections of a day of mailing.
    pub corrections: bool,
    /// Releases of what is held.
    pub releases: bool,
}

/// How a night is cut into packages, and how long its start waits for workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// The most letters in a batch, where the site wants fewer than its vendors take: a batch is what is lost with a worker.
    pub batch_letters: Option<u32>,
    /// Minutes that the start of a production waits for workers that do not go on.
    pub wait_minutes: u32,
}

/// A site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Whether its letters go to people.
    pub environment: Environment,
    /// The origin of its audit log.
    pub origin: String,
    /// The zone in which its dates are dates.
    pub time_zone: Tz,
    /// What readers call that zone in each language: English, Spanish.
    pub zone_names: [String; 2],
    /// Its business days.
    pub calendar: BusinessCalendar,
    /// The days on which mail moves.
    pub postal: PostalCalendar,
    /// The last day up to which somebody has looked for closures that follow no rule; `None` where nobody says so.
    pub vouched_to: Option<NaiveDate>,
    /// How long its passwords live.
    pub validity: ValidityPolicy,
    /// What its verifiers cost.
    pub verifier_cost: Cost,
    /// Wrong tries until a password is locked.
    pub failures_until_locked: u32,
    /// How long a hold may last.
    pub holds: HoldPolicy,
    /// What becomes of letters that will not come.
    pub reissue: ReissuePolicy,
    /// What a second person confirms.
    pub approval: Approval,
    /// How long things are kept.
    pub retention: Retention,
    /// Limits on nights and on requests.
    pub limits: Limits,
    /// How workers share a night.
    pub sharing: Sharing,
    /// Whom the vendor asks.
    pub contact: String,
    /// Its vendors.
    pub vendors: Vec<Vendor>,
}

impl Site {
    /// The site's date at an instant.
    ///
    /// # Errors
    /// For an instant that no calendar knows.
    pub fn date_at(&self, at: DateTime<Utc>) -> StageResult<NaiveDate> {
        local_time::date_at(at, self.time_zone).ok_or_else(|| {
            StageError::Refused(format!("the clock shows {at}, which cannot be; set the machine's clock"))
        })
    }

    /// The name of a vendor's package.
    ///
    /// # Errors
    /// Where the codes are not codes, which the configuration has checked.
    pub fn package_name(&self, vendor: &str, number: u32) -> Result<PackageName, NotAPackageName> {
        PackageName::new(&self.code, self.environment, vendor, number)
    }

    /// The vendor of this code.
    ///
    /// # Errors
    /// Where the configuration has no such vendor.
    pub fn vendor(&self, code: &str) -> StageResult<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.code == code).ok_or_else(|| {
            StageError::Refused(format!(
                "the ledger has a package for vendor '{code}', and the configuration has no such vendor; put its \
                 [[vendor]] back until its packages are done"
            ))
        })
    }

    /// The last day on which a person can act on a request that is held since `held_on`; after it, it is withdrawn.
    ///
    /// # Errors
    /// For dates that the calendar does not know.
    pub fn withdraw_after(&self, held_on: NaiveDate) -> StageResult<NaiveDate> {
        self.calendar.add_business_days(held_on, self.holds.withdraw_after_business_days).map_err(refused)
    }

    /// The day by which a person acts on something held on `today`.
    ///
    /// # Errors
    /// For dates that the calendar does not know.
    pub fn act_by_on(&self, today: NaiveDate) -> StageResult<NaiveDate> {
        self.calendar.add_business_days(today, self.holds.act_within_business_days).map_err(refused)
    }
}

/// A calendar that has no answer stops a stage before anything is minted.
#[must_use]
pub fn refused(error: CalendarError) -> StageError {
    StageError::Refused(error.to_string())
}
