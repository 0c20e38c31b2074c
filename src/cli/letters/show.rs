//! `letter show`: one piece, for the help desk, and how each of its dates was counted.

use serde::Serialize;

use super::find;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::cli::receipt_copies::receipt_copy_at;
use crate::cli::report::{facts, or_dash};
use crate::ports::ledger::{LegalHold, LetterRecord, ReportLedger};
use crate::stages::reckoning::{ReckonedDate, Rules, reckon};

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    letter: LetterRecord,
    is_on_legal_hold: bool,
    legal_holds: Vec<LegalHold>,
    /// The receipt that records its mailing.
    receipt: Option<ReceiptShown>,
    reckoning: Vec<ReckonedDate>,
}

#[derive(Serialize)]
struct ReceiptShown {
    file: String,
    sha256: String,
    /// Where its copy lies.
    copy: Option<String>,
}

/// Shows the letter of an id or of the digits of a barcode.
pub async fn show(named: &str, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let letter = find::letter(ledger.as_ref(), named).await?.ok_or_else(|| find::unknown(named))?;
    let reckoning = reckoning(&config, ledger.as_ref(), &letter).await?;
    let legal_holds = ledger.legal_holds(Some(&letter.letter_id)).await?;
    let is_on_legal_hold = ledger.is_on_legal_hold(&letter.letter_id).await?;
    let receipt = ledger.receipt_of_letter(&letter.letter_id).await?.map(|(file, sha256)| ReceiptShown {
        copy: receipt_copy_at(&config, &file, &sha256, at),
        file,
        sha256,
    });
    let shown = Shown { letter, is_on_legal_hold, legal_holds, receipt, reckoning };
    at.report.show(&shown, describe(&shown));
    Ok(Exit::Done)
}

async fn reckoning(config: &Config, ledger: &dyn ReportLedger, letter: &LetterRecord) -> CliResult<Vec<ReckonedDate>> {
    let Some(dates) = ledger.letter_dates(&letter.letter_id).await? else { return Ok(Vec::new()) };
    let vendor = config.vendors.iter().find(|vendor| vendor.code == dates.vendor);
    let rules = Rules {
        calendar: &config.calendar,
        postal: &config.postal,
        validity: &config.validity,
        time_zone: config.site.time_zone,
        prints: vendor.map(|vendor| &vendor.print_schedule),
    };
    Ok(reckon(&rules, &dates))
}

fn describe(shown: &Shown) -> String {
    let Shown { letter, receipt, reckoning, .. } = shown;
    let shown = facts(&[
        ("letter", letter.letter_id.clone()),
        ("request", letter.reference.clone()),
        ("username", letter.username.clone()),
        ("erased", or_dash(letter.erased_at.map(|at| format!("name, address and username, {at}")))),
        ("legal hold", legal_hold(shown)),
        ("letter is", format!("{} since {}", letter.status, letter.status_at)),
        ("password is", letter.password_status.to_string()),
        ("package", format!("{}, number {}", letter.package, letter.sequence)),
        ("barcode", letter.imb.clone()),
        ("form", format!("{}, {}, {} sheets", letter.language, letter.format, letter.sheets)),
        ("made", letter.minted_at.to_string()),
        ("to be mailed", letter.planned_mail_on.to_string()),
        ("printed", or_dash(letter.printed_on)),
        ("made again", remakes(letter.remakes)),
        ("left unmailed", or_dash(letter.unmailed_on)),
        ("mailed", or_dash(letter.dispatched_on)),
        ("statement", or_dash(letter.postal_statement.as_ref())),
        ("returned", or_dash(letter.returned_on)),
        ("expected", format!("{} to {}", letter.expected_from, letter.expected_to)),
        ("promised by", letter.promised_by_on.to_string()),
        ("printed use-by", letter.use_by_on.to_string()),
        ("password ends", letter.expires_on.to_string()),
        ("days to read", or_dash(letter.days_to_read)),
        ("ended", or_dash(letter.ended_on)),
        ("because", or_dash(letter.end_reason.as_ref())),
        ("wrong tries", letter.failures.to_string()),
        ("replaces", or_dash(letter.replaces.as_ref())),
        ("made anew", or_dash(letter.reissued_at)),
        ("anew because", or_dash(letter.reissue_reason.as_ref())),
        ("pull order", or_dash(letter.pull_order)),
        ("decide by", or_dash(letter.decide_by_on.filter(|_| letter.reissued_at.is_none()))),
        ("vendor's day", or_dash(letter.reported_on)),
        ("receipt", or_dash(receipt.as_ref().map(|receipt| &receipt.file))),
        ("its copy", or_dash(receipt.as_ref().and_then(|receipt| receipt.copy.as_ref()))),
    ]);
    let dates: Vec<(&str, String)> = reckoning.iter().map(|line| (name(line.date), line.text.clone())).collect();
    if dates.is_empty() { shown } else { format!("{shown}\n\nhow its dates are counted\n{}", facts(&dates)) }
}

/// What a date is called among the facts.
fn name(date: &'static str) -> &'static str {
    match date {
        "promised_by_on" => "promised by",
        "planned_mail_on" => "to be mailed",
        "mail_by_on" => "mailed by",
        "use_by_on" => "printed use-by",
        "expected_from" => "expected from",
        "expected_to" => "expected to",
        "expires_on" => "password ends",
        other => other,
    }
}

/// Who placed the hold that keeps it, and why; of a hold on another letter of the chain, that there is one.
fn legal_hold(shown: &Shown) -> String {
    let own = shown.legal_holds.iter().find(|hold| hold.lifted_at.is_none());
    match own {
        Some(hold) => format!("since {}, by {}: {}", hold.placed_at, hold.placed_by, hold.reason),
        None if shown.is_on_legal_hold => {
            "kept by the hold of a letter that it replaced or that replaced it".to_owned()
        }
        None => String::new(),
    }
}

/// How often the vendor made it again; nothing where it never did.
fn remakes(remakes: u32) -> String {
    match remakes {
        0 => String::new(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}
