//! The views that other programs read: there, with the columns of the contract, and good for reading only.

use crate::book::Book;

const VIEWS: [(&str, &str); 5] = [
    ("temporary_passwords", "username letter_id usable_at use_by_on expires_on status"),
    (
        "dispatch_records",
        "letter_id reference vendor package package_sha256 sequence sheets template_version delivered_at dispatched_on \
         receipt_file receipt_sha256 receipt_line expected_from expected_to use_by_on expires_on ended_on end_reason \
         replaces replaced_by run audit_seq reported_on counted_on status password_status intake_file intake_sha256 \
         intake_line requested_at outside minted_at planned_mail_on mail_by_on cap_on letter_sha256 receipt_read_at \
         corrections postal_statement unmailed_on returned_on",
    ),
    ("letter_status", "reference stage since next"),
    ("notices", "id at kind reference letter_id detail"),
    ("letter_on_legal_hold", "letter_id"),
];

#[tokio::test]
async fn the_views_have_the_columns_that_were_promised() {
    let book = Book::new().await;
    let mut sql = book.sql().await;
    let views = sql.column("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name").await;
    assert_eq!(views, ["dispatch_records", "letter_on_legal_hold", "letter_status", "notices", "temporary_passwords"]);
    for (view, columns) in VIEWS {
        let found = sql.column(&format!("SELECT name FROM pragma_table_info('{view}') ORDER BY cid")).await;
        assert_eq!(found.join(" "), columns, "{view}");
        let first = &found[0];
        sql.refused(&format!("UPDATE {view} SET {first} = NULL"), "because it is a view").await;
        sql.refused(&format!("DELETE FROM {view}"), "because it is a view").await;
    }
}
