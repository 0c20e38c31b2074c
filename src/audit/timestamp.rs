//! Time stamps as RFC 3161 says: the request over a checkpoint, and what a reply must be before it is kept.
//!
//! A reply is read no further than it must be: what it says of the request is held against the request. The signature and
//! the chain of certificates are for whoever trusts an authority to check, with tools of their own.

use cms::cert::x509::spki::AlgorithmIdentifier;
use der::asn1::{Any, AnyRef, Int, ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use sha2::{Digest as _, Sha256};
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

/// Bytes of chance in a request; authorities take 64 bits.
pub const NONCE_BYTES: usize = 8;
/// The name of SHA-256 (NIST).
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// A signed message of RFC 5652.
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// What a time stamp says, RFC 3161 section 2.4.2.
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// `granted` and `grantedWithMods`, RFC 3161 section 2.4.2.
const GRANTED: [u8; 2] = [0, 1];
/// The most characters of an authority's words that are shown.
const LONGEST_SAID: usize = 200;

/// Why a reply is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStamped {
    /// The bytes are no reply of RFC 3161.
    #[error("it is no time stamp reply of RFC 3161 ({0})")]
    NoReply(String),
    /// The authority did not grant the request.
    #[error("the authority refused the request (status {status}){said}")]
    Refused {
        /// The status that it gave.
        status: u8,
        /// Its words, or nothing.
        said: String,
    },
    /// It is a time stamp of other bytes.
    #[error("it is a time stamp of something else")]
    OtherImprint,
    /// It answers another request.
    #[error("it answers another request")]
    OtherNonce,
    /// Nobody can check it who has not the authority's certificate already.
    #[error("it has no signature or no certificate of the authority, though that was asked for")]
    NoCertificate,
}

impl From<der::Error> for NotStamped {
    fn from(error: der::Error) -> Self {
        Self::NoReply(error.to_string())
    }
}

/// The request for a time stamp of these bytes, as DER: SHA-256, this nonce, and the authority's certificate asked for.
///
/// # Errors
/// Where it cannot be written, which no bytes bring about.
pub fn request(stamped: &[u8], mut nonce: [u8; NONCE_BYTES]) -> der::Result<Vec<u8>> {
    // A positive whole number of always the same length.
    nonce[0] = nonce[0] & 0x7f | 0x40;
    TimeStampReq {
        version: TspVersion::V1,
        message_imprint: imprint(stamped)?,
        req_policy: None,
        nonce: Some(Int::new(&nonce)?),
        cert_req: true,
        extensions: None,
    }
    .to_der()
}

/// Whether a request that was kept is one for these bytes.
#[must_use]
pub fn is_request_for(request: &[u8], stamped: &[u8]) -> bool {
    let asked = TimeStampReq::from_der(request);
    asked.is_ok_and(|asked| imprint(stamped).is_ok_and(|imprint| asked.message_imprint == imprint))
}

/// The time that a reply gives, as it is written there (`20261202033000Z`), if it answers this request.
///
/// # Errors
/// [`NotStamped`].
pub fn check(request: &[u8], reply: &[u8]) -> Result<String, NotStamped> {
    let asked = TimeStampReq::from_der(request)?;
    let told = Told::read(signed_content(granted_token(reply)?)?)?;
    if told.imprint.hash_algorithm.oid != asked.message_imprint.hash_algorithm.oid
        || told.imprint.hashed_message != asked.message_imprint.hashed_message
    {
        return Err(NotStamped::OtherImprint);
    }
    if told.nonce != asked.nonce {
        return Err(NotStamped::OtherNonce);
    }
    Ok(told.time)
}

fn imprint(stamped: &[u8]) -> der::Result<MessageImprint> {
    Ok(MessageImprint {
        hash_algorithm: AlgorithmIdentifier { oid: SHA_256, parameters: Some(Any::null()) },
        hashed_message: OctetString::new(Sha256::digest(stamped).to_vec())?,
    })
}

/// `TimeStampResp`: the token, if the status grants it.
fn granted_token(reply: &[u8]) -> Result<AnyRef<'_>, NotStamped> {
    let parts = parts(AnyRef::from_der(reply)?, "reply")?;
    let status = self::parts(part(&parts, 0, "status")?, "status")?;
    let number: u8 = part(&status, 0, "status")?.decode_as()?;
    if GRANTED.contains(&number) {
        return part(&parts, 1, "token");
    }
    Err(NotStamped::Refused { status: number, said: status.get(1).map_or_else(String::new, |text| said(*text)) })
}

/// The bytes of `TSTInfo` in a token: a `ContentInfo` with `SignedData` (RFC 5652 section 5.1) that is signed and has a
/// certificate.
fn signed_content(token: AnyRef<'_>) -> Result<&[u8], NotStamped> {
    let token = parts(token, "token")?;
    is_called(part(&token, 0, "token")?, SIGNED_DATA, "token")?;
    let signed = parts(AnyRef::from_der(part(&token, 1, "signed data")?.value())?, "signed data")?;
    // Version, algorithms, content; certificates; lists of what was revoked; signers.
    let content = parts(part(&signed, 2, "content")?, "content")?;
    is_called(part(&content, 0, "content")?, TST_INFO, "content")?;
    let has_certificate = signed.get(3).is_some_and(|found| found.tag() == tagged(TagNumber::N0) && !is_empty(found));
    let has_signer = signed.last().is_some_and(|found| found.tag() == Tag::Set && !is_empty(found));
    if !has_certificate || !has_signer || signed.len() < 5 {
        return Err(NotStamped::NoCertificate);
    }
    let octets = AnyRef::from_der(part(&content, 1, "content")?.value())?;
    octets.tag().assert_eq(Tag::OctetString)?;
    Ok(octets.value())
}

/// What a time stamp says of its request.
struct Told {
    imprint: MessageImprint,
    nonce: Option<Int>,
    time: String,
}

impl Told {
    /// Reads `TSTInfo`. Of the time it is only seen to that it is written as one: fractions of a second are allowed.
    fn read(content: &[u8]) -> Result<Self, NotStamped> {
        let parts = parts(AnyRef::from_der(content)?, "time stamp")?;
        let time = part(&parts, 4, "time")?;
        time.tag().assert_eq(Tag::GeneralizedTime)?;
        let nonce = parts.get(5..).unwrap_or_default().iter().find(|found| found.tag() == Tag::Integer);
        Ok(Self {
            imprint: part(&parts, 2, "imprint")?.decode_as()?,
            nonce: nonce.map(|nonce| nonce.decode_as()).transpose()?,
            time: String::from_utf8_lossy(time.value()).chars().filter(|c| c.is_ascii_graphic()).take(30).collect(),
        })
    }
}

/// The values in a value that is made of others.
fn parts<'a>(whole: AnyRef<'a>, what: &str) -> Result<Vec<AnyRef<'a>>, NotStamped> {
    if whole.tag() != Tag::Sequence {
        return Err(missing(what));
    }
    let mut reader = SliceReader::new(whole.value())?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader)?);
    }
    Ok(found)
}

fn part<'a>(parts: &[AnyRef<'a>], place: usize, what: &str) -> Result<AnyRef<'a>, NotStamped> {
    parts.get(place).copied().ok_or_else(|| missing(what))
}

fn is_called(name: AnyRef<'_>, expected: ObjectIdentifier, what: &str) -> Result<(), NotStamped> {
    if name.decode_as::<ObjectIdentifier>()? == expected { Ok(()) } else { Err(missing(what)) }
}

fn missing(what: &str) -> NotStamped {
    NotStamped::NoReply(format!("no {what} where one should be"))
}

fn tagged(number: TagNumber) -> Tag {
    Tag::ContextSpecific { constructed: true, number }
}

fn is_empty(value: &AnyRef<'_>) -> bool {
    value.value().is_empty()
}

/// The words of a `PKIFreeText`, without what a terminal would take for an order.
fn said(text: AnyRef<'_>) -> String {
    let words = parts(text, "words").unwrap_or_default();
    let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word.value())).collect();
    let shown: String = words.join("; ").chars().filter(|c| !c.is_control()).take(LONGEST_SAID).collect();
    if shown.is_empty() { shown } else { format!(": {shown}") }
}
