//! The steps of the schema: made by a login of the group `letterpost_migrator`, or by a superuser, who makes the groups too.

use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use super::address::PostgresAddress;
use super::db::Pool;
use super::ledger::failed;
use crate::adapters::steps::{Step, migrator, steps};
use crate::ports::ledger::{LedgerError, LedgerResult};

/// The groups and the schemas.
const ROLES: &str = include_str!("roles.sql");
/// The steps after them.
pub(in crate::adapters) const STEPS: &[Step] = steps![
    "0001_ledger",
    "0002_letters",
    "0003_keeping",
    "0004_rules",
    "0005_views",
    "0006_intake",
    "0007_second_person",
    "0008_rights",
    "0009_audit",
    "0010_checkpoint_sinks",
    "0011_dispatch",
    "0012_terms",
    "0013_taking_up",
    "0014_stages_and_sign_in",
    "0015_many_rows",
    "0016_erasing",
    "0018_workers",
    "0020_sign_in",
    "0022_last_place",
];
/// Where it is recorded which steps were made.
const RECORD: &str = "letterpost._sqlx_migrations";
/// What it is doing, for errors.
const DOING: &str = "brought its tables up to date";

fn migrations() -> Migrator {
    let mut steps = migrator(STEPS);
    steps.dangerous_set_table_name(RECORD);
    steps
}

fn newest() -> i64 {
    migrations().iter().map(|step| step.version).max().unwrap_or_default()
}

/// Makes what is missing of groups, schemas and tables, as this login may.
///
/// # Errors
/// Where the server cannot be reached, or the login may not.
pub async fn bring_up_to_date(address: &PostgresAddress) -> LedgerResult<()> {
    let mut connection = address.connect().await.map_err(failed("reached its server"))?;
    let (is_superuser,): (bool,) = sqlx::query_as("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        .fetch_one(&mut connection)
        .await
        .map_err(failed(DOING))?;
    if is_superuser {
        sqlx::raw_sql(ROLES).execute(&mut connection).await.map_err(failed("made its groups"))?;
    }
    if !may_make(&mut connection).await? {
        return Err(LedgerError::NotAllowed(
            "the ledger's schema is missing or older than this program, and this login may not change it; name a login of the \
             group letterpost_migrator: 'letterpost ledger migrate --ledger postgres://LOGIN@HOST/DATABASE' (a superuser makes \
             the groups too)"
                .to_owned(),
        ));
    }
    sqlx::raw_sql("SET ROLE letterpost_migrator").execute(&mut connection).await.map_err(failed(DOING))?;
    migrations()
        .run(&mut connection)
        .await
        .map_err(|error| LedgerError::Unavailable { doing: DOING, reason: error.to_string() })?;
    connection.close().await.map_err(failed(DOING))
}

/// Whether this login may change the schema.
async fn may_make(connection: &mut PgConnection) -> LedgerResult<bool> {
    let (may,): (bool,) = sqlx::query_as(
        "SELECT coalesce((SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles
             WHERE rolname = 'letterpost_migrator'), FALSE)",
    )
    .fetch_one(connection)
    .await
    .map_err(failed(DOING))?;
    Ok(may)
}

/// Requires the newest schema, and makes it where this login may.
///
/// # Errors
/// As [`bring_up_to_date`].
pub(super) async fn require_or_make(address: &PostgresAddress) -> LedgerResult<()> {
    let mut connection = address.connect().await.map_err(failed("reached its server"))?;
    let found = made(&mut connection).await?;
    if found == Some(newest()) {
        return Ok(());
    }
    bring_up_to_date(address).await
}

/// Requires the schema that this program knows.
///
/// # Errors
/// Where it is missing, older or newer.
pub(super) async fn require(pool: &Pool) -> LedgerResult<()> {
    let mut connection = pool.acquire().await.map_err(failed("reached its server"))?;
    match made(&mut connection).await? {
        Some(step) if step == newest() => Ok(()),
        Some(step) if step > newest() => Err(LedgerError::NotAllowed(format!(
            "the ledger was brought up to date by a newer letterpost (its schema has step {step}); use that one"
        ))),
        found => Err(LedgerError::NotAllowed(format!(
            "the ledger's schema {}; run 'letterpost ledger migrate' as a login of the group letterpost_migrator",
            found.map_or("is missing".to_owned(), |step| format!(
                "is older than this program (step {step} of {})",
                newest()
            ))
        ))),
    }
}

/// The newest step that was made, if any was.
pub(in crate::adapters) async fn made(connection: &mut PgConnection) -> LedgerResult<Option<i64>> {
    let (is_there,): (bool,) = sqlx::query_as("SELECT to_regclass($1) IS NOT NULL")
        .bind(RECORD)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed(DOING))?;
    if !is_there {
        return Ok(None);
    }
    let (step,): (Option<i64>,) = sqlx::query_as("SELECT max(version) FROM letterpost._sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await
        .map_err(failed(DOING))?;
    Ok(step)
}
