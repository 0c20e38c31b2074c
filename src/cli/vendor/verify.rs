//! `vendor verify`: may this package be printed?
//!
//! Durable when it returns: with `--take`, the name in the register; with `--extract`, the unpacked files. The name goes
//! first: a crash between the two leaves a package that is taken and not unpacked, which `--extract --again` mends, and
//! never one that would be unpacked and printed twice.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::arguments::VerifyArgs;
use super::error::VendorError;
use super::package_file::{CheckedPackage, Keys, PackageFile, date_in};
use super::register::{self, Register};
use super::settings::VendorSettings;
use crate::adapters::files;
use crate::domain::letter::LetterId;
use crate::domain::package_name::{Environment, PackageName};
use crate::domain::request::{Format, Language};
use crate::package::digest::Sha256Digest;
use crate::package::manifest::ManifestRow;
use crate::package::ticket::Remake;
use crate::package::verify::VerifiedPackage;
use crate::ports::Clock;

/// A package that may be printed, unless it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Its name.
    pub package: PackageName,
    /// Of the sealed package.
    pub sha256: Sha256Digest,
    /// The fingerprint of the site's key, which signed it.
    pub signed_by: String,
    /// When it was signed, by the site's clock.
    pub signed_at: DateTime<Utc>,
    /// Who sends it.
    pub site: String,
    /// Whether these are letters to real people.
    pub environment: Environment,
    /// Mail pieces.
    pub letters: u64,
    /// Sheets of paper.
    pub sheets: u64,
    /// Printed sides.
    pub pages: u64,
    /// Sheets whose inserter's mark was read from the page and is the manifest's.
    pub sheet_marks: u64,
    /// Letters whose Intelligent Mail barcode was read from the page and is the manifest's.
    pub barcodes: u64,
    /// The day that it is planned to be mailed.
    pub mail_on: NaiveDate,
    /// The last day that it may be mailed.
    pub mail_by_on: NaiveDate,
    /// Whether that day is over.
    pub is_too_late: bool,
    /// The day by which the vendor has destroyed its copies.
    pub purge_by_on: NaiveDate,
    /// Who may make a spoiled letter again.
    pub remake: Remake,
    /// The stock.
    pub paper: String,
    /// Whether both sides are printed.
    pub duplex: bool,
    /// The kind of envelope.
    pub envelope: String,
    /// The postal class.
    pub mail_class: String,
    /// Whom to ask.
    pub contact: String,
    /// Whether the package was taken before, and must not be printed again; `None` where no register is known.
    pub seen_before: Option<bool>,
    /// Whether it was written into the register now.
    pub taken: bool,
    /// The folder with the unpacked letters, if they were asked for.
    pub extracted_to: Option<PathBuf>,
    /// Its letters, in sequence.
    pub rows: Vec<VerifiedLetter>,
}

/// One letter of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedLetter {
    /// Its place, from 1.
    pub sequence: u32,
    /// The id printed on it.
    #[serde(serialize_with = "as_text")]
    pub letter_id: LetterId,
    /// The file that holds it.
    pub file: String,
    /// Its first page there, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
    /// How many sheets it takes.
    pub sheets: u32,
    /// The country that it goes to.
    pub country: String,
    /// Its language.
    pub language: Language,
    /// Its form.
    pub format: Format,
}

/// Checks a package and, where asked, takes and unpacks it.
///
/// # Errors
/// [`VendorError`]; its exit status is 5 where the package must not be printed.
pub fn verify(args: &VerifyArgs, clock: &dyn Clock) -> Result<Verified, VendorError> {
    let common = &args.common;
    let settings = VendorSettings::find(&common.settings, &common.package)?;
    let code = settings.code.as_deref();
    let keys = Keys::read(&settings)?;
    let at = clock.now();
    let today = date_in(common.settings.time_zone, at)?;
    let file = PackageFile::read(&common.package, code)?;
    let checked = file.check(&keys, code, common.without_ready, at)?;
    let package = &checked.package;
    let _lock =
        if args.take { Some(register::lock(settings.require_register()?, "vendor verify --take")?) } else { None };
    let mut register = settings.register.as_deref().map(Register::read).transpose()?;
    let seen_before = register.as_ref().map(|register| register.has(&package.name, package.sha256)).transpose()?;
    check_may_print(args, package, seen_before == Some(true), today)?;
    args.extract.as_deref().map_or(Ok(()), check_free)?;
    if let Some(register) = register.as_mut().filter(|_| args.take) {
        register.add(&package.name, package.sha256)?;
    }
    if let Some(folder) = &args.extract {
        extract(package, folder)?;
    }
    let mut verified = describe(&checked, today);
    verified.seen_before = seen_before;
    verified.taken = args.take;
    verified.extracted_to.clone_from(&args.extract);
    Ok(verified)
}

/// Looking is free; taking and unpacking are for a package that is new and in time.
fn check_may_print(
    args: &VerifyArgs,
    package: &VerifiedPackage,
    seen: bool,
    today: NaiveDate,
) -> Result<(), VendorError> {
    let prints = args.take || (args.extract.is_some() && !args.again);
    if prints && seen {
        return Err(VendorError::AlreadyTaken { package: package.name.clone() });
    }
    let mail_by_on = package.ticket.mail_by_on;
    if args.take && today > mail_by_on {
        let contact = package.ticket.contact.clone();
        return Err(VendorError::TooLate { package: package.name.clone(), mail_by_on, today, contact });
    }
    Ok(())
}

/// A folder that is there may be open to others, and what lies in it would be mixed with the letters.
fn check_free(folder: &Path) -> Result<(), VendorError> {
    if files::exists(folder) {
        let folder = folder.display();
        return Err(VendorError::Usage(format!("{folder} is there already; name a folder that does not exist yet")));
    }
    Ok(())
}

/// Writes the files of a package below a folder. Their names were checked when they were unpacked: none leads out of it.
fn extract(package: &VerifiedPackage, folder: &Path) -> Result<(), VendorError> {
    files::make_folder(folder)?;
    for member in &package.members {
        let path = folder.join(&member.name);
        if let Some(parent) = path.parent() {
            files::make_folder(parent)?;
        }
        files::write_new(&path, &member.content)?;
    }
    Ok(())
}

fn describe(checked: &CheckedPackage, today: NaiveDate) -> Verified {
    let package = &checked.package;
    let ticket = &package.ticket;
    Verified {
        package: package.name.clone(),
        sha256: package.sha256,
        signed_by: checked.signed_by.clone(),
        signed_at: package.signed_at,
        site: ticket.site.clone(),
        environment: ticket.environment,
        letters: ticket.totals.letters,
        sheets: ticket.totals.sheets,
        pages: ticket.totals.pages,
        sheet_marks: checked.marks.sheets,
        barcodes: checked.marks.barcodes,
        mail_on: ticket.mail_on,
        mail_by_on: ticket.mail_by_on,
        is_too_late: today > ticket.mail_by_on,
        purge_by_on: ticket.purge_by_on,
        remake: ticket.remake,
        paper: ticket.paper.clone(),
        duplex: ticket.duplex,
        envelope: ticket.envelope.kind.clone(),
        mail_class: ticket.mail_class.clone(),
        contact: ticket.contact.clone(),
        seen_before: None,
        taken: false,
        extracted_to: None,
        rows: package.rows.iter().map(VerifiedLetter::from).collect(),
    }
}

impl From<&ManifestRow> for VerifiedLetter {
    fn from(row: &ManifestRow) -> Self {
        Self {
            sequence: row.sequence,
            letter_id: row.letter_id,
            file: row.file.clone(),
            first_page: row.first_page,
            pages: row.pages,
            sheets: row.sheets,
            country: row.country.clone(),
            language: row.language,
            format: row.format,
        }
    }
}

impl Verified {
    /// For people: what the package is and what to do with it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let sides = if self.duplex { "both sides" } else { "one side" };
        let mut lines = vec![
            format!("{} is good: {}", self.package, self.next_step()),
            format!("  from      {} ({})", self.site, self.environment),
            format!("  signed    {} by {}", self.signed_at.format("%Y-%m-%dT%H:%M:%SZ"), self.signed_by),
            format!("  sha256    {}", self.sha256),
            format!("  contains  {} letters, {} sheets, {} pages", self.letters, self.sheets, self.pages),
            format!("  marks     read on {} sheets, with {} barcodes", self.sheet_marks, self.barcodes),
            format!("  print     {}, {sides}; envelope {}; {}", self.paper, self.envelope, self.mail_class),
            format!("  mail on   {}, and not after {}{}", self.mail_on, self.mail_by_on, self.lateness()),
            format!("  remake    {}; one envelope for each letter", self.remake),
            format!("  purge by  {}", self.purge_by_on),
            format!("  ask       {}", self.contact),
        ];
        if let Some(folder) = &self.extracted_to {
            lines.push(format!("  unpacked  {}", folder.display()));
        }
        lines.join("\n") + "\n"
    }

    fn next_step(&self) -> &'static str {
        match (self.taken, self.seen_before) {
            (true, _) => "taken, print it now",
            (_, Some(true)) => "but it was taken before; acknowledge it and never print it again",
            (_, Some(false)) => "its name is new; take it with --take before printing",
            (_, None) => "no register is known, so look whether its name was printed before",
        }
    }

    fn lateness(&self) -> &'static str {
        if self.is_too_late { ", which is over: do not print" } else { "" }
    }
}

fn as_text<S: serde::Serializer>(value: &LetterId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
