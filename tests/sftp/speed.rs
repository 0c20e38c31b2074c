//! How fast a large package goes. A figure, not a check: `cargo test --test sftp speed -- --ignored --nocapture`.

use std::time::Instant;

use letterpost::adapters::sftp_courier::{SftpCourier, SftpPlace};
use letterpost::ports::{Courier as _, Found, Parcel};
use sha2::{Digest as _, Sha256};

use crate::killed::Chance;
use crate::server::Server;

/// The largest package there is.
const BYTES: usize = 90 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure, not a check"]
async fn ninety_megabytes_are_sent_and_read_back() {
    let (server, vendor) = (Server::start(), tempfile::tempdir().unwrap());
    for folder in ["inbox", "outbox"] {
        std::fs::create_dir(vendor.path().join(folder)).unwrap();
    }
    let mut chance = Chance::of(1);
    let bytes: Vec<u8> = (0..BYTES / 8).flat_map(|_| chance.next().to_le_bytes()).collect();
    let parcel = Parcel {
        file: "eba-acme-000001.zip.pgp".to_owned(),
        size_bytes: bytes.len() as u64,
        sha256: hex::encode(Sha256::digest(&bytes)),
    };
    let courier = SftpCourier::to(place(&server, vendor.path()));
    let begun = Instant::now();
    assert_eq!(courier.look(&parcel).await.unwrap(), Found::Nothing);
    let connected = begun.elapsed();
    courier.upload(&parcel, &bytes).await.unwrap();
    let uploaded = begun.elapsed() - connected;
    courier.publish(&parcel).await.unwrap();
    let seen = Instant::now();
    assert_eq!(courier.look(&parcel).await.unwrap(), Found::Same);
    let read = seen.elapsed();
    courier.hang_up().await;
    let rate = |took: std::time::Duration| BYTES as f64 / f64::from(1 << 20) / took.as_secs_f64();
    eprintln!(
        "connected in {connected:?}; {} MiB written and read back in {uploaded:?}, {:.0} MiB/s of package; read once in \
         {read:?}, {:.0} MiB/s",
        BYTES >> 20,
        rate(uploaded),
        rate(read)
    );
}

fn place(server: &Server, vendor: &std::path::Path) -> SftpPlace {
    let user = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    SftpPlace {
        vendor: "acme".into(),
        host: "127.0.0.1".into(),
        port: server.port(),
        user: String::from_utf8(user).unwrap().trim().into(),
        key: server.path("login"),
        known_hosts: server.path("known_hosts"),
        inbox: vendor.join("inbox").display().to_string(),
        outbox: vendor.join("outbox").display().to_string(),
        connect_limit: std::time::Duration::from_secs(30),
        answer_limit: std::time::Duration::from_secs(60),
        least_bytes_a_second: 65_536,
    }
}
