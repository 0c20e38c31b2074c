//! Where a PostgreSQL ledger is, and under which terms it is reached.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// The longest that a statement may take, that one waits for a lock, and that a transaction does nothing.
const DEADLINES: [(&str, &str); 3] =
    [("statement_timeout", "300s"), ("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "300s")];

/// A ledger's address: `postgres://login@host/database`. It holds no password: that comes from `PGPASSWORD` or the file that
/// `PGPASSFILE` names (`~/.pgpass` by default).
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress(String);

/// Why a text is no address of a ledger. It never shows the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(&'static str);

impl PostgresAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// Where it is none, names no database, or holds a password.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(AddressError("is no address of PostgreSQL; write \"postgres://LOGIN@HOST/DATABASE\""));
        }
        let after = text.split_once("://").map_or("", |(_, after)| after);
        let authority = after.split(['/', '?']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').map_or("", |(login, _)| login);
        if login.contains(':') || after.contains("?password=") || after.contains("&password=") {
            return Err(AddressError(
                "holds a password; take it out, and give it in PGPASSWORD or in the file of PGPASSFILE",
            ));
        }
        let options = PgConnectOptions::from_str(text)
            .map_err(|_| AddressError("cannot be read; write \"postgres://LOGIN@HOST/DATABASE\""))?;
        if options.get_database().is_none() {
            return Err(AddressError("names no database; write \"postgres://LOGIN@HOST/DATABASE\""));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same ledger, worked on under a lock: when the session is lost that holds it, nothing more is written.
    #[must_use]
    pub fn under(&self, lock: &str) -> Self {
        let joint = if self.0.contains('?') { '&' } else { '?' };
        Self(format!("{}{joint}options[letterpost.works_under]={}", self.0, lock))
    }

    /// How a connection is made.
    pub(super) fn options(&self) -> PgConnectOptions {
        // It was read before.
        PgConnectOptions::from_str(&self.0)
            .unwrap_or_default()
            .application_name("letterpost")
            .options(DEADLINES)
            .options([("search_path", "letterpost,pg_temp"), ("TimeZone", "UTC")])
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
            "postgres://:x@db/l",
        ] {
            let refused = PostgresAddress::parse(text).unwrap_err().to_string();
            assert!(refused.contains("PGPASSFILE") && !refused.contains("secret"), "{refused}");
        }
        assert!(PostgresAddress::parse("postgres://robin@db.example.invalid/ledger?sslmode=verify-full").is_ok());
        for text in ["sqlite:a.db", "postgres://robin@db", "postgres://robin@db:port/ledger"] {
            assert!(PostgresAddress::parse(text).is_err(), "{text}");
        }
    }
}
