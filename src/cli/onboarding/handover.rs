//! Handover: what the vendor is sent, in a folder of its own: the site's certificate, and settings for its commands.

use std::path::{Path, PathBuf};

use super::arguments::AddArgs;
use crate::adapters::files;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::init::certificate_path;
use crate::cli::open::{Opening, read_certificate};
use crate::package::openpgp::Certificate;

/// The site's certificate, as the vendor is given it.
const SITE_CERTIFICATE: &str = "site.pub.asc";
/// The settings of the vendor's commands.
const VENDOR_SETTINGS: &str = "vendor.toml";

/// The site's certificate: the file beside its secret key, or what is made from that key where there is none.
pub fn site_certificate(config: &Config, at: &Opening) -> CliResult<Certificate> {
    let path = certificate_path(&at.paths(config).site_key);
    if files::exists(&path) {
        return read_certificate(&path);
    }
    Ok(at.site_key(config)?.certificate().clone())
}

/// The files of the handover, in this folder.
pub fn files_for(
    args: &AddArgs,
    config: &Config,
    site: &Certificate,
    folder: &Path,
) -> CliResult<Vec<(PathBuf, Vec<u8>)>> {
    let armored = site.to_armored().map_err(|error| Failure::new(Exit::TryAgain, error))?;
    Ok(vec![
        (folder.join(SITE_CERTIFICATE), armored.into_bytes()),
        (folder.join(VENDOR_SETTINGS), settings(args, config, site).into_bytes()),
    ])
}

/// `vendor.toml`, with what only the vendor knows left to it.
fn settings(args: &AddArgs, config: &Config, site: &Certificate) -> String {
    let code = &args.code;
    format!(
        "# Settings of the vendor's commands of letterpost (docs/vendor-guide.md), for {} and vendor {code}.\n\
         # Put this file beside your inbox, or name it with --vendor-config. Paths begin at its folder.\n\
         code = \"{code}\"\n\
         # Your own secret key: it opens packages and signs receipts. It never leaves your house.\n\
         secret_key = \"keys/{code}-secret.asc\"\n\
         # Only what this key signed is a package. Compare its fingerprint with the site by telephone:\n\
         # {}\n\
         site_certificate = \"{SITE_CERTIFICATE}\"\n\
         # Where your receipts go.\n\
         outbox = \"outbox\"\n\
         # The names of packages that were taken: one that stands here is never printed again.\n\
         register = \"register\"\n",
        config.site.name.replace(char::is_control, " "),
        super::identity::grouped(&site.fingerprint())
    )
}
