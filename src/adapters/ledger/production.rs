//! Production: batches are claimed, finished and committed under their owner and attempt.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{On, ROWS_A_STATEMENT, Row, Texts, ids, texts};
use super::dialect::{each, is_at_work, skip_locked};
use super::intake::held_draft;
use super::lists::Values;
use super::rows::{column, count, maybe_size, member, named};
use super::{SqlLedger, failed, life, sealing};
use crate::audit::entry::Draft;
use crate::domain::package_size::Measured;
use crate::domain::request::{Format, Language};
use crate::domain::routing::Kind;
use crate::ports::ledger::{ClaimedBatch, Lane, LedgerResult, Member, ProductionLedger, SealedBatch};

/// Pending requests of the kinds in $1.
const OF_KINDS: &str = concat!("status = 'pending' AND format || ' ' || language || ' ' || country IN ", each!("$1"));

#[async_trait]
impl ProductionLedger for SqlLedger {
    async fn unfinished_batches(&self) -> LedgerResult<Vec<i64>> {
        let sql = format!("SELECT id FROM batch WHERE status = 'claimed' AND NOT {} ORDER BY id", is_at_work!("owner"));
        let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for unfinished packages"))?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    async fn take_over(&self, batch_id: i64, owner: &str, at: DateTime<Utc>) -> LedgerResult<ClaimedBatch> {
        let mut change = self.change("took over an unfinished package", at).await?;
        let statement = sqlx::query(
            "UPDATE batch SET owner = $1, attempt = attempt + 1, status_at = $2 WHERE id = $3 AND status = 'claimed'",
        )
        .bind(owner)
        .bind(change.at)
        .bind(batch_id);
        change.run_one(statement, &format!("batch {batch_id}")).await?;
        let batch = claimed_batch(&mut change, batch_id).await?;
        change.audit(taken_over_draft(&batch));
        change.commit().await?;
        Ok(batch)
    }

    async fn pending_kinds(&self) -> LedgerResult<Vec<(Kind, u64)>> {
        let rows = sqlx::query(
            "SELECT format, language, country, count(*) AS waiting FROM request WHERE status = 'pending'
             GROUP BY format, language, country ORDER BY format, language, country",
        )
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted pending requests"))?;
        rows.iter().map(|row| Ok((kind(row)?, column::<i64>(row, "waiting")?.cast_unsigned()))).collect()
    }

    async fn recent_nights(&self, nights: u32) -> LedgerResult<Vec<u64>> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT count(letter.id) FROM run JOIN batch ON batch.run_id = run.id
             JOIN letter ON letter.batch_id = batch.id
             WHERE run.status = 'completed' GROUP BY run.id ORDER BY run.id DESC LIMIT $1",
        )
        .bind(i64::from(nights))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted earlier nights"))?;
        Ok(rows.into_iter().map(|(letters,)| letters.cast_unsigned()).collect())
    }

    async fn claim(
        &self,
        lane: &Lane,
        name: &(dyn Fn(u32) -> String + Sync),
        owner: &str,
        checkpoint: &str,
        run_id: Option<i64>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Option<ClaimedBatch>> {
        let mut change = self.change("claimed requests", at).await?;
        let requests = pending_in_lane(&mut change, lane).await?;
        if requests.is_empty() {
            return Ok(None);
        }
        let number = next_number(&mut change, &lane.vendor).await?;
        let (batch_id,): (i64,) = sqlx::query_as(
            "INSERT INTO batch (vendor, number, name, format, status, status_at, owner, attempt, run_id, claimed_at,
                 checkpoint) VALUES ($1, $2, $3, $4, 'claimed', $5, $6, 1, $7, $5, $8) RETURNING id",
        )
        .bind(&lane.vendor)
        .bind(i64::from(number))
        .bind(name(number))
        .bind(lane.format.as_str())
        .bind(change.at)
        .bind(owner)
        .bind(run_id)
        .bind(checkpoint)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
        let statement = sqlx::query(concat!(
            "UPDATE request SET status = 'claimed', status_at = $1, batch_id = $2
             WHERE status = 'pending' AND id IN ",
            each!("$3")
        ))
        .bind(change.at)
        .bind(batch_id)
        .bind(ids(&requests));
        change.run_exactly(requests.len() as u64, statement, "pending requests").await?;
        let draft = package_draft("package.claimed", &name(number)).with("requests", requests.len() as u64);
        let draft = draft.with("vendor", lane.vendor.as_str()).after("status", "claimed");
        change.audit(draft.changes("request_status", "pending", "claimed"));
        let batch = claimed_batch(&mut change, batch_id).await?;
        change.commit().await?;
        Ok(Some(batch))
    }

    async fn hold_members(
        &self,
        batch: &ClaimedBatch,
        held: &[(i64, String)],
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("held requests of a package", at).await?;
        require_owner(&mut change, batch).await?;
        let held: Vec<Held> =
            held.iter().map(|(id, reason)| Held { id: *id, reference: reference_of(batch, *id), reason }).collect();
        hold(&mut change, &held, "claimed", act_by_on).await?;
        change.commit().await
    }

    async fn put_back_members(&self, batch: &ClaimedBatch, members: &[i64], at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("put requests of a package back", at).await?;
        require_owner(&mut change, batch).await?;
        let statement = sqlx::query(concat!(
            "UPDATE request SET status = 'pending', status_at = $1, batch_id = NULL
             WHERE status = 'claimed' AND batch_id = $2 AND id IN ",
            each!("$3")
        ))
        .bind(change.at)
        .bind(batch.batch_id)
        .bind(ids(members));
        change.run_exactly(members.len() as u64, statement, &batch.name).await?;
        let draft = package_draft("package.cut", &batch.name).with("requests", members.len() as u64);
        change.audit(draft.changes("request_status", "claimed", "pending"));
        change.commit().await
    }

    async fn measured_packages(&self, vendor: &str, format: Format, most: u32) -> LedgerResult<Vec<Measured>> {
        let rows = sqlx::query(
            "SELECT letters, size_bytes FROM batch WHERE vendor = $1 AND format = $2 AND size_bytes IS NOT NULL
             ORDER BY id DESC LIMIT $3",
        )
        .bind(vendor)
        .bind(format.as_str())
        .bind(i64::from(most))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("measured earlier packages"))?;
        rows.iter()
            .map(|row| {
                Ok(Measured {
                    letters: count(row, "letters")?,
                    bytes: maybe_size(row, "size_bytes")?.unwrap_or_default(),
                })
            })
            .collect()
    }

    async fn hold_unserved(
        &self,
        unserved: &[(Kind, String)],
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<Vec<(String, String)>> {
        let mut change = self.change("held requests that no vendor takes", at).await?;
        let mut held = Vec::new();
        for (kind, reason) in unserved {
            let sql = format!("SELECT id, reference FROM request WHERE {OF_KINDS} ORDER BY id");
            let requests: Vec<(i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(kind_list(std::slice::from_ref(kind)))
                .fetch_all(&mut *change.tx)
                .await
                .map_err(failed(change.doing))?;
            let to_hold: Vec<Held> =
                requests.iter().map(|(id, reference)| Held { id: *id, reference, reason }).collect();
            hold(&mut change, &to_hold, "pending", act_by_on).await?;
            held.extend(requests.into_iter().map(|(_, reference)| (reference, reason.clone())));
        }
        change.commit().await?;
        Ok(held)
    }

    async fn void_empty(&self, batch: &ClaimedBatch, reason: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("gave up an empty package", at).await?;
        let statement = sqlx::query(
            "UPDATE batch SET status = 'void', status_at = $1, void_reason = $2
             WHERE id = $3 AND status = 'claimed' AND owner = $4 AND attempt = $5
               AND NOT EXISTS (SELECT 1 FROM request WHERE batch_id = $3)",
        )
        .bind(change.at)
        .bind(reason)
        .bind(batch.batch_id)
        .bind(&batch.owner)
        .bind(i64::from(batch.attempt));
        change.run_one(statement, &batch.name).await?;
        let draft = package_draft("package.voided", &batch.name).with("reason", reason);
        change.audit(draft.changes("status", "claimed", "void"));
        change.commit().await
    }

    async fn commit(&self, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
        let mut change = self.change_beside_others("recorded a sealed package", sealed.made_at).await?;
        if self.shown.has(&batch.owner) {
            life::require(&mut change.tx, &batch.owner).await?;
        }
        sealing::record(&mut change, batch, sealed).await?;
        change.commit().await
    }

    async fn objects_in_use(&self) -> LedgerResult<BTreeSet<String>> {
        // One statement, so that a package that is recorded meanwhile is in one half of it or in the other.
        let sql = format!(
            "SELECT spool_object FROM batch
             WHERE status <> 'void' AND spool_object IS NOT NULL AND spool_removed_at IS NULL
             UNION ALL
             SELECT name || '.' || CAST(attempt AS TEXT) FROM batch WHERE status = 'claimed' AND {}",
            is_at_work!("owner")
        );
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed its packages"))?;
        Ok(rows.into_iter().map(|(object,)| object).collect())
    }
}

/// The first pending requests of a lane, by id.
async fn pending_in_lane(change: &mut Change, lane: &Lane) -> LedgerResult<Vec<i64>> {
    let sql = format!("SELECT id FROM request WHERE {OF_KINDS} ORDER BY id LIMIT $2{}", skip_locked!());
    let rows: Vec<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(kind_list(&lane.kinds))
        .bind(i64::from(lane.limit))
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

async fn next_number(change: &mut Change, vendor: &str) -> LedgerResult<u32> {
    // On a site that is not live, transmission tests are numbered among the packages: their names are of one shape.
    let row = sqlx::query(
        "SELECT coalesce(max(number), 0) + 1 AS number FROM (
             SELECT number FROM batch WHERE vendor = $1
             UNION ALL SELECT number FROM lost_number WHERE vendor = $1
             UNION ALL SELECT number FROM vendor_test WHERE vendor = $1 AND (SELECT environment FROM site) <> 'live'
         ) AS numbers",
    )
    .bind(vendor)
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    count(&row, "number")
}

pub(super) async fn claimed_batch(change: &mut Change, batch_id: i64) -> LedgerResult<ClaimedBatch> {
    let row = sqlx::query("SELECT * FROM batch WHERE id = $1")
        .bind(batch_id)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    let members = sqlx::query("SELECT * FROM request WHERE batch_id = $1 AND status = 'claimed' ORDER BY id")
        .bind(batch_id)
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    batch_from(&row, members.iter().map(member).collect::<LedgerResult<_>>()?)
}

fn batch_from(row: &Row, members: Vec<Member>) -> LedgerResult<ClaimedBatch> {
    Ok(ClaimedBatch {
        batch_id: column(row, "id")?,
        vendor: column(row, "vendor")?,
        name: column(row, "name")?,
        number: count(row, "number")?,
        format: named(row, "format", Format::from_name)?,
        owner: column(row, "owner")?,
        attempt: count(row, "attempt")?,
        checkpoint: column(row, "checkpoint")?,
        members,
    })
}

/// Fails unless the batch is still being made by its owner under this attempt.
pub(super) async fn require_owner(change: &mut Change, batch: &ClaimedBatch) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE batch SET status_at = $1 WHERE id = $2 AND status = 'claimed' AND owner = $3 AND attempt = $4",
    )
    .bind(change.at)
    .bind(batch.batch_id)
    .bind(&batch.owner)
    .bind(i64::from(batch.attempt));
    change.run_one(statement, &batch.name).await
}

/// A request that a person has to look at.
struct Held<'a> {
    id: i64,
    reference: &'a str,
    reason: &'a str,
}

async fn hold(change: &mut Change, held: &[Held<'_>], from: &str, act_by_on: NaiveDate) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Held<'_>| {
        row.push_bind(it.id).push_bind(at).push_bind(it.reason).push_bind(On(act_by_on)).push_bind(from);
    };
    let update = "UPDATE request SET status = 'held', status_at = given.at, held_at = given.at, reason = given.reason,
             held_by = 'rule', act_by_on = given.act_by_on, batch_id = NULL
         FROM given WHERE request.id = given.id AND request.status = given.was";
    for portion in held.chunks(ROWS_A_STATEMENT) {
        change.update_all("id, at, reason, act_by_on, was", portion, bind, update, "requests to be held").await?;
        for Held { reference, .. } in portion {
            change.audit(held_draft(reference, act_by_on).changes("status", from, "held"));
            change.notice("held", reference, None, &format!("a person decides by {act_by_on}")).await?;
        }
        change.write_entries().await?;
    }
    Ok(())
}

pub(super) fn package_draft(kind: &'static str, name: &str) -> Draft {
    Draft::new(kind).with("package", name)
}

/// That a package is made anew under another attempt.
pub(super) fn taken_over_draft(batch: &ClaimedBatch) -> Draft {
    package_draft("package.taken_over", &batch.name).with("attempt", batch.attempt).changes(
        "attempt",
        batch.attempt - 1,
        batch.attempt,
    )
}

fn reference_of(batch: &ClaimedBatch, request_id: i64) -> &str {
    batch.members.iter().find(|member| member.request_id == request_id).map_or("", |member| &member.reference)
}

fn kind(row: &Row) -> LedgerResult<Kind> {
    Ok(Kind {
        format: named(row, "format", Format::from_name)?,
        language: named(row, "language", Language::from_name)?,
        country: column(row, "country")?,
    })
}

/// Kinds as [`OF_KINDS`] reads them.
fn kind_list(kinds: &[Kind]) -> Texts {
    texts(&kinds.iter().map(|kind| format!("{} {} {}", kind.format, kind.language, kind.country)).collect::<Vec<_>>())
}
