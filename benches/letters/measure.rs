//! One measure in a process of its own, so that its peak of memory is its own.

use std::time::{Duration, Instant};

use letterpost::letter::{DocumentInfo, SheetGeometry, Stationery, TemplateSet};
use serde::{Deserialize, Serialize};

use crate::people::{Person, document, letterhead, people, pieces};
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
    /// Microseconds of a processor for one letter, check apart: far below the time of a clock, other
    /// programs were in the way.
    pub processor_us: f64,
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
    /// From the recipients to the proofread file, and the wiping of it.
    whole: Duration,
    processor: Duration,
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
    let a_letter = |time: Duration| time.as_secs_f64() * 1e6 / letters as f64;
    let longest = works.iter().map(|work| work.whole).max().unwrap();
    let each = |step: fn(&Work) -> Duration| a_letter(works.iter().map(step).sum());
    Figures {
        letters_a_second: letters as f64 / longest.as_secs_f64(),
        processor_us: each(|work| work.processor),
        print_us: Some(each(|work| work.print)),
        proofread_us: Some(each(|work| work.proofread)),
        check_us: Some(each(|work| work.check)),
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
    let (start, processor_before) = (Instant::now(), processor());
    match product {
        Product::PrintStream => print_stream(stationery, &document, &people, work),
        Product::LetterFiles => letter_files(stationery, &document, &people, work),
    }
    work.whole += start.elapsed();
    work.processor += processor() - processor_before;
}

fn print_stream(stationery: &Stationery, document: &DocumentInfo, people: &[Person], work: &mut Work) {
    let (start, pieces) = (Instant::now(), pieces(people));
    let stream = stationery.print_stream(document, &pieces).unwrap();
    work.print += start.elapsed();
    let start = Instant::now();
    assert_eq!(stationery.proofread(document, &pieces, &stream).unwrap(), []);
    work.proofread += start.elapsed();
    work.bytes += stream.pdf.len();
}

fn letter_files(stationery: &Stationery, document: &DocumentInfo, people: &[Person], work: &mut Work) {
    let (start, pieces) = (Instant::now(), pieces(people));
    let printed = stationery.letter_files(document, &pieces).unwrap();
    work.print += start.elapsed();
    let start = Instant::now();
    assert_eq!(stationery.proofread_files(document, &pieces, &printed).unwrap(), []);
    work.proofread += start.elapsed();
    work.bytes += printed.files.iter().map(|file| file.len()).sum::<usize>();
}

/// The same letters by printpdf alone.
pub fn printpdf(product: Product, letters: usize) -> Figures {
    let press = plain_printpdf::Press::new();
    let (mut spent, mut busy, mut bytes) = (Duration::ZERO, Duration::ZERO, 0);
    for first in (0..letters).step_by(Product::PrintStream.most()) {
        let people = people(first, Product::PrintStream.most().min(letters - first));
        let (start, processor_before) = (Instant::now(), processor());
        bytes += match product {
            Product::PrintStream => press.merged(&people).len(),
            Product::LetterFiles => people.iter().zip(1..).map(|(person, n)| press.one(person, n).len()).sum(),
        };
        spent += start.elapsed();
        busy += processor() - processor_before;
    }
    Figures {
        letters_a_second: letters as f64 / spent.as_secs_f64(),
        processor_us: busy.as_secs_f64() * 1e6 / letters as f64,
        print_us: Some(spent.as_secs_f64() * 1e6 / letters as f64),
        bytes_a_letter: bytes as f64 / letters as f64,
        peak_mib: peak_mib(),
        ..Figures::default()
    }
}

/// How long this thread has been on a processor.
fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
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
