//! Terms of files: what is kept, what is due, and what became of it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{At, Row};
use super::purges;
use super::rows::{column, instant, named};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::ports::ledger::{KeptFile, KeptKind, LedgerResult, NewFile, Portion, Purge, PurgeCertificate, TermLedger};

/// A file that is kept yet.
const IS_KEPT: &str = "removed_at IS NULL AND left_at IS NULL";
/// The requests of letters on legal hold.
const HELD_REQUESTS: &str =
    "(SELECT letter.request_id FROM letter_on_legal_hold JOIN letter ON letter.id = letter_on_legal_hold.letter_id)";
/// The packages of letters on legal hold.
pub(super) const HELD_PACKAGES: &str =
    "(SELECT letter.batch_id FROM letter_on_legal_hold JOIN letter ON letter.id = letter_on_legal_hold.letter_id)";

/// What keeps a file of a kind beyond its term: `None` where nothing does.
fn hold_of(kind: KeptKind) -> Option<String> {
    match kind {
        KeptKind::Import => Some(format!(
            "SELECT intake_file.sha256 FROM request JOIN intake_file ON intake_file.id = request.intake_file_id
             WHERE request.id IN {HELD_REQUESTS}"
        )),
        KeptKind::Receipt => {
            Some(format!("SELECT receipt_file.sha256 FROM receipt_file WHERE receipt_file.batch_id IN {HELD_PACKAGES}"))
        }
        KeptKind::Certificate => Some(format!(
            "SELECT purge_certificate.sha256 FROM package_purge
             JOIN purge_certificate ON purge_certificate.id = package_purge.certificate_id
             WHERE package_purge.batch_id IN {HELD_PACKAGES}"
        )),
        KeptKind::Quarantine | KeptKind::Backup => None,
    }
}

/// The kinds of entries about a kind of file: that it was removed, and that it was left.
fn entry_kinds(kind: KeptKind) -> (&'static str, &'static str) {
    match kind {
        KeptKind::Import => ("import.removed", "import.left"),
        KeptKind::Quarantine => ("quarantine.removed", "quarantine.left"),
        KeptKind::Receipt => ("receipt.removed", "receipt.left"),
        KeptKind::Certificate => ("certificate.removed", "certificate.left"),
        KeptKind::Backup => ("backup.removed", "backup.left"),
    }
}

#[async_trait]
impl TermLedger for SqlLedger {
    async fn keep_files(&self, files: &[(NewFile, DateTime<Utc>)], at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded files that are kept", at).await?;
        for (file, kept_at) in files {
            keep(&mut change, file, At(*kept_at)).await?;
        }
        change.commit().await
    }

    async fn kept_files(&self, kind: KeptKind) -> LedgerResult<Vec<KeptFile>> {
        let sql = format!("SELECT * FROM kept_file WHERE kind = $1 AND {IS_KEPT} ORDER BY kept_at, id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(kind.as_str())
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed files that are kept"))?;
        rows.iter().map(kept_file).collect()
    }

    async fn spent_files(&self, kind: KeptKind, kept_before: DateTime<Utc>) -> LedgerResult<Vec<KeptFile>> {
        let hold = hold_of(kind).map(|hold| format!("AND of_sha256 NOT IN ({hold})")).unwrap_or_default();
        let sql = format!(
            "SELECT * FROM kept_file WHERE kind = $1 AND kept_at < $2 AND {IS_KEPT} {hold} ORDER BY kept_at, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(kind.as_str())
            .bind(At(kept_before))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for files whose term is over"))?;
        rows.iter().map(kept_file).collect()
    }

    async fn file_removed(
        &self,
        file: &KeptFile,
        due_on: NaiveDate,
        was_there: bool,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded that a file was removed", at).await?;
        let sql = format!("UPDATE kept_file SET removed_at = $1 WHERE id = $2 AND {IS_KEPT}");
        let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(change.at).bind(file.id);
        change.run_one(statement, &file.file.path).await?;
        let (removed, _) = entry_kinds(file.file.kind);
        let became = if was_there { "removed" } else { "missing" };
        change.audit(file_draft(removed, file, due_on).changes("file", "kept", became));
        change.commit().await
    }

    async fn file_left(&self, file: &KeptFile, due_on: NaiveDate, why: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that a file was left", at).await?;
        leave(&mut change, file, why).await?;
        let (_, left) = entry_kinds(file.file.kind);
        change.audit(file_draft(left, file, due_on).changes("file", "kept", "left").with("because", why));
        change.commit().await
    }

    async fn erased_since(&self, at: DateTime<Utc>) -> LedgerResult<u64> {
        let (erased,): (i64,) = sqlx::query_as("SELECT count(*) FROM request WHERE erased_at > $1")
            .bind(At(at))
            .fetch_one(&self.reader)
            .await
            .map_err(failed("counted requests that were forgotten"))?;
        Ok(erased.cast_unsigned())
    }

    async fn lacks_copy(&self, receipt_name: &str, sha256: &str) -> LedgerResult<bool> {
        let (lacks,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM receipt_file WHERE file_name = $1 AND sha256 = $2 AND refused_because IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM kept_file WHERE kind = 'receipt' AND sha256 = $2)",
        )
        .bind(receipt_name)
        .bind(sha256)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("looked for the copy of a receipt"))?;
        Ok(lacks)
    }

    async fn receipt_of_letter(&self, letter_id: &str) -> LedgerResult<Option<(String, String)>> {
        sqlx::query_as(
            "SELECT receipt_file.file_name, receipt_file.sha256 FROM letter
             JOIN receipt_file ON receipt_file.id = letter.mailed_file_id WHERE letter.id = $1",
        )
        .bind(letter_id)
        .fetch_optional(&self.reader)
        .await
        .map_err(failed("looked up the receipt of a letter"))
    }

    async fn spent_portions(&self, taken_before: DateTime<Utc>) -> LedgerResult<Vec<Portion>> {
        let sql = format!(
            "SELECT id, sha256, rows, taken_at, last_row AS through, (SELECT coalesce(max(earlier.last_row), 0)
                 FROM intake_file AS earlier WHERE earlier.last_row < intake_file.last_row) AS after
             FROM intake_file
             WHERE last_row IS NOT NULL AND rows_removed_at IS NULL AND taken_at < $1
               AND last_row <= (SELECT coalesce(max(last_id), 0) FROM intake_position WHERE source = 'mail_requests')
               AND id NOT IN (SELECT intake_file_id FROM request WHERE request.id IN {HELD_REQUESTS})
             ORDER BY last_row"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(At(taken_before))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for rows whose term is over"))?;
        rows.iter().map(portion).collect()
    }

    async fn portion_removed(&self, portion: &Portion, due_on: NaiveDate, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that rows were deleted", at).await?;
        let statement =
            sqlx::query("UPDATE intake_file SET rows_removed_at = $1 WHERE id = $2 AND rows_removed_at IS NULL")
                .bind(change.at)
                .bind(portion.intake_file_id);
        change.run_one(statement, "the portal's table").await?;
        let draft = Draft::new("intake.rows_removed")
            .with("sha256", portion.sha256.as_str())
            .with("rows", portion.rows)
            .with("after", portion.after.cast_unsigned())
            .with("through", portion.through.cast_unsigned())
            .with("due_on", due_on);
        change.audit(draft.changes("rows", "kept", "removed"));
        change.commit().await
    }

    async fn purge(&self, package: &str) -> LedgerResult<Option<Purge>> {
        purges::purge(self, package).await
    }

    async fn unpurged(&self, before: NaiveDate) -> LedgerResult<Vec<Purge>> {
        purges::unpurged(self, before).await
    }

    async fn record_purge(
        &self,
        certificate: &PurgeCertificate,
        packages: &[String],
        purged_on: NaiveDate,
        copies: &[NewFile],
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded a certificate", at).await?;
        purges::record(&mut change, certificate, packages, purged_on).await?;
        for copy in copies {
            let now = change.at;
            keep(&mut change, copy, now).await?;
        }
        change.commit().await
    }

    async fn told_of_purge(&self, packages: &[String], at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that a certificate is missed", at).await?;
        for package in packages {
            let statement =
                sqlx::query("UPDATE batch SET purge_told_at = $1 WHERE name = $2 AND purge_told_at IS NULL")
                    .bind(change.at)
                    .bind(package);
            change.run_one(statement, package).await?;
        }
        change.commit().await
    }
}

/// Keeps a file within a change, unless it is on record. Where another file came under the name of one that people put
/// there, that one is no business of ours any more.
pub(super) async fn keep(change: &mut Change, file: &NewFile, kept_at: At) -> LedgerResult<()> {
    let sql = format!(
        "UPDATE kept_file SET left_at = $1, left_because = 'another file came under its name'
         WHERE kind = $2 AND path = $3 AND sha256 <> $4 AND {IS_KEPT}"
    );
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(change.at)
        .bind(file.kind.as_str())
        .bind(&file.path)
        .bind(&file.sha256);
    change.run(statement).await?;
    let statement = sqlx::query(
        "INSERT INTO kept_file (kind, path, sha256, of_sha256, kept_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(file.kind.as_str())
    .bind(&file.path)
    .bind(&file.sha256)
    .bind(&file.of_sha256)
    .bind(kept_at);
    change.run(statement).await?;
    Ok(())
}

async fn leave(change: &mut Change, file: &KeptFile, why: &str) -> LedgerResult<()> {
    let sql = format!("UPDATE kept_file SET left_at = $1, left_because = $2 WHERE id = $3 AND {IS_KEPT}");
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(change.at).bind(why).bind(file.id);
    change.run_one(statement, &file.file.path).await
}

/// The entry about a file: its digest, what it belonged to, and its day; no name and no path.
fn file_draft(kind: &'static str, file: &KeptFile, due_on: NaiveDate) -> Draft {
    let draft = Draft::new(kind).with("sha256", file.file.sha256.as_str()).with("due_on", due_on);
    if file.file.of_sha256 == file.file.sha256 { draft } else { draft.with("of", file.file.of_sha256.as_str()) }
}

fn kept_file(row: &Row) -> LedgerResult<KeptFile> {
    Ok(KeptFile {
        id: column(row, "id")?,
        file: NewFile {
            kind: named(row, "kind", KeptKind::from_name)?,
            path: column(row, "path")?,
            sha256: column(row, "sha256")?,
            of_sha256: column(row, "of_sha256")?,
        },
        kept_at: instant(row, "kept_at")?,
    })
}

fn portion(row: &Row) -> LedgerResult<Portion> {
    Ok(Portion {
        intake_file_id: column(row, "id")?,
        sha256: column(row, "sha256")?,
        after: column(row, "after")?,
        through: column(row, "through")?,
        rows: column::<i64>(row, "rows")?.cast_unsigned(),
        taken_at: instant(row, "taken_at")?,
    })
}
