//! How the audit log grows: what an entry, a head, a proof and a check of the whole cost at one size and at the next.
//!
//! ```text
//! cargo bench --bench audit                              # 1,000, 10,000 and 100,000 entries, as a table
//! cargo bench --bench audit -- --entries 1000,1000000    # other sizes
//! cargo bench --bench audit -- --folder /dev/shm         # without what the disk takes to make each entry durable
//! ```
//!
//! One log grows through the sizes by the ledger's own append: each entry is a transaction, as a start of a run makes it, and is on
//! the disk when the call returns. The entries of one letter are spread over the log, so that its proof has to look everywhere. A
//! check and a proof run in a process each, for its own peak of memory, with the allocator of the binary, which wipes what it frees.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark fails loudly, prints, and reads files"
)]

use std::alloc::System;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use zeroizing_alloc::ZeroAlloc;

use crate::log::{Log, SITE_LETTER};

mod log;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Grows a log, and says what it costs.
#[derive(Parser)]
struct Arguments {
    /// The sizes, one or more numbers of entries.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    entries: Vec<u64>,
    /// Where the ledger lies meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// One measure in this process, as JSON.
    #[arg(long, requires = "ledger")]
    measure: Option<Measure>,
    /// The ledger of the one measure.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured in a process of its own.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    Verify,
    Prove,
}

/// How long one measure took, and how much memory.
#[derive(serde::Serialize, serde::Deserialize)]
struct Figures {
    ms: f64,
    peak_mib: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    match (arguments.measure, &arguments.ledger) {
        (Some(measure), Some(ledger)) => println!("{}", serde_json::to_string(&one(measure, ledger).await).unwrap()),
        _ => table(&arguments).await,
    }
}

/// The log at each of the sizes.
async fn table(arguments: &Arguments) {
    let folder = tempfile::tempdir_in(&arguments.folder).unwrap();
    let path = folder.path().join("letterpost.db");
    let mut log = Log::create(&path).await;
    println!(
        "| entries | append, µs an entry | head, ms | verify, ms | verify, µs an entry | peak, MiB | prove, ms | peak, MiB | proof, bytes | ledger, MB |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for size in &arguments.entries {
        log.grow_to(*size - log::TAIL).await;
        log.take_head().await;
        // What is measured is the last stretch, at this size, and the head over it.
        let append = timed(async { log.grow_to(*size).await }).await / log::TAIL as f64;
        let head = timed(async { log.take_head().await }).await;
        let (verify, prove) = (apart("verify", &path), apart("prove", &path));
        println!(
            "| {size} | {:.0} | {head:.1} | {:.0} | {:.1} | {:.0} | {:.1} | {:.0} | {} | {:.1} |",
            append * 1000.0,
            verify.ms,
            verify.ms * 1000.0 / *size as f64,
            verify.peak_mib,
            prove.ms,
            prove.peak_mib,
            log.proof(SITE_LETTER).await.len(),
            std::fs::metadata(&path).unwrap().len() as f64 / 1e6,
        );
    }
}

async fn timed(work: impl Future<Output = ()>) -> f64 {
    let start = Instant::now();
    work.await;
    start.elapsed().as_secs_f64() * 1000.0
}

/// One measure in a new process.
fn apart(measure: &str, ledger: &Path) -> Figures {
    let told = Command::new(std::env::current_exe().unwrap())
        .args(["--measure", measure, "--ledger"])
        .arg(ledger)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

async fn one(measure: Measure, ledger: &Path) -> Figures {
    let log = Log::open(ledger).await;
    let ms = match measure {
        Measure::Verify => timed(async { log.verify().await }).await,
        Measure::Prove => timed(async { drop(log.proof(SITE_LETTER).await) }).await,
    };
    Figures { ms, peak_mib: peak_mib() }
}

/// The most memory that this process has held at once (`VmHWM`).
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}
