//! `SHA256SUMS`, as `sha256sum` writes it and `sha256sum -c` checks it.

use std::collections::BTreeMap;

use super::digest::Sha256Digest;

/// The name of the file in the package.
pub const SUMS_FILE: &str = "SHA256SUMS";

/// Why the sums are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SumsError {
    /// It is not text.
    #[error("SHA256SUMS is not UTF-8 text")]
    NotText,
    /// A line is not a digest, two spaces and a name.
    #[error("SHA256SUMS line {0} is not a digest, two spaces and a file name")]
    NotASum(usize),
    /// A name stands there twice.
    #[error("SHA256SUMS line {0} names a file that an earlier line names too")]
    RepeatedName(usize),
}

/// The text for these members, in their order: digest, two spaces, name.
#[must_use]
pub fn write_sums<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    members.into_iter().map(|(name, bytes)| format!("{}  {name}\n", Sha256Digest::of(bytes))).collect()
}

/// Reads the digests by name. The mark of binary mode (` *`) is accepted; escaped names are not.
///
/// # Errors
/// The first line that is not a sum, or that names a file again.
pub fn read_sums(bytes: &[u8]) -> Result<BTreeMap<String, Sha256Digest>, SumsError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SumsError::NotText)?;
    let mut sums = BTreeMap::new();
    for (place, line) in text.lines().enumerate() {
        let (digest, name) = read_line(line).ok_or(SumsError::NotASum(place + 1))?;
        if sums.insert(name.to_owned(), digest).is_some() {
            return Err(SumsError::RepeatedName(place + 1));
        }
    }
    Ok(sums)
}

fn read_line(line: &str) -> Option<(Sha256Digest, &str)> {
    let (digest, rest) = line.split_once(' ')?;
    let name = rest.strip_prefix([' ', '*'])?;
    let is_plain = !name.is_empty() && !name.contains(['\\', '\r']);
    Some((digest.parse().ok()?, name)).filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_sha256sum_writes_them() {
        let text = write_sums([("abc.txt", &b"abc"[..]), ("letters/000001.pdf", b"")]);
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc.txt\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  letters/000001.pdf\n";
        assert_eq!(text, expected);
        let sums = read_sums(text.replacen("  ", " *", 1).as_bytes()).unwrap();
        assert_eq!(sums.get("abc.txt"), Some(&Sha256Digest::of(b"abc")));
        assert_eq!(sums.len(), 2);
    }

    #[test]
    fn faults_are_refused() {
        let sum = Sha256Digest::of(b"abc").to_string();
        for refused in [
            format!("{sum} abc\n"),
            format!("{sum}  \n"),
            format!("{sum}\n"),
            format!("\\{sum}  a\\nb\n"),
            format!("{sum}  a\\b\n"),
            format!("{}  abc\n", &sum[1..]),
            format!("{}  abc\n", sum.to_uppercase()),
            format!("{sum}  abc\n\n"),
            format!("{sum}  abc\n{sum}  abc\n"),
        ] {
            assert!(read_sums(refused.as_bytes()).is_err(), "{refused:?}");
        }
        assert_eq!(read_sums(b"\xff"), Err(SumsError::NotText));
    }
}
