//! `letter`: one piece, for the help desk; no secret is shown, for none is kept.

mod correct;
pub mod find;
mod reissue;
mod returned;

use super::args::LetterCommand;
use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::report::{facts, or_dash, table};
use crate::ports::ledger::{LetterRecord, ReportLedger as _};

/// Does what a `letter` command says.
pub async fn run(command: LetterCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        LetterCommand::List { package, limit } => {
            let letters = at.ledger(&at.config()?).await?.letters(package.as_deref(), limit).await?;
            let rows = letters.iter().map(|letter| {
                vec![
                    letter.letter_id.clone(),
                    letter.reference.clone(),
                    letter.status.to_string(),
                    letter.password_status.to_string(),
                    or_dash(letter.dispatched_on),
                    letter.use_by_on.to_string(),
                    letter.expires_on.to_string(),
                ]
            });
            let text = table(&["letter", "reference", "letter is", "password is", "mailed", "use by", "ends"], rows);
            at.report.show(&letters, text);
            Ok(Exit::Done)
        }
        LetterCommand::Show { letter_id } => {
            let letter = find::letter(at.ledger(&at.config()?).await?.as_ref(), &letter_id)
                .await?
                .ok_or_else(|| find::unknown(&letter_id))?;
            at.report.show(&letter, describe(&letter));
            Ok(Exit::Done)
        }
        LetterCommand::Reissue(args) => reissue::reissue(args, at).await,
        LetterCommand::Returned(args) => returned::returned(args, at).await,
        LetterCommand::Correct(args) => correct::correct(args, at).await,
    }
}

fn describe(letter: &LetterRecord) -> String {
    facts(&[
        ("letter", letter.letter_id.clone()),
        ("request", letter.reference.clone()),
        ("username", letter.username.clone()),
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
        ("returned", or_dash(letter.returned_on)),
        ("expected", format!("{} to {}", letter.expected_from, letter.expected_to)),
        ("promised by", letter.promised_by_on.to_string()),
        ("printed use-by", letter.use_by_on.to_string()),
        ("password ends", letter.expires_on.to_string()),
        ("ended", or_dash(letter.ended_on)),
        ("because", or_dash(letter.end_reason.as_ref())),
        ("wrong tries", letter.failures.to_string()),
        ("replaces", or_dash(letter.replaces.as_ref())),
        ("made anew", or_dash(letter.reissued_at)),
        ("anew because", or_dash(letter.reissue_reason.as_ref())),
        ("pull order", or_dash(letter.pull_order)),
        ("decide by", or_dash(letter.decide_by_on.filter(|_| letter.reissued_at.is_none()))),
        ("vendor's day", or_dash(letter.reported_on)),
    ])
}

/// How often the vendor made it again; nothing where it never did.
fn remakes(remakes: u32) -> String {
    match remakes {
        0 => String::new(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}
