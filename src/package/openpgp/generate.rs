//! Makes a key: a primary key that certifies and signs, and a subkey to encrypt to, both on NIST P-256.

use chrono::{DateTime, Utc};
use pgp::composed::{KeyType, SignedKeyDetails, SignedSecretKey, SignedSecretSubKey};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{
    Features, KeyFlags, PacketTrait, PubKeyInner, PublicKey, PublicSubkey, SecretKey as SecretPrimary, SecretSubkey,
    Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::types::{CompressionAlgorithm, Duration, KeyDetails, KeyVersion, Password, S2kParams, Timestamp};
use rand08::{CryptoRng, RngCore};

use super::{OpenPgpError, SecretKey, not_made, signed_subpackets, to_timestamp, unsigned_subpackets};

/// What a new key is to say of itself.
#[derive(Clone, Copy)]
pub struct NewKey<'a> {
    /// Whose it is, such as `Example Agency (mail) <mail@example.invalid>`.
    pub user_id: &'a str,
    /// When it is made; it signs nothing earlier. Whole seconds count.
    pub created_at: DateTime<Utc>,
    /// When it ends; `None` for a key without an end.
    pub expires_at: Option<DateTime<Utc>>,
    /// What locks it where it is kept; `None` to keep it unlocked.
    pub passphrase: Option<&'a str>,
}

/// Makes a key for a site or for a vendor.
///
/// # Errors
/// Where an instant cannot be written, or the key would end before it begins.
pub fn generate_key<R: CryptoRng + RngCore>(new: &NewKey<'_>, rng: &mut R) -> Result<SecretKey, OpenPgpError> {
    let made_at = to_timestamp(new.created_at)?;
    let mut primary = new_primary(made_at, rng)?;
    let mut subkey = new_subkey(made_at, rng)?;
    let user = sign_user(&primary, new)?;
    let binding = bind_subkey(&primary, &subkey, new)?;
    if let Some(passphrase) = new.passphrase {
        let password = Password::from(passphrase);
        primary
            .set_password_with_s2k(&password, S2kParams::new_default(&mut *rng, KeyVersion::V4))
            .map_err(not_made)?;
        subkey.set_password_with_s2k(&password, S2kParams::new_default(&mut *rng, KeyVersion::V4)).map_err(not_made)?;
    }
    let details = SignedKeyDetails::new(vec![], vec![], vec![user], vec![]);
    let subkey = SignedSecretSubKey::new(subkey, vec![binding]);
    Ok(SecretKey::new(SignedSecretKey::new(primary, details, vec![], vec![subkey]), new.passphrase))
}

fn new_primary<R: CryptoRng + RngCore>(made_at: Timestamp, rng: &mut R) -> Result<SecretPrimary, OpenPgpError> {
    let kind = KeyType::ECDSA(ECCCurve::P256);
    let (public, secret) = kind.generate(rng).map_err(not_made)?;
    let inner = PubKeyInner::new(KeyVersion::V4, kind.to_alg(), made_at, None, public).map_err(not_made)?;
    SecretPrimary::new(PublicKey::from_inner(inner).map_err(not_made)?, secret).map_err(not_made)
}

fn new_subkey<R: CryptoRng + RngCore>(made_at: Timestamp, rng: &mut R) -> Result<SecretSubkey, OpenPgpError> {
    let kind = KeyType::ECDH(ECCCurve::P256);
    let (public, secret) = kind.generate(rng).map_err(not_made)?;
    let inner = PubKeyInner::new(KeyVersion::V4, kind.to_alg(), made_at, None, public).map_err(not_made)?;
    SecretSubkey::new(PublicSubkey::from_inner(inner).map_err(not_made)?, secret).map_err(not_made)
}

/// The user id, with what the key is for and what it prefers.
fn sign_user(primary: &SecretPrimary, new: &NewKey<'_>) -> Result<pgp::types::SignedUser, OpenPgpError> {
    let user_id = UserId::from_str(Default::default(), new.user_id).map_err(not_made)?;
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut config = self_signature(primary, SignatureType::CertPositive, flags, new)?;
    let mut features = Features::default();
    features.set_seipd_v1(true);
    for preference in [
        SubpacketData::IsPrimary(true),
        SubpacketData::Features(features),
        SubpacketData::PreferredSymmetricAlgorithms(
            [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128].into_iter().collect(),
        ),
        SubpacketData::PreferredHashAlgorithms([HashAlgorithm::Sha256, HashAlgorithm::Sha512].into_iter().collect()),
        SubpacketData::PreferredCompressionAlgorithms([CompressionAlgorithm::Uncompressed].into_iter().collect()),
    ] {
        config.hashed_subpackets.push(Subpacket::regular(preference).map_err(not_made)?);
    }
    let public = primary.public_key();
    let signature =
        config.sign_certification(primary, public, &Password::empty(), user_id.tag(), &user_id).map_err(not_made)?;
    Ok(user_id.into_signed(signature))
}

fn bind_subkey(primary: &SecretPrimary, subkey: &SecretSubkey, new: &NewKey<'_>) -> Result<Signature, OpenPgpError> {
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let config = self_signature(primary, SignatureType::SubkeyBinding, flags, new)?;
    config.sign_subkey_binding(primary, primary.public_key(), &Password::empty(), subkey.public_key()).map_err(not_made)
}

/// A signature of the key over itself, with its purpose and its end.
fn self_signature(
    primary: &SecretPrimary,
    kind: SignatureType,
    flags: KeyFlags,
    new: &NewKey<'_>,
) -> Result<SignatureConfig, OpenPgpError> {
    let mut config = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha256);
    config.hashed_subpackets = signed_subpackets(primary, new.created_at)?;
    config.hashed_subpackets.push(Subpacket::regular(SubpacketData::KeyFlags(flags)).map_err(not_made)?);
    if let Some(expires_at) = new.expires_at {
        let lasts = u32::try_from((expires_at - new.created_at).num_seconds()).ok().filter(|seconds| *seconds > 0);
        let lasts = lasts.ok_or(OpenPgpError::UnwritableTime(expires_at))?;
        let end = SubpacketData::KeyExpirationTime(Duration::from_secs(lasts));
        config.hashed_subpackets.push(Subpacket::regular(end).map_err(not_made)?);
    }
    config.unhashed_subpackets = unsigned_subpackets(primary)?;
    Ok(config)
}
