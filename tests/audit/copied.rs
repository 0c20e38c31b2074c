//! The log of a small night, and copies of it that a test may rewrite as somebody could who has the whole machine: rows, hashes,
//! heads, and the site's own signing key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use letterpost::audit::check::{KeptHead, KeptSubtrees};
use letterpost::audit::checkpoint::Checkpoint;
use letterpost::audit::merkle::{Frontier, Hash, leaf_hash};
use letterpost::audit::note::{SigningKey, VerifierKey};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

use crate::night::NightSite;

/// The name of the logs of these sites, which is that of the demo.
pub const ORIGIN: &str = "letters.benefits.example/eba";

/// A site after its night and the vendor's receipt, with more than 256 entries, and heads before and after: a copy for each who asks,
/// for a command at work makes and removes files beside the ledger.
pub fn site() -> NightSite {
    made().copy()
}

/// The site that all are copies of. Nothing is run there any more.
fn made() -> &'static NightSite {
    static SITE: OnceLock<NightSite> = OnceLock::new();
    SITE.get_or_init(|| {
        let site = NightSite::with_requests(60, 100, 64);
        let done = |words: &[&str]| {
            let ended = site.run(words);
            assert_eq!(ended.exit, Some(0), "{words:?}: {ended:?}");
        };
        done(&["checkpoint"]);
        done(&["run", "nightly"]);
        let package = site.names("vendor/inbox").into_iter().find(|name| name.ends_with(".zip.pgp")).unwrap();
        done(&["vendor", "receipt", site.path("vendor/inbox").join(package).to_str().unwrap()]);
        done(&["ingest"]);
        done(&["checkpoint"]);
        site
    })
}

/// The site's signing key.
pub fn signing_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::parse(&fs::read_to_string(made().path("keys/log.key")).unwrap()).unwrap())
}

/// The public half of it.
pub fn vkey() -> VerifierKey {
    signing_key().verifier().clone()
}

/// A row of the log.
#[derive(Clone, Debug)]
pub struct Row {
    pub seq: u64,
    pub entry: Vec<u8>,
    pub leaf: Vec<u8>,
}

/// A log as a ledger keeps it.
#[derive(Clone)]
pub struct Log {
    pub rows: Vec<Row>,
    pub heads: Vec<KeptHead>,
    pub subtrees: KeptSubtrees,
}

impl Log {
    /// A whole log of these entries, with signed heads of these sizes.
    pub fn of(entries: Vec<Vec<u8>>, heads: &[u64]) -> Self {
        let rows: Vec<Row> =
            (0..).zip(entries).map(|(seq, entry)| Row { seq, leaf: leaf_hash(&entry).to_vec(), entry }).collect();
        let heads = heads.iter().filter(|size| **size <= rows.len() as u64).map(|size| head(&rows, *size)).collect();
        let whole = rows.chunks(256).filter(|chunk| chunk.len() == 256);
        let subtrees = (0..).zip(whole).map(|(place, chunk)| ((1, place), root(chunk))).collect();
        Self { rows, heads, subtrees }
    }

    /// The same entries, with everything else made anew as the site itself would.
    pub fn made_anew(&self, heads: &[u64]) -> Self {
        Self::of(self.rows.iter().map(|row| row.entry.clone()).collect(), heads)
    }

    /// Every row at its place, and every entry with the number of its place in it.
    pub fn renumber(&mut self) {
        for (seq, row) in (0..).zip(&mut self.rows) {
            row.seq = seq;
            row.entry = with_seq(&row.entry, seq);
        }
    }

    /// Every leaf hash that of its entry.
    pub fn rehash(&mut self) {
        self.rows.iter_mut().for_each(|row| row.leaf = leaf_hash(&row.entry).to_vec());
    }
}

fn edge(rows: &[Row]) -> Frontier {
    let mut log = Frontier::new();
    rows.iter().for_each(|row| log.append(leaf_hash(&row.entry)));
    log
}

fn root(rows: &[Row]) -> Hash {
    edge(rows).root()
}

fn head(rows: &[Row], size: u64) -> KeptHead {
    let root = root(&rows[..usize::try_from(size).unwrap()]);
    let edge = edge(&rows[..usize::try_from(size).unwrap()]);
    KeptHead {
        what: format!("the head of {size}"),
        size,
        root,
        note: Some(note(size, root)),
        has_its_edge: edge.root() == root,
    }
}

/// A checkpoint as the site signs it.
pub fn note(size: u64, root: Hash) -> String {
    Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&[signing_key()]).unwrap()
}

/// An entry with another number in it.
fn with_seq(entry: &[u8], seq: u64) -> Vec<u8> {
    let text = String::from_utf8(entry.to_vec()).unwrap();
    let from = text.rfind("\"seq\":").unwrap() + "\"seq\":".len();
    let to = from + text[from..].find(',').unwrap();
    format!("{}{seq}{}", &text[..from], &text[to..]).into_bytes()
}

/// The entries of a site, in order.
pub async fn entries(site: &NightSite) -> Vec<Vec<u8>> {
    let mut sql = Sql::open(&site.path("letterpost.db")).await;
    sql.column("SELECT entry FROM audit_entry ORDER BY seq").await
}

/// A ledger behind the program's back, without the guards of its log.
pub struct Sql(SqliteConnection);

impl Sql {
    pub async fn open(path: &Path) -> Self {
        Self(SqliteConnectOptions::new().filename(path).connect().await.unwrap())
    }

    /// The same, with every guard of the log taken away.
    pub async fn unguarded(path: &Path) -> Self {
        let mut sql = Self::open(path).await;
        let guards = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'");
        for guard in guards.fetch_all(&mut sql.0).await.unwrap() {
            sql.run(&format!("DROP TRIGGER {}", guard.get::<String, _>(0))).await;
        }
        sql
    }

    pub async fn run(&mut self, statements: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut self.0).await;
        done.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    pub async fn column<T>(&mut self, query: &str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(|row| row.try_get_unchecked(0).unwrap()).collect()
    }

    /// Writes a log in the place of the ledger's: rows, heads, subtrees.
    pub async fn write(&mut self, log: &Log) {
        self.run("DELETE FROM audit_entry; DELETE FROM audit_head; DELETE FROM audit_subtree").await;
        for row in &log.rows {
            let statement = sqlx::query("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES ($1, $2, $3)");
            let statement = statement.bind(row.seq.cast_signed()).bind(&row.entry).bind(&row.leaf);
            statement.execute(&mut self.0).await.unwrap();
        }
        for head in &log.heads {
            let statement = sqlx::query(
                "INSERT INTO audit_head (size, root, frontier, taken_at, note) VALUES ($1, $2, $4, '2026-11-21T03:30:00Z', $3)",
            );
            let edge = edge(&log.rows[..usize::try_from(head.size).unwrap()]).to_bytes();
            let statement =
                statement.bind(head.size.cast_signed()).bind(head.root.to_vec()).bind(&head.note).bind(edge);
            statement.execute(&mut self.0).await.unwrap();
        }
        for ((level, place), root) in &log.subtrees {
            let statement = sqlx::query("INSERT INTO audit_subtree (level, idx, hash) VALUES ($1, $2, $3)");
            let statement = statement.bind(i64::from(*level)).bind(place.cast_signed()).bind(root.to_vec());
            statement.execute(&mut self.0).await.unwrap();
        }
    }

    pub async fn close(self) {
        self.0.close().await.unwrap();
    }
}

/// The newest note that the site keeps outside its ledger, in a file of its own: what somebody took away in time.
pub fn taken_away(site: &NightSite, folder: &Path) -> PathBuf {
    let kept = fs::read_to_string(site.path("audit/heads.log")).unwrap();
    let last = letterpost::audit::check::notes::notes_in(&kept).pop().unwrap();
    let path = folder.join("outside.note");
    fs::write(&path, last).unwrap();
    path
}
