//! Whole nights with a vendor who is reached by SFTP.

use crate::nightly::TestSite;
use crate::opened::open_all;
use crate::server::{Server, lead_by_sftp};

/// A Monday noon; its night is for Tuesday.
const MONDAY: &str = "2026-03-02T12:00:00-05:00";

/// The demo's site before its first night, its vendor reached through this server.
pub fn site(server: &Server, more: &str) -> TestSite {
    let site = TestSite::before_the_night(MONDAY);
    lead_by_sftp(&site.path("letterpost.toml"), &server.section(server.port(), &site.path("vendor"), more));
    site
}

#[test]
fn a_night_goes_to_the_server_and_its_receipts_come_back() {
    let server = Server::start();
    let site = site(&server, "");
    let checked = site.run(&["doctor"]).expect(0).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(checked.contains("good host keys of vendor acme ssh-ed25519 SHA256:"), "{checked}");
    assert!(checked.contains("good SFTP server of vendor acme "), "{checked}");
    assert!(checked.contains(": 0 files in the inbox, 0 in the outbox"), "{checked}");
    site.clock("2026-03-02T22:30:00-05:00");
    site.night();
    assert_eq!(site.packages().len(), 2);
    let names: Vec<String> = std::fs::read_dir(site.path("vendor/inbox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 4, "two packages, two markers, and no uploads: {names:?}");
    let packages = open_all(&site);
    let letters: usize = packages.iter().map(|package| package.letters.len()).sum();
    assert_eq!(letters, 17);
    site.clock("2026-03-03T18:00:00-05:00");
    for package in site.packages() {
        site.receipt(&package, &[]).expect(0);
    }
    assert_eq!(site.rows("SELECT DISTINCT status, dispatched_on FROM letter"), [["mailed", "2026-03-03"]]);
    // A second look takes nothing twice.
    let again = site.run(&["ingest"]).expect(0);
    assert!(again.stdout.contains("0 lines"), "{}", again.text());
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_server_that_can_only_do_what_all_can_do_is_good_enough() {
    let server = Server::with("internal-sftp -P posix-rename,fsync,limits,statvfs");
    let site = site(&server, "");
    let checked = site.run(&["doctor"]).expect(0).stdout;
    assert!(checked.contains("it cannot rename in one step (posix-rename); it cannot be told"), "{checked}");
    site.clock("2026-03-02T22:30:00-05:00");
    site.night();
    assert_eq!(open_all(&site).iter().map(|package| package.letters.len()).sum::<usize>(), 17);
    assert_eq!(std::fs::read_dir(site.path("vendor/inbox")).unwrap().count(), 4, "packages, markers, and nothing else");
}
