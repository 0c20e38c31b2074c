//! `[ledger]`, `[intake]`, `[folders]`, `[spool]` and `[keys]`: where things lie. Paths are as written.

use std::path::PathBuf;

use super::kind::{file, folder, text};
use super::section::Section;
use super::spool::SpoolPlace;

/// Where things lie; a relative path begins at the folder of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The file of the ledger.
    pub ledger: PathBuf,
    /// The file of heads, which is kept outside the ledger.
    pub heads: PathBuf,
    /// The file of the intake.
    pub intake: PathBuf,
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
    pub(super) fn read(document: &Section<'_>) -> Self {
        let (ledger, heads) = document.section("ledger", |ledger| {
            (database(ledger, "letterpost.db"), ledger.or("heads", "audit/heads.log".into(), &file()))
        });
        let intake = document.section("intake", |intake| {
            let file = database(intake, "intake.db");
            if file == ledger {
                intake.complain("url", "is the file of the ledger; give the intake a file of its own");
            }
            file
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

/// The file of a database's `url`. The value is not shown where it is refused: such addresses carry passwords.
fn database(section: &Section<'_>, default: &str) -> PathBuf {
    let write = format!("\"sqlite:\" and the path of a file: \"sqlite:{default}\"");
    let Some(url) = section.optional("url", &text(write.as_str())) else { return default.into() };
    let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    if let Some(path) = path.filter(|path| !path.is_empty() && !path.contains(['?', '#']) && *path != ":memory:") {
        return path.into();
    }
    let what = if url.starts_with("postgres") {
        "asks for PostgreSQL, which is not supported by this build"
    } else {
        "names no file of SQLite"
    };
    section.complain("url", &format!("{what}; write {write}"));
    default.into()
}
