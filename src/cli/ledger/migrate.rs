//! `ledger migrate`: the schema of a ledger on PostgreSQL, made or brought up to date.

use super::arguments::MigrateArgs;
use crate::adapters::postgres::{PostgresAddress, bring_up_to_date};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;

/// Makes what is missing.
pub async fn migrate(args: &MigrateArgs, at: &Opening) -> CliResult<Exit> {
    let address = PostgresAddress::parse(&args.ledger)
        .map_err(|error| Failure::usage(format!("the ledger's address {error}")).plainly())?;
    bring_up_to_date(&address).await?;
    let shown = serde_json::json!({ "ledger": address.as_str() });
    at.report.show(&shown, format!("{address}: groups, schemas and tables are up to date"));
    Ok(Exit::Done)
}
