//! Values as people and calendars make them: what is read is what was given.

use chrono::{DateTime, Utc};
use letterpost::domain::letter::LetterId;
use letterpost::domain::request::NewRequest;
use letterpost::ports::ledger::{BackupRecord, PlannedRow, Taken};

use crate::book::{Book, Kind, at, intake_file, on, request, sealed};

async fn take(book: &Book, requests: Vec<NewRequest>) {
    let rows: Vec<PlannedRow> = requests
        .into_iter()
        .zip(2..)
        .map(|(request, line)| PlannedRow::New {
            line,
            request: Box::new(request),
            promised_by_on: on("2026-12-07"),
            taken: Taken::Pending { replaces: None },
        })
        .collect();
    book.ledger.take_rows(&intake_file("a.csv"), &rows, None, at()).await.unwrap();
}

pub async fn texts_come_back_as_they_were_given(kind: Kind) {
    let book = Book::on(kind).await;
    let names = [
        "Zoë Łukasiewicz-Nuñez",
        "O'Brien \"Bobby\"; DROP TABLE letter; --",
        "  spaces  kept  ",
        "प्रिया",
        "名前",
        "e\u{301}\u{200d}👩‍👩‍👧",
        "back\\slash {brace} [bracket] %_$1 ?",
        "NULL",
    ];
    let requests = names
        .iter()
        .zip(0..)
        .map(|(name, number)| {
            let mut request = request(&format!("R-{number}"), &format!("person {name}"));
            (*name).clone_into(&mut request.recipient.full_name);
            request.recipient.address.city = (*name).repeat(3);
            request
        })
        .collect();
    take(&book, requests).await;
    let batch = book.claim("owner {with} \"signs\"").await;
    assert_eq!(batch.members.iter().map(|member| member.recipient.full_name.as_str()).collect::<Vec<_>>(), names);
    for (member, name) in batch.members.iter().zip(names) {
        assert_eq!(
            (member.username.as_str(), &member.recipient.address.city),
            (&*format!("person {name}"), &name.repeat(3))
        );
        assert_eq!(member.recipient.address.address_line_2, "", "an empty text is one, and no NULL");
        assert_eq!(member.requested_at, at());
    }
    let usernames: Vec<String> = names.iter().map(|name| format!("person {name}")).collect();
    assert_eq!(book.ledger.standings(&usernames).await.unwrap().len(), names.len());
    let references: Vec<String> = (0..20).map(|number| format!("R-{number}")).collect();
    assert_eq!(book.ledger.known_references(&references).await.unwrap().len(), names.len());
    assert!(book.ledger.known_references(&[]).await.unwrap().is_empty());
    book.ledger.commit(&batch, &sealed(&batch, 1)).await.unwrap();
    let found = book.ledger.kept_passwords("person 名前").await.unwrap();
    assert_eq!((found.len(), found[0].reference.as_str()), (1, "R-4"));
    assert!(book.ledger.kept_passwords("PERSON NULL").await.unwrap().is_empty(), "names are compared as they are");
}

pub async fn dates_and_instants_come_back_as_they_were_given(kind: Kind) {
    let book = Book::on(kind).await;
    for (made_at, entries) in
        [("1999-12-31T23:59:59Z", 0), ("2028-02-29T00:00:00Z", 1), ("2099-12-31T23:59:59Z", 9_007_199_254_740_991)]
    {
        let made_at: DateTime<Utc> = made_at.parse().unwrap();
        let backup = BackupRecord { made_at, path: format!("/b/{entries}"), sha256: "c".repeat(64), entries };
        book.ledger.record_backup(&backup).await.unwrap();
        assert_eq!(book.ledger.last_backup().await.unwrap(), Some(backup));
    }
    // A part of a second is no part of any record.
    let exact: DateTime<Utc> = "2026-11-21T03:30:00.987654Z".parse().unwrap();
    book.ask("R-1", "avery").await;
    let batch = book.claim("one").await;
    let mut package = sealed(&batch, 1);
    (package.made_at, package.size_bytes) = (exact, 5 << 32);
    let letter = &mut package.letters[0];
    (letter.planned_mail_on, letter.use_by_on, letter.cap_on) = (on("2027-12-31"), on("2028-02-29"), on("2028-02-29"));
    book.ledger.commit(&batch, &package).await.unwrap();
    let record = book.ledger.letter(package.letters[0].letter_id).await.unwrap().unwrap();
    assert_eq!((record.minted_at, record.use_by_on, record.expires_on), (at(), on("2028-02-29"), on("2028-02-29")));
    assert_eq!((record.dispatched_on, record.replaces, record.imb.as_str()), (None, None, ""));
    let shown = book.ledger.batch(&batch.name).await.unwrap().unwrap();
    assert_eq!((shown.size_bytes, shown.status_at, shown.offered_at), (Some(5 << 32), at(), None));
    assert_eq!(book.ledger.letter(LetterId::from_entropy([7; 10])).await.unwrap(), None);
}

pub async fn what_is_listed_is_in_its_order(kind: Kind) {
    let book = Book::on(kind).await;
    // Not the order of any language: that of the bytes.
    let references = ["R-10", "R-2", "R-Z", "R-a", "R-É"];
    take(&book, references.iter().map(|name| request(name, &format!("person {name}"))).collect()).await;
    let batch = book.claim("one").await;
    assert_eq!(batch.members.iter().map(|member| member.reference.as_str()).collect::<Vec<_>>(), references);
    let mut sql = book.sql().await;
    let by_bytes = sql.column("SELECT reference FROM request ORDER BY reference").await;
    assert_eq!(by_bytes, references);
    let kinds = book.ledger.pending_kinds().await.unwrap();
    assert!(kinds.is_empty(), "all are claimed: {kinds:?}");
    let left: Vec<i64> = batch.members[3..].iter().map(|member| member.request_id).collect();
    book.ledger.put_back_members(&batch, &left, at()).await.unwrap();
    let kinds = book.ledger.pending_kinds().await.unwrap();
    assert_eq!((kinds.len(), kinds[0].1, kinds[0].0.country.as_str()), (1, 2, "US"));
    let held: Vec<(i64, String)> = batch.members[1..3]
        .iter()
        .map(|member| (member.request_id, format!("because of {}", member.reference)))
        .collect();
    book.ledger.hold_members(&batch, &held, on("2026-11-25"), at()).await.unwrap();
    let waiting: Vec<(String, String)> =
        book.ledger.held_requests().await.unwrap().into_iter().map(|held| (held.reference, held.reason)).collect();
    assert_eq!(
        waiting,
        [("R-2", "because of R-2"), ("R-Z", "because of R-Z")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    let again = book.take_over(batch.batch_id, "two").await;
    assert_eq!(again.members.iter().map(|member| member.reference.as_str()).collect::<Vec<_>>(), ["R-10"]);
    book.ledger.commit(&again, &sealed(&again, 1)).await.unwrap();
    assert_eq!(book.ledger.unfinished_batches().await.unwrap(), Vec::<i64>::new());
    assert_eq!(book.ledger.objects_in_use().await.unwrap().len(), 1);
    let other = book.claim("three").await;
    assert_eq!((other.number, other.members.len()), (2, 2));
}
