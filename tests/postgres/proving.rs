//! Who answers at an address, and who asks: certificates and passwords.

use std::sync::{Mutex, PoisonError};

use super::nightly::{Ran, run_limited};
use super::server::{PASSWORD, Server, server};

/// One at a time: the groups belong to the whole cluster.
static MIGRATING: Mutex<()> = Mutex::new(());

/// Brings the schema of a ledger up to date: the least that connects.
fn migrate(url: &str, surroundings: &[(&str, &str)]) -> Ran {
    let _one = MIGRATING.lock().unwrap_or_else(PoisonError::into_inner);
    let ran = run_limited(env!("CARGO_BIN_EXE_letterpost"), &["ledger", "migrate", "--ledger", url], surroundings, "");
    assert!(!ran.text().contains(PASSWORD), "{}", ran.text());
    ran
}

fn with_password(url: &str) -> Ran {
    migrate(url, &[("PGPASSWORD", PASSWORD)])
}

fn verified(server: &Server, host: &str, authority: &str) -> String {
    server.url("owner", host, &format!("sslmode=verify-full&sslrootcert={}", server.file(authority)))
}

#[test]
fn a_server_proves_who_it_is_by_the_right_authority_and_the_right_name() {
    let server = server();
    with_password(&verified(server, "localhost", "ours.crt")).expect(0);
    for url in [
        verified(server, "localhost", "other.crt"),
        verified(server, "127.0.0.1", "ours.crt"),
        server.url("owner", "localhost", "sslmode=verify-full"),
    ] {
        let ran = with_password(&url).expect(2);
        assert!(ran.stderr.contains("did not prove who it is") && ran.stderr.contains("sslrootcert"), "{}", ran.text());
    }
    // The authority alone, and nobody: for tests and for loopback.
    let authority = format!("sslmode=verify-ca&sslrootcert={}", server.file("ours.crt"));
    with_password(&server.url("owner", "127.0.0.1", &authority)).expect(0);
    with_password(&server.url("owner", "127.0.0.1", "sslmode=disable")).expect(0);
}

#[test]
fn a_login_proves_who_it_is_by_a_certificate() {
    let server = server();
    let trust = format!("sslmode=verify-full&sslrootcert={}", server.file("ours.crt"));
    let own = format!("{trust}&sslcert={}&sslkey={}", server.file("certified.crt"), server.file("certified.key"));
    // It is let in, and is then told what it may not.
    let ran = migrate(&server.url("certified", "localhost", &own), &[]).expect(2);
    assert!(ran.stderr.contains("this login may not change it"), "{}", ran.text());
    let ran = migrate(&server.url("certified", "localhost", &trust), &[]).expect(2);
    assert!(ran.stderr.contains("pg_hba.conf"), "{}", ran.text());
}

#[test]
fn a_password_comes_from_the_environment_or_its_file_and_is_never_shown() {
    let server = server();
    let url = server.url("owner", "127.0.0.1", "sslmode=disable");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pgpass");
    std::fs::write(&file, format!("127.0.0.1:{}:postgres:owner:{PASSWORD}\n", server.port)).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    migrate(&url, &[("PGPASSFILE", file.to_str().unwrap())]).expect(0);
    for surroundings in [&[("PGPASSWORD", "wrong-horse")][..], &[("PGPASSFILE", "/nonexistent")]] {
        let ran = migrate(&url, surroundings).expect(2);
        assert!(ran.stderr.contains("PGPASSFILE") && !ran.text().contains("wrong-horse"), "{}", ran.text());
    }
    let ran = migrate(&url.replace("owner@", &format!("owner:{PASSWORD}@")), &[]).expect(2);
    assert!(ran.stderr.contains("holds a password"), "{}", ran.text());
}
