//! Messages that claim to be the site's, made with the library's own parts.

use letterpost::package::openpgp::{OpenPgpError, SecretKey, open, verify_detached};
use pgp::composed::{
    ArmorOptions, Deserializable, DetachedSignature, MessageBuilder, SignedSecretKey, SubpacketConfig,
};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{Subpacket, SubpacketData};
use pgp::types::{KeyDetails, Password, Timestamp};

use crate::sample::{at, key, rng, site_key, vendor_key};

fn inner(key: &SecretKey) -> SignedSecretKey {
    SignedSecretKey::from_string(&key.to_armored().unwrap()).unwrap().0
}

/// Subpackets that name `issuer` as the maker, at an instant.
fn naming(issuer: &SignedSecretKey, made_at: i64) -> SubpacketConfig {
    let made_at = Timestamp::from_secs(u32::try_from(made_at).unwrap());
    let hashed = [
        SubpacketData::SignatureCreationTime(made_at),
        SubpacketData::IssuerFingerprint(issuer.primary_key.fingerprint()),
    ];
    let hashed = hashed.into_iter().map(|data| Subpacket::regular(data).unwrap()).collect();
    SubpacketConfig::UserDefined { hashed, unhashed: vec![] }
}

/// A message to the vendor that these keys sign, each naming an issuer and a time.
fn sealed_by(signers: &[(&SignedSecretKey, &SignedSecretKey, i64)]) -> Vec<u8> {
    let vendor = inner(&vendor_key());
    let mut message = MessageBuilder::from_reader("", &b"letters"[..]).seipd_v1(rng(1), SymmetricKeyAlgorithm::AES256);
    message.encrypt_to_key(rng(2), &vendor.secret_subkeys[0].public_key()).unwrap();
    for (signer, issuer, made_at) in signers {
        let subpackets = naming(issuer, *made_at);
        message.sign_with_subpackets(&signer.primary_key, Password::empty(), HashAlgorithm::Sha256, subpackets);
    }
    message.to_vec(rng(3)).unwrap()
}

fn open_as_vendor(sealed: &[u8]) -> Result<Vec<u8>, OpenPgpError> {
    open(sealed, &vendor_key(), site_key().certificate(), at(), 1000).map(|opened| opened.plaintext.to_vec())
}

#[test]
fn a_signature_that_only_claims_to_be_the_sites_is_refused() {
    let (site, stranger, now) = (inner(&site_key()), inner(&key("Stranger <s@x.invalid>", 3)), at().timestamp());
    assert_eq!(open_as_vendor(&sealed_by(&[(&site, &site, now)])), Ok(b"letters".to_vec()));
    let forged = open_as_vendor(&sealed_by(&[(&stranger, &site, now)]));
    assert!(matches!(forged, Err(OpenPgpError::BadSignature { .. })), "{forged:?}");
    let claims = DetachedSignature::sign_binary_data_with_subpackets(
        rng(4),
        &stranger.primary_key,
        &Password::empty(),
        HashAlgorithm::Sha256,
        &b"x"[..],
        naming(&site, now),
    );
    let armored = claims.unwrap().to_armored_string(ArmorOptions::default()).unwrap();
    let forged = verify_detached(b"x", armored.as_bytes(), site_key().certificate(), at());
    assert!(matches!(forged, Err(OpenPgpError::BadSignature { .. })), "{forged:?}");
}

#[test]
fn none_or_two_signatures_are_refused() {
    let (site, stranger, now) = (inner(&site_key()), inner(&key("Stranger <s@x.invalid>", 3)), at().timestamp());
    assert_eq!(open_as_vendor(&sealed_by(&[])), Err(OpenPgpError::NotOneSignature(0)));
    let both = sealed_by(&[(&site, &site, now), (&stranger, &stranger, now)]);
    assert_eq!(open_as_vendor(&both), Err(OpenPgpError::NotOneSignature(2)));
}

#[test]
fn signatures_from_before_the_key_or_after_tomorrow_are_refused() {
    let site = inner(&site_key());
    for (made_at, is_good) in [
        ("2025-12-31T23:59:59Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2026-03-03T04:00:00Z", true),
        ("2026-03-03T04:00:01Z", false),
    ] {
        let made_at: chrono::DateTime<chrono::Utc> = made_at.parse().unwrap();
        let opened = open_as_vendor(&sealed_by(&[(&site, &site, made_at.timestamp())]));
        assert_eq!(opened.is_ok(), is_good, "{made_at}: {opened:?}");
    }
}
