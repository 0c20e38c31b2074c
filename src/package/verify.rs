//! The vendor's check of a package, before a single letter of it is printed.
//!
//! It says yes only where everything agrees: the file's name, the ready marker, the signature of the pinned site key, the
//! ticket, the sums, the manifest and the pages. Whether a name was seen before is for the caller to know: it keeps the
//! register.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::assemble::{PRINT_STREAM_FILE, letter_file};
use super::digest::Sha256Digest;
use super::manifest::{MANIFEST_FILE, ManifestError, ManifestRow, read_manifest};
use super::name::package_of_sealed_file;
use super::openpgp::{Certificate, OpenPgpError, SecretKey, open};
use super::pages::{LetterPages, PagesError, check_letter_file};
use super::ready::{ReadyError, ReadyMarker};
use super::sums::{SUMS_FILE, SumsError, read_sums};
use super::ticket::{JobTicket, TICKET_FILE, TicketError, Totals, read_ticket};
use super::unzip::{Member, UnzipError, UnzipLimits, read_zip};
use crate::domain::package_name::{NotAPackageName, PackageName};

/// A package that may be printed. Its letters are in the clear and are wiped when it is dropped.
pub struct VerifiedPackage {
    /// Its name.
    pub name: PackageName,
    /// What to make of it.
    pub ticket: JobTicket,
    /// Its letters, in sequence.
    pub rows: Vec<ManifestRow>,
    /// Its files, unpacked.
    pub members: Vec<Member>,
    /// When the site signed it, by the site's clock.
    pub signed_at: DateTime<Utc>,
    /// Of the sealed file, for the receipt.
    pub sha256: Sha256Digest,
}

impl VerifiedPackage {
    /// The bytes of a file of the package.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        find(&self.members, name)
    }
}

/// Why a package must not be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file is not named as a sealed package.
    #[error("the file's name is not a sealed package's: {0}")]
    Name(#[from] NotAPackageName),
    /// The ready marker is not this file's.
    #[error(transparent)]
    Ready(#[from] ReadyError),
    /// The sealed file is larger than any package.
    #[error("the sealed package has {found} bytes; at most {limit} are taken")]
    TooLarge {
        /// Its size, in bytes.
        found: u64,
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// It cannot be opened, or is not signed by the pinned site key.
    #[error("the seal is not good: {0}")]
    Seal(#[from] OpenPgpError),
    /// What was sealed is not an archive as packages have it.
    #[error("the archive is refused: {0}")]
    Archive(#[from] UnzipError),
    /// A file is missing.
    #[error("the package has no file {0}")]
    MissingFile(String),
    /// A file is there that nothing speaks of.
    #[error("the package has a file {0} that does not belong in it")]
    StrayFile(String),
    /// `SHA256SUMS` cannot be read.
    #[error(transparent)]
    Sums(#[from] SumsError),
    /// `SHA256SUMS` names too few or too many files.
    #[error("SHA256SUMS and the package do not list the same files: {0}")]
    IncompleteSums(String),
    /// A file does not have the digest in `SHA256SUMS`.
    #[error("{0} does not have the digest that SHA256SUMS gives")]
    WrongSum(String),
    /// The ticket cannot be read.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The ticket is another package's.
    #[error("the job ticket is for package {found}, and the file is named after {wanted}: renamed or swapped")]
    OtherTicket {
        /// The package that the ticket names.
        found: PackageName,
        /// The package that the file is named after.
        wanted: PackageName,
    },
    /// The ticket's environment is not the one in the package's name.
    #[error("the job ticket says environment {0}, and the package's name says otherwise")]
    OtherEnvironment(&'static str),
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The manifest lists no letter.
    #[error("the manifest lists no letters; an empty package is never sent")]
    NoLetters,
    /// The manifest does not add up to the ticket's totals.
    #[error("the manifest adds up to {found}, and the job ticket says {wanted}")]
    OtherTotals {
        /// What the manifest adds up to.
        found: String,
        /// What the ticket says.
        wanted: String,
    },
    /// A row names a file that its letter cannot be in.
    #[error("manifest row {sequence}: the letter cannot be in '{file}'")]
    WrongFile {
        /// The row's sequence number.
        sequence: u32,
        /// The file that it names.
        file: String,
    },
    /// The pages are not those of the manifest.
    #[error(transparent)]
    Pages(#[from] PagesError),
}

/// Checks a sealed package as the vendor must.
///
/// `file_name` is the file's name without folders; `ready` the marker beside it, if it is at hand; `key` the vendor's
/// own; `site` the pinned certificate of the site.
///
/// # Errors
/// The first thing that is not right. Nothing of a refused package is given out.
pub fn verify_package(
    file_name: &str,
    ready: Option<&ReadyMarker>,
    sealed: &[u8],
    key: &SecretKey,
    site: &Certificate,
    at: DateTime<Utc>,
    limits: UnzipLimits,
) -> Result<VerifiedPackage, Refusal> {
    let name = package_of_sealed_file(file_name)?;
    check_size(sealed, limits)?;
    if let Some(ready) = ready {
        ready.check(&name, sealed)?;
    }
    let opened = open(sealed, key, site, at, sealed_limit(limits))?;
    let members = read_zip(&opened.plaintext, limits)?;
    check_sums(&members)?;
    let ticket = check_ticket(&members, &name)?;
    let rows = check_manifest(&members, &ticket)?;
    check_letters(&members, &rows)?;
    Ok(VerifiedPackage { name, ticket, rows, members, signed_at: opened.signed_at, sha256: Sha256Digest::of(sealed) })
}

/// The sealed form adds headers for each member and for the message to what unpacks.
fn sealed_limit(limits: UnzipLimits) -> u64 {
    const BYTES_A_MEMBER: u64 = 512;
    let headers = BYTES_A_MEMBER.saturating_mul(limits.entries as u64);
    limits.unpacked_bytes.saturating_add(headers).saturating_add(64 * 1024)
}

fn check_size(sealed: &[u8], limits: UnzipLimits) -> Result<(), Refusal> {
    let (found, limit) = (sealed.len() as u64, sealed_limit(limits));
    if found > limit { Err(Refusal::TooLarge { found, limit }) } else { Ok(()) }
}

fn find<'a>(members: &'a [Member], name: &str) -> Option<&'a [u8]> {
    members.iter().find(|member| member.name == name).map(|member| member.content.as_slice())
}

fn require<'a>(members: &'a [Member], name: &str) -> Result<&'a [u8], Refusal> {
    find(members, name).ok_or_else(|| Refusal::MissingFile(name.to_owned()))
}

/// `SHA256SUMS` lists every file but itself, and each has the digest listed.
fn check_sums(members: &[Member]) -> Result<(), Refusal> {
    let sums = read_sums(require(members, SUMS_FILE)?)?;
    let others = || members.iter().filter(|member| member.name != SUMS_FILE);
    let listed: BTreeSet<&str> = sums.keys().map(String::as_str).collect();
    let present: BTreeSet<&str> = others().map(|member| member.name.as_str()).collect();
    if let Some(name) = listed.symmetric_difference(&present).next() {
        return Err(Refusal::IncompleteSums((*name).to_owned()));
    }
    match others().find(|member| sums.get(&member.name) != Some(&Sha256Digest::of(&member.content))) {
        Some(member) => Err(Refusal::WrongSum(member.name.clone())),
        None => Ok(()),
    }
}

fn check_ticket(members: &[Member], name: &PackageName) -> Result<JobTicket, Refusal> {
    let ticket = read_ticket(require(members, TICKET_FILE)?)?;
    if ticket.package != *name {
        return Err(Refusal::OtherTicket { found: ticket.package, wanted: name.clone() });
    }
    if ticket.environment != name.environment() {
        return Err(Refusal::OtherEnvironment(ticket.environment.as_str()));
    }
    Ok(ticket)
}

fn check_manifest(members: &[Member], ticket: &JobTicket) -> Result<Vec<ManifestRow>, Refusal> {
    let rows = read_manifest(require(members, MANIFEST_FILE)?)?;
    if rows.is_empty() {
        return Err(Refusal::NoLetters);
    }
    let found = Totals::of(&rows);
    if found == ticket.totals {
        Ok(rows)
    } else {
        Err(Refusal::OtherTotals { found: found.to_string(), wanted: ticket.totals.to_string() })
    }
}

/// The letters lie in one print file or in one file each, and there is no other file.
fn check_letters(members: &[Member], rows: &[ManifestRow]) -> Result<(), Refusal> {
    let print_stream = find(members, PRINT_STREAM_FILE);
    let expected = |row: &ManifestRow| match print_stream {
        Some(_) => PRINT_STREAM_FILE.to_owned(),
        None => letter_file(row.sequence),
    };
    if let Some(row) = rows.iter().find(|row| row.file != expected(row)) {
        return Err(Refusal::WrongFile { sequence: row.sequence, file: row.file.clone() });
    }
    let mut belonging: BTreeSet<&str> = rows.iter().map(|row| row.file.as_str()).collect();
    belonging.extend([TICKET_FILE, MANIFEST_FILE, SUMS_FILE]);
    if let Some(stray) = members.iter().find(|member| !belonging.contains(member.name.as_str())) {
        return Err(Refusal::StrayFile(stray.name.clone()));
    }
    match print_stream {
        Some(pdf) => LetterPages::open(PRINT_STREAM_FILE, pdf)?.check_print_stream(rows)?,
        None => check_letter_files(members, rows)?,
    }
    Ok(())
}

fn check_letter_files(members: &[Member], rows: &[ManifestRow]) -> Result<(), Refusal> {
    for row in rows {
        check_letter_file(row, require(members, &row.file)?)?;
    }
    Ok(())
}
