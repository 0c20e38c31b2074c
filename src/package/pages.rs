//! The pages of a letter file: how many there are, and the digests that the manifest gives for them.

use lopdf::{Document, LoadOptions, Object, ObjectId};

use super::digest::Sha256Digest;
use super::manifest::ManifestRow;

/// What the content streams of one page, or one object stream, may unfold to, in bytes. A page of a letter has a few
/// thousand.
const MAX_STREAM_BYTES: usize = 16 * 1024 * 1024;

/// Why a PDF does not hold the letters that the manifest lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PagesError {
    /// It is not a PDF that can be read.
    #[error("{file} cannot be read as a PDF: {reason}")]
    NotAPdf {
        /// The file.
        file: String,
        /// What the reader says.
        reason: String,
    },
    /// It has more or fewer pages than the manifest lists.
    #[error("{file} has {found} pages and the manifest lists {wanted}")]
    OtherCount {
        /// The file.
        file: String,
        /// Its pages.
        found: u64,
        /// The pages listed.
        wanted: u64,
    },
    /// A row does not start on the page after the row before it.
    #[error("manifest row {sequence}: the letter should start on page {wanted} of the print file, not {found}")]
    OtherPlace {
        /// The row's sequence number.
        sequence: u32,
        /// The first page in the row.
        found: u32,
        /// The page after the row before.
        wanted: u64,
    },
    /// A row's digest is not the one of what lies there.
    #[error("manifest row {sequence}: the letter's content has SHA-256 {found}, and the manifest says {wanted}")]
    OtherContent {
        /// The row's sequence number.
        sequence: u32,
        /// The digest found.
        found: Sha256Digest,
        /// The digest in the row.
        wanted: Sha256Digest,
    },
}

/// A PDF opened for its pages.
pub struct LetterPages {
    file: String,
    document: Document,
    pages: Vec<ObjectId>,
}

impl LetterPages {
    /// Opens a PDF.
    ///
    /// # Errors
    /// Where it cannot be read, or a stream of it unfolds beyond measure.
    pub fn open(file: &str, pdf: &[u8]) -> Result<Self, PagesError> {
        let options = LoadOptions { strict: true, ..LoadOptions::with_max_decompressed_size(MAX_STREAM_BYTES) };
        let document = Document::load_mem_with_options(pdf, options)
            .map_err(|error| PagesError::NotAPdf { file: file.to_owned(), reason: error.to_string() })?;
        let pages = document.page_iter().collect();
        Ok(Self { file: file.to_owned(), document, pages })
    }

    /// How many pages it has.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.pages.len() as u64
    }

    /// The digest of `pages` pages from `first_page` (from 1): their decoded content streams in page order, joined with
    /// nothing between them.
    ///
    /// # Errors
    /// Where there are no such pages, or a stream cannot be decoded.
    pub fn digest(&self, first_page: u32, pages: u32) -> Result<Sha256Digest, PagesError> {
        let first = usize::try_from(first_page).unwrap_or(usize::MAX).saturating_sub(1);
        let end = first.saturating_add(usize::try_from(pages).unwrap_or(usize::MAX));
        let wanted = u64::try_from(end).unwrap_or(u64::MAX);
        let range = self.pages.get(first..end).ok_or(PagesError::OtherCount {
            file: self.file.clone(),
            found: self.count(),
            wanted,
        })?;
        let mut contents = Vec::new();
        for page in range {
            self.append_content(*page, &mut contents).map_err(|error| self.unreadable(&error))?;
        }
        Ok(Sha256Digest::of_joined(contents.iter().map(|stream| stream.as_slice())))
    }

    fn unreadable(&self, error: &lopdf::Error) -> PagesError {
        PagesError::NotAPdf { file: self.file.clone(), reason: error.to_string() }
    }

    fn append_content(&self, page: ObjectId, contents: &mut Vec<zeroize::Zeroizing<Vec<u8>>>) -> lopdf::Result<()> {
        let mut room = MAX_STREAM_BYTES;
        for id in self.document.get_page_contents(page) {
            let stream = self.document.get_object(id).and_then(Object::as_stream)?;
            let content = if stream.dict.has(b"Filter") {
                stream.decompressed_content_with_limit(room)?
            } else {
                stream.content.clone()
            };
            room = room.saturating_sub(content.len());
            contents.push(zeroize::Zeroizing::new(content));
        }
        Ok(())
    }

    /// Whether this print file holds the letters of these rows, one after another, and nothing else.
    ///
    /// # Errors
    /// The first row that is not as the manifest says.
    pub fn check_print_stream(&self, rows: &[ManifestRow]) -> Result<(), PagesError> {
        let mut next = 1u64;
        for row in rows {
            if u64::from(row.first_page) != next {
                return Err(PagesError::OtherPlace { sequence: row.sequence, found: row.first_page, wanted: next });
            }
            next += u64::from(row.pages);
        }
        self.check_count(next - 1)?;
        for row in rows {
            let found = self.digest(row.first_page, row.pages)?;
            check_digest(row, found)?;
        }
        Ok(())
    }

    /// Whether the file has so many pages.
    fn check_count(&self, wanted: u64) -> Result<(), PagesError> {
        let found = self.count();
        if found == wanted { Ok(()) } else { Err(PagesError::OtherCount { file: self.file.clone(), found, wanted }) }
    }
}

/// Whether a file holds one letter: this row's pages, this row's digest.
///
/// # Errors
/// Says in what the file is not as the manifest says.
pub fn check_letter_file(row: &ManifestRow, pdf: &[u8]) -> Result<(), PagesError> {
    check_digest(row, Sha256Digest::of(pdf))?;
    if row.first_page != 1 {
        return Err(PagesError::OtherPlace { sequence: row.sequence, found: row.first_page, wanted: 1 });
    }
    LetterPages::open(&row.file, pdf)?.check_count(u64::from(row.pages))
}

fn check_digest(row: &ManifestRow, found: Sha256Digest) -> Result<(), PagesError> {
    let (sequence, wanted) = (row.sequence, row.sha256);
    if found == wanted { Ok(()) } else { Err(PagesError::OtherContent { sequence, found, wanted }) }
}
