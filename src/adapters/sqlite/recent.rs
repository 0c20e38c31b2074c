//! Recent letters, counted for the limits on requests: three questions, however many rows a file has.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqlitePool;

use super::failed;
use super::intake::json_list;
use crate::audit::entry::instant_text;
use crate::domain::limits::Recent;
use crate::ports::ledger::LedgerResult;

/// What it is doing, for errors.
const DOING: &str = "counted recent letters";

/// What these accounts and addresses had since then.
pub(super) async fn recent(
    reader: &SqlitePool,
    accounts: &[String],
    addresses: &[String],
    since: DateTime<Utc>,
) -> LedgerResult<Recent> {
    let (accounts, addresses, since) = (json_list(accounts), json_list(addresses), instant_text(since));
    let by_account: Vec<(String, u32)> = sqlx::query_as(
        "SELECT username, count(*) FROM letter
         WHERE username IN (SELECT value FROM json_each($1)) AND minted_at >= $2 AND status <> 'voided'
         GROUP BY username",
    )
    .bind(&accounts)
    .bind(&since)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let by_address: Vec<(String, u32)> = sqlx::query_as(
        "SELECT request.address_sha256, count(*) FROM request JOIN letter ON letter.request_id = request.id
         WHERE request.address_sha256 IN (SELECT value FROM json_each($1)) AND letter.minted_at >= $2
             AND letter.status <> 'voided'
         GROUP BY request.address_sha256",
    )
    .bind(&addresses)
    .bind(&since)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let open: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT username, address_sha256 FROM request
         WHERE status IN ('pending', 'claimed') AND username IN (SELECT value FROM json_each($1))
         UNION
         SELECT username, address_sha256 FROM request
         WHERE status IN ('pending', 'claimed') AND address_sha256 IN (SELECT value FROM json_each($2))",
    )
    .bind(&accounts)
    .bind(&addresses)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let counts = |rows: Vec<(String, u32)>| rows.into_iter().collect::<BTreeMap<_, _>>();
    Ok(Recent::new(counts(by_account), counts(by_address), open.into_iter().collect()))
}
