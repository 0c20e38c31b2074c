//! A package that can still be changed before it is sealed.

use letterpost::domain::package_name::PackageName;
use letterpost::package::manifest::{MANIFEST_FILE, ManifestRow, write_manifest};
use letterpost::package::sums::{SUMS_FILE, write_sums};
use letterpost::package::ticket::{JobTicket, TICKET_FILE, Totals, write_ticket};

use crate::pressed;
use crate::sample;
use crate::zipped::{Entry, zip};

/// What a package is made of.
pub struct Draft {
    pub rows: Vec<ManifestRow>,
    pub ticket: JobTicket,
    pub pdf: Vec<u8>,
}

/// Number `number` from the site to the vendor.
pub fn package(number: u32) -> PackageName {
    format!("eba-test-acme-{number:06}").parse().unwrap()
}

impl Draft {
    /// A package of pages that are no letters: small, and enough for what is refused before pages are read.
    pub fn plain(number: u32) -> Self {
        Self::of(package(number), sample::print_stream_rows(), sample::print_stream())
    }

    /// A package of letters whose sheets are marked for the package `marked`.
    pub fn of_letters(number: u32, marked: u32) -> Self {
        let (pdf, rows) = pressed::pressed_for(&package(marked).to_string(), &pressed::letters(), false);
        Self::of(package(number), rows, pdf.to_vec())
    }

    fn of(name: PackageName, rows: Vec<ManifestRow>, pdf: Vec<u8>) -> Self {
        let ticket = JobTicket {
            environment: name.environment(),
            package: name,
            // So far off that the set can be tried on any day.
            mail_on: "2098-12-01".parse().unwrap(),
            mail_by_on: "2098-12-03".parse().unwrap(),
            purge_by_on: "2098-12-31".parse().unwrap(),
            ..sample::ticket(&rows)
        };
        Self { rows, ticket, pdf }
    }

    /// The files of the package, the sums last.
    pub fn members(&self) -> Vec<(String, Vec<u8>)> {
        with_sums(vec![
            (TICKET_FILE.to_owned(), write_ticket(&self.ticket).unwrap().into_bytes()),
            (MANIFEST_FILE.to_owned(), write_manifest(&self.rows).into_bytes()),
            ("letters.pdf".to_owned(), self.pdf.clone()),
        ])
    }

    /// The archive.
    pub fn zip(&self) -> Vec<u8> {
        stored(&self.members())
    }

    /// The archive, with totals that fit rows that were changed.
    pub fn zip_adding_up(mut self) -> Vec<u8> {
        self.ticket.totals = Totals::of(&self.rows);
        self.zip()
    }
}

/// These files, with the digests of all of them.
pub fn with_sums(mut members: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    members.retain(|(name, _)| name != SUMS_FILE);
    let sums = write_sums(members.iter().map(|(name, content)| (name.as_str(), content.as_slice())));
    members.push((SUMS_FILE.to_owned(), sums.into_bytes()));
    members
}

/// The archive of these files, not compressed.
pub fn stored(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    zip(&members.iter().map(|(name, content)| Entry::stored(name, content)).collect::<Vec<_>>())
}
