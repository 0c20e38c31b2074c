//! `letter`: one piece, for the help desk; no secret is shown, for none is kept.

use super::args::LetterCommand;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::{facts, or_dash, table};
use crate::adapters::sqlite::SqliteLedger;
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::ports::ledger::{LetterRecord, ReportLedger as _};

/// Does what a `letter` command says.
pub async fn run(command: LetterCommand, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    match command {
        LetterCommand::List { package, limit } => {
            let letters = ledger.letters(package.as_deref(), limit).await?;
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
        }
        LetterCommand::Show { letter_id } => {
            let letter = find(&ledger, &letter_id).await?.ok_or_else(|| {
                Failure::usage(format!("there is no letter {letter_id}; 'letterpost letter list' shows all"))
            })?;
            at.report.show(&letter, describe(&letter));
        }
    }
    Ok(Exit::Done)
}

/// The letter of an id or of the digits of a barcode, which may stand in groups.
async fn find(ledger: &SqliteLedger, named: &str) -> CliResult<Option<LetterRecord>> {
    let digits: String = named.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if digits.len() > LetterId::SYMBOLS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let imb: Imb = digits.parse().map_err(|error| Failure::new(Exit::Usage, error))?;
        return Ok(ledger.letter_by_barcode(imb).await?);
    }
    let id: LetterId = named.parse().map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok(ledger.letter(id).await?)
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
