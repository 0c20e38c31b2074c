//! `[ledger]`, `[intake]`, `[folders]`, `[spool]` and `[keys]`: where things lie. Paths are as written.

use std::path::PathBuf;
use std::time::Duration;

use super::database::Database;
use super::kind::{file, folder, text, whole};
use super::section::Section;
use super::spool::SpoolPlace;
use crate::adapters::postgres::Limits;

/// A connection that takes longer is none.
const MOST_CONNECT_SECONDS: u32 = 600;
/// A statement that takes longer is a mistake.
const MOST_STATEMENT_SECONDS: u32 = 3600;

/// Where things lie; a relative path begins at the folder of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The ledger.
    pub ledger: Database,
    /// How long a server of the ledger is waited for.
    pub limits: Limits,
    /// The file of heads, which is kept outside the ledger.
    pub heads: PathBuf,
    /// The portal's table.
    pub intake: Database,
    /// Sealed packages.
    pub spool: SpoolPlace,
    /// Refused files.
    pub quarantine: PathBuf,
    /// Copies of receipts that were taken.
    pub receipts: PathBuf,
    /// Copies of vendors' certificates of destruction.
    pub certificates: PathBuf,
    /// Copies of the ledger and the intake.
    pub backups: PathBuf,
    /// The schedule.
    pub jobs: PathBuf,
    /// The site's own templates; `None` for those built in.
    pub templates: Option<PathBuf>,
    /// The site's secret key.
    pub site_key: PathBuf,
    /// The secret key that signs the heads of the audit log.
    pub log_key: PathBuf,
}

impl Stores {
    pub(super) fn read(document: &Section<'_>, is_live: bool) -> Self {
        let (ledger, heads, limits) = document.section("ledger", |ledger| {
            let limits = limits(ledger);
            let usual = Database::File("letterpost.db".into());
            (database(ledger, usual, (limits, is_live)), ledger.or("heads", "audit/heads.log".into(), &file()), limits)
        });
        let intake = document.section("intake", |intake| {
            // On PostgreSQL the portal's table is a schema beside the ledger's.
            let beside = match &ledger {
                Database::File(_) => Database::File("intake.db".into()),
                Database::Server(_) => ledger.clone(),
            };
            let database = database(intake, beside, (limits, is_live));
            if matches!(database, Database::File(_)) && database == ledger {
                intake.complain("url", "is the file of the ledger; give the intake a file of its own");
            }
            database
        });
        let (site_key, log_key) = document.section("keys", |keys| {
            let site_key = keys.or("site_key", PathBuf::from("keys/site.sec.asc"), &file());
            let log_key = keys.or("log_key", "keys/log.key".into(), &file());
            if log_key.extension().is_some_and(|ending| ending == "vkey") {
                keys.complain(
                    "log_key",
                    "names the file of the public key; give the secret key another ending: \"keys/log.key\"",
                );
            }
            (site_key, log_key)
        });
        document.section("folders", |folders| Self {
            ledger,
            limits,
            heads,
            intake,
            spool: SpoolPlace::read(folders, document),
            quarantine: folders.or("quarantine", "quarantine".into(), &folder()),
            receipts: folders.or("receipts", "receipts".into(), &folder()),
            certificates: folders.or("certificates", "certificates".into(), &folder()),
            backups: folders.or("backups", "backups".into(), &folder()),
            jobs: folders.or("jobs", "jobs".into(), &folder()),
            templates: folders.optional("templates", &folder()),
            site_key,
            log_key,
        })
    }
}

/// How long a server is waited for.
fn limits(section: &Section<'_>) -> Limits {
    let usual = Limits::default();
    let seconds = |key, usual: Duration, most| {
        let usual = u32::try_from(usual.as_secs()).unwrap_or(most);
        Duration::from_secs(u64::from(section.or(key, usual, &whole(1..=most))))
    };
    Limits {
        connect: seconds("connect_seconds", usual.connect, MOST_CONNECT_SECONDS),
        statement: seconds("statement_seconds", usual.statement, MOST_STATEMENT_SECONDS),
    }
}

/// The `url` of a database. The value is not shown where it is refused: such addresses carry passwords.
fn database(section: &Section<'_>, default: Database, (limits, is_live): (Limits, bool)) -> Database {
    let write = "\"sqlite:\" and the path of a file, or \"postgres://LOGIN@HOST/DATABASE\"";
    let Some(url) = section.optional("url", &text(write)) else { return default };
    match Database::parse(&url) {
        Ok(Database::Server(address)) => {
            if is_live && !address.is_guarded() {
                section.complain(
                    "url",
                    "reaches its server over a network without proof who answers, and this site is live; write \
                     sslmode=verify-full, or leave sslmode out, and name its authority's certificate as sslrootcert",
                );
            }
            Database::Server(address.within(limits))
        }
        Ok(file) => file,
        Err(problem) => {
            section.complain("url", &problem);
            default
        }
    }
}
