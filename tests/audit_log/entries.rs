//! Every entry says who did it, what it changed and to what it belongs; what touches a letter needs a person.

use letterpost::audit::actor::{Actors, LETTERPOST, PORTAL, Person};
use letterpost::audit::read::Entry;
use letterpost::ports::ledger::{Decision, Held, KeptEntry, LedgerError};
use serde_json::{Value, json};

use crate::book::{Book, at, on, sealed};
use crate::keys::MONDAY;
use crate::nightly::TestSite;

fn parsed(kept: &[KeptEntry]) -> Vec<Value> {
    kept.iter().map(|kept| serde_json::from_slice(&kept.entry).unwrap()).collect()
}

async fn entries(book: &Book) -> Vec<Value> {
    parsed(&book.ledger.entries(0, 1000).await.unwrap())
}

/// A ledger that a service works on, under an account of its own.
async fn of_a_service() -> Book {
    let mut book = Book::new().await;
    let account = Some(Person { uid: 980, login: "letterpost".to_owned() });
    book.ledger = book.worked_by(Actors { login: None, account, service: LETTERPOST }).await;
    book
}

fn decision(by: Option<&str>) -> Decision {
    Decision { reason: "the address is looked at".to_owned(), by: by.map(str::to_owned) }
}

#[tokio::test]
async fn a_service_is_named_with_its_run_and_a_person_where_one_decides() {
    let book = of_a_service().await;
    book.ask("R-1", "avery").await;
    book.ledger.start_run("nightly", "2026-11-20T22:30", at()).await.unwrap();
    book.ask("R-2", "blake").await;
    book.ledger.finish_run(1, at()).await.unwrap();
    book.ledger.hold_request("R-1", &decision(Some("Robin Sample")), on("2026-11-27"), at()).await.unwrap();
    book.ask("R-3", "casey").await;
    let entries = entries(&book).await;
    let of = |kind: &str, reference: Option<&str>| {
        let is_meant = |entry: &&Value| entry["kind"] == kind && entry["data"]["reference"].as_str() == reference;
        entries.iter().find(is_meant).unwrap_or_else(|| panic!("no {kind} {reference:?}"))
    };
    let service = json!({ "service": "letterpost" });
    let in_run = json!({ "run": 1, "service": "letterpost" });
    assert_eq!(of("request.taken", Some("R-1"))["actor"], service);
    assert_eq!(of("run.started", None)["actor"], in_run);
    assert_eq!(of("request.taken", Some("R-2"))["actor"], in_run);
    assert_eq!(of("request.taken", Some("R-3"))["actor"], service, "the run is over");
    let held = of("request.held", Some("R-1"));
    assert_eq!(held["actor"], json!({ "login": "letterpost", "uid": 980 }), "where no login is known, the account");
    assert_eq!((&held["before"], &held["after"]["status"]), (&json!({ "status": "pending" }), &json!("held")));
    assert_eq!(
        (&held["data"]["person"], &held["data"]["reason"]),
        (&json!("Robin Sample"), &json!("the address is looked at"))
    );
    assert!(entries.iter().all(|entry| entry["v"] == 2), "{entries:?}");
}

#[tokio::test]
async fn a_login_is_named_in_all_that_it_does() {
    let mut book = Book::new().await;
    let login = Some(Person { uid: 1000, login: "robin".to_owned() });
    book.ledger = book.worked_by(Actors { login, account: None, service: LETTERPOST }).await;
    book.ledger.start_run("nightly", "2026-11-20T22:30", at()).await.unwrap();
    book.ask("R-1", "avery").await;
    let actor = json!({ "login": "robin", "run": 1, "uid": 1000 });
    assert!(entries(&book).await.iter().all(|entry| entry["actor"] == actor));
}

#[tokio::test]
async fn nothing_is_decided_about_a_letter_without_a_person_and_a_reason() {
    let mut book = of_a_service().await;
    book.ask("R-1", "avery").await;
    let batch = book.claim("worker").await;
    book.ledger.commit(&batch, &sealed(&batch, 1)).await.unwrap();
    book.ask("R-2", "blake").await;
    let hold = async |book: &Book, decision: &Decision| {
        book.ledger.hold_request("R-2", decision, on("2026-11-27"), at()).await
    };
    let nobody = decision(None);
    let no_reason = Decision { reason: " ".to_owned(), by: Some("Robin Sample".to_owned()) };
    for (decision, words) in [(&nobody, "needs a person"), (&no_reason, "needs a reason")] {
        let before = book.sql().await.everything().await;
        match hold(&book, decision).await {
            Err(LedgerError::NotAllowed(why)) => assert!(why.contains(words), "{why}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(book.sql().await.everything().await, before, "nothing was done");
    }
    let ours = book.ledger.clone();
    book.ledger = book.worked_by(Actors::service(PORTAL)).await;
    match hold(&book, &decision(Some("Robin Sample"))).await {
        Err(LedgerError::NotAllowed(why)) => assert!(why.contains("'portal' is at work"), "{why}"),
        other => panic!("{other:?}"),
    }
    book.ledger = ours;
    hold(&book, &decision(Some("Robin Sample"))).await.unwrap();
    let robin = decision(Some("Robin Sample"));
    book.ledger.hold_package(&batch.name, &robin, on("2026-11-23"), at()).await.unwrap();
    book.ledger.release(Held::Package(&batch.name), &decision(Some("Kim Example")), None, at()).await.unwrap();
}

#[tokio::test]
async fn a_letters_way_is_found_from_its_file_to_the_vendor_without_other_peoples() {
    let book = of_a_service().await;
    book.ask("R-1", "avery").await;
    book.ask("R-2", "blake").await;
    let batch = book.claim("worker").await;
    let package = sealed(&batch, 1);
    book.ledger.commit(&batch, &package).await.unwrap();
    book.ledger.record_offer(batch.batch_id, at()).await.unwrap();
    book.ledger.record_delivery(batch.batch_id, at(), on("2026-11-20")).await.unwrap();
    book.ask("R-3", "casey").await;
    let other = book.claim("worker").await;
    book.ledger.commit(&other, &sealed(&other, 2)).await.unwrap();

    let letter = package.letters[0].letter_id.to_string();
    let way = parsed(&book.ledger.entries_of_letter(&letter).await.unwrap());
    let kinds: Vec<&str> = way.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    // The test's files all have one digest, so the intake of the others is told too.
    let (intake, rest): (Vec<&str>, Vec<&str>) = kinds.into_iter().partition(|kind| *kind == "intake.taken");
    assert_eq!(intake.len(), 3);
    assert_eq!(
        rest,
        ["request.taken", "package.claimed", "package.sealed", "letter.sealed", "package.offered", "package.delivered"]
    );
    let of = |kind| way.iter().find(|entry| entry["kind"] == kind).unwrap();
    assert_eq!(
        of("request.taken")["data"],
        json!({ "line": 2, "reference": "R-1", "sha256": "0".repeat(64), "status": "pending" })
    );
    assert_eq!(of("package.sealed")["data"]["sha256"], "a".repeat(64));
    assert_eq!(of("package.sealed")["before"], json!({ "status": "claimed" }));
    let delivered = of("package.delivered");
    assert_eq!(
        (&delivered["before"]["password_status"], &delivered["after"]["password_status"]),
        (&json!("waiting"), &json!("live"))
    );
    assert!(book.ledger.entries_of_letter("7K2QX-90DMC").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_instant_is_found_in_the_log() {
    let book = of_a_service().await;
    let hour = |hour| at() + chrono::Duration::hours(hour);
    for (number, begun_at) in (0..4).map(|number| (number, hour(number))) {
        book.ledger.start_run("nightly", &format!("2026-11-2{number}T22:30"), begun_at).await.unwrap();
    }
    for (asked, found) in [(-5, Some(0)), (0, Some(0)), (1, Some(1)), (3, Some(3)), (4, None)] {
        assert_eq!(book.ledger.first_entry_since(hour(asked)).await.unwrap(), found, "hour {asked}");
    }
    assert_eq!(book.ledger.log_size().await.unwrap(), 4);
}

#[test]
fn every_entry_of_a_whole_night_says_who_did_it_and_what_it_changed() {
    let site = TestSite::demo(MONDAY, 7);
    let entries = site.entry_texts();
    assert!(entries.len() > 50, "{}", entries.len());
    for text in &entries {
        let entry = Entry::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("it {fault}: {text}"));
        assert!(entry.v == 2 && !(entry.before.is_empty() && entry.after.is_empty()), "{text}");
        let actor = entry.actor.unwrap();
        assert!(actor.contains_key("service") || actor.contains_key("uid"), "{text}");
        let is_of_letter = entry.kind.starts_with("letter.") || entry.kind.starts_with("password.");
        assert!(!is_of_letter || entry.data.contains_key("letter"), "{text}");
        let is_of_package = entry.kind.starts_with("package.") || entry.kind == "receipt.taken";
        assert!(!is_of_package || entry.data.contains_key("package"), "{text}");
    }
    // What the night did, it did in its run.
    let of_run = entries.iter().filter(|text| text.contains(r#""kind":"letter.sealed""#));
    assert!(of_run.clone().count() > 3 && of_run.clone().all(|text| text.contains(r#""run":1,"#)), "{entries:?}");
}
