//! Specimens: letters to invented people, printed, read again and sealed as any package is.

use chrono::{DateTime, NaiveDate, Utc};
use zeroize::Zeroizing;

use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::domain::package_name::PackageName;
use crate::domain::password::TemporaryPassword;
use crate::domain::request::{Format, Language, Recipient};
use crate::domain::routing::{self, Kind};
use crate::domain::validity::{ValidityWindow, mail_by_on};
use crate::letter::preview::samples;
use crate::letter::{DocumentInfo, Piece, PrintedLetters};
use crate::package::assemble::assemble;
use crate::package::manifest::ManifestRow;
use crate::package::openpgp;
use crate::package::ticket::Totals;
use crate::stages::contents::{self, Job};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::site::{ImbMode, Vendor, refused};
use crate::stages::world::World;

/// The first serial number of the barcodes of specimens.
const FIRST_SERIAL: u32 = 987_654_321;

/// A sealed package of specimens.
pub(super) struct Specimen {
    pub(super) sealed: Vec<u8>,
    pub(super) letters: u32,
    pub(super) sheets: u32,
    /// The fingerprints of the certificates that it is encrypted to.
    pub(super) sealed_to: Vec<String>,
}

/// The dates of a test.
#[derive(Clone, Copy)]
struct Dates {
    made_at: DateTime<Utc>,
    made_on: NaiveDate,
    mail_on: NaiveDate,
    mail_by_on: NaiveDate,
}

/// One specimen, not yet printed.
struct Made {
    recipient: Recipient,
    letter_id: LetterId,
    password: TemporaryPassword,
    imb: Option<Imb>,
    use_by_on: NaiveDate,
    zone_name: String,
}

/// The invented people whose letters of this form the vendor takes and can print.
pub(super) fn people(world: &World, vendor: &Vendor, format: Format) -> StageResult<Vec<Recipient>> {
    let profile = std::slice::from_ref(&vendor.takes);
    let mut checker = world.press.stationery.checker(vendor.print_mode());
    let mut people = Vec::new();
    for language in Language::ALL {
        for sample in samples::all(*language, format).into_iter().filter(|sample| sample.must_fit) {
            let country = sample.recipient.address.country.clone();
            let is_taken = routing::route(&Kind { format, language: *language, country }, profile).is_ok();
            if is_taken && checker.check(&sample.recipient).is_ok() {
                people.push(sample.recipient);
            }
        }
    }
    if people.is_empty() {
        let reason = "no invented person is of a kind that it takes; 'letterpost template check' shows what fits";
        return Err(StageError::Refused(format!("vendor {}: {reason}", vendor.code)));
    }
    Ok(people)
}

/// Prints and seals them.
pub(super) fn seal(
    world: &World,
    vendor: &Vendor,
    name: &PackageName,
    format: Format,
    checkpoint: &str,
) -> StageResult<Specimen> {
    let dates = dates(world, vendor)?;
    let people = people(world, vendor, format)?;
    let made: Vec<Made> =
        (1u32..).zip(people).map(|(n, person)| make(world, vendor, person, n, dates)).collect::<StageResult<_>>()?;
    let printed = print(world, vendor, name, &made, dates)?;
    let pieces = made.iter().zip(printed.pieces()).zip(1u32..);
    let rows: Vec<ManifestRow> = pieces
        .map(|((made, page), n)| contents::row(&made.recipient, made.letter_id, made.imb, page, n, &printed))
        .collect();
    let job = Job {
        package: name.clone(),
        made_at: dates.made_at,
        mail_on: dates.mail_on,
        mail_by_on: dates.mail_by_on,
        totals: Totals::of(&rows),
        checkpoint: checkpoint.to_owned(),
    };
    let ticket = contents::ticket(&world.site, vendor, job);
    let zip: Zeroizing<Vec<u8>> =
        assemble(&rows, &ticket, contents::in_package(&printed)).map_err(|error| failed(name, error))?;
    let recipients = openpgp::usable(&vendor.certificates, dates.made_at);
    let sealed = openpgp::seal(&zip, &world.press.signing_key, &recipients, dates.made_at, &mut world.generator()?)
        .map_err(|error| StageError::Refused(format!("{name} cannot be sealed: {error}")))?;
    Ok(Specimen {
        sealed,
        letters: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        sheets: rows.iter().map(|row| row.sheets).sum(),
        sealed_to: recipients.iter().map(|certificate| certificate.fingerprint()).collect(),
    })
}

fn dates(world: &World, vendor: &Vendor) -> StageResult<Dates> {
    let (made_at, made_on) = world.now()?;
    let site = &world.site;
    let mail_on = vendor
        .print_schedule
        .planned_mail_on(made_at, &site.calendar, site.time_zone)
        .map_err(|error| StageError::Refused(format!("vendor {}: {error}", vendor.code)))?;
    let mail_by_on = mail_by_on(&site.validity, &site.calendar, mail_on).map_err(refused)?;
    Ok(Dates { made_at, made_on, mail_on, mail_by_on })
}

fn make(world: &World, vendor: &Vendor, recipient: Recipient, sequence: u32, dates: Dates) -> StageResult<Made> {
    let site = &world.site;
    let none = || StageError::Alarm("the specimen's password or id is none".to_owned());
    let zone = recipient.address.delivery_zone();
    let window =
        ValidityWindow::at_minting(&site.validity, zone, &site.calendar, dates.made_at, site.time_zone, dates.mail_on)
            .map_err(|error| StageError::Refused(error.to_string()))?;
    let has_barcode = matches!(vendor.imb, ImbMode::Agency(_));
    let [english, spanish] = &site.zone_names;
    let zone_name = match recipient.language {
        Language::En => english.clone(),
        Language::Es => spanish.clone(),
    };
    Ok(Made {
        imb: samples::barcode_of(&recipient, FIRST_SERIAL + sequence).filter(|_| has_barcode),
        letter_id: samples::letter_id_of(sequence).ok_or_else(none)?,
        password: samples::password().ok_or_else(none)?,
        use_by_on: window.use_by_on,
        zone_name,
        recipient,
    })
}

/// Prints the letters, and reads them again from the finished bytes.
fn print(
    world: &World,
    vendor: &Vendor,
    name: &PackageName,
    made: &[Made],
    dates: Dates,
) -> StageResult<PrintedLetters> {
    let press = &world.press;
    let document = DocumentInfo { package: name.to_string(), made_at: dates.made_at, mode: vendor.print_mode() };
    let pieces: Vec<Piece<'_>> = made
        .iter()
        .zip(1u32..)
        .map(|(made, sequence)| Piece {
            recipient: &made.recipient,
            letter_id: made.letter_id,
            password: &made.password,
            sequence,
            made_on: dates.made_on,
            use_by_on: made.use_by_on,
            zone_name: &made.zone_name,
            requested_on: dates.made_on,
            barcode: made.imb.as_ref(),
        })
        .collect();
    let letters = press.stationery.print(&document, vendor.layout, &pieces).map_err(|error| failed(name, error))?;
    let misprints =
        (press.proofread)(&press.stationery, &document, &pieces, &letters).map_err(|error| failed(name, error))?;
    match misprints.first() {
        None => Ok(letters),
        Some(misprint) => {
            Err(failed(name, format!("letter {} did not read back: {}", misprint.sequence, misprint.reason)))
        }
    }
}

fn failed(name: &PackageName, error: impl std::fmt::Display) -> StageError {
    StageError::Alarm(format!("transmission test {name}: {error}"))
}
