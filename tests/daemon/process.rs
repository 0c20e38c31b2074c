//! A daemon that is a process, on a site of real files: how a test starts it, asks it and ends it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::night::{Ended, NIGHT_LIMIT, NightSite, Started, start, wait_until};

/// A site with the nightly job alone, on which so many people wait.
pub fn site(letters: usize, letters_a_package: u32, memory_kib: u32) -> NightSite {
    let site = NightSite::with_requests(letters, letters_a_package, memory_kib);
    for name in site.names("jobs") {
        if name != "nightly.toml" {
            fs::remove_file(site.path(&format!("jobs/{name}"))).unwrap();
        }
    }
    site.configure("# listen = \"127.0.0.1:9464\"", "listen = \"127.0.0.1:0\"");
    site
}

/// A daemon under way.
pub struct Daemon(pub Started);

impl Daemon {
    /// Starts one at half past ten in the evening: the night is due.
    pub fn start(site: &NightSite) -> Self {
        Self(site.start(&["daemon"]))
    }

    /// Starts one at this instant.
    pub fn start_at(site: &NightSite, now: &str) -> Self {
        let mut command: Command = site.command(&["daemon"]);
        command.env("LETTERPOST_SIMULATED_NOW", now);
        Self(start(command))
    }

    /// Waits until it has said this.
    pub fn wait_until_it_says(&self, text: &str) {
        self.0.wait_until_it_says(text);
    }

    /// Has it read its configuration anew, and look at once.
    pub fn hang_up(&self) {
        self.0.signal(Signal::HUP);
    }

    /// Asks it to stop, which it must do well.
    pub fn stop(self) -> Ended {
        self.0.signal(Signal::TERM);
        let ended = self.0.finish(NIGHT_LIMIT);
        assert_eq!(ended.exit, Some(0), "{ended:?}");
        assert!(ended.said.trim_end().ends_with("stopped"), "{ended:?}");
        ended
    }

    /// What it answers: the status and the body.
    pub fn ask(&self, path: &str) -> (u16, String) {
        self.wait_until_it_says("figures: http://");
        let said = self.0.said();
        let address = said.split("figures: http://").nth(1).unwrap().split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// What `/health` answers: the status and the document.
    pub fn health(&self) -> (u16, Value) {
        let (status, body) = self.ask("/health");
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Waits until `/health` names a reason of this kind, or none, and gives the document.
    pub fn wait_for_reason(&self, what: Option<&str>) -> Value {
        let mut found = Value::Null;
        wait_until(&format!("{what:?} in /health"), || {
            let (status, health) = self.health();
            let reasons = health["reasons"].as_array().unwrap();
            let is_so = match what {
                Some(what) => status == 503 && reasons.iter().any(|reason| reason["what"] == what),
                None => status == 200 && reasons.is_empty(),
            };
            found = health;
            is_so
        });
        found
    }
}
