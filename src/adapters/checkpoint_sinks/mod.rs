//! Places for checkpoints: a file that grows, a folder with a file for each, a command.
//!
//! Nothing here ever changes or removes what is there: the place may be one where nobody can.

mod command;
mod file;
mod folder;

pub use command::SinkCommand;
pub use file::SinkFile;
pub use folder::SinkFolder;

use std::io;
use std::path::Path;

use crate::ports::OutsideError;

/// The name of a checkpoint over so many entries, in an order that is that of the sizes.
#[must_use]
pub fn note_name(size: u64) -> String {
    format!("{size:012}.note")
}

/// What the system said of a file, and what to do.
fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> OutsideError {
    let shown = path.display().to_string();
    move |error| {
        let remedy = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room there",
            io::ErrorKind::NotFound => "make its folder, or mount it",
            io::ErrorKind::PermissionDenied => "let the account of letterpost write there",
            io::ErrorKind::ReadOnlyFilesystem => "mount it so that it can be written",
            _ => "mend it, or name another place in [[audit.sink]]",
        };
        OutsideError::ours(format!("cannot {doing} {shown}: {error}; {remedy}"))
    }
}
