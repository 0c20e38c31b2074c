//! Archives that no site makes, byte by byte (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16).

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// A regular file that its owner may write.
pub const REGULAR: u32 = 0o100_644;
/// A symbolic link.
pub const LINK: u32 = 0o120_777;

/// A member as it is to stand in the archive, true or not.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub mode: u32,
    pub method: u16,
    pub packed: Vec<u8>,
    pub unpacked: u32,
    pub checksum: u32,
}

impl Entry {
    pub fn stored(name: &str, content: &[u8]) -> Self {
        let mut checksum = Crc::new();
        checksum.update(content);
        Self {
            name: name.into(),
            mode: REGULAR,
            method: 0,
            packed: content.to_vec(),
            unpacked: content.len() as u32,
            checksum: checksum.sum(),
        }
    }

    pub fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        Self { method: 8, packed: encoder.finish().unwrap(), ..Self::stored(name, content) }
    }

    /// What both headers repeat: version, flags, method, time, date, checksum, sizes, name length, no extra field.
    fn shared(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for half in [10, 0, self.method, 0, 0x21] {
            bytes.extend(half.to_le_bytes());
        }
        for word in [self.checksum, self.packed.len() as u32, self.unpacked] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend(0u16.to_le_bytes());
        bytes
    }
}

/// The archive of these members; its end says that it has `count` of them.
pub fn zip_saying(entries: &[Entry], count: u16) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let starts_at = bytes.len() as u32;
        bytes.extend(0x0403_4b50u32.to_le_bytes());
        bytes.extend(entry.shared());
        bytes.extend(&entry.name);
        bytes.extend(&entry.packed);
        directory.extend(0x0201_4b50u32.to_le_bytes());
        // Made on Unix, by version 3.0 of the form.
        directory.extend(0x031Eu16.to_le_bytes());
        directory.extend(entry.shared());
        directory.extend([0u8; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(starts_at.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (size, starts_at) = (directory.len() as u32, bytes.len() as u32);
    bytes.extend(directory);
    bytes.extend(0x0605_4b50u32.to_le_bytes());
    bytes.extend([0u8; 4]);
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(starts_at.to_le_bytes());
    bytes.extend([0u8; 2]);
    bytes
}

/// The archive of these members.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_saying(entries, entries.len() as u16)
}
