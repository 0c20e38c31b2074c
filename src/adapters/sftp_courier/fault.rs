//! What can go wrong in a session, before it is known what that asks for.

use std::fmt;

use russh_sftp::protocol::StatusCode;

use super::place::SftpPlace;
use crate::ports::CourierError;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no; the session goes on.
    Refused(Refused),
    /// The session is of no use any more: what was seen of that.
    Lost(String),
    /// It is known what is to be done.
    Told(CourierError),
}

/// A request that the server refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    /// What was asked, as "write".
    pub doing: &'static str,
    /// Of which file.
    pub path: String,
    /// The server's reason, by the protocol.
    pub code: StatusCode,
    /// The server's reason, in its words.
    pub text: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.doing, self.path, self.code)?;
        let says_more = !self.text.is_empty() && !self.text.eq_ignore_ascii_case(&self.code.to_string());
        if says_more { write!(f, " ({})", self.text) } else { Ok(()) }
    }
}

impl Refused {
    /// The error that a refusal is where nothing more is known of it. Of the protocol's few reasons, "failure" may be
    /// anything: `room` is what the server says of its disk.
    pub(super) fn error(&self, place: &SftpPlace, room: Option<(u64, bool)>) -> CourierError {
        let said = format!("{place}: {self}");
        match (self.code, room) {
            (StatusCode::PermissionDenied, _) => {
                CourierError::hold(format!("{said}; ask the vendor why our account may not"))
            }
            (StatusCode::Failure, Some((_, true))) => {
                CourierError::stop(format!("{said}; the server's disk takes no changes; ask the vendor to mend that"))
            }
            (StatusCode::Failure, Some((free_bytes, false))) => {
                CourierError::retry(format!("{said}; the server's disk has room for {free_bytes} bytes"))
            }
            (StatusCode::OpUnsupported | StatusCode::BadMessage, _) => {
                CourierError::stop(format!("{said}; ask the vendor for a server that can do it"))
            }
            _ => CourierError::retry(said),
        }
    }

    /// The error that a refusal is where it concerns a whole folder: a person mends it.
    pub(super) fn folder_error(&self, place: &SftpPlace, room: Option<(u64, bool)>) -> CourierError {
        match self.code {
            StatusCode::NoSuchFile => CourierError::stop(format!(
                "{place}: {self}; ask the vendor for the folder, or write its right name into the configuration"
            )),
            StatusCode::PermissionDenied => {
                CourierError::stop(format!("{place}: {self}; ask the vendor to let our account read and write there"))
            }
            _ => self.error(place, room),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::Setback;

    #[test]
    fn each_refusal_has_its_class() {
        let place = SftpPlace {
            vendor: "acme".into(),
            host: "sftp.acme.example".into(),
            port: 22,
            user: "letters".into(),
            key: "key".into(),
            known_hosts: "known_hosts".into(),
            inbox: "in".into(),
            outbox: "out".into(),
            connect_limit: Duration::from_secs(1),
            answer_limit: Duration::from_secs(1),
            least_bytes_a_second: 1,
        };
        use StatusCode::{BadMessage, ConnectionLost, Failure, NoSuchFile, OpUnsupported, PermissionDenied};
        // Code, what the server says of its disk, the class for one file, the class for a folder.
        let table = [
            (PermissionDenied, None, Setback::Hold, Setback::Stop),
            (NoSuchFile, None, Setback::Retry, Setback::Stop),
            (Failure, None, Setback::Retry, Setback::Retry),
            (Failure, Some((0, false)), Setback::Retry, Setback::Retry),
            (Failure, Some((1 << 30, true)), Setback::Stop, Setback::Stop),
            (OpUnsupported, None, Setback::Stop, Setback::Stop),
            (BadMessage, None, Setback::Stop, Setback::Stop),
            (ConnectionLost, None, Setback::Retry, Setback::Retry),
        ];
        for (code, room, of_file, of_folder) in table {
            let refused = Refused { doing: "write", path: "in/x".into(), code, text: "it is so".into() };
            assert_eq!(refused.error(&place, room).setback, of_file, "{code}");
            assert_eq!(refused.folder_error(&place, room).setback, of_folder, "{code}");
            let said = refused.error(&place, room).message;
            assert!(said.starts_with("letters@sftp.acme.example port 22: cannot write in/x: "), "{said}");
            assert!(said.contains("(it is so)"), "{said}");
        }
    }

    #[test]
    fn a_server_that_repeats_its_code_is_quoted_once() {
        let text = "Permission denied".to_owned();
        let refused = Refused { doing: "list", path: "out".into(), code: StatusCode::PermissionDenied, text };
        assert_eq!(refused.to_string(), "cannot list out: Permission denied");
    }
}
