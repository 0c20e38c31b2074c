//! The table `mail_requests`, into which a portal inserts requests.

use async_trait::async_trait;

use super::db::Pool;
use super::dialect::mail_requests;
use super::rows::column;
use super::{failed, residue};
use crate::domain::request::{AddressBasis, NewRequest, RawRequest, Recipient};
use crate::ports::ledger::LedgerResult;
use crate::ports::{IntakeTable, TableRow};

/// The portal's table.
pub struct PortalTable {
    pool: Pool,
}

impl PortalTable {
    /// The table behind these connections.
    pub(in crate::adapters) fn behind(pool: Pool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl IntakeTable for PortalTable {
    async fn hand_over(&self, request: &NewRequest) -> LedgerResult<()> {
        let Recipient { full_name, address, language, format } = &request.recipient;
        sqlx::query(concat!(
            "INSERT INTO ",
            mail_requests!(),
            " (reference, username, full_name, address_line_1, address_line_2, city, state, postal_code, country,
                 second_factor, language, format, requested_at, address_basis, address_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ))
        .bind(&request.reference)
        .bind(&request.username)
        .bind(full_name)
        .bind(&address.address_line_1)
        .bind(&address.address_line_2)
        .bind(&address.city)
        .bind(&address.state)
        .bind(&address.postal_code)
        .bind(&address.country)
        .bind(request.second_factor.as_str())
        .bind(language.as_str())
        .bind(format.as_str())
        .bind(request.requested_at.to_rfc3339())
        .bind(request.address_basis.map(AddressBasis::as_str))
        .bind(request.address_since.map(|date| date.to_string()))
        .execute(&self.pool)
        .await
        .map_err(failed("took a request into the portal's table"))?;
        Ok(())
    }

    async fn newest_row(&self, reference: &str) -> LedgerResult<Option<i64>> {
        let (row,): (Option<i64>,) =
            sqlx::query_as(concat!("SELECT max(id) FROM ", mail_requests!(), " WHERE reference = $1"))
                .bind(reference)
                .fetch_one(&self.pool)
                .await
                .map_err(failed("looked into the portal's table"))?;
        Ok(row)
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    async fn rows_after(&self, last_id: i64, limit: u32) -> LedgerResult<Vec<TableRow>> {
        let rows = sqlx::query(concat!("SELECT * FROM ", mail_requests!(), " WHERE id > $1 ORDER BY id LIMIT $2"))
            .bind(last_id)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("read the portal's table"))?;
        rows.iter()
            .map(|row| {
                let request = RawRequest {
                    reference: column(row, "reference")?,
                    username: column(row, "username")?,
                    full_name: column(row, "full_name")?,
                    address_line_1: column(row, "address_line_1")?,
                    address_line_2: column(row, "address_line_2")?,
                    city: column(row, "city")?,
                    state: column(row, "state")?,
                    postal_code: column(row, "postal_code")?,
                    country: column(row, "country")?,
                    phone: None,
                    second_factor: column(row, "second_factor")?,
                    language: column(row, "language")?,
                    format: column(row, "format")?,
                    requested_at: column(row, "requested_at")?,
                    address_basis: column(row, "address_basis")?,
                    address_since: column(row, "address_since")?,
                };
                Ok(TableRow { id: column(row, "id")?, request })
            })
            .collect()
    }

    async fn delete_rows(&self, after: i64, through: i64) -> LedgerResult<()> {
        sqlx::query(concat!("DELETE FROM ", mail_requests!(), " WHERE id > $1 AND id <= $2"))
            .bind(after)
            .bind(through)
            .execute(&self.pool)
            .await
            .map_err(failed("deleted rows of the portal's table"))?;
        Ok(())
    }

    async fn compact(&self) -> LedgerResult<bool> {
        residue::compact(&self.pool).await
    }
}
