//! A trial of a bucket: whether it does what a spool needs, shown on an object that goes again.

use object_store::PutPayload;
use object_store::path::Path;

use super::{Fault, ObjectSpool, Put};
use crate::ports::SpoolError;

/// What the object of a trial holds, and what it must not come to hold.
const FIRST: &[u8] = b"first";
const OTHER: &[u8] = b"other";

/// What a bucket turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Objects in it, without that of the trial.
    pub objects: usize,
    /// Whether it refuses to write over an object.
    pub keeps_what_is_there: bool,
}

impl ObjectSpool {
    /// Writes an object of this name, tries to write over it, reads and lists it, and removes it, twice.
    ///
    /// # Errors
    /// Where any of that cannot be done, but for the refusal to write over it, which the trial tells.
    pub async fn try_out(&self, object: &str) -> Result<Trial, SpoolError> {
        let trial = self.tried(object).await;
        trial.map_err(|fault| fault.at("cannot use", &self.place, object))
    }

    async fn tried(&self, object: &str) -> Result<Trial, Fault> {
        let key = self.key(object);
        let [first, second] = [FIRST, OTHER].map(|bytes| PutPayload::from(bytes.to_vec()));
        self.keep(&key, &first).await?;
        let found = self.written_over_and_listed(object, &key, &second).await;
        self.forget(&key).await?;
        self.forget(&key).await?;
        found
    }

    async fn written_over_and_listed(&self, object: &str, key: &Path, other: &PutPayload) -> Result<Trial, Fault> {
        let put = self.put(key, other).await?;
        let keeps_what_is_there = put == Put::Taken && self.holds(key, FIRST).await?;
        let names = self.names().await?;
        if !names.iter().any(|name| name == object) {
            return Err(Fault::other_bytes("an object that was just written is not in the list"));
        }
        Ok(Trial { objects: names.len() - 1, keeps_what_is_there })
    }
}
