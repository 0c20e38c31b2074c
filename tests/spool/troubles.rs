//! Servers that are away, silent, careless or not ours. All of it ends within its bounds, says what to do, and shows no
//! credential.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use letterpost::adapters::object_spool::BucketPlace;
use letterpost::ports::{Spool, SpoolError};

use super::cutter::{Cut, Cutter};
use super::s3::{self, Careless, Flaw, server};

/// Two seconds an answer, three tries, and the pauses between them, for each of the requests of one call; and some more.
const BOUND: Duration = Duration::from_secs(20);
const SEALED: &[u8] = b"a sealed package, for all that anybody can see";

/// What a spool without a good server says of each call, within its bound.
async fn refusals(place: BucketPlace, credentials: &[(&str, &str)]) -> Vec<SpoolError> {
    let spool = s3::spool(place, credentials);
    let begun = Instant::now();
    let refusals = vec![
        spool.save("eba-acme-000001.1", SEALED.to_vec()).await.unwrap_err(),
        spool.load("eba-acme-000001.1").await.unwrap_err(),
        spool.list().await.unwrap_err(),
        spool.remove("eba-acme-000001.1").await.unwrap_err(),
    ];
    assert!(begun.elapsed() < 4 * BOUND, "{:?}", begun.elapsed());
    for refusal in &refusals {
        let told = format!("{refusal} {refusal:?}");
        assert!(told.contains("s3://letters"), "{told}");
        for (_, value) in credentials {
            assert!(!told.contains(value), "{told}");
        }
    }
    refusals
}

fn assert_all(refusals: &[SpoolError], needs_person: bool, words: &[&str]) {
    for refusal in refusals {
        let told = refusal.to_string();
        assert_eq!(refusal.needs_person, needs_person, "{told}");
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let refusals = refusals(s3::place(port, "letters-none", "a"), &server().credentials()).await;
    assert_all(
        &refusals,
        false,
        &["no connection: Connection refused", "see that the server is up", &port.to_string()],
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_given_up() {
    let server = server();
    server.bucket("letters-silent");
    let wire = Cutter::to(server.port, &[Cut::Silent(0); 20]);
    let place = BucketPlace { answer_limit: Duration::from_secs(1), ..s3::place(wire.port(), "letters-silent", "a") };
    let refusals = refusals(place, &server.credentials()).await;
    assert_all(&refusals, false, &["no answer within 1 seconds", "see that the server is up"]);
    assert_eq!(wire.connections(), 12, "each call is tried three times");
}

#[tokio::test]
async fn a_wire_that_is_cut_again_and_again_loses_nothing_and_makes_nothing_up() {
    let server = server();
    server.bucket("letters-cut");
    let direct = s3::spool(s3::place(server.port, "letters-cut", ""), &server.credentials());
    let sealed: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    // Once in the request, once in the answer to it, once in the middle of what is read back.
    for (number, cut) in [100, 100_000, 201_000, 300_000].into_iter().enumerate() {
        let wire = Cutter::to(server.port, &[Cut::At(cut)]);
        let spool = s3::spool(s3::place(wire.port(), "letters-cut", ""), &server.credentials());
        let name = format!("eba-acme-{:06}.1", number + 1);
        spool.save(&name, sealed.clone()).await.unwrap();
        assert!(direct.load(&name).await.unwrap() == sealed, "{cut}");
        assert!(wire.connections() > 1, "{cut}");
    }
    let wire = Cutter::to(server.port, &[Cut::At(150_000); 20]);
    let spool = s3::spool(s3::place(wire.port(), "letters-cut", ""), &server.credentials());
    let refused = spool.load("eba-acme-000001.1").await.unwrap_err();
    assert_all(&[refused], false, &["cannot read s3://letters-cut/eba-acme-000001.1"]);
}

#[tokio::test]
async fn a_lost_answer_is_no_second_object_and_no_failure() {
    let careless = Careless::with(Flaw::LosesAnswer);
    let spool = s3::spool(s3::place(careless.port, "letters", ""), &server().credentials());
    spool.save("eba-acme-000001.1", SEALED.to_vec()).await.unwrap();
    assert_eq!(careless.asked(), ["PUT", "PUT", "HEAD", "GET"]);
    assert_eq!(spool.load("eba-acme-000001.1").await.unwrap(), SEALED);
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let careless = Careless::with(Flaw::Busy);
    let spool = s3::spool(s3::place(careless.port, "letters", ""), &server().credentials());
    spool.save("eba-acme-000001.1", SEALED.to_vec()).await.unwrap();
    assert_eq!(careless.asked(), ["PUT", "PUT", "HEAD", "HEAD", "GET", "GET"]);
}

#[tokio::test]
async fn what_a_server_keeps_is_read_before_it_counts() {
    let careless = Careless::with(Flaw::KeepsHalf);
    let spool = s3::spool(s3::place(careless.port, "letters", "a"), &server().credentials());
    let refused = spool.save("eba-acme-000001.1", SEALED.to_vec()).await.unwrap_err();
    assert_all(&[refused], false, &["s3://letters/a/eba-acme-000001.1", "keeps other bytes than it was given"]);
}

#[tokio::test]
async fn a_list_without_an_end_is_refused() {
    let careless = Careless::with(Flaw::EndlessList);
    let spool = s3::spool(s3::place(careless.port, "letters", ""), &server().credentials());
    let refused = spool.list().await.unwrap_err();
    assert_all(&[refused], false, &["the list of the bucket has no end"]);
}

#[tokio::test]
async fn a_person_is_told_what_only_a_person_can_mend() {
    let server = server();
    server.bucket("letters-keys");
    let port = server.port;
    let at = |bucket| s3::place(port, bucket, "a");
    let wrong_secret = [("AWS_ACCESS_KEY_ID", server.key.as_str()), ("AWS_SECRET_ACCESS_KEY", "not-the-secret-of-it")];
    let wrong_key = [("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSIT"), ("AWS_SECRET_ACCESS_KEY", server.secret.as_str())];
    for (credentials, code) in [(wrong_secret, "SignatureDoesNotMatch"), (wrong_key, "InvalidAccessKeyId")] {
        let mut refused = refusals(at("letters-keys"), &credentials).await;
        // The answer to a look at an object has no body, so that it cannot say why.
        let looked = refused.remove(1);
        assert_all(&refused, true, &["it answered 403 ", code, "; mend AWS_ACCESS_KEY_ID"]);
        assert_all(&[looked], true, &["it answered 403; mend AWS_ACCESS_KEY_ID"]);
    }
    // A bucket that is not there.
    let mut refused = refusals(at("letters-missing"), &server.credentials()).await;
    let looked = refused.remove(1);
    assert_all(&refused, true, &["it answered 404 NoSuchBucket", "make the bucket, or mend [folders] spool"]);
    assert_all(&[looked], false, &["it answered 404", "bring it back"]);
}
