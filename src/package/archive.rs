//! Writes the zip inside a package: the same members give the same bytes, whenever and wherever.

use std::io::{Cursor, Write};

use zeroize::Zeroizing;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::unzip::{self, UnzipError, UnzipLimits};

/// Read and write for the owner, read for the rest: what an unpacked letter file needs and no more.
const PERMISSIONS: u32 = 0o644;

/// At least the bytes that a member's two headers take besides its name twice; and those of the end record.
const HEADERS: usize = 128;

/// Why no archive was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// A member's name could lead out of the folder that a package is unpacked in, or is not plain.
    #[error(
        "'{0}' cannot be the name of a file in a package: use letters, digits, '.', '_', '-' and '/' between folders"
    )]
    UnsafeName(String),
    /// The zip writer gave up.
    #[error("the archive cannot be written: {0}")]
    NotWritten(String),
    /// What was written does not read back.
    #[error("the archive that was written does not read back: {0}; it was thrown away")]
    Unreadable(UnzipError),
    /// What was written reads back as something else.
    #[error("the archive that was written reads back with other bytes in '{0}'; it was thrown away")]
    ReadsBackOther(String),
}

/// The archive of these members, in their order.
///
/// Members are stored and not deflated: the letters are compressed within their PDF, and bytes that no compressor has
/// touched do not change when a compressor's version does. The result is read again with a reader of our own, not with
/// the library that wrote it, and compared byte for byte.
///
/// # Errors
/// Where a name is unsafe or repeated, where the whole is beyond what a vendor unpacks ([`UnzipLimits::default`]), or
/// where the result does not read back.
pub fn write_zip(members: &[(String, &[u8])]) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
    if let Some((name, _)) = members.iter().find(|(name, _)| !unzip::is_plain_name(name)) {
        return Err(ArchiveError::UnsafeName(name.clone()));
    }
    let archive = write_members(members).map_err(|error| ArchiveError::NotWritten(error.to_string()))?;
    let read_back = unzip::look_into(&archive, UnzipLimits::default()).map_err(ArchiveError::Unreadable)?;
    if read_back.len() != members.len() {
        return Err(ArchiveError::ReadsBackOther("the list of members".to_owned()));
    }
    for (found, (name, content)) in read_back.iter().zip(members) {
        if found.name != *name || found.content.bytes() != *content {
            return Err(ArchiveError::ReadsBackOther(name.clone()));
        }
    }
    drop(read_back);
    Ok(archive)
}

fn write_members(members: &[(String, &[u8])]) -> Result<Zeroizing<Vec<u8>>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(PERMISSIONS)
        .system(System::Unix)
        .large_file(false);
    // All of it at once: a buffer that grows is copied, and the copies take as much memory again.
    let bytes = members.iter().map(|(name, content)| content.len() + 2 * name.len() + HEADERS).sum::<usize>() + HEADERS;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes)));
    for (name, content) in members {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(Zeroizing::new(writer.finish()?.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_members_give_the_same_bytes() {
        let members = [("a.txt".to_owned(), &b"alpha"[..]), ("b/c.txt".to_owned(), b""), ("d".to_owned(), &[0; 4096])];
        let first = write_zip(&members).unwrap();
        assert_eq!(*first, *write_zip(&members).unwrap());
        // The digest pins the form: a change of the zip library that changes the bytes must not pass unseen.
        let offset = first.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        assert_eq!(&first[4..14], &[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], "version, flags, method, time and date");
        assert_eq!(&first[offset + 38..offset + 42], &(0o100_644u32 << 16).to_le_bytes(), "a regular file, 0644");
    }

    #[test]
    fn unsafe_and_repeated_names_are_refused() {
        for name in ["", "/a", "../a", "a/../b", "a//b", "a/", ".", "a\\b", "c:a", "naïve", "a b", "a\nb"] {
            let members = [(name.to_owned(), &b"x"[..])];
            assert!(matches!(write_zip(&members), Err(ArchiveError::UnsafeName(_))), "{name:?}");
        }
        for (one, other) in [("a", "a"), ("a", "A")] {
            assert!(write_zip(&[(one.to_owned(), b"x"), (other.to_owned(), b"y")]).is_err(), "{one} {other}");
        }
    }
}
