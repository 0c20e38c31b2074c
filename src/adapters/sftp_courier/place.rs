//! Where a vendor's SFTP server is, who logs in, and how long each wait may last.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The place of one vendor's inbox and outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpPlace {
    /// The vendor's code: its host keys are pinned under this name, whatever its host is called.
    pub vendor: String,
    /// Its host name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Our account there.
    pub user: String,
    /// The file of our secret key.
    pub key: PathBuf,
    /// The file of the pinned host keys.
    pub known_hosts: PathBuf,
    /// The folder that takes packages, on the server.
    pub inbox: String,
    /// The folder that brings receipts, on the server.
    pub outbox: String,
    /// The longest wait for connection, login and the first answer.
    pub connect_limit: Duration,
    /// The longest wait for one answer.
    pub answer_limit: Duration,
    /// A transfer that is slower than this is given up.
    pub least_bytes_a_second: u32,
}

impl SftpPlace {
    /// The longest that so many bytes may take, one way.
    #[must_use]
    pub fn transfer_limit(&self, size_bytes: u64) -> Duration {
        self.answer_limit + Duration::from_secs(size_bytes / u64::from(self.least_bytes_a_second.max(1)))
    }

    /// A file of the inbox.
    pub(super) fn in_inbox(&self, name: &str) -> String {
        format!("{}/{name}", self.inbox)
    }

    /// A file of the outbox.
    pub(super) fn in_outbox(&self, name: &str) -> String {
        format!("{}/{name}", self.outbox)
    }
}

impl fmt::Display for SftpPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} port {}", self.user, self.host, self.port)
    }
}
