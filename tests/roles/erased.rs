//! What was erased is in no file of the server, its write-ahead log apart, and an operator sees to that without being the owner.

use std::sync::Arc;

use letterpost::adapters::postgres::{PostgresAddress, PostgresIntakeTable, PostgresLedger};
use letterpost::adapters::system::SeededEntropy;
use letterpost::ports::IntakeTable as _;
use letterpost::ports::ledger::{ForgettingLedger as _, SiteMark};

use super::postgres::{Database, NO_RIGHT, SUPERUSER};
use super::worked_ledger;

/// Words of the person whose letter is erased, and of nobody else.
const WORDS: [&str; 4] = ["planted-username", "planted-line-2", "planted-state", "planted-verifier"];

/// What the stages do: the letter has ended, and everything of its person goes.
const ERASE: &str =
    "UPDATE legal_hold SET lifted_by = 'Kim Sample', lifted_at = '2026-03-06T12:00Z', lift_reason = 'over';
    UPDATE letter SET password_status = 'expired', ended_on = '2026-03-18', end_reason = 'its time was over';
    UPDATE letter SET username = '', verifier = NULL, imb = substr(imb, 1, 20), erased_at = '2026-07-01T12:00Z';
    UPDATE request SET username = '', full_name = '', address_line_1 = '', address_line_2 = '', city = '', state = '',
        postal_code = '', content_sha256 = '', address_sha256 = NULL, erased_at = '2026-07-01T12:00Z' WHERE id = 1;
    INSERT INTO erasure_residue VALUES (1, '2026-07-01T12:00Z')";

fn address(database: &Database) -> PostgresAddress {
    PostgresAddress::parse(&database.url("robin")).unwrap()
}

/// Writes the ledger's files anew, as `retention` does; whether that could be done.
fn clear_residue(database: &Database) -> bool {
    let site = SiteMark {
        code: "eba".to_owned(),
        environment: "test".to_owned(),
        origin: "agency.example/eba".to_owned(),
        is_rehearsal: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ledger = PostgresLedger::open(&address(database), &site, Arc::new(SeededEntropy::new(1))).await.unwrap();
        ledger.clear_residue().await.unwrap()
    })
}

#[test]
fn no_file_of_the_server_tells_of_whoever_was_forgotten() {
    let database = worked_ledger();
    // The planner has looked at everybody.
    database.allows(SUPERUSER, "ANALYZE");
    assert_eq!(database.found_in_files(&WORDS), WORDS, "they are there before, or the search could not fail");
    database.allows("robin", ERASE);
    database.allows(SUPERUSER, "VACUUM");
    assert_eq!(database.found_in_files(&WORDS), WORDS, "VACUUM alone leaves the bytes where they are");
    assert!(clear_residue(&database));
    assert_eq!(database.found_in_files(&WORDS), Vec::<&str>::new());
    assert_eq!(database.found_in_files(&["planted-other"]), ["planted-other"], "whoever is not forgotten is there");
    assert_eq!(database.rows("SELECT count(*) FROM erasure_residue")[0][0], "0");
    let sampled = "SELECT tablename, attname FROM pg_stats WHERE schemaname IN ('letterpost', 'intake')
        AND CAST(row_to_json(pg_stats) AS TEXT) LIKE '%planted-%' ORDER BY 1, 2";
    // A country is kept, and names nobody.
    assert_eq!(database.rows(sampled), [["request", "country"]]);
}

#[test]
fn whoever_may_still_see_what_was_erased_is_waited_for_and_then_let_be() {
    let database = worked_ledger();
    database.beside(
        "kim",
        "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) AS seen FROM site \\gset",
        "COMMIT;",
        || {
            database.allows("robin", ERASE);
            assert!(!clear_residue(&database));
            assert_eq!(database.rows("SELECT count(*) FROM erasure_residue")[0][0], "1");
        },
    );
    assert!(clear_residue(&database));
    assert_eq!(database.found_in_files(&WORDS), Vec::<&str>::new());
}

#[test]
fn rows_that_the_portal_handed_in_go_from_the_files_too() {
    let database = worked_ledger();
    database.allows(
        "portal",
        "INSERT INTO intake.mail_requests (reference, username, full_name, address_line_1, city, second_factor, requested_at)
         VALUES ('P-1', 'planted-asker', 'planted-asker', '1 Example Street', 'Springfield', 'email', '2026-03-02T14:00:00Z')",
    );
    assert_eq!(database.found_in_files(&["planted-asker"]), ["planted-asker"]);
    database.allows("robin", "DELETE FROM intake.mail_requests");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let is_done = runtime.block_on(async {
        let table = PostgresIntakeTable::open(&address(&database)).await.unwrap();
        table.compact().await.unwrap()
    });
    assert!(is_done);
    assert_eq!(database.found_in_files(&["planted-asker"]), Vec::<&str>::new());
}

#[test]
fn only_the_tables_of_people_are_written_anew_and_only_by_operators() {
    let database = worked_ledger();
    database.refuses("robin", "SELECT write_anew('audit_entry')", "42P01");
    database.refuses("robin", "CLUSTER request USING request_pkey", NO_RIGHT);
    for login in ["portal", "auditor"] {
        database.refuses(login, "SELECT letterpost.write_anew('request')", NO_RIGHT);
    }
}
