//! `report`: what a night did and what it leaves to people, and what was dispatched when.

mod dispatch;
mod ends;
mod item;
mod items;
mod missed_runs;
mod night;
mod outside;
mod page;
mod series;
mod text;
mod waiting;

use self::night::OverduePackage;
use super::args::ReportCommand;
use super::decisions::desk;
use super::exit::{CliResult, Exit};
use super::open::Opening;
use crate::adapters::files;

/// Does what a `report` command says.
pub async fn run(command: ReportCommand, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    match command {
        ReportCommand::Night { last, html } => {
            let night = night::gather(&desk(&config, at).await?, last, &config, at).await?;
            match html {
                Some(path) => {
                    files::replace(&path, page::render(&night, at)?.as_bytes())?;
                    at.report.say(format!("the report is in {}", path.display()));
                }
                None => at.report.show(&night, text::describe(&night)),
            }
        }
        ReportCommand::Dispatch(args) => dispatch::report(args, ledger.as_ref(), &config, at).await?,
    }
    Ok(Exit::Done)
}
