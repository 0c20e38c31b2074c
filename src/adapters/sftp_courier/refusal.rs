//! What a connection's end means: told from the exit status of ssh and from what it said.

use super::place::SftpPlace;
use super::ssh::LineEnd;
use crate::ports::CourierError;

/// ssh itself failed, not the service on the server.
const SSH_FAILED: i32 = 255;

/// What the end of a connection was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The host that answered is not the one whose key is pinned.
    Host,
    /// The server does not let us in.
    Login,
    /// The server and our ssh have no way to talk in common.
    Terms,
    /// The server let us in and has no file service for us.
    Service,
    /// Anything else: the network, the server, a wait that was too long.
    Line,
}

/// What ssh says, and what it is about; the first that is found counts.
const SIGNS: [(&str, Cause); 14] = [
    ("Host key verification failed", Cause::Host),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Cause::Host),
    ("REVOKED HOST KEY DETECTED", Cause::Host),
    ("host key is known for", Cause::Host),
    (": incorrect signature", Cause::Host),
    ("Permission denied (", Cause::Login),
    ("Too many authentication failures", Cause::Login),
    ("UNPROTECTED PRIVATE KEY FILE", Cause::Login),
    ("Load key ", Cause::Login),
    ("no such identity", Cause::Login),
    ("Unable to negotiate with", Cause::Terms),
    ("onfiguration option", Cause::Terms),
    ("subsystem request failed", Cause::Service),
    ("administratively prohibited", Cause::Service),
];

/// The error that a connection's end comes to. `seen` is what was noticed on our side; a connection that was never
/// `up` may have been refused for good, one that was up has been lost.
pub(super) fn refusal(place: &SftpPlace, end: &LineEnd, seen: &str, was_up: bool) -> CourierError {
    let said = if end.complaint.is_empty() { seen } else { &end.complaint };
    let vendor = &place.vendor;
    match cause(end, was_up) {
        Cause::Host => CourierError::stop(format!(
            "the host that answered at {place} has none of the keys that {} pins for vendor {vendor}; nothing was sent. \
             It may be another machine that waits for letters: ask the vendor by telephone before any key is added \
             there. ssh: {said}",
            place.known_hosts.display()
        ))
        .alarming(),
        Cause::Login => CourierError::stop(format!(
            "the login to {place} was refused; see with the vendor that it knows our key {}, and that only its owner \
             can read that file. ssh: {said}",
            place.key.display()
        )),
        Cause::Terms => CourierError::stop(format!(
            "{place} and the ssh of this machine agree on no terms; ask the vendor which it takes. ssh: {said}"
        )),
        Cause::Service => CourierError::stop(format!(
            "{place} takes the login and serves no files; ask the vendor to allow SFTP for this account. ssh: {said}"
        )),
        Cause::Line => CourierError::retry(format!("the connection to {place} failed: {said}")),
    }
}

fn cause(end: &LineEnd, was_up: bool) -> Cause {
    let sign = SIGNS.iter().find(|(sign, _)| end.complaint.contains(sign)).map(|(_, cause)| *cause);
    match (sign, end.status) {
        (Some(Cause::Host), _) => Cause::Host,
        (_, _) if was_up => Cause::Line,
        (Some(cause), _) => cause,
        (None, None | Some(SSH_FAILED)) => Cause::Line,
        (None, Some(_)) => Cause::Service,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::Setback;

    fn place() -> SftpPlace {
        SftpPlace {
            vendor: "acme".into(),
            host: "sftp.acme.example".into(),
            port: 22,
            user: "letters".into(),
            key: "/site/keys/acme.ssh".into(),
            known_hosts: "/site/keys/known_hosts".into(),
            inbox: "in".into(),
            outbox: "out".into(),
            connect_limit: Duration::from_secs(1),
            answer_limit: Duration::from_secs(1),
            least_bytes_a_second: 1,
        }
    }

    /// What OpenSSH 9 says, by the class that it belongs to.
    #[test]
    fn each_end_has_its_class() {
        let table = [
            // Another host.
            (
                Some(255),
                "No ED25519 host key is known for acme and you have requested strict checking.; Host key verification failed.",
                Setback::Stop,
                true,
            ),
            (
                Some(255),
                "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @; Host key verification failed.",
                Setback::Stop,
                true,
            ),
            (
                Some(255),
                "ssh_dispatch_run_fatal: Connection to 192.0.2.7 port 22: incorrect signature",
                Setback::Stop,
                true,
            ),
            // No login.
            (Some(255), "letters@sftp.acme.example: Permission denied (publickey).", Setback::Stop, false),
            (
                Some(255),
                "Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures",
                Setback::Stop,
                false,
            ),
            (
                Some(255),
                "Load key \"/site/keys/acme.ssh\": invalid format; letters@h: Permission denied (publickey).",
                Setback::Stop,
                false,
            ),
            (Some(255), "no such identity: /site/keys/acme.ssh: No such file or directory", Setback::Stop, false),
            // No terms, no service.
            (
                Some(255),
                "Unable to negotiate with 192.0.2.7 port 22: no matching host key type found. Their offer: ssh-rsa",
                Setback::Stop,
                false,
            ),
            (Some(255), "command-line: line 0: Bad configuration option: identityagent", Setback::Stop, false),
            (Some(255), "subsystem request failed on channel 0", Setback::Stop, false),
            (Some(1), "This service allows sftp connections only.", Setback::Stop, false),
            // The network.
            (Some(255), "ssh: connect to host sftp.acme.example port 22: Connection refused", Setback::Retry, false),
            (Some(255), "ssh: connect to host sftp.acme.example port 22: Connection timed out", Setback::Retry, false),
            (Some(255), "ssh: connect to host sftp.acme.example port 22: Permission denied", Setback::Retry, false),
            (
                Some(255),
                "ssh: Could not resolve hostname sftp.acme.example: Temporary failure in name resolution",
                Setback::Retry,
                false,
            ),
            (Some(255), "kex_exchange_identification: Connection closed by remote host", Setback::Retry, false),
            (Some(255), "Connection reset by 192.0.2.7 port 22", Setback::Retry, false),
            (None, "", Setback::Retry, false),
        ];
        for (status, complaint, setback, is_alarm) in table {
            let end = LineEnd { status, complaint: complaint.to_owned() };
            let error = refusal(&place(), &end, "no answer within 1 s", false);
            assert_eq!((error.setback, error.is_alarm), (setback, is_alarm), "{complaint}: {error}");
            let said = if complaint.is_empty() { "no answer within 1 s" } else { complaint };
            assert!(error.message.contains(said), "{error}");
        }
    }

    #[test]
    fn a_connection_that_was_up_is_lost_and_may_come_back() {
        let end = LineEnd { status: Some(0), complaint: "Permission denied (publickey).".to_owned() };
        assert_eq!(refusal(&place(), &end, "the server hung up", true).setback, Setback::Retry);
    }
}
