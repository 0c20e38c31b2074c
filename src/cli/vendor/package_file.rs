//! A sealed package on the vendor's disk, with what lies beside it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::error::VendorError;
use super::marks::{self, MarksRead};
use super::settings::VendorSettings;
use super::site_certificates::SiteCertificates;
use crate::adapters::files;
use crate::domain::local_time::date_at;
use crate::domain::package_name::PackageName;
use crate::package::digest::Sha256Digest;
use crate::package::name::{package_of_sealed_file, ready_file, void_file};
use crate::package::openpgp::SecretKey;
use crate::package::ready::{ReadyError, ReadyMarker};
use crate::package::unzip::UnzipLimits;
use crate::package::verify::{VerifiedPackage, verify_package};
use crate::package::void::VoidNotice;

/// A sealed package as it lies in the inbox, not yet opened.
pub struct PackageFile {
    /// Its name.
    pub name: PackageName,
    /// Its bytes.
    pub sealed: Vec<u8>,
    /// Of its bytes.
    pub sha256: Sha256Digest,
    file_name: String,
    folder: PathBuf,
}

impl PackageFile {
    /// Reads `NAME.zip.pgp` and sees whether it is for this vendor.
    pub fn read(path: &Path, code: Option<&str>) -> Result<Self, VendorError> {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = |refusal| VendorError::Refused { file: file_name.clone(), refusal: Box::new(refusal) };
        let name = package_of_sealed_file(&file_name).map_err(|error| refused(error.into()))?;
        check_vendor(&name, name.vendor(), code)?;
        let sealed = files::read(path)?;
        let sha256 = Sha256Digest::of(&sealed);
        Ok(Self { name, sealed, sha256, file_name, folder: path.parent().unwrap_or(Path::new("")).to_owned() })
    }

    /// The ready marker beside it.
    pub fn read_marker(&self) -> Result<Option<ReadyMarker>, VendorError> {
        let bytes = files::read_if_there(&self.folder.join(ready_file(&self.name)))?;
        let marker = bytes.map(|bytes| ReadyMarker::from_json(&bytes)).transpose();
        marker.map_err(|source| self.mistaken(source))
    }

    /// The ready marker is not good, or not this file's.
    pub fn mistaken(&self, source: ReadyError) -> VendorError {
        VendorError::Marker { package: self.name.clone(), source: Box::new(source) }
    }

    /// The vendor's whole check. `without_ready` lets a missing marker pass, not a wrong one.
    pub fn check(
        &self,
        keys: &Keys,
        code: Option<&str>,
        without_ready: bool,
        at: DateTime<Utc>,
    ) -> Result<CheckedPackage, VendorError> {
        let marker = self.read_marker()?;
        if marker.is_none() && !without_ready {
            let missing = self.folder.join(ready_file(&self.name));
            return Err(VendorError::NotReady { package: self.name.clone(), missing });
        }
        self.check_not_void(&keys.site, at)?;
        let limits = UnzipLimits::default();
        let verified = keys
            .site
            .check(|site| verify_package(&self.file_name, marker.as_ref(), &self.sealed, &keys.own, site, at, limits));
        let (package, signed_by) = verified
            .map_err(|refusal| VendorError::Refused { file: self.file_name.clone(), refusal: Box::new(refusal) })?;
        check_vendor(&self.name, &package.ticket.vendor, code)?;
        let marks = marks::check(&package)
            .map_err(|source| VendorError::WrongMarks { package: self.name.clone(), source: Box::new(source) })?;
        Ok(CheckedPackage { package, signed_by, marks })
    }

    fn check_not_void(&self, site: &SiteCertificates, at: DateTime<Utc>) -> Result<(), VendorError> {
        let Some(bytes) = files::read_if_there(&self.folder.join(void_file(&self.name)))? else { return Ok(()) };
        let package = self.name.clone();
        match site.check(|site| VoidNotice::read(&bytes, &self.name, site, at)) {
            Ok((notice, _)) => Err(VendorError::Voided { package, reason: notice.reason }),
            Err(source) => Err(VendorError::DoubtfulVoid { package, source: Box::new(source) }),
        }
    }
}

/// A package that may be printed, unless it was before.
pub struct CheckedPackage {
    /// What is in it.
    pub package: VerifiedPackage,
    /// The fingerprint of the site's key that signed it.
    pub signed_by: String,
    /// What its pages say.
    pub marks: MarksRead,
}

/// The vendor's own key and the site's pinned certificates.
pub struct Keys {
    /// The vendor's own.
    pub own: SecretKey,
    /// The site's.
    pub site: SiteCertificates,
}

impl Keys {
    /// Reads both.
    pub fn read(settings: &VendorSettings) -> Result<Self, VendorError> {
        Ok(Self { own: settings.open_secret_key()?, site: settings.read_site_certificates()? })
    }
}

/// Whether it is for the vendor of this code, where a code is known.
pub fn check_vendor(package: &PackageName, found: &str, code: Option<&str>) -> Result<(), VendorError> {
    match code.filter(|code| *code != found) {
        Some(code) => {
            Err(VendorError::OtherVendor { package: package.clone(), found: found.to_owned(), wanted: code.to_owned() })
        }
        None => Ok(()),
    }
}

/// The date of an instant where the site is.
pub fn date_in(zone: Tz, at: DateTime<Utc>) -> Result<NaiveDate, VendorError> {
    date_at(at, zone).ok_or_else(|| VendorError::Usage(format!("{at} cannot be a date; check the clock")))
}
