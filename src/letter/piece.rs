//! What goes into a print stream and what comes out: letters to print, and where each is in the file.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::imb::Imb;
use crate::domain::letter::{LetterId, named};
use crate::domain::password::TemporaryPassword;
use crate::domain::request::{Language, Recipient};
use crate::letter::pdf::print_stream::WrittenLetter;
use crate::letter::template::dates;
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::compose::Job;

/// What a print stream says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// The name of the package that it goes into.
    pub package: String,
    /// When it is made.
    pub made_at: DateTime<Utc>,
    /// How its vendor prints.
    pub mode: PrintMode,
}

/// How a vendor prints letters, as far as it changes their pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrintMode {
    /// Whether sheets are printed on both sides.
    pub duplex: bool,
    /// Whether domestic letters keep room in the window for a barcode, be it printed here or by the vendor.
    pub barcode_room: bool,
}

/// One letter to print. All dates are in the site's time zone.
pub struct Piece<'a> {
    /// Who it goes to.
    pub recipient: &'a Recipient,
    /// Its id.
    pub letter_id: LetterId,
    /// The password to print.
    pub password: &'a TemporaryPassword,
    /// Its number in the package, from 1.
    pub sequence: u32,
    /// The date of the letter.
    pub made_on: NaiveDate,
    /// The last day of the password.
    pub use_by_on: NaiveDate,
    /// What the site's time zone is called in English; American zones are put into Spanish where the letter is.
    pub zone_name: &'a str,
    /// When the letter was asked for.
    pub requested_on: NaiveDate,
    /// The barcode to draw with its address; `None` where the agency adds none.
    pub barcode: Option<&'a Imb>,
}

/// Finished letters.
pub struct PrintStream {
    /// The file.
    pub pdf: Zeroizing<Vec<u8>>,
    /// Where each letter is in it, in the order given.
    pub pieces: Vec<PrintedPiece>,
}

/// Finished letters, each in a file of its own.
pub struct LetterFiles {
    /// The files, in the order given.
    pub files: Vec<Zeroizing<Vec<u8>>>,
    /// What each letter takes.
    pub pieces: Vec<PrintedPiece>,
}

named! {
    /// How the letters of a package lie in files.
    FileLayout {
        /// All of them in one file, one after another.
        PrintStream = "print-stream",
        /// Each in a file of its own.
        LetterFiles = "letter-files",
    }
}

/// Finished letters, in either layout.
pub enum PrintedLetters {
    /// In one file.
    Stream(PrintStream),
    /// In a file each.
    Files(LetterFiles),
}

impl PrintedLetters {
    /// Where each letter is, in the order given.
    #[must_use]
    pub fn pieces(&self) -> &[PrintedPiece] {
        match self {
            Self::Stream(stream) => &stream.pieces,
            Self::Files(files) => &files.pieces,
        }
    }

    /// The same, where the files have served.
    #[must_use]
    pub fn into_pieces(self) -> Vec<PrintedPiece> {
        match self {
            Self::Stream(stream) => stream.pieces,
            Self::Files(files) => files.pieces,
        }
    }
}

/// Where one letter is in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedPiece {
    /// Its first page, from 1.
    pub first_page: u32,
    /// How many pages it has in the file, a blank back among them.
    pub pages: u32,
    /// How many sheets of paper it takes.
    pub sheets: u32,
    /// SHA-256 of its own file or, in a print stream, of its pages' decoded content streams in page order, joined with
    /// nothing between.
    pub sha256: [u8; 32],
}

/// Where each letter is in its file, and the digest of what is on its pages. `shared` holds the content of the pages of
/// each layout.
pub(in crate::letter) fn places_in_file(
    job: Job<'_>,
    shared: &[Vec<Vec<u8>>],
    letters: &[WrittenLetter],
) -> Vec<PrintedPiece> {
    // Most letters begin alike: the digest of the first shared page is worked out once.
    let begun: Vec<Sha256> =
        shared.iter().map(|pages| Sha256::new().chain_update(pages.first().map_or(&[][..], Vec::as_slice))).collect();
    let mut first_page = 1;
    let place = |letter: &WrittenLetter| {
        let mut digest = begun.get(letter.layout).cloned().unwrap_or_default();
        for (number, own) in letter.own.iter().enumerate() {
            if let Some(under) = shared.get(letter.layout).and_then(|pages| pages.get(number)).filter(|_| number > 0) {
                digest.update(under);
            }
            digest.update(own.as_slice());
        }
        let (pages, sheets) = extent(job, letter);
        let place = PrintedPiece { first_page, pages, sheets, sha256: digest.finalize().into() };
        first_page += pages;
        place
    };
    letters.iter().map(place).collect()
}

/// How many pages a letter has in its file, and how many sheets it takes.
pub(in crate::letter) fn extent(job: Job<'_>, letter: &WrittenLetter) -> (u32, u32) {
    let sheets = u32::try_from(job.sheets(letter.own.len())).unwrap_or(u32::MAX);
    (if job.mode.duplex { 2 * sheets } else { sheets }, sheets)
}

/// The package of a letter that is not to be printed: a name as long as names can be.
pub(in crate::letter) const FILLER_PACKAGE: &str = "wwwwwwww-test-wwwwwwww-000000";

/// What fills the slots of this letter.
pub(in crate::letter) fn filled(piece: &Piece<'_>) -> SlotTexts {
    let language = piece.recipient.language;
    SlotTexts {
        full_name: piece.recipient.full_name.clone(),
        password: Zeroizing::new(piece.password.grouped().as_str().to_owned()),
        use_by_on: dates::with_day(piece.use_by_on, language),
        zone_name: dates::zone(piece.zone_name, language).to_owned(),
        made_on: dates::long(piece.made_on, language),
        requested_on: dates::long(piece.requested_on, language),
        letter_id: piece.letter_id.to_string(),
        page: String::new(),
        pages: String::new(),
    }
}

/// How much room dates and the zone's name take in a letter that is not to be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) enum Extent {
    /// As much as in most letters.
    Typical,
    /// The most that they can.
    Widest,
}

/// Slots for a letter that is not to be printed.
pub(in crate::letter) fn filler(full_name: &str, language: Language, extent: Extent) -> SlotTexts {
    let (date, zone_name) = match extent {
        Extent::Typical => (dates::typical(), dates::zone("Mountain Time", language)),
        Extent::Widest => (dates::widest(), "Hawaii-Aleutian Standard Time"),
    };
    SlotTexts {
        full_name: full_name.to_owned(),
        password: Zeroizing::new("WWWW-WWWW-WWWW".to_owned()),
        use_by_on: dates::with_day(date, language),
        zone_name: zone_name.to_owned(),
        made_on: dates::long(date, language),
        requested_on: dates::long(date, language),
        letter_id: "WWWWW-WWWWW".to_owned(),
        page: "1".to_owned(),
        pages: "1".to_owned(),
    }
}
