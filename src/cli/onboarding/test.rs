//! `vendor test`: a transmission test is sent, or its receipt is read.

use serde::Serialize;

use super::arguments::TestArgs;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::ports::ledger::{TestStatus, VendorTest};
use crate::stages::outcome::{Outcome, Urgency};
use crate::stages::transmission;
use crate::stages::world::World;

/// Sends a test, or checks the last one.
pub async fn test(args: &TestArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let _lock = at.lock(&config, "vendor test").await?;
    let world = at.world(&config, None).await?;
    if args.check {
        return check(&world, &args.code, at).await;
    }
    let planned = transmission::plan(&world, &args.code, args.format).await?;
    let goes_on = planned.unfinished.is_some();
    if args.dry_run {
        let name = planned.name.to_string();
        let what = if goes_on { "go on with" } else { "send" };
        let shown = serde_json::json!({
            "would_send": name, "vendor": args.code, "format": planned.format, "letters": planned.letters, "goes_on": goes_on
        });
        let letters = planned.letters;
        at.report
            .show(&shown, format!("would {what} {name} to vendor {}: {letters} {} letters", args.code, planned.format));
        return Ok(Exit::Done);
    }
    let test = transmission::send(&world, &args.code, planned).await?;
    let text = format!(
        "sent {} to vendor {}: {} {} letters to invented people, {} bytes, SHA-256 {}\nsigned by {}, sealed to {}\n\nNext:\n  \
         1. the vendor checks it as any package ('letterpost vendor verify') and answers it with a signed receipt; it prints \
         and keeps what it wants to try, and mails nothing\n  2. letterpost vendor test {} --check",
        test.name,
        test.vendor,
        test.letters,
        test.format,
        test.size_bytes,
        test.sha256,
        test.sealed_by,
        test.sealed_to,
        test.vendor
    );
    at.report.show(&test, text);
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Checked {
    #[serde(flatten)]
    test: VendorTest,
    matters: Outcome,
}

/// Reads the receipts of the last test, and says where it stands.
async fn check(world: &World, code: &str, at: &Opening) -> CliResult<Exit> {
    let Some(test) = world.ledger.newest_test(code).await? else {
        return Err(Failure::usage(format!(
            "vendor {code} was never sent a test; 'letterpost vendor test {code}' sends one"
        )));
    };
    let mut outcome = Outcome::default();
    transmission::read_new(world, &test, &mut outcome).await?;
    let test = world.ledger.vendor_test(&test.name).await?.unwrap_or(test);
    let verdict = match test.status {
        TestStatus::Accepted => "the vendor took it, and signed for it",
        TestStatus::Refused => "the vendor refused it; ask why, and send another",
        TestStatus::Sent | TestStatus::Offered => "no good receipt has come",
        TestStatus::Made => "it was not sent; run the test again",
    };
    let text = format!("{} is {} since {}: {verdict}", test.name, test.status, test.status_at);
    let exit = if test.status == TestStatus::Accepted { Exit::Done } else { Exit::No };
    let exit = if outcome.urgency() == Some(Urgency::Retry) { Exit::TryAgain } else { exit };
    at.report.matters(&outcome.matters);
    at.report.show(&Checked { test, matters: outcome }, text);
    Ok(exit)
}
