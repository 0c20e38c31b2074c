//! Runs the programs that a vendor has. A missing one fails the test and says which.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs a program in a folder and gives what it printed.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("the test needs the program '{program}': {error}"))
}

/// Runs a program that must succeed; gives its standard output as text.
pub fn succeed(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = run(folder, program, arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// GnuPG with a key ring of its own, at the time of the samples. Its agent ends with it.
pub struct GnuPg {
    home: TempDir,
}

impl GnuPg {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self { home }
    }

    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap()
    }

    /// Runs gpg an hour after the time of the samples: it makes no second signature within the same second.
    pub fn run_an_hour_later(&self, arguments: &[&str]) -> String {
        let mut all = vec!["--faked-system-time", "20260302T050000!"];
        all.extend(arguments);
        self.run(&all)
    }

    /// Runs gpg; gives whether it succeeded, and its status lines.
    pub fn try_run(&self, arguments: &[&str]) -> (bool, String) {
        let home = self.folder().to_str().unwrap();
        let mut all = vec!["--homedir", home, "--batch", "--no-tty", "--yes", "--status-fd", "1"];
        all.extend(["--faked-system-time", "20260302T040000!", "--trust-model", "always"]);
        all.extend(["--pinentry-mode", "loopback", "--passphrase", "a test passphrase"]);
        all.extend(arguments);
        let output = run(self.folder(), "gpg", &all);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let (succeeded, text) = self.try_run(arguments);
        assert!(succeeded, "gpg {arguments:?}: {text}");
        text
    }

    /// Makes a key without a passphrase and exports its certificate.
    pub fn generate(&self, user_id: &str, parameters: &str) -> Vec<u8> {
        let batch = format!("%no-protection\n{parameters}\nName-Email: {user_id}\n%commit\n");
        self.write("batch", batch);
        self.run(&["--generate-key", "batch"]);
        self.export(user_id)
    }

    pub fn export(&self, user_id: &str) -> Vec<u8> {
        self.run(&["--armor", "--output", "exported.asc", "--export", user_id]);
        self.read("exported.asc")
    }
}

impl Drop for GnuPg {
    fn drop(&mut self) {
        run(self.folder(), "gpgconf", &["--homedir", self.folder().to_str().unwrap(), "--kill", "all"]);
    }
}
