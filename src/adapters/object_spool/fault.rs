//! What went wrong with a request, in words that show no credential, and whether it may pass by itself.
//!
//! Of a server's answer only its status and its code are told: an answer to a wrong signature repeats keys and what was
//! signed, and the log takes no words of others.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};

use super::BucketPlace;
use crate::ports::SpoolError;

/// The longest code of a server that is told, and the longest word of the system.
const LONGEST_CODE: usize = 60;
const LONGEST_WORDS: usize = 200;
/// Statuses of HTTP that may be others the next time, beside those of the server's own faults.
const PASSING: [u16; 2] = [408, 429];

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Nobody answered, or not to the end.
    Away,
    /// The server failed or is busy.
    Busy,
    /// The server does not let us do it.
    Refused,
    /// There is no such bucket, or it is in another region.
    NoBucket,
    /// There is no such object.
    NoObject,
    /// The object is there already.
    Taken,
    /// What lies there is not what should.
    OtherBytes,
    /// Credentials cannot be had.
    NoCredentials,
}

/// What went wrong with a request.
#[derive(Debug)]
pub(super) struct Fault {
    cause: Cause,
    said: String,
}

impl Fault {
    /// What the library says of it.
    pub(super) fn of(error: &Error) -> Self {
        let told = chain(error);
        let (status, code) = (status(&told), code(&told));
        let cause = match error {
            Error::AlreadyExists { .. } => Cause::Taken,
            _ if wants_credentials(&told) => Cause::NoCredentials,
            _ => cause(error, status, &code),
        };
        let said = match (cause, status) {
            (Cause::NoCredentials, _) => "there are no credentials for it".to_owned(),
            (_, Some(status)) => format!("it answered {status} {code}").trim_end().to_owned(),
            (_, None) => innermost(error),
        };
        Self { cause, said }
    }

    /// Nobody answered within this time.
    pub(super) fn silence(limit: Duration) -> Self {
        Self { cause: Cause::Away, said: format!("no answer within {} seconds", limit.as_secs()) }
    }

    /// Less came than was asked for.
    pub(super) fn short(got_bytes: u64, asked_bytes: u64) -> Self {
        Self { cause: Cause::Away, said: format!("{got_bytes} bytes came of {asked_bytes}") }
    }

    /// What lies there is not what should.
    pub(super) fn other_bytes(said: &str) -> Self {
        Self { cause: Cause::OtherBytes, said: said.to_owned() }
    }

    /// Whether it may be otherwise in a moment.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.cause, Cause::Away | Cause::Busy)
    }

    /// Whether the object is there already.
    pub(super) fn is_taken(&self) -> bool {
        self.cause == Cause::Taken
    }

    /// Whether there is no such object.
    pub(super) fn is_missing_object(&self) -> bool {
        self.cause == Cause::NoObject
    }

    /// The spool's error of it.
    pub(super) fn at(self, doing: &'static str, place: &BucketPlace, object: &str) -> SpoolError {
        let needs_person = matches!(self.cause, Cause::Refused | Cause::NoBucket | Cause::NoCredentials);
        let server = place.endpoint.as_deref().unwrap_or("Amazon S3");
        SpoolError {
            doing,
            path: place.shown(object),
            source: io::Error::other(format!("{server}: {}", self.said)),
            remedy: self.cause.remedy(),
            needs_person,
        }
    }
}

impl Cause {
    fn remedy(self) -> &'static str {
        match self {
            Self::Away => "see that the server is up and reached from here ([spool] endpoint), then run it again",
            Self::Busy => "run it again; where it stays so, ask whoever runs the server",
            Self::Refused => {
                "mend AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of this program's environment (AWS_SESSION_TOKEN with \
                 keys that last for a while only), or let that account list the bucket and put, get and delete objects in it"
            }
            Self::NoBucket => "make the bucket, or mend [folders] spool and [spool] region",
            Self::NoObject => "bring it back from where it went; the package's bytes are nowhere else",
            Self::Taken | Self::OtherBytes => "find out who else writes there, and run 'letterpost doctor'",
            Self::NoCredentials => {
                "put AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY into this program's environment, or give the machine a role"
            }
        }
    }
}

fn cause(error: &Error, status: Option<u16>, code: &str) -> Cause {
    match (error, status) {
        _ if code == "NoSuchBucket" => Cause::NoBucket,
        (Error::NotFound { .. }, _) | (_, Some(404)) => Cause::NoObject,
        // A bucket of another region is told by a redirect.
        (_, Some(300..=399)) => Cause::NoBucket,
        (_, Some(status)) if PASSING.contains(&status) || status >= 500 => Cause::Busy,
        (_, Some(400..=499)) => Cause::Refused,
        _ if redirects(error) => Cause::NoBucket,
        _ => Cause::Away,
    }
}

/// All that an error and its sources say, the outermost first.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let each = std::iter::successors(Some(error), |&error| error.source());
    each.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A redirect without a place to go to: how Amazon says that the bucket is in another region.
fn redirects(error: &Error) -> bool {
    chain(error).contains("redirect without LOCATION")
}

/// Whether what failed was to get credentials from the machine's surroundings.
fn wants_credentials(told: &str) -> bool {
    ["/latest/api/token", "/latest/meta-data/iam", "169.254.170.2", "Missing AccessKeyId", "Missing SecretAccessKey"]
        .iter()
        .any(|sign| told.lines().next().is_some_and(|line| line.contains(sign)))
}

/// What is at the bottom of an error that is no answer of a server.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let each = std::iter::successors(Some(error), |&error| error.source());
    let (mut last, mut kind) = (String::new(), None);
    for error in each {
        last = error.to_string();
        kind = error.downcast_ref::<HttpError>().map(HttpError::kind).or(kind);
    }
    let what = match kind {
        Some(HttpErrorKind::Connect) => "no connection: ",
        Some(HttpErrorKind::Interrupted | HttpErrorKind::Decode) => "the answer was cut off: ",
        _ => "",
    };
    format!("{what}{}", shortened(&last))
}

/// The status of HTTP that an error tells of.
fn status(told: &str) -> Option<u16> {
    let (_, rest) = told.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

/// The code of an answer of S3, or nothing.
fn code(told: &str) -> String {
    let element = told.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = element.map(|(code, _)| code).unwrap_or_default();
    code.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_CODE).collect()
}

fn shortened(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_WORDS).collect()
}
