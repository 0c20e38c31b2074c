//! Which keys a reader trusts.

use std::path::Path;

use crate::adapters::files;
use crate::audit::note::VerifierKey;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::log_key;
use crate::cli::open::Opening;

/// The keys that were named, each in itself or as a file that holds it.
pub(super) fn named(keys: &[String]) -> CliResult<Vec<VerifierKey>> {
    keys.iter().map(|key| one(key)).collect()
}

fn one(named: &str) -> CliResult<VerifierKey> {
    let text = if files::exists(Path::new(named)) { files::read_text(Path::new(named))? } else { named.to_owned() };
    text.trim().parse().map_err(|error| Failure::usage(format!("--key {named}: {error}")))
}

/// The keys that were named or, where none was, the site's own.
pub(super) fn of_site(keys: &[String], config: &Config, at: &Opening) -> CliResult<Vec<VerifierKey>> {
    if !keys.is_empty() {
        return named(keys);
    }
    Ok(log_key::public(&at.paths(config).log_key).into_iter().collect())
}
