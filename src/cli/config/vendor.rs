//! `[[vendor]]`: a print vendor, as its contract says.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{NaiveTime, Weekday, WeekdaySet};

use super::barcode::imb;
use super::courier::CourierSection;
use super::kind::{count, dates, file, one_of, set_of, text, text_or_empty, time_of_day, truth, weekdays, whole};
use super::section::Section;
use super::site::code;
use crate::domain::country;
use crate::domain::print_days::{PrintSchedule, PrintScheduleError};
use crate::domain::request::{Format, Language};
use crate::domain::routing::{ABROAD, Profile};
use crate::letter::{FileLayout, PrintMode};
use crate::package::assemble::{MAX_LETTER_FILES, MAX_PRINT_STREAM_LETTERS};
use crate::package::openpgp::Certificate;
use crate::package::ticket::{Remake, TicketEnvelope};
use crate::stages::site::{ImbMode, Mint, Vendor};

/// The most letters in a package where nothing else is said.
const USUAL_LETTERS_A_PACKAGE: u32 = 1000;
/// The largest package that any vendor takes: below [`MAX_LETTER_BYTES`](crate::package::assemble::MAX_LETTER_BYTES) with
/// room for its manifest.
const MOST_PACKAGE_MIB: u32 = 85;
/// The days and the hour of a vendor that says nothing else.
const WORKING_DAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const CUT_OFF_HOUR: u32 = 6;

/// `[[vendor]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorSection {
    /// One to eight lower-case letters and digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Which letters it takes.
    pub takes: Takes,
    /// When it prints.
    pub print_schedule: PrintSchedule,
    /// When its letters are minted.
    pub mint: Mint,
    /// The files of its OpenPGP certificates, as written; one at least.
    pub certificates: Vec<PathBuf>,
    /// The way to its inbox and outbox.
    pub courier: CourierSection,
    /// Whether its receipts may come without a signature.
    pub unsigned_receipts: bool,
    /// Who puts the barcode on the letters.
    pub imb: ImbMode,
    /// What it makes of them.
    pub job: Job,
}

/// The letters that a vendor takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takes {
    /// Their languages.
    pub languages: BTreeSet<Language>,
    /// Their forms.
    pub formats: BTreeSet<Format>,
    /// Where they go: codes of ISO 3166-1, and `abroad`; empty for everywhere.
    pub countries: BTreeSet<String>,
    /// How they lie in files.
    pub layout: FileLayout,
    /// The most of them in a package.
    pub letters_a_package: u32,
    /// The most MiB of a sealed package.
    pub package_mib: u32,
}

/// What a vendor makes of the letters; the job ticket says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The stock.
    pub paper: String,
    /// Whether both sides are printed.
    pub duplex: bool,
    /// The envelope.
    pub envelope: TicketEnvelope,
    /// The postal class.
    pub mail_class: String,
    /// Who may make a spoiled letter again.
    pub remake: Remake,
    /// Days after the last mailing day by which it has destroyed its copies.
    pub purge_days: u32,
    /// Whether it certifies that it did.
    pub purge_certificates: bool,
}

impl VendorSection {
    pub(super) fn read(section: &Section<'_>, is_live: bool) -> Option<Self> {
        let code = section.required("code", &code());
        let name = section.required("name", &text("the vendor's name between quotes"));
        let certificates = certificates(section);
        let courier = CourierSection::read(section);
        let print_schedule = print_schedule(section);
        let takes = Takes::read(section);
        let job = Job::read(section);
        let unsigned_receipts = unsigned_receipts(section, is_live);
        let imb = imb(section, is_live);
        Some(Self {
            code: code?,
            name: name?,
            takes,
            print_schedule: print_schedule?,
            mint: section.or("mint", Mint::LastRun, &one_of(Mint::ALL)),
            certificates: certificates?,
            courier: courier?,
            unsigned_receipts,
            imb: imb?,
            job,
        })
    }

    /// Whether its letters are printed with a barcode of the agency's.
    #[must_use]
    pub fn prints_barcode(&self) -> bool {
        matches!(self.imb, ImbMode::Agency(_))
    }

    /// How it prints, as far as that changes the pages.
    #[must_use]
    pub fn print_mode(&self) -> PrintMode {
        PrintMode { duplex: self.job.duplex, barcode_room: self.imb.has_room() }
    }

    /// The letters that it takes, as they are routed.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let takes = self.takes.clone();
        Profile {
            vendor: self.code.clone(),
            languages: takes.languages,
            formats: takes.formats,
            countries: takes.countries,
        }
    }

    /// The vendor of the stages, with the certificates that its files hold.
    pub(super) fn vendor(&self, certificates: Vec<Certificate>) -> Vendor {
        let (takes, job) = (self.takes.clone(), self.job.clone());
        Vendor {
            code: self.code.clone(),
            name: self.name.clone(),
            takes: self.profile(),
            layout: takes.layout,
            letters_a_package: takes.letters_a_package,
            package_bytes: u64::from(takes.package_mib) << 20,
            print_schedule: self.print_schedule.clone(),
            mint: self.mint,
            certificates,
            unsigned_receipts: self.unsigned_receipts,
            paper: job.paper,
            duplex: job.duplex,
            envelope: job.envelope,
            mail_class: job.mail_class,
            imb: self.imb,
            remake: job.remake,
            purge_days: job.purge_days,
            purge_certificates: job.purge_certificates,
        }
    }
}

impl Takes {
    fn read(section: &Section<'_>) -> Self {
        let is_known = |code: &String| country::name(code).is_some() || code == ABROAD;
        let country = text("").then(move |code| Some(code).filter(is_known));
        let countries = country.list(
            "a list of two-letter codes: [\"US\", \"CA\"], \"abroad\" for all but the US; leave the key out for all countries",
        );
        let layout = section.or("layout", FileLayout::PrintStream, &one_of(FileLayout::ALL));
        let most = match layout {
            FileLayout::PrintStream => MAX_PRINT_STREAM_LETTERS,
            FileLayout::LetterFiles => MAX_LETTER_FILES,
        };
        let most = u32::try_from(most).unwrap_or(USUAL_LETTERS_A_PACKAGE);
        Self {
            languages: section.or("languages", Language::ALL.iter().copied().collect(), &set_of(Language::ALL)),
            formats: section.or("formats", BTreeSet::from([Format::Standard]), &set_of(Format::ALL)),
            countries: section.optional("countries", &countries).unwrap_or_default().into_iter().collect(),
            layout,
            letters_a_package: section.or("letters_a_package", USUAL_LETTERS_A_PACKAGE, &whole(1..=most)),
            package_mib: section.or("package_mib", MOST_PACKAGE_MIB, &whole(1..=MOST_PACKAGE_MIB)),
        }
    }
}

impl Job {
    fn read(section: &Section<'_>) -> Self {
        let class = "First-Class Mail";
        Self {
            paper: section.or("paper", "letter, 24 lb, white".to_owned(), &text("the stock between quotes")),
            duplex: section.or("duplex", false, &truth()),
            envelope: section.section("envelope", envelope),
            mail_class: section.or("mail_class", class.to_owned(), &text(format!("the postal class: \"{class}\""))),
            remake: section.or("remake", Remake::Forbidden, &one_of(Remake::ALL)),
            purge_days: section.or("purge_days", 30, &whole(1..=365)),
            purge_certificates: section.or("purge_certificates", true, &truth()),
        }
    }
}

/// `certificates`, or its short form for one.
fn certificates(section: &Section<'_>) -> Option<Vec<PathBuf>> {
    if !section.has("certificates") {
        return section.required("certificate", &file()).map(|one| vec![one]);
    }
    if section.has("certificate") {
        section.complain("certificate", "and certificates are both there; write every file into certificates");
    }
    let files = "a list of files: [\"keys/acme-2026.asc\", \"keys/acme-2027.asc\"]";
    section.optional("certificates", &file().list(files))
}

fn envelope(section: &Section<'_>) -> TicketEnvelope {
    let endorsement = text_or_empty("the words printed on the envelope between quotes; \"\" for none");
    TicketEnvelope {
        kind: section.or("kind", "#10 standard window".to_owned(), &text("the kind of envelope between quotes")),
        security_tint: section.or("security_tint", true, &truth()),
        printed_endorsement: section.or("printed_endorsement", "RETURN SERVICE REQUESTED".to_owned(), &endorsement),
    }
}

fn print_schedule(section: &Section<'_>) -> Option<PrintSchedule> {
    let closed = section.optional("closed", &dates()).unwrap_or_default();
    let days = section.or("print_days", WORKING_DAYS.to_vec(), &weekdays());
    let cut_off = section.optional("cut_off", &time_of_day()).or(NaiveTime::from_hms_opt(CUT_OFF_HOUR, 0, 0))?;
    let days_before = section.or("cut_off_days_before", 0, &count());
    let schedule = PrintSchedule::new(WeekdaySet::from_iter(days), cut_off, days_before);
    if let Err(error) = &schedule {
        let key = match error {
            PrintScheduleError::CutOffTooEarly(_) => "cut_off_days_before",
            _ => "print_days",
        };
        section.complain(key, &format!("cannot be: {error}"));
    }
    let schedule = schedule.ok()?.closed_on(closed);
    if let Err(error) = &schedule {
        section.complain("closed", &format!("cannot be: {error}"));
    }
    schedule.ok()
}

/// A receipt moves the end of passwords, so on a live site the vendor's signature must stand under it.
fn unsigned_receipts(section: &Section<'_>, is_live: bool) -> bool {
    let unsigned = section.or("unsigned_receipts", false, &truth());
    if unsigned && is_live {
        section.refuse("unsigned_receipts", "a live site takes signed receipts only; write false");
    }
    unsigned
}
