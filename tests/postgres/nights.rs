//! A night and its receipts on a network that loses the answers to COMMIT: nothing is lost and nothing is done twice.

use super::nightly::TestSite;
use super::nightly::postgres::Database;
use super::proxy::{Fault, Proxy};

/// The demo's letters that are made.
const LETTERS: &str = "17";
/// More commits than a night of the demo has.
const MOST: u64 = 60;

/// A site on PostgreSQL before its first night.
fn site_on(database: &Database) -> TestSite {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    site.run(&["ledger", "copy", "--to", &database.url("migrations"), "--switch", &database.url("robin")]).expect(0);
    site
}

/// Starts a command again and again until it is done: the first time the answer to its first COMMIT is lost, then that to its
/// second, and so on. How often it was cut.
fn despite_cuts(site: &TestSite, database: &Database, words: &[&str]) -> u64 {
    let line = |url: &str| format!("url = \"{url}\"");
    let direct = line(&database.url("robin"));
    for number in 1..MOST {
        let proxy = Proxy::before(database, Fault::CutAtCommit(number));
        site.configure(&direct, &line(&proxy.url("robin")));
        let ran = site.run(words);
        site.configure(&line(&proxy.url("robin")), &direct);
        if !proxy.has_failed() {
            ran.done();
            return number - 1;
        }
        assert!(ran.code == 3 || ran.code <= 1, "cut at {number}: {}", ran.text());
    }
    panic!("{words:?} is never done");
}

#[test]
fn a_night_is_done_once_whichever_commit_lost_its_answer() {
    let database = Database::new();
    let site = site_on(&database);
    assert!(despite_cuts(&site, &database, &["run", "nightly"]) > 5);
    assert_eq!(database.rows("SELECT count(*) FROM letter WHERE status <> 'voided'"), [[LETTERS]]);
    let twice = "SELECT request_id FROM letter WHERE status <> 'voided' GROUP BY request_id HAVING count(*) > 1";
    assert!(database.rows(twice).is_empty());
    assert!(database.rows("SELECT id FROM request WHERE status IN ('pending', 'claimed')").is_empty());
    let delivered = database.rows("SELECT name FROM batch WHERE status = 'delivered' ORDER BY name");
    assert_eq!(delivered.concat(), site.packages());
    // The receipts.
    for package in site.packages() {
        let sealed = site.path(&format!("vendor/inbox/{package}.zip.pgp"));
        site.run(&["vendor", "receipt", sealed.to_str().unwrap()]).expect(0);
    }
    assert!(despite_cuts(&site, &database, &["ingest"]) > 0);
    assert_eq!(database.rows("SELECT count(*) FROM letter WHERE status = 'mailed'"), [[LETTERS]]);
    let taken =
        database.rows("SELECT count(*), count(DISTINCT batch_id) FROM receipt_file WHERE refused_because IS NULL");
    assert_eq!(taken, [[site.packages().len().to_string(), site.packages().len().to_string()]]);
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}
