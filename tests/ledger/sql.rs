//! The way into a ledger that any other program has: plain SQL, with all rights that there are.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

/// A connection of another program.
pub enum Sql {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What a database says against a statement, in the words of each.
pub struct Said {
    pub on_sqlite: &'static str,
    pub on_postgres: &'static str,
}

/// The words of a trigger, which are the same on both.
pub fn both(words: &'static str) -> Said {
    Said { on_sqlite: words, on_postgres: words }
}

/// A key that is there already.
pub fn taken(on_sqlite: &'static str, on_postgres: &'static str) -> Said {
    Said { on_sqlite, on_postgres }
}

/// What a CHECK forbids.
pub const CHECKED: Said = Said { on_sqlite: "CHECK constraint failed", on_postgres: "violates check constraint" };

impl Sql {
    /// A file of SQLite.
    pub async fn open(path: &Path) -> Self {
        Self::Sqlite(SqliteConnectOptions::new().filename(path).foreign_keys(true).connect().await.unwrap())
    }

    /// A database of PostgreSQL, as its owner.
    pub async fn at(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().unwrap();
        let path = [("search_path", "letterpost,intake,pg_temp"), ("TimeZone", "UTC")];
        Self::Postgres(PgConnection::connect_with(&options.options(path)).await.unwrap())
    }

    /// Runs statements and gives what the database said against them.
    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = match self {
            Self::Sqlite(file) => statements.execute(file).await.map(|_| ()),
            Self::Postgres(server) => statements.execute(server).await.map(|_| ()),
        };
        done.map_err(|error| error.to_string())
    }

    /// Runs statements that must be refused with these words.
    pub async fn refused(&mut self, sql: &str, words: &str) {
        let said = self.run(sql).await.expect_err(sql);
        assert!(said.contains(words), "{sql}: {said}");
    }

    /// Runs statements that each database must refuse in its words.
    pub async fn refused_as(&mut self, sql: &str, said: &Said) {
        let words = if matches!(self, Self::Sqlite(_)) { said.on_sqlite } else { said.on_postgres };
        self.refused(sql, words).await;
    }

    /// The only column of every row, as text.
    pub async fn column(&mut self, sql: &str) -> Vec<String> {
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(file) => {
                let rows: Vec<(String,)> =
                    sqlx::query_as(query).fetch_all(file).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
                rows.into_iter().map(|(value,)| value).collect()
            }
            // The simple protocol gives every value as text.
            Self::Postgres(server) => {
                let rows =
                    sqlx::raw_sql(query).fetch_all(server).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
                rows.iter().map(|row: &PgRow| row.try_get_unchecked::<String, usize>(0).unwrap()).collect()
            }
        }
    }

    /// The names of a table's columns, in order.
    pub async fn columns(&mut self, table: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                self.column(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await
            }
            Self::Postgres(_) => {
                let of = format!("attrelid = 'letterpost.{table}'::regclass AND attnum > 0 AND NOT attisdropped");
                self.column(&format!("SELECT attname FROM pg_attribute WHERE {of} ORDER BY attnum")).await
            }
        }
    }

    /// All that the tables hold, to see that nothing has changed.
    pub async fn everything(&mut self) -> Vec<String> {
        let tables = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Self::Postgres(_) => "SELECT tablename FROM pg_tables WHERE schemaname = 'letterpost' ORDER BY tablename",
        };
        let mut all = Vec::new();
        for table in self.column(tables).await {
            let row = match self {
                Self::Sqlite(_) => {
                    let columns = self.columns(&table).await;
                    columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ")
                }
                Self::Postgres(_) => format!("CAST({table}.* AS TEXT)"),
            };
            all.extend(self.column(&format!("SELECT '{table}: ' || {row} FROM {table} ORDER BY 1")).await);
        }
        all
    }

    /// Bytes as a literal.
    pub fn bytes(&self, hex: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{hex}'"),
            Self::Postgres(_) => format!("CAST('\\x{hex}' AS BYTEA)"),
        }
    }

    pub async fn close(self) {
        match self {
            Self::Sqlite(file) => file.close().await.unwrap(),
            Self::Postgres(server) => server.close().await.unwrap(),
        }
    }
}
