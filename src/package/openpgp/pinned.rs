//! Several certificates of one owner: while a key is changed for another, both stand for a while.

use chrono::{DateTime, Utc};

use super::{Certificate, OpenPgpError, verify_detached};

/// The certificates that a package can be sealed to at this time, each key once.
#[must_use]
pub fn usable(certificates: &[Certificate], at: DateTime<Utc>) -> Vec<&Certificate> {
    let mut usable: Vec<&Certificate> = Vec::new();
    for certificate in certificates {
        let is_known = usable.iter().any(|other| other.fingerprint() == certificate.fingerprint());
        if !is_known && certificate.check_encryption(at).is_ok() {
            usable.push(certificate);
        }
    }
    usable
}

/// Checks a signature beside these bytes that the key of any of the certificates may have made; gives the time at which it
/// was made.
///
/// # Errors
/// Where none of the certificates that may sign at `at` made it, or it does not belong to these bytes.
pub fn verify_detached_by_any(
    content: &[u8],
    signature: &[u8],
    signers: &[Certificate],
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, OpenPgpError> {
    let mut errors = Vec::new();
    for signer in signers {
        match verify_detached(content, signature, signer, at) {
            Ok(signed_at) => return Ok(signed_at),
            Err(error) => errors.push(error),
        }
    }
    Err(most_telling(errors))
}

/// Of what each certificate said against a signature, what a person should hear.
#[must_use]
pub fn most_telling(errors: Vec<OpenPgpError>) -> OpenPgpError {
    let mut strangers = Vec::new();
    let mut unusable = Vec::new();
    for error in errors {
        match error {
            OpenPgpError::WrongSigner { found, wanted } => strangers.push((found, wanted)),
            OpenPgpError::UnusableKey { fingerprint, fault } => unusable.push((fingerprint, fault)),
            // One of the keys made it, and it is not good; or it is no signature at all.
            other => return other,
        }
    }
    // A pinned key made it that may no longer sign.
    let is_of = |fingerprint: &String| strangers.iter().any(|(found, _)| fingerprint.ends_with(found.as_str()));
    let own = unusable.iter().position(|(fingerprint, _)| is_of(fingerprint));
    match (own, strangers.first().map(|(found, _)| found.clone())) {
        (None, Some(found)) => {
            let wanted: Vec<String> = strangers.into_iter().map(|(_, wanted)| wanted).collect();
            OpenPgpError::WrongSigner { found, wanted: wanted.join(" or ") }
        }
        (own, _) if !unusable.is_empty() => {
            let (fingerprint, fault) = unusable.swap_remove(own.unwrap_or_default());
            OpenPgpError::UnusableKey { fingerprint, fault }
        }
        _ => OpenPgpError::NoRecipient,
    }
}
