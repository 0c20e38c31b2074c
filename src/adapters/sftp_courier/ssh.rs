//! The connection: a child process of OpenSSH's `ssh`, over whose standard input and output the file protocol is spoken.
//!
//! No shell takes part, and no configuration but the arguments here: no agent, no forwarding, no prompt, one key, and
//! only host keys that are pinned under the vendor's code.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, Join, join};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::place::SftpPlace;

/// The program.
const SSH: &str = "ssh";
/// Of what ssh says of its troubles so much is kept; the rest is read and forgotten.
const COMPLAINT_BYTES: usize = 4096;
/// After its end, or its killing, ssh's last words are there at once.
const LAST_WORDS_LIMIT: Duration = Duration::from_secs(2);
/// ssh asks a silent server this often whether it is still there, and hangs up after so many questions.
const ALIVE_SECONDS: u32 = 15;
const ALIVE_QUESTIONS: u32 = 3;

/// What is spoken over.
pub(super) type Stream = Join<ChildStdout, ChildStdin>;

/// A connection, ended when it is dropped.
pub(super) struct Line {
    child: Child,
    complaint: JoinHandle<Vec<u8>>,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// The exit status of ssh: 255 where it failed itself, else that of the server's service; `None` where it had to be
    /// killed.
    pub status: Option<i32>,
    /// What it said, fit to be shown.
    pub complaint: String,
}

/// Why there is no connection to begin with.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// A path that ssh would read as something else.
    #[error("ssh gives a meaning to one of the characters ~ % $ \" ' \\ in the path '{0}'; lay the file elsewhere")]
    Path(String),
    /// The program does not start.
    #[error("the program '{SSH}' cannot be started: {0}; install OpenSSH's client")]
    Start(std::io::Error),
}

impl Line {
    /// Starts ssh; whether it gets through is not known yet.
    pub(super) fn start(place: &SftpPlace) -> Result<(Self, Stream), LineError> {
        let mut child = Command::new(SSH)
            .args(arguments(place)?)
            .env("LC_ALL", "C")
            .env_remove("SSH_AUTH_SOCK")
            .env_remove("SSH_ASKPASS")
            .env_remove("DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(LineError::Start)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(LineError::Start(std::io::Error::other("it has no standard streams")));
        };
        let complaint = tokio::spawn(read_complaint(stderr));
        Ok((Self { child, complaint }, join(stdout, stdin)))
    }

    /// Waits for ssh to end, kills it when `limit` is over, and says how it ended.
    pub(super) async fn end(mut self, limit: Duration) -> LineEnd {
        let ended = match timeout(limit, self.child.wait()).await {
            Ok(ended) => ended.ok(),
            Err(_) => None,
        };
        if ended.is_none() {
            // A child that cannot be killed any more has ended; one that cannot be waited for is reaped later.
            let _ = timeout(LAST_WORDS_LIMIT, self.child.kill()).await;
        }
        let complaint = timeout(LAST_WORDS_LIMIT, &mut self.complaint).await;
        let complaint = complaint.ok().and_then(Result::ok).unwrap_or_default();
        LineEnd { status: ended.as_ref().and_then(ExitStatus::code), complaint: showable(&complaint) }
    }
}

/// Reads to the end and keeps the beginning, so that ssh never waits for a reader.
async fn read_complaint(mut stderr: impl AsyncRead + Unpin) -> Vec<u8> {
    let (mut kept, mut portion) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stderr.read(&mut portion).await {
        let room = COMPLAINT_BYTES - kept.len();
        kept.extend_from_slice(portion.get(..read.min(room)).unwrap_or_default());
    }
    kept
}

/// Text of another machine on one line, without control characters.
pub(super) fn showable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let shown = |c: char| match c {
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    lines.collect::<Vec<_>>().join("; ").chars().map(shown).collect()
}

/// Everything that ssh is told.
fn arguments(place: &SftpPlace) -> Result<Vec<OsString>, LineError> {
    let key = ssh_path(&place.key)?;
    let known_hosts = ssh_path(&place.known_hosts)?;
    let options = [
        // Nobody is asked anything.
        "BatchMode=yes".to_owned(),
        // The host: a key that is pinned under the vendor's code, and nothing else.
        "StrictHostKeyChecking=yes".to_owned(),
        format!("HostKeyAlias={}", place.vendor),
        format!("UserKnownHostsFile={known_hosts}"),
        "GlobalKnownHostsFile=/dev/null".to_owned(),
        "UpdateHostKeys=no".to_owned(),
        "VerifyHostKeyDNS=no".to_owned(),
        "CanonicalizeHostname=no".to_owned(),
        // The login: one key, of no agent.
        format!("IdentityFile={key}"),
        "IdentitiesOnly=yes".to_owned(),
        "IdentityAgent=none".to_owned(),
        "PreferredAuthentications=publickey".to_owned(),
        "PasswordAuthentication=no".to_owned(),
        "KbdInteractiveAuthentication=no".to_owned(),
        "GSSAPIAuthentication=no".to_owned(),
        "HostbasedAuthentication=no".to_owned(),
        // Nothing but files.
        "ClearAllForwardings=yes".to_owned(),
        "ForwardAgent=no".to_owned(),
        "ForwardX11=no".to_owned(),
        "Tunnel=no".to_owned(),
        "PermitLocalCommand=no".to_owned(),
        "ControlMaster=no".to_owned(),
        "ControlPath=none".to_owned(),
        "RequestTTY=no".to_owned(),
        "EscapeChar=none".to_owned(),
        // Troubles are told, greetings are not.
        "LogLevel=ERROR".to_owned(),
        // Every wait ends.
        "ConnectionAttempts=1".to_owned(),
        format!("ConnectTimeout={}", place.connect_limit.as_secs().max(1)),
        format!("ServerAliveInterval={ALIVE_SECONDS}"),
        format!("ServerAliveCountMax={ALIVE_QUESTIONS}"),
    ];
    let mut arguments: Vec<OsString> = vec!["-F".into(), "none".into()];
    for option in options {
        arguments.extend(["-o".into(), option.into()]);
    }
    arguments.extend(["-p".into(), place.port.to_string().into(), "-l".into(), place.user.clone().into()]);
    // After this no argument is an option, whatever it begins with.
    arguments.extend(["-s".into(), "--".into(), place.host.clone().into(), "sftp".into()]);
    Ok(arguments)
}

/// A path as a value of an option: between quotes, as it may have spaces.
fn ssh_path(path: &Path) -> Result<String, LineError> {
    let refused = || LineError::Path(path.display().to_string());
    let text = path.to_str().ok_or_else(refused)?;
    let is_special = |c: char| "%$\"'\\".contains(c) || c.is_control();
    if text.contains(is_special) || text.starts_with('~') { Err(refused()) } else { Ok(format!("\"{text}\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> SftpPlace {
        SftpPlace {
            vendor: "acme".into(),
            host: "-oProxyCommand=id".into(),
            port: 2222,
            user: "letters".into(),
            key: "keys/acme ssh".into(),
            known_hosts: "/site/known_hosts".into(),
            inbox: "in".into(),
            outbox: "out".into(),
            connect_limit: Duration::from_secs(7),
            answer_limit: Duration::from_secs(30),
            least_bytes_a_second: 1,
        }
    }

    #[test]
    fn ssh_reads_all_settings_from_its_arguments() {
        let arguments = arguments(&place()).unwrap();
        let words: Vec<&str> = arguments.iter().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(words[..2], ["-F", "none"]);
        for option in [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "HostKeyAlias=acme",
            "IdentityFile=\"keys/acme ssh\"",
            "UserKnownHostsFile=\"/site/known_hosts\"",
            "ConnectTimeout=7",
        ] {
            let at = words.iter().position(|word| *word == option).unwrap_or_else(|| panic!("{option}: {words:?}"));
            assert_eq!(words[at - 1], "-o");
        }
        assert_eq!(words[words.len() - 8..], ["-p", "2222", "-l", "letters", "-s", "--", "-oProxyCommand=id", "sftp"]);
    }

    #[test]
    fn a_path_that_ssh_would_change_is_refused() {
        for path in ["~/key", "/site/%h", "/site/${HOME}", "/si\"te", "/si\\te", "/si'te", "/si\nte"] {
            let place = SftpPlace { key: path.into(), ..place() };
            assert!(matches!(arguments(&place), Err(LineError::Path(_))), "{path}");
        }
    }

    #[test]
    fn what_another_machine_says_cannot_write_over_the_screen() {
        assert_eq!(showable(b"Permission denied (publickey).\r\n"), "Permission denied (publickey).");
        assert_eq!(showable(b"one\n\n two\x1b[2J\x07\xff\n"), "one; two\\u{1b}[2J\\u{7}\u{fffd}");
    }

    #[tokio::test]
    async fn of_a_long_complaint_the_beginning_is_kept() {
        let long = vec![b'x'; 3 * COMPLAINT_BYTES];
        assert_eq!(read_complaint(&long[..]).await, vec![b'x'; COMPLAINT_BYTES]);
    }
}
