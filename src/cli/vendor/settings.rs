//! The vendor's settings: a small file `vendor.toml`, each of them overridden by an argument.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::arguments::PackageArgs;
use super::error::VendorError;
use crate::adapters::files;
use crate::domain::package_name::is_code;
use crate::package::openpgp::{Certificate, OpenPgpError, SecretKey};

/// The name of the settings file.
pub const SETTINGS_FILE: &str = "vendor.toml";
/// The environment variable with the passphrase of the vendor's secret key.
pub const PASSPHRASE_VARIABLE: &str = "LETTERPOST_VENDOR_KEY_PASSPHRASE";

/// What a vendor's commands work with. Paths in the file are relative to its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorSettings {
    /// The vendor's code; where it is known, packages for others are refused.
    pub code: Option<String>,
    /// The vendor's own OpenPGP secret key.
    pub secret_key: Option<PathBuf>,
    /// The pinned certificate of the site.
    pub site_certificate: Option<PathBuf>,
    /// The folder where receipts go.
    pub outbox: Option<PathBuf>,
    /// The file of package names that were taken.
    pub register: Option<PathBuf>,
}

impl VendorSettings {
    /// The settings for these arguments: the file that they name, or that lies near the package, and over it what was
    /// typed.
    ///
    /// # Errors
    /// Where the file named is missing, holds an unknown key, or the code is no code.
    pub fn find(args: &PackageArgs) -> Result<Self, VendorError> {
        let from_file = match find_file(args) {
            Some(path) => Self::read(&path)?,
            None => Self::default(),
        };
        let settings = Self {
            code: args.code.clone().or(from_file.code),
            secret_key: args.key.clone().or(from_file.secret_key),
            site_certificate: args.site_certificate.clone().or(from_file.site_certificate),
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
    /// Where it cannot be read, is not TOML, or holds an unknown key.
    pub fn read(path: &Path) -> Result<Self, VendorError> {
        let text = files::read_text(path)?;
        let mut settings: Self = toml::from_str(&text)
            .map_err(|error| VendorError::Settings { path: path.to_owned(), reason: error.to_string() })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for path in
            [&mut settings.secret_key, &mut settings.site_certificate, &mut settings.outbox, &mut settings.register]
                .into_iter()
                .flatten()
        {
            *path = folder.join(&*path);
        }
        Ok(settings)
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

    /// The pinned certificate of the site.
    pub(super) fn read_site_certificate(&self) -> Result<Certificate, VendorError> {
        let path = require(self.site_certificate.as_deref(), "site_certificate", "--site-certificate")?;
        let advice = "; ask the site for its certificate and compare the fingerprint by telephone";
        Certificate::parse(&files::read(path)?).map_err(|source| VendorError::Key {
            path: path.to_owned(),
            source,
            advice,
        })
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

fn require<'a>(path: Option<&'a Path>, key: &str, flag: &str) -> Result<&'a Path, VendorError> {
    path.ok_or_else(|| {
        VendorError::Usage(format!("it is not known where to look: give `{key}` in {SETTINGS_FILE}, or {flag}"))
    })
}

/// The settings file that is named, or the one in the package's folder, or in the folder above it.
fn find_file(args: &PackageArgs) -> Option<PathBuf> {
    let near = || {
        let folder = args.package.parent()?;
        // A folder that has no name, such as the present one, has the one above it under `..` only.
        let above = folder.file_name().and(folder.parent()).map_or_else(|| folder.join(".."), Path::to_owned);
        [folder, &above].map(|folder| folder.join(SETTINGS_FILE)).into_iter().find(|path| files::exists(path))
    };
    args.vendor_config.clone().or_else(near)
}
