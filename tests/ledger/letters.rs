//! One letter a request, one live password an account; and a change that cannot be made whole is not made.

use letterpost::ports::ledger::{LedgerError, LedgerResult};

use crate::book::sql::taken;
use crate::book::{Book, Kind, at, on, sealed};

/// A package of one letter for each request that waits, at the vendor.
async fn deliver(book: &Book, mark: u8) -> i64 {
    let batch = book.claim("one").await;
    book.ledger.commit(&batch, &sealed(&batch, mark)).await.unwrap();
    book.ledger.record_offer(batch.batch_id, at()).await.unwrap();
    book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await.unwrap();
    batch.batch_id
}

fn is_overtaken(result: &LedgerResult<()>) -> bool {
    matches!(result, Err(LedgerError::Overtaken { .. }))
}

pub async fn an_account_never_has_two_live_passwords(kind: Kind) {
    let book = Book::on(kind).await;
    book.ask("R-1", "avery").await;
    deliver(&book, 1).await;
    book.ask("R-2", "avery").await;
    deliver(&book, 2).await;
    let mut sql = book.sql().await;
    let passwords = "SELECT reference || ' ' || password_status || coalesce(' ' || CAST(ended_on AS TEXT), '')
        FROM letter JOIN request ON request.id = request_id ORDER BY reference";
    assert_eq!(sql.column(passwords).await, ["R-1 revoked 2026-11-20", "R-2 live"]);
    let before = sql.everything().await;
    for status in ["live", "locked"] {
        let again = format!(
            "UPDATE letter SET password_status = '{status}', ended_on = NULL, end_reason = NULL
             WHERE password_status = 'revoked'"
        );
        sql.refused_as(&again, &taken("UNIQUE constraint failed: letter.username", "one_live_password_an_account"))
            .await;
    }
    assert_eq!(sql.everything().await, before);
}

pub async fn an_account_never_has_two_requests_on_their_way(kind: Kind) {
    let book = Book::on(kind).await;
    book.ask("R-1", "avery").await;
    let mut sql = book.sql().await;
    let columns = sql.columns("request").await;
    let copied: Vec<&str> = columns
        .iter()
        .map(|column| match column.as_str() {
            "id" => "id + 1",
            "reference" => "'R-2'",
            other => other,
        })
        .collect();
    let second = format!("INSERT INTO request SELECT {} FROM request", copied.join(", "));
    sql.refused_as(&second, &taken("UNIQUE constraint failed: request.username", "one_open_request_an_account")).await;
}

pub async fn a_request_has_a_second_letter_only_after_the_first_was_voided(kind: Kind) {
    let book = Book::on(kind).await;
    book.ask("R-1", "avery").await;
    book.ask("R-2", "blair").await;
    let batch = book.claim("one").await;
    book.ledger.commit(&batch, &sealed(&batch, 1)).await.unwrap();
    let mut sql = book.sql().await;
    let columns = sql.columns("letter").await;
    let copied: Vec<&str> = columns
        .iter()
        .map(|column| match column.as_str() {
            "id" => "'00000-00000'",
            "sequence" => "sequence + 10",
            other => other,
        })
        .collect();
    let second = format!("INSERT INTO letter SELECT {} FROM letter WHERE sequence = 1", copied.join(", "));
    sql.refused_as(&second, &taken("UNIQUE constraint failed: letter.request_id", "one_letter_a_request")).await;
    // The library is refused as well, and what it had done up to there is undone.
    book.ask("R-3", "casey").await;
    let other = book.claim("one").await;
    let mut wrong = sealed(&other, 2);
    wrong.letters[0].request_id = batch.members[0].request_id;
    let before = sql.everything().await;
    book.ledger.commit(&other, &wrong).await.unwrap_err();
    assert_eq!(sql.everything().await, before);
    // A package that no vendor had is withdrawn: its requests wait again and get their one letter.
    book.ledger.void_package(batch.batch_id, "stale", at(), on("2026-11-25")).await.unwrap();
    let anew = book.claim("one").await;
    assert_eq!(anew.members.len(), 2);
    book.ledger.commit(&anew, &sealed(&anew, 3)).await.unwrap();
    let letters = "SELECT reference || ' ' || letter.status FROM letter JOIN request ON request.id = request_id
        ORDER BY reference, letter.batch_id";
    assert_eq!(sql.column(letters).await, ["R-1 voided", "R-1 sealed", "R-2 voided", "R-2 sealed"]);
    let numbers = [batch.number, other.number, anew.number];
    assert_eq!(numbers, [1, 2, 3], "a number is never given again");
}

pub async fn who_lost_a_batch_changes_nothing(kind: Kind) {
    let book = Book::on(kind).await;
    book.ask("R-1", "avery").await;
    let lost = book.claim("one").await;
    let taken = book.take_over(lost.batch_id, "two").await;
    assert_eq!((taken.attempt, taken.owner.as_str(), &taken.members), (2, "two", &lost.members));
    let mut sql = book.sql().await;
    let before = sql.everything().await;
    assert!(is_overtaken(&book.ledger.commit(&lost, &sealed(&lost, 1)).await));
    let held = [(lost.members[0].request_id, "cannot be printed".to_owned())];
    assert!(is_overtaken(&book.ledger.hold_members(&lost, &held, on("2026-11-25"), at()).await));
    assert!(is_overtaken(&book.ledger.void_empty(&lost, "empty", at()).await));
    // The same owner under an older attempt has lost it too.
    let older = letterpost::ports::ledger::ClaimedBatch { attempt: 1, ..taken.clone() };
    assert!(is_overtaken(&book.ledger.commit(&older, &sealed(&older, 1)).await));
    assert_eq!(sql.everything().await, before);
    book.ledger.commit(&taken, &sealed(&taken, 2)).await.unwrap();
    assert!(is_overtaken(&book.ledger.commit(&taken, &sealed(&taken, 3)).await), "a batch is finished once");
    assert_eq!(book.ledger.accounting().await.unwrap().letters, 1);
}

pub async fn a_change_that_does_not_fit_is_undone_whole(kind: Kind) {
    let book = Book::on(kind).await;
    book.ask("R-1", "avery").await;
    book.ask("R-2", "blair").await;
    let batch = book.claim("one").await;
    let mut sql = book.sql().await;
    // The second of two letters does not fit any more: the first is not made either.
    sql.run("UPDATE request SET status = 'pending', batch_id = NULL WHERE reference = 'R-2'").await.unwrap();
    let before = sql.everything().await;
    assert!(is_overtaken(&book.ledger.commit(&batch, &sealed(&batch, 1)).await));
    assert_eq!(sql.everything().await, before);
    let back = format!("UPDATE request SET status = 'claimed', batch_id = {} WHERE reference = 'R-2'", batch.batch_id);
    sql.run(&back).await.unwrap();
    book.ledger.commit(&batch, &sealed(&batch, 1)).await.unwrap();
    // Neither a step too early nor a step twice.
    let before = sql.everything().await;
    assert!(is_overtaken(&book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await));
    assert_eq!(sql.everything().await, before);
    book.ledger.record_offer(batch.batch_id, at()).await.unwrap();
    let before = sql.everything().await;
    assert!(is_overtaken(&book.ledger.record_offer(batch.batch_id, at()).await));
    let voided = book.ledger.void_package(batch.batch_id, "stale", at(), on("2026-11-25")).await;
    assert!(is_overtaken(&voided), "what was offered is never withdrawn");
    assert_eq!(sql.everything().await, before);
    book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await.unwrap();
    let before = sql.everything().await;
    assert!(is_overtaken(&book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await));
    assert!(is_overtaken(&book.ledger.record_void_sent(batch.batch_id, at()).await));
    assert_eq!(sql.everything().await, before);
}

/// More letters than a statement has rows, of accounts of which some have an older letter.
pub async fn a_thousand_letters_are_sealed_delivered_and_replaced(kind: Kind) {
    let book = Book::on(kind).await;
    let many = 600;
    let ask = async |first: u32| {
        let people: Vec<(String, String)> =
            (0..many).map(|number| (format!("R-{first}-{number:04}"), format!("person-{number:04}"))).collect();
        book.ask_all(&people).await;
    };
    ask(1).await;
    let first = book.claim_up_to(many, "one").await;
    let older = sealed(&first, 1);
    book.ledger.commit(&first, &older).await.unwrap();
    book.ledger.record_offer(first.batch_id, at()).await.unwrap();
    ask(2).await;
    let second = book.claim_up_to(many, "two").await;
    let newer = sealed(&second, 2);
    book.ledger.commit(&second, &newer).await.unwrap();
    book.ledger.record_offer(second.batch_id, at()).await.unwrap();
    let mut sql = book.sql().await;
    let pairs = "SELECT id || ' ' || replaces FROM letter WHERE replaces IS NOT NULL ORDER BY sequence";
    let expected: Vec<String> = newer
        .letters
        .iter()
        .zip(&older.letters)
        .map(|(new, old)| format!("{} {}", new.letter_id, old.letter_id))
        .collect();
    assert_eq!(sql.column(pairs).await, expected);
    // The newer package comes first: the older one's passwords never live.
    book.ledger.record_delivery(second.batch_id, at(), on("2026-11-20")).await.unwrap();
    book.ledger.record_delivery(first.batch_id, at(), on("2026-11-21")).await.unwrap();
    let statuses = "SELECT batch_id || ' ' || password_status || ' ' || count(*) FROM letter
        GROUP BY batch_id, password_status ORDER BY batch_id";
    assert_eq!(sql.column(statuses).await, [format!("1 revoked {many}"), format!("2 live {many}")]);
    let revoked = "SELECT CAST(count(DISTINCT letter) AS TEXT) FROM audit_entry WHERE kind = 'password.revoked'";
    assert_eq!(sql.column(revoked).await, [many.to_string()]);
    let because = "SELECT end_reason FROM letter WHERE sequence = 7 AND batch_id = 1";
    assert_eq!(sql.column(because).await, [format!("replaced by letter {}", newer.letters[6].letter_id)]);
    assert_eq!(book.ledger.contradictions().await.unwrap(), Vec::<String>::new());
    assert_eq!(book.ledger.notices(0, 2000).await.unwrap().len(), 1200);
}
