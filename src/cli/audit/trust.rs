//! Which keys a reader trusts.

use std::path::Path;

use crate::adapters::files;
use crate::audit::note::VerifierKey;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::log_key;
use crate::cli::open::Opening;
use crate::ports::ledger::Ledger;

/// The keys that were named, each in itself or as a file that holds it.
pub(super) fn named(keys: &[String]) -> CliResult<Vec<VerifierKey>> {
    keys.iter().map(|key| one(key)).collect()
}

fn one(named: &str) -> CliResult<VerifierKey> {
    let text = if files::exists(Path::new(named)) { files::read_text(Path::new(named))? } else { named.to_owned() };
    text.trim().parse().map_err(|error| Failure::usage(format!("--key {named}: {error}")))
}

/// The keys that were named or, where none was, the site's own. There is none only on a site whose heads are not signed yet.
pub(super) async fn of_site(
    keys: &[String],
    config: &Config,
    ledger: &dyn Ledger,
    at: &Opening,
) -> CliResult<Vec<VerifierKey>> {
    if !keys.is_empty() {
        return named(keys);
    }
    let path = at.paths(config).log_key;
    let own = log_key::public(&path);
    if own.is_none() && ledger.last_head().await?.is_some_and(|head| head.note.is_some()) {
        return Err(Failure::usage(format!(
            "there is no public key of the log in {}; name the one that you noted with --key",
            log_key::public_path(&path).display()
        )));
    }
    Ok(own.into_iter().collect())
}
