//! Identity: whose certificate it is, and whose server. A person compares fingerprints; the program only refuses.

use serde::Serialize;

use super::arguments::AddArgs;
use crate::adapters::host_keys::{self, HostKey};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::{Opening, read_certificate};
use crate::package::openpgp::Certificate;

/// A vendor's certificate, as people compare it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownCertificate {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Whose it says that it is. Untrusted text.
    pub user_id: String,
    /// Its algorithms.
    pub algorithms: String,
    /// When it ends, if it does.
    pub expires_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether the fingerprint was given, and is this one.
    pub compared: bool,
}

/// Reads the certificate, which must be fit to seal to and, where a fingerprint was given, be that one.
pub fn certificate(args: &AddArgs, at: &Opening) -> CliResult<(Certificate, ShownCertificate)> {
    let now = at.clock().now();
    let certificate = read_certificate(&args.certificate)?;
    certificate.check_encryption(now).map_err(|error| {
        Failure::usage(format!(
            "{}: {error}; ask the vendor for a certificate that can be encrypted to; nothing was written",
            args.certificate.display()
        ))
    })?;
    let fingerprint = certificate.fingerprint();
    let given = args.fingerprint.as_deref().map(plain_hex);
    if given.as_ref().is_some_and(|given| *given != fingerprint) {
        let message = format!(
            "the certificate's fingerprint is {}, and not the one that you gave; nothing was written; ask the vendor again, \
             by telephone",
            grouped(&fingerprint)
        );
        return Err(Failure::new(Exit::No, message));
    }
    let shown = ShownCertificate {
        user_id: certificate.user_id().chars().filter(|c| !c.is_control()).take(100).collect(),
        algorithms: certificate.algorithms(now),
        expires_at: certificate.expires_at(now),
        compared: given.is_some(),
        fingerprint,
    };
    Ok((certificate, shown))
}

fn plain_hex(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).collect()
}

/// A fingerprint in groups of four, to be read aloud.
#[must_use]
pub fn grouped(fingerprint: &str) -> String {
    let symbols: Vec<char> = fingerprint.chars().collect();
    symbols.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The keys of the server: those that were confirmed, and all that it showed.
pub struct ServerKeys {
    /// To be trusted.
    pub confirmed: Vec<HostKey>,
    /// To be compared.
    pub shown: Vec<HostKey>,
}

/// Asks the vendor's server for its keys; `None` where packages go by folders.
pub async fn server_keys(args: &AddArgs) -> CliResult<Option<ServerKeys>> {
    let Some(host) = &args.sftp_host else { return Ok(None) };
    // What may be a host's name is said by the configuration; here it only must not look like an option.
    if host.is_empty() || host.starts_with('-') || host.contains(char::is_whitespace) {
        return Err(Failure::usage(format!("'{host}' is no host; write a server's name or address")));
    }
    let shown = host_keys::scan(host, args.sftp_port).await.map_err(|message| Failure::new(Exit::TryAgain, message))?;
    let given = &args.host_key_fingerprint;
    let unknown: Vec<&str> = given
        .iter()
        .map(|given| given.trim())
        .filter(|given| shown.iter().all(|key| key.fingerprint != *given))
        .collect();
    if !unknown.is_empty() {
        let message = format!(
            "the server shows no key with the fingerprint {}; nothing was written; it shows\n{}\nask the vendor again, by \
             telephone: somebody may stand in between",
            unknown.join(", "),
            listed(&shown)
        );
        return Err(Failure::new(Exit::No, message));
    }
    let is_given = |key: &&HostKey| given.iter().any(|given| given.trim() == key.fingerprint);
    Ok(Some(ServerKeys { confirmed: shown.iter().filter(is_given).cloned().collect(), shown }))
}

/// Fingerprints, a line each.
#[must_use]
pub fn listed(keys: &[HostKey]) -> String {
    keys.iter().map(|key| format!("  {}  {}", key.fingerprint, key.algorithm)).collect::<Vec<_>>().join("\n")
}
