//! What a night costs: collect, produce and deliver, and afterwards ingest and expire, from a table of requests to the end of the last
//! password, stage by stage, on either ledger.
//!
//! ```text
//! cargo bench --bench night                                                # 1,000 letters on SQLite, with two workers
//! cargo bench --bench night -- --letters 1000,10000 --ledger sqlite,postgres --workers 1,2,4 --verifier least,default
//! benches/peers/install && cargo bench --bench night -- --peers            # beside what a team would otherwise write
//! ```
//!
//! Each night has a site of its own in a temporary folder, and each stage is a process of the binary, as a schedule starts it: its
//! seconds, its processor time and its peak of memory are its own. The clock of the site is simulated, so that the calendar is the
//! same on every day; chance is the system's. Directly before and after `produce`, verifiers of the same cost are made by as many threads and
//! nothing else: what a night costs is told against these, so that a busy machine slows both. They are a sample, and multiplied. The vendor's
//! receipts, which say of each piece that it was printed and that it was mailed, are written by the stand-in outside the clock.
//!
//! PostgreSQL is a cluster of the bench's own, with the settings that PostgreSQL has by itself: every commit is on the disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark fails loudly, prints, and reads files"
)]

use std::path::PathBuf;

use clap::Parser;

use crate::ledger::LedgerKind;
use crate::night::{Night, Plan};
use crate::verifiers::Verifier;

mod ledger;
mod measured;
mod night;
mod peers;
mod people;
#[path = "../../tests/support/postgres.rs"]
mod postgres;
mod site;
mod table;
mod verifiers;

/// Runs nights, and says what they cost.
#[derive(Parser)]
struct Arguments {
    /// How many letters, one or more numbers.
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    letters: Vec<usize>,
    /// On which ledgers.
    #[arg(long, value_delimiter = ',', default_value = "sqlite")]
    ledger: Vec<LedgerKind>,
    /// How many workers.
    #[arg(long, value_delimiter = ',', default_value = "2")]
    workers: Vec<u16>,
    /// What the verifiers cost.
    #[arg(long, value_delimiter = ',', default_value = "least,default")]
    verifier: Vec<Verifier>,
    /// The most letters in a package.
    #[arg(long, default_value_t = 1000)]
    letters_a_package: u32,
    /// Where sites and databases lie meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// Leaves out import, receipts, ingest and expiry.
    #[arg(long)]
    night_alone: bool,
    /// Beside it, the same night of 1,000 letters by the scripts of benches/peers.
    #[arg(long)]
    peers: bool,
    /// Writes everything that was measured there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let before = table::load();
    let mut nights: Vec<Night> = Vec::new();
    for plan in plans(&arguments) {
        eprintln!("{plan}, load {} …", table::load());
        nights.push(night::measure(&plan, &arguments.folder));
        eprintln!("{}", table::in_short(nights.last().unwrap()));
    }
    let peers = if arguments.peers { peers::measure(&arguments.folder) } else { Vec::new() };
    if let Some(file) = &arguments.json {
        let all = serde_json::json!({ "load": [before, table::load()], "nights": nights, "peers": peers });
        std::fs::write(file, format!("{all:#}\n")).unwrap();
    }
    table::print(&nights, &peers);
    println!("\nLoad average {before} before, {} after.", table::load());
}

/// Every combination. What comes after the night does not depend on workers and verifiers, and is measured with the first of each.
fn plans(arguments: &Arguments) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for ledger in arguments.ledger.iter().copied() {
        for verifier in arguments.verifier.iter().copied() {
            for workers in arguments.workers.iter().copied() {
                for letters in arguments.letters.iter().copied() {
                    let is_first = !plans.iter().any(|plan| plan.ledger == ledger && plan.letters == letters);
                    let with_aftermath = is_first && !arguments.night_alone;
                    let letters_a_package = arguments.letters_a_package;
                    plans.push(Plan { ledger, verifier, workers, letters, letters_a_package, with_aftermath });
                }
            }
        }
    }
    plans
}
