//! A certificate: whose signatures count, and whom a package can be sealed to.

use std::fmt;
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use pgp::composed::{ArmorOptions, Deserializable, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey, Signature, SignatureType};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, KeyVersion, PublicParams, SignedUser, Tag, VerifyingKey};

use super::{KeyFault, OpenPgpError, fingerprint_of, from_timestamp};

/// The shortest RSA modulus that is encrypted to: 2,048 bits (NIST SP 800-131A), in bytes.
const MIN_RSA_BYTES: usize = 256;

/// An OpenPGP certificate, read but not judged: whether it may be used is asked with an instant.
#[derive(Clone)]
pub struct Certificate {
    key: SignedPublicKey,
    /// The same with those signatures alone that prove to be its own. What they say depends on the time at which it is
    /// asked, and whether they are good does not: each is checked once, and not for each package.
    proven: OnceLock<SignedPublicKey>,
}

impl Certificate {
    /// Reads one certificate, armored or binary.
    ///
    /// # Errors
    /// Where the bytes hold none, more than one, or a secret key.
    pub fn parse(bytes: &[u8]) -> Result<Self, OpenPgpError> {
        let refused = |error: pgp::errors::Error| OpenPgpError::NotACertificate(error.to_string());
        let (keys, _) = SignedPublicKey::from_reader_many(bytes).map_err(refused)?;
        let mut keys = keys.take(2).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        match (keys.pop(), keys.is_empty()) {
            (Some(key), true) => Ok(Self::from_key(key)),
            (Some(_), false) => Err(OpenPgpError::NotACertificate("there are several; export one only".to_owned())),
            (None, _) => Err(OpenPgpError::NotACertificate("there is none in it".to_owned())),
        }
    }

    pub(super) fn from_key(key: SignedPublicKey) -> Self {
        Self { key, proven: OnceLock::new() }
    }

    fn proven(&self) -> &SignedPublicKey {
        self.proven.get_or_init(|| with_good_signatures(self.key.clone()))
    }

    /// The certificate as text, to give away.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_armored(&self) -> Result<String, OpenPgpError> {
        self.key.to_armored_string(ArmorOptions::default()).map_err(super::not_made)
    }

    /// Its fingerprint: 40 hexadecimal capitals.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint_of(&self.key)
    }

    /// Its first user id; empty where it has none. Untrusted text.
    #[must_use]
    pub fn user_id(&self) -> String {
        self.key
            .details
            .users
            .first()
            .map(|user| String::from_utf8_lossy(user.id.id()).into_owned())
            .unwrap_or_default()
    }

    /// The algorithms of its primary key and, where it has one that can be sealed to at `at`, of its encryption subkey.
    #[must_use]
    pub fn algorithms(&self, at: DateTime<Utc>) -> String {
        let primary = algorithm_of(&self.key.primary_key);
        match self.find_encryption_subkey(at) {
            Some((subkey, _)) => format!("{primary}, encrypts with {}", algorithm_of(subkey)),
            None => primary,
        }
    }

    /// When it can no longer be sealed to or sign, as it stands at `at`; `None` where it has no end.
    #[must_use]
    pub fn expires_at(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let subkey_end = self.find_encryption_subkey(at).and_then(|(_, binding)| binding.ends_at);
        [self.primary_ends_at(at), subkey_end].into_iter().flatten().min()
    }

    /// Whether it is valid at this time: version 4, not revoked, within its time, with a user id that it signed.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, at: DateTime<Utc>) -> Result<(), OpenPgpError> {
        match self.find_fault(at) {
            Some(fault) => Err(self.unusable(fault)),
            None => Ok(()),
        }
    }

    /// Whether a package can be sealed to it at this time.
    ///
    /// # Errors
    /// Where it is not valid, or has no valid encryption subkey.
    pub fn check_encryption(&self, at: DateTime<Utc>) -> Result<(), OpenPgpError> {
        self.encryption_subkey(at).map(|_| ())
    }

    /// The newest subkey that may be encrypted to.
    pub(super) fn encryption_subkey(&self, at: DateTime<Utc>) -> Result<&PublicSubkey, OpenPgpError> {
        self.check(at)?;
        match self.find_encryption_subkey(at) {
            Some((subkey, _)) => Ok(subkey),
            None => Err(self.unusable(KeyFault::NoEncryptionSubkey)),
        }
    }

    /// The keys of it that may sign at this time.
    pub(super) fn signing_parts(&self, at: DateTime<Utc>) -> Result<Vec<SigningPart<'_>>, OpenPgpError> {
        self.check(at)?;
        let primary = self.primary_may_sign(at).then_some(SigningPart::Primary(&self.proven().primary_key));
        let subkeys = self.proven().public_subkeys.iter().filter(|subkey| {
            self.find_binding(subkey, at).is_some_and(|binding| binding.is_valid_at(at) && binding.signs)
        });
        let parts: Vec<_> = primary.into_iter().chain(subkeys.map(|subkey| SigningPart::Subkey(&subkey.key))).collect();
        if parts.is_empty() { Err(self.unusable(KeyFault::NoSigningKey)) } else { Ok(parts) }
    }

    pub(super) fn unusable(&self, fault: KeyFault) -> OpenPgpError {
        OpenPgpError::UnusableKey { fingerprint: self.fingerprint(), fault }
    }

    fn find_fault(&self, at: DateTime<Utc>) -> Option<KeyFault> {
        let made_at = from_timestamp(self.key.primary_key.created_at());
        if self.key.primary_key.version() != KeyVersion::V4 {
            Some(KeyFault::OtherVersion)
        } else if self.is_revoked() {
            Some(KeyFault::Revoked)
        } else if made_at > at {
            Some(KeyFault::FromTheFuture(made_at))
        } else if self.self_signatures(at).next().is_none() {
            Some(KeyFault::NoUserId)
        } else {
            self.primary_ends_at(at).filter(|ends_at| *ends_at <= at).map(KeyFault::Expired)
        }
    }

    /// A revocation counts whenever it was made: the owner no longer stands for the key.
    fn is_revoked(&self) -> bool {
        !self.proven().details.revocation_signatures.is_empty()
    }

    /// The newest self-signature of each user id that is not revoked.
    fn self_signatures(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Signature> {
        self.proven().details.users.iter().filter_map(move |user| self_signature(user, at))
    }

    /// The earliest end that a user id or the key itself was given.
    fn primary_ends_at(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let primary = &self.key.primary_key;
        let direct = self.proven().details.direct_signatures.iter().filter(|signature| stands_at(signature, at));
        let newest_direct = direct.max_by_key(|signature| signature.created());
        self.self_signatures(at).chain(newest_direct).filter_map(|signature| key_ends_at(primary, signature)).min()
    }

    /// A key that says nothing of its purpose may do whatever its algorithm can.
    fn primary_may_sign(&self, at: DateTime<Utc>) -> bool {
        let can_sign = self.key.primary_key.algorithm().can_sign();
        can_sign && self.self_signatures(at).any(|signature| !has_key_flags(signature) || signature.key_flags().sign())
    }

    fn find_encryption_subkey(&self, at: DateTime<Utc>) -> Option<(&PublicSubkey, Binding)> {
        self.proven()
            .public_subkeys
            .iter()
            .filter(|subkey| is_strong_encryption_key(&subkey.key))
            .filter_map(|subkey| Some((&subkey.key, self.find_binding(subkey, at)?)))
            .filter(|(_, binding)| binding.is_valid_at(at) && binding.encrypts)
            .max_by_key(|(subkey, _)| subkey.created_at())
    }

    /// What the primary key says of a subkey whose signatures are proven; `None` where it says nothing, or took it back.
    fn find_binding(&self, subkey: &SignedPublicSubKey, at: DateTime<Utc>) -> Option<Binding> {
        let primary = &self.key.primary_key;
        let own = &subkey.signatures;
        if own.iter().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
            return None;
        }
        let standing = own.iter().filter(|signature| stands_at(signature, at));
        let newest = standing.max_by_key(|signature| signature.created())?;
        let flags = newest.key_flags();
        let signs_back = || {
            newest.embedded_signature().is_some_and(|back| {
                is_strong_hash(back) && back.verify_primary_key_binding(&subkey.key, primary).is_ok()
            })
        };
        Some(Binding {
            starts_at: from_timestamp(subkey.key.created_at()),
            ends_at: key_ends_at(&subkey.key, newest),
            encrypts: !has_key_flags(newest) || flags.encrypt_comms() || flags.encrypt_storage(),
            signs: flags.sign() && signs_back(),
        })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

/// The key with those signatures alone that its primary key made over itself, its user ids and its subkeys.
fn with_good_signatures(mut key: SignedPublicKey) -> SignedPublicKey {
    let primary = &key.primary_key;
    key.details.revocation_signatures.retain(|signature| signature.verify_key(primary).is_ok());
    key.details.direct_signatures.retain(|signature| signature.verify_key(primary).is_ok());
    for user in &mut key.details.users {
        let id = &user.id;
        user.signatures.retain(|signature| signature.verify_certification(primary, Tag::UserId, id).is_ok());
    }
    for subkey in &mut key.public_subkeys {
        let bound = &subkey.key;
        subkey.signatures.retain(|signature| signature.verify_subkey_binding(primary, bound).is_ok());
    }
    key
}

/// The newest signature of a user id that stands, if it takes nothing back.
fn self_signature(user: &SignedUser, at: DateTime<Utc>) -> Option<&Signature> {
    let standing = user.signatures.iter().filter(|signature| stands_at(signature, at));
    let newest = standing.max_by_key(|signature| signature.created())?;
    (newest.typ() != Some(SignatureType::CertRevocation)).then_some(newest)
}

/// What a subkey is for, and when.
struct Binding {
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    encrypts: bool,
    signs: bool,
}

impl Binding {
    fn is_valid_at(&self, at: DateTime<Utc>) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|ends_at| at < ends_at)
    }
}

/// A key of a certificate that may sign.
pub(super) enum SigningPart<'a> {
    /// The primary key.
    Primary(&'a PublicKey),
    /// A subkey that the primary key vouches for, and that vouches for the primary key.
    Subkey(&'a PublicSubkey),
}

impl SigningPart<'_> {
    pub(super) fn as_key(&self) -> &dyn VerifyingKey {
        match self {
            Self::Primary(key) => *key,
            Self::Subkey(key) => *key,
        }
    }

    /// Whether the signature says that this key made it.
    pub(super) fn is_named_by(&self, signature: &Signature) -> bool {
        let (fingerprint, key_id) = (self.as_key().fingerprint(), self.as_key().legacy_key_id());
        let fingerprints = signature.issuer_fingerprint();
        if fingerprints.is_empty() {
            signature.issuer_key_id().contains(&&key_id)
        } else {
            fingerprints.contains(&&fingerprint)
        }
    }

    pub(super) fn verify(&self, signature: &Signature, content: &[u8]) -> pgp::errors::Result<()> {
        match self {
            Self::Primary(key) => signature.verify(key, content),
            Self::Subkey(key) => signature.verify(key, content),
        }
    }
}

/// Whether a signature counts at this time: made, not yet ended, and with a hash that is not broken.
fn stands_at(signature: &Signature, at: DateTime<Utc>) -> bool {
    let Some(made_at) = signature.created().map(from_timestamp) else { return false };
    is_strong_hash(signature) && made_at <= at && signature_ends_at(signature).is_none_or(|ends_at| at < ends_at)
}

/// SHA-256 or better; MD5, RIPEMD-160 and SHA-1 no longer prove anything.
pub(super) fn is_strong_hash(signature: &Signature) -> bool {
    use HashAlgorithm::{Sha3_256, Sha3_512, Sha256, Sha384, Sha512};
    matches!(signature.hash_alg(), Some(Sha256 | Sha384 | Sha512 | Sha3_256 | Sha3_512))
}

/// When a signature ends by its own words.
pub(super) fn signature_ends_at(signature: &Signature) -> Option<DateTime<Utc>> {
    let lasts = signature.signature_expiration_time().filter(|lasts| lasts.as_secs() > 0)?;
    Some(from_timestamp(signature.created()?) + TimeDelta::seconds(lasts.as_secs().into()))
}

/// When a key ends by the words of a signature over it.
fn key_ends_at(key: &impl KeyDetails, signature: &Signature) -> Option<DateTime<Utc>> {
    let lasts = signature.key_expiration_time().filter(|lasts| lasts.as_secs() > 0)?;
    Some(from_timestamp(key.created_at()) + TimeDelta::seconds(lasts.as_secs().into()))
}

fn has_key_flags(signature: &Signature) -> bool {
    let is_flags = |data: &pgp::packet::SubpacketData| matches!(data, pgp::packet::SubpacketData::KeyFlags(_));
    signature.config().is_some_and(|config| config.hashed_subpackets().any(|subpacket| is_flags(&subpacket.data)))
}

fn is_strong_encryption_key(key: &PublicSubkey) -> bool {
    match key.public_params() {
        PublicParams::RSA(_) => {
            let may_encrypt = key.algorithm() != PublicKeyAlgorithm::RSASign;
            may_encrypt && key.public_params().write_len() >= MIN_RSA_BYTES
        }
        // Other curves can be read and not encrypted to.
        PublicParams::ECDH(params) => {
            matches!(params.curve(), ECCCurve::Curve25519Legacy | ECCCurve::P256 | ECCCurve::P384 | ECCCurve::P521)
        }
        PublicParams::X25519(_) | PublicParams::X448(_) => true,
        _ => false,
    }
}

/// A key's algorithm as people compare it: `RSA 3072`, `ECDH NIST P-256`.
fn algorithm_of(key: &impl KeyDetails) -> String {
    let params = key.public_params();
    match params {
        // A number of OpenPGP begins with its length in bits, and the modulus comes first.
        PublicParams::RSA(_) => match params.to_bytes().unwrap_or_default().as_slice() {
            [high, low, ..] => format!("RSA {}", u16::from_be_bytes([*high, *low])),
            _ => "RSA".to_owned(),
        },
        PublicParams::ECDSA(params) => format!("ECDSA {}", params.curve()),
        PublicParams::ECDH(params) => format!("ECDH {}", params.curve()),
        PublicParams::EdDSALegacy(params) => format!("EdDSA {}", params.curve()),
        _ => format!("{:?}", key.algorithm()),
    }
}
