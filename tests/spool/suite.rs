//! What a spool is, whichever it is.

use std::fs;

use letterpost::adapters::spool_folder::SpoolFolder;
use letterpost::ports::Spool;

use super::s3::{self, server};

/// More than one page of a list has.
const MANY: usize = 1005;
/// More than two portions of 8 MiB.
const LARGE_BYTES: usize = (16 << 20) + 12_345;

/// Bytes of which no two portions are alike.
fn bytes(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(&mut next).take(length).collect()
}

/// `fill` puts as many objects as are told behind the spool's back: `many-000001` and so on.
async fn keeps_what_it_is_given(spool: &dyn Spool, fill: impl Fn(usize)) {
    assert_eq!(spool.list().await.unwrap(), [""; 0]);
    let (small, large) = (bytes(1000, 1), bytes(LARGE_BYTES, 2));
    for (name, bytes) in
        [("eba-acme-000002.1", &small), ("eba-acme-000001.2", &large), ("eba-acme-000003.1", &Vec::new())]
    {
        spool.save(name, bytes.clone()).await.unwrap();
        assert!(&spool.load(name).await.unwrap() == bytes, "{name}");
    }
    let names = ["eba-acme-000001.2", "eba-acme-000002.1", "eba-acme-000003.1"];
    assert_eq!(spool.list().await.unwrap(), names);
    // A name that is taken is never given again, not to more bytes, to fewer or to as many.
    for length in [1001, 999, 1000, 0] {
        let refused = spool.save("eba-acme-000002.1", bytes(length, 3)).await.unwrap_err();
        assert!(refused.to_string().starts_with("cannot "), "{refused}");
        assert!(spool.load("eba-acme-000002.1").await.unwrap() == small);
    }
    assert_eq!(spool.list().await.unwrap(), names);
    let missing = spool.load("eba-acme-000009.1").await.unwrap_err().to_string();
    assert!(missing.contains("eba-acme-000009.1") && missing.contains("bring"), "{missing}");
    // What is gone is gone, and may be removed again.
    for _ in 0..2 {
        spool.remove("eba-acme-000001.2").await.unwrap();
    }
    assert_eq!(spool.list().await.unwrap(), names[1..]);
    fill(MANY);
    let listed = spool.list().await.unwrap();
    assert_eq!(listed.len(), MANY + 2);
    assert!(listed.is_sorted());
    assert_eq!((listed[2].as_str(), listed[MANY + 1].as_str()), ("many-000001", "many-001005"));
}

#[tokio::test]
async fn a_folder_keeps_what_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let fill = |count| {
        for number in 1..=count {
            fs::write(folder.path().join(format!("many-{number:06}")), "x").unwrap();
        }
    };
    keeps_what_it_is_given(&SpoolFolder(folder.path().to_owned()), fill).await;
}

#[tokio::test]
async fn a_bucket_keeps_what_it_is_given() {
    let server = server();
    server.bucket("letters-suite");
    let spool = s3::spool(s3::place(server.port, "letters-suite", "eba/spool"), &server.credentials());
    let fill = |count| {
        server.obey(&format!("many letters-suite eba/spool/many- {count}"));
    };
    // What others keep beside the prefix, or below it, is none of the spool's.
    for beside in ["eba/spool-of-another/x-", "eba/spool/folder/x-", "x-"] {
        server.obey(&format!("many letters-suite {beside} 1"));
    }
    keeps_what_it_is_given(&spool, fill).await;
    assert!(server.keys("letters-suite").contains(&"eba/spool/eba-acme-000002.1".to_owned()));
}

#[tokio::test]
async fn a_bucket_without_a_prefix_is_listed_whole() {
    let server = server();
    server.bucket("letters-whole");
    let spool = s3::spool(s3::place(server.port, "letters-whole", ""), &server.credentials());
    spool.save("eba-acme-000001.1", b"sealed".to_vec()).await.unwrap();
    assert_eq!(server.keys("letters-whole"), ["eba-acme-000001.1"]);
    assert_eq!(spool.list().await.unwrap(), ["eba-acme-000001.1"]);
}
