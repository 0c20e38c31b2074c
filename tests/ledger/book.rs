//! A ledger of a test's own, in a file or on a server, with a second way in by plain SQL.

#[path = "../support/postgres.rs"]
#[allow(clippy::duplicate_mod, reason = "what else makes a site has it too")]
mod postgres;
#[path = "sql.rs"]
pub mod sql;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Utc};
use letterpost::adapters::postgres::{PostgresAddress, PostgresLedger};
use letterpost::adapters::sqlite::SqliteLedger;
use letterpost::adapters::system::SystemEntropy;
use letterpost::audit::actor::Actors;
use letterpost::cli::config as place;
use letterpost::cli::database;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::letter::LetterId;
use letterpost::domain::request::{Format, Language, NewRequest, Recipient, SecondFactor};
use letterpost::domain::routing::Kind as LetterKind;
use letterpost::package::ticket::Remake;
use letterpost::ports::ledger::SiteMark;
use letterpost::ports::ledger::{
    ClaimedBatch, IntakeFile, Lane, Ledger, Life, Member, MintedLetter, PlannedRow, SealedBatch, Taken,
};
use postgres::{Database, SUPERUSER};
use tempfile::TempDir;

pub use sql::Sql;

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

/// Where a ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

enum Place {
    File(TempDir),
    Server(Box<Database>),
}

/// The login that works a ledger on PostgreSQL.
const OPERATOR: &str = "robin";

/// A ledger of its own.
pub struct Book {
    place: Place,
    pub ledger: Arc<dyn Ledger>,
    /// Who is at work, by name.
    at_work: Mutex<BTreeMap<String, Box<dyn Life>>>,
}

impl Book {
    /// A ledger in a file.
    pub async fn new() -> Self {
        Self::on(Kind::Sqlite).await
    }

    pub async fn on(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let place = tempfile::tempdir().unwrap();
                let path = place.path().join("ledger.db");
                let ledger = SqliteLedger::create(&path, &site_mark(), at(), Arc::new(SystemEntropy)).await.unwrap();
                Self { place: Place::File(place), ledger: Arc::new(ledger), at_work: Mutex::default() }
            }
            Kind::Postgres => {
                let place = Box::new(Database::new());
                let address = PostgresAddress::parse(&place.url(OPERATOR)).unwrap();
                let ledger =
                    PostgresLedger::create(&address, &site_mark(), at(), Arc::new(SystemEntropy)).await.unwrap();
                Self { place: Place::Server(place), ledger: Arc::new(ledger), at_work: Mutex::default() }
            }
        }
    }

    /// The ledger, opened once more.
    pub async fn another(&self) -> Arc<dyn Ledger> {
        self.opened(None).await
    }

    /// The ledger, opened once more and worked by these.
    #[allow(dead_code, reason = "each test file uses its own part of this")]
    pub async fn worked_by(&self, actors: Actors) -> Arc<dyn Ledger> {
        self.opened(Some(actors)).await
    }

    async fn opened(&self, actors: Option<Actors>) -> Arc<dyn Ledger> {
        let place = match &self.place {
            Place::File(folder) => place::Database::File(folder.path().join("ledger.db")),
            Place::Server(database) => {
                place::Database::Server(PostgresAddress::parse(&database.url(OPERATOR)).unwrap())
            }
        };
        database::ledger(&place, &site_mark(), Arc::new(SystemEntropy), actors).await.unwrap()
    }

    /// The ledger as any other program reaches it.
    pub async fn sql(&self) -> Sql {
        match &self.place {
            Place::File(folder) => Sql::open(&folder.path().join("ledger.db")).await,
            Place::Server(database) => Sql::at(&database.url(SUPERUSER)).await,
        }
    }

    /// An account asks for a letter.
    pub async fn ask(&self, reference: &str, username: &str) {
        self.ask_all(&[(reference.to_owned(), username.to_owned())]).await;
    }

    /// Accounts ask for letters, with one file: their references and usernames.
    pub async fn ask_all(&self, people: &[(String, String)]) {
        let rows: Vec<PlannedRow> = people
            .iter()
            .zip(2..)
            .map(|((reference, username), line)| PlannedRow::New {
                line,
                request: Box::new(request(reference, username)),
                promised_by_on: on("2026-12-07"),
                taken: Taken::Pending { replaces: None },
            })
            .collect();
        self.ledger.take_rows(&intake_file(&format!("{}.csv", people[0].0)), &rows, None, at()).await.unwrap();
    }

    /// Claims all that waits.
    pub async fn claim(&self, owner: &str) -> ClaimedBatch {
        self.claim_up_to(100, owner).await
    }

    /// Claims what waits, and no more than this.
    pub async fn claim_up_to(&self, limit: u32, owner: &str) -> ClaimedBatch {
        let lane = Lane {
            vendor: "acme".to_owned(),
            format: Format::Standard,
            kinds: vec![LetterKind { format: Format::Standard, language: Language::En, country: "US".to_owned() }],
            limit,
        };
        let name = |number: u32| format!("eba-test-acme-{number:06}");
        self.is_at_work(owner).await;
        self.ledger.claim(&lane, &name, owner, "a head", None, at()).await.unwrap().expect("requests that wait")
    }

    /// Takes over an unfinished package.
    pub async fn take_over(&self, batch_id: i64, owner: &str) -> ClaimedBatch {
        self.is_at_work(owner).await;
        self.ledger.take_over(batch_id, owner, at()).await.unwrap()
    }

    /// An owner is at work from now on.
    async fn is_at_work(&self, owner: &str) {
        if !self.at_work.lock().unwrap().contains_key(owner) {
            let life = self.ledger.live(owner).await.unwrap();
            self.at_work.lock().unwrap().insert(owner.to_owned(), life);
        }
    }
}

pub fn intake_file(name: &str) -> IntakeFile {
    IntakeFile { name: name.to_owned(), sha256: "0".repeat(64), files: Vec::new() }
}

pub fn request(reference: &str, username: &str) -> NewRequest {
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
    // A symbol of an id has 32 values.
    (bytes[8], bytes[9]) = (u8::try_from(sequence / 32).unwrap(), u8::try_from(sequence % 32).unwrap());
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
