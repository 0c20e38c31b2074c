//! A database's `url`: a file of SQLite, or a server.

use std::path::{Path, PathBuf};

use crate::adapters::postgres::PostgresAddress;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In a file of SQLite, as written or in full.
    File(PathBuf),
    /// On a server of PostgreSQL.
    Server(PostgresAddress),
}

impl Database {
    /// Reads a `url`.
    ///
    /// # Errors
    /// What is wrong with it and what to write, without showing it.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres") {
            return PostgresAddress::parse(url).map(Self::Server).map_err(|error| error.to_string());
        }
        let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        let path = path.filter(|path| !path.is_empty() && !path.contains(['?', '#']) && *path != ":memory:");
        path.map(|path| Self::File(path.into())).ok_or_else(|| {
            "names no file of SQLite; write \"sqlite:\" and the path of a file: \"sqlite:letterpost.db\", or \
             \"postgres://LOGIN@HOST/DATABASE\""
                .to_owned()
        })
    }

    /// The same, where a relative path begins at this folder.
    #[must_use]
    pub fn from(&self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Server(address) => Self::Server(address.beside(folder)),
        }
    }

    /// Its file, if it has one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(address) => address.fmt(f),
        }
    }
}
