//! What a receipt changes: every line of it or none, and the entries that its letters name.

use letterpost::domain::letter::{LetterId, LetterStatus};
use letterpost::domain::receipt::ReceiptEvent;
use letterpost::domain::reconciliation::{ExceptionKind, Totals};
use letterpost::ports::ledger::{
    ClaimedBatch, JudgedLine, JudgedReceipt, LedgerError, LetterChange, SealedBatch, Verdict,
};
use serde_json::Value;

use crate::book::{Book, Kind, at, on, sealed};

/// A package of so many letters that a vendor has, with what was sealed.
async fn delivered(book: &Book, letters: u32, mark: u8) -> (ClaimedBatch, SealedBatch) {
    for number in 0..letters {
        book.ask(&format!("R-{mark}-{number:03}"), &format!("person-{mark}-{number:03}")).await;
    }
    let batch = book.claim("one").await;
    let package = sealed(&batch, mark);
    book.ledger.commit(&batch, &package).await.unwrap();
    book.ledger.record_offer(batch.batch_id, at()).await.unwrap();
    book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await.unwrap();
    (batch, package)
}

fn line(line: u64, letter_id: LetterId, event: &str, day: &str, change: LetterChange) -> JudgedLine {
    JudgedLine {
        line,
        letter: letter_id.to_string(),
        event: ReceiptEvent::from_name(event),
        event_on: Some(on(day)),
        sheets: 1,
        is_remake: matches!(change, LetterChange::Remade { .. }),
        postal_statement: None,
        verdict: Verdict::Taken { letter_id, change, noted: None },
    }
}

fn printed(number: u64, letter_id: LetterId) -> JudgedLine {
    line(number, letter_id, "printed", "2026-11-23", LetterChange::Printed { printed_on: on("2026-11-23") })
}

fn mailed(number: u64, letter_id: LetterId) -> JudgedLine {
    let postal_statement = Some("PS-1".parse().unwrap());
    let change = LetterChange::Mailed {
        dispatched_on: on("2026-11-24"),
        expires_on: on("2026-12-09"),
        expected_from: on("2026-11-25"),
        expected_to: on("2026-12-01"),
        days_to_read: 6,
        postal_statement,
    };
    line(number, letter_id, "mailed", "2026-11-24", change)
}

fn receipt(batch: &ClaimedBatch, number: u32, lines: Vec<JudgedLine>) -> JudgedReceipt {
    JudgedReceipt {
        file_name: format!("{}.receipt-{number}.csv", batch.name),
        sha256: format!("{number}").repeat(64),
        signature_sha256: String::new(),
        batch_id: batch.batch_id,
        number,
        accepted: true,
        package_on: on("2026-11-23"),
        lines,
    }
}

pub async fn what_a_receipt_says_is_known_of_its_letters(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 6, 1).await;
    let letters: Vec<LetterId> = package.letters.iter().map(|letter| letter.letter_id).collect();
    let ended = |number, place: usize, status: LetterStatus, event: &str| {
        let change = LetterChange::Ended { status, ended_on: on("2026-11-24") };
        line(number, letters[place], event, "2026-11-24", change)
    };
    let mut unreadable = printed(9, letters[5]);
    unreadable.letter = "no letter \u{fffd}".to_owned();
    (unreadable.event, unreadable.event_on) = (None, None);
    unreadable.verdict = Verdict::Held(ExceptionKind::Unreadable.fault("it cannot be read".to_owned()));
    let remade = LetterChange::Remade { remade_on: on("2026-11-23") };
    let lines = vec![
        printed(3, letters[0]),
        mailed(4, letters[0]),
        printed(5, letters[1]),
        ended(6, 2, LetterStatus::Spoiled, "spoiled"),
        line(7, letters[3], "spoiled", "2026-11-23", remade.clone()),
        line(8, letters[3], "spoiled", "2026-11-23", remade),
        unreadable,
    ];
    let first = receipt(&batch, 1, lines);
    book.ledger.take_receipt(&first, at(), on("2026-11-24")).await.unwrap();

    let facts = book.ledger.package_facts(&batch.name).await.unwrap().unwrap();
    assert_eq!(facts.status, "accepted");
    assert_eq!(facts.taken[&1], (first.sha256.clone(), String::new()));
    let statuses: Vec<String> = letters.iter().map(|id| facts.letters[id].story.status.to_string()).collect();
    assert_eq!(statuses, ["mailed", "printed", "spoiled", "accepted", "accepted", "accepted"]);
    let zero = &facts.letters[&letters[0]];
    assert_eq!((zero.story.printed_on, zero.story.mailed_on), (Some(on("2026-11-23")), Some(on("2026-11-24"))));
    assert_eq!(zero.story.postal_statement.as_ref().map(ToString::to_string).as_deref(), Some("PS-1"));
    assert_eq!(zero.expires_on, on("2026-12-09"));
    assert_eq!(facts.letters[&letters[3]].story.remakes, 2);
    assert_eq!(facts.letters[&letters[2]].password_status.as_str(), "revoked");

    let kept = book.ledger.receipt_lines(1, 0).await.unwrap();
    assert_eq!(kept.iter().map(|line| line.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9]);
    let last = kept.last().unwrap();
    assert_eq!((last.event, last.event_on, last.letter.as_str()), (None, None, "no letter \u{fffd}"));
    assert_eq!(last.held_because.as_deref(), Some("it cannot be read"));
    let shown = book.ledger.package_book(&batch.name).await.unwrap().unwrap();
    let events: Vec<(&str, u32)> =
        shown.receipts[0].events.iter().map(|(name, lines)| (name.as_str(), *lines)).collect();
    assert_eq!(events, [("mailed", 1), ("printed", 2), ("remade", 2), ("spoiled", 1)]);
    assert_eq!((shown.receipts[0].lines_taken, shown.receipts[0].lines_held), (6, 1));
    assert_eq!((shown.manifest.pieces, shown.pieces.len()), (6, 6));

    // What comes back was mailed before.
    let second = receipt(&batch, 2, vec![ended(3, 0, LetterStatus::Returned, "returned")]);
    book.ledger.take_receipt(&second, at(), on("2026-11-30")).await.unwrap();
    let facts = book.ledger.package_facts(&batch.name).await.unwrap().unwrap();
    assert_eq!(facts.letters[&letters[0]].story.returned_on, Some(on("2026-11-24")));
    let kinds: Vec<String> = book.ledger.notices(0, 100).await.unwrap().into_iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, ["minted", "minted", "minted", "minted", "minted", "minted", "mailed", "returned"]);
}

pub async fn the_steps_of_a_letter_are_taken_in_the_order_of_the_file(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 3, 1).await;
    let letters: Vec<LetterId> = package.letters.iter().map(|letter| letter.letter_id).collect();
    // Printed anew after a remake, and on one paper more than once: no step waits behind a later one.
    let remade = |number| {
        line(number, letters[0], "spoiled", "2026-11-23", LetterChange::Remade { remade_on: on("2026-11-23") })
    };
    let pulled = LetterChange::Ended { status: LetterStatus::Pulled, ended_on: on("2026-11-24") };
    let lines = vec![
        printed(3, letters[0]),
        remade(4),
        printed(5, letters[1]),
        printed(6, letters[0]),
        mailed(7, letters[0]),
        line(8, letters[1], "pulled", "2026-11-24", pulled),
    ];
    book.ledger.take_receipt(&receipt(&batch, 1, lines), at(), on("2026-11-24")).await.unwrap();
    let of = |letter: LetterId| book.ledger.entries_of_letter(Box::leak(letter.to_string().into_boxed_str()));
    let told = |entries: Vec<letterpost::ports::ledger::KeptEntry>| {
        let entries = entries.iter().map(|kept| serde_json::from_slice::<Value>(&kept.entry).unwrap());
        let own = entries.filter(|entry| entry["data"]["line"].as_u64().is_some_and(|line| line > 2));
        own.map(|entry| format!("{} {}", entry["kind"].as_str().unwrap(), entry["before"]["status"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(of(letters[0]).await.unwrap()),
        [
            "letter.printed \"accepted\"",
            "letter.remade null",
            "letter.printed \"printed\"",
            "letter.mailed \"printed\""
        ]
    );
    assert_eq!(told(of(letters[1]).await.unwrap()), ["letter.printed \"accepted\"", "letter.pulled \"printed\""]);
}

pub async fn a_refused_package_ends_its_passwords(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 3, 1).await;
    let refused = JudgedReceipt { accepted: false, ..receipt(&batch, 1, Vec::new()) };
    book.ledger.take_receipt(&refused, at(), on("2026-11-24")).await.unwrap();
    let facts = book.ledger.package_facts(&batch.name).await.unwrap().unwrap();
    assert_eq!(facts.status, "refused");
    for letter in &package.letters {
        let fact = &facts.letters[&letter.letter_id];
        assert_eq!((fact.story.status, fact.password_status.as_str()), (LetterStatus::Rejected, "revoked"));
        assert_eq!(fact.story.unmailed_on, Some(on("2026-11-23")));
    }
    assert!(
        book.ledger.kept_passwords("person-1-000").await.unwrap().iter().all(|kept| kept.status.as_str() == "revoked")
    );
}

pub async fn a_receipt_that_does_not_fit_changes_nothing(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 2, 1).await;
    let letters: Vec<LetterId> = package.letters.iter().map(|letter| letter.letter_id).collect();
    let mut sql = book.sql().await;
    let before = sql.everything().await;
    let stated = LetterChange::Stated { postal_statement: "PS-2".parse().unwrap() };
    for last in [
        // A letter that is none, one that was never mailed, and the same letter mailed twice.
        mailed(9, LetterId::from_entropy([9; 10])),
        line(9, letters[1], "mailed", "2026-11-24", stated),
        mailed(9, letters[0]),
    ] {
        let wrong = receipt(&batch, 1, vec![printed(3, letters[1]), mailed(4, letters[0]), last]);
        book.ledger.take_receipt(&wrong, at(), on("2026-11-24")).await.unwrap_err();
        assert_eq!(sql.everything().await, before);
    }
    let right = receipt(&batch, 1, vec![printed(3, letters[1]), mailed(4, letters[0])]);
    book.ledger.take_receipt(&right, at(), on("2026-11-24")).await.unwrap();
    let before = sql.everything().await;
    // The same number again.
    book.ledger.take_receipt(&right, at(), on("2026-11-24")).await.unwrap_err();
    assert_eq!(sql.everything().await, before);
    assert!(matches!(
        book.ledger.take_receipt(&receipt(&batch, 2, vec![mailed(3, letters[0])]), at(), on("2026-11-24")).await,
        Err(LedgerError::Overtaken { .. })
    ));
    assert_eq!(sql.everything().await, before);
}

pub async fn a_receipt_that_waits_keeps_its_package_open(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 1, 1).await;
    book.ledger.receipt_waits(batch.batch_id, 2, "two.csv", at()).await.unwrap();
    book.ledger.receipt_waits(batch.batch_id, 2, "two.csv", at()).await.unwrap();
    book.ledger.refuse_receipt("three.csv", ("d", ""), "it says nothing", at()).await.unwrap();
    assert_eq!(book.ledger.seen_receipts("three.csv").await.unwrap().len(), 1);
    let first = receipt(&batch, 1, vec![mailed(3, package.letters[0].letter_id)]);
    book.ledger.take_receipt(&first, at(), on("2026-11-24")).await.unwrap();
    let shown = book.ledger.package_book(&batch.name).await.unwrap().unwrap();
    assert_eq!((shown.waiting.len(), shown.waiting[0].number, shown.waiting[0].first_seen_at), (1, 2, at()));
    assert!(!book.ledger.close_package(&shown, &Totals::default(), at()).await.unwrap());
    assert_eq!(book.ledger.open_packages().await.unwrap(), [batch.name.as_str()]);
    let second = receipt(&batch, 2, Vec::new());
    book.ledger.take_receipt(&second, at(), on("2026-11-24")).await.unwrap();
    assert!(book.ledger.close_package(&shown, &Totals::default(), at()).await.unwrap());
    assert!(!book.ledger.close_package(&shown, &Totals::default(), at()).await.unwrap(), "it is closed once");
    assert_eq!(book.ledger.open_packages().await.unwrap(), Vec::<String>::new());
}

pub async fn the_entries_of_a_receipt_have_the_places_that_its_letters_name(kind: Kind) {
    let book = Book::on(kind).await;
    let (batch, package) = delivered(&book, 90, 1).await;
    let pulled = LetterChange::Ended { status: LetterStatus::Pulled, ended_on: on("2026-11-24") };
    let mut lines = Vec::new();
    for (letter, place) in package.letters.iter().zip(0u64..) {
        lines.push(printed(3 + 2 * place, letter.letter_id));
        lines.push(match place % 3 {
            0 => line(4 + 2 * place, letter.letter_id, "pulled", "2026-11-24", pulled.clone()),
            _ => mailed(4 + 2 * place, letter.letter_id),
        });
    }
    book.ledger.take_receipt(&receipt(&batch, 1, lines), at(), on("2026-11-24")).await.unwrap();
    let mut sql = book.sql().await;
    let named = "SELECT letter.id || ' ' || entry.kind || ' ' || coalesce(entry.letter, '-') FROM letter
        JOIN audit_entry AS entry ON entry.seq = coalesce(letter.mailed_seq, letter.unmailed_seq) ORDER BY sequence";
    let expected: Vec<String> = (package.letters.iter().zip(0..))
        .map(|(letter, place)| {
            let kind = if place % 3 == 0 { "letter.pulled" } else { "letter.mailed" };
            format!("{} {kind} {}", letter.letter_id, letter.letter_id)
        })
        .collect();
    assert_eq!(sql.column(named).await, expected);
    let places = sql.column("SELECT CAST(count(*) - 1 - max(seq) AS TEXT) FROM audit_entry").await;
    assert_eq!(places, ["0"], "no place is left out");
}
