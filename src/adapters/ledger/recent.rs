//! Recent letters, counted for the limits on requests: three questions, however many rows a file has.

use std::collections::BTreeMap;

use super::db::{At, Pool, texts};
use super::dialect::each;
use chrono::{DateTime, Utc};

use super::failed;
use super::rows::as_count;
use crate::domain::limits::Recent;
use crate::ports::ledger::LedgerResult;

/// What it is doing, for errors.
const DOING: &str = "counted recent letters";

/// What these accounts and addresses had since then.
pub(super) async fn recent(
    reader: &Pool,
    accounts: &[String],
    addresses: &[String],
    since: DateTime<Utc>,
) -> LedgerResult<Recent> {
    let (accounts, addresses, since) = (texts(accounts), texts(addresses), At(since));
    let by_account: Vec<(String, i64)> = sqlx::query_as(concat!(
        "SELECT username, count(*) FROM letter
         WHERE username IN ",
        each!("$1"),
        " AND minted_at >= $2 AND status <> 'voided'
         GROUP BY username"
    ))
    .bind(&accounts)
    .bind(since)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let by_address: Vec<(String, i64)> = sqlx::query_as(concat!(
        "SELECT request.address_sha256, count(*) FROM request JOIN letter ON letter.request_id = request.id
         WHERE request.address_sha256 IN ",
        each!("$1"),
        " AND letter.minted_at >= $2
             AND letter.status <> 'voided'
         GROUP BY request.address_sha256"
    ))
    .bind(&addresses)
    .bind(since)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let open: Vec<(String, Option<String>)> = sqlx::query_as(concat!(
        "SELECT username, address_sha256 FROM request
         WHERE status IN ('pending', 'claimed') AND username IN ",
        each!("$1"),
        "
         UNION
         SELECT username, address_sha256 FROM request
         WHERE status IN ('pending', 'claimed') AND address_sha256 IN ",
        each!("$2")
    ))
    .bind(&accounts)
    .bind(&addresses)
    .fetch_all(reader)
    .await
    .map_err(failed(DOING))?;
    let counts = |rows: Vec<(String, i64)>| {
        rows.into_iter()
            .map(|(of, letters)| Ok((of, as_count(letters, "letters")?)))
            .collect::<LedgerResult<BTreeMap<_, _>>>()
    };
    Ok(Recent::new(counts(by_account)?, counts(by_address)?, open.into_iter().collect()))
}
