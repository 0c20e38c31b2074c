//! Where the configuration's files and folders are, from the folder that the configuration itself lies in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Config;
use super::courier::CourierSection;
use super::database::Database;
use super::spool::SpoolPlace;
use crate::adapters::sftp_courier::SftpPlace;

/// The site's files and folders. Relative paths of the configuration have become paths from its own folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The ledger.
    pub ledger: Database,
    /// The ledger's file; on a server, what the names of lock files here begin with.
    pub ledger_file: PathBuf,
    /// The file of heads, kept outside the ledger.
    pub heads: PathBuf,
    /// The portal's table.
    pub intake: Database,
    /// Its file; of no use on a server.
    pub intake_file: PathBuf,
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
    /// The secret key that signs the heads of the audit log; its public key lies beside it, as `.vkey`.
    pub log_key: PathBuf,
    /// The pepper.
    pub pepper: PathBuf,
    /// The vendors' paths, by vendor code.
    pub vendors: BTreeMap<String, VendorPaths>,
}

/// A vendor's certificate, and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorPaths {
    /// Its OpenPGP certificates.
    pub certificates: Vec<PathBuf>,
    /// Its inbox and outbox.
    pub courier: CourierPlace,
}

/// Where a vendor's inbox and outbox are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourierPlace {
    /// On this machine, or on a share that is mounted here.
    Folder {
        /// Where packages are put for it.
        inbox: PathBuf,
        /// Where its receipts are found.
        outbox: PathBuf,
    },
    /// On an SFTP server.
    Sftp(SftpPlace),
}

impl Config {
    /// The paths, for a configuration that lies in `folder`.
    #[must_use]
    pub fn paths(&self, folder: &Path) -> Paths {
        let at = |path: &PathBuf| folder.join(path);
        let vendors = self.vendors.iter().map(|vendor| {
            let courier = match &vendor.courier {
                CourierSection::Folder { inbox, outbox } => {
                    CourierPlace::Folder { inbox: at(inbox), outbox: at(outbox) }
                }
                CourierSection::Sftp(sftp) => CourierPlace::Sftp(sftp.place(&vendor.code, folder)),
            };
            (vendor.code.clone(), VendorPaths { certificates: vendor.certificates.iter().map(at).collect(), courier })
        });
        Paths {
            ledger_file: folder.join(self.stores.ledger.file().unwrap_or(Path::new("letterpost"))),
            ledger: self.stores.ledger.from(folder),
            heads: at(&self.stores.heads),
            intake: self.stores.intake.from(folder),
            intake_file: folder.join(self.stores.intake.file().unwrap_or(Path::new("intake.db"))),
            spool: self.stores.spool.at(folder),
            quarantine: at(&self.stores.quarantine),
            receipts: at(&self.stores.receipts),
            certificates: at(&self.stores.certificates),
            backups: at(&self.stores.backups),
            jobs: at(&self.stores.jobs),
            templates: self.stores.templates.as_ref().map(at),
            site_key: at(&self.stores.site_key),
            log_key: at(&self.stores.log_key),
            pepper: at(&self.password.pepper),
            vendors: vendors.collect(),
        }
    }
}
