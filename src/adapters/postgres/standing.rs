//! How a server and a login stand, as `doctor` judges them.

use sqlx::{Connection as _, Row as _};

use super::address::PostgresAddress;
use super::ledger::failed;
use crate::ports::ledger::LedgerResult;

/// What a server says of itself and of the login that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The server's version as a number: 150018 is 15.18.
    pub version: i32,
    /// By which rules texts are put in order: `C` is by their bytes.
    pub collation: String,
    /// The encoding of texts.
    pub encoding: String,
    /// Bytes of the database on the server's disk.
    pub size_bytes: u64,
    /// The login.
    pub login: String,
    /// Whether it may do everything.
    pub is_superuser: bool,
    /// Whether it owns the schema, or may act as who does.
    pub is_owner: bool,
    /// Whether it may work the ledger.
    pub is_operator: bool,
    /// Whether what it says and hears goes over a network.
    pub is_remote: bool,
    /// Whether that is encrypted.
    pub is_encrypted: bool,
    /// Settings of the server, by their names, that are not as they should be.
    pub settings: Vec<(String, String)>,
}

/// Settings that a ledger needs, as they must be. A change that was answered is on the disk then, old rows are cleared away, and what
/// is handed to a statement reaches no log of the server.
const SETTINGS: &str = "SELECT name, setting FROM pg_settings WHERE (name = 'fsync' AND setting <> 'on')
        OR (name = 'full_page_writes' AND setting <> 'on') OR (name = 'autovacuum' AND setting <> 'on')
        OR (name = 'synchronous_commit' AND setting = 'off') OR (name = 'log_parameter_max_length_on_error' AND setting <> '0')
        OR (name = 'log_parameter_max_length' AND setting <> '0' AND (SELECT bool_or(setting NOT IN ('none', '-1', '0'))
            FROM pg_settings WHERE name IN ('log_min_duration_statement', 'log_statement', 'log_min_duration_sample',
                'log_transaction_sample_rate')))
    ORDER BY name";

/// Asks a server.
///
/// # Errors
/// Where it cannot be reached.
pub async fn standing(address: &PostgresAddress) -> LedgerResult<Standing> {
    asked(address).await.map_err(failed("asked its server"))
}

async fn asked(address: &PostgresAddress) -> sqlx::Result<Standing> {
    let mut connection = address.connect().await?;
    let row = sqlx::query(
        "SELECT CAST(current_setting('server_version_num') AS INTEGER) AS version, CAST(datcollate AS TEXT) AS collation,
             CAST(pg_encoding_to_char(encoding) AS TEXT) AS encoding, pg_database_size(oid) AS size_bytes,
             CAST(session_user AS TEXT) AS login,
             (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS is_superuser,
             EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'letterpost_migrator'
                 AND pg_has_role(session_user, pg_roles.oid, 'MEMBER')) AS is_owner,
             EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'letterpost_operator'
                 AND pg_has_role(session_user, pg_roles.oid, 'MEMBER')) AS is_operator,
             inet_client_addr() IS NOT NULL AND NOT inet_client_addr() <<= '127.0.0.0/8' AND inet_client_addr() <> '::1' AS is_remote,
             coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS is_encrypted
         FROM pg_database WHERE datname = current_database()",
    )
    .fetch_one(&mut connection)
    .await?;
    let settings = sqlx::query_as(SETTINGS).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(Standing {
        version: row.try_get("version")?,
        collation: row.try_get("collation")?,
        encoding: row.try_get("encoding")?,
        size_bytes: row.try_get::<i64, _>("size_bytes")?.cast_unsigned(),
        login: row.try_get("login")?,
        is_superuser: row.try_get("is_superuser")?,
        is_owner: row.try_get("is_owner")?,
        is_operator: row.try_get("is_operator")?,
        is_remote: row.try_get("is_remote")?,
        is_encrypted: row.try_get("is_encrypted")?,
        settings,
    })
}
