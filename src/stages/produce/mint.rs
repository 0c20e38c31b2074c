//! Mint: letter ids, temporary passwords and salts, drawn in the order of the package; and the dates of each.

use chrono::{DateTime, NaiveDate, Utc};
use rand08::rngs::StdRng;

use super::barcode::Barcoded;
use crate::domain::address::DeliveryZone;
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::domain::local_time;
use crate::domain::password::{SYMBOLS, TemporaryPassword};
use crate::domain::request::Language;
use crate::domain::validity::{self, ValidityWindow};
use crate::domain::verifier::SALT_BYTES;
use crate::letter::{FileLayout, PrintMode};
use crate::ports::Entropy;
use crate::ports::ledger::{ClaimedBatch, Member};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::site::{Site, refused};
use crate::stages::world::World;

/// A letter with its password, not yet on a page.
pub(super) struct MintedPiece {
    pub(super) member: Member,
    pub(super) letter_id: LetterId,
    pub(super) password: TemporaryPassword,
    pub(super) salt: [u8; SALT_BYTES],
    pub(super) window: ValidityWindow,
    pub(super) requested_on: NaiveDate,
    pub(super) zone_name: String,
    pub(super) imb: Option<Imb>,
}

/// A batch whose passwords exist, in memory.
pub(super) struct Minted {
    pub(super) batch: ClaimedBatch,
    pub(super) made_at: DateTime<Utc>,
    pub(super) made_on: NaiveDate,
    pub(super) mail_on: NaiveDate,
    pub(super) mode: PrintMode,
    pub(super) layout: FileLayout,
    pub(super) pieces: Vec<MintedPiece>,
    /// What its seal is drawn from: drawn with the batch, so that one seed gives batches in one order.
    pub(super) seal: StdRng,
}

/// Mints a password for every letter of the batch.
pub(super) fn mint(world: &World, barcoded: Barcoded) -> StageResult<Minted> {
    let Barcoded { mut batch, made_at, made_on, mail_on, barcodes } = barcoded;
    let members = std::mem::take(&mut batch.members);
    let mut windows = Windows { site: &world.site, made_at, mail_on, known: Vec::new() };
    let pieces = members
        .into_iter()
        .zip(barcodes)
        .map(|(member, imb)| {
            let window = windows.of(member.recipient.address.delivery_zone())?;
            Ok(MintedPiece { imb, ..mint_piece(world, member, window, made_on)? })
        })
        .collect::<StageResult<Vec<_>>>()?;
    let vendor = world.site.vendor(&batch.vendor)?;
    let (mode, layout) = (vendor.print_mode(), vendor.layout);
    Ok(Minted { batch, made_at, made_on, mail_on, mode, layout, pieces, seal: world.generator()? })
}

/// The dates of the letters of one batch: those to one zone have the same.
struct Windows<'a> {
    site: &'a Site,
    made_at: DateTime<Utc>,
    mail_on: NaiveDate,
    known: Vec<(DeliveryZone, ValidityWindow)>,
}

impl Windows<'_> {
    fn of(&mut self, zone: DeliveryZone) -> StageResult<ValidityWindow> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == zone) {
            return Ok(*known);
        }
        let Self { site, made_at, mail_on, .. } = self;
        let Site { validity, calendar, time_zone, .. } = site;
        let window = ValidityWindow::at_minting(validity, zone, calendar, *made_at, *time_zone, *mail_on)
            .map_err(|error| StageError::Refused(error.to_string()))?;
        self.known.push((zone, window));
        Ok(window)
    }
}

fn mint_piece(world: &World, member: Member, window: ValidityWindow, made_on: NaiveDate) -> StageResult<MintedPiece> {
    let site = &world.site;
    let entropy = world.entropy.as_ref();
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt)?;
    let [english, spanish] = &site.zone_names;
    let zone_name = match member.recipient.language {
        Language::En => english.clone(),
        Language::Es => spanish.clone(),
    };
    Ok(MintedPiece {
        letter_id: letter_id(entropy)?,
        password: password(entropy)?,
        salt,
        window,
        requested_on: local_time::date_at(member.requested_at, site.time_zone).unwrap_or(made_on),
        zone_name,
        imb: None,
        member,
    })
}

fn letter_id(entropy: &dyn Entropy) -> StageResult<LetterId> {
    let mut bytes = [0; LetterId::ENTROPY_BYTES];
    entropy.fill(&mut bytes)?;
    Ok(LetterId::from_entropy(bytes))
}

/// Draws until no word offends; about one draw in three hundred does.
fn password(entropy: &dyn Entropy) -> StageResult<TemporaryPassword> {
    let mut bytes = zeroize::Zeroizing::new([0; SYMBOLS]);
    loop {
        entropy.fill(bytes.as_mut_slice())?;
        if let Some(password) = TemporaryPassword::from_entropy(&bytes) {
            return Ok(password);
        }
    }
}

/// The days on which letters mailed on `mail_on` should arrive.
pub(super) fn expected(site: &Site, mail_on: NaiveDate) -> StageResult<(NaiveDate, NaiveDate)> {
    let from = validity::expected_from(&site.postal, mail_on).map_err(refused)?;
    Ok((from, validity::expected_to(&site.postal, mail_on).map_err(refused)?))
}
