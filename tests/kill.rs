//! A night that is killed at any moment can simply be started again: nothing is lost, nothing reaches the vendor twice.
//!
//! Each round copies a site on which twenty people wait, starts the night, and kills it without warning at a random
//! moment between its start and somewhat after its usual end, or in every fifth round as soon as the vendor has taken a
//! certain package. A vendor moves packages out of its inbox all the while,
//! the careful one when it sees `NAME.ready`, the sloppy one as soon as the package has its name. In every third round
//! the recovery is killed as well. Then the night is started until it is done, which one start must do, and everything
//! that the vendor took is opened with its key, read as a reader would, receipted, and tried at the sign-in.
//!
//! A third attack is aimed: the packages are sealed before, and each kill comes up to four milliseconds after an upload, a
//! package under its name or a marker is seen in the inbox, so that it falls on the rename, on the marker, or between them
//! and the record of the delivery. Its vendor moves a package away fifty milliseconds after its `NAME.ready`, while the
//! site is down or has been started again.
//!
//! `LETTERPOST_KILL_SEED` plays other moments, `LETTERPOST_KILL_COUNT` more of them. The waits here are bounded: a look
//! at the inbox each millisecond or ten times as often, and a look each two at whether a start is over, which fails after
//! its limit.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/night/mod.rs"]
mod night;

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use night::{Chance, Ended, Manner, NIGHT_LIMIT, NightSite, Vendor, examine};

const LETTERS: usize = 20;
/// So that a night has several packages.
const LETTERS_A_PACKAGE: u32 = 7;
/// Three of the standard form, one in large print.
const PACKAGES: u64 = 4;
/// So that a night takes some time: what a verifier costs.
const MEMORY_KIB: u32 = 8192;
const DEFAULT_SEED: u64 = 20_261_120;
const DEFAULT_COUNT: u64 = 10;
/// Aimed kills for each that is not.
const AIMED_FOR_EACH: u64 = 4;
/// How long after it is seen a kill comes at most.
const AIMED_WITHIN: Duration = Duration::from_millis(4);
/// One start recovers; a second is the most that is forgiven.
const MOST_STARTS: u32 = 2;

#[tokio::test]
async fn a_killed_night_loses_and_doubles_nothing_for_a_careful_vendor() {
    attack(Manner::Careful).await;
}

#[tokio::test]
async fn a_killed_night_loses_and_doubles_nothing_for_a_sloppy_vendor() {
    attack(Manner::Sloppy).await;
}

/// What is seen in the inbox right before an aimed kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// The upload: what follows is the offer and the rename.
    Upload,
    /// The package under its name: what follows is the marker.
    Name,
    /// The marker: what follows is the record of the delivery.
    Marker,
}

#[tokio::test]
async fn a_kill_around_the_rename_and_the_marker_loses_and_doubles_nothing() {
    let (seed, count) = (number("LETTERPOST_KILL_SEED", DEFAULT_SEED), number("LETTERPOST_KILL_COUNT", DEFAULT_COUNT));
    let template = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB);
    let produced = template.run(&["produce"]);
    assert_eq!(produced.exit, Some(0), "{produced:?}");
    let (mut chance, mut tally) = (Chance::of(seed), Tally::default());
    let rounds = count * AIMED_FOR_EACH;
    for round in 0..rounds {
        let aim = [Aim::Upload, Aim::Name, Aim::Marker][(round % 3) as usize];
        let package = 1 + chance.below(PACKAGES);
        let after = Duration::from_nanos(chance.below(AIMED_WITHIN.as_nanos() as u64));
        let scene = format!("aimed round {round} of seed {seed}: {after:?} after {aim:?} of package {package}");
        let told = Told(&scene);
        aimed(&template, aim, package, after, &mut tally).await;
        drop(told);
    }
    eprintln!("aimed: seed {seed}, {rounds} rounds, {tally:?}");
    assert!(tally.killed * 2 >= rounds, "most kills must come before the end: {tally:?}");
}

async fn aimed(template: &NightSite, aim: Aim, package: u64, after: Duration, tally: &mut Tally) {
    let site = template.copy();
    let vendor = Vendor::start(&site, Manner::Slow);
    let started = site.start(&["run", "nightly"]);
    wait_for_any(&signs(&site, aim, package), NIGHT_LIMIT);
    tally.killed += u64::from(started.kill_after(after).exit.is_none());
    recover(&site, vendor, tally).await;
}

/// What shows that a package is so far; a package that the vendor took was there.
fn signs(site: &NightSite, aim: Aim, package: u64) -> Vec<PathBuf> {
    let file = |folder: &str, ending: &str| site.path(&format!("vendor/{folder}/eba-test-acme-{package:06}.{ending}"));
    let mut signs = vec![file("inbox", "ready"), file("taken", "ready")];
    if aim != Aim::Marker {
        signs.extend([file("inbox", "zip.pgp"), file("taken", "zip.pgp")]);
    }
    if aim == Aim::Upload {
        signs.push(file("inbox", "zip.pgp.part"));
    }
    signs
}

/// Waits until one of these files is there, or the limit is over.
fn wait_for_any(signs: &[PathBuf], limit: Duration) {
    let (begun, (_never, clock)) = (Instant::now(), mpsc::channel::<()>());
    while begun.elapsed() < limit && !signs.iter().any(|sign| sign.exists()) {
        let _ = clock.recv_timeout(Duration::from_micros(100));
    }
}

async fn attack(manner: Manner) {
    let (seed, count) = (number("LETTERPOST_KILL_SEED", DEFAULT_SEED), number("LETTERPOST_KILL_COUNT", DEFAULT_COUNT));
    let template = NightSite::with_requests(LETTERS, LETTERS_A_PACKAGE, MEMORY_KIB);
    // The shortest of three: a machine that was busy for once must not move the moments behind the end.
    let mut length = unkilled(&template, manner).await;
    for _ in 0..2 {
        length = length.min(unkilled(&template, manner).await);
    }
    let last = length.mul_f64(1.2);
    eprintln!("{manner:?}: seed {seed}, {count} rounds, a night takes {length:?}, killed up to {last:?}");
    let mut chance = Chance::of(seed);
    let mut tally = Tally::default();
    for round in 0..count {
        // Round after round over the whole length, each somewhere within its share of it.
        let share = last.as_nanos() as u64 / count;
        let first = Duration::from_nanos(share * round + chance.below(share));
        let second = (round % 3 == 2).then(|| Duration::from_nanos(chance.below(last.as_nanos() as u64)));
        let moment = match round % 5 {
            4 => Moment::Taken { package: 1 + chance.below(PACKAGES), within: last },
            _ => Moment::After(first),
        };
        let scene = format!("{manner:?} round {round} of seed {seed}: killed at {moment:?}, recovery at {second:?}");
        let told = Told(&scene);
        play(&template, manner, moment, second, &mut tally).await;
        drop(told);
    }
    eprintln!("{manner:?}: {tally:?}");
    assert!(tally.killed * 3 >= count, "many rounds must kill a night at work: {tally:?}");
}

/// When a night is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// As soon as the vendor has taken this package, from 1.
    Taken { package: u64, within: Duration },
}

/// Tells the scene if the test fails within it.
struct Told<'a>(&'a str);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("FAILED in {}", self.0);
        }
    }
}

#[derive(Debug, Default)]
struct Tally {
    killed: u64,
    recoveries_killed: u64,
    most_starts: u32,
    packages: usize,
    told_by_receipt: usize,
}

/// How long a night takes when nobody kills it; it must stand the same questions.
async fn unkilled(template: &NightSite, manner: Manner) -> Duration {
    let site = template.copy();
    let vendor = Vendor::start(&site, manner);
    let ended = night(&site);
    assert_eq!(ended.exit, Some(0), "{ended:?}");
    examine(&site, LETTERS, &vendor.finish()).await;
    ended.took
}

async fn play(template: &NightSite, manner: Manner, first: Moment, second: Option<Duration>, tally: &mut Tally) {
    let site = template.copy();
    let vendor = Vendor::start(&site, manner);
    let killed = |ended: Ended| u64::from(ended.exit.is_none());
    let started = site.start(&["run", "nightly"]);
    tally.killed += killed(match first {
        Moment::After(moment) => started.kill_at(moment),
        Moment::Taken { package, within } => {
            vendor.wait_for(package, within);
            started.kill_at(Duration::ZERO)
        }
    });
    if let Some(second) = second {
        tally.recoveries_killed += killed(site.start(&["run", "nightly"]).kill_at(second));
    }
    recover(&site, vendor, tally).await;
}

/// Starts the night until it is done, and asks everything of it.
async fn recover(site: &NightSite, vendor: Vendor, tally: &mut Tally) {
    let mut starts = 1;
    loop {
        let ended = night(site);
        if matches!(ended.exit, Some(0 | 1)) {
            break;
        }
        assert!(starts < MOST_STARTS, "not done after {starts} starts: {ended:?}");
        starts += 1;
    }
    let aftermath = examine(site, LETTERS, &vendor.finish()).await;
    tally.most_starts = tally.most_starts.max(starts);
    tally.packages += aftermath.packages;
    tally.told_by_receipt += aftermath.told_by_receipt;
}

fn night(site: &NightSite) -> Ended {
    site.start(&["run", "nightly"]).finish(NIGHT_LIMIT)
}

fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is '{text}'; write a whole number")),
        Err(_) => otherwise,
    }
}
