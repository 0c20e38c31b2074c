//! The keys that a server shows, as `ssh-keyscan` reads them. They prove nothing: a person compares their fingerprints.

use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, STANDARD_NO_PAD as BASE64_UNPADDED};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

/// The program.
const PROGRAM: &str = "ssh-keyscan";
/// Seconds that it waits for a server's answer.
const ANSWER_SECONDS: &str = "10";
/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(45);

/// A key that a server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// Its algorithm, as `ssh-ed25519`.
    pub algorithm: String,
    /// Its fingerprint as `ssh` shows it: `SHA256:` and Base64 without padding.
    pub fingerprint: String,
    /// The key itself, in Base64.
    key: String,
}

impl HostKey {
    /// Its line of a file of known hosts, under this name.
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        format!("{name} {} {}", self.algorithm, self.key)
    }
}

/// Asks a server for its keys.
///
/// # Errors
/// Where the program is missing, takes too long, or the server shows no key.
pub async fn scan(host: &str, port: u16) -> Result<Vec<HostKey>, String> {
    let port = port.to_string();
    let scanning = Command::new(PROGRAM)
        .args(["-T", ANSWER_SECONDS, "-p", &port, "--", host])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(DEADLINE, scanning).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("{PROGRAM} cannot be run: {error}; install OpenSSH's client")),
        Err(_) => return Err(format!("{host} did not show its keys within {} seconds", DEADLINE.as_secs())),
    };
    let keys = read(&String::from_utf8_lossy(&output.stdout));
    if keys.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().rfind(|line| !line.starts_with('#')).unwrap_or("it said nothing").trim().to_owned();
        return Err(format!("{host} port {port} showed no key: {said}; check host, port and firewall"));
    }
    Ok(keys)
}

/// The keys among the lines of known hosts.
fn read(lines: &str) -> Vec<HostKey> {
    let key = |line: &str| {
        let mut words = line.split_whitespace();
        let (_, algorithm, key) = (words.next()?, words.next()?, words.next()?);
        let digest = Sha256::digest(BASE64.decode(key).ok()?);
        let fingerprint = format!("SHA256:{}", BASE64_UNPADDED.encode(digest));
        Some(HostKey { algorithm: algorithm.to_owned(), fingerprint, key: key.to_owned() })
    };
    let mut keys: Vec<HostKey> = lines.lines().filter(|line| !line.starts_with('#')).filter_map(key).collect();
    keys.sort_by(|one, other| one.algorithm.cmp(&other.algorithm));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_one_that_ssh_shows() {
        // ssh-keygen -lf on this line says
        // 256 SHA256:0/WectDCuBHIWU9VQAISTaqvUQ77+0c+MeuCYEBGulU no comment (ED25519)
        let lines = "# sftp.vendor.example:2222 SSH-2.0-OpenSSH_9.2\n[sftp.vendor.example]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcdmi7oi8ff49MGZnCxTZKKdfjua5arSdABFsnvkD5K\n";
        let keys = read(lines);
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].fingerprint, "SHA256:0/WectDCuBHIWU9VQAISTaqvUQ77+0c+MeuCYEBGulU");
        let (_, key) = lines.lines().nth(1).unwrap().split_once(' ').unwrap();
        assert_eq!((keys[0].algorithm.as_str(), keys[0].line("acme")), ("ssh-ed25519", format!("acme {key}")));
        assert_eq!(read("nonsense\n# only a remark\nhost ssh-rsa ???\n"), []);
    }
}
