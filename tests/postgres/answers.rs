//! Answers that do not come: every wait ends, and what was done is found again.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use letterpost::adapters::postgres::{PostgresAddress, PostgresLedger};
use letterpost::adapters::system::SeededEntropy;
use letterpost::ports::ledger::{AuditLedger as _, SafekeepingLedger as _, SiteMark};

use super::nightly::TestSite;
use super::nightly::postgres::{Database, SUPERUSER};
use super::proxy::{Fault, Proxy};
use super::sites::{entries, worked_site};

/// Longer than any wait may take that is to end after some seconds, on a slow machine.
const SOON: Duration = Duration::from_secs(60);

fn impatient(site: &TestSite) {
    site.configure("# connect_seconds = 30", "connect_seconds = 2");
}

#[test]
fn a_server_that_accepts_and_never_answers_is_given_up() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    impatient(&site);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://robin@{}/ledger?sslmode=disable", silent.local_addr().unwrap());
    let begun = Instant::now();
    let ran = site.run(&["ledger", "copy", "--to", &url]).expect(3);
    assert!(ran.stderr.contains("did not answer within 2 seconds"), "{}", ran.text());
    // As the site's own ledger.
    site.configure("# url = \"sqlite:letterpost.db\"", &format!("url = \"{url}\""));
    let ran = site.run(&["letter", "list"]).expect(3);
    assert!(ran.stderr.contains("try again"), "{}", ran.text());
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn a_network_that_falls_silent_in_the_middle_ends_a_command_and_loses_nothing() {
    let (site, database) = (worked_site(), Database::new());
    impatient(&site);
    // The records are longer than this, and what makes the connection is shorter.
    let proxy = Proxy::before(&database, Fault::SilentAfter(40_000));
    let begun = Instant::now();
    let ran = site.run(&["ledger", "copy", "--to", &proxy.url("migrations")]).expect(3);
    assert!(proxy.has_failed());
    assert!(ran.stderr.contains("did not answer for 2 seconds") && ran.stderr.contains("try again"), "{}", ran.text());
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    // A server that was not told of the end keeps what was begun until its own deadline; here it is told.
    end_sessions(&database);
    assert_eq!(entries(&database), 0);
    site.run(&["letter", "list"]).expect(0);
    site.run(&["ledger", "copy", "--to", &database.url("migrations")]).expect(0);
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_to_be_done() {
    let (site, database) = (worked_site(), Database::new());
    let proxy = Proxy::before(&database, Fault::CutAtCommit(1));
    let ran = site.run(&["ledger", "copy", "--to", &proxy.url("migrations")]).expect(3);
    assert!(proxy.has_failed(), "{}", ran.text());
    let count = entries(&database);
    assert!(count > 0, "the server had done it");
    site.run(&["ledger", "copy", "--to", &database.url("migrations")]).expect(0);
    assert_eq!(entries(&database), count);
}

#[tokio::test]
async fn sessions_that_the_server_ended_between_two_statements_are_made_anew() {
    let database = Database::new();
    let address = PostgresAddress::parse(&database.url("robin")).unwrap();
    let site = SiteMark {
        code: "eba".to_owned(),
        environment: "test".to_owned(),
        origin: "agency.example/eba".to_owned(),
        is_rehearsal: true,
    };
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    let ledger = PostgresLedger::create(&address, &site, at, Arc::new(SeededEntropy::new(1))).await.unwrap();
    for _ in 0..3 {
        assert_eq!(ledger.log_size().await.unwrap(), 0);
        end_sessions(&database);
    }
    ledger.take_head(&|_, _| Ok("note".to_owned()), at).await.unwrap();
    ledger.close().await;
}

fn end_sessions(database: &Database) {
    let end = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE application_name = 'letterpost' AND datname = current_database()";
    database.run(SUPERUSER, end).unwrap();
}
