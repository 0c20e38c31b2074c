//! The pinned certificates of the site: one, or two while it changes its key.

use crate::package::openpgp::{Certificate, OpenPgpError, most_telling};
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
        let mut seals = Vec::new();
        for certificate in &self.0 {
            match check(certificate) {
                Ok(good) => return Ok((good, certificate.fingerprint())),
                Err(error) => match error.seal() {
                    Some(seal @ (OpenPgpError::WrongSigner { .. } | OpenPgpError::UnusableKey { .. })) => {
                        seals.push(seal.clone());
                    }
                    _ => return Err(error),
                },
            }
        }
        Err(E::from(most_telling(seals)))
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
