//! Where a bucket is, and how long its server may take.

use std::fmt;
use std::time::Duration;

/// A bucket of an S3-compatible server, and what a spool's objects begin with in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    /// The bucket's name.
    pub bucket: String,
    /// What the objects' names begin with, without a slash at either end; empty for nothing.
    pub prefix: String,
    /// The server, as `https://` and its name; `None` for Amazon's in this region.
    pub endpoint: Option<String>,
    /// The region, which goes into each signature.
    pub region: String,
    /// Whether the bucket is asked for by the path, and not by the name of the host.
    pub path_style: bool,
    /// How long the server may take to answer.
    pub answer_limit: Duration,
    /// The slowest transfer that is not given up.
    pub least_bytes_a_second: u32,
}

impl BucketPlace {
    /// How long a transfer of so many bytes may take.
    pub(super) fn transfer_limit(&self, size_bytes: u64) -> Duration {
        self.answer_limit + Duration::from_secs(size_bytes / u64::from(self.least_bytes_a_second.max(1)))
    }

    /// What the keys of all objects begin with.
    pub(super) fn key_prefix(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// Whether requests go over a connection without TLS, which the configuration allows within this machine only.
    #[must_use]
    pub fn is_in_the_clear(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    /// The endpoint as requests need it: with the bucket before the host where it is asked for so.
    pub(super) fn request_endpoint(&self) -> Option<String> {
        let endpoint = self.endpoint.as_ref()?;
        if self.path_style {
            return Some(endpoint.clone());
        }
        Some(endpoint.replacen("://", &format!("://{}.", self.bucket), 1))
    }

    /// An object, as messages name it.
    pub(super) fn shown(&self, object: &str) -> String {
        format!("s3://{}/{}{object}", self.bucket, self.key_prefix()).trim_end_matches('/').to_owned()
    }
}

impl fmt::Display for BucketPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at ", self.shown(""))?;
        match &self.endpoint {
            Some(endpoint) => f.write_str(endpoint),
            None => write!(f, "Amazon S3, {}", self.region),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_as_its_server_wants_it() {
        let place = BucketPlace {
            bucket: "letters".to_owned(),
            prefix: "eba/spool".to_owned(),
            endpoint: Some("https://s3.example:9000".to_owned()),
            region: "us-east-1".to_owned(),
            path_style: true,
            answer_limit: Duration::from_secs(30),
            least_bytes_a_second: 1000,
        };
        assert_eq!(place.request_endpoint().unwrap(), "https://s3.example:9000");
        assert_eq!(place.to_string(), "s3://letters/eba/spool at https://s3.example:9000");
        assert_eq!(place.shown("a.1"), "s3://letters/eba/spool/a.1");
        assert_eq!(place.transfer_limit(5500), Duration::from_secs(35));
        let hosted = BucketPlace { path_style: false, prefix: String::new(), ..place };
        assert_eq!(hosted.request_endpoint().unwrap(), "https://letters.s3.example:9000");
        assert_eq!((hosted.shown("a.1"), hosted.shown("")), ("s3://letters/a.1".to_owned(), "s3://letters".to_owned()));
        let amazon = BucketPlace { endpoint: None, ..hosted };
        assert_eq!((amazon.request_endpoint(), amazon.is_in_the_clear()), (None, false));
        assert_eq!(amazon.to_string(), "s3://letters at Amazon S3, us-east-1");
    }
}
