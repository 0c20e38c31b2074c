//! Seals: signed by the site, encrypted to the vendor, in one message.

use chrono::{DateTime, Utc};
use pgp::composed::{MessageBuilder, SubpacketConfig};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use rand08::{CryptoRng, RngCore};

use super::signature::check_signs;
use super::{Certificate, OpenPgpError, SecretKey, not_made, signed_subpackets, unsigned_subpackets};

/// The sealed package: a binary OpenPGP message, signed and then encrypted. It is not compressed, as letters are
/// compressed already, and names no file: a name in the message would not be under the signature, and the ticket inside
/// says which package it is.
///
/// # Errors
/// Where there is no recipient, a recipient's certificate or the signer's key may not be used at `at`, or the message
/// cannot be written.
pub fn seal<R: CryptoRng + RngCore>(
    zip: &[u8],
    signer: &SecretKey,
    recipients: &[&Certificate],
    at: DateTime<Utc>,
    rng: &mut R,
) -> Result<Vec<u8>, OpenPgpError> {
    if recipients.is_empty() {
        return Err(OpenPgpError::NoRecipient);
    }
    let hash = check_signs(signer, at)?;
    let primary = &signer.key.primary_key;
    let mut message = MessageBuilder::from_reader("", zip).seipd_v1(&mut *rng, SymmetricKeyAlgorithm::AES256);
    for recipient in recipients {
        message.encrypt_to_key(&mut *rng, recipient.encryption_subkey(at)?).map_err(not_made)?;
    }
    let subpackets = SubpacketConfig::UserDefined {
        hashed: signed_subpackets(primary, at)?,
        unhashed: unsigned_subpackets(primary)?,
    };
    message.sign_with_subpackets(primary, signer.password.read().as_slice().into(), hash, subpackets);
    let mut sealed = Vec::with_capacity(zip.len().saturating_add(4096));
    message.to_writer(rng, &mut sealed).map_err(not_made)?;
    Ok(sealed)
}
