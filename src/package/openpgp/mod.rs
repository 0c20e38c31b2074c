//! OpenPGP: what keeps letters secret on their way, and proves who sent them.
//!
//! Version 4 keys, one message that is signed and then encrypted (SEIPD version 1 with AES-256, RFC 9580 section 5.13.1),
//! so that a vendor can open it with GnuPG 2.2 as well. What the library leaves to its user is decided here: a key that
//! is expired, revoked or not made for the purpose is refused, and so is a weak hash, an unsigned message or a second
//! signature. Instants and random numbers come in as arguments.

pub mod certificate;
pub mod generate;
pub mod open;
pub mod pinned;
pub mod seal;
pub mod secret_key;
pub mod signature;

use chrono::{DateTime, Utc};
use pgp::packet::{Subpacket, SubpacketData};
use pgp::types::{KeyDetails, Timestamp};

pub use certificate::Certificate;
pub use generate::{NewKey, generate_key};
pub use open::{Opened, open};
pub use pinned::{most_telling, usable, verify_detached_by_any};
pub use seal::seal;
pub use secret_key::SecretKey;
pub use signature::{sign_cleartext, sign_detached, verify_cleartext, verify_detached};

/// Why a key, a message or a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenPgpError {
    /// The bytes are not one certificate.
    #[error("this is not one OpenPGP certificate (a public key): {0}")]
    NotACertificate(String),
    /// The bytes are not one secret key.
    #[error("this is not one OpenPGP secret key: {0}")]
    NotASecretKey(String),
    /// A secret key stays locked.
    #[error("the passphrase does not open the secret key {0}")]
    WrongPassphrase(String),
    /// A key may not be used as asked at this time.
    #[error("the key {fingerprint} cannot be used: {fault}")]
    UnusableKey {
        /// Its fingerprint.
        fingerprint: String,
        /// Why not.
        fault: KeyFault,
    },
    /// An instant before 1970 or after 2106.
    #[error("{0} is outside the years that OpenPGP can write, 1970 to 2106")]
    UnwritableTime(DateTime<Utc>),
    /// Nobody to encrypt to, or to trust.
    #[error("there is no certificate; a package must be encrypted to at least one, and a receipt be signed by one")]
    NoRecipient,
    /// Making a key, a message or a signature failed.
    #[error("it could not be made: {0}")]
    NotMade(String),
    /// The message is not encrypted, is damaged, or is for another key.
    #[error("it cannot be opened with the key {fingerprint}: {reason}")]
    NotOpened {
        /// The fingerprint of the key that was tried.
        fingerprint: String,
        /// What stood in the way.
        reason: String,
    },
    /// The message has no signature, or more than one.
    #[error("it must carry exactly one signature, and carries {0}")]
    NotOneSignature(usize),
    /// The message unfolds to more than allowed.
    #[error("it holds more than {0} bytes")]
    TooLarge(u64),
    /// The bytes are not a signature.
    #[error("this is not an OpenPGP signature: {0}")]
    NotASignature(String),
    /// The signature is another key's.
    #[error("it is signed by {found}, not by the pinned key {wanted}")]
    WrongSigner {
        /// What the signature says of its maker.
        found: String,
        /// The fingerprint of the key that should have made it.
        wanted: String,
    },
    /// The signature does not belong to these bytes, or is not of an accepted kind.
    #[error("the signature by {fingerprint} is not good: {reason}")]
    BadSignature {
        /// The fingerprint of the key that it was checked with.
        fingerprint: String,
        /// Why it is not.
        reason: String,
    },
}

/// Why a key may not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Only version 4 keys work with every vendor's program.
    #[error("it is not a version 4 key")]
    OtherVersion,
    /// Its owner took it back.
    #[error("it was revoked; ask its owner for a new one")]
    Revoked,
    /// Its time is over.
    #[error("it expired at {0}; ask its owner to extend it or for a new one")]
    Expired(DateTime<Utc>),
    /// Its time has not come.
    #[error("it was made at {0}, which is later than now; check both clocks")]
    FromTheFuture(DateTime<Utc>),
    /// Nobody vouches for its name or its limits.
    #[error("it has no user id that it signed itself with SHA-256 or better")]
    NoUserId,
    /// It has no part to encrypt to.
    #[error("it has no valid encryption subkey")]
    NoEncryptionSubkey,
    /// It has no part that may sign.
    #[error("its primary key may not sign, and no valid subkey may")]
    NoSigningKey,
}

fn not_made(error: pgp::errors::Error) -> OpenPgpError {
    OpenPgpError::NotMade(error.to_string())
}

/// An instant as OpenPGP writes it: whole seconds since 1970.
fn to_timestamp(at: DateTime<Utc>) -> Result<Timestamp, OpenPgpError> {
    u32::try_from(at.timestamp()).map(Timestamp::from_secs).map_err(|_| OpenPgpError::UnwritableTime(at))
}

fn from_timestamp(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(at.as_secs()), 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// What every signature of ours says under its own protection: when, and by which key. The library would ask the
/// system's clock.
fn signed_subpackets(key: &dyn KeyDetails, at: DateTime<Utc>) -> Result<Vec<Subpacket>, OpenPgpError> {
    let when = Subpacket::regular(SubpacketData::SignatureCreationTime(to_timestamp(at)?)).map_err(not_made)?;
    let who = Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).map_err(not_made)?;
    Ok(vec![when, who])
}

/// The key id, for programs that do not know fingerprints in signatures.
fn unsigned_subpackets(key: &dyn KeyDetails) -> Result<Vec<Subpacket>, OpenPgpError> {
    Ok(vec![Subpacket::regular(SubpacketData::IssuerKeyId(key.legacy_key_id())).map_err(not_made)?])
}

/// A fingerprint as people compare it: hexadecimal capitals.
fn fingerprint_of(key: &dyn KeyDetails) -> String {
    hex::encode_upper(key.fingerprint().as_bytes())
}
