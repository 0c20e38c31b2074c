//! `manifest.csv`: one row a letter, so that printer, inserter and auditor count the same pieces.

use std::collections::HashSet;
use std::str::FromStr;

use super::cell;
use super::digest::Sha256Digest;
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::domain::request::{Format, Language};

/// The name of the manifest in the package.
pub const MANIFEST_FILE: &str = "manifest.csv";

/// The columns, in their order. A vendor that presorts may be given more columns after these.
pub const COLUMNS: [&str; 12] = [
    "sequence",
    "letter_id",
    "file",
    "first_page",
    "pages",
    "sheets",
    "sha256",
    "imb",
    "postal_code",
    "country",
    "language",
    "format",
];

/// One letter of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRow {
    /// Its place in the package, from 1 without gaps.
    pub sequence: u32,
    /// The id printed on it.
    pub letter_id: LetterId,
    /// The file in the package that holds its pages.
    pub file: String,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u32,
    /// How many sheets of paper it takes.
    pub sheets: u32,
    /// Of its own file, or of its pages' decoded content streams joined in page order.
    pub sha256: Sha256Digest,
    /// The digits of its Intelligent Mail barcode; empty where the vendor adds its own.
    pub imb: String,
    /// The postal code that it goes to.
    pub postal_code: String,
    /// The country that it goes to, ISO 3166-1 alpha-2.
    pub country: String,
    /// The language that it is written in.
    pub language: Language,
    /// The form that it takes.
    pub format: Format,
}

/// Why a manifest is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not CSV, or its rows differ in length.
    #[error("manifest.csv cannot be read as CSV: {0}")]
    NotCsv(String),
    /// The first line does not name the columns.
    #[error("manifest.csv must begin with the columns {}", COLUMNS.join(","))]
    WrongColumns,
    /// A cell does not hold what its column asks for.
    #[error("manifest.csv row {row}: column {column} holds '{found}', which is not {wanted}")]
    WrongCell {
        /// The row, 1 being the first after the column names.
        row: usize,
        /// The column's name.
        column: &'static str,
        /// What stands there, shortened.
        found: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// A sequence number is missing, repeated or out of order.
    #[error("manifest.csv row {row}: sequence {found} stands where {row} belongs; numbers run from 1 without gaps")]
    BrokenSequence {
        /// The row, 1 being the first after the column names.
        row: usize,
        /// The number that stands there.
        found: u32,
    },
    /// Two rows name the same letter.
    #[error("manifest.csv row {row}: letter {letter_id} stands in an earlier row too")]
    RepeatedLetter {
        /// The row, 1 being the first after the column names.
        row: usize,
        /// The letter that stands there twice.
        letter_id: LetterId,
    },
}

/// The manifest's bytes: RFC 4180, one line a row after the column names, no cell that a spreadsheet would run.
#[must_use]
pub fn write_manifest(rows: &[ManifestRow]) -> String {
    let mut text = cell::row(COLUMNS);
    for row in rows {
        text.push_str(&cell::row([
            row.sequence.to_string().as_str(),
            row.letter_id.to_string().as_str(),
            row.file.as_str(),
            row.first_page.to_string().as_str(),
            row.pages.to_string().as_str(),
            row.sheets.to_string().as_str(),
            row.sha256.to_string().as_str(),
            row.imb.as_str(),
            row.postal_code.as_str(),
            row.country.as_str(),
            row.language.as_str(),
            row.format.as_str(),
        ]));
    }
    text
}

/// Reads a manifest. Columns after the twelve are passed over.
///
/// # Errors
/// The first fault found, with its row and column.
pub fn read_manifest(bytes: &[u8]) -> Result<Vec<ManifestRow>, ManifestError> {
    let not_csv = |error: csv::Error| ManifestError::NotCsv(error.to_string());
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let columns = reader.headers().map_err(not_csv)?;
    if !columns.iter().take(COLUMNS.len()).eq(COLUMNS) {
        return Err(ManifestError::WrongColumns);
    }
    let mut rows: Vec<ManifestRow> = Vec::new();
    let mut seen = HashSet::new();
    for (place, record) in reader.records().enumerate() {
        let row = Cells { record: &record.map_err(not_csv)?, row: place + 1 }.read()?;
        if usize::try_from(row.sequence) != Ok(place + 1) {
            return Err(ManifestError::BrokenSequence { row: place + 1, found: row.sequence });
        }
        if !seen.insert(row.letter_id) {
            return Err(ManifestError::RepeatedLetter { row: place + 1, letter_id: row.letter_id });
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The cells of one row, by column.
struct Cells<'a> {
    record: &'a csv::StringRecord,
    row: usize,
}

impl Cells<'_> {
    fn read(&self) -> Result<ManifestRow, ManifestError> {
        Ok(ManifestRow {
            sequence: self.count(0)?,
            letter_id: self.letter_id(1)?,
            file: self.matching(2, "a file name", |text| !text.is_empty())?,
            first_page: self.count(3)?,
            pages: self.count(4)?,
            sheets: self.count(5)?,
            sha256: self.parsed(6, "a SHA-256 digest in lower-case hexadecimal")?,
            imb: self.matching(7, "the digits of an Intelligent Mail barcode", is_barcode)?,
            postal_code: self.text(8).to_owned(),
            country: self.matching(9, "a country code of two capitals", is_country)?,
            language: self.named(10, "a known language", Language::from_name)?,
            format: self.named(11, "a known format", Format::from_name)?,
        })
    }

    fn text(&self, column: usize) -> &str {
        cell::unguard(self.record.get(column).unwrap_or_default())
    }

    fn wrong(&self, column: usize, wanted: &'static str) -> ManifestError {
        let found = self.text(column).chars().take(80).collect();
        ManifestError::WrongCell { row: self.row, column: COLUMNS.get(column).copied().unwrap_or("?"), found, wanted }
    }

    fn parsed<T: FromStr>(&self, column: usize, wanted: &'static str) -> Result<T, ManifestError> {
        self.text(column).parse().map_err(|_| self.wrong(column, wanted))
    }

    /// A whole number from 1, in plain digits.
    fn count(&self, column: usize) -> Result<u32, ManifestError> {
        let wanted = "a whole number from 1";
        let number: u32 = self.parsed(column, wanted)?;
        if number > 0 && number.to_string() == self.text(column) { Ok(number) } else { Err(self.wrong(column, wanted)) }
    }

    /// A letter id as it is printed, and no other way.
    fn letter_id(&self, column: usize) -> Result<LetterId, ManifestError> {
        let wanted = "a letter id as printed, XXXXX-XXXXX";
        let id: LetterId = self.parsed(column, wanted)?;
        if id.to_string() == self.text(column) { Ok(id) } else { Err(self.wrong(column, wanted)) }
    }

    fn matching(&self, column: usize, wanted: &'static str, rule: fn(&str) -> bool) -> Result<String, ManifestError> {
        let text = self.text(column);
        if rule(text) { Ok(text.to_owned()) } else { Err(self.wrong(column, wanted)) }
    }

    fn named<T>(&self, column: usize, wanted: &'static str, read: fn(&str) -> Option<T>) -> Result<T, ManifestError> {
        read(self.text(column)).ok_or_else(|| self.wrong(column, wanted))
    }
}

fn is_barcode(text: &str) -> bool {
    text.is_empty() || text.parse::<Imb>().is_ok()
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sequence: u32) -> ManifestRow {
        ManifestRow {
            sequence,
            letter_id: LetterId::from_entropy([sequence as u8; 10]),
            file: "letters.pdf".into(),
            first_page: sequence,
            pages: 1,
            sheets: 1,
            sha256: Sha256Digest::of(b"abc"),
            imb: String::new(),
            postal_code: "00501".into(),
            country: "US".into(),
            language: Language::Es,
            format: Format::LargePrint,
        }
    }

    #[test]
    fn a_row_is_written_as_the_vendor_expects_it() {
        let text = write_manifest(&[row(1)]);
        let expected = "sequence,letter_id,file,first_page,pages,sheets,sha256,imb,postal_code,country,language,format\r\n\
             1,11111-11111,letters.pdf,1,1,1,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad,,00501,US,\
             es,large-print\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn rows_read_back_whatever_the_postal_code_holds() {
        for postal_code in ["", "K1A 0B1", "=1+1", "-12", "@a", "'=x", "a,b", "say \"x\"", "two\nlines"] {
            let rows = [row(1), ManifestRow { postal_code: postal_code.into(), ..row(2) }];
            let text = write_manifest(&rows);
            for line in text.lines() {
                assert!(!line.split(',').any(|cell| cell::starts_a_formula(cell.trim_matches('"'))), "{line}");
            }
            assert_eq!(read_manifest(text.as_bytes()).unwrap(), rows, "{postal_code:?}");
        }
    }

    #[test]
    fn columns_may_follow() {
        let text =
            write_manifest(&[row(1)]).replace("format\r\n", "format,city\r\n").replace("print\r\n", "print,=X\r\n");
        assert_eq!(read_manifest(text.as_bytes()).unwrap(), [row(1)]);
    }

    #[test]
    fn faults_are_named() {
        let good = write_manifest(&[row(1), row(2)]);
        for (from, to) in [
            ("sequence,letter_id", "letter_id,sequence"),
            ("\r\n2,", "\r\n3,"),
            ("\r\n1,", "\r\n01,"),
            ("\r\n1,", "\r\n0,"),
            ("22222-22222", "11111-11111"),
            ("11111-11111", "IIIII-11111"),
            ("11111-11111", "1111111111"),
            ("ba7816", "BA7816"),
            ("ba7816", ""),
            (",,00501", ",12x,00501"),
            (",,00501", ",0034056709400000001,00501"),
            (",,00501", ",09340567094000000010,00501"),
            (",US,", ",usa,"),
            (",es,", ",tlh,"),
            ("large-print", "Large-Print"),
            ("letters.pdf,1,1,1", "letters.pdf,1,0,1"),
            ("letters.pdf,1,1,1", "letters.pdf,1,1,-1"),
            ("letters.pdf,1,1,1", "letters.pdf,1,1,4294967296"),
            ("letters.pdf,", ","),
            (",large-print", ""),
            (",large-print", ",large-print,extra"),
        ] {
            let broken = good.replacen(from, to, 1);
            assert_ne!(broken, good, "{from}");
            assert!(read_manifest(broken.as_bytes()).is_err(), "{from} -> {to}");
        }
        assert!(read_manifest(b"\xff\xfe").is_err());
        assert!(read_manifest(b"").is_err());
    }
}
