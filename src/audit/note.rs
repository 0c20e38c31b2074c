//! Signed notes, as the C2SP signed-note specification writes them: a text, a blank line, and a line for each signature.
//!
//! `signed_note`, Go's `sumdb/note` and the tools of other logs read the same bytes. Only Ed25519 (signature type 0x01) is
//! made and verified here; signatures of other types are those of unknown keys, which a reader must pass over.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The byte that stands for Ed25519 before a key.
const ED25519: u8 = 0x01;
/// The most bytes of a note that are looked at.
const LONGEST_NOTE: usize = 1_000_000;
/// The most signatures of a note that are looked at; readers must take 16.
const MOST_SIGNATURES: usize = 100;
/// What a signature line begins with.
const MARK: &str = "\u{2014} ";

/// Why a note or a key is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes are no note.
    #[error("this is no signed note: {0}")]
    NotANote(&'static str),
    /// The text is no key.
    #[error("this is no {0}")]
    NotAKey(&'static str),
    /// A signature by a known key is not of this text.
    #[error("the signature by key {0} is not of this text")]
    BadSignature(String),
    /// Nobody known signed.
    #[error("none of its signatures is by a key that is known here; it names {0}")]
    Unknown(String),
}

/// A public key: what a reader needs to verify notes.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: ed25519_dalek::VerifyingKey) -> Self {
        let digest = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(digest.finalize());
        Self { name: name.to_owned(), id: [a, b, c, d], key }
    }

    /// The name that its signatures carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name and the key id, which together say whose a signature is.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, hex::encode(self.id))
    }

    fn made(&self, line: &SignatureLine<'_>) -> bool {
        line.name == self.name && line.id == self.id
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    /// The form `name+id+key` that the tools of other logs read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.label(), BASE64.encode([&[ED25519], self.key.as_bytes().as_slice()].concat()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let refused = NoteError::NotAKey("verifier key of the form name+id+key with an Ed25519 key");
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(refused) };
        let bytes = BASE64.decode(key).map_err(|_| refused.clone())?;
        let key = match bytes.split_first() {
            Some((&ED25519, key)) => ed25519_dalek::VerifyingKey::try_from(key).map_err(|_| refused.clone())?,
            _ => return Err(refused),
        };
        let verifier = Self::new(name, key);
        let fits = is_key_name(name) && !key.is_weak() && hex::decode(id).is_ok_and(|id| id == verifier.id);
        if fits { Ok(verifier) } else { Err(refused) }
    }
}

/// A secret key. Nothing shows it but [`to_text`](Self::to_text), and it is wiped when dropped.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key that comes of a seed of 32 random bytes.
    ///
    /// # Errors
    /// Where the name is none for a key: empty, or with a space, a control character or a `+` in it.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_key_name(name) {
            return Err(NoteError::NotAKey("name of a key: it must not be empty, nor have a space or a '+' in it"));
        }
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, key.verifying_key());
        Ok(Self { key, verifier })
    }

    /// The same secret under another name: its id is another one, so nothing that it signed before is by this key.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn renamed(&self, name: &str) -> Result<Self, NoteError> {
        Self::new(name, self.key.as_bytes())
    }

    /// Reads the form of [`to_text`](Self::to_text), with or without the end of its line.
    ///
    /// # Errors
    /// Where it is not of that form, or its id is not that of its key.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let refused = NoteError::NotAKey("signing key of the form PRIVATE+KEY+name+id+key with an Ed25519 key");
        let rest = text.trim_end_matches('\n').strip_prefix("PRIVATE+KEY+").ok_or_else(|| refused.clone())?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(refused) };
        let bytes = Zeroizing::new(BASE64.decode(key).map_err(|_| refused.clone())?);
        let seed = match bytes.split_first() {
            Some((&ED25519, seed)) => <&[u8; 32]>::try_from(seed).map_err(|_| refused.clone())?,
            _ => return Err(refused),
        };
        let signing = Self::new(name, seed)?;
        let fits = hex::decode(id).is_ok_and(|id| id == signing.verifier.id);
        if fits { Ok(signing) } else { Err(refused) }
    }

    /// The key as one line, in the form of Go's `sumdb/note`. To be kept where only its owner can read it.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([ED25519; 33]);
        bytes[1..].copy_from_slice(self.key.as_bytes());
        let encoded = Zeroizing::new(BASE64.encode(bytes.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{}+{}", self.verifier.label(), encoded.as_str()))
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, hidden)", self.verifier.label())
    }
}

/// The note of a text, signed by each of the keys.
///
/// # Errors
/// Where the text is none for a note (it must end its last line, and have no control character but the ends of lines), or nobody signs.
pub fn sign(text: &str, keys: &[&SigningKey]) -> Result<String, NoteError> {
    if !text.ends_with('\n') || has_control(text) {
        return Err(NoteError::NotANote("its text must end its last line, and have no other control character"));
    }
    if keys.is_empty() {
        return Err(NoteError::NotANote("nobody signs it"));
    }
    let lines = keys.iter().map(|key| {
        let signature = key.key.sign(text.as_bytes()).to_bytes();
        format!("{MARK}{} {}\n", key.verifier.name, BASE64.encode([key.verifier.id.as_slice(), &signature].concat()))
    });
    Ok(format!("{text}\n{}", lines.collect::<String>()))
}

/// A note that at least one known key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The text, with the end of its last line.
    pub text: String,
    /// The known keys that signed it, in the order of their signatures.
    pub signers: Vec<VerifierKey>,
}

/// Opens a note with the keys that are known. Signatures by others are passed over.
///
/// # Errors
/// [`NoteError::NotANote`] for other bytes; [`NoteError::BadSignature`] where one by a known key is not of the text;
/// [`NoteError::Unknown`] where no known key signed.
pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Opened, NoteError> {
    let (text, lines) = split(note)?;
    let mut signers = Vec::new();
    for line in &lines {
        // A key that is given twice counts once, and a line that is there twice too.
        let Some(key) = keys.iter().find(|key| key.made(line)) else { continue };
        if !key.verifies(&text, &line.signature) {
            return Err(NoteError::BadSignature(key.label()));
        }
        if !signers.contains(key) {
            signers.push(key.clone());
        }
    }
    if signers.is_empty() {
        let names: Vec<String> = lines.iter().map(|line| format!("{}+{}", line.name, hex::encode(line.id))).collect();
        return Err(NoteError::Unknown(names.join(", ")));
    }
    Ok(Opened { text, signers })
}

/// The text of a note whose signatures nobody looked at: to learn which keys to open it with, never to believe it.
///
/// # Errors
/// [`NoteError::NotANote`].
pub fn unverified_text(note: &str) -> Result<String, NoteError> {
    split(note).map(|(text, _)| text)
}

struct SignatureLine<'a> {
    name: &'a str,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// The text of a note and its signature lines: they are parted by the last blank line.
fn split(note: &str) -> Result<(String, Vec<SignatureLine<'_>>), NoteError> {
    if note.len() > LONGEST_NOTE {
        return Err(NoteError::NotANote("it is longer than 1,000,000 bytes"));
    }
    if has_control(note) {
        return Err(NoteError::NotANote("there is a control character in it"));
    }
    let (text, rest) = note.rsplit_once("\n\n").ok_or(NoteError::NotANote("no blank line before signatures"))?;
    let rest = rest.strip_suffix('\n').ok_or(NoteError::NotANote("its last line has no end"))?;
    let lines = rest.split('\n').map(|line| signature_line(line).ok_or(NoteError::NotANote("a line is no signature")));
    let lines = lines.take(MOST_SIGNATURES + 1).collect::<Result<Vec<_>, _>>()?;
    if lines.len() > MOST_SIGNATURES {
        return Err(NoteError::NotANote("more than 100 signatures"));
    }
    Ok((format!("{text}\n"), lines))
}

fn signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, encoded) = line.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    let is_whole = is_key_name(name) && !signature.is_empty();
    is_whole.then(|| SignatureLine { name, id: *id, signature: signature.to_vec() })
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c < ' ' || c == '+')
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c < ' ' && c != '\n')
}

#[cfg(test)]
mod tests;
