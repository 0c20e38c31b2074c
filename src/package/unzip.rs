//! Reads the zip inside a package, and trusts nothing in it.
//!
//! Archives can be read in more than one way: what one program takes for the end, the name or the size of a member
//! another overlooks. So this reader takes one plain form and refuses the rest: members one after another from the first
//! byte, their headers in agreement with the directory, nothing before, between or behind them, no extra fields, no
//! comments, no ZIP64, no encryption. (Form: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.)

use std::collections::HashSet;
use std::io::Read;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zeroize::Zeroizing;

/// How much an archive may unfold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnzipLimits {
    /// All members together, in bytes.
    pub unpacked_bytes: u64,
    /// How many members.
    pub entries: usize,
    /// How many times its packed size a member may have.
    pub ratio: u64,
}

impl Default for UnzipLimits {
    /// 100 MB, 5,000 members, 100 times: more than any package holds.
    fn default() -> Self {
        Self { unpacked_bytes: 100_000_000, entries: 5_000, ratio: 100 }
    }
}

/// A file of an archive, unpacked. It may hold letters in the clear and is wiped when dropped.
pub struct Member {
    /// Its name: plain ASCII, folders parted by `/`, never leading out of the folder that it is unpacked in.
    pub name: String,
    /// Its bytes.
    pub content: Zeroizing<Vec<u8>>,
}

/// Why an archive is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnzipError {
    /// The end record is missing, cut off, or not at the very end.
    #[error("it is not a zip archive, or it is cut off, or something was added to it")]
    NotAnArchive,
    /// More members than allowed.
    #[error("it says that it has {found} members; at most {limit} are allowed")]
    TooManyEntries {
        /// How many it says.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// More bytes than allowed.
    #[error("it unpacks to more than {limit} bytes")]
    TooLarge {
        /// How many are allowed.
        limit: u64,
    },
    /// A member unfolds to more than it can honestly hold.
    #[error("member {entry} unpacks to more than {limit} times its size")]
    TooDense {
        /// Which member, from 1.
        entry: usize,
        /// How many times are allowed.
        limit: u64,
    },
    /// A name that is not plain, or leads elsewhere.
    #[error("member {entry} has a name that is not allowed: '{name}'")]
    UnsafeName {
        /// Which member, from 1.
        entry: usize,
        /// Its name, control characters escaped.
        name: String,
    },
    /// Two members share a name, or differ in case only.
    #[error("member {entry} has the name of an earlier one: '{name}'")]
    RepeatedName {
        /// Which member, from 1.
        entry: usize,
        /// The name.
        name: String,
    },
    /// A folder, a symbolic link or a device.
    #[error("member {entry} is not a plain file")]
    NotAFile {
        /// Which member, from 1.
        entry: usize,
    },
    /// Encryption, another compression, extra fields, comments, data descriptors.
    #[error("member {entry} uses a feature that packages do not: {feature}")]
    UnknownFeature {
        /// Which member, from 1.
        entry: usize,
        /// Which feature.
        feature: &'static str,
    },
    /// Headers, sizes or checksum disagree with each other or with the bytes.
    #[error("member {entry} is damaged or lies about itself: {what}")]
    Inconsistent {
        /// Which member, from 1.
        entry: usize,
        /// In what.
        what: &'static str,
    },
}

/// Whether a name may stand in an archive: ASCII letters, digits, `.`, `_`, `-`, and `/` between folders; no empty part,
/// `.` or `..`; at most 200 bytes.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    name.len() <= 200 && name.bytes().all(is_plain) && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Unpacks an archive into memory, in the order of its directory.
///
/// # Errors
/// The first thing that is not as a package has it. Nothing beyond the limits is ever unpacked.
pub fn read_zip(archive: &[u8], limits: UnzipLimits) -> Result<Vec<Member>, UnzipError> {
    let members = look_into(archive, limits)?;
    Ok(members.into_iter().map(|found| Member { name: found.name, content: found.content.into_owned() }).collect())
}

/// A file of an archive, where it lies.
pub(super) struct Found<'a> {
    pub(super) name: String,
    pub(super) content: Content<'a>,
}

/// The bytes of a file: in the archive where they are stored, in a place of their own where they were deflated.
pub(super) enum Content<'a> {
    Stored(&'a [u8]),
    Inflated(Zeroizing<Vec<u8>>),
}

impl Content<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Stored(bytes) => bytes,
            Self::Inflated(bytes) => bytes,
        }
    }

    fn into_owned(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Stored(bytes) => Zeroizing::new(bytes.to_vec()),
            Self::Inflated(bytes) => bytes,
        }
    }
}

/// Reads an archive as [`read_zip`] does, and copies nothing that is stored in it as it is.
pub(super) fn look_into(archive: &[u8], limits: UnzipLimits) -> Result<Vec<Found<'_>>, UnzipError> {
    let end = EndRecord::read(archive)?;
    if end.entries > limits.entries {
        return Err(UnzipError::TooManyEntries { found: end.entries, limit: limits.entries });
    }
    let headers = read_directory(archive, &end)?;
    check_names(&headers)?;
    check_sizes(&headers, limits)?;
    let mut members = Vec::with_capacity(headers.len());
    let mut next = 0;
    for header in &headers {
        let (content, after) = header.unpack(archive, next)?;
        members.push(Found { name: header.name_text(), content });
        next = after;
    }
    if next == end.directory_at { Ok(members) } else { Err(UnzipError::NotAnArchive) }
}

/// Little-endian numbers of a header at known places; `None` past its end.
#[derive(Clone, Copy)]
struct Record<'a>(&'a [u8]);

impl Record<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        self.0.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.0.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
    }

    fn size(&self, at: usize) -> Option<usize> {
        usize::try_from(self.u32(at)?).ok()
    }

    fn length(&self, at: usize) -> Option<usize> {
        self.u16(at).map(usize::from)
    }
}

/// The end of central directory record: 22 bytes at the very end.
struct EndRecord {
    entries: usize,
    directory_at: usize,
    ends_at: usize,
}

impl EndRecord {
    const SIZE: usize = 22;
    const SIGNATURE: u32 = 0x0605_4b50;

    fn read(archive: &[u8]) -> Result<Self, UnzipError> {
        Self::find(archive).ok_or(UnzipError::NotAnArchive)
    }

    fn find(archive: &[u8]) -> Option<Self> {
        let ends_at = archive.len().checked_sub(Self::SIZE)?;
        let record = Record(archive.get(ends_at..)?);
        let one_disk = record.u16(4)? == 0 && record.u16(6)? == 0 && record.u16(8)? == record.u16(10)?;
        let no_comment = record.u16(20)? == 0;
        let (size, directory_at) = (record.size(12)?, record.size(16)?);
        let fits = directory_at.checked_add(size)? == ends_at;
        let found = Self { entries: record.length(10)?, directory_at, ends_at };
        (record.u32(0)? == Self::SIGNATURE && one_disk && no_comment && fits).then_some(found)
    }
}

/// What the directory says of one member.
struct Header<'a> {
    entry: usize,
    /// Version needed, flags, method, time, date, checksum, sizes and name length, as both headers repeat them.
    shared: &'a [u8],
    name: &'a [u8],
    method: u16,
    checksum: u32,
    packed: usize,
    unpacked: usize,
    starts_at: usize,
}

const DIRECTORY_SIGNATURE: u32 = 0x0201_4b50;
const DIRECTORY_HEADER: usize = 46;
const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const LOCAL_HEADER: usize = 30;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The name is UTF-8 (bit 11), and how hard the deflater tried (bits 1 and 2). Anything else changes how to read on.
const HARMLESS_FLAGS: u16 = 0b0000_1000_0000_0110;

fn read_directory<'a>(archive: &'a [u8], end: &EndRecord) -> Result<Vec<Header<'a>>, UnzipError> {
    let mut headers = Vec::with_capacity(end.entries);
    let mut rest = archive.get(end.directory_at..end.ends_at).ok_or(UnzipError::NotAnArchive)?;
    for entry in 1..=end.entries {
        let (header, after) = Header::read(rest, entry)?;
        headers.push(header);
        rest = after;
    }
    if rest.is_empty() { Ok(headers) } else { Err(UnzipError::NotAnArchive) }
}

impl<'a> Header<'a> {
    /// Reads the directory's header at the start of `bytes`; gives it and what follows.
    fn read(bytes: &'a [u8], entry: usize) -> Result<(Self, &'a [u8]), UnzipError> {
        let damaged = UnzipError::Inconsistent { entry, what: "its directory entry is cut off" };
        let record = Record(bytes);
        let header = Self::parse(bytes, entry).ok_or(damaged.clone())?;
        header.check_features(record).ok_or(damaged)??;
        let after = bytes.get(DIRECTORY_HEADER + header.name.len()..).unwrap_or_default();
        Ok((header, after))
    }

    fn parse(bytes: &'a [u8], entry: usize) -> Option<Self> {
        let record = Record(bytes);
        let name_ends_at = DIRECTORY_HEADER.checked_add(record.length(28)?)?;
        let header = Self {
            entry,
            shared: bytes.get(6..30)?,
            name: bytes.get(DIRECTORY_HEADER..name_ends_at)?,
            method: record.u16(10)?,
            checksum: record.u32(16)?,
            packed: record.size(20)?,
            unpacked: record.size(24)?,
            starts_at: record.size(42)?,
        };
        (record.u32(0)? == DIRECTORY_SIGNATURE).then_some(header)
    }

    /// `None` where the record is cut off.
    fn check_features(&self, record: Record<'_>) -> Option<Result<(), UnzipError>> {
        let entry = self.entry;
        let unknown = |feature| Some(Err(UnzipError::UnknownFeature { entry, feature }));
        if record.u16(8)? & !HARMLESS_FLAGS != 0 {
            return unknown("encryption, a data descriptor or another flag");
        }
        if !matches!(self.method, STORED | DEFLATED) {
            return unknown("a compression other than deflate");
        }
        if record.u16(30)? != 0 || record.u16(32)? != 0 {
            return unknown("an extra field or a comment");
        }
        let is_file = is_plain_file(record.u32(38)?) && !self.name.ends_with(b"/");
        Some(if is_file { Ok(()) } else { Err(UnzipError::NotAFile { entry }) })
    }

    fn name_text(&self) -> String {
        self.name.escape_ascii().to_string()
    }

    fn wrong(&self, what: &'static str) -> UnzipError {
        UnzipError::Inconsistent { entry: self.entry, what }
    }

    /// The member's bytes, where it starts right at `next`; and where the one after it must start.
    fn unpack<'z>(&self, archive: &'z [u8], next: usize) -> Result<(Content<'z>, usize), UnzipError> {
        if self.starts_at != next {
            return Err(self.wrong("it does not start where the one before it ends"));
        }
        let packed_at = self.check_local_header(archive).ok_or(self.wrong("its two headers disagree"))?;
        let ends_at = packed_at.checked_add(self.packed).ok_or(self.wrong("its size"))?;
        let packed = archive.get(packed_at..ends_at).ok_or(self.wrong("its size"))?;
        let content = match self.method {
            DEFLATED => Content::Inflated(self.inflate(packed)?),
            _ if self.packed == self.unpacked => Content::Stored(packed),
            _ => return Err(self.wrong("its two sizes")),
        };
        let mut checksum = Crc::new();
        checksum.update(content.bytes());
        if checksum.sum() == self.checksum { Ok((content, ends_at)) } else { Err(self.wrong("its checksum")) }
    }

    /// Where the packed bytes start, if the header before them says what the directory says.
    fn check_local_header(&self, archive: &[u8]) -> Option<usize> {
        let local = archive.get(self.starts_at..)?;
        let name_ends_at = LOCAL_HEADER.checked_add(self.name.len())?;
        let agrees = Record(local).u32(0)? == LOCAL_SIGNATURE
            && local.get(4..28)? == self.shared
            && Record(local).u16(28)? == 0
            && local.get(LOCAL_HEADER..name_ends_at)? == self.name;
        agrees.then_some(self.starts_at.checked_add(name_ends_at)?)
    }

    /// Inflates to the size that the directory promises, and to not one byte more.
    fn inflate(&self, packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnzipError> {
        let mut content = Zeroizing::new(Vec::with_capacity(self.unpacked));
        let mut decoder = DeflateDecoder::new(packed);
        let bound = (self.unpacked as u64).saturating_add(1);
        decoder.by_ref().take(bound).read_to_end(&mut content).map_err(|_| self.wrong("its compressed bytes"))?;
        let is_whole = content.len() == self.unpacked && decoder.total_in() == self.packed as u64;
        if is_whole { Ok(content) } else { Err(self.wrong("its sizes")) }
    }
}

/// Whether the attributes are a regular file's, or say nothing of its kind.
fn is_plain_file(attributes: u32) -> bool {
    const KIND: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    const DOS_FOLDER_OR_LABEL: u32 = 0x18;
    let kind = (attributes >> 16) & KIND;
    attributes & DOS_FOLDER_OR_LABEL == 0 && matches!(kind, REGULAR | 0)
}

fn check_names(headers: &[Header<'_>]) -> Result<(), UnzipError> {
    let mut seen = HashSet::new();
    for header in headers {
        let (entry, name) = (header.entry, header.name_text());
        if !std::str::from_utf8(header.name).is_ok_and(is_plain_name) {
            return Err(UnzipError::UnsafeName { entry, name });
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(UnzipError::RepeatedName { entry, name });
        }
    }
    Ok(())
}

/// What the members promise to unpack to, against the limits; each member is then held to its promise.
fn check_sizes(headers: &[Header<'_>], limits: UnzipLimits) -> Result<(), UnzipError> {
    let mut sum = 0u64;
    for header in headers {
        sum = sum.saturating_add(header.unpacked as u64);
        if sum > limits.unpacked_bytes {
            return Err(UnzipError::TooLarge { limit: limits.unpacked_bytes });
        }
        if header.unpacked as u64 > limits.ratio.saturating_mul(header.packed as u64) {
            return Err(UnzipError::TooDense { entry: header.entry, limit: limits.ratio });
        }
    }
    Ok(())
}
