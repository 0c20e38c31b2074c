//! Serial numbers of barcodes: nobody ever gets one that somebody else has, whatever dies, races or is written by hand.

use letterpost::domain::imb::Imb;
use letterpost::domain::imb::serials::{Exhausted, SerialRange, TakenBlock};
use letterpost::ports::ledger::{ClaimedBatch, LedgerError, LedgerResult, WantedSerials};

use crate::book::sql::{CHECKED, both, taken};
use crate::book::{Book, Kind, at, on, sealed};

const MAILER_ID: &str = "987654321";

/// Numbers from 100 to `last`.
fn wanted(last: u32, count: u32, today: &str, free_on: &str) -> WantedSerials {
    let range = SerialRange::new(MAILER_ID.parse().unwrap(), 100, last).unwrap();
    WantedSerials { range, count, today: on(today), free_on: on(free_on) }
}

async fn take(book: &Book, batch: &ClaimedBatch, wanted: WantedSerials) -> Result<u32, Exhausted> {
    book.ledger.take_serials(batch, wanted, at()).await.unwrap()
}

async fn claimed(book: &Book, number: u32) -> ClaimedBatch {
    book.ask(&format!("R-{number}"), &format!("person-{number}")).await;
    book.claim("one").await
}

fn is_overtaken<T>(result: &LedgerResult<T>) -> bool {
    matches!(result, Err(LedgerError::Overtaken { .. }))
}

pub async fn numbers_follow_one_another_and_a_dead_attempts_numbers_are_spent(kind: Kind) {
    let book = Book::on(kind).await;
    let first = claimed(&book, 1).await;
    let week = wanted(199, 40, "2026-11-20", "2027-01-08");
    assert_eq!(take(&book, &first, week).await, Ok(100));
    // The run died with its numbers: the next attempt gets others.
    let again = book.take_over(first.batch_id, "two").await;
    assert_eq!(take(&book, &again, week).await, Ok(140));
    let third = claimed(&book, 2).await;
    let exhausted = take(&book, &third, week).await.unwrap_err();
    assert_eq!(exhausted.free_on, Some(on("2027-01-08")));
    // Nothing was taken; what does fit is still there, and on its day the first block is free again.
    assert_eq!(take(&book, &third, WantedSerials { count: 20, ..week }).await, Ok(180));
    let fourth = claimed(&book, 3).await;
    let later = wanted(199, 40, "2027-01-07", "2027-02-25");
    assert_eq!(take(&book, &fourth, later).await.unwrap_err().free_on, Some(on("2027-01-08")));
    let later = WantedSerials { today: on("2027-01-08"), ..later };
    assert_eq!(take(&book, &fourth, later).await, Ok(100));
    let in_use = book.ledger.serials_in_use(MAILER_ID.parse().unwrap(), on("2027-01-08")).await.unwrap();
    let block = TakenBlock { first: 100, count: 40, taken_on: on("2027-01-08"), free_on: on("2027-02-25") };
    assert_eq!(in_use, [block]);
    let kinds = book.sql().await.column("SELECT kind FROM audit_entry").await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "package.serials_taken").count(), 4);
}

pub async fn who_lost_a_batch_takes_nothing(kind: Kind) {
    let book = Book::on(kind).await;
    let lost = claimed(&book, 1).await;
    book.take_over(lost.batch_id, "two").await;
    let before = book.sql().await.everything().await;
    let week = wanted(199, 40, "2026-11-20", "2027-01-08");
    assert!(is_overtaken(&book.ledger.take_serials(&lost, week, at()).await));
    assert_eq!(book.sql().await.everything().await, before);
}

pub async fn many_takers_at_once_get_numbers_of_their_own(kind: Kind) {
    let book = Book::on(kind).await;
    let mut takers = Vec::new();
    for number in 0..12 {
        let batch = claimed(&book, number).await;
        let ledger = book.another().await;
        let week = wanted(299, 7 + number % 3, "2026-11-20", "2027-01-08");
        takers.push(tokio::spawn(async move { (ledger.take_serials(&batch, week, at()).await, week.count) }));
    }
    let mut numbers = Vec::new();
    for taker in takers {
        let (first, count) = taker.await.unwrap();
        let first = first.unwrap().unwrap();
        numbers.extend(first..first + count);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (100..100 + 96).collect::<Vec<u32>>(), "each once, without a gap");
}

pub async fn no_statement_gives_a_number_twice_or_gives_one_back(kind: Kind) {
    let book = Book::on(kind).await;
    let batch = claimed(&book, 1).await;
    assert_eq!(take(&book, &batch, wanted(199, 40, "2026-11-20", "2027-01-08")).await, Ok(100));
    let mut sql = book.sql().await;
    let before = sql.everything().await;
    let replacing = if kind == Kind::Sqlite { "OR REPLACE" } else { "" };
    let insert = |first: u32, count: u32, taken_on: &str, attempt: u32| {
        format!(
            "INSERT {replacing} INTO serial_block (mailer_id, first, count, taken_at, taken_on, free_on, batch_id, attempt)
             VALUES ('{MAILER_ID}', {first}, {count}, '2026-11-21T03:30:00Z', '{taken_on}', '2027-03-01', {}, {attempt})",
            batch.batch_id
        )
    };
    for (statement, words) in [
        (insert(100, 40, "2026-11-21", 2), both("within 45 days")),
        (insert(139, 1, "2027-01-07", 2), both("within 45 days")),
        (insert(0, 101, "2026-11-21", 2), both("within 45 days")),
        (insert(0, 1000, "2026-11-21", 2), both("within 45 days")),
        (insert(110, 1, "2026-11-21", 2), both("within 45 days")),
        (insert(500, 10, "2026-11-21", 1), both("stay taken")),
        ("UPDATE serial_block SET free_on = '2026-11-21'".to_owned(), both("stay taken")),
        ("DELETE FROM serial_block".to_owned(), both("stay taken")),
        (insert(500, 10, "2027-03-01", 2), CHECKED),
    ] {
        sql.refused_as(&statement, &words).await;
        assert_eq!(sql.everything().await, before, "{statement}");
    }
    sql.run(&insert(140, 10, "2026-11-21", 2)).await.unwrap();
    sql.run(&insert(100, 40, "2027-01-08", 3)).await.unwrap();
}

pub async fn a_letter_is_found_by_its_barcode(kind: Kind) {
    let book = Book::on(kind).await;
    for number in 0..2 {
        book.ask(&format!("R-{number}"), &format!("person-{number}")).await;
    }
    let batch = book.claim("one").await;
    let mut package = sealed(&batch, 1);
    let imb: Imb = "0034098765432100010062701".parse().unwrap();
    package.letters[1].imb = Some(imb);
    book.ledger.commit(&batch, &package).await.unwrap();
    let wanted = package.letters[1].letter_id.to_string();
    for read in ["0034098765432100010062701", "00340987654321000100", "0034098765432100010062701000112"] {
        let letter = book.ledger.letter_by_barcode(read.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((letter.letter_id, letter.imb), (wanted.clone(), imb.digits()), "{read}");
    }
    for other in ["00340987654321000101", "00340987654321000099"] {
        assert_eq!(book.ledger.letter_by_barcode(other.parse().unwrap()).await.unwrap(), None, "{other}");
    }
    let plain = book.ledger.letter(package.letters[0].letter_id).await.unwrap().unwrap();
    assert_eq!(plain.imb, "");
    let mut sql = book.sql().await;
    // On PostgreSQL a letter is given no other barcode at all: it says whose it is.
    let wrong = taken("CHECK constraint failed", "never given to another account");
    for digits in ["0034098765432100010", "0034098765432100010x", "003409876543210001006270"] {
        sql.refused_as(&format!("UPDATE letter SET imb = '{digits}'"), &wrong).await;
    }
}
