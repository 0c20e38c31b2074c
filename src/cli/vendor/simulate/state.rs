//! What the stand-in remembers between its starts: one JSON file in its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::adapters::files;
use crate::cli::vendor::error::VendorError;
use crate::domain::package_name::{Environment, PackageName};

/// The name of the file.
pub(super) const STATE_FILE: &str = "state.json";
/// The form of the file that is described here.
const VERSION: u32 = 1;

/// Everything that a stand-in knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u32,
    /// Packages whose marker was seen, and when first; they are not taken yet.
    pub arriving: BTreeMap<PackageName, DateTime<Utc>>,
    /// Packages that were taken.
    pub jobs: BTreeMap<PackageName, Job>,
    /// Packages that fail the check, and why.
    pub refused: BTreeMap<PackageName, String>,
    /// Numbers that will never come, and why.
    pub voided: BTreeMap<PackageName, String>,
    /// Pull orders that were read, by their files' names.
    pub orders: BTreeMap<String, String>,
    /// How often a package came that was taken before.
    pub repeated: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            version: VERSION,
            arriving: BTreeMap::new(),
            jobs: BTreeMap::new(),
            refused: BTreeMap::new(),
            voided: BTreeMap::new(),
            orders: BTreeMap::new(),
            repeated: 0,
        }
    }
}

impl State {
    /// Reads it; a stand-in without one is new.
    pub(super) fn read(path: &Path) -> Result<Self, VendorError> {
        let Some(bytes) = files::read_if_there(path)? else { return Ok(Self::default()) };
        let wrong = |reason: String| VendorError::Settings { path: path.to_owned(), reason };
        let state: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if state.version == VERSION {
            return Ok(state);
        }
        Err(wrong(format!(
            "its version is {}, and this program reads {VERSION}; begin with a new folder",
            state.version
        )))
    }

    /// Writes it whole.
    pub(super) fn write(&self, path: &Path) -> Result<(), VendorError> {
        let wrong =
            |error: serde_json::Error| VendorError::Settings { path: path.to_owned(), reason: error.to_string() };
        Ok(files::replace(path, &serde_json::to_vec(self).map_err(wrong)?)?)
    }

    /// Numbers between the first and the last of a site of which nothing has come: lost files.
    #[must_use]
    pub fn missing(&self) -> Vec<PackageName> {
        let known: BTreeSet<&PackageName> =
            self.jobs.keys().chain(self.refused.keys()).chain(self.voided.keys()).chain(self.arriving.keys()).collect();
        let mut spans: BTreeMap<(&str, Environment, &str), (u32, u32)> = BTreeMap::new();
        for name in &known {
            let number = name.number();
            let span = spans.entry((name.site(), name.environment(), name.vendor())).or_insert((number, number));
            *span = (span.0.min(number), span.1.max(number));
        }
        let all = spans.into_iter().flat_map(|((site, environment, vendor), (first, last))| {
            (first..last).filter_map(move |number| PackageName::new(site, environment, vendor, number).ok())
        });
        all.filter(|name| !known.contains(name)).collect()
    }
}
