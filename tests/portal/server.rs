//! A portal whose site has its ledger on a server: a login of its own, that serves people and can do no more.

use zeroize::Zeroizing;

use super::calls::{MONDAY, READER, portal, request, stage};
use super::nightly::TestSite;
use super::nightly::postgres::{Database, NO_RIGHT};
use super::recipe::{ask_for_a_letter, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_of_the_portals_hands_over_asks_and_checks() {
    let site = tokio::task::block_in_place(|| TestSite::on_a_server(MONDAY));
    let portal = portal(&site).await;
    ask_for_a_letter(&portal, &request("PORTAL-1")).await.unwrap();
    assert_eq!(stage(&portal, "PORTAL-1").await, "handed-over");
    site.run(&["collect"]).done();
    assert_eq!(stage(&portal, "PORTAL-1").await, "pending");
    assert_eq!(portal.notices(0).await.unwrap(), []);
    let typed = Zeroizing::new("7777-7777-7777".to_owned());
    assert!(sign_in(&portal, READER, &typed).await.unwrap().unwrap().starts_with("That is not right"));
    portal.close().await;
    site.run(&["audit", "verify"]).expect(0);
}

/// What the calls do to a letter and to the log, as statements.
#[test]
fn a_login_of_the_portals_counts_tries_and_uses_passwords_up() {
    let database = Database::new();
    for statement in [
        "SELECT letter.id, verifier, password_status, expires_on, request.reference FROM letter
             JOIN request ON request.id = letter.request_id WHERE letter.username = 'x' ORDER BY letter.batch_id, letter.sequence",
        "UPDATE letter SET failures = failures + 1 WHERE id = 'x' AND password_status = 'live' AND failures < 3",
        "UPDATE letter SET password_status = 'redeemed', password_status_at = now(), ended_on = DATE '2026-03-03',
             end_reason = 'x', failures = 0 WHERE id = 'x' AND expires_on >= DATE '2026-03-03'",
        "SELECT one_at_a_time('audit log'); SELECT max(seq) FROM audit_entry; INSERT INTO audit_entry (seq, entry, leaf_hash)
             VALUES (0, convert_to('{\"at\":\"2026-03-02T09:00:00Z\",\"data\":{},\"kind\":\"password.redeemed\"}', 'UTF8'),
                 decode(repeat('00', 32), 'hex'))",
        "INSERT INTO notice (at, kind, reference, letter_id, detail) VALUES (now(), 'redeemed', 'R1', 'x', 'x')",
        "SELECT id FROM notices; SELECT stage FROM letter_status; SELECT recorded_at, trusted_at FROM clock_mark",
    ] {
        database.allows("signin", statement);
    }
}

#[test]
fn a_login_of_the_portals_reads_no_address_and_moves_no_letter() {
    let database = Database::new();
    for statement in [
        "SELECT full_name FROM request",
        "SELECT address_line_1 FROM intake.mail_requests",
        "SELECT imb FROM letter",
        "SELECT entry FROM audit_entry",
        "UPDATE letter SET expires_on = DATE '2030-01-01'",
        "UPDATE letter SET status = 'mailed'",
        "UPDATE request SET status = 'pending'",
        "DELETE FROM notice",
        "INSERT INTO request (reference) VALUES ('R1')",
        "INSERT INTO run (job) VALUES ('nightly')",
        "INSERT INTO audit_head (size) VALUES (1)",
    ] {
        database.refuses("signin", statement, NO_RIGHT);
    }
}
