//! Purges: by which day a vendor was to have destroyed a package, and its certificate that it did.

use chrono::NaiveDate;

use super::change::Change;
use super::db::{On, Row};
use super::production::package_draft;
use super::rows::{column, maybe_date, maybe_instant};
use super::{SqlLedger, failed};
use crate::ports::ledger::{LedgerError, LedgerResult, Purge, PurgeCertificate};

/// Why a person records that a package was destroyed.
const CERTIFIED: &str = "the vendor's certificate of destruction";

const PURGE_COLUMNS: &str = "SELECT batch.name AS package, batch.vendor, batch.offered_at, batch.purge_by_on,
    batch.purge_told_at, package_purge.purged_on, purge_certificate.file_name, purge_certificate.sha256,
    purge_certificate.signature_sha256, purge_certificate.signed_by, purge_certificate.recorded_by
    FROM batch LEFT JOIN package_purge ON package_purge.batch_id = batch.id
    LEFT JOIN purge_certificate ON purge_certificate.id = package_purge.certificate_id";

/// What is on record of a package's end at its vendor.
pub(super) async fn purge(ledger: &SqlLedger, package: &str) -> LedgerResult<Option<Purge>> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{PURGE_COLUMNS} WHERE batch.name = $1")))
        .bind(package)
        .fetch_optional(&ledger.reader)
        .await
        .map_err(failed("looked up a package's end"))?;
    row.as_ref().map(read).transpose()
}

/// Packages that a vendor had, was to have destroyed before this day, and gave no certificate for.
pub(super) async fn unpurged(ledger: &SqlLedger, before: NaiveDate) -> LedgerResult<Vec<Purge>> {
    let sql = format!(
        "{PURGE_COLUMNS} WHERE batch.purge_by_on < $1 AND batch.delivered_at IS NOT NULL
         AND package_purge.batch_id IS NULL ORDER BY batch.purge_by_on, batch.id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(On(before))
        .fetch_all(&ledger.reader)
        .await
        .map_err(failed("looked for packages without a certificate"))?;
    rows.iter().map(read).collect()
}

/// Records a certificate for these packages, with an entry for each.
pub(super) async fn record(
    change: &mut Change,
    certificate: &PurgeCertificate,
    packages: &[String],
    purged_on: NaiveDate,
) -> LedgerResult<()> {
    let certificate_id = find_or_insert(change, certificate).await?;
    for package in packages {
        let statement = sqlx::query(
            "INSERT INTO package_purge (batch_id, certificate_id, purged_on)
             SELECT id, $1, $2 FROM batch WHERE name = $3 AND vendor = $4 AND offered_at IS NOT NULL",
        )
        .bind(certificate_id)
        .bind(On(purged_on))
        .bind(package)
        .bind(&certificate.vendor);
        change.run_one(statement, &format!("package {package}")).await?;
        let mut draft = package_draft("package.purged", package)
            .because(CERTIFIED)
            .after("purged_on", purged_on)
            .with("certificate_sha256", certificate.sha256.as_str())
            .with("by", certificate.recorded_by.as_str());
        if let Some(signer) = &certificate.signed_by {
            draft = draft
                .with("signed_by", signer.as_str())
                .with("signature_sha256", certificate.signature_sha256.as_str());
        }
        change.audit(draft);
    }
    Ok(())
}

/// The same certificate may be recorded for more packages later.
async fn find_or_insert(change: &mut Change, certificate: &PurgeCertificate) -> LedgerResult<i64> {
    let found: Option<(i64, String)> = sqlx::query_as("SELECT id, vendor FROM purge_certificate WHERE sha256 = $1")
        .bind(&certificate.sha256)
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    match found {
        Some((_, vendor)) if vendor != certificate.vendor => Err(LedgerError::NotAllowed(format!(
            "this certificate is on record as vendor {vendor}'s, and the packages are vendor {}'s; ask the vendor for its own",
            certificate.vendor
        ))),
        Some((id, _)) => Ok(id),
        None => {
            let (id,): (i64,) = sqlx::query_as(
                "INSERT INTO purge_certificate (vendor, file_name, sha256, signature_sha256, signed_by, recorded_by,
                     recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            )
            .bind(&certificate.vendor)
            .bind(&certificate.file_name)
            .bind(&certificate.sha256)
            .bind(&certificate.signature_sha256)
            .bind(&certificate.signed_by)
            .bind(&certificate.recorded_by)
            .bind(change.at)
            .fetch_one(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
            Ok(id)
        }
    }
}

fn read(row: &Row) -> LedgerResult<Purge> {
    let vendor: String = column(row, "vendor")?;
    let purged_on = maybe_date(row, "purged_on")?;
    let certificate = match purged_on {
        None => None,
        Some(_) => Some(PurgeCertificate {
            vendor: vendor.clone(),
            file_name: column(row, "file_name")?,
            sha256: column(row, "sha256")?,
            signature_sha256: column(row, "signature_sha256")?,
            signed_by: column(row, "signed_by")?,
            recorded_by: column(row, "recorded_by")?,
        }),
    };
    Ok(Purge {
        package: column(row, "package")?,
        vendor,
        offered_at: maybe_instant(row, "offered_at")?,
        purge_by_on: maybe_date(row, "purge_by_on")?,
        purged_on,
        certificate,
        told_at: maybe_instant(row, "purge_told_at")?,
    })
}
