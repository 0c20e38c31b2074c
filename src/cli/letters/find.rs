//! Finds letters by what stands on them: the id, the line above the address, the digits of the barcode.

use std::path::Path;

use crate::adapters::files;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::domain::exception::LetterCase;
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::ports::ledger::{ExceptionLedger, Ledger, LetterRecord, ReportLedger};
use crate::stages::decision::Named;

/// What the first row of a list may be called.
const HEADERS: [&str; 5] = ["letter", "letter_id", "id", "barcode", "imb"];

/// The letter of an id or of the digits of a barcode, which may stand in groups.
///
/// # Errors
/// Where it is neither, or the ledger fails.
pub async fn letter(ledger: &dyn ReportLedger, named: &str) -> CliResult<Option<LetterRecord>> {
    match barcode(named)? {
        Some(imb) => Ok(ledger.letter_by_barcode(imb).await?),
        None => Ok(ledger.letter(id(named)?).await?),
    }
}

/// Each letter that is named, with what is known of it.
///
/// # Errors
/// Where the ledger fails; a name under which there is nothing is no error.
pub async fn cases(ledger: &dyn Ledger, typed: Vec<String>) -> CliResult<Vec<Named>> {
    let mut named = Vec::with_capacity(typed.len());
    for typed in typed {
        let found = match case(ledger, &typed).await {
            Ok(Some(case)) => Ok(case),
            Ok(None) => Err(unknown(&typed).message),
            // What was typed is no letter's name: the others may be.
            Err(failure) if failure.exit == Exit::Usage => Err(failure.message),
            Err(failure) => return Err(failure),
        };
        named.push(Named { typed, found });
    }
    Ok(named)
}

async fn case(ledger: &dyn Ledger, typed: &str) -> CliResult<Option<LetterCase>> {
    let id = match barcode(typed)? {
        Some(imb) => match ledger.letter_by_barcode(imb).await? {
            Some(found) => id(&found.letter_id)?,
            None => return Ok(None),
        },
        None => id(typed)?,
    };
    Ok(ExceptionLedger::letter_case(ledger, id).await?)
}

/// The id of one letter that is named.
///
/// # Errors
/// Where there is no such letter.
pub async fn letter_id(ledger: &dyn Ledger, typed: &str) -> CliResult<LetterId> {
    case(ledger, typed).await?.map(|case| case.letter_id).ok_or_else(|| unknown(typed))
}

/// That there is no such letter.
#[must_use]
pub fn unknown(typed: &str) -> Failure {
    Failure::usage(format!("there is no letter {typed}; 'letterpost letter list' shows all"))
}

fn barcode(named: &str) -> CliResult<Option<Imb>> {
    let digits: String = named.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if digits.len() > LetterId::SYMBOLS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().map(Some).map_err(|error| Failure::new(Exit::Usage, error));
    }
    Ok(None)
}

fn id(named: &str) -> CliResult<LetterId> {
    named.parse().map_err(|error| Failure::new(Exit::Usage, error))
}

/// The names in a list: one a line, of CSV the first column. A line of '#' and a letter's id is the line that stands
/// above an address; any other that begins with '#' is a comment.
///
/// # Errors
/// Where it cannot be read, or is no text.
pub fn names_in(path: &Path) -> CliResult<Vec<String>> {
    let text = files::read_text(path)?;
    Ok(names(text.trim_start_matches('\u{feff}')))
}

fn names(text: &str) -> Vec<String> {
    let is_comment = |cell: &str| {
        cell.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(char::is_whitespace) || rest.parse::<LetterId>().is_err())
    };
    let first_cell =
        |line: &str| line.split([',', ';', '\t']).next().unwrap_or_default().trim().trim_matches('"').trim().to_owned();
    let mut names: Vec<String> =
        text.lines().map(first_cell).filter(|cell| !cell.is_empty() && !is_comment(cell)).collect();
    if names.first().is_some_and(|first| HEADERS.contains(&first.to_ascii_lowercase().as_str())) {
        names.remove(0);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_people_make_it() {
        let text = "letter_id,box,remark\n# Tuesday's bag\n7K2QX-90DMC,3,torn\n\n  #0B4TN-3WZ8H\n#not an id\n\
                    \"00 040 567094 000000001 62701\",4\r\n7k2qx 90dmc\t5\n#\n";
        assert_eq!(names(text), ["7K2QX-90DMC", "#0B4TN-3WZ8H", "00 040 567094 000000001 62701", "7k2qx 90dmc"]);
        assert!(names("").is_empty());
    }
}
