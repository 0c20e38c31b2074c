//! A night is killed at every system call that touches a file of the site, and then started again.
//!
//! First one night is traced to its end. Its calls on files of the site, each known by the call, the file and its
//! count (`pwrite64` on `letterpost.db-wal`, the 17th), are the points of the experiment. strace counts the calls of
//! each thread by itself; two threads do the same call on the same file only where they read, so every call that
//! changes something is a point. At each point a fresh copy of the site starts the night under strace, which kills it
//! on the way into that call: the call itself is not done, all before it is. The vendor then has a last look at its
//! inbox and takes what it thinks is its own, and the night is started once more, which must finish it: nothing lost,
//! nothing twice, every password good.
//!
//! All points are played twice: for the careful vendor, who waits for `NAME.ready`, and for the sloppy one, who takes
//! a package as soon as it has its name. `LETTERPOST_FAULT_STEP=10` plays every tenth point only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use crate::night::{Ended, Manner, NIGHT_LIMIT, NightSite, Taken, Vendor, examine, start};

const LETTERS: usize = 3;
/// So that a night has a package that is full, and one of another form.
const LETTERS_A_PACKAGE: u32 = 2;
/// What a verifier costs: as little as can be, for the points are many.
const MEMORY_KIB: u32 = 64;
/// What a night does to files.
const CALLS: &str = "trace=?openat,?write,?pwrite64,?fsync,?fdatasync,?ftruncate,?rename,?renameat,?renameat2,?link,\
                     ?linkat,?unlink,?unlinkat";

/// A system call of the night.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    /// The call, as `pwrite64`.
    call: String,
    /// The file, from the site's folder on.
    file: String,
    /// Which of these calls, from 1.
    count: u32,
}

impl Point {
    /// Whether SQLite does it when the last connection is closed, to fold its log into the file. A night that ends
    /// sooner leaves that to the next start, so not every night comes there.
    fn is_of_the_end(&self) -> bool {
        self.file.ends_with(".db")
            || (self.file.ends_with("-wal") && self.call != "pwrite64")
            || self.file.ends_with("-shm")
    }
}

#[test]
fn a_night_killed_at_any_system_call_loses_and_doubles_nothing() {
    let template = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB);
    let step = std::env::var("LETTERPOST_FAULT_STEP").map_or(1, |text| text.parse().expect("a whole number"));
    let points: Vec<Point> = points(&template).into_iter().step_by(step).collect();
    let rounds: Vec<(Point, Manner)> = [Manner::Careful, Manner::Sloppy]
        .into_iter()
        .flat_map(|manner| points.iter().cloned().map(move |point| (point, manner)))
        .collect();
    let (begun, queue) = (Instant::now(), Mutex::new(rounds.into_iter()));
    eprintln!("{} points, twice", points.len());
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(|| work(&template, &queue))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker that plays points")).collect()
    });
    let mut tally = Tally::default();
    tallies.into_iter().for_each(|other| tally.add(other));
    eprintln!(
        "{} killed, {} not reached, {} packages that only a receipt told of, in {:?}",
        tally.killed,
        tally.not_reached.len(),
        tally.told_by_receipt,
        begun.elapsed()
    );
    assert!(tally.failed.is_empty(), "{} points failed:\n{}", tally.failed.len(), tally.failed.join("\n"));
    let missed: Vec<&Point> = tally.not_reached.iter().filter(|point| !point.is_of_the_end()).collect();
    assert!(missed.len() * 50 <= 2 * points.len(), "points of the traced night that others did not reach: {missed:?}");
}

#[derive(Debug, Default)]
struct Tally {
    killed: u32,
    not_reached: Vec<Point>,
    told_by_receipt: usize,
    failed: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.killed += other.killed;
        self.not_reached.extend(other.not_reached);
        self.told_by_receipt += other.told_by_receipt;
        self.failed.extend(other.failed);
    }
}

/// Plays points until none is left. A point that fails is noted and the next one played, so that a run tells all.
fn work(template: &NightSite, queue: &Mutex<impl Iterator<Item = (Point, Manner)>>) -> Tally {
    let mut tally = Tally::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    loop {
        let next = queue.lock().unwrap().next();
        let Some((point, manner)) = next else { return tally };
        let played =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(play(template, &point, manner))));
        match played {
            Ok((was_killed, told_by_receipt)) => {
                tally.killed += u32::from(was_killed);
                tally.not_reached.extend((!was_killed).then_some(point));
                tally.told_by_receipt += told_by_receipt;
            }
            Err(_) => tally.failed.push(format!("{manner:?} vendor, {point:?}: see the panic above")),
        }
    }
}

async fn play(template: &NightSite, point: &Point, manner: Manner) -> (bool, usize) {
    let site = template.copy();
    let vendor = Vendor::start(&site, manner);
    let killed = kill_at(&site, point);
    let mut taken: Vec<Taken> = vendor.finish();
    let vendor = Vendor::start(&site, manner);
    let recovered = site.start(&["run", "nightly"]).finish(NIGHT_LIMIT);
    taken.extend(vendor.finish());
    assert_eq!(recovered.exit, Some(0), "{manner:?} vendor, {point:?}: one start must recover: {recovered:?}");
    let aftermath = examine(&site, LETTERS, &taken).await;
    (!matches!(killed.exit, Some(0)), aftermath.told_by_receipt)
}

/// Starts the night and kills it on the way into a call.
fn kill_at(site: &NightSite, point: &Point) -> Ended {
    let mut command = strace(site, "/dev/null");
    command.arg("-P").arg(site.path(&point.file));
    command.arg("-e").arg(format!("trace={}", point.call));
    command.arg("-e").arg(format!("inject={}:signal=KILL:when={}", point.call, point.count));
    let ended = start(night(command)).finish(NIGHT_LIMIT);
    assert!(matches!(ended.exit, None | Some(0 | 137)), "{point:?}: {ended:?}");
    ended
}

/// The points of a night, from the trace of one that nobody kills.
fn points(template: &NightSite) -> Vec<Point> {
    let site = template.copy();
    let log = site.path("trace.txt");
    let mut command = strace(&site, log.to_str().unwrap());
    command.args(["-y", "-e", CALLS]);
    let traced = start(night(command)).finish(NIGHT_LIMIT);
    assert_eq!(traced.exit, Some(0), "strace must be there and be allowed to trace: {traced:?}");
    let mut counts = BTreeMap::<(String, String, String), u32>::new();
    for line in fs::read_to_string(log).unwrap().lines() {
        if let Some((thread, call, file)) = read_call(line, site.root()) {
            *counts.entry((call, file, thread)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::<(String, String), u32>::new();
    for ((call, file, _), count) in counts {
        let of_threads = most.entry((call, file)).or_default();
        *of_threads = count.max(*of_threads);
    }
    most.into_iter()
        .flat_map(|((call, file), most)| {
            (1..=most).map(move |count| Point { call: call.clone(), file: file.clone(), count })
        })
        .collect()
}

/// Thread, call and file of a line of the trace, as `17 fsync(9</tmp/site/spool>) = 0`; `None` where it is not about
/// a file of the site.
fn read_call(line: &str, root: &Path) -> Option<(String, String, String)> {
    let (thread, rest) = line.split_once(' ')?;
    let (call, arguments) = rest.trim_start().split_once('(')?;
    let root = format!("{}/", root.display());
    let (_, file) = arguments.split_once(&root)?;
    let file = file.split(['"', '>']).next()?;
    // The trace itself lies there too.
    (file != "trace.txt").then(|| (thread.to_owned(), call.to_owned(), file.to_owned()))
}

fn strace(site: &NightSite, log: &str) -> Command {
    let mut command = Command::new("strace");
    site.dress(&mut command);
    // Elsewhere, so that the site's folder stands in the trace only where a call names it.
    command.current_dir("/").args(["-f", "-qq", "-o", log]);
    command
}

fn night(mut strace: Command) -> Command {
    strace.args([env!("CARGO_BIN_EXE_letterpost"), "run", "nightly"]);
    strace
}
