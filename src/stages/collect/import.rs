//! Import: one file of requests, which lies where the portal or a person left it.

use sha2::{Digest as _, Sha256};

use super::plan::Row;
use super::quarantine::quarantine_name;
use super::{Import, take};
use crate::domain::request::judge;
use crate::ports::ledger::{IntakeFile, KeptKind, NewFile};
use crate::stages::intake_file::{ControlFile, FileRefused, RowRead, check_control, read_each};
use crate::stages::outcome::StageResult;
use crate::stages::world::World;

/// What ends the name of a control file, after that of its file.
pub const CONTROL_ENDING: &str = ".control";

/// How an import ended.
pub enum Imported {
    /// The file was taken, row by row.
    Taken(Import),
    /// The file was refused whole.
    Refused {
        /// Why.
        reason: FileRefused,
        /// Where a copy lies.
        quarantine: Option<String>,
    },
}

/// A file of requests, as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name without folders.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The control file beside it, if there is one.
    pub control: Option<&'a [u8]>,
    /// Where it lies, in full; `None` for what lies in no file that a person keeps.
    pub path: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// Bytes under a name, that lie in no file that a person keeps.
    #[must_use]
    pub fn of(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes, control: None, path: None }
    }

    /// The files that the importer left, to be removed when their term is over.
    fn files(&self, sha256: &str) -> Vec<NewFile> {
        let Some(path) = self.path else { return Vec::new() };
        let file = |path: String, sha256: String, of: &str| NewFile {
            kind: KeptKind::Import,
            path,
            sha256,
            of_sha256: of.to_owned(),
        };
        let own = file(path.to_owned(), sha256.to_owned(), sha256);
        let control = self
            .control
            .map(|bytes| file(format!("{path}{CONTROL_ENDING}"), hex::encode(Sha256::digest(bytes)), sha256));
        std::iter::once(own).chain(control).collect()
    }
}

/// Imports one file of requests.
///
/// # Errors
/// Where ledger or disk fail; a bad file or row is no error.
pub async fn import(world: &World, source: Source<'_>, dry_run: bool) -> StageResult<Imported> {
    let Source { name, bytes, control, .. } = source;
    let sha256 = hex::encode(Sha256::digest(bytes));
    let file = IntakeFile { name: name.to_owned(), files: source.files(&sha256), sha256 };
    let rows = match read_checked(name, bytes, control) {
        Ok(rows) => rows,
        Err(reason) if dry_run => return Ok(Imported::Refused { reason, quarantine: None }),
        Err(reason) => {
            let kept = quarantine_name(&file, "refused");
            let quarantine = world.quarantine.keep(&kept, bytes)?;
            world.quarantine.keep(&format!("{kept}.reason.txt"), format!("{name}: {reason}\n").as_bytes())?;
            world.ledger.refuse_file(&file, &reason.to_string(), world.instant()?).await?;
            return Ok(Imported::Refused { reason, quarantine: Some(quarantine) });
        }
    };
    take(world, &file, rows, None, dry_run).await.map(Imported::Taken)
}

fn read_checked<'a>(name: &str, bytes: &'a [u8], control: Option<&[u8]>) -> Result<Vec<Row<'a>>, FileRefused> {
    if let Some(control) = control {
        // The digest first: a file that was cut short may not even be readable.
        let promised = ControlFile::read(control)?.rows;
        check_control(control, bytes, promised)?;
    }
    let rows = read_each(name, bytes, judged)?;
    if let Some(control) = control {
        check_control(control, bytes, rows.len() as u64)?;
    }
    Ok(rows)
}

/// A row of the file, judged as soon as it is read.
fn judged(read: RowRead<'_>) -> Row<'_> {
    let RowRead { line, bytes, outcome } = read;
    let (reference, judged) = match outcome {
        Ok(raw) => (raw.reference.clone(), judge(&raw).map(Box::new)),
        Err(problems) => (None, Err(problems)),
    };
    Row { line, reference, bytes: Some(bytes), judged }
}
