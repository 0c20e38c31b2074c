//! How long the help desk and the sign-in portal wait for one record among ten million.
//!
//! ```text
//! cargo bench --bench lookups                                             # 10,000,000 letters on SQLite, some 15 GB for a while
//! cargo bench --bench lookups -- --letters 100000 --ledger sqlite,postgres
//! ```
//!
//! A site runs a night of a thousand letters, which are delivered and receipted. Then its requests, packages, letters and receipts are
//! copied by SQL until there are as many as asked for, each copy with an id, an account, a reference and a barcode of its own, in random
//! order. Look-ups go through the ledger as the commands make them, each for a record that is drawn anew. `password check` is measured apart from its
//! verifier and from the count of the try, which is a write. Cold is SQLite's file out of the system's cache and a connection that has
//! read nothing but the site's mark.
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
use crate::night::Plan;
use crate::site::Site;
use crate::verifiers::Verifier;

mod copies;
#[allow(dead_code, reason = "each bench uses its own part of this")]
#[path = "../night/ledger.rs"]
mod ledger;
mod looking;
#[path = "../night/measured.rs"]
mod measured;
#[allow(dead_code, reason = "each bench uses its own part of this")]
#[path = "../night/night.rs"]
mod night;
#[allow(dead_code, reason = "each bench uses its own part of this")]
#[path = "../night/people.rs"]
mod people;
#[path = "../../tests/support/postgres.rs"]
mod postgres;
#[path = "../night/site.rs"]
mod site;
#[allow(dead_code, reason = "each bench uses its own part of this")]
#[path = "../night/verifiers.rs"]
mod verifiers;

/// How many letters are copied.
const PATTERNS: usize = 1_000;

/// Fills ledgers, and says how long a look-up takes.
#[derive(Parser)]
struct Arguments {
    /// How many letters, at least.
    #[arg(long, default_value_t = 10_000_000)]
    letters: u64,
    /// In which ledgers.
    #[arg(long, value_delimiter = ',', default_value = "sqlite")]
    ledger: Vec<LedgerKind>,
    /// How many look-ups of each kind.
    #[arg(long, default_value_t = 1000)]
    look_ups: usize,
    /// Where sites lie meanwhile.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("| ledger | letters | look-up | cold: median, ms | 99 of 100, ms | warm: median, ms | 99 of 100, ms |");
    println!("|---|--:|---|--:|--:|--:|--:|");
    for kind in &arguments.ledger {
        let folder = std::path::absolute(&arguments.folder).unwrap();
        let root = tempfile::Builder::new().prefix("lookups-").tempdir_in(folder).unwrap();
        let plan = Plan {
            ledger: *kind,
            verifier: Verifier::Least,
            workers: 2,
            letters: PATTERNS,
            letters_a_package: 1000,
            with_aftermath: false,
        };
        // The site's own work blocks a thread and brings a runtime of its own.
        let in_root = root.path().to_owned();
        let site = tokio::task::spawn_blocking(move || a_night(&plan, &in_root)).await.unwrap();
        eprintln!("a night of {PATTERNS} letters on {kind} is done; copying …");
        let copies = copies::make(&site.store, arguments.letters).await;
        eprintln!("{} letters in {:.0} s; looking …", copies.letters(), copies.seconds);
        looking::look(&site, *kind, &copies, arguments.look_ups).await;
    }
}

/// A site whose letters are mailed.
fn a_night(plan: &Plan, root: &std::path::Path) -> Site {
    let mut site = Site::make(plan, root, "site");
    site.store.insert(people::requests(plan.letters, site::NIGHT.parse().unwrap()));
    for stage in ["collect", "produce", "deliver"] {
        site.run(&[stage]);
    }
    night::receipts(&mut site);
    site
}
