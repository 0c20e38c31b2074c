//! `batch settle`: a person's answer for a package that was offered and is gone, and what to ask the vendor before.

use super::args::SettleArgs;
use super::config::Config;
use super::decisions;
use super::exit::{CliResult, Exit, Failure};
use super::open::{Opening, courier};
use super::spool;
use crate::package::name;
use crate::ports::ledger::BatchRecord;
use crate::ports::{Found, Parcel, Setback};

/// What to ask the vendor about a package whose delivery is in doubt; `None` for any other.
#[must_use]
pub fn questions(batch: &BatchRecord) -> Option<Vec<String>> {
    let offered_at = batch.offered_at.filter(|_| batch.status == "sealed")?;
    let (name, sha256) = (&batch.package, batch.sha256.as_deref().unwrap_or_default());
    Some(vec![
        format!("It was offered to vendor {} at {offered_at}, and no delivery is recorded.", batch.vendor),
        "1. 'letterpost deliver' goes on with it if it still lies in the inbox. It is never sent a second time."
            .to_owned(),
        format!(
            "2. If it is gone, ask the vendor: was {name}.zip.pgp taken at or after that time, with SHA-256 {sha256}?"
        ),
        format!(
            "   Its register of packages (that of 'letterpost vendor verify' has the name and this digest) must list {name} \
             if it was taken, and must not if it was not."
        ),
        "3. If it was, the vendor's receipt settles it; where none can come:".to_owned(),
        format!("   letterpost batch settle {name} --taken --reason 'who said so, and when'"),
        "   If it was not, have that in writing, and that nothing of this name will be printed:".to_owned(),
        format!("   letterpost batch settle {name} --not-taken --reason 'who wrote so, and when'"),
        format!(
            "   Its {} letters are made anew then, with new passwords, and the vendor gets {name}.void.",
            batch.letters
        ),
    ])
}

/// What the answer does.
fn plan(batch: &BatchRecord, is_taken: bool) -> String {
    let (name, letters) = (&batch.package, batch.letters);
    if is_taken {
        format!(
            "records that vendor {} has {name}: the passwords of its {letters} letters are good from now on",
            batch.vendor
        )
    } else {
        format!(
            "withdraws {name}: the passwords of its {letters} letters are revoked, their requests wait for the next run, and \
             vendor {} gets a signed {name}.void with the next delivery",
            batch.vendor
        )
    }
}

/// Records a person's answer.
pub async fn settle(args: &SettleArgs, at: &Opening) -> CliResult<BatchRecord> {
    let decision = decisions::decision(&args.because)?;
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let find = async || {
        ledger.batch(&args.package).await?.ok_or_else(|| {
            Failure::usage(format!("there is no package {}; 'letterpost batch list' shows all", args.package))
        })
    };
    // Nobody delivers while this is decided.
    let _lock = if args.because.dry_run { None } else { Some(at.lock(&config, "batch settle").await?) };
    let batch = find().await?;
    if questions(&batch).is_none() {
        return Err(Failure::usage(format!(
            "package {0} has no delivery to settle: it must be sealed and offered; see 'letterpost batch show {0}'",
            args.package
        )));
    }
    require_gone(&batch, args.taken, &config, at).await?;
    at.report.say(format!("{}{}", if args.because.dry_run { "would be done: " } else { "" }, plan(&batch, args.taken)));
    if args.because.dry_run {
        return Ok(batch);
    }
    let now = at.clock().now();
    let today = at.site(&config)?.date_at(now)?;
    if args.taken {
        ledger.settle(&args.package, &decision, now, today).await?;
    } else {
        let spool_object = ledger.settle_not_taken(&args.package, &decision, now, today).await?;
        spool::open(at.paths(&config).spool)?.remove(&spool_object).await?;
    }
    find().await
}

/// Goes on only if the inbox has nothing of the package: what lies there is not in doubt, and may yet be printed.
async fn require_gone(batch: &BatchRecord, is_taken: bool, config: &Config, at: &Opening) -> CliResult<()> {
    let name = &batch.package;
    let place = at.paths(config).vendors.remove(&batch.vendor).map(|vendor| vendor.courier).ok_or_else(|| {
        Failure::usage(format!("the configuration has no vendor '{}' any more; put its [[vendor]] back", batch.vendor))
    })?;
    let parcel = Parcel {
        file: name::sealed_file(&name.parse().map_err(|error| Failure::new(Exit::Alarm, error))?),
        size_bytes: batch.size_bytes.unwrap_or_default(),
        sha256: batch.sha256.clone().unwrap_or_default(),
    };
    let courier = courier(place);
    let found = courier.look(&parcel).await;
    courier.hang_up().await;
    match found {
        Ok(Found::Nothing) => Ok(()),
        Ok(Found::Same) if is_taken => Ok(()),
        Ok(Found::Unrenamed) => Err(Failure::usage(format!(
            "{name} lies in the inbox under its temporary name, so the vendor cannot have it; nothing was recorded: \
             'letterpost deliver' goes on with it"
        ))),
        Ok(Found::Same) => Err(Failure::usage(format!(
            "{name} lies in the vendor's inbox, and may yet be taken from there; nothing was recorded: 'letterpost deliver' \
             goes on with it, or, if its last mailing day is over, have the vendor move it away first"
        ))),
        Ok(Found::Other { what }) => Err(Failure::new(
            Exit::Alarm,
            format!("the inbox has {what} under the name of {name}; nothing was recorded: find out who wrote it"),
        )),
        Err(error) if error.is_alarm => Err(Failure::new(Exit::Alarm, error)),
        // The vendor's word that it has the package is enough.
        Err(error) if is_taken => {
            at.report.say(format!("the inbox was not looked at: {error}"));
            Ok(())
        }
        Err(error) => {
            let exit = if error.setback == Setback::Retry { Exit::TryAgain } else { Exit::Usage };
            Err(Failure::new(exit, format!("{error}; nothing was recorded, as {name} may lie in the inbox still")))
        }
    }
}
