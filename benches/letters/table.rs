//! Every measure in one run, one after another, and the table of them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::ValueEnum as _;
use serde::Serialize;

use crate::measure::{Figures, Product};
use crate::people;

/// Each measure is made again until this much time has gone into it.
const ENOUGH_SECONDS: f64 = 10.0;
const MOST_RUNS: usize = 5;
/// What peers print, and what they print too where that takes less than a minute.
const PEER_LETTERS: usize = 1_000;
const MORE_PEER_LETTERS: usize = 10_000;
const MOST_PEER_SECONDS: f64 = 60.0;
const PEERS: [&str; 4] = ["printpdf", "typst", "reportlab", "weasyprint"];

/// One row of the table.
#[derive(Serialize)]
struct Measured {
    printer: &'static str,
    product: Product,
    letters: usize,
    threads: usize,
    /// The fastest run.
    figures: Figures,
    /// Letters a second in each run.
    runs: Vec<f64>,
    /// The time that a letter takes, against that among the fewest letters.
    against_fewest: Option<f64>,
}

/// Measures everything and prints it.
pub fn compare(letters: &[usize], with_peers: bool, as_json: bool) {
    let load_before = load();
    let mut rows = ours(letters);
    if with_peers {
        rows.extend(PEERS.into_iter().flat_map(peer));
    }
    if as_json {
        let load = serde_json::json!({ "before": load_before, "after": load() });
        println!("{:#}", serde_json::json!({ "load_average": load, "measures": rows }));
    } else {
        rows_as_markdown(&rows);
        println!("\nLoad average {load_before} before, {} after.", load());
    }
}

fn ours(letters: &[usize]) -> Vec<Measured> {
    let mut rows: Vec<Measured> = Vec::new();
    for product in [Product::PrintStream, Product::LetterFiles] {
        for threads in [1, 2] {
            let mut fewest = None;
            for letters in letters.iter().copied() {
                let command = || within("letterpost", product, letters, threads);
                let Some((figures, runs)) = measured(command) else { continue };
                let fewest = *fewest.get_or_insert(figures.letters_a_second);
                let against_fewest = Some(fewest / figures.letters_a_second);
                rows.push(Measured { printer: "letterpost", product, letters, threads, figures, runs, against_fewest });
            }
        }
    }
    rows
}

/// A peer's measures, as many as take a bearable time.
fn peer(printer: &'static str) -> Vec<Measured> {
    let mut rows = Vec::new();
    for product in [Product::PrintStream, Product::LetterFiles] {
        for letters in [PEER_LETTERS, MORE_PEER_LETTERS] {
            let taking = |row: &Measured| letters as f64 / row.figures.letters_a_second;
            let last = rows.last().filter(|row: &&Measured| row.product == product);
            if last.is_some_and(|row| taking(row) > MOST_PEER_SECONDS) {
                continue;
            }
            let command = || match printer {
                "printpdf" => within(printer, product, letters, 1),
                _ => script(printer, product, letters),
            };
            if printer != "printpdf" && !python().exists() {
                eprintln!("{printer} is left out: benches/peers/install makes {}", python().display());
                return rows;
            }
            let Some((figures, runs)) = measured(command) else { continue };
            rows.push(Measured { printer, product, letters, threads: 1, figures, runs, against_fewest: None });
        }
    }
    rows
}

/// The fastest of some runs, each in a new process, and how fast each was; `None` where it failed, which is told.
fn measured(command: impl Fn() -> Command) -> Option<(Figures, Vec<f64>)> {
    let start = Instant::now();
    let (mut best, mut runs) = (Figures::default(), Vec::new());
    while runs.len() < MOST_RUNS && start.elapsed().as_secs_f64() < ENOUGH_SECONDS {
        let mut command = command();
        let done = command.stderr(Stdio::inherit()).output().unwrap();
        let Some(figures) = serde_json::from_slice::<Figures>(&done.stdout).ok().filter(|_| done.status.success())
        else {
            eprintln!("{} failed ({}) and is left out", told(&command), done.status);
            return None;
        };
        eprintln!("{} {:.0} letters a second", told(&command), figures.letters_a_second);
        runs.push(figures.letters_a_second);
        if figures.letters_a_second > best.letters_a_second {
            best = figures;
        }
    }
    Some((best, runs))
}

/// A command's words without the folders of this machine.
fn told(command: &Command) -> String {
    let last = |word: &OsStr| Path::new(word).file_name().unwrap_or(word).to_string_lossy().into_owned();
    command.get_args().map(last).collect::<Vec<_>>().join(" ")
}

/// A measure by this program.
fn within(printer: &str, product: Product, letters: usize, threads: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--measure", printer, "--product", &name(product)]);
    command.args(["--letters", &letters.to_string(), "--threads", &threads.to_string()]);
    command
}

/// A measure by a peer in Python.
fn script(printer: &str, product: Product, letters: usize) -> Command {
    let told = root().join(format!("target/peers/letters-{letters}.jsonl"));
    people::tell(letters, &mut std::fs::File::create(&told).unwrap()).unwrap();
    let mut command = Command::new(python());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(root().join(format!("benches/peers/{printer}_letters.py"))).arg(told).arg(name(product));
    command
}

fn name(product: Product) -> String {
    product.to_possible_value().unwrap().get_name().to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The peers' own Python.
fn python() -> PathBuf {
    root().join("target/peers/bin/python")
}

/// How busy the machine is: the mean of the last minute.
fn load() -> String {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap();
    told.split(' ').next().unwrap().to_owned()
}

fn rows_as_markdown(rows: &[Measured]) {
    println!(
        "| printer | product | letters | threads | letters a second | processor, µs | print, µs | proofread, µs | check before, µs | \
         bytes a letter | peak, MiB | time a letter against the fewest |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let figures = &row.figures;
        let step = |time: Option<f64>| time.map_or_else(String::new, |time| format!("{time:.1}"));
        println!(
            "| {} | {} | {} | {} | {} | {:.1} | {} | {} | {} | {} | {:.0} | {} |",
            row.printer,
            name(row.product).replace('-', " "),
            grouped(row.letters as f64),
            row.threads,
            grouped(figures.letters_a_second),
            figures.processor_us,
            step(figures.print_us),
            step(figures.proofread_us),
            step(figures.check_us),
            grouped(figures.bytes_a_letter),
            figures.peak_mib,
            row.against_fewest.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        );
    }
}

/// A whole number with commas.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let places = digits.len();
    let comma = |(place, digit): (usize, char)| {
        let apart = place > 0 && (places - place).is_multiple_of(3);
        apart.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}
