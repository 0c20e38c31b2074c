//! Contents: manifest and job ticket of a package, and its letters as they lie in it.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::site::{Site, Vendor};
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::domain::package_name::PackageName;
use crate::domain::request::Recipient;
use crate::letter::{PrintedLetters, PrintedPiece};
use crate::package::assemble::{Letters, PRINT_STREAM_FILE, letter_file};
use crate::package::digest::Sha256Digest;
use crate::package::manifest::ManifestRow;
use crate::package::ticket::{FORMAT_VERSION, Householding, JobTicket, Totals};

/// What a ticket says besides what is agreed with the vendor.
pub(super) struct Job {
    pub(super) package: PackageName,
    pub(super) made_at: DateTime<Utc>,
    pub(super) mail_on: NaiveDate,
    pub(super) mail_by_on: NaiveDate,
    pub(super) totals: Totals,
    pub(super) checkpoint: String,
}

/// The ticket of a job, as agreed with the vendor.
pub(super) fn ticket(site: &Site, vendor: &Vendor, job: Job) -> JobTicket {
    let Job { package, made_at, mail_on, mail_by_on, totals, checkpoint } = job;
    JobTicket {
        format_version: FORMAT_VERSION,
        site: site.code.clone(),
        environment: package.environment(),
        package,
        vendor: vendor.code.clone(),
        made_at,
        mail_on,
        mail_by_on,
        paper: vendor.paper.clone(),
        duplex: vendor.duplex,
        envelope: vendor.envelope.clone(),
        mail_class: vendor.mail_class.clone(),
        householding: Householding::Forbidden,
        remake: vendor.remake,
        purge_by_on: mail_by_on.checked_add_days(Days::new(u64::from(vendor.purge_days))).unwrap_or(mail_by_on),
        contact: site.contact.clone(),
        totals,
        checkpoint,
    }
}

/// The manifest's row of a printed letter.
pub(super) fn row(
    recipient: &Recipient,
    letter_id: LetterId,
    imb: Option<Imb>,
    page: &PrintedPiece,
    sequence: u32,
    letters: &PrintedLetters,
) -> ManifestRow {
    let file = match letters {
        PrintedLetters::Stream(_) => PRINT_STREAM_FILE.to_owned(),
        PrintedLetters::Files(_) => letter_file(sequence),
    };
    ManifestRow {
        sequence,
        letter_id,
        file,
        first_page: page.first_page,
        pages: page.pages,
        sheets: page.sheets,
        sha256: Sha256Digest::from(page.sha256),
        imb: imb.map(|imb| imb.digits()).unwrap_or_default(),
        postal_code: recipient.address.postal_code.clone(),
        country: recipient.address.country.clone(),
        language: recipient.language,
        format: recipient.format,
    }
}

/// The letters as the package takes them.
pub(super) fn in_package(letters: &PrintedLetters) -> Letters<'_> {
    match letters {
        PrintedLetters::Stream(stream) => Letters::PrintStream(&stream.pdf),
        PrintedLetters::Files(files) => Letters::Files(&files.files),
    }
}
