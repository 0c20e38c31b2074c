//! Holds: requests and packages that wait for a person, and releases that wait for a second one.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{On, Row};
use super::exceptions::decided;
use super::intake::request_draft;
use super::lists::Values;
use super::production::package_draft;
use super::rows::{column, count, date, instant};
use super::{SqlLedger, failed};
use crate::ports::ledger::{
    AskedRelease, Decision, Held, HeldPackage, HeldRequest, HoldLedger, LedgerError, LedgerResult,
};

/// Releases that were asked for since the present hold began.
const ASKED: &str = "SELECT release_ask.*, coalesce(request.reference, batch.name) AS subject FROM release_ask
    LEFT JOIN request ON request.id = release_ask.request_id
    LEFT JOIN batch ON batch.id = release_ask.batch_id
    WHERE release_ask.confirmed_at IS NULL AND (
        (request.status = 'held' AND release_ask.asked_at >= coalesce(request.held_at, request.status_at))
        OR (batch.status = 'sealed' AND release_ask.asked_at >= batch.held_at))";

#[async_trait]
impl HoldLedger for SqlLedger {
    async fn held_requests(&self) -> LedgerResult<Vec<HeldRequest>> {
        let rows = sqlx::query(
            "SELECT *, coalesce(held_at, status_at) AS held_since FROM request WHERE status = 'held' ORDER BY id",
        )
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for held requests"))?;
        rows.iter()
            .map(|row| {
                Ok(HeldRequest {
                    reference: column(row, "reference")?,
                    reason: column(row, "reason")?,
                    held_at: instant(row, "held_since")?,
                    act_by_on: date(row, "act_by_on")?,
                })
            })
            .collect()
    }

    async fn withdraw_held(&self, requests: &[(String, String)], at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("withdrew requests on which nobody acted", at).await?;
        let at = change.at;
        let bind = |row: &mut Values<'_>, (reference, reason): &(String, String)| {
            row.push_bind(reference.as_str()).push_bind(reason.as_str()).push_bind(at);
        };
        let update =
            "UPDATE request SET status = 'withdrawn', status_at = given.at, reason = given.reason, held_by = NULL,
                 act_by_on = NULL, held_at = NULL
             FROM given WHERE request.reference = given.reference AND request.status = 'held'";
        change.update_all("reference, reason, at", requests, bind, update, "requests on which nobody acted").await?;
        for (reference, reason) in requests {
            let draft = request_draft("request.withdrawn", reference).with("reason", reason.as_str());
            change.audit(draft.changes("status", "held", "withdrawn"));
            let detail = "no letter is made for this request; ask again, or help this person another way";
            change.notice("withdrawn", reference, None, detail).await?;
        }
        change.commit().await
    }

    async fn hold_package(
        &self,
        package: &str,
        decision: &Decision,
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("held a package", at).await?;
        let statement = sqlx::query(
            "UPDATE batch SET hold_reason = $1, held_by = $2, held_at = $3, act_by_on = $4
             WHERE name = $5 AND status = 'sealed' AND offered_at IS NULL",
        )
        .bind(&decision.reason)
        .bind(decision.by.as_deref())
        .bind(change.at)
        .bind(On(act_by_on))
        .bind(package);
        change.run_one(statement, package).await?;
        let draft = package_draft("package.held", package)
            .with("act_by_on", act_by_on)
            .after("hold", "held")
            .after("act_by_on", act_by_on);
        change.audit(decided(draft, decision));
        change.commit().await
    }

    async fn held_packages(&self) -> LedgerResult<Vec<HeldPackage>> {
        let rows = sqlx::query("SELECT * FROM batch WHERE status = 'sealed' AND hold_reason IS NOT NULL ORDER BY id")
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for held packages"))?;
        rows.iter()
            .map(|row| {
                Ok(HeldPackage {
                    package: column(row, "name")?,
                    letters: count(row, "letters")?,
                    hold_reason: column(row, "hold_reason")?,
                    held_by: column(row, "held_by")?,
                    held_at: instant(row, "held_at")?,
                    act_by_on: date(row, "act_by_on")?,
                    mail_by_on: date(row, "mail_by_on")?,
                })
            })
            .collect()
    }

    async fn release(
        &self,
        held: Held<'_>,
        decision: &Decision,
        confirmed_by: Option<&str>,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("released what was held", at).await?;
        if let Some(second) = confirmed_by {
            confirm(&mut change, held, second).await?;
        }
        match held {
            Held::Request(reference) => release_request(&mut change, reference).await?,
            Held::Package(package) => release_package(&mut change, package).await?,
        }
        let draft = match held {
            Held::Request(reference) => {
                request_draft("request.released", reference).changes("status", "held", "pending")
            }
            Held::Package(package) => package_draft("package.released", package).changes("hold", "held", "released"),
        };
        let draft = decided(draft, decision);
        change.audit(match confirmed_by {
            Some(second) => draft.with("confirmed_by", second),
            None => draft,
        });
        change.commit().await
    }

    async fn ask_release(&self, held: Held<'_>, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("asked for a release", at).await?;
        let statement = sqlx::query(
            "INSERT INTO release_ask (request_id, batch_id, reason, asked_by, asked_at)
             SELECT (SELECT id FROM request WHERE reference = $1 AND status = 'held'),
                 (SELECT id FROM batch WHERE name = $2 AND status = 'sealed' AND hold_reason IS NOT NULL), $3, $4, $5",
        );
        let (request, package) = match held {
            Held::Request(reference) => (Some(reference), None),
            Held::Package(package) => (None, Some(package)),
        };
        let at = change.at;
        let statement =
            statement.bind(request).bind(package).bind(&decision.reason).bind(decision.by.as_deref()).bind(at);
        change.run_one(statement, name(held)).await?;
        let draft = match held {
            Held::Request(reference) => request_draft("request.release_asked", reference),
            Held::Package(package) => package_draft("package.release_asked", package),
        };
        change.audit(decided(draft.after("release", "asked"), decision));
        change.commit().await
    }

    async fn asked_release(&self, held: Held<'_>) -> LedgerResult<Option<AskedRelease>> {
        let column = match held {
            Held::Request(_) => "request.reference",
            Held::Package(_) => "batch.name",
        };
        let sql = format!("{ASKED} AND {column} = $1 ORDER BY release_ask.id DESC LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(name(held))
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked for a release that waits"))?;
        row.as_ref().map(asked).transpose()
    }

    async fn asked_releases(&self) -> LedgerResult<Vec<AskedRelease>> {
        let sql = format!("{ASKED} ORDER BY release_ask.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for releases that wait"))?;
        rows.iter().map(asked).collect()
    }
}

fn asked(row: &Row) -> LedgerResult<AskedRelease> {
    Ok(AskedRelease {
        subject: column(row, "subject")?,
        reason: column(row, "reason")?,
        asked_by: column(row, "asked_by")?,
        asked_at: instant(row, "asked_at")?,
    })
}

fn name<'a>(held: Held<'a>) -> &'a str {
    match held {
        Held::Request(name) | Held::Package(name) => name,
    }
}

/// Records the second person's word on the newest release that was asked for.
async fn confirm(change: &mut Change, held: Held<'_>, second: &str) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE release_ask SET confirmed_by = $1, confirmed_at = $2 WHERE id = (SELECT max(ask.id)
             FROM release_ask AS ask LEFT JOIN request ON request.id = ask.request_id
             LEFT JOIN batch ON batch.id = ask.batch_id
             WHERE ask.confirmed_at IS NULL AND coalesce(request.reference, batch.name) = $3)",
    )
    .bind(second)
    .bind(change.at)
    .bind(name(held));
    change.run_one(statement, name(held)).await
}

async fn release_request(change: &mut Change, reference: &str) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE request SET status = 'pending', status_at = $1, reason = NULL, held_by = NULL, act_by_on = NULL,
             held_at = NULL
         WHERE reference = $2 AND status = 'held' AND NOT EXISTS (SELECT 1 FROM request AS other
            WHERE other.username = request.username AND other.status IN ('pending', 'claimed'))",
    )
    .bind(change.at)
    .bind(reference);
    super::intake::require_state(
        change.run(statement).await?,
        reference,
        "released",
        "held, and no other request of the same account is pending or claimed",
    )
}

async fn release_package(change: &mut Change, package: &str) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE batch SET hold_reason = NULL, held_by = NULL, held_at = NULL, act_by_on = NULL
         WHERE name = $1 AND status = 'sealed' AND hold_reason IS NOT NULL",
    )
    .bind(package);
    if change.run(statement).await? == 1 {
        return Ok(());
    }
    Err(LedgerError::NotAllowed(format!(
        "package {package} is not held, so there is nothing to release; see 'letterpost batch show {package}'"
    )))
}
