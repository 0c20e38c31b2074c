//! The connection is cut: at its first byte, anywhere in the upload, around the rename and the marker, at its last byte.
//!
//! What goes over the wire is sealed, so the cut is aimed by counting bytes. One delivery is played uncut and measured;
//! then a fresh copy of the site is delivered over a wire that lets so many bytes through, both directions counted
//! together, and closes both of its ends for good. The points lie evenly over the whole conversation, and densely over
//! what follows the upload and its reading back, where the rename, the marker and their answers are. After each cut the
//! stage is started again with a wire that holds, and must finish.
//!
//! Each point is played by one of five: a vendor who looks only when all is over, one who waits for `NAME.ready`, one who
//! takes a package as soon as it has its name, a start with patience, which must mend a single cut by itself, and a start
//! that is killed at that point while its connection lives on, so that the server still does what it was asked for.
//!
//! `LETTERPOST_CUT_POINTS=400` plays more of them.

use std::fs;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::killed::{Ended, Manner, NightSite, Vendor, examine};
use crate::server::{Cut, Cutter, Server, lead_by_sftp};

const LETTERS: usize = 3;
const USUAL_POINTS: u64 = 70;

/// Who plays a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Play {
    /// The vendor looks when all is over.
    Late,
    /// The vendor takes what is announced, all the while.
    Careful,
    /// The vendor takes what has its name, all the while.
    Sloppy,
    /// As the first, and the start that is cut mends it.
    Patient,
    /// As the third, and it is the start that ends, not the connection.
    Killed,
}

const PLAYS: [Play; 5] = [Play::Late, Play::Careful, Play::Sloppy, Play::Patient, Play::Killed];

#[derive(Debug, Default)]
struct Tally {
    played: u32,
    /// Cuts after which the start failed, as it should unless the cut came with the last words.
    failed: u32,
    told_by_receipt: usize,
    wrong: Vec<String>,
}

#[test]
fn a_connection_cut_anywhere_loses_and_doubles_nothing() {
    let server = Server::start();
    let template = template();
    let (whole, after_upload) = measure(&server, &template);
    let points = points(whole, after_upload);
    eprintln!("a delivery is {whole} bytes, {after_upload} until the upload is read back; {} points", points.len());
    let queue = Mutex::new(points.into_iter().enumerate());
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| work(&server, &template, &queue, &tally));
        }
    });
    let tally = tally.into_inner().unwrap();
    eprintln!("{} played, {} failed at first, {} told by receipt", tally.played, tally.failed, tally.told_by_receipt);
    assert!(tally.wrong.is_empty(), "{} points failed: {:#?}", tally.wrong.len(), tally.wrong);
    assert!(tally.failed * 2 >= tally.played, "most cuts are noticed: {tally:?}");
}

/// A site whose one package is sealed and goes nowhere yet.
fn template() -> NightSite {
    let site = NightSite::with_requests(LETTERS, 10, 64);
    let produced = site.run(&["produce"]);
    assert_eq!(produced.exit, Some(0), "{produced:?}");
    assert_eq!(site.names("spool").len(), 1);
    site
}

/// A copy of it whose vendor is reached over this wire.
fn copy(server: &Server, template: &NightSite, port: u16, patience: &str) -> NightSite {
    let site = template.copy();
    lead_by_sftp(&site.path("letterpost.toml"), &server.section(port, &site.path("vendor"), ""));
    site.configure("# retry_minutes = 30", patience);
    site
}

/// The bytes of a whole delivery, and those of one that ends when the upload has been read back.
fn measure(server: &Server, template: &NightSite) -> (u64, u64) {
    let cutter = Cutter::to(server.port(), &[]);
    let site = copy(server, template, cutter.port(), "retry_minutes = 0");
    let delivered = site.run(&["deliver"]);
    assert_eq!((delivered.exit, cutter.connections()), (Some(0), 1), "{delivered:?}");
    let whole = cutter.bytes();
    let size = fs::metadata(site.path("spool").join(&site.names("spool")[0])).unwrap().len();
    // Twice the package, and what is said before it: less than what is said after it.
    (whole, 2 * size + (whole - 2 * size) / 3)
}

/// A third of the points over all of it, two thirds over what follows the upload.
fn points(whole: u64, after_upload: u64) -> Vec<u64> {
    let count =
        std::env::var("LETTERPOST_CUT_POINTS").map_or(USUAL_POINTS, |text| text.parse().expect("a whole number"));
    let (even, dense) = (count / 3, count - count / 3 - 1);
    let mut points: Vec<u64> = (0..even).map(|place| whole * place / even).collect();
    points.extend((0..dense).map(|place| after_upload + (whole - after_upload) * place / dense));
    points.push(whole - 1);
    points
}

fn work(
    server: &Server,
    template: &NightSite,
    queue: &Mutex<impl Iterator<Item = (usize, u64)>>,
    tally: &Mutex<Tally>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    loop {
        let next = queue.lock().unwrap().next();
        let Some((number, point)) = next else { return };
        let play = PLAYS[number % PLAYS.len()];
        let round = || runtime.block_on(one(server, template, point, play));
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(round));
        let mut tally = tally.lock().unwrap();
        tally.played += 1;
        match played {
            Ok((has_failed, told_by_receipt)) => {
                tally.failed += u32::from(has_failed);
                tally.told_by_receipt += told_by_receipt;
            }
            Err(_) => tally.wrong.push(format!("cut after {point} bytes, {play:?}: see the panic above")),
        }
    }
}

/// Whether the cut was noticed, and how many packages only a receipt told of.
async fn one(server: &Server, template: &NightSite, point: u64, play: Play) -> (bool, usize) {
    let cutter = Cutter::to(server.port(), &[if play == Play::Killed { Cut::Never } else { Cut::At(point) }]);
    let patience = if play == Play::Patient { "retry_minutes = 30" } else { "retry_minutes = 0" };
    let site = copy(server, template, cutter.port(), patience);
    let manner = if matches!(play, Play::Sloppy | Play::Killed) { Manner::Sloppy } else { Manner::Careful };
    let vendor = matches!(play, Play::Careful | Play::Sloppy | Play::Killed).then(|| Vendor::start(&site, manner));
    let cut = if play == Play::Killed { kill_at(&site, &cutter, point) } else { site.run(&["deliver"]) };
    let has_failed = matches!(cut.exit, None | Some(3));
    if vendor.is_none() {
        nothing_is_short(&site);
    }
    if play == Play::Patient {
        assert_eq!(cut.exit, Some(0), "a start with patience mends a cut: {cut:?}");
    } else {
        assert!(matches!(cut.exit, None | Some(0 | 3)), "{cut:?}");
        let again = site.run(&["deliver"]);
        assert_eq!(again.exit, Some(0), "one start with a wire that holds is enough: {again:?}");
        nothing_comes_twice(&cut, &again);
    }
    let mut taken = vendor.map(Vendor::finish).unwrap_or_default();
    taken.extend(Vendor::start(&site, manner).finish());
    assert_eq!(taken.len(), 1, "one package, once");
    let aftermath = examine(&site, LETTERS, &taken).await;
    (has_failed || cutter.connections() > 2, aftermath.told_by_receipt)
}

/// Starts a delivery and kills it when so many bytes went over the wire.
fn kill_at(site: &NightSite, cutter: &Cutter, point: u64) -> Ended {
    let mut started = site.start(&["deliver"]);
    let (_never, clock) = mpsc::channel::<()>();
    while cutter.bytes() < point && started.child.try_wait().unwrap().is_none() {
        // A short look-again, until the delivery is over: nobody tells that bytes went by.
        let _ = clock.recv_timeout(Duration::from_micros(100));
    }
    started.kill_after(Duration::ZERO)
}

/// Whatever has its final name is whole.
fn nothing_is_short(site: &NightSite) {
    let digest = |path: std::path::PathBuf| Sha256::digest(fs::read(path).unwrap());
    let ours = site.names("spool").first().map(|object| digest(site.path("spool").join(object))).unwrap();
    for name in site.names("vendor/inbox") {
        if name.ends_with(".zip.pgp") {
            assert_eq!(digest(site.path("vendor/inbox").join(&name)), ours, "{name}");
        }
        if let Some(package) = name.strip_suffix(".ready") {
            assert!(site.path(&format!("vendor/inbox/{package}.zip.pgp")).exists(), "{name} announces nothing");
        }
    }
}

/// A package is recorded as delivered by one of the starts at most.
fn nothing_comes_twice(first: &Ended, second: &Ended) {
    let delivered = |ended: &Ended| ended.told.contains("eba-test-acme-000001 delivered");
    assert!(!(delivered(first) && delivered(second)), "{first:?} {second:?}");
}
