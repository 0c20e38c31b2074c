//! A ledger on a temporary file, with a second way in by plain SQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use letterpost::adapters::sqlite::SqliteLedger;
use letterpost::adapters::system::SystemEntropy;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::letter::LetterId;
use letterpost::domain::request::{Format, Language, NewRequest, Recipient, SecondFactor};
use letterpost::domain::routing::Kind;
use letterpost::package::ticket::Remake;
use letterpost::ports::ledger::SiteMark;
use letterpost::ports::ledger::{
    ClaimedBatch, IntakeFile, IntakeLedger as _, Lane, Member, MintedLetter, PlannedRow, ProductionLedger as _,
    SealedBatch, Taken,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tempfile::TempDir;

/// The instant of everything here.
pub fn at() -> DateTime<Utc> {
    "2026-11-21T03:30:00Z".parse().unwrap()
}

pub fn on(date: &str) -> NaiveDate {
    date.parse().unwrap()
}

pub fn site_mark() -> SiteMark {
    SiteMark {
        code: "eba".to_owned(),
        environment: "test".to_owned(),
        origin: "example/eba".to_owned(),
        is_rehearsal: false,
    }
}

pub struct Book {
    folder: TempDir,
    pub ledger: SqliteLedger,
}

impl Book {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let ledger = SqliteLedger::create(&path, &site_mark(), at(), Arc::new(SystemEntropy)).await.unwrap();
        Self { folder, ledger }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    /// The ledger, opened once more.
    pub async fn another(&self) -> SqliteLedger {
        SqliteLedger::open(&self.path(), &site_mark(), Arc::new(SystemEntropy)).await.unwrap()
    }

    /// The ledger as any other program reaches it.
    pub async fn sql(&self) -> Sql {
        Sql::open(&self.path()).await
    }

    /// An account asks for a letter.
    pub async fn ask(&self, reference: &str, username: &str) {
        let file = IntakeFile { name: format!("{reference}.csv"), sha256: "0".repeat(64), files: Vec::new() };
        let row = PlannedRow::New {
            line: 2,
            request: Box::new(request(reference, username)),
            promised_by_on: on("2026-12-07"),
            taken: Taken::Pending { replaces: None },
        };
        self.ledger.take_rows(&file, &[row], None, at()).await.unwrap();
    }

    /// Claims all that waits.
    pub async fn claim(&self, owner: &str) -> ClaimedBatch {
        let lane = Lane {
            vendor: "acme".to_owned(),
            format: Format::Standard,
            kinds: vec![Kind { format: Format::Standard, language: Language::En, country: "US".to_owned() }],
            limit: 100,
        };
        let name = |number: u32| format!("eba-test-acme-{number:06}");
        self.ledger.claim(&lane, &name, owner, "a head", None, at()).await.unwrap().expect("requests that wait")
    }
}

fn request(reference: &str, username: &str) -> NewRequest {
    let recipient = Recipient {
        full_name: "Avery Sample".to_owned(),
        address: PostalAddress {
            address_line_1: "1 Example Street".to_owned(),
            address_line_2: String::new(),
            city: "Springfield".to_owned(),
            state: "IL".to_owned(),
            postal_code: "62701".to_owned(),
            country: "US".to_owned(),
        },
        language: Language::En,
        format: Format::Standard,
    };
    NewRequest {
        reference: reference.to_owned(),
        username: username.to_owned(),
        recipient,
        second_factor: SecondFactor::Email,
        requested_at: at(),
        address_basis: None,
        address_since: None,
        address_sha256: [8; 32],
        content_sha256: [7; 32],
    }
}

/// A sealed package of all of a batch; the letters' ids follow from `mark`, which no other package of a test has.
pub fn sealed(batch: &ClaimedBatch, mark: u8) -> SealedBatch {
    let letters = batch.members.iter().zip(1u32..).map(|(member, sequence)| letter(member, sequence, mark)).collect();
    SealedBatch {
        made_at: at(),
        mail_on: on("2026-11-23"),
        mail_by_on: on("2026-11-24"),
        purge_by_on: on("2026-12-24"),
        remake: Remake::Forbidden,
        spool_object: format!("{}.{}", batch.name, batch.attempt),
        size_bytes: 1000,
        sha256: "a".repeat(64),
        sealed_by: "A".repeat(40),
        sealed_to: vec!["B".repeat(40)],
        letters,
    }
}

fn letter(member: &Member, sequence: u32, mark: u8) -> MintedLetter {
    let mut bytes = [mark; 10];
    bytes[9] = u8::try_from(sequence).unwrap();
    MintedLetter {
        letter_id: LetterId::from_entropy(bytes),
        request_id: member.request_id,
        reference: member.reference.clone(),
        username: member.username.clone(),
        sequence,
        language: "en".to_owned(),
        outside: false,
        pages: 1,
        sheets: 1,
        sha256: "b".repeat(64),
        template_version: "1".to_owned(),
        verifier: "no verifier of any password".to_owned(),
        planned_mail_on: on("2026-11-23"),
        cap_on: on("2026-12-11"),
        use_by_on: on("2026-12-08"),
        expected_from: on("2026-11-24"),
        expected_to: on("2026-11-30"),
        imb: None,
    }
}

/// A connection of another program.
pub struct Sql(SqliteConnection);

impl Sql {
    pub async fn open(path: &Path) -> Self {
        Self(SqliteConnectOptions::new().filename(path).foreign_keys(true).connect().await.unwrap())
    }

    /// Runs statements and gives what the database said against them.
    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0)
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// Runs statements that must be refused with these words.
    pub async fn refused(&mut self, sql: &str, words: &str) {
        let said = self.run(sql).await.expect_err(sql);
        assert!(said.contains(words), "{sql}: {said}");
    }

    /// The only column of every row, as text.
    pub async fn column(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.0)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|(value,)| value).collect()
    }

    /// All that the tables hold, to see that nothing has changed.
    pub async fn everything(&mut self) -> Vec<String> {
        let tables = self.column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").await;
        let mut all = Vec::new();
        for table in tables {
            let columns = self.column(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
            let sql = format!("SELECT '{table}: ' || {} FROM {table} ORDER BY 1", quoted.join(" || ',' || "));
            all.extend(self.column(&sql).await);
        }
        all
    }

    pub async fn close(self) {
        self.0.close().await.unwrap();
    }
}
