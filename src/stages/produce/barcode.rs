//! Barcode: serial numbers for the letters of a batch, before a password is minted for any of them.
//!
//! Durable when it returns: the block of serial numbers. A run that dies later leaves it spent, so that no number is
//! ever on two letters; the next attempt takes a block of its own.

use chrono::{DateTime, NaiveDate, Utc};

use super::fit::Fitted;
use crate::domain::imb::{Imb, Routing, serials};
use crate::domain::validity::mail_by_on;
use crate::ports::ledger::{ClaimedBatch, Member, WantedSerials};
use crate::stages::outcome::{Outcome, StageError, StageResult, Urgency};
use crate::stages::site::{AgencyBarcode, ImbMode, Vendor, refused};
use crate::stages::world::World;

/// A batch whose letters have their barcodes, and its dates, on which the life of a serial number depends.
pub(super) struct Barcoded {
    pub(super) batch: ClaimedBatch,
    pub(super) made_at: DateTime<Utc>,
    pub(super) made_on: NaiveDate,
    pub(super) mail_on: NaiveDate,
    /// One a member, in their order; `None` where the agency puts no barcode on the letter.
    pub(super) barcodes: Vec<Option<Imb>>,
}

/// Gives each letter to a domestic address its barcode, where the agency makes them. `None` where no serial numbers are
/// free: the batch waits for them.
pub(super) async fn barcode(world: &World, fitted: Fitted, outcome: &mut Outcome) -> StageResult<Option<Barcoded>> {
    let batch = fitted.batch;
    let (made_at, made_on) = world.now()?;
    let vendor = world.site.vendor(&batch.vendor)?;
    let mail_on = planned_mail_on(world, vendor, made_at)?;
    let domestic = batch.members.iter().filter(|member| member.recipient.address.is_domestic()).count();
    let mut barcodes = vec![None; batch.members.len()];
    if let ImbMode::Agency(barcode) = vendor.imb
        && let Some(count) = u32::try_from(domestic).ok().filter(|count| *count > 0)
    {
        let mail_by_on = mail_by_on(&world.site.validity, &world.site.calendar, mail_on).map_err(refused)?;
        let free_on = serials::free_on(mail_by_on);
        let wanted = WantedSerials { range: barcode.serials, count, today: made_on, free_on };
        match world.ledger.take_serials(&batch, wanted, made_at).await? {
            Ok(first) => barcodes = number(&batch.members, barcode, first)?,
            Err(exhausted) => {
                outcome.raise_plainly(Urgency::Person, format!("package {}", batch.name), waits(vendor, &exhausted));
                return Ok(None);
            }
        }
    }
    Ok(Some(Barcoded { batch, made_at, made_on, mail_on, barcodes }))
}

fn waits(vendor: &Vendor, exhausted: &serials::Exhausted) -> String {
    format!(
        "its letters wait: {exhausted}; widen serials_from and serials_to of vendor {}, give it another mailer id, or \
         write imb = \"vendor\" until then; the next run goes on",
        vendor.code
    )
}

/// Says of every vendor whose serial numbers are about to run out.
pub(super) async fn note_usage(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let (_, today) = world.now()?;
    for vendor in &world.site.vendors {
        let ImbMode::Agency(AgencyBarcode { serials, .. }) = vendor.imb else { continue };
        let taken = world.ledger.serials_in_use(serials.mailer_id(), today).await?;
        if let Some(note) = serials.usage(&taken, today).note() {
            outcome.raise_plainly(
                Urgency::Note,
                format!("mailer id {} of vendor {}", serials.mailer_id(), vendor.code),
                note,
            );
        }
    }
    Ok(())
}

fn planned_mail_on(world: &World, vendor: &Vendor, made_at: DateTime<Utc>) -> StageResult<NaiveDate> {
    vendor
        .print_schedule
        .planned_mail_on(made_at, &world.site.calendar, world.site.time_zone)
        .map_err(|error| StageError::Refused(format!("vendor {}: {error}", vendor.code)))
}

/// The barcodes of the members: domestic ones are numbered from `first` on.
fn number(members: &[Member], barcode: AgencyBarcode, first: u32) -> StageResult<Vec<Option<Imb>>> {
    let mut serials = first..;
    members
        .iter()
        .map(|member| {
            let address = &member.recipient.address;
            let Some(serial) = address.is_domestic().then(|| serials.next()).flatten() else { return Ok(None) };
            // Intake judged the ZIP code; a piece without one would still be told from every other.
            let routing = Routing::of_postal_code(&address.postal_code).unwrap_or(Routing::NONE);
            Imb::new(barcode.service, barcode.serials.mailer_id(), serial, routing)
                .map(Some)
                .map_err(|error| StageError::Alarm(error.to_string()))
        })
        .collect()
}
