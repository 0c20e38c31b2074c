//! What a portal reads of the ledger.

use super::db::Row;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::rows::{column, instant};
use super::{SqlLedger, failed};
use crate::ports::ledger::{LedgerResult, Notice, PortalLedger, Standing};

#[async_trait]
impl PortalLedger for SqlLedger {
    async fn notices(&self, after: i64, limit: u32) -> LedgerResult<Vec<Notice>> {
        let rows = sqlx::query("SELECT * FROM notices WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed notices"))?;
        rows.iter().map(notice).collect()
    }

    async fn standing(&self, reference: &str) -> LedgerResult<Option<Standing>> {
        let row = sqlx::query("SELECT stage, since, next FROM letter_status WHERE reference = $1")
            .bind(reference)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a request"))?;
        row.map(|row| {
            Ok(Standing { stage: column(&row, "stage")?, since: instant(&row, "since")?, next: column(&row, "next")? })
        })
        .transpose()
    }

    async fn refused_row(&self, reference: &str) -> LedgerResult<Option<(DateTime<Utc>, String)>> {
        let row = sqlx::query(
            "SELECT intake_file.taken_at, quarantined_row.problems FROM quarantined_row
             JOIN intake_file ON intake_file.id = quarantined_row.intake_file_id
             WHERE quarantined_row.reference = $1 ORDER BY intake_file.id DESC, quarantined_row.line DESC LIMIT 1",
        )
        .bind(reference)
        .fetch_optional(&self.reader)
        .await
        .map_err(failed("looked up a refused row"))?;
        row.map(|row| Ok((instant(&row, "taken_at")?, column(&row, "problems")?))).transpose()
    }
}

fn notice(row: &Row) -> LedgerResult<Notice> {
    Ok(Notice {
        id: column(row, "id")?,
        at: instant(row, "at")?,
        kind: column(row, "kind")?,
        reference: column(row, "reference")?,
        letter_id: column(row, "letter_id")?,
        detail: column(row, "detail")?,
    })
}
