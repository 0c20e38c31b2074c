//! Seal: manifest, ticket and letters become one zip, signed and encrypted to the vendor, and only that leaves memory.

use sha2::{Digest as _, Sha256};

use super::mint::{Minted, expected};
use super::proof::Misprinted;
use super::size::TooLarge;
use crate::domain::address::DeliveryZone;
use crate::domain::validity::mail_by_on;
use crate::letter::{PrintedLetters, PrintedPiece};
use crate::package::assemble::{AssembleError, assemble};
use crate::package::manifest::ManifestRow;
use crate::package::openpgp;
use crate::package::ticket::Totals;
use crate::ports::ledger::{ClaimedBatch, MintedLetter, SealedBatch};
use crate::stages::contents::{self, Job};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::site::{Site, refused};
use crate::stages::world::Press;

/// A sealed package, and what is to be recorded of it. Its passwords are gone from memory.
pub(super) struct Sealed {
    pub(super) batch: ClaimedBatch,
    pub(super) record: SealedBatch,
    /// Ciphertext: what goes to the spool.
    pub(super) bytes: Vec<u8>,
}

/// How a batch left the press.
pub(super) enum Sealing {
    /// It can go to the spool.
    Sealed(Box<Sealed>),
    /// Some letters did not read back, and it was thrown away.
    Misprinted(Box<Misprinted>),
    /// It is larger than its vendor takes, and was thrown away.
    TooLarge(TooLarge),
}

/// Seals a printed batch.
///
/// # Errors
/// Where its parts do not agree, or its vendor's certificates do not serve.
pub(super) fn seal(
    site: &Site,
    press: &Press,
    mut minted: Minted,
    printed: PrintedLetters,
    verifiers: Vec<String>,
) -> StageResult<Sealing> {
    let package = site
        .package_name(&minted.batch.vendor, minted.batch.number)
        .map_err(|error| StageError::Refused(error.to_string()))?;
    let rows: Vec<ManifestRow> = minted
        .pieces
        .iter()
        .zip(printed.pieces())
        .zip(1u32..)
        .map(|((piece, page), n)| contents::row(&piece.member.recipient, piece.letter_id, piece.imb, page, n, &printed))
        .collect();
    let job = Job {
        package: package.clone(),
        made_at: minted.made_at,
        mail_on: minted.mail_on,
        mail_by_on: mail_by_on(&site.validity, &site.calendar, minted.mail_on).map_err(refused)?,
        totals: Totals::of(&rows),
        checkpoint: minted.batch.checkpoint.clone(),
    };
    let vendor = site.vendor(&minted.batch.vendor)?;
    let ticket = contents::ticket(site, vendor, job);
    let zip = match assemble(&rows, &ticket, contents::in_package(&printed)) {
        Ok(zip) => zip,
        Err(AssembleError::TooLarge { bytes, .. }) => return Ok(too_large(minted, bytes)),
        Err(error) => return Err(StageError::Alarm(format!("package {package}: {error}"))),
    };
    // Each copy of the letters goes when the next one is there, so that there are two at the most.
    let pages = printed.into_pieces();
    let signer = &press.signing_key;
    let recipients = openpgp::usable(&vendor.certificates, minted.made_at);
    let sealed = openpgp::seal(&zip, signer, &recipients, minted.made_at, &mut minted.seal)
        .map_err(|error| StageError::Refused(format!("package {package} cannot be sealed: {error}")))?;
    drop(zip);
    let size_bytes = sealed.len() as u64;
    if size_bytes > vendor.package_bytes {
        return Ok(too_large(minted, size_bytes));
    }
    let spool_object = format!("{package}.{}", minted.batch.attempt);
    let letters = letters(site, &minted, &pages, verifiers, press.stationery.template_version())?;
    let record = SealedBatch {
        made_at: minted.made_at,
        mail_on: minted.mail_on,
        mail_by_on: ticket.mail_by_on,
        purge_by_on: ticket.purge_by_on,
        remake: ticket.remake,
        spool_object,
        size_bytes,
        sha256: hex::encode(Sha256::digest(&sealed)),
        sealed_by: signer.certificate().fingerprint(),
        sealed_to: recipients.iter().map(|certificate| certificate.fingerprint()).collect(),
        letters,
    };
    Ok(Sealing::Sealed(Box::new(Sealed { batch: minted.batch, record, bytes: sealed })))
}

/// The batch with its members again; passwords and pages are gone.
fn too_large(minted: Minted, bytes: u64) -> Sealing {
    let mut batch = minted.batch;
    batch.members = minted.pieces.into_iter().map(|piece| piece.member).collect();
    Sealing::TooLarge(TooLarge { batch, bytes })
}

fn letters(
    site: &Site,
    minted: &Minted,
    pages: &[PrintedPiece],
    verifiers: Vec<String>,
    template_version: &str,
) -> StageResult<Vec<MintedLetter>> {
    let (expected_from, expected_to) = expected(site, minted.mail_on)?;
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
