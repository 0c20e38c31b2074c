//! One command in a process of its own, and what it took.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a process took.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Measured {
    pub seconds: f64,
    /// Of all its threads.
    pub processor_seconds: f64,
    /// The most memory that it held at once.
    pub peak_mib: f64,
    /// What it gave to the disks.
    pub written_mib: f64,
}

/// Runs a command, which must end with "done" or "done, and a person is needed"; what it took, and the JSON that it wrote.
pub fn run(command: &Command, folder: &Path) -> (Measured, Value) {
    let told = folder.join("measured.json");
    let mut measuring = Command::new("python3");
    measuring.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/measured.py")).arg(&told);
    measuring.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measuring.env(name, value),
            None => measuring.env_remove(name),
        };
    }
    let done = measuring.stdin(Stdio::null()).output().expect("the bench needs python3");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(matches!(done.status.code(), Some(0 | 1)), "{command:?}\n{}{}", text(&done.stdout), text(&done.stderr));
    let measured = serde_json::from_slice(&std::fs::read(told).unwrap()).unwrap();
    (measured, serde_json::from_slice(&done.stdout).unwrap_or_default())
}
