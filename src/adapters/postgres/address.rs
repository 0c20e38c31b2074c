//! Where a PostgreSQL ledger is, and under which terms it is reached.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

/// What may stand behind the question mark. What libpq knows beside it is refused: it would be passed over in silence.
const PARAMETERS: [&str; 9] =
    ["host", "hostaddr", "port", "dbname", "user", "sslmode", "sslrootcert", "sslcert", "sslkey"];
/// The longest that a statement waits for a lock of another one.
const LOCK_SECONDS: u64 = 30;
/// The longest that a transaction does nothing: it may keep all others waiting.
const IDLE_SECONDS: u64 = 60;
/// How the server notices within forty seconds that a machine was cut off: it asks after ten, every five, six times. Over a
/// socket of the same machine the kernel says so at once.
const KEEPALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "6"),
    ("tcp_user_timeout", "40000"),
];
/// Names for the files of [`PARAMETERS`] that are certificates and keys.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];
/// Where the way of encrypting is said outside of an address.
const MODE_VARIABLE: &str = "PGSSLMODE";

/// How long the server is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, and for an answer to the question whether it is there.
    pub connect: Duration,
    /// For one statement; as long, and a minute at most, a transaction may do nothing.
    pub statement: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), statement: Duration::from_secs(300) }
    }
}

/// A ledger's address: `postgres://login@host/database`. It holds no password: that comes from `PGPASSWORD` or the file that
/// `PGPASSFILE` names (`~/.pgpass` by default).
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    text: String,
    /// Where relative paths of certificates begin; the folder that the process is in, if none.
    folder: Option<PathBuf>,
    limits: Limits,
    /// The lock that is worked under.
    under: Option<String>,
}

/// Why a text is no address of a ledger. It never shows the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(&'static str);

impl PostgresAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// Where it is none, names no database, holds a password, or says what is not known here.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(AddressError("is no address of PostgreSQL; write \"postgres://LOGIN@HOST/DATABASE\""));
        }
        let after = text.split_once("://").map_or("", |(_, after)| after);
        let authority = after.split(['/', '?']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').map_or("", |(login, _)| login);
        let said = parameters(text);
        if login.contains(':') || said.iter().any(|(key, _)| key == "password") {
            return Err(AddressError(
                "holds a password; take it out, and give it in PGPASSWORD or in the file of PGPASSFILE",
            ));
        }
        if said.iter().any(|(key, _)| !PARAMETERS.contains(&key.as_str())) {
            return Err(AddressError(
                "says something that is not known; behind the '?' are known: host, hostaddr, port, dbname, user, sslmode, \
                 sslrootcert, sslcert, sslkey",
            ));
        }
        let has = |name: &str| said.iter().any(|(key, _)| key == name);
        if has("sslcert") != has("sslkey") {
            return Err(AddressError("has sslcert without sslkey or the other way round; give both, or none"));
        }
        if said.iter().any(|(key, mode)| key == "sslmode" && mode.parse::<PgSslMode>().is_err()) {
            return Err(AddressError("has an sslmode that is none; write sslmode=verify-full"));
        }
        let options = PgConnectOptions::from_str(text)
            .map_err(|_| AddressError("cannot be read; write \"postgres://LOGIN@HOST/DATABASE\""))?;
        if options.get_database().is_none() {
            return Err(AddressError("names no database; write \"postgres://LOGIN@HOST/DATABASE\""));
        }
        Ok(Self { text: text.to_owned(), folder: None, limits: Limits::default(), under: None })
    }

    /// The same, where the relative path of a certificate begins at this folder.
    #[must_use]
    pub fn beside(&self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self.clone() }
    }

    /// The same, under these limits.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How long the server is waited for.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether nobody on the way can read along or play the server: it is on this machine, or its certificate and its name are
    /// looked at.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        let options = self.read();
        is_here(&options) || matches!(self.mode(&options), PgSslMode::VerifyFull)
    }

    /// Connects.
    ///
    /// # Errors
    /// Where the server refuses, cannot be reached, or does not answer in time.
    pub async fn connect(&self) -> sqlx::Result<PgConnection> {
        match tokio::time::timeout(self.limits.connect, self.options().connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(sqlx::Error::Io(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("the server did not answer within {} seconds", self.limits.connect.as_secs()),
            ))),
        }
    }

    /// The same ledger, worked on under a lock: when the session is lost that holds it, nothing more is written.
    #[must_use]
    pub fn under(&self, lock: &str) -> Self {
        Self { under: Some(lock.to_owned()), ..self.clone() }
    }

    /// How a connection is made.
    pub(super) fn options(&self) -> PgConnectOptions {
        let options = self.read();
        let mode = self.mode(&options);
        let statement = format!("{}s", self.limits.statement.as_secs());
        let lock = format!("{}s", self.limits.statement.as_secs().min(LOCK_SECONDS));
        let idle = format!("{}s", self.limits.statement.as_secs().min(IDLE_SECONDS));
        let options = options
            .ssl_mode(mode)
            .application_name("letterpost")
            .options([
                ("statement_timeout", statement.as_str()),
                ("lock_timeout", lock.as_str()),
                ("idle_in_transaction_session_timeout", idle.as_str()),
            ])
            .options(KEEPALIVE)
            .options([("search_path", "letterpost,pg_temp"), ("TimeZone", "UTC")])
            // Rows change their status by the hundred thousand, faster than the server counts them: it would take an index of
            // statuses for short, and join what it finds there with the one index that is.
            .options([("enable_bitmapscan", "off")])
            .options(self.under.iter().map(|lock| ("letterpost.works_under", lock)));
        let files = parameters(&self.text).into_iter().filter(|(key, _)| FILES.contains(&key.as_str()));
        files.fold(options, |options, (key, path)| {
            let path = self.folder.as_ref().map_or_else(|| PathBuf::from(&path), |folder| folder.join(&path));
            match key.as_str() {
                "sslrootcert" => options.ssl_root_cert(path),
                "sslcert" => options.ssl_client_cert(path),
                _ => options.ssl_client_key(path),
            }
        })
    }

    /// The way of encrypting, for PostgreSQL's own programs, where the address itself does not say it.
    pub(super) fn mode_of_programs(&self) -> Option<(&'static str, &'static str)> {
        let options = self.read();
        let is_ours = matches!(self.mode(&options), PgSslMode::VerifyFull);
        (is_ours && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)).then_some((MODE_VARIABLE, "verify-full"))
    }

    /// Where relative paths of certificates begin.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn read(&self) -> PgConnectOptions {
        // It was read before.
        PgConnectOptions::from_str(&self.text).unwrap_or_default()
    }

    /// Over a network, `verify-full` unless something else is said.
    fn mode(&self, options: &PgConnectOptions) -> PgSslMode {
        let is_said =
            parameters(&self.text).iter().any(|(key, _)| key == "sslmode") || std::env::var_os(MODE_VARIABLE).is_some();
        if is_said || is_here(options) { options.get_ssl_mode() } else { PgSslMode::VerifyFull }
    }
}

/// Whether the server is reached without a network.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

/// What stands behind the question mark.
fn parameters(text: &str) -> Vec<(String, String)> {
    let said = text.split_once('?').map_or("", |(_, said)| said);
    let said = said.split('#').next().unwrap_or_default();
    let pairs = said.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (plain(key), plain(value)))
        .collect()
}

/// A text with what was written as `%20` or `+`.
fn plain(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let code = (*first == b'%').then(|| after.get(..2).and_then(|two| hex::decode(two).ok())).flatten();
        match (code, first) {
            (Some(code), _) => {
                bytes.extend(code);
                rest = after.get(2..).unwrap_or_default();
            }
            (None, b'+') => {
                bytes.push(b' ');
                rest = after;
            }
            (None, byte) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_password() {
        for text in [
            "postgres://robin:secret@db/ledger",
            "postgres://db/ledger?user=robin&password=secret",
            "postgres://db/ledger?user=robin&p%61ssword=secret",
            "postgres://:x@db/l",
        ] {
            let refused = PostgresAddress::parse(text).unwrap_err().to_string();
            assert!(refused.contains("PGPASSFILE") && !refused.contains("secret"), "{refused}");
        }
        assert!(PostgresAddress::parse("postgres://robin@db.example.invalid/ledger?sslmode=verify-full").is_ok());
        for text in [
            "sqlite:a.db",
            "postgres://robin@db",
            "postgres://robin@db:port/ledger",
            "postgres://robin@db/ledger?sslmode=some",
            "postgres://robin@db/ledger?sslcert=a.crt",
            "postgres://robin@db/ledger?target_session_attrs=read-write",
        ] {
            assert!(PostgresAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn over_a_network_the_server_proves_who_it_is_unless_the_address_says_otherwise() {
        let of = |text: &str| PostgresAddress::parse(text).unwrap();
        let mode = |text: &str| format!("{:?}", of(text).options().get_ssl_mode());
        assert_eq!(mode("postgres://robin@db.example.invalid/ledger"), "VerifyFull");
        assert_eq!(mode("postgres://robin@db.example.invalid/ledger?sslmode=require"), "Require");
        assert_eq!(mode("postgres://robin@db.example.invalid/ledger?sslmode=verif%79-ca"), "VerifyCa");
        for (text, is_guarded) in [
            ("postgres://robin@db.example.invalid/ledger", true),
            ("postgres://robin@db.example.invalid/ledger?sslmode=verify-full", true),
            ("postgres://robin@db.example.invalid/ledger?sslmode=verify-ca", false),
            ("postgres://robin@db.example.invalid/ledger?sslmode=disable", false),
            ("postgres://robin@10.0.0.7/ledger?sslmode=prefer", false),
            ("postgres:///ledger?host=/run/postgresql&user=robin", true),
            ("postgres://robin@localhost/ledger", true),
            ("postgres://robin@127.0.0.1:5433/ledger?sslmode=disable", true),
            ("postgres://robin@[::1]/ledger", true),
        ] {
            assert_eq!(of(text).is_guarded(), is_guarded, "{text}");
        }
    }
}
