//! `job-ticket.json`: what the vendor is to make of the letters, and the totals to check them by.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::manifest::ManifestRow;
use crate::domain::letter::named;
use crate::domain::package_name::{Environment, PackageName};

/// The name of the job ticket in the package.
pub const TICKET_FILE: &str = "job-ticket.json";
/// The form of the ticket that is described here.
pub const FORMAT_VERSION: u32 = 1;

named! {
    /// Whether letters to one household may share an envelope.
    Householding {
        /// Every letter goes in an envelope of its own.
        Forbidden = "forbidden",
    }
}

named! {
    /// Who may make a spoiled letter again.
    Remake {
        /// The vendor, from the same package.
        Vendor = "vendor",
        /// Nobody: a new letter with a new password is made instead.
        Forbidden = "forbidden",
    }
}

/// The envelope that every letter of a package goes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketEnvelope {
    /// Its kind and window, as agreed with the vendor.
    pub kind: String,
    /// Whether the inside is tinted so that nothing shows through.
    pub security_tint: bool,
    /// The ancillary endorsement printed on it; empty for none.
    pub printed_endorsement: String,
}

/// Totals that a vendor counts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Mail pieces.
    pub letters: u64,
    /// Sheets of paper.
    pub sheets: u64,
    /// Printed sides.
    pub pages: u64,
    /// The sum of all sequence numbers: a lost, doubled or swapped row changes it.
    pub sequence_sum: u64,
}

impl Totals {
    /// The totals of these rows.
    #[must_use]
    pub fn of(rows: &[ManifestRow]) -> Self {
        rows.iter().fold(Self::default(), |sum, row| Self {
            letters: sum.letters + 1,
            sheets: sum.sheets + u64::from(row.sheets),
            pages: sum.pages + u64::from(row.pages),
            sequence_sum: sum.sequence_sum + u64::from(row.sequence),
        })
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { letters, sheets, pages, sequence_sum } = self;
        write!(f, "{letters} letters, {sheets} sheets, {pages} pages, sequence sum {sequence_sum}")
    }
}

/// The job ticket. Fields are written in the order of this declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobTicket {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The name of the package that it lies in.
    pub package: PackageName,
    /// Who sends it.
    pub site: String,
    /// Whether these are letters to real people.
    pub environment: Environment,
    /// Who prints it.
    pub vendor: String,
    /// When it was made; whole seconds.
    #[serde(serialize_with = "whole_seconds")]
    pub made_at: DateTime<Utc>,
    /// The day that it is planned to be mailed.
    pub mail_on: NaiveDate,
    /// The last day that it may be mailed: nothing is mailed later.
    pub mail_by_on: NaiveDate,
    /// The stock, as agreed with the vendor.
    pub paper: String,
    /// Whether both sides of a sheet are printed.
    pub duplex: bool,
    /// The envelope.
    pub envelope: TicketEnvelope,
    /// The postal class.
    pub mail_class: String,
    /// Whether letters may share an envelope.
    pub householding: Householding,
    /// Who may make a spoiled letter again.
    pub remake: Remake,
    /// The day by which the vendor has destroyed its copies.
    pub purge_by_on: NaiveDate,
    /// Whom to ask.
    pub contact: String,
    /// Totals of the manifest.
    pub totals: Totals,
    /// The last checkpoint of the audit log that was signed before the letters were claimed: a note's text.
    pub checkpoint: String,
}

/// Why a job ticket is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is not the JSON of a job ticket.
    #[error("job-ticket.json cannot be read: {0}")]
    NotATicket(String),
    /// A later form than this program knows.
    #[error(
        "job-ticket.json has format_version {0}, and this program reads {FORMAT_VERSION}; use a program as new as the site's"
    )]
    UnknownVersion(u64),
}

/// The ticket's bytes: JSON with two spaces of indent, fields in fixed order, a newline at the end.
///
/// # Errors
/// Never for a value of this type; the signature passes on what the JSON writer may say.
pub fn write_ticket(ticket: &JobTicket) -> Result<String, TicketError> {
    let mut text = serde_json::to_string_pretty(ticket).map_err(|error| TicketError::NotATicket(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

/// Reads a ticket. Its version is looked at before anything else.
///
/// # Errors
/// Where the version is another, or a field is missing, unknown or of another kind.
pub fn read_ticket(bytes: &[u8]) -> Result<JobTicket, TicketError> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u64,
    }
    let not_a_ticket = |error: serde_json::Error| TicketError::NotATicket(error.to_string());
    let version: Version = serde_json::from_slice(bytes).map_err(not_a_ticket)?;
    if version.format_version != u64::from(FORMAT_VERSION) {
        return Err(TicketError::UnknownVersion(version.format_version));
    }
    serde_json::from_slice(bytes).map_err(not_a_ticket)
}

/// Writes an instant as `2026-11-24T03:00:00Z`.
pub(super) fn whole_seconds<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&at.format("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> JobTicket {
        JobTicket {
            format_version: FORMAT_VERSION,
            package: "eba-test-acme-000123".parse().unwrap(),
            site: "Example Benefits Agency".into(),
            environment: Environment::Test,
            vendor: "Acme Print (invented)".into(),
            made_at: "2026-03-02T03:04:05Z".parse().unwrap(),
            mail_on: "2026-03-03".parse().unwrap(),
            mail_by_on: "2026-03-05".parse().unwrap(),
            paper: "letter 90 g/m2".into(),
            duplex: false,
            envelope: TicketEnvelope {
                kind: "number 10, one window".into(),
                security_tint: true,
                printed_endorsement: "Return Service Requested".into(),
            },
            mail_class: "first-class".into(),
            householding: Householding::Forbidden,
            remake: Remake::Vendor,
            purge_by_on: "2026-04-02".parse().unwrap(),
            contact: "ops@example.invalid".into(),
            totals: Totals { letters: 2, sheets: 2, pages: 3, sequence_sum: 3 },
            checkpoint: "log.example.invalid/eba\n7\nAAAA\n".into(),
        }
    }

    #[test]
    fn fields_are_written_in_the_agreed_order() {
        let text = write_ticket(&ticket()).unwrap();
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("  \""))
            .filter_map(|line| line.split_once("\":"))
            .map(|(name, _)| name)
            .collect();
        let agreed = [
            "format_version",
            "package",
            "site",
            "environment",
            "vendor",
            "made_at",
            "mail_on",
            "mail_by_on",
            "paper",
            "duplex",
            "envelope",
            "mail_class",
            "householding",
            "remake",
            "purge_by_on",
            "contact",
            "totals",
            "checkpoint",
        ];
        assert_eq!(names, agreed);
        assert!(text.contains("\"made_at\": \"2026-03-02T03:04:05Z\""), "{text}");
        assert!(text.contains("\"householding\": \"forbidden\""), "{text}");
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn a_ticket_reads_back() {
        assert_eq!(read_ticket(write_ticket(&ticket()).unwrap().as_bytes()), Ok(ticket()));
    }

    #[test]
    fn other_versions_and_unknown_fields_are_refused() {
        let text = write_ticket(&ticket()).unwrap();
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2, \"new\": true");
        assert_eq!(read_ticket(newer.as_bytes()), Err(TicketError::UnknownVersion(2)));
        for (from, to) in [
            ("\"paper\"", "\"papier\""),
            ("\"forbidden\"", "\"allowed\""),
            ("eba-test-acme-000123", "eba-test-acme-123"),
            ("\"duplex\": false", "\"duplex\": \"no\""),
            ("2026-03-05", "2026-02-30"),
        ] {
            assert!(read_ticket(text.replace(from, to).as_bytes()).is_err(), "{from}");
        }
        assert!(read_ticket(b"").is_err());
        assert!(read_ticket(&[b'['; 100_000]).is_err());
    }
}
