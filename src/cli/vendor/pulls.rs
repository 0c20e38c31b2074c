//! `vendor pulls`: which letters the agency wants taken out before they are mailed.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::arguments::PullsArgs;
use super::error::VendorError;
use super::package_file::{Keys, check_vendor};
use super::settings::VendorSettings;
use crate::adapters::files;
use crate::domain::letter::LetterId;
use crate::domain::package_name::PackageName;
use crate::package::pull::PullOrder;
use crate::ports::Clock;

/// A pull order that the site signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pulls {
    /// The package that the letters are in.
    pub package: PackageName,
    /// The order's number for it, from 1.
    pub number: u32,
    /// The letters to take out.
    #[serde(serialize_with = "as_texts")]
    pub letters: Vec<LetterId>,
    /// Why.
    pub reason: String,
    /// When it was given.
    pub made_at: DateTime<Utc>,
    /// Whom to ask.
    pub contact: String,
    /// The fingerprint of the site's key, which signed it.
    pub signed_by: String,
    /// The order's file.
    pub file: PathBuf,
}

/// Reads pull orders; changes nothing.
///
/// # Errors
/// [`VendorError`]; its exit status is 5 where an order is not the site's, or not for this vendor.
pub fn pulls(args: &PullsArgs, clock: &dyn Clock) -> Result<Vec<Pulls>, VendorError> {
    let read = |path: &PathBuf| {
        let settings = VendorSettings::find(&args.settings, path)?;
        let (order, signed_by) = read_order(path, &Keys::read(&settings)?, settings.code.as_deref(), clock.now())?;
        Ok(Pulls {
            package: order.package,
            number: order.number,
            letters: order.letters,
            reason: order.reason,
            made_at: order.made_at,
            contact: order.contact,
            signed_by,
            file: path.clone(),
        })
    };
    args.orders.iter().map(read).collect()
}

/// The order in a file, with the fingerprint of the key that signed it.
pub fn read_order(
    path: &Path,
    keys: &Keys,
    code: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(PullOrder, String), VendorError> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sealed = files::read(path)?;
    let (order, signed_by) = keys
        .site
        .check(|site| PullOrder::open(&file, &sealed, &keys.own, site, at))
        .map_err(|source| VendorError::Order { file: file.clone(), source: Box::new(source) })?;
    check_vendor(&order.package, order.package.vendor(), code)?;
    Ok((order, signed_by))
}

impl Pulls {
    /// For people: what to take out, and how to say that it was.
    #[must_use]
    pub fn to_text(&self) -> String {
        let letters: String = self.letters.iter().map(|letter| format!("  {letter}\n")).collect();
        format!(
            "{}: order {}, given {}; take out {} letters, destroy them, and report them\n{letters}  because   {}\n  ask       {}\n  \
             signed by {}\n  then      letterpost vendor receipt {}.zip.pgp --pulled-by {}\n",
            self.package,
            self.number,
            self.made_at.format("%Y-%m-%dT%H:%M:%SZ"),
            self.letters.len(),
            self.reason,
            self.contact,
            self.signed_by,
            self.package,
            self.file.display()
        )
    }
}

fn as_texts<S: serde::Serializer>(letters: &[LetterId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(letters.iter().map(ToString::to_string))
}
