//! The ledger by itself: what its constraints forbid, what its guards undo, and what its log gives away. What holds whatever
//! database it is in is asked of each of them.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "ledger/audit_log.rs"]
mod audit_log;
#[path = "ledger/book.rs"]
mod book;
#[path = "ledger/letters.rs"]
mod letters;
#[path = "ledger/portal.rs"]
mod portal;
#[path = "ledger/receipts.rs"]
mod receipts;
#[path = "ledger/serials.rs"]
mod serials;
#[path = "ledger/set_back.rs"]
mod set_back;
#[path = "ledger/tampering.rs"]
mod tampering;
#[path = "ledger/upgrading.rs"]
mod upgrading;
#[path = "ledger/values.rs"]
mod values;
#[path = "ledger/views.rs"]
mod views;

#[path = "support/night/mod.rs"]
mod night;

/// A test of each ledger for each of these functions.
macro_rules! on_both {
    ($($file:ident: $($test:ident)*;)*) => {
        mod on_sqlite {
            $(mod $file {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::$file::$test(crate::book::Kind::Sqlite).await;
                })*
            })*
        }
        mod on_postgres {
            $(mod $file {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::$file::$test(crate::book::Kind::Postgres).await;
                })*
            })*
        }
    };
}

on_both! {
    audit_log:
        no_statement_changes_the_log
        a_head_covers_all_that_is_in_the_log
        an_entry_is_about_what_its_bytes_say;
    letters:
        an_account_never_has_two_live_passwords
        an_account_never_has_two_requests_on_their_way
        a_request_has_a_second_letter_only_after_the_first_was_voided
        who_lost_a_batch_changes_nothing
        a_change_that_does_not_fit_is_undone_whole
        a_thousand_letters_are_sealed_delivered_and_replaced;
    receipts:
        what_a_receipt_says_is_known_of_its_letters
        the_steps_of_a_letter_are_taken_in_the_order_of_the_file
        a_refused_package_ends_its_passwords
        a_receipt_that_does_not_fit_changes_nothing
        a_receipt_that_waits_keeps_its_package_open
        the_entries_of_a_receipt_have_the_places_that_its_letters_name;
    serials:
        numbers_follow_one_another_and_a_dead_attempts_numbers_are_spent
        who_lost_a_batch_takes_nothing
        many_takers_at_once_get_numbers_of_their_own
        no_statement_gives_a_number_twice_or_gives_one_back
        a_letter_is_found_by_its_barcode;
    values:
        texts_come_back_as_they_were_given
        dates_and_instants_come_back_as_they_were_given
        what_is_listed_is_in_its_order;
}
