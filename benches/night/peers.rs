//! The same night by the scripts of `benches/peers`, of 1,000 of the same requests.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::measured::Measured;
use crate::people;
use crate::site::NIGHT;
use crate::verifiers::Verifier;

/// How many letters a script makes.
const LETTERS: usize = 1_000;

/// What one script took.
#[derive(Serialize)]
pub struct Peer {
    pub printer: &'static str,
    /// As by default, or none, which stands beside the least.
    pub verifier: Verifier,
    pub letters: usize,
    pub measured: Measured,
}

/// Runs each script without verifiers and with them; none where they are not installed, which is told.
pub fn measure(folder: &Path) -> Vec<Peer> {
    if !python().exists() {
        eprintln!("the scripts are left out: benches/peers/install makes {}", python().display());
        return Vec::new();
    }
    let folder = tempfile::Builder::new().prefix("peers-").tempdir_in(std::path::absolute(folder).unwrap()).unwrap();
    let requests = folder.path().join("requests.csv");
    std::fs::write(&requests, people::csv(LETTERS, NIGHT.parse().unwrap())).unwrap();
    let mut peers = Vec::new();
    for printer in ["reportlab", "weasyprint"] {
        for verifier in [Verifier::Least, Verifier::Default] {
            let site = folder.path().join(format!("{printer}-{verifier}"));
            let measured = script(&site, &requests, printer, verifier == Verifier::Default);
            eprintln!("{printer}, verifiers {verifier}: {:.1} s", measured.seconds);
            peers.push(Peer { printer, verifier, letters: LETTERS, measured });
        }
    }
    peers
}

fn script(site: &Path, requests: &Path, printer: &str, with_verifiers: bool) -> Measured {
    let mut command = Command::new(python());
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(root().join("benches/peers/night.py"));
    command.arg(site).arg(requests).arg(printer).args(with_verifiers.then_some("--verifiers"));
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The scripts' own Python.
fn python() -> PathBuf {
    root().join("target/peers/bin/python")
}
