//! The keys of the samples, and messages that claim to be the site's.

use letterpost::package::openpgp::{Certificate, SecretKey, seal};
use pgp::composed::{Deserializable, MessageBuilder, SignedPublicKey, SignedSecretKey, SubpacketConfig};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{Subpacket, SubpacketData};
use pgp::types::{KeyDetails, Password, Timestamp};

use crate::sample::{at, key, rng};

const MARK: &str = "SAMPLE KEY, NOT FOR LIVE MAIL";

/// The site that sends the set.
pub fn site_key() -> SecretKey {
    key(&format!("Example Benefits Agency ({MARK}) <mail@eba.invalid>"), 101)
}

/// The vendor that the set is for.
pub fn vendor_key() -> SecretKey {
    key(&format!("Acme Print and Mail, invented ({MARK}) <print@acme.invalid>"), 102)
}

/// Somebody else.
pub fn stranger_key() -> SecretKey {
    key(&format!("Stranger ({MARK}) <stranger@example.invalid>"), 103)
}

/// Another vendor.
pub fn other_vendor_key() -> SecretKey {
    key(&format!("Other Print, invented ({MARK}) <print@other.invalid>"), 104)
}

/// Sealed as a site does it.
pub fn sealed_by(signer: &SecretKey, recipient: &Certificate, zip: &[u8], seed: u64) -> Vec<u8> {
    seal(zip, signer, &[recipient], at(), &mut rng(seed)).unwrap()
}

/// A message to the vendor that each of these keys signs, naming the other as its maker.
pub fn sealed_naming(zip: &[u8], signers: &[(&SecretKey, &SecretKey)], seed: u64) -> Vec<u8> {
    let (vendor, _) = SignedPublicKey::from_string(&vendor_key().certificate().to_armored().unwrap()).unwrap();
    let signers: Vec<(SignedSecretKey, SignedSecretKey)> =
        signers.iter().map(|(signer, named)| (inner(signer), inner(named))).collect();
    let mut message = MessageBuilder::from_reader("", zip).seipd_v1(rng(seed), SymmetricKeyAlgorithm::AES256);
    message.encrypt_to_key(rng(seed + 1), &vendor.public_subkeys[0].key).unwrap();
    for (signer, named) in &signers {
        message.sign_with_subpackets(&signer.primary_key, Password::empty(), HashAlgorithm::Sha256, naming(named));
    }
    message.to_vec(rng(seed + 2)).unwrap()
}

fn inner(key: &SecretKey) -> SignedSecretKey {
    SignedSecretKey::from_string(&key.to_armored().unwrap()).unwrap().0
}

fn naming(named: &SignedSecretKey) -> SubpacketConfig {
    let made_at = Timestamp::from_secs(u32::try_from(at().timestamp()).unwrap());
    let hashed = [
        SubpacketData::SignatureCreationTime(made_at),
        SubpacketData::IssuerFingerprint(named.primary_key.fingerprint()),
    ];
    let hashed = hashed.into_iter().map(|data| Subpacket::regular(data).unwrap()).collect();
    SubpacketConfig::UserDefined { hashed, unhashed: vec![] }
}
