//! `ledger migrate` and `init --ledger`: what is refused, and what to do about it.

use super::nightly::postgres::{Database, SUPERUSER};
use super::nightly::{Ran, run_limited};

fn letterpost(words: &[&str]) -> Ran {
    run_limited(env!("CARGO_BIN_EXE_letterpost"), words, &[], "")
}

fn migrate(url: &str) -> Ran {
    letterpost(&["ledger", "migrate", "--ledger", url])
}

fn init(url: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    letterpost(&["init", folder.path().join("site").to_str().unwrap(), "--ledger", url])
}

#[track_caller]
fn refused(ran: Ran, exit: i32, told: &str) {
    let ran = ran.expect(exit);
    assert!(ran.stderr.contains(told), "{}", ran.text());
}

#[test]
fn a_database_that_is_missing_is_told_with_what_makes_it() {
    let database = Database::new();
    let nowhere = database.url(SUPERUSER).replace("letterpost_", "nowhere_");
    refused(migrate(&nowhere), 2, "createdb");
    refused(init(&nowhere), 2, "createdb");
}

#[test]
fn a_server_that_is_away_is_tried_again() {
    refused(migrate("postgres://robin@127.0.0.1:1/ledger?sslmode=disable"), 3, "try again");
    refused(migrate("postgres:///ledger?host=/nonexistent&user=robin"), 3, "try again");
}

#[test]
fn a_login_without_rights_is_told_which_it_needs() {
    let database = Database::new();
    migrate(&database.url("migrations")).expect(0);
    let older =
        "UPDATE _sqlx_migrations SET success = FALSE WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    database.allows(SUPERUSER, older);
    refused(init(&database.url("robin")), 2, "letterpost_migrator");
    // Whoever is in none of the groups does not even connect.
    refused(init(&database.url("portal")), 2, "");
}

#[test]
fn a_ledger_of_another_letterpost_or_another_site_is_refused() {
    let database = Database::new();
    let site = super::nightly::TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    site.run(&["ledger", "copy", "--to", &database.url("migrations"), "--switch", &database.url("robin")]).expect(0);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9000, 'of another letterpost', TRUE, '', 0)";
    database.allows(SUPERUSER, newer);
    refused(site.run(&["letter", "list"]), 2, "newer letterpost");
    database.allows(SUPERUSER, "DELETE FROM _sqlx_migrations WHERE version = 9000");
    site.run(&["letter", "list"]).expect(0);
    database.allows(SUPERUSER, "UPDATE _sqlx_migrations SET success = FALSE WHERE version > 1");
    refused(site.run(&["letter", "list"]), 2, "older than this program");
    database.allows(SUPERUSER, "UPDATE _sqlx_migrations SET success = TRUE");
    // Another site has its own code.
    site.configure("code = \"eba\"", "code = \"other\"");
    refused(site.run(&["letter", "list"]), 2, "belongs to site 'eba'");
}
