//! Templates: approvals of the letter, each with its audit entry.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::rows::{column, instant};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::ports::ledger::{LedgerError, LedgerResult, TemplateApproval, TemplateLedger};

#[async_trait]
impl TemplateLedger for SqlLedger {
    async fn template_approval(&self, version: Option<&str>) -> LedgerResult<Option<TemplateApproval>> {
        let doing = "looked up the approval of a template";
        let found =
            sqlx::query("SELECT * FROM template_approval WHERE $1 IS NULL OR version = $1 ORDER BY id DESC LIMIT 1")
                .bind(version)
                .fetch_optional(&self.reader)
                .await
                .map_err(failed(doing))?;
        let Some(row) = found else { return Ok(None) };
        let parts: Vec<(String, String)> =
            sqlx::query_as("SELECT name, sha256 FROM template_approval_part WHERE approval_id = $1")
                .bind(column::<i64>(&row, "id")?)
                .fetch_all(&self.reader)
                .await
                .map_err(failed(doing))?;
        Ok(Some(TemplateApproval {
            version: column(&row, "version")?,
            approved_by: column(&row, "approved_by")?,
            reason: column(&row, "reason")?,
            approved_at: instant(&row, "approved_at")?,
            parts: parts.into_iter().collect::<BTreeMap<_, _>>(),
        }))
    }

    async fn approve_template(&self, approval: &TemplateApproval) -> LedgerResult<()> {
        let TemplateApproval { version, approved_by, reason, approved_at, parts } = approval;
        let mut change = self.change("recorded the approval of a template", *approved_at).await?;
        let made: Option<(i64,)> = sqlx::query_as(
            "INSERT INTO template_approval (version, approved_by, reason, approved_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (version, approved_by) DO NOTHING RETURNING id",
        )
        .bind(version)
        .bind(approved_by)
        .bind(reason)
        .bind(change.at)
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
        let Some((id,)) = made else {
            return Err(LedgerError::NotAllowed(format!("{approved_by} has approved version {version} before")));
        };
        for (name, sha256) in parts {
            let statement =
                sqlx::query("INSERT INTO template_approval_part (approval_id, name, sha256) VALUES ($1, $2, $3)")
                    .bind(id)
                    .bind(name)
                    .bind(sha256);
            change.run_one(statement, "the parts of an approval").await?;
        }
        let mut draft =
            Draft::new("template.approved").with("version", version.as_str()).with("by", approved_by.as_str());
        draft = draft.after("template", "approved");
        if let Some(reason) = reason {
            draft = draft.because(reason);
        }
        change.audit(draft);
        change.commit().await
    }
}
