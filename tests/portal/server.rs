//! A portal whose site has its ledger on a server: a login of its own, that serves people and can do no more.

use zeroize::Zeroizing;

use super::calls::{MONDAY, MONDAY_NIGHT, READER, TUESDAY, portal, printed_password, request, stage};
use super::nightly::TestSite;
use super::nightly::postgres::{Database, NO_RIGHT};
use super::recipe::{ask_for_a_letter, pass_on_notices, set_new_password, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_of_the_portals_serves_a_person_to_the_end() {
    let site = tokio::task::block_in_place(|| TestSite::on_a_server(MONDAY));
    let at_noon = portal(&site).await;
    ask_for_a_letter(&at_noon, &request("PORTAL-1")).await.unwrap();
    assert_eq!(stage(&at_noon, "PORTAL-1").await, "handed-over");
    site.clock(MONDAY_NIGHT);
    site.night();
    site.clock(TUESDAY);
    at_noon.close().await;
    let at_eight = portal(&site).await;
    assert_eq!(stage(&at_eight, "PORTAL-1").await, "delivered");
    let mut told = Vec::new();
    pass_on_notices(&at_eight, 0, |notice| told.push(notice.kind.clone())).await.unwrap();
    assert!(told.contains(&"minted".to_owned()), "{told:?}");

    let typed = tokio::task::block_in_place(|| printed_password(&site));
    let wrong = Zeroizing::new("7777-7777-7777".to_owned());
    assert!(sign_in(&at_eight, READER, &wrong).await.unwrap().unwrap().starts_with("That is not right"));
    assert_eq!(sign_in(&at_eight, READER, &typed).await.unwrap(), None);
    assert_eq!(set_new_password(&at_eight, READER, &typed).await.unwrap(), None);
    assert!(sign_in(&at_eight, READER, &typed).await.unwrap().unwrap().starts_with("This password was used"));
    at_eight.close().await;
    site.run(&["audit", "verify"]).expect(0);
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
    database.allows("signin", "SELECT verifier, failures FROM letter WHERE username = 'x'");
}
