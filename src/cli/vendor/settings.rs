//! The vendor's settings: a small file `vendor.toml`, each of them overridden by an argument.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::arguments::SettingsArgs;
use super::error::VendorError;
use super::site_certificates::SiteCertificates;
use crate::adapters::files;
use crate::domain::package_name::is_code;
use crate::package::openpgp::{Certificate, OpenPgpError, SecretKey};

/// The name of the settings file.
pub const SETTINGS_FILE: &str = "vendor.toml";
/// The environment variable with the passphrase of the vendor's secret key.
pub const PASSPHRASE_VARIABLE: &str = "LETTERPOST_VENDOR_KEY_PASSPHRASE";

/// What a vendor's commands work with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorSettings {
    /// The vendor's code; where it is known, packages for others are refused.
    pub code: Option<String>,
    /// The vendor's own OpenPGP secret key.
    pub secret_key: Option<PathBuf>,
    /// The pinned certificates of the site: one, or more while it changes its key.
    pub site_certificates: Vec<PathBuf>,
    /// The folder where receipts go.
    pub outbox: Option<PathBuf>,
    /// The file of package names that were taken.
    pub register: Option<PathBuf>,
}

/// The settings as they are written. Paths are relative to the file's folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: Option<String>,
    secret_key: Option<PathBuf>,
    site_certificate: Option<PathBuf>,
    site_certificates: Option<Vec<PathBuf>>,
    outbox: Option<PathBuf>,
    register: Option<PathBuf>,
}

impl VendorSettings {
    /// The settings for these arguments: the file that they name, or that lies near the file or folder `beside`, and
    /// over it what was typed.
    ///
    /// # Errors
    /// Where the file named is missing, holds an unknown key, or the code is no code.
    pub fn find(args: &SettingsArgs, beside: &Path) -> Result<Self, VendorError> {
        let from_file = match args.vendor_config.clone().or_else(|| find_file(beside)) {
            Some(path) => Self::read(&path)?,
            None => Self::default(),
        };
        let typed = args.site_certificates.clone();
        let settings = Self {
            code: args.code.clone().or(from_file.code),
            secret_key: args.key.clone().or(from_file.secret_key),
            site_certificates: if typed.is_empty() { from_file.site_certificates } else { typed },
            outbox: args.outbox.clone().or(from_file.outbox),
            register: args.register.clone().or(from_file.register),
        };
        match settings.code.as_deref().filter(|code| !is_code(code)) {
            Some(code) => Err(VendorError::Usage(format!(
                "'{code}' is not a vendor's code: one to eight lower-case letters and digits"
            ))),
            None => Ok(settings),
        }
    }

    /// Reads a settings file.
    ///
    /// # Errors
    /// Where it cannot be read, is not TOML, holds an unknown key, or names the site's certificates in two ways.
    pub fn read(path: &Path) -> Result<Self, VendorError> {
        let wrong = |reason: String| VendorError::Settings { path: path.to_owned(), reason };
        let written: Written = toml::from_str(&files::read_text(path)?).map_err(|error| wrong(error.to_string()))?;
        if written.site_certificate.is_some() && written.site_certificates.is_some() {
            return Err(wrong(
                "write site_certificate, or site_certificates for more than one, and not both".to_owned(),
            ));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let beside = |named: PathBuf| folder.join(named);
        let certificates = written.site_certificate.into_iter().chain(written.site_certificates.into_iter().flatten());
        Ok(Self {
            code: written.code,
            secret_key: written.secret_key.map(beside),
            site_certificates: certificates.map(beside).collect(),
            outbox: written.outbox.map(beside),
            register: written.register.map(beside),
        })
    }

    /// The vendor's secret key, opened.
    pub(super) fn open_secret_key(&self) -> Result<SecretKey, VendorError> {
        let path = require(self.secret_key.as_deref(), "secret_key", "--key")?;
        let passphrase = std::env::var(PASSPHRASE_VARIABLE).ok().map(Zeroizing::new);
        let armored = files::read_secret(path)?;
        SecretKey::parse(&armored, passphrase.as_ref().map(|text| text.as_str())).map_err(|source| {
            let is_locked = matches!(source, OpenPgpError::WrongPassphrase(_));
            let advice = if is_locked { "; put it in LETTERPOST_VENDOR_KEY_PASSPHRASE" } else { "" };
            VendorError::Key { path: path.to_owned(), source, advice }
        })
    }

    /// The pinned certificates of the site.
    pub(super) fn read_site_certificates(&self) -> Result<SiteCertificates, VendorError> {
        let advice = "; ask the site for its certificate and compare the fingerprint by telephone";
        let read = |path: &PathBuf| {
            Certificate::parse(&files::read(path)?).map_err(|source| VendorError::Key {
                path: path.to_owned(),
                source,
                advice,
            })
        };
        require(self.site_certificates.first(), "site_certificate", "--site-certificate")?;
        Ok(SiteCertificates::new(self.site_certificates.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// The folder where receipts go.
    pub(super) fn require_outbox(&self) -> Result<&Path, VendorError> {
        require(self.outbox.as_deref(), "outbox", "--outbox")
    }

    /// The file of names.
    pub(super) fn require_register(&self) -> Result<&Path, VendorError> {
        require(self.register.as_deref(), "register", "--register")
    }
}

fn require<T>(found: Option<T>, key: &str, flag: &str) -> Result<T, VendorError> {
    found.ok_or_else(|| {
        VendorError::Usage(format!("it is not known where to look: give `{key}` in {SETTINGS_FILE}, or {flag}"))
    })
}

/// The settings file in the folder of this file, or in the folder above it.
fn find_file(beside: &Path) -> Option<PathBuf> {
    let folder = beside.parent()?;
    // A folder that has no name, such as the present one, has the one above it under `..` only.
    let above = folder.file_name().and(folder.parent()).map_or_else(|| folder.join(".."), Path::to_owned);
    [folder, &above].map(|folder| folder.join(SETTINGS_FILE)).into_iter().find(|path| files::exists(path))
}
