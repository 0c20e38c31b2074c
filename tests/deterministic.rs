//! Same inputs, seed and clock: the same bytes, before encryption.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

use nightly::TestSite;
use opened::{KeyRing, Opened, open_all};

const NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// What is in the sealed file, and what is in that.
const FILES: [&str; 5] = ["package.zip", "letters.pdf", "manifest.csv", "job-ticket.json", "SHA256SUMS"];

/// A demo and its packages. The site stays as long as they are looked at.
fn demo(seed: u64) -> (TestSite, Vec<Opened>) {
    let site = TestSite::demo(NIGHT, seed);
    let packages = open_all(&site);
    assert_eq!(packages.len(), 2);
    (site, packages)
}

#[test]
fn the_same_seed_and_clock_give_the_same_bytes() {
    let ((_one_site, one), (_other_site, other)) = (demo(7), demo(7));
    for (one, other) in one.iter().zip(&other) {
        for file in FILES {
            assert!(one.file(file) == other.file(file), "{file} of {} differs", one.ticket["package"]);
        }
    }
}

#[test]
fn another_seed_gives_other_letters() {
    let ((_one_site, one), (_other_site, other)) = (demo(7), demo(8));
    for (one, other) in one.iter().zip(&other) {
        for file in ["package.zip", "letters.pdf", "manifest.csv"] {
            assert!(one.file(file) != other.file(file), "{file} of {} is the same", one.ticket["package"]);
        }
        for (letter, its_twin) in one.letters.iter().zip(&other.letters) {
            assert_ne!(letter.password, its_twin.password);
            assert_ne!(letter.id(), its_twin.id());
        }
    }
}

#[test]
fn any_number_of_threads_makes_the_same_packages_and_the_same_log_of_one_seed() {
    let night = |workers| {
        let site = TestSite::before_the_night(NIGHT);
        site.configure("# letters_a_package = 1000", "letters_a_package = 2");
        site.run(&["collect"]).done();
        site.run(&["produce", "--workers", workers]).done();
        let packages = site.rows("SELECT name, letters, sha256 FROM batch ORDER BY id");
        (packages, site.rows("SELECT hex(leaf_hash) FROM audit_entry ORDER BY seq"))
    };
    let (packages, log) = night("1");
    assert!(packages.len() > 6, "several are under way at once: {packages:?}");
    for workers in ["2", "4"] {
        assert_eq!(night(workers), (packages.clone(), log.clone()), "{workers} threads");
    }
}

#[test]
fn one_seed_gives_site_and_vendor_keys_of_their_own() {
    let site = TestSite::demo(NIGHT, 7);
    let ring = KeyRing::of_the_vendor(&site);
    let [ours, theirs] = ["keys/site.pub.asc", "keys/acme.asc"].map(|key| ring.fingerprint(&site.path(key)));
    assert_ne!(ours, theirs, "two draws from one seed are two draws");
}
