//! `[folders] spool` and `[spool]`: where sealed packages lie, in a folder or in a bucket.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::kind::{Kind, text, truth, whole};
use super::section::Section;
use crate::adapters::object_spool::BucketPlace;

/// What the place of a bucket begins with.
const BUCKET: &str = "s3://";
/// The usual wait for an answer in seconds, and the slowest transfer that is not given up.
const ANSWER_SECONDS: u32 = 30;
const LEAST_BYTES_A_SECOND: u32 = 64 << 10;
/// How long the name of a bucket may be.
const BUCKET_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;
/// The region of servers that have none.
const USUAL_REGION: &str = "us-east-1";
/// The keys of `[spool]`.
const KEYS: [&str; 5] = ["endpoint", "region", "path_style", "answer_seconds", "least_bytes_a_second"];

/// Where sealed packages lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpoolPlace {
    /// A folder of this machine, or of a share that is mounted here.
    Folder(PathBuf),
    /// A bucket of object storage.
    Bucket(BucketPlace),
}

impl SpoolPlace {
    /// Reads `[folders] spool` and, for a bucket, `[spool]`.
    pub(super) fn read(folders: &Section<'_>, document: &Section<'_>) -> Self {
        let place = folders.or("spool", "spool".to_owned(), &place());
        document.section("spool", |section| match place.strip_prefix(BUCKET) {
            Some(bucket) => Self::Bucket(bucket_place(section, bucket)),
            None => {
                for key in KEYS.into_iter().filter(|key| section.has(key)) {
                    section.complain(key, "is about a bucket; write [folders] spool = \"s3://…\", or remove it");
                }
                Self::Folder(place.into())
            }
        })
    }

    /// The same, for a configuration that lies in `folder`.
    pub(super) fn at(&self, folder: &Path) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(folder.join(path)),
            Self::Bucket(_) => self.clone(),
        }
    }

    /// The folder, where it is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
            Self::Bucket(_) => None,
        }
    }
}

fn bucket_place(section: &Section<'_>, place: &str) -> BucketPlace {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let endpoint = endpoint(section);
    let region = section.optional("region", &region());
    if endpoint.is_none() && region.is_none() && !section.has("endpoint") && !section.has("region") {
        section.complain(
            "region",
            "is missing; write the bucket's region, \"us-east-1\", or the endpoint of your own server",
        );
    }
    BucketPlace {
        bucket: bucket.to_owned(),
        prefix: prefix.trim_end_matches('/').to_owned(),
        endpoint,
        region: region.unwrap_or_else(|| USUAL_REGION.to_owned()),
        path_style: section.or("path_style", true, &truth()),
        answer_limit: Duration::from_secs(section.or("answer_seconds", ANSWER_SECONDS, &whole(1..=600)).into()),
        least_bytes_a_second: section.or("least_bytes_a_second", LEAST_BYTES_A_SECOND, &whole(1..=1_000_000_000)),
    }
}

/// The server. What was written is not shown where it is refused: such addresses carry credentials.
fn endpoint(section: &Section<'_>) -> Option<String> {
    let write = "\"https://\" and the server's name: \"https://s3.example:9000\"";
    let endpoint = section.optional("endpoint", &text(write))?;
    let endpoint = endpoint.trim_end_matches('/');
    let wrong = match endpoint.split_once("://") {
        Some(("https", server)) if is_server(server) => return Some(endpoint.to_owned()),
        Some(("http", server)) if is_server(server) && is_this_machine(server) => return Some(endpoint.to_owned()),
        Some(("http", server)) if is_server(server) => "goes over the network without TLS",
        Some((_, server)) if server.contains('@') => "has credentials in it, which belong into the environment",
        _ => "names no server",
    };
    section.complain("endpoint", &format!("{wrong}; write {write}"));
    None
}

/// A name or an address, and a port at most.
fn is_server(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
}

/// Whether requests to this server do not leave the machine.
fn is_this_machine(server: &str) -> bool {
    let host = server.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let host = host.map_or(server, |(host, _)| host);
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A folder's path, or a bucket and a prefix.
fn place() -> Kind<String> {
    let write = "the path of a folder between quotes, or \"s3://\", a bucket and a prefix: \"s3://letters/eba\"";
    text(write).then(|text| match text.strip_prefix(BUCKET) {
        Some(place) => is_bucket_place(place).then_some(text),
        None => (!text.contains("://")).then_some(text),
    })
}

fn is_bucket_place(place: &str) -> bool {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_bucket = BUCKET_LENGTH.contains(&bucket.len())
        && bucket.chars().all(|c| is_plain(c) || ".-".contains(c))
        && bucket.starts_with(is_plain)
        && bucket.ends_with(is_plain);
    let prefix = prefix.trim_end_matches('/');
    let is_part = |part: &str| {
        !["", ".", ".."].contains(&part) && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    is_bucket && (prefix.is_empty() || prefix.split('/').all(is_part))
}

fn region() -> Kind<String> {
    text("the bucket's region between quotes: \"us-east-1\"")
        .then(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-').then_some(text))
}
