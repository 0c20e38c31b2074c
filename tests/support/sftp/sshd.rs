//! An SFTP server of OpenSSH, with a host key, a login key and a port of its own, for the user who runs the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that does not listen after this does not start at all.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Another process may take a port between its choice and the start.
const MOST_PORTS: u32 = 5;
/// The vendor under whose code the host key is pinned.
const VENDOR: &str = "acme";

/// A server, ended when it is dropped.
pub struct Server {
    folder: TempDir,
    child: Child,
    port: u16,
}

impl Server {
    /// A server as vendors have it.
    pub fn start() -> Self {
        Self::with("internal-sftp")
    }

    /// A server whose file service is this command.
    pub fn with(service: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for key in ["host", "login"] {
            let path = folder.path().join(key);
            succeed(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", key, "-f"]).arg(path));
        }
        fs::copy(folder.path().join("login.pub"), folder.path().join("authorized")).unwrap();
        if rustix::process::geteuid().is_root() {
            // Where root's sshd wants to separate its privileges.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let (child, port) = (0..MOST_PORTS)
            .find_map(|_| listen(folder.path(), service))
            .unwrap_or_else(|| panic!("sshd does not start: {}", log(folder.path())));
        let server = Self { folder, child, port };
        fs::write(server.path("known_hosts"), server.known_hosts()).unwrap();
        server
    }

    /// A file of the server's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it wrote of its work.
    pub fn log(&self) -> String {
        log(self.folder.path())
    }

    /// The line that pins its host key.
    pub fn known_hosts(&self) -> String {
        let key = fs::read_to_string(self.path("host.pub")).unwrap();
        let words: Vec<&str> = key.split_whitespace().take(2).collect();
        format!("{VENDOR} {}\n", words.join(" "))
    }

    /// The section of a configuration that leads to folders of this machine through it; `more` are further lines.
    pub fn section(&self, port: u16, vendor_folder: &Path, more: &str) -> String {
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        format!(
            "\n[vendor.sftp]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{}\"\nkey = \"{}\"\nknown_hosts = \"{}\"\n\
             inbox = \"{}\"\noutbox = \"{}\"\n{more}\n",
            user.trim(),
            self.path("login").display(),
            self.path("known_hosts").display(),
            vendor_folder.join("inbox").display(),
            vendor_folder.join("outbox").display(),
        )
    }

    /// A configuration that leads to another server leads here from now on.
    pub fn takes_over(&self, other: &Self, configuration: &Path) {
        let text = fs::read_to_string(configuration).unwrap();
        let folder = |server: &Self| server.folder.path().display().to_string();
        let text = text.replace(&folder(other), &folder(self));
        let line = |server: &Self| format!("\nport = {}\n", server.port);
        assert!(text.contains(&line(other)));
        fs::write(configuration, text.replace(&line(other), &line(self))).unwrap();
    }

    /// Stops listening; what is connected stays so.
    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a site's vendor one with an SFTP server: the configuration at `path` loses its folders and gains `section`.
pub fn lead_by_sftp(path: &Path, section: &str) {
    let text = fs::read_to_string(path).unwrap();
    let (inbox, outbox) = ("\ninbox = \"vendor/inbox\"\n", "outbox = \"vendor/outbox\"\n");
    assert!(text.contains(&format!("{inbox}{outbox}")));
    let text = text.replace(&format!("{inbox}{outbox}"), "\ncourier = \"sftp\"\n");
    fs::write(path, text + section).unwrap();
}

/// Starts sshd on a port that was free a moment ago.
fn listen(folder: &Path, service: &str) -> Option<(Child, u16)> {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let at = |name: &str| folder.join(name).display().to_string();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
         UseDNS no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
         MaxStartups 100\nLogLevel VERBOSE\nSubsystem sftp {service}\n",
        at("host"),
        at("authorized"),
    );
    fs::write(folder.join("sshd_config"), config).unwrap();
    let mut child = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f", &at("sshd_config")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("log")).unwrap())
        .spawn()
        .expect("the test needs OpenSSH's server, /usr/sbin/sshd");
    let begun = Instant::now();
    let (_never, clock) = mpsc::channel::<()>();
    while begun.elapsed() < START_LIMIT {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((child, port));
        }
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        // A short, bounded look-again: a port tells nobody that it listens now.
        let _ = clock.recv_timeout(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

fn succeed(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output().expect("the test needs OpenSSH's ssh-keygen");
    assert!(done.status.success(), "{done:?}");
}
