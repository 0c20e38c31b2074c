//! A ledger whose log grows.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use letterpost::adapters::sqlite::SqliteLedger;
use letterpost::adapters::system::SeededEntropy;
use letterpost::audit::merkle::leaf_hash;
use letterpost::audit::note::SigningKey;
use letterpost::ports::Progress;
use letterpost::ports::ledger::SiteMark;
use letterpost::ports::ledger::{AuditLedger as _, RunLedger as _};
use letterpost::stages::audit::{prove, verify};
use letterpost::stages::log_key::signer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

/// Entries over which an append is measured.
pub const TAIL: u64 = 500;
/// The letter that is proved.
pub const SITE_LETTER: &str = "7K2QX-90DMC";

const ORIGIN: &str = "agency.example/letters";

pub struct Log {
    ledger: SqliteLedger,
    path: std::path::PathBuf,
    size: u64,
    next_of_letter: u64,
}

fn mark() -> SiteMark {
    SiteMark { code: "eba".to_owned(), environment: "test".to_owned(), origin: ORIGIN.to_owned(), is_rehearsal: true }
}

fn entropy() -> Arc<SeededEntropy> {
    Arc::new(SeededEntropy::new(1))
}

fn key() -> SigningKey {
    SigningKey::new(ORIGIN, &[1; 32]).unwrap()
}

/// A second for each entry, from a morning in winter on.
fn instant(seq: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_600_000 + seq.cast_signed(), 0).unwrap()
}

impl Log {
    pub async fn create(path: &Path) -> Self {
        let ledger = SqliteLedger::create(path, &mark(), instant(0), entropy()).await.unwrap();
        let size = ledger.log_size().await.unwrap();
        Self { ledger, path: path.to_owned(), size, next_of_letter: 10 }
    }

    pub async fn open(path: &Path) -> Self {
        let ledger = SqliteLedger::open(path, &mark(), entropy()).await.unwrap();
        let size = ledger.log_size().await.unwrap();
        Self { ledger, path: path.to_owned(), size, next_of_letter: 0 }
    }

    /// Appends entries, each in a transaction of its own; now and then one of the letter.
    pub async fn grow_to(&mut self, size: u64) {
        while self.size < size {
            if self.size == self.next_of_letter {
                self.append_of_letter().await;
                self.next_of_letter += self.next_of_letter.max(100) / 2;
            } else {
                // One run that is started over and over: no other row grows with the log.
                self.ledger.start_run("nightly", "2026-12-01T22:30", instant(self.size)).await.unwrap();
            }
            self.size += 1;
        }
    }

    /// An entry of the letter, put in from outside: no public call writes one without a whole night before it.
    async fn append_of_letter(&self) {
        let entry = format!(
            r#"{{"actor":{{"service":"letterpost"}},"at":"{}","data":{{"letter":"{SITE_LETTER}"}},"kind":"letter.printed","salt":"abababababababababababababababab","seq":{},"v":2}}"#,
            letterpost::audit::entry::instant_text(instant(self.size)),
            self.size
        );
        let mut sql = SqliteConnectOptions::new().filename(&self.path).connect().await.unwrap();
        let statement = sqlx::query("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES ($1, $2, $3)");
        let leaf = leaf_hash(entry.as_bytes()).to_vec();
        statement.bind(self.size.cast_signed()).bind(entry.as_bytes()).bind(leaf).execute(&mut sql).await.unwrap();
        sql.close().await.unwrap();
    }

    pub async fn take_head(&self) {
        let key = key();
        self.ledger.take_head(&signer(ORIGIN, &[&key]), instant(self.size)).await.unwrap();
    }

    pub async fn verify(&self) {
        let evidence = verify::Evidence { keys: vec![key().verifier().clone()], ..verify::Evidence::default() };
        let checked = verify::verify(&self.ledger, ORIGIN, evidence, &Silent).await.unwrap();
        assert_eq!((checked.size, checked.faults.as_slice()), (self.size, &[][..]));
    }

    /// The proof of the letter, as its file.
    pub async fn proof(&self, letter: &str) -> String {
        let proved = prove::letter(&self.ledger, ORIGIN, letter.parse().unwrap()).await.unwrap();
        assert!(proved.entries >= 1 && proved.newer == 0);
        proved.file.to_json().unwrap()
    }
}

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
    fn waits(&self, _: &str) {}
}
