//! A secret key: the site's, to sign with; the vendor's, to open and to sign receipts with.

use std::fmt;

use pgp::composed::{ArmorOptions, Deserializable, SignedPublicKey, SignedSecretKey};
use pgp::types::Password;
use zeroize::Zeroizing;

use super::{Certificate, OpenPgpError, not_made};

/// A secret key with what unlocks it. It has no `Debug`, `Display`, `Clone` or `Serialize` that shows it, and is wiped
/// when dropped.
pub struct SecretKey {
    pub(super) key: SignedSecretKey,
    pub(super) password: Password,
    certificate: Certificate,
}

impl SecretKey {
    /// Reads one secret key, armored or binary, and checks that the passphrase opens it.
    ///
    /// # Errors
    /// Where the bytes hold none or more than one, a part of it is missing, or it stays locked.
    pub fn parse(bytes: &[u8], passphrase: Option<&str>) -> Result<Self, OpenPgpError> {
        let refused = |error: pgp::errors::Error| OpenPgpError::NotASecretKey(error.to_string());
        let (keys, _) = SignedSecretKey::from_reader_many(bytes).map_err(refused)?;
        let mut keys = keys.take(2).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let key = keys.pop().filter(|_| keys.is_empty());
        let key = key.ok_or_else(|| OpenPgpError::NotASecretKey("there must be one, and only one".to_owned()))?;
        let secret = Self::new(key, passphrase);
        secret.check_unlocks()?;
        Ok(secret)
    }

    pub(super) fn new(key: SignedSecretKey, passphrase: Option<&str>) -> Self {
        let certificate = Certificate::from_key(SignedPublicKey::from(key.clone()));
        let password = passphrase.map_or_else(Password::empty, Password::from);
        Self { key, password, certificate }
    }

    /// What others need to know of the key.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The secret key as text, locked with its passphrase if it has one. To be kept where only its owner can read it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_armored(&self) -> Result<Zeroizing<String>, OpenPgpError> {
        self.key.to_armored_string(ArmorOptions::default()).map(Zeroizing::new).map_err(not_made)
    }

    fn check_unlocks(&self) -> Result<(), OpenPgpError> {
        let locked = |_| OpenPgpError::WrongPassphrase(self.certificate.fingerprint());
        self.key.primary_key.unlock(&self.password, |_, _| Ok(())).map_err(locked)?.map_err(locked)?;
        for subkey in &self.key.secret_subkeys {
            subkey.key.unlock(&self.password, |_, _| Ok(())).map_err(locked)?.map_err(locked)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, hidden)", self.certificate.fingerprint())
    }
}
