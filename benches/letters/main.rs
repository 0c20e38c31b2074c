//! How fast letters are printed and how much they weigh, beside peers that print the same letter.
//!
//! ```text
//! benches/peers/install                  # the peers, in a folder of their own under target/
//! cargo bench --bench letters            # everything in one run, as a table; `-- --help` says what else
//! ```
//!
//! Measured is everything from a recipient, a password and dates to a finished file that was proofread: shaping,
//! barcode, mark, pages, file, and the reading of it. Passwords are drawn and people made up before the clock starts, a
//! package at a time; compiling the stationery, and starting a peer, are not on the clock either. Each measure runs in a
//! process of its own, for its own peak of memory, with the allocator of the binary, which wipes what it frees.
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
use std::path::PathBuf;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

use crate::measure::Product;

mod measure;
mod people;
#[path = "../peers/printpdf.rs"]
mod plain_printpdf;
mod table;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Prints letters, and says how long it took.
#[derive(Parser)]
struct Arguments {
    /// One JSON document in place of the table.
    #[arg(long)]
    json: bool,
    /// How many letters, one or more numbers; the peers print 1,000, the fast ones also 10,000.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    letters: Vec<usize>,
    /// Nothing but letterpost.
    #[arg(long)]
    no_peers: bool,
    /// One measure in this process, as JSON.
    #[arg(long, requires = "product")]
    measure: Option<Printer>,
    /// What is made in the one measure.
    #[arg(long)]
    product: Option<Product>,
    /// Threads of the one measure.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Writes the first letter of the one measure there.
    #[arg(long)]
    show: Option<PathBuf>,
    /// Writes what so many letters say, one a line, and does nothing else.
    #[arg(long)]
    tell: Option<usize>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Who prints within this program.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Printer {
    Letterpost,
    Printpdf,
}

fn main() {
    let arguments = Arguments::parse();
    if let Some(letters) = arguments.tell {
        people::tell(letters, &mut std::io::stdout().lock()).unwrap();
        return;
    }
    let (Some(printer), Some(product)) = (arguments.measure, arguments.product) else {
        table::compare(&arguments.letters, !arguments.no_peers, arguments.json);
        return;
    };
    if let Some(file) = arguments.show {
        let people = people::people(0, 1);
        let pdf = match printer {
            Printer::Letterpost => measure::first_letter(product),
            Printer::Printpdf => plain_printpdf::Press::new().merged(&people),
        };
        std::fs::write(file, pdf).unwrap();
        return;
    }
    let letters = arguments.letters[0];
    let figures = match printer {
        Printer::Letterpost => measure::letterpost(product, letters, arguments.threads),
        Printer::Printpdf => measure::printpdf(product, letters),
    };
    println!("{}", serde_json::to_string(&figures).unwrap());
}
