//! Vendors: the steps of taking them on, and transmission tests.

use std::collections::BTreeMap;

use super::db::Row;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::change::Change;
use super::rows::{column, count, instant, maybe_instant, maybe_size, named};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::request::Format;
use crate::ports::ledger::{
    LedgerResult, OnboardingStep, StepDone, TestReceipt, TestStatus, VendorLedger, VendorTest, VendorTraffic,
};

#[async_trait]
impl VendorLedger for SqlLedger {
    async fn record_steps(
        &self,
        vendor: &str,
        steps: &[(OnboardingStep, String)],
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded that a vendor was taken on", at).await?;
        for (step, detail) in steps {
            record_step(&mut change, vendor, *step, detail).await?;
        }
        change.commit().await
    }

    async fn onboarding(&self, vendor: &str) -> LedgerResult<BTreeMap<OnboardingStep, StepDone>> {
        let rows = sqlx::query("SELECT step, at, detail FROM vendor_onboarding WHERE vendor = $1 ORDER BY id")
            .bind(vendor)
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked up a vendor"))?;
        rows.iter()
            .map(|row| {
                let step = named(row, "step", OnboardingStep::from_name)?;
                Ok((step, StepDone { at: instant(row, "at")?, detail: column(row, "detail")? }))
            })
            .collect()
    }

    async fn traffic(&self, vendor: &str) -> LedgerResult<VendorTraffic> {
        let doing = "counted a vendor's packages";
        let row = sqlx::query(
            "SELECT count(*) AS packages, max(delivered_at) AS last_delivered_at FROM batch
             WHERE vendor = $1 AND delivered_at IS NOT NULL",
        )
        .bind(vendor)
        .fetch_one(&self.reader)
        .await
        .map_err(failed(doing))?;
        let receipt = sqlx::query(
            "SELECT receipt_file.file_name, receipt_file.read_at FROM receipt_file
             JOIN batch ON batch.id = receipt_file.batch_id
             WHERE batch.vendor = $1 AND receipt_file.refused_because IS NULL ORDER BY receipt_file.id DESC LIMIT 1",
        )
        .bind(vendor)
        .fetch_optional(&self.reader)
        .await
        .map_err(failed(doing))?;
        Ok(VendorTraffic {
            packages: column::<i64>(&row, "packages")?.cast_unsigned(),
            last_delivered_at: maybe_instant(&row, "last_delivered_at")?,
            last_receipt: receipt.as_ref().map(|row| column(row, "file_name")).transpose()?,
            last_receipt_at: receipt.as_ref().map(|row| instant(row, "read_at")).transpose()?,
        })
    }

    async fn next_test_number(&self, vendor: &str) -> LedgerResult<u32> {
        let row = sqlx::query(
            "SELECT coalesce(
                 (SELECT number FROM vendor_test WHERE vendor = $1 AND status = 'made' ORDER BY id DESC LIMIT 1),
                 (SELECT max(number) + 1 FROM (
                     SELECT number FROM vendor_test WHERE vendor = $1
                     UNION ALL SELECT number FROM lost_number WHERE vendor = $1
                     UNION ALL SELECT number FROM batch
                         WHERE vendor = $1 AND (SELECT environment FROM site) <> 'live') AS taken),
                 1) AS number",
        )
        .bind(vendor)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("numbered a transmission test"))?;
        count(&row, "number")
    }

    async fn newest_test(&self, vendor: &str) -> LedgerResult<Option<VendorTest>> {
        let row = sqlx::query("SELECT * FROM vendor_test WHERE vendor = $1 ORDER BY id DESC LIMIT 1")
            .bind(vendor)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a transmission test"))?;
        row.as_ref().map(vendor_test).transpose()
    }

    async fn vendor_test(&self, name: &str) -> LedgerResult<Option<VendorTest>> {
        let row = sqlx::query("SELECT * FROM vendor_test WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a transmission test"))?;
        row.as_ref().map(vendor_test).transpose()
    }

    async fn record_test(&self, test: &VendorTest, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded a transmission test", at).await?;
        let statement = sqlx::query(
            "INSERT INTO vendor_test (vendor, number, name, format, status, status_at, letters, sheets, size_bytes,
                 sha256, checkpoint, sealed_by, sealed_to)
             VALUES ($1, $2, $3, $4, 'made', $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (name) DO UPDATE SET format = excluded.format, status_at = excluded.status_at,
                 letters = excluded.letters, sheets = excluded.sheets, size_bytes = excluded.size_bytes,
                 sha256 = excluded.sha256, checkpoint = excluded.checkpoint, sealed_by = excluded.sealed_by,
                 sealed_to = excluded.sealed_to
             WHERE vendor_test.status = 'made'",
        )
        .bind(&test.vendor)
        .bind(i64::from(test.number))
        .bind(&test.name)
        .bind(test.format.as_str())
        .bind(change.at)
        .bind(i64::from(test.letters))
        .bind(i64::from(test.sheets))
        .bind(test.size_bytes.cast_signed())
        .bind(&test.sha256)
        .bind(&test.checkpoint)
        .bind(&test.sealed_by)
        .bind(&test.sealed_to);
        change.run_one(statement, &test.name).await?;
        let draft = test_draft("vendor.test_made", &test.name)
            .with("sha256", test.sha256.as_str())
            .with("letters", test.letters)
            .with("sealed_by", test.sealed_by.as_str())
            .with("sealed_to", test.sealed_to.as_str())
            .with("vendor", test.vendor.as_str())
            .after("status", "made");
        change.audit(draft);
        change.commit().await
    }

    async fn record_test_offer(&self, name: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded the offer of a transmission test", at).await?;
        move_test(&mut change, name, "'made'", TestStatus::Offered).await?;
        change.audit(test_draft("vendor.test_offered", name).changes("status", "made", "offered"));
        change.commit().await
    }

    async fn record_test_sent(&self, name: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded the delivery of a transmission test", at).await?;
        move_test(&mut change, name, "'offered'", TestStatus::Sent).await?;
        let vendor = vendor_of(&mut change, name).await?;
        record_step(&mut change, &vendor, OnboardingStep::TestSent, name).await?;
        change.commit().await
    }

    async fn is_known_test_receipt(&self, name: &str, receipt: &TestReceipt) -> LedgerResult<bool> {
        let (known,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM vendor_test_receipt
                 JOIN vendor_test ON vendor_test.id = vendor_test_receipt.vendor_test_id
                 WHERE vendor_test.name = $1 AND file_name = $2 AND vendor_test_receipt.sha256 = $3
                     AND signature_sha256 = $4)",
        )
        .bind(name)
        .bind(&receipt.file_name)
        .bind(&receipt.sha256)
        .bind(&receipt.signature_sha256)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("looked up a receipt of a transmission test"))?;
        Ok(known)
    }

    async fn take_test_receipt(&self, name: &str, receipt: &TestReceipt, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("took a receipt of a transmission test", at).await?;
        let statement = sqlx::query(
            "INSERT INTO vendor_test_receipt (vendor_test_id, file_name, sha256, signature_sha256, read_at,
                 refused_because)
             SELECT id, $2, $3, $4, $5, $6 FROM vendor_test WHERE name = $1",
        )
        .bind(name)
        .bind(&receipt.file_name)
        .bind(&receipt.sha256)
        .bind(&receipt.signature_sha256)
        .bind(change.at)
        .bind(receipt.verdict.as_ref().err());
        change.run_one(statement, &receipt.file_name).await?;
        let draft = test_draft("vendor.test_receipt", name)
            .with("file", receipt.file_name.as_str())
            .with("sha256", receipt.sha256.as_str());
        match &receipt.verdict {
            Err(reason) => {
                change.audit(draft.with("refused_because", reason.as_str()));
            }
            Ok(is_accepted) => {
                let status = if *is_accepted { TestStatus::Accepted } else { TestStatus::Refused };
                // The vendor had it, whatever we know of its delivery.
                move_test(&mut change, name, "'offered', 'sent', 'accepted', 'refused'", status).await?;
                let vendor = vendor_of(&mut change, name).await?;
                let detail = format!("{name} {status}");
                record_step(&mut change, &vendor, OnboardingStep::TestReceipted, &detail).await?;
                change.audit(draft.after("status", status.as_str()));
            }
        }
        change.commit().await
    }
}

async fn record_step(change: &mut Change, vendor: &str, step: OnboardingStep, detail: &str) -> LedgerResult<()> {
    let statement = sqlx::query("INSERT INTO vendor_onboarding (vendor, step, at, detail) VALUES ($1, $2, $3, $4)")
        .bind(vendor)
        .bind(step.as_str())
        .bind(change.at)
        .bind(detail);
    change.run_one(statement, vendor).await?;
    let draft = Draft::new("vendor.onboarded").with("vendor", vendor).with("step", step.as_str());
    change.audit(draft.with("detail", detail).after("onboarding", step.as_str()));
    Ok(())
}

/// Moves a test that is in one of the states `from`, which are written as SQL.
async fn move_test(change: &mut Change, name: &str, from: &'static str, to: TestStatus) -> LedgerResult<()> {
    let sql = format!("UPDATE vendor_test SET status = $1, status_at = $2 WHERE name = $3 AND status IN ({from})");
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(to.as_str()).bind(change.at).bind(name.to_owned());
    change.run_one(statement, name).await
}

async fn vendor_of(change: &mut Change, name: &str) -> LedgerResult<String> {
    let (vendor,): (String,) = sqlx::query_as("SELECT vendor FROM vendor_test WHERE name = $1")
        .bind(name)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(vendor)
}

fn test_draft(kind: &'static str, name: &str) -> Draft {
    Draft::new(kind).with("package", name)
}

fn vendor_test(row: &Row) -> LedgerResult<VendorTest> {
    Ok(VendorTest {
        name: column(row, "name")?,
        vendor: column(row, "vendor")?,
        number: count(row, "number")?,
        format: named(row, "format", Format::from_name)?,
        status: named(row, "status", TestStatus::from_name)?,
        status_at: instant(row, "status_at")?,
        letters: count(row, "letters")?,
        sheets: count(row, "sheets")?,
        size_bytes: maybe_size(row, "size_bytes")?.unwrap_or_default(),
        sha256: column(row, "sha256")?,
        checkpoint: column(row, "checkpoint")?,
        sealed_by: column(row, "sealed_by")?,
        sealed_to: column(row, "sealed_to")?,
    })
}
