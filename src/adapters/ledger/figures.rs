//! What the daemon asks: standings and figures. Reading only, so that a night at work is not disturbed.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::db::{On, Row, Wall};
use super::rows::{column, count, maybe_instant, maybe_wall, wall};
use super::{SqlLedger, failed};
use crate::ports::ledger::{FigureLedger, Figures, HoldFigures, JobFigures, JobStanding, LedgerResult, UnfinishedRun};

const STANDING: &str = "SELECT
    (SELECT max(scheduled_for) FROM run WHERE job = $1 AND scheduled_for <= $2) AS last_run,
    (SELECT max(scheduled_for) FROM run WHERE job = $1 AND scheduled_for <= $2 AND status = 'completed')
        AS last_completed";

/// The newest start of each job that said how it ended; a run that is at work has not.
const JOBS: &str = "SELECT known.job,
    (SELECT max(finished_at) FROM run WHERE run.job = known.job) AS completed_at,
    newest.last_began_at, newest.last_ended_at, newest.last_exit
    FROM (SELECT DISTINCT job FROM run) AS known
    LEFT JOIN run AS newest ON newest.id =
        (SELECT id FROM run WHERE run.job = known.job AND last_ended_at IS NOT NULL ORDER BY last_ended_at DESC, id DESC LIMIT 1)
    ORDER BY known.job";

const OLDEST: &str = "SELECT
    (SELECT min(requested_at) FROM request WHERE status = 'pending') AS pending_at,
    (SELECT min(delivered_at) FROM batch WHERE closed_at IS NULL AND status IN ('delivered', 'accepted') AND EXISTS
        (SELECT 1 FROM letter WHERE letter.batch_id = batch.id AND letter.status IN ('delivered', 'accepted', 'printed')))
        AS unreceipted_at,
    (SELECT count(*) FROM request WHERE status = 'held' AND act_by_on >= $1) AS requests_in_time,
    (SELECT count(*) FROM request WHERE status = 'held' AND act_by_on < $1) AS requests_overdue,
    (SELECT count(*) FROM batch WHERE status = 'sealed' AND hold_reason IS NOT NULL AND act_by_on >= $1)
        AS packages_in_time,
    (SELECT count(*) FROM batch WHERE status = 'sealed' AND hold_reason IS NOT NULL AND act_by_on < $1)
        AS packages_overdue";

#[async_trait]
impl FigureLedger for SqlLedger {
    async fn job_standing(&self, job: &str, up_to: &str) -> LedgerResult<JobStanding> {
        let doing = "told where a job stands";
        let up_to = Wall(up_to.to_owned());
        let row = sqlx::query(STANDING).bind(job).bind(up_to).fetch_one(&self.reader).await.map_err(failed(doing))?;
        let unfinished =
            sqlx::query("SELECT scheduled_for, starts FROM run WHERE job = $1 AND status = 'running' ORDER BY id")
                .bind(job)
                .fetch_all(&self.reader)
                .await
                .map_err(failed(doing))?;
        let unfinished = unfinished
            .iter()
            .map(|row| Ok(UnfinishedRun { scheduled_for: wall(row, "scheduled_for")?, starts: count(row, "starts")? }));
        Ok(JobStanding {
            last_run: maybe_wall(&row, "last_run")?,
            last_completed: maybe_wall(&row, "last_completed")?,
            unfinished: unfinished.collect::<LedgerResult<_>>()?,
        })
    }

    async fn releases(&self) -> LedgerResult<u64> {
        let doing = "counted the brakes that were released";
        let row = sqlx::query("SELECT count(*) AS number FROM brake WHERE released_at IS NOT NULL")
            .fetch_one(&self.reader)
            .await
            .map_err(failed(doing))?;
        number(&row, "number")
    }

    async fn figures(&self, today: NaiveDate) -> LedgerResult<Figures> {
        let doing = "gave its figures";
        let all = async |sql: &'static str| sqlx::query(sql).fetch_all(&self.reader).await.map_err(failed(doing));
        let jobs = all(JOBS).await?;
        let letters = all(
            "SELECT batch.vendor, letter.status, count(*) AS number FROM letter JOIN batch ON batch.id = letter.batch_id
             GROUP BY batch.vendor, letter.status ORDER BY batch.vendor, letter.status",
        )
        .await?;
        let requests = all("SELECT status, count(*) AS number FROM request GROUP BY status ORDER BY status").await?;
        let brakes =
            all("SELECT kind, count(*) AS number FROM brake WHERE ended_at IS NULL GROUP BY kind ORDER BY kind")
                .await?;
        let rest = sqlx::query(OLDEST).bind(On(today)).fetch_one(&self.reader).await.map_err(failed(doing))?;
        Ok(Figures {
            jobs: jobs.iter().map(job_figures).collect::<LedgerResult<_>>()?,
            letters: letters
                .iter()
                .map(|row| Ok((column(row, "vendor")?, column(row, "status")?, number(row, "number")?)))
                .collect::<LedgerResult<_>>()?,
            requests: requests
                .iter()
                .map(|row| Ok((column(row, "status")?, number(row, "number")?)))
                .collect::<LedgerResult<_>>()?,
            brakes: brakes
                .iter()
                .map(|row| Ok((column(row, "kind")?, number(row, "number")?)))
                .collect::<LedgerResult<_>>()?,
            sinks: Vec::new(),
            oldest_pending_at: maybe_instant(&rest, "pending_at")?,
            held_requests: holds(&rest, "requests_in_time", "requests_overdue")?,
            held_packages: holds(&rest, "packages_in_time", "packages_overdue")?,
            oldest_unreceipted_at: maybe_instant(&rest, "unreceipted_at")?,
        })
    }
}

fn job_figures(row: &Row) -> LedgerResult<JobFigures> {
    let exit: Option<i64> = column(row, "last_exit")?;
    let exit = exit.and_then(|exit| u8::try_from(exit).ok());
    let (began_at, ended_at) = (maybe_instant(row, "last_began_at")?, maybe_instant(row, "last_ended_at")?);
    Ok(JobFigures {
        job: column(row, "job")?,
        completed_at: maybe_instant(row, "completed_at")?,
        last_start: began_at.zip(ended_at).zip(exit).map(|((began_at, ended_at), exit)| (began_at, ended_at, exit)),
    })
}

fn holds(row: &Row, in_time: &'static str, overdue: &'static str) -> LedgerResult<HoldFigures> {
    Ok(HoldFigures { in_time: number(row, in_time)?, overdue: number(row, overdue)? })
}

fn number(row: &Row, name: &'static str) -> LedgerResult<u64> {
    Ok(u64::from(count(row, name)?))
}
