//! A site that is opened in this process: the stages on a real ledger and real folders, under a clock that the test moves.

#![allow(dead_code, reason = "each test file uses its own part of this")]

#[path = "copying.rs"]
mod copying;

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use clap::Parser as _;
use copying::copy_folder;
use letterpost::adapters::system::{FixedClock, SeededEntropy};
use letterpost::cli::args::Cli;
use letterpost::cli::open::Opening;
use letterpost::cli::report::Report;
use letterpost::package::openpgp::SecretKey;
use letterpost::stages::world::{Press, World};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::nightly::postgres::Database;
use super::nightly::{TestSite, rows_of};

/// A Monday in spring; every site begins here.
pub const BEGIN: &str = "2026-03-02T09:00:00-05:00";

/// The files of a site on which nobody waits, and what takes long to make.
pub struct Template {
    site: TestSite,
    press: OnceLock<Arc<Press>>,
}

impl Template {
    pub fn new() -> Self {
        let site = TestSite::before_the_night(BEGIN);
        let requests = site.json(&["request", "list"]);
        for request in requests.as_array().unwrap() {
            if request["status"] == "pending" || request["status"] == "held" {
                let reference = request["reference"].as_str().unwrap();
                site.run(&["request", "cancel", reference, "--reason", "not of this test"]).expect(0);
            }
        }
        Self { site, press: OnceLock::new() }
    }
}

/// A site in a folder of its own, and the world of its stages.
pub struct Inside {
    folder: TempDir,
    pub world: World,
    pub clock: Arc<FixedClock>,
    pub vendor_key: SecretKey,
    /// Where the ledger is, if it is no file in the folder.
    database: Option<Database>,
}

impl Inside {
    /// A copy of the template, opened.
    pub async fn new(template: &Template) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&template.site.path(""), folder.path());
        let configuration = folder.path().join("letterpost.toml");
        let database = template.site.copy_database(&configuration);
        let cli = Cli::parse_from(["letterpost", "--config", configuration.to_str().unwrap(), "doctor"]);
        let at = Opening::new(&cli, Report { quiet: true, ..Report::default() }, true).unwrap();
        let config = at.config().unwrap();
        let press = template.press.get_or_init(|| Arc::new(at.press(&config).unwrap()));
        let mut world = at.world_with(&config, Some(2), Arc::clone(press)).await.unwrap();
        let clock = Arc::new(FixedClock::at(BEGIN.parse().unwrap()));
        world.clock = Arc::<FixedClock>::clone(&clock);
        world.entropy = Arc::new(SeededEntropy::new(1));
        let vendor_key = SecretKey::parse(&fs::read(folder.path().join("keys/acme.sec.asc")).unwrap(), None).unwrap();
        Self { folder, world, clock, vendor_key, database }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a query of the ledger gives, each value as text and NULL as the empty text.
    pub async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        if let Some(database) = &self.database {
            return rows_of(database, query);
        }
        let options = SqliteConnectOptions::new().filename(self.path("letterpost.db"));
        let mut ledger = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        let found = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut ledger).await.unwrap();
        let text = |row: &sqlx::sqlite::SqliteRow, place| {
            row.try_get_unchecked::<Option<String>, usize>(place).unwrap().unwrap_or_default()
        };
        found.iter().map(|row| (0..row.len()).map(|place| text(row, place)).collect()).collect()
    }

    /// The one number that a query of the ledger gives.
    pub async fn number(&self, query: &str) -> u64 {
        let rows = self.rows(query).await;
        rows[0][0].parse().unwrap()
    }
}
