//! The sinks of checkpoints and the authority of time stamps, as the configuration names them.

use std::path::Path;
use std::sync::Arc;

use super::config::{AuditSection, SITE_KEY_PASSPHRASE_VARIABLE, SinkPlace};
use crate::adapters::checkpoint_sinks::{SinkCommand, SinkFile, SinkFolder};
use crate::adapters::timestamp_folder::TimeStampFolder;
use crate::ports::{CheckpointSink, CodedSink, TimeStamps};

/// What no program of the site's own gets to see.
const WITHHELD: &[&str] = &[SITE_KEY_PASSPHRASE_VARIABLE];

/// The sinks of a configuration that lies in `folder`.
pub(super) fn sinks(audit: &AuditSection, folder: &Path) -> Vec<CodedSink> {
    audit.at(folder).sinks.into_iter().map(|sink| CodedSink { place: place(sink.place), code: sink.code }).collect()
}

fn place(place: SinkPlace) -> Arc<dyn CheckpointSink> {
    match place {
        SinkPlace::File(path) => Arc::new(SinkFile(path)),
        SinkPlace::Folder(path) => Arc::new(SinkFolder(path)),
        SinkPlace::Command(command, limit) => Arc::new(SinkCommand { command, limit, withheld: WITHHELD }),
    }
}

/// The authority of time stamps of a configuration that lies in `folder`.
pub(super) fn time_stamps(audit: &AuditSection, folder: &Path) -> Option<Arc<dyn TimeStamps>> {
    let stamp = audit.at(folder).timestamp?;
    let (folder, command, limit) = (stamp.folder, stamp.command, stamp.deadline);
    Some(Arc::new(TimeStampFolder { folder, command, limit, withheld: WITHHELD }))
}
