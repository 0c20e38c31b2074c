//! The pinned host keys of a vendor: lines of OpenSSH's `known_hosts`, under the vendor's code and nothing else.
//!
//! Only plain names are taken: a pattern, a hashed name or a certificate authority would let ssh trust a host that
//! nobody can see in the file.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

/// A host key that is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedKey {
    /// Its kind, as `ssh-ed25519`.
    pub kind: String,
    /// Its fingerprint, as `ssh-keygen -l` shows it.
    pub fingerprint: String,
}

impl fmt::Display for PinnedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.fingerprint)
    }
}

/// A file of host keys that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnownHostsError {
    /// A line that trusts more than one plainly named host.
    #[error("line {line}: {what}; write the vendor's code, the kind of key and the key, each line for itself")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No line is about the vendor.
    #[error(
        "it has no host key under '{0}'; add the line '{0} KIND KEY' with what 'ssh-keyscan -p PORT HOST' shows, once \
         the vendor has read the fingerprint to you by telephone"
    )]
    NoKey(String),
}

/// The keys that a file pins under this name; one at least.
///
/// # Errors
/// [`KnownHostsError`].
pub fn pinned_keys(text: &str, name: &str) -> Result<Vec<PinnedKey>, KnownHostsError> {
    let mut keys = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let refused = |what| KnownHostsError::Line { line: number, what };
        if let Some((names, key, is_revoked)) = read_line(line).map_err(refused)?
            && names.split(',').any(|one| one == name)
            && !is_revoked
        {
            keys.push(key);
        }
    }
    if keys.is_empty() { Err(KnownHostsError::NoKey(name.to_owned())) } else { Ok(keys) }
}

/// Names, key, and whether ssh is told to refuse it; `None` for a line that says nothing.
fn read_line(line: &str) -> Result<Option<(&str, PinnedKey, bool)>, &'static str> {
    let mut words = line.split_ascii_whitespace().peekable();
    let is_revoked = match words.peek() {
        None => return Ok(None),
        Some(word) if word.starts_with('#') => return Ok(None),
        Some(&"@revoked") => true,
        Some(&"@cert-authority") => return Err("a certificate authority is not taken, only the host's own key"),
        Some(word) if word.starts_with('@') => return Err("its mark is not known"),
        Some(_) => false,
    };
    let mut words = words.skip(usize::from(is_revoked));
    let (Some(names), Some(kind), Some(key)) = (words.next(), words.next(), words.next()) else {
        return Err("it is not a name, a kind of key and a key");
    };
    if names.starts_with('|') {
        return Err("its name is hashed");
    }
    if names.contains(['*', '?', '!']) {
        return Err("its name is a pattern");
    }
    let bytes = STANDARD.decode(key).map_err(|_| "its key is not base64")?;
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&bytes)));
    Ok(Some((names, PinnedKey { kind: kind.to_owned(), fingerprint }, is_revoked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by ssh-keygen for this test; the fingerprints are those that `ssh-keygen -l` shows.
    const ED25519: &str = "AAAAC3NzaC1lZDI1NTE5AAAAID/44PJxXKvh2+uOnanpowfKlH8SB2/R1/BohVYz90sv";
    const ED25519_FINGERPRINT: &str = "SHA256:MMMkFeInp1ue0RVjJyDMfwsN33HFXipL19aghW5AzOw";
    const ECDSA: &str = "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJ3avGM5rCMmGVib4xqc9l8M2PH7XjgA0oMNZdVOkxd+Wnx6xl/PyUkFdlueRNu/If0HdwsY6PQxzG0k62/H4wk=";
    const ECDSA_FINGERPRINT: &str = "SHA256:Ft5s61jNMa5emvLYOYobqD8Xt8SMCTu0wWfOcYTw64I";

    #[test]
    fn keys_are_found_under_the_vendors_code() {
        let text = format!(
            "# pinned by telephone\n\nacme ssh-ed25519 {ED25519} acme's host\nother,acme ecdsa-sha2-nistp256 {ECDSA}\n"
        );
        let shown = |name: &str| pinned_keys(&text, name).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        let (first, second) =
            (format!("ssh-ed25519 {ED25519_FINGERPRINT}"), format!("ecdsa-sha2-nistp256 {ECDSA_FINGERPRINT}"));
        assert_eq!(shown("acme"), [first, second.clone()]);
        assert_eq!(shown("other"), [second]);
        for name in ["acm", "ACME", "acme.example"] {
            assert_eq!(pinned_keys(&text, name), Err(KnownHostsError::NoKey(name.to_owned())));
        }
    }

    #[test]
    fn a_key_that_is_only_revoked_is_none() {
        let text = format!("@revoked acme ssh-ed25519 {ED25519}\n");
        assert_eq!(pinned_keys(&text, "acme"), Err(KnownHostsError::NoKey("acme".to_owned())));
    }

    #[test]
    fn lines_that_trust_more_are_refused() {
        for (line, what) in [
            (format!("@cert-authority acme ssh-ed25519 {ED25519}"), "authority"),
            (format!("@trusted acme ssh-ed25519 {ED25519}"), "mark"),
            (format!("* ssh-ed25519 {ED25519}"), "pattern"),
            (format!("ac?e,acme ssh-ed25519 {ED25519}"), "pattern"),
            (format!("!acme ssh-ed25519 {ED25519}"), "pattern"),
            (format!("|1|c2FsdA==|aGFzaA== ssh-ed25519 {ED25519}"), "hashed"),
            ("acme ssh-ed25519".to_owned(), "not a name"),
            ("acme ssh-ed25519 !!!".to_owned(), "base64"),
        ] {
            let text = format!("acme ssh-ed25519 {ED25519}\n{line}\n");
            let error = pinned_keys(&text, "acme").unwrap_err();
            assert!(matches!(error, KnownHostsError::Line { line: 2, .. }), "{line}: {error}");
            assert!(error.to_string().contains(what), "{line}: {error}");
        }
    }
}
