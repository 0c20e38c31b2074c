//! One night, and what comes after it.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::ledger::LedgerKind;
use crate::measured::Measured;
use crate::people;
use crate::site::{NIGHT, Site, mib};
use crate::verifiers::{self, Pace, Verifier};

/// The vendor takes packages before its cut-off, prints, and mails on the same day; its receipts are read after each.
const TAKEN_AT: &str = "2026-03-04T05:00:00-05:00";
const PRINTED_AT: &str = "2026-03-04T14:00:00-05:00";
const MAILED_AT: &str = "2026-03-04T23:00:00-05:00";
/// After the last day of the last password, also outside the contiguous United States.
const ENDED_AT: &str = "2026-04-10T01:00:00-04:00";

/// What is measured.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub ledger: LedgerKind,
    pub verifier: Verifier,
    pub workers: u16,
    pub letters: usize,
    pub letters_a_package: u32,
    #[serde(skip)]
    pub with_aftermath: bool,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ledger, verifier, workers, letters, .. } = self;
        write!(f, "{letters} letters, {ledger}, {workers} workers, verifier {verifier}")
    }
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Night {
    pub plan: Plan,
    /// Letters that were delivered; the demo's own are among them.
    pub letters: u64,
    pub collect: Measured,
    pub produce: Measured,
    pub deliver: Measured,
    pub checkpoint: Measured,
    /// Of verifiers where nothing else is done.
    pub verifiers: Pace,
    pub ledger_mib: f64,
    pub spool_mib: f64,
    /// MiB that the night put on disks: by its processes, and by the database's log.
    pub written_mib: f64,
    pub log_mib: Option<f64>,
    pub aftermath: Option<Aftermath>,
}

/// What does not depend on workers or verifiers.
#[derive(Debug, Clone, Serialize)]
pub struct Aftermath {
    /// Of the same requests, from a file.
    pub import: Measured,
    /// Of receipts that say of every letter that it is printed.
    pub ingest_printed: Measured,
    /// And that it is mailed.
    pub ingest_mailed: Measured,
    pub expire: Measured,
}

impl Night {
    /// The stages that the promise is about: collect, produce and deliver.
    pub fn seconds(&self) -> f64 {
        self.collect.seconds + self.produce.seconds + self.deliver.seconds
    }

    /// Seconds a letter.
    pub fn a_letter(&self) -> f64 {
        self.seconds() / self.letters as f64
    }

    /// Seconds that the verifiers of all letters take where nothing else is done.
    pub fn verifiers_seconds(&self) -> f64 {
        self.letters as f64 / self.verifiers.a_second
    }

    /// Seconds of processors, of the same stages.
    pub fn processor_seconds(&self) -> f64 {
        [self.collect, self.produce, self.deliver].iter().map(|stage| stage.processor_seconds).sum()
    }

    /// The largest process.
    pub fn peak_mib(&self) -> f64 {
        [self.collect, self.produce, self.deliver, self.checkpoint]
            .iter()
            .map(|stage| stage.peak_mib)
            .fold(0.0, f64::max)
    }
}

/// Runs a night on a new site in this folder.
pub fn measure(plan: &Plan, folder: &Path) -> Night {
    let root = tempfile::Builder::new().prefix("night-").tempdir_in(std::path::absolute(folder).unwrap()).unwrap();
    let mut site = Site::make(plan, root.path(), "site");
    site.store.insert(people::requests(plan.letters, NIGHT.parse().unwrap()));
    let log_before = site.store.log_mib();
    let (collect, _) = site.run(&["collect"]);
    // Half of the sample before and half after: whatever else the machine does, it does to both.
    let before = verifiers::pace(plan.verifier, plan.workers);
    let (produce, made) = site.run(&["produce", "--workers", &plan.workers.to_string()]);
    let after = verifiers::pace(plan.verifier, plan.workers);
    let (deliver, _) = site.run(&["deliver"]);
    let (checkpoint, _) = site.run(&["checkpoint"]);
    let letters = made["did"]["letters"].as_u64().unwrap_or_else(|| panic!("{made}"));
    assert!(letters >= plan.letters as u64, "{letters} letters of {} requests: {made}", plan.letters);
    let log_mib = site.store.log_mib().zip(log_before).map(|(after, before)| after - before);
    let mut night = Night {
        plan: plan.clone(),
        letters,
        verifiers: before.between(after),
        ledger_mib: site.store.ledger_mib(),
        spool_mib: mib(&site.path("spool")),
        written_mib: [collect, produce, deliver, checkpoint].iter().map(|stage| stage.written_mib).sum(),
        log_mib,
        collect,
        produce,
        deliver,
        checkpoint,
        aftermath: None,
    };
    if plan.with_aftermath {
        night.aftermath = Some(aftermath(plan, &mut site, root.path(), letters));
    }
    night
}

/// Has the vendor take all packages, print and mail them; its receipts are read after each. What that took for what is printed, and for
/// what is mailed, and what the last reading did.
pub fn receipts(site: &mut Site) -> ((Measured, Measured), serde_json::Value) {
    let inbox = site.path("vendor/inbox");
    let mut look = |now| {
        site.at(now);
        site.run(&["vendor", "simulate", inbox.to_str().unwrap(), "--once"]);
        site.run(&["ingest"])
    };
    look(TAKEN_AT);
    let (printed, _) = look(PRINTED_AT);
    let (mailed, taken) = look(MAILED_AT);
    ((printed, mailed), taken)
}

fn aftermath(plan: &Plan, site: &mut Site, root: &Path, letters: u64) -> Aftermath {
    let ((ingest_printed, ingest_mailed), taken) = receipts(site);
    site.at(ENDED_AT);
    let (expire, ended) = site.run(&["expire"]);
    let count = |shown: &serde_json::Value, of: &str| shown["did"][of].as_u64().unwrap_or_else(|| panic!("{shown}"));
    assert_eq!((count(&taken, "mailed"), count(&ended, "expired")), (letters, letters), "{taken} {ended}");
    let other = Site::make(plan, root, "import");
    let file = root.join("requests.csv");
    std::fs::write(&file, people::csv(plan.letters, NIGHT.parse().unwrap())).unwrap();
    let (import, _) = other.run(&["request", "import", file.to_str().unwrap()]);
    Aftermath { import, ingest_printed, ingest_mailed, expire }
}
