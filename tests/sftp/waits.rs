//! Every wait ends: for a server that says nothing, and for one that is away and comes back.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::night::site;
use crate::nightly::{Ran, TestSite};
use crate::server::{Cut, Cutter, Server, lead_by_sftp};

/// The waits of these tests are seconds; a start that takes longer than this hangs.
const HANGS: Duration = Duration::from_secs(40);
const SHORT: &str = "connect_seconds = 1\nanswer_seconds = 1";

fn timed(site: &TestSite, arguments: &[&str]) -> Ran {
    let begun = Instant::now();
    let ran = site.run(arguments);
    assert!(begun.elapsed() < HANGS, "{arguments:?} took {:?}", begun.elapsed());
    ran
}

/// A site whose packages are sealed, reached over this port.
fn sealed(server: &Server, port: u16, more: &str) -> TestSite {
    let site = TestSite::before_the_night("2026-03-02T12:00:00-05:00");
    lead_by_sftp(&site.path("letterpost.toml"), &server.section(port, &site.path("vendor"), more));
    site.clock("2026-03-02T22:30:00-05:00");
    site.run(&["produce"]).done();
    site
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_given_up() {
    let (server, mute) = (Server::start(), TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let site = sealed(&server, mute.local_addr().unwrap().port(), SHORT);
    site.configure("# retry_minutes = 30", "retry_minutes = 0");
    for stage in ["ingest", "deliver"] {
        let ran = timed(&site, &[stage]).expect(3);
        assert!(ran.stderr.contains("the connection to "), "{}", ran.text());
    }
    let checked = timed(&site, &["doctor"]).expect(0);
    assert!(checked.stdout.contains("note  SFTP server of vendor acme"), "{}", checked.text());
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_the_next_start_goes_on() {
    let server = Server::start();
    let cutter = Cutter::to(server.port(), &[]);
    let site = sealed(&server, cutter.port(), SHORT);
    site.configure("# retry_minutes = 30", "retry_minutes = 0");
    // In the login, and among the files.
    for bytes in [3000, 20_000] {
        cutter.cut_next(&[Cut::Silent(bytes), Cut::Silent(bytes)]);
        let ran = timed(&site, &["deliver"]).expect(3);
        assert!(ran.stderr.contains("the connection to "), "{}", ran.text());
        assert!(site.packages().is_empty());
    }
    timed(&site, &["deliver"]).expect(0);
    assert_eq!(site.packages().len(), 2);
}

#[test]
fn a_vendor_that_is_away_is_tried_again_until_patience_is_at_its_end() {
    let mut server = Server::start();
    let site = sealed(&server, server.port(), "");
    server.stop();
    let begun = Instant::now();
    let ran = timed(&site, &["deliver"]).expect(3);
    // Ten pauses of the simulated clock, none of the real one.
    assert!(ran.stderr.contains("(tried 11 times in 1800 s)"), "{}", ran.text());
    assert!(
        ran.stderr.contains("trying again in 10 s") && ran.stderr.contains("trying again in 300 s"),
        "{}",
        ran.text()
    );
    assert!(ran.stdout.contains("1800 waited seconds"), "{}", ran.text());
    assert!(begun.elapsed() < Duration::from_secs(20), "nobody really waited");
    // Two packages, and not each of them is tried in each round: 22 connections would be 11 rounds of both.
    assert_eq!(ran.stderr.matches("Connection refused").count(), 10 + 2, "{}", ran.text());
}

#[test]
fn nobody_waits_beyond_the_cut_off_of_the_print_day() {
    let mut server = Server::start();
    let site = sealed(&server, server.port(), "");
    server.stop();
    // The vendor takes packages until 06:00. Eight minutes before, four pauses are left; after it, none.
    site.clock("2026-03-03T05:52:00-05:00");
    let ran = timed(&site, &["deliver"]).expect(3);
    assert!(ran.stderr.contains("(tried 6 times in 310 s)"), "{}", ran.text());
    site.clock("2026-03-03T06:00:00-05:00");
    let ran = timed(&site, &["deliver"]).expect(3);
    assert!(!ran.text().contains("trying again"), "{}", ran.text());
}

#[test]
fn a_connection_that_breaks_is_mended_within_the_start() {
    let server = Server::start();
    let cutter = Cutter::to(server.port(), &[Cut::At(15_000), Cut::At(500), Cut::At(60_000)]);
    let site = sealed(&server, cutter.port(), "");
    let ran = timed(&site, &["deliver"]).expect(0);
    assert!(cutter.connections() >= 4, "{} connections: {}", cutter.connections(), ran.text());
    assert!(ran.stderr.contains("trying again in 10 s"), "{}", ran.text());
    assert_eq!(site.packages().len(), 2);
    let names = fs::read_dir(site.path("vendor/inbox")).unwrap().count();
    assert_eq!(names, 4, "two packages, two markers, no uploads");
}

#[test]
fn a_run_shorter_than_its_patience_still_takes_its_checkpoint() {
    let mut server = Server::start();
    let site = site(&server, "");
    server.stop();
    let job = site.path("jobs/nightly.toml");
    fs::write(&job, fs::read_to_string(&job).unwrap().replace("deadline = \"4h\"", "deadline = \"20m\"")).unwrap();
    site.clock("2026-03-02T22:30:00-05:00");
    let ran = timed(&site, &["run", "nightly"]).expect(3);
    assert!(ran.stderr.contains(" in 600 s)"), "half of the deadline: {}", ran.text());
    assert!(ran.stdout.contains("checkpoint"), "{}", ran.text());
}
