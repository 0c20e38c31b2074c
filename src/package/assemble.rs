//! Puts a package's members together: letters, manifest, job ticket and sums.

use zeroize::Zeroizing;

use super::archive::{ArchiveError, write_zip};
use super::manifest::{MANIFEST_FILE, ManifestRow, write_manifest};
use super::sums::{SUMS_FILE, write_sums};
use super::ticket::{JobTicket, TICKET_FILE, TicketError, Totals, write_ticket};

/// The name of the print file that holds all letters.
pub const PRINT_STREAM_FILE: &str = "letters.pdf";
/// The most letters in one print file: beyond it, memory and the vendor's software suffer.
pub const MAX_PRINT_STREAM_LETTERS: usize = 1_000;
/// The most letter files in one package, below the 5,000 members that a vendor unpacks.
pub const MAX_LETTER_FILES: usize = 4_500;
/// The most bytes of letters in one package, below the 100 MB that a vendor unpacks.
pub const MAX_LETTER_BYTES: usize = 90_000_000;

/// The letters of a package, in one file or in one file each.
#[derive(Clone, Copy)]
pub enum Letters<'a> {
    /// One PDF with all letters one after another.
    PrintStream(&'a [u8]),
    /// One PDF a letter, in the order of the manifest.
    Files(&'a [Zeroizing<Vec<u8>>]),
}

/// The name of a letter's own file: `letters/{sequence:06}.pdf`.
#[must_use]
pub fn letter_file(sequence: u32) -> String {
    format!("letters/{sequence:06}.pdf")
}

/// Why no package was put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// No letters.
    #[error("a package needs at least one letter; an empty one becomes a void notice")]
    Empty,
    /// More letters than a package may hold.
    #[error("{found} letters are too many for one package, which holds at most {limit}; split the batch")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many a package may hold.
        limit: usize,
    },
    /// More bytes of letters than a package may hold.
    #[error("{bytes} bytes of letters are too many for one package, which holds at most {limit}; split the batch")]
    TooLarge {
        /// How many there are.
        bytes: u64,
        /// How many a package may hold.
        limit: u64,
    },
    /// The manifest does not list the letters that are given.
    #[error("the manifest has {rows} rows for {files} letter files")]
    OtherLetters {
        /// Rows of the manifest.
        rows: usize,
        /// Letter files.
        files: usize,
    },
    /// A row names another file than its letter lies in, or is out of sequence.
    #[error("manifest row {row} has sequence {sequence} and file '{file}'")]
    WrongRow {
        /// The row, from 1.
        row: usize,
        /// Its sequence number.
        sequence: u32,
        /// The file that it names.
        file: String,
    },
    /// The ticket's totals are not the manifest's.
    #[error("the job ticket's totals are not the manifest's")]
    WrongTotals,
    /// The ticket could not be written.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The archive could not be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// The zip of a package: job ticket, manifest, letters, sums, in this order. The same values give the same bytes.
///
/// # Errors
/// Where manifest, ticket and letters do not agree, or are more than a package may hold.
pub fn assemble(
    rows: &[ManifestRow],
    ticket: &JobTicket,
    letters: Letters<'_>,
) -> Result<Zeroizing<Vec<u8>>, AssembleError> {
    check_amount(rows, letters)?;
    check_rows(rows, letters)?;
    if Totals::of(rows) != ticket.totals {
        return Err(AssembleError::WrongTotals);
    }
    let ticket = write_ticket(ticket)?;
    let manifest = write_manifest(rows);
    let mut members =
        vec![(TICKET_FILE.to_owned(), ticket.as_bytes()), (MANIFEST_FILE.to_owned(), manifest.as_bytes())];
    match letters {
        Letters::PrintStream(pdf) => members.push((PRINT_STREAM_FILE.to_owned(), pdf)),
        Letters::Files(files) => {
            members.extend(rows.iter().zip(files).map(|(row, pdf)| (row.file.clone(), pdf.as_slice())));
        }
    }
    let sums = write_sums(members.iter().map(|(name, content)| (name.as_str(), *content)));
    members.push((SUMS_FILE.to_owned(), sums.as_bytes()));
    Ok(write_zip(&members)?)
}

fn check_amount(rows: &[ManifestRow], letters: Letters<'_>) -> Result<(), AssembleError> {
    let (limit, bytes) = match letters {
        Letters::PrintStream(pdf) => (MAX_PRINT_STREAM_LETTERS, pdf.len()),
        Letters::Files(files) => (MAX_LETTER_FILES, files.iter().map(|file| file.len()).sum()),
    };
    match rows.len() {
        0 => Err(AssembleError::Empty),
        found if found > limit => Err(AssembleError::TooMany { found, limit }),
        _ if bytes > MAX_LETTER_BYTES => {
            Err(AssembleError::TooLarge { bytes: bytes as u64, limit: MAX_LETTER_BYTES as u64 })
        }
        _ => Ok(()),
    }
}

fn check_rows(rows: &[ManifestRow], letters: Letters<'_>) -> Result<(), AssembleError> {
    if let Letters::Files(files) = letters
        && files.len() != rows.len()
    {
        return Err(AssembleError::OtherLetters { rows: rows.len(), files: files.len() });
    }
    for (place, row) in rows.iter().enumerate() {
        let file = match letters {
            Letters::PrintStream(_) => PRINT_STREAM_FILE.to_owned(),
            Letters::Files(_) => letter_file(row.sequence),
        };
        if usize::try_from(row.sequence) != Ok(place + 1) || row.file != file {
            let (sequence, file) = (row.sequence, row.file.clone());
            return Err(AssembleError::WrongRow { row: place + 1, sequence, file });
        }
    }
    Ok(())
}
