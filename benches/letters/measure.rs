//! One measure in a process of its own, so that its peak of memory is its own.

use std::time::{Duration, Instant};

use letterpost::letter::{SheetGeometry, Stationery, TemplateSet};
use serde::{Deserialize, Serialize};

use crate::people::{document, letterhead, people, pieces};
use crate::plain_printpdf;

/// What is made of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// All letters of a package one after another in one file.
    PrintStream,
    /// A file for each letter.
    LetterFiles,
}

impl Product {
    /// The most letters in a package.
    fn most(self) -> usize {
        match self {
            Self::PrintStream => 1_000,
            Self::LetterFiles => 4_500,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Letters a second, of all threads together.
    pub letters_a_second: f64,
    /// Microseconds that one thread takes for one letter, step by step; `None` where there is no such step.
    pub print_us: Option<f64>,
    pub proofread_us: Option<f64>,
    /// Before a password is minted: apart from the others.
    pub check_us: Option<f64>,
    pub bytes_a_letter: f64,
    /// The most memory that the process held at once.
    pub peak_mib: f64,
}

/// What one thread has done, apart from making up people.
#[derive(Default)]
struct Work {
    check: Duration,
    print: Duration,
    proofread: Duration,
    bytes: usize,
}

/// Prints so many letters in packages, each thread its share of packages, all from one stationery.
pub fn letterpost(product: Product, letters: usize, threads: usize) -> Figures {
    let stationery = Stationery::compile(&TemplateSet::builtin(), &letterhead(), &SheetGeometry::default()).unwrap();
    let packages = letters.div_ceil(product.most()).next_multiple_of(threads);
    let work_of = |thread: usize| {
        let mut work = Work::default();
        for package in (thread..packages).step_by(threads) {
            let (first, end) = (package * letters / packages, (package + 1) * letters / packages);
            one_package(&stationery, product, package, first..end, &mut work);
        }
        work
    };
    let works: Vec<Work> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work_of(thread))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let longest = works.iter().map(|work| work.print + work.proofread).max().unwrap();
    let each = |step: fn(&Work) -> Duration| {
        Some(works.iter().map(step).sum::<Duration>().as_secs_f64() * 1e6 / letters as f64)
    };
    Figures {
        letters_a_second: letters as f64 / longest.as_secs_f64(),
        print_us: each(|work| work.print),
        proofread_us: each(|work| work.proofread),
        check_us: each(|work| work.check),
        bytes_a_letter: works.iter().map(|work| work.bytes).sum::<usize>() as f64 / letters as f64,
        peak_mib: peak_mib(),
    }
}

/// One package, of which nothing is left when it is measured.
fn one_package(
    stationery: &Stationery,
    product: Product,
    number: usize,
    letters: std::ops::Range<usize>,
    work: &mut Work,
) {
    let people = people(letters.start, letters.len());
    let document = document(number);
    let start = Instant::now();
    let mut checker = stationery.checker(document.mode);
    people.iter().for_each(|person| checker.check(&person.recipient).unwrap());
    drop(checker);
    work.check += start.elapsed();
    let start = Instant::now();
    let pieces = pieces(&people);
    match product {
        Product::PrintStream => {
            let stream = stationery.print_stream(&document, &pieces).unwrap();
            work.print += start.elapsed();
            let start = Instant::now();
            assert_eq!(stationery.proofread(&document, &pieces, &stream).unwrap(), []);
            work.proofread += start.elapsed();
            work.bytes += stream.pdf.len();
        }
        Product::LetterFiles => {
            let printed = stationery.letter_files(&document, &pieces).unwrap();
            work.print += start.elapsed();
            let start = Instant::now();
            assert_eq!(stationery.proofread_files(&document, &pieces, &printed).unwrap(), []);
            work.proofread += start.elapsed();
            work.bytes += printed.files.iter().map(|file| file.len()).sum::<usize>();
        }
    }
}

/// The same letters by printpdf alone.
pub fn printpdf(product: Product, letters: usize) -> Figures {
    let press = plain_printpdf::Press::new();
    let (mut spent, mut bytes) = (Duration::ZERO, 0);
    for first in (0..letters).step_by(Product::PrintStream.most()) {
        let people = people(first, Product::PrintStream.most().min(letters - first));
        let start = Instant::now();
        bytes += match product {
            Product::PrintStream => press.merged(&people).len(),
            Product::LetterFiles => people.iter().zip(1..).map(|(person, n)| press.one(person, n).len()).sum(),
        };
        spent += start.elapsed();
    }
    Figures {
        letters_a_second: letters as f64 / spent.as_secs_f64(),
        print_us: Some(spent.as_secs_f64() * 1e6 / letters as f64),
        bytes_a_letter: bytes as f64 / letters as f64,
        peak_mib: peak_mib(),
        ..Figures::default()
    }
}

/// The most memory that this process has held at once (`VmHWM`).
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}

/// The first letter of all, to look at.
pub fn first_letter(product: Product) -> Vec<u8> {
    let stationery = Stationery::compile(&TemplateSet::builtin(), &letterhead(), &SheetGeometry::default()).unwrap();
    let (people, document) = (people(0, 1), document(0));
    let pieces = pieces(&people);
    match product {
        Product::PrintStream => stationery.print_stream(&document, &pieces).unwrap().pdf.to_vec(),
        Product::LetterFiles => stationery.letter_files(&document, &pieces).unwrap().files[0].to_vec(),
    }
}
