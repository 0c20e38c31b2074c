//! Signatures beside a file (receipts) and around a text (void notices).

use chrono::{DateTime, TimeDelta, Utc};
use pgp::composed::{ArmorOptions, CleartextSignedMessage, Deserializable, DetachedSignature, SubpacketConfig};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureConfig, SignatureType};
use pgp::types::{KeyDetails, KeyVersion, SigningKey};
use rand08::{CryptoRng, RngCore};

use super::certificate::{SigningPart, is_strong_hash, signature_ends_at};
use super::{
    Certificate, KeyFault, OpenPgpError, SecretKey, from_timestamp, not_made, signed_subpackets, unsigned_subpackets,
};

/// How far ahead of ours a signer's clock may be. Nothing is decided by a signature's time; this only catches nonsense.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);
/// The most signatures that are looked at beside one file.
const MAX_SIGNATURES: usize = 8;

/// An armored signature of these bytes, to lie beside them as `.asc`.
///
/// # Errors
/// Where the key may not sign at `at`.
pub fn sign_detached<R: CryptoRng + RngCore>(
    content: &[u8],
    key: &SecretKey,
    at: DateTime<Utc>,
    rng: &mut R,
) -> Result<String, OpenPgpError> {
    let hash = check_signs(key, at)?;
    let primary = &key.key.primary_key;
    let subpackets = SubpacketConfig::UserDefined {
        hashed: signed_subpackets(primary, at)?,
        unhashed: unsigned_subpackets(primary)?,
    };
    let signature =
        DetachedSignature::sign_binary_data_with_subpackets(rng, primary, &key.password, hash, content, subpackets);
    signature.and_then(|signature| signature.to_armored_string(ArmorOptions::default())).map_err(not_made)
}

/// Checks a signature, armored or binary, that lies beside these bytes; gives the time at which it was made.
///
/// # Errors
/// Where no signature is the pinned key's, or the one that is does not belong to these bytes.
pub fn verify_detached(
    content: &[u8],
    signature: &[u8],
    signer: &Certificate,
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, OpenPgpError> {
    let parts = signer.signing_parts(at)?;
    let refused = |error: pgp::errors::Error| OpenPgpError::NotASignature(error.to_string());
    let (signatures, _) = DetachedSignature::from_reader_many(signature).map_err(refused)?;
    let signatures = signatures.take(MAX_SIGNATURES).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let mut found = Err(OpenPgpError::NotASignature("there is none in it".to_owned()));
    for DetachedSignature { signature } in &signatures {
        found = verify(signature, SignatureType::Binary, content, &parts, signer, at);
        if found.is_ok() {
            break;
        }
    }
    found
}

/// The text with a signature around it, readable by people, that `gpg --verify` checks. Lines end with a line feed, and
/// the last one with none; spaces at the end of a line are not covered and must not matter.
///
/// # Errors
/// Where the key may not sign at `at`.
pub fn sign_cleartext(text: &str, key: &SecretKey, at: DateTime<Utc>) -> Result<String, OpenPgpError> {
    let hash = check_signs(key, at)?;
    let primary = &key.key.primary_key;
    let mut config = SignatureConfig::v4(SignatureType::Text, primary.algorithm(), hash);
    config.hashed_subpackets = signed_subpackets(primary, at)?;
    config.unhashed_subpackets = unsigned_subpackets(primary)?;
    let message = CleartextSignedMessage::new(text, config, primary, &key.password).map_err(not_made)?;
    message.to_armored_string(ArmorOptions::default()).map_err(not_made)
}

/// Checks a text with a signature around it; gives the text, and the time at which it was signed.
///
/// # Errors
/// Where there is anything before or behind it, it is not signed exactly once, or the signature is not the pinned key's
/// and good.
pub fn verify_cleartext(
    message: &[u8],
    signer: &Certificate,
    at: DateTime<Utc>,
) -> Result<(String, DateTime<Utc>), OpenPgpError> {
    let parts = signer.signing_parts(at)?;
    let refused = |error: pgp::errors::Error| OpenPgpError::NotASignature(error.to_string());
    let (message, _) = CleartextSignedMessage::from_armor(message).map_err(refused)?;
    let [signature] = message.signatures() else {
        return Err(OpenPgpError::NotOneSignature(message.signatures().len()));
    };
    let text = message.signed_text();
    let signed_at = verify(signature, SignatureType::Text, text.as_bytes(), &parts, signer, at)?;
    Ok((text.replace("\r\n", "\n"), signed_at))
}

/// Whether the key may sign at this time, and the hash to sign with.
pub(super) fn check_signs(key: &SecretKey, at: DateTime<Utc>) -> Result<HashAlgorithm, OpenPgpError> {
    let certificate = key.certificate();
    let primary_signs = |part: &SigningPart<'_>| matches!(part, SigningPart::Primary(_));
    let is_version_4 = key.key.primary_key.version() == KeyVersion::V4;
    if certificate.signing_parts(at)?.iter().any(primary_signs) && is_version_4 {
        Ok(key.key.primary_key.hash_alg())
    } else {
        Err(certificate.unusable(KeyFault::NoSigningKey))
    }
}

fn verify(
    signature: &Signature,
    kind: SignatureType,
    content: &[u8],
    parts: &[SigningPart<'_>],
    signer: &Certificate,
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, OpenPgpError> {
    let part = find_signer(parts, signature, signer)?;
    let signed_at = check_made(signature, kind, part, at)?;
    part.verify(signature, content).map_err(|error| bad(part, error.to_string()))?;
    Ok(signed_at)
}

/// The key of the pinned certificate that the signature names.
pub(super) fn find_signer<'a, 'k>(
    parts: &'a [SigningPart<'k>],
    signature: &Signature,
    signer: &Certificate,
) -> Result<&'a SigningPart<'k>, OpenPgpError> {
    parts
        .iter()
        .find(|part| part.is_named_by(signature))
        .ok_or_else(|| OpenPgpError::WrongSigner { found: name_of_issuer(signature), wanted: signer.fingerprint() })
}

fn name_of_issuer(signature: &Signature) -> String {
    let fingerprint =
        signature.issuer_fingerprint().first().map(|fingerprint| hex::encode_upper(fingerprint.as_bytes()));
    let key_id = || signature.issuer_key_id().first().map(|key_id| hex::encode_upper(key_id.as_ref()));
    fingerprint.or_else(key_id).unwrap_or_else(|| "a key that it does not name".to_owned())
}

/// Whether the signature is of the right kind and strength, and made at a time that can be; gives that time.
pub(super) fn check_made(
    signature: &Signature,
    kind: SignatureType,
    part: &SigningPart<'_>,
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, OpenPgpError> {
    if signature.typ() != Some(kind) {
        return Err(bad(part, format!("it is not over a {kind:?} document")));
    }
    if !is_strong_hash(signature) {
        return Err(bad(part, "its hash is weaker than SHA-256".to_owned()));
    }
    let made_at = signature.created().ok_or_else(|| bad(part, "it has no time".to_owned()))?;
    let signed_at = from_timestamp(made_at);
    if made_at < part.as_key().created_at() || signed_at > at + CLOCK_SKEW {
        return Err(bad(part, format!("it says that it was made at {signed_at}, before its key or after now")));
    }
    match signature_ends_at(signature).filter(|ends_at| *ends_at <= at) {
        Some(ends_at) => Err(bad(part, format!("it ended at {ends_at}"))),
        None => Ok(signed_at),
    }
}

fn bad(part: &SigningPart<'_>, reason: String) -> OpenPgpError {
    OpenPgpError::BadSignature { fingerprint: super::fingerprint_of(part.as_key()), reason }
}
