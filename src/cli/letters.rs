//! `letter`: one piece, for the help desk; no secret is shown, for none is kept.

mod correct;
pub mod find;
mod legal_hold;
mod reissue;
mod returned;
mod show;

use super::args::LetterCommand;
use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::report::{or_dash, table};

/// Does what a `letter` command says.
pub async fn run(command: LetterCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        LetterCommand::List { package, on_legal_hold, limit } => {
            let ledger = at.ledger(&at.config()?).await?;
            let letters = if on_legal_hold {
                ledger.letters_on_legal_hold(limit).await?
            } else {
                ledger.letters(package.as_deref(), limit).await?
            };
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
        LetterCommand::Show { letter_id } => show::show(&letter_id, at).await,
        LetterCommand::Reissue(args) => reissue::reissue(args, at).await,
        LetterCommand::Returned(args) => returned::returned(args, at).await,
        LetterCommand::Correct(args) => correct::correct(args, at).await,
        LetterCommand::LegalHold(args) => legal_hold::place(args, at).await,
        LetterCommand::LegalRelease(args) => legal_hold::release(args, at).await,
    }
}
