//! Copies of a night's records, made by the database itself.

use std::time::Instant;

use letterpost::domain::letter::LetterId;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use crate::ledger::Store;

/// Odd, so that multiplying by it sends no two numbers of fifty bits to the same one.
const SCATTER: u64 = 390_451_572_859;
const ID_BITS: u32 = 50;
/// The tables that are copied, those that others refer to first.
const TABLES: [&str; 4] = ["batch", "receipt_file", "request", "letter"];

/// What was copied.
pub struct Copies {
    /// Of each letter: its request's number, the request's reference, and its barcode.
    patterns: Vec<Pattern>,
    /// How often each was copied.
    pub times: u64,
    pub seconds: f64,
}

/// One letter of the night.
pub struct Pattern {
    request: i64,
    imb: String,
}

/// What is known of a copy.
pub struct Copy {
    pub letter: LetterId,
    pub reference: String,
    pub username: String,
    pub imb: String,
}

impl Copies {
    /// How many letters there are.
    pub fn letters(&self) -> u64 {
        self.patterns.len() as u64 * (self.times + 1)
    }

    /// The copy at a place; what is drawn at random falls on every one.
    pub fn at(&self, drawn: u64) -> Copy {
        let place = drawn % (self.patterns.len() as u64 * self.times);
        let (time, index) = (place / self.patterns.len() as u64 + 1, place % self.patterns.len() as u64);
        let pattern = &self.patterns[usize::try_from(index).unwrap()];
        let number = time * self.patterns.len() as u64 + index + 1;
        let scattered = (number * SCATTER) & ((1 << ID_BITS) - 1);
        let symbols = std::array::from_fn(|symbol| (scattered >> (45 - 5 * symbol)) as u8 & 31);
        let imb = format!("{}{:09}{}", &pattern.imb[..11], number, &pattern.imb[20..]);
        Copy {
            letter: LetterId::from_entropy(symbols),
            reference: format!("COPY-{time}-{}", pattern.request),
            username: format!("copy{time}.{}@example.com", pattern.request),
            imb,
        }
    }
}

/// A connection that may do what the program may not.
enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Copies until there are so many letters.
pub async fn make(store: &Store, letters: u64) -> Copies {
    let begin = Instant::now();
    let mut connection = Connection::to(store).await;
    let found =
        connection.rows("SELECT CAST(request_id AS TEXT), imb FROM letter WHERE imb <> '' ORDER BY request_id").await;
    let patterns: Vec<Pattern> =
        found.into_iter().map(|row| Pattern { request: row[0].parse().unwrap(), imb: row[1].clone() }).collect();
    let times = (letters / patterns.len() as u64).saturating_sub(1).max(1);
    let indexes = connection.drop_indexes().await;
    for table in TABLES {
        // Letters abroad have no barcode, and would all have the same one.
        let which = if table == "letter" { "WHERE imb <> ''" } else { "" };
        connection.run(&format!("CREATE TEMP TABLE pattern_{table} AS SELECT * FROM {table} {which}")).await;
    }
    let places = "CREATE TEMP TABLE place AS
        SELECT id, row_number() OVER (ORDER BY request_id) AS place FROM pattern_letter";
    connection.run(places).await;
    for table in TABLES {
        let statement = connection.copying(table, times, patterns.len()).await;
        connection.run(&statement).await;
        eprintln!("  {table}: {:.0} s", begin.elapsed().as_secs_f64());
    }
    for index in indexes {
        connection.run(&index).await;
    }
    connection.finish().await;
    Copies { patterns, times, seconds: begin.elapsed().as_secs_f64() }
}

impl Connection {
    async fn to(store: &Store) -> Self {
        match store {
            Store::Sqlite { ledger, .. } => {
                let options = SqliteConnectOptions::new().filename(ledger).foreign_keys(false);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000").await.unwrap();
                Self::Sqlite(connection)
            }
            Store::Postgres { address } => {
                let mut connection = PgConnection::connect(address).await.unwrap();
                let begin = "SET session_replication_role = replica; SET search_path = letterpost, pg_temp; \
                             SET maintenance_work_mem = '1GB'";
                connection.execute(begin).await.unwrap();
                Self::Postgres(connection)
            }
        }
    }

    async fn run(&mut self, statement: &str) {
        let statement = AssertSqlSafe(statement);
        match self {
            Self::Sqlite(connection) => {
                connection.execute(sqlx::raw_sql(statement)).await.unwrap();
            }
            Self::Postgres(connection) => {
                connection.execute(sqlx::raw_sql(statement)).await.unwrap();
            }
        }
    }

    /// Rows of text.
    async fn rows(&mut self, query: &str) -> Vec<Vec<String>> {
        let query = AssertSqlSafe(query);
        match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::query(query).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|place| row.get::<String, _>(place)).collect()).collect()
            }
            Self::Postgres(connection) => {
                let rows = sqlx::query(query).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|place| row.get::<String, _>(place)).collect()).collect()
            }
        }
    }

    /// Takes the indexes away that can be made anew, and gives the statements that make them.
    async fn drop_indexes(&mut self) -> Vec<String> {
        let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
        let query = match self {
            Self::Sqlite(_) => {
                format!("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})")
            }
            Self::Postgres(_) => format!(
                "SELECT indexname::TEXT, indexdef FROM pg_indexes WHERE schemaname = 'letterpost' AND tablename IN ({tables})
                     AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            ),
        };
        let found = self.rows(&query).await;
        for index in &found {
            self.run(&format!("DROP INDEX {}", index[0])).await;
        }
        found.into_iter().map(|mut index| index.remove(1)).collect()
    }

    /// The statement that copies a table.
    async fn copying(&mut self, table: &str, times: u64, patterns: usize) -> String {
        let query = match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}')"),
            Self::Postgres(_) => format!(
                "SELECT column_name::TEXT FROM information_schema.columns
                 WHERE table_schema = 'letterpost' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let columns: Vec<String> = self.rows(&query).await.into_iter().map(|mut row| row.remove(0)).collect();
        let values: Vec<String> = columns.iter().map(|column| value(table, column, patterns)).collect();
        let join = if table == "letter" { "JOIN place ON place.id = pattern.id" } else { "" };
        format!(
            "INSERT INTO {table} ({})
             WITH RECURSIVE copy (nth) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT nth + 1 FROM copy WHERE nth < {times})
             SELECT {} FROM copy CROSS JOIN pattern_{table} AS pattern {join}",
            columns.join(", "),
            values.join(", "),
        )
    }

    async fn finish(self) {
        match self {
            Self::Sqlite(mut connection) => {
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(mut connection) => {
                connection.execute("VACUUM ANALYZE").await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }
}

/// What a copy has in a column.
fn value(table: &str, column: &str, patterns: usize) -> String {
    let shifted = |of: &str| format!("pattern.{column} + copy.nth * (SELECT max(id) FROM pattern_{of})");
    let of_request = |request: &str| format!("'copy' || copy.nth || '.' || pattern.{request} || '@example.com'");
    let number = format!("(copy.nth * {patterns} + place.place)");
    match (table, column) {
        ("letter", "id") => letter_id(&number),
        ("letter", "imb") => {
            format!("substr(imb, 1, 11) || substr(CAST(1000000000 + {number} AS TEXT), 2) || substr(imb, 21)")
        }
        ("letter", "username") => of_request("request_id"),
        ("letter", "replaces") | ("request", "replaced_by" | "joined_to") => "NULL".to_owned(),
        ("letter", "mailed_file_id") | ("receipt_file", "id") => shifted("receipt_file"),
        ("letter", "request_id") | ("request", "id") => shifted("request"),
        (_, "batch_id") | ("batch", "id" | "number") => shifted("batch"),
        ("batch", "name") => "pattern.name || '-' || copy.nth".to_owned(),
        ("request", "reference") => "'COPY-' || copy.nth || '-' || pattern.id".to_owned(),
        ("request", "username") => of_request("id"),
        _ => format!("pattern.{column}"),
    }
}

/// The id that [`Copies::at`] has for this number.
fn letter_id(number: &str) -> String {
    let scattered = format!("(({number} * {SCATTER}) & {})", (1_u64 << ID_BITS) - 1);
    let symbols: Vec<String> = (0..10)
        .map(|symbol| {
            let place = format!("(({scattered} >> {}) & 31) + 1", 45 - 5 * symbol);
            format!("substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST({place} AS INTEGER), 1)")
        })
        .collect();
    format!("{} || '-' || {}", symbols[..5].join(" || "), symbols[5..].join(" || "))
}
