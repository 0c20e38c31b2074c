//! Opens the spool that the configuration names, whichever it is.

use std::sync::Arc;

use super::config::SpoolPlace;
use super::exit::CliResult;
use crate::adapters::object_spool::ObjectSpool;
use crate::adapters::spool_folder::SpoolFolder;
use crate::ports::Spool;

/// The spool of this place. A bucket's credentials are taken from the environment, or are those of the machine's role.
///
/// # Errors
/// Where the credentials are not whole.
pub fn open(place: SpoolPlace) -> CliResult<Arc<dyn Spool>> {
    Ok(match place {
        SpoolPlace::Folder(path) => Arc::new(SpoolFolder(path)),
        SpoolPlace::Bucket(place) => Arc::new(ObjectSpool::open(place, |name| std::env::var(name).ok())?),
    })
}
