//! Opens a sealed package, and gives out nothing that is not signed by the pinned key.

use std::io::Read;

use chrono::{DateTime, Utc};
use pgp::composed::{DecryptionOptions, Message, TheRing};
use pgp::packet::{Packet, PacketHeader, PacketParser, PacketTrait as _, SignatureType};
use pgp::types::{Seipdv1ReadMode, Tag};
use zeroize::Zeroizing;

use super::signature::{check_made, find_signer};
use super::{Certificate, OpenPgpError, SecretKey};

/// What a message adds to its content: packet headers, a signature, and the most that a file name can take.
const OVERHEAD_BYTES: u64 = 64 * 1024;

/// A package out of its seal. Its bytes hold letters in the clear and are wiped when dropped.
pub struct Opened {
    /// What was sealed.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// When it was signed, by the signer's clock.
    pub signed_at: DateTime<Utc>,
}

/// Opens a message for `key` that `signer` must have signed. At most `limit` bytes are unfolded.
///
/// # Errors
/// Where the message is not for this key, is damaged in any byte that is protected, is not signed exactly once, is signed
/// by another key or by one that may not sign at `at`, or is larger than `limit`.
pub fn open(
    sealed: &[u8],
    key: &SecretKey,
    signer: &Certificate,
    at: DateTime<Utc>,
    limit: u64,
) -> Result<Opened, OpenPgpError> {
    let parts = signer.signing_parts(at)?;
    let failed = |reason: String| OpenPgpError::NotOpened { fingerprint: key.certificate().fingerprint(), reason };
    let not_opened = |error: pgp::errors::Error| failed(error.to_string());
    check_one_spelling(sealed).map_err(not_opened)?;
    let mut message = decrypt(sealed, key, limit).map_err(not_opened)?;
    if message.is_compressed() {
        message = message.decompress().map_err(not_opened)?;
    }
    let Message::Signed { reader, .. } = &message else { return Err(OpenPgpError::NotOneSignature(0)) };
    if reader.num_signatures() != 1 {
        return Err(OpenPgpError::NotOneSignature(reader.num_signatures()));
    }
    if !reader.get_ref().is_literal() {
        return Err(failed("what is signed is not plain content".to_owned()));
    }
    let plaintext = read_bounded(&mut message, limit).map_err(|error| failed(error.to_string()))?;
    let plaintext = plaintext.ok_or(OpenPgpError::TooLarge(limit))?;
    let Message::Signed { reader, .. } = &message else { return Err(OpenPgpError::NotOneSignature(0)) };
    let signature = reader.signature(0).ok_or(OpenPgpError::NotOneSignature(0))?;
    let part = find_signer(&parts, signature, signer)?;
    let signed_at = check_made(signature, SignatureType::Binary, part, at)?;
    message
        .verify(part.as_key())
        .map_err(|error| OpenPgpError::BadSignature { fingerprint: signer.fingerprint(), reason: error.to_string() })?;
    Ok(Opened { plaintext, signed_at })
}

/// Whether the packets with the message's key are written as they would be written again. Nothing else protects them,
/// and some numbers in them can be written in more than one way: a turned bit there would go unnoticed.
fn check_one_spelling(sealed: &[u8]) -> pgp::errors::Result<()> {
    let mut rest = sealed;
    while PacketHeader::try_from_reader(rest)?.tag() == Tag::PublicKeyEncryptedSessionKey {
        let Some(Packet::PublicKeyEncryptedSessionKey(packet)) = PacketParser::new(rest).next().transpose()? else {
            break;
        };
        let mut again = Vec::new();
        packet.to_writer_with_header(&mut again)?;
        rest = rest.strip_prefix(again.as_slice()).ok_or_else(|| {
            std::io::Error::other("a number before its encrypted content is not written as it should be")
        })?;
    }
    Ok(())
}

/// Decrypts; the whole is checked for changes before any of it is looked at.
fn decrypt<'a>(sealed: &'a [u8], key: &SecretKey, limit: u64) -> pgp::errors::Result<Message<'a>> {
    let max_message_size = usize::try_from(limit.saturating_add(OVERHEAD_BYTES)).unwrap_or(usize::MAX);
    let options = DecryptionOptions::new().set_seipdv1_read_mode(Seipdv1ReadMode::CheckFirst { max_message_size });
    let ring = TheRing {
        secret_keys: vec![&key.key],
        key_passwords: vec![&key.password],
        decrypt_options: options,
        ..TheRing::default()
    };
    let (message, _) = Message::from_bytes(sealed)?.decrypt_the_ring(ring, true)?;
    Ok(message)
}

/// Reads to the end, where the signature stands; `None` where there is more than `limit`.
fn read_bounded(message: &mut Message<'_>, limit: u64) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut plaintext = Zeroizing::new(Vec::new());
    message.take(limit.saturating_add(1)).read_to_end(&mut plaintext)?;
    Ok((plaintext.len() as u64 <= limit).then_some(plaintext))
}
