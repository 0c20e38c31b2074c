//! `password check`: the sign-in portal asks whether a temporary password is good.

use std::io::Read as _;

use serde::Serialize;
use zeroize::Zeroizing;

use super::args::PasswordCommand;
use super::exit::{CliResult, Exit, Failure};
use super::open::{Opening, pepper};
use crate::stages::password::{Check, Verdict, check};

/// The longest that is read from standard input; a password has twelve symbols.
const LONGEST_INPUT_BYTES: u64 = 1024;

#[derive(Serialize)]
struct Shown {
    verdict: Verdict,
    letter_id: Option<String>,
    redeemed: bool,
}

/// Does what a `password` command says.
pub async fn run(command: PasswordCommand, at: &Opening) -> CliResult<Exit> {
    let PasswordCommand::Check { username, redeem } = command;
    let config = at.config()?;
    let site = at.site(&config)?;
    let ledger = at.ledger(&config).await?;
    let (clock, pepper) = (at.clock(), pepper(&at.paths(&config).pepper)?);
    let typed = typed()?;
    let needs = Check { site: &site, ledger: ledger.as_ref(), clock: clock.as_ref(), pepper: &pepper };
    let answer = check(&needs, &username, &typed, redeem).await?;
    let is_accepted = answer.verdict == Verdict::Accepted;
    let shown = Shown {
        verdict: answer.verdict,
        letter_id: answer.letter_id.map(|id| id.to_string()),
        redeemed: is_accepted && redeem,
    };
    at.report.show(&shown, answer.verdict.as_str());
    Ok(if is_accepted { Exit::Done } else { Exit::No })
}

/// What was typed, from standard input.
fn typed() -> CliResult<Zeroizing<String>> {
    let mut typed = Zeroizing::new(String::with_capacity(LONGEST_INPUT_BYTES as usize + 1));
    std::io::stdin()
        .take(LONGEST_INPUT_BYTES)
        .read_to_string(&mut typed)
        .map_err(|error| Failure::usage(format!("cannot read the temporary password from standard input: {error}")))?;
    Ok(typed)
}
