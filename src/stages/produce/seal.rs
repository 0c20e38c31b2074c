//! Seal: manifest, ticket and letters become one zip, signed and encrypted to the vendor, and only that touches the disk.

use chrono::Days;
use sha2::{Digest as _, Sha256};

use super::mint::{Minted, MintedPiece, expected};
use super::press::Printed;
use super::size::TooLarge;
use crate::domain::address::DeliveryZone;
use crate::domain::validity::mail_by_on;
use crate::letter::{PrintedLetters, PrintedPiece};
use crate::package::assemble::{AssembleError, Letters, PRINT_STREAM_FILE, assemble, letter_file};
use crate::package::digest::Sha256Digest;
use crate::package::manifest::ManifestRow;
use crate::package::openpgp;
use crate::package::ticket::{FORMAT_VERSION, Householding, JobTicket, Totals};
use crate::ports::ledger::{ClaimedBatch, MintedLetter, SealedBatch};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::site::refused;
use crate::stages::world::World;

/// A package that lies in the spool. Its passwords are gone from memory.
pub(super) struct Spooled {
    pub(super) batch: ClaimedBatch,
    pub(super) record: SealedBatch,
}

/// How a printed batch was sealed.
pub(super) enum Sealing {
    /// It lies in the spool.
    Spooled(Box<Spooled>),
    /// It is larger than its vendor takes, and was thrown away.
    TooLarge(TooLarge),
}

/// Seals a printed batch into the spool.
pub(super) fn seal(world: &World, printed: Printed) -> StageResult<Sealing> {
    let Printed { minted, letters: printed, verifiers, .. } = printed;
    let package = world
        .site
        .package_name(&minted.batch.vendor, minted.batch.number)
        .map_err(|error| StageError::Refused(error.to_string()))?;
    let rows: Vec<ManifestRow> = minted
        .pieces
        .iter()
        .zip(printed.pieces())
        .zip(1u32..)
        .map(|((piece, page), n)| row(piece, page, n, &printed))
        .collect();
    let ticket = ticket(world, &minted, &package, Totals::of(&rows))?;
    let zip = match assemble(&rows, &ticket, in_package(&printed)) {
        Ok(zip) => zip,
        Err(AssembleError::TooLarge { bytes, .. }) => return Ok(too_large(minted, bytes)),
        Err(error) => return Err(StageError::Alarm(format!("package {package}: {error}"))),
    };
    let vendor = world.site.vendor(&minted.batch.vendor)?;
    let signer = &world.press.signing_key;
    let recipients = openpgp::usable(&vendor.certificates, minted.made_at);
    let sealed = openpgp::seal(&zip, signer, &recipients, minted.made_at, &mut world.generator()?)
        .map_err(|error| StageError::Refused(format!("package {package} cannot be sealed: {error}")))?;
    let size_bytes = sealed.len() as u64;
    if size_bytes > vendor.package_bytes {
        return Ok(too_large(minted, size_bytes));
    }
    let spool_object = format!("{package}.{}", minted.batch.attempt);
    world.spool.save(&spool_object, &sealed)?;
    let letters = letters(&minted, printed.pieces(), verifiers, world.press.stationery.template_version())?;
    let record = SealedBatch {
        made_at: minted.made_at,
        mail_on: minted.mail_on,
        mail_by_on: ticket.mail_by_on,
        remake: ticket.remake,
        spool_object,
        size_bytes,
        sha256: hex::encode(Sha256::digest(&sealed)),
        sealed_by: signer.certificate().fingerprint(),
        sealed_to: recipients.iter().map(|certificate| certificate.fingerprint()).collect(),
        letters,
    };
    Ok(Sealing::Spooled(Box::new(Spooled { batch: minted.batch, record })))
}

/// The batch with its members again; passwords and pages are gone.
fn too_large(minted: Minted, bytes: u64) -> Sealing {
    let mut batch = minted.batch;
    batch.members = minted.pieces.into_iter().map(|piece| piece.member).collect();
    Sealing::TooLarge(TooLarge { batch, bytes })
}

/// The letters as the package takes them.
fn in_package(letters: &PrintedLetters) -> Letters<'_> {
    match letters {
        PrintedLetters::Stream(stream) => Letters::PrintStream(&stream.pdf),
        PrintedLetters::Files(files) => Letters::Files(&files.files),
    }
}

fn row(piece: &MintedPiece, page: &PrintedPiece, sequence: u32, letters: &PrintedLetters) -> ManifestRow {
    let recipient = &piece.member.recipient;
    let file = match letters {
        PrintedLetters::Stream(_) => PRINT_STREAM_FILE.to_owned(),
        PrintedLetters::Files(_) => letter_file(sequence),
    };
    ManifestRow {
        sequence,
        letter_id: piece.letter_id,
        file,
        first_page: page.first_page,
        pages: page.pages,
        sheets: page.sheets,
        sha256: Sha256Digest::from(page.sha256),
        imb: piece.imb.map(|imb| imb.digits()).unwrap_or_default(),
        postal_code: recipient.address.postal_code.clone(),
        country: recipient.address.country.clone(),
        language: recipient.language,
        format: recipient.format,
    }
}

fn ticket(
    world: &World,
    minted: &Minted,
    package: &crate::domain::package_name::PackageName,
    totals: Totals,
) -> StageResult<JobTicket> {
    let site = &world.site;
    let vendor = site.vendor(&minted.batch.vendor)?;
    let mail_by_on = mail_by_on(&site.calendar, minted.mail_on).map_err(refused)?;
    Ok(JobTicket {
        format_version: FORMAT_VERSION,
        package: package.clone(),
        site: site.code.clone(),
        environment: site.environment,
        vendor: vendor.code.clone(),
        made_at: minted.made_at,
        mail_on: minted.mail_on,
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
        checkpoint: minted.batch.checkpoint.clone(),
    })
}

fn letters(
    minted: &Minted,
    pages: &[PrintedPiece],
    verifiers: Vec<String>,
    template_version: &str,
) -> StageResult<Vec<MintedLetter>> {
    let (expected_from, expected_to) = expected(minted.mail_on)?;
    let pieces = minted.pieces.iter().zip(pages).zip(verifiers).zip(1u32..);
    Ok(pieces
        .map(|(((piece, page), verifier), sequence)| MintedLetter {
            letter_id: piece.letter_id,
            request_id: piece.member.request_id,
            reference: piece.member.reference.clone(),
            username: piece.member.username.clone(),
            sequence,
            language: piece.member.recipient.language.to_string(),
            outside: piece.member.recipient.address.delivery_zone() == DeliveryZone::Outside,
            pages: page.pages,
            sheets: page.sheets,
            sha256: hex::encode(page.sha256),
            template_version: template_version.to_owned(),
            verifier,
            planned_mail_on: piece.window.planned_mail_on,
            cap_on: piece.window.cap_on,
            use_by_on: piece.window.use_by_on,
            expected_from,
            expected_to,
            imb: piece.imb,
        })
        .collect())
}
