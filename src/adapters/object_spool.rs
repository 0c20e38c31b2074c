//! A spool in a bucket of S3-compatible object storage, which many machines share.
//!
//! An object is made only where its name is free (`If-None-Match: *`), and it counts as kept only once it was read back and
//! every byte is ours. A request that got no answer may have been done all the same, so what lies under the name decides
//! and not the answer. Each request has a deadline and is tried a few times, so that nothing here waits without an end.
//! What a crash leaves is at most an object of which nobody was told: the next run sweeps it away.

mod fault;
mod place;
mod trial;

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::path::Path;
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload, RetryConfig,
};
use tokio::time::{sleep, timeout};

pub use self::place::BucketPlace;
pub use self::trial::Trial;

use self::fault::Fault;
use crate::ports::{Spool, SpoolError};

/// What is waited before a request is tried again: so it is tried three times at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// An object is read in portions of this size, each a request with a deadline of its own.
const PORTION_BYTES: u64 = 8 << 20;
/// No list has more pages, of a thousand objects each.
const MOST_PAGES: u32 = 10_000;

/// Where credentials may stand in the environment, in the order in which they are looked for: keys, a role that is taken on
/// with a token, and the services that give a container or a machine its role.
const CREDENTIALS: [(&str, AmazonS3ConfigKey); 9] = [
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
];

/// A spool in a bucket.
#[derive(Debug)]
pub struct ObjectSpool {
    place: BucketPlace,
    store: AmazonS3,
}

/// Whether an object could be made under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    Made,
    Taken,
}

impl ObjectSpool {
    /// The spool of this place, with the credentials that the environment names; where it names none, those of the
    /// machine's role. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// Where the credentials are not whole.
    pub fn open(place: BucketPlace, variable: impl Fn(&str) -> Option<String>) -> Result<Self, SpoolError> {
        // The client of HTTP takes the cryptography that the process has; whoever was first has set the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(place.answer_limit)
            .with_allow_http(place.is_in_the_clear());
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_virtual_hosted_style_request(!place.path_style)
            // This file waits and tries again, so that every wait has one bound.
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            // Not every server that speaks S3 removes many at once.
            .with_disable_bulk_delete(true)
            .with_client_options(client);
        if let Some(endpoint) = place.request_endpoint() {
            builder = builder.with_endpoint(endpoint);
        }
        for (name, key) in CREDENTIALS {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                builder = builder.with_config(key, value);
            }
        }
        let store = builder.build().map_err(|error| Fault::of(&error).at("cannot open", &place, ""))?;
        Ok(Self { place, store })
    }

    /// Asks until there is an answer, or a fault that stays, or enough was tried.
    async fn ask<T, F>(&self, limit: Duration, request: impl Fn() -> F + Send + Sync) -> Result<T, Fault>
    where
        T: Send,
        F: Future<Output = object_store::Result<T>> + Send,
    {
        let mut pauses = PAUSES.into_iter();
        loop {
            let fault = match timeout(limit, request()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => Fault::of(&error),
                Err(_) => Fault::silence(limit),
            };
            match pauses.next().filter(|_| fault.may_pass()) {
                Some(pause) => sleep(pause).await,
                None => return Err(fault),
            }
        }
    }

    async fn put(&self, object: &Path, payload: &PutPayload) -> Result<Put, Fault> {
        let limit = self.place.transfer_limit(payload.content_length() as u64);
        let put = || self.store.put_opts(object, payload.clone(), PutMode::Create.into());
        match self.ask(limit, put).await {
            Ok(_) => Ok(Put::Made),
            Err(fault) if fault.is_taken() => Ok(Put::Taken),
            Err(fault) => Err(fault),
        }
    }

    async fn look(&self, object: &Path) -> Result<ObjectMeta, Fault> {
        self.ask(self.place.answer_limit, || self.store.head(object)).await
    }

    /// Reads an object of this size in portions, and gives each with its place to `take`, until that wants no more.
    async fn read(
        &self,
        object: &Path,
        size_bytes: u64,
        mut take: impl FnMut(u64, &[u8]) -> bool + Send,
    ) -> Result<(), Fault> {
        let mut start = 0;
        while start < size_bytes {
            let end = size_bytes.min(start + PORTION_BYTES);
            let limit = self.place.transfer_limit(end - start);
            let portion = self.ask(limit, || self.store.get_range(object, start..end)).await?;
            if portion.len() as u64 != end - start {
                return Err(Fault::short(portion.len() as u64, end - start));
            }
            if !take(start, &portion) {
                return Ok(());
            }
            start = end;
        }
        Ok(())
    }

    /// Whether the object is these bytes.
    async fn holds(&self, object: &Path, bytes: &[u8]) -> Result<bool, Fault> {
        let size_bytes = self.look(object).await?.size;
        if size_bytes != bytes.len() as u64 {
            return Ok(false);
        }
        let mut is_same = true;
        let compare = |start: u64, portion: &[u8]| {
            let rest = usize::try_from(start).ok().and_then(|start| bytes.get(start..));
            is_same = rest.is_some_and(|rest| rest.starts_with(portion));
            is_same
        };
        self.read(object, size_bytes, compare).await?;
        Ok(is_same)
    }

    async fn keep(&self, object: &Path, payload: &PutPayload) -> Result<(), Fault> {
        let put = self.put(object, payload).await?;
        // Where the name is taken, an earlier try of ours may have taken it, and its answer was lost.
        match (self.holds(object, bytes_of(payload)).await?, put) {
            (true, _) => Ok(()),
            (false, Put::Taken) => Err(Fault::other_bytes("another object has this name already")),
            (false, Put::Made) => Err(Fault::other_bytes("the server keeps other bytes than it was given")),
        }
    }

    async fn whole(&self, object: &Path) -> Result<Vec<u8>, Fault> {
        let size_bytes = self.look(object).await?.size;
        let mut bytes = Vec::new();
        let room = usize::try_from(size_bytes).is_ok_and(|size| bytes.try_reserve_exact(size).is_ok());
        if !room {
            return Err(Fault::other_bytes("the object is larger than this machine's memory"));
        }
        let append = |_, portion: &[u8]| {
            bytes.extend_from_slice(portion);
            true
        };
        self.read(object, size_bytes, append).await?;
        Ok(bytes)
    }

    /// The names under the prefix, page by page.
    async fn names(&self) -> Result<Vec<String>, Fault> {
        let prefix = self.place.key_prefix();
        let (mut names, mut page_token) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = || {
                let delimiter = Some("/".into());
                let options = PaginatedListOptions {
                    page_token: page_token.clone(),
                    delimiter,
                    ..PaginatedListOptions::default()
                };
                self.store
                    .list_paginated(Some(&prefix).filter(|prefix| !prefix.is_empty()).map(String::as_str), options)
            };
            let page = self.ask(self.place.answer_limit, page).await?;
            let objects = page.result.objects.iter();
            names.extend(objects.filter_map(|it| it.location.as_ref().strip_prefix(&prefix).map(str::to_owned)));
            match page.page_token {
                None => {
                    names.sort();
                    names.dedup();
                    return Ok(names);
                }
                // A server that goes round in circles.
                Some(same) if page_token.as_ref() == Some(&same) => break,
                next => page_token = next,
            }
        }
        Err(Fault::other_bytes("the list of the bucket has no end"))
    }

    async fn forget(&self, object: &Path) -> Result<(), Fault> {
        match self.ask(self.place.answer_limit, || self.store.delete(object)).await {
            Err(fault) if fault.is_missing_object() => Ok(()),
            forgotten => forgotten,
        }
    }

    fn key(&self, object: &str) -> Path {
        Path::from(format!("{}{object}", self.place.key_prefix()))
    }
}

/// The bytes of a payload that was made of one piece.
fn bytes_of(payload: &PutPayload) -> &[u8] {
    payload.as_ref().first().map_or(&[], |bytes| bytes)
}

#[async_trait]
impl Spool for ObjectSpool {
    async fn save(&self, object: &str, bytes: Vec<u8>) -> Result<(), SpoolError> {
        let kept = self.keep(&self.key(object), &PutPayload::from(bytes)).await;
        kept.map_err(|fault| fault.at("cannot keep", &self.place, object))
    }

    async fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError> {
        self.whole(&self.key(object)).await.map_err(|fault| fault.at("cannot read", &self.place, object))
    }

    async fn list(&self) -> Result<Vec<String>, SpoolError> {
        self.names().await.map_err(|fault| fault.at("cannot list", &self.place, ""))
    }

    async fn remove(&self, object: &str) -> Result<(), SpoolError> {
        self.forget(&self.key(object)).await.map_err(|fault| fault.at("cannot remove", &self.place, object))
    }
}
