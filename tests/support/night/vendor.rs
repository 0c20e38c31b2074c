//! A vendor that takes packages out of its inbox while the night is still at work.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::site::{NightSite, names};

/// How often it looks: as soon as can be, without taking a core for itself.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// What the vendor who takes its time takes of it.
const IN_ITS_OWN_TIME: Duration = Duration::from_millis(50);

/// When a vendor takes a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// When its `.ready` is there.
    Careful,
    /// When the package itself has its name, whether or not `.ready` is there.
    Sloppy,
    /// When its `.ready` has been there for fifty milliseconds.
    Slow,
}

/// A package as it was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// `NAME.zip.pgp`.
    pub file: String,
    /// What was in it.
    pub sealed: Vec<u8>,
}

/// The vendor at work, in a thread.
pub struct Vendor {
    stop: Sender<()>,
    seen: Receiver<()>,
    thread: JoinHandle<Vec<Taken>>,
}

impl Vendor {
    /// Begins to look into the site's inbox.
    pub fn start(site: &NightSite, manner: Manner) -> Self {
        let (inbox, taken) = (site.path("vendor/inbox"), site.path("vendor/taken"));
        let ((stop, stopped), (tell, seen)) = (mpsc::channel(), mpsc::channel());
        let thread = std::thread::spawn(move || work(&inbox, &taken, manner, &stopped, &tell));
        Self { stop, seen, thread }
    }

    /// Waits until this vendor has taken so many packages, or the limit is over.
    pub fn wait_for(&self, packages: u64, limit: Duration) {
        let end = Instant::now() + limit;
        for _ in 0..packages {
            if self.seen.recv_timeout(end.saturating_duration_since(Instant::now())).is_err() {
                return;
            }
        }
    }

    /// Ends after a last look, and gives all that was ever taken, in order.
    pub fn finish(self) -> Vec<Taken> {
        drop(self.stop);
        self.thread.join().unwrap()
    }
}

fn work(inbox: &Path, folder: &Path, manner: Manner, stopped: &Receiver<()>, tell: &Sender<()>) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut seen = BTreeMap::new();
    loop {
        let is_last = stopped.recv_timeout(LOOK_AGAIN) == Err(RecvTimeoutError::Disconnected);
        let before = taken.len();
        let patience = if manner == Manner::Slow && !is_last { IN_ITS_OWN_TIME } else { Duration::ZERO };
        take_all(inbox, folder, manner, patience, &mut seen, &mut taken);
        for _ in before..taken.len() {
            // Nobody may be listening.
            let _ = tell.send(());
        }
        if is_last {
            return taken;
        }
    }
}

/// One look: every package that this vendor thinks it may take is moved away, and what was announced with it.
fn take_all(
    inbox: &Path,
    folder: &Path,
    manner: Manner,
    patience: Duration,
    seen: &mut BTreeMap<String, Instant>,
    taken: &mut Vec<Taken>,
) {
    let found = names(inbox);
    let wanted = |name: &&String| match manner {
        Manner::Careful | Manner::Slow => name.ends_with(".ready"),
        Manner::Sloppy => name.ends_with(".zip.pgp"),
    };
    for name in found.iter().filter(wanted) {
        if seen.entry(name.clone()).or_insert_with(Instant::now).elapsed() < patience {
            continue;
        }
        let package = name.trim_end_matches(".ready").trim_end_matches(".zip.pgp");
        let file = format!("{package}.zip.pgp");
        let target = free_name(folder, &file);
        if fs::rename(inbox.join(&file), &target).is_ok() {
            taken.push(Taken { file, sealed: fs::read(&target).unwrap() });
        }
    }
    for name in names(inbox).iter().filter(|name| name.ends_with(".ready")) {
        if folder.join(name.replace(".ready", ".zip.pgp")).exists() {
            fs::rename(inbox.join(name), folder.join(name)).unwrap();
        }
    }
}

/// A package that comes a second time must not hide the first one.
fn free_name(folder: &Path, file: &str) -> PathBuf {
    let mut target = folder.join(file);
    while target.exists() {
        target.as_mut_os_string().push(".again");
    }
    target
}
