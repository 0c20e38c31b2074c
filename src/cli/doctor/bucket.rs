//! Whether a bucket is fit to be the spool: it is tried out on an object that goes again.

use super::super::config::SpoolPlace;
use super::super::open::Opening;
use crate::adapters::object_spool::{BucketPlace, ObjectSpool, Trial};
use crate::ports::SpoolError;
use crate::stages::preflight::Checked;

/// What an object is called that is there for a trial, before the chance in its name.
const NAME: &str = "doctor-";

/// The check of the spool, where it is a bucket.
pub(super) async fn check(place: &SpoolPlace, at: &Opening) -> Option<Checked> {
    let SpoolPlace::Bucket(place) = place else { return None };
    let mut chance = [0; 8];
    if let Err(error) = at.entropy().fill(&mut chance) {
        return Some(Checked::bad("spool", error.to_string(), "run 'letterpost doctor' again"));
    }
    let tried = try_out(place.clone(), &format!("{NAME}{}", hex::encode(chance))).await;
    Some(judge(place, tried))
}

async fn try_out(place: BucketPlace, object: &str) -> Result<Trial, SpoolError> {
    ObjectSpool::open(place, |name| std::env::var(name).ok())?.try_out(object).await
}

fn judge(place: &BucketPlace, tried: Result<Trial, SpoolError>) -> Checked {
    match tried {
        Ok(Trial { objects, keeps_what_is_there: true }) => {
            let way = if place.is_in_the_clear() { "within this machine" } else { "by TLS" };
            Checked::good("spool", format!("{place}, {way}: {objects} objects; what is there is never written over"))
        }
        Ok(Trial { keeps_what_is_there: false, .. }) => Checked::bad(
            "spool",
            format!("{place} writes over an object that is there: it does not know 'If-None-Match: *'"),
            "use a server that does (Amazon S3, and others from 2024 on), or a folder",
        ),
        Err(SpoolError { doing, path, source, remedy, .. }) => {
            let remedy = format!("{remedy}; then run 'letterpost doctor' again for the rest");
            Checked::bad("spool", format!("{doing} {path}: {source}"), remedy)
        }
    }
}
