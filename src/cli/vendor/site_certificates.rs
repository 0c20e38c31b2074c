//! The pinned certificates of the site: one, or two while it changes its key.

use crate::package::openpgp::{Certificate, OpenPgpError};
use crate::package::pull::PullError;
use crate::package::verify::Refusal;
use crate::package::void::VoidError;

/// Whose signatures count: what any one of these keys signed is the site's.
pub struct SiteCertificates(Vec<Certificate>);

impl SiteCertificates {
    /// All that are pinned.
    pub(super) fn new(certificates: Vec<Certificate>) -> Self {
        Self(certificates)
    }

    /// Checks something with one certificate after another, until one is the signer's; gives that one's fingerprint
    /// with what the check gives.
    ///
    /// # Errors
    /// What is wrong by the signer's certificate or, where none is the signer's, just that.
    pub(super) fn check<T, E: Sealed>(&self, check: impl Fn(&Certificate) -> Result<T, E>) -> Result<(T, String), E> {
        let mut strangers = Vec::new();
        for certificate in &self.0 {
            match check(certificate) {
                Ok(good) => return Ok((good, certificate.fingerprint())),
                Err(error) => match error.seal() {
                    Some(OpenPgpError::WrongSigner { .. } | OpenPgpError::UnusableKey { .. }) => strangers.push(error),
                    _ => return Err(error),
                },
            }
        }
        Err(self.none_of(strangers))
    }

    /// No certificate is the signer's, or the signer's can no longer be used: then that is what to say.
    fn none_of<E: Sealed>(&self, errors: Vec<E>) -> E {
        let signer = errors.iter().find_map(|error| match error.seal() {
            Some(OpenPgpError::WrongSigner { found, .. }) => Some(found.clone()),
            _ => None,
        });
        let is_the_signers = |error: &E| match (error.seal(), &signer) {
            (Some(OpenPgpError::UnusableKey { fingerprint, .. }), Some(signer)) => fingerprint == signer,
            (Some(OpenPgpError::UnusableKey { .. }), None) => true,
            _ => false,
        };
        let pinned = self.0.iter().map(Certificate::fingerprint).collect::<Vec<_>>().join(" or ");
        let found = signer.clone().unwrap_or_default();
        let none = E::from(OpenPgpError::WrongSigner { found, wanted: pinned });
        errors.into_iter().find(is_the_signers).unwrap_or(none)
    }
}

/// Why something is refused that the site should have signed.
pub(super) trait Sealed: From<OpenPgpError> {
    /// What is wrong with the signature or the encryption, if it is that.
    fn seal(&self) -> Option<&OpenPgpError>;
}

impl Sealed for Refusal {
    fn seal(&self) -> Option<&OpenPgpError> {
        if let Self::Seal(error) = self { Some(error) } else { None }
    }
}

impl Sealed for VoidError {
    fn seal(&self) -> Option<&OpenPgpError> {
        if let Self::NotSigned(error) = self { Some(error) } else { None }
    }
}

impl Sealed for PullError {
    fn seal(&self) -> Option<&OpenPgpError> {
        if let Self::Seal(error) = self { Some(error) } else { None }
    }
}
