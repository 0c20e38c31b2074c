//! A vendor behind an SFTP server: its key is trusted when a person has confirmed it, and not before.

use std::fs;
use std::process::Command;

use super::MONDAY_NIGHT;
use super::nightly::{Ran, TestSite, run_limited};
use super::server::Server;
use super::west::{CURVE25519, West, vendor};

/// `vendor add west` through this server, with these words more.
fn add(site: &TestSite, west: &West, server: &Server, port: u16, more: &[&str]) -> Ran {
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let folder = |name: &str| site.path(&format!("west/{name}")).display().to_string();
    for name in ["in", "out"] {
        fs::create_dir_all(folder(name)).unwrap();
    }
    let (inbox, outbox, port, key) = (folder("in"), folder("out"), port.to_string(), server.path("login"));
    let words = [
        "vendor",
        "add",
        "west",
        "--name",
        "West Print (invented)",
        "--certificate",
        west.certificate.to_str().unwrap(),
        "--sftp-host",
        "127.0.0.1",
        "--sftp-port",
        &port,
        "--sftp-user",
        user.trim(),
        "--sftp-key",
        key.to_str().unwrap(),
        "--inbox",
        &inbox,
        "--outbox",
        &outbox,
        "--language",
        "es",
    ];
    site.run(&[&words[..], more].concat())
}

/// The fingerprint of the server's key, as the vendor reads it from its own file.
fn fingerprint(server: &Server) -> String {
    let key = server.path("host.pub");
    let shown = run_limited("ssh-keygen", &["-lf", key.to_str().unwrap()], &[], "").expect(0).stdout;
    shown.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn a_server_is_trusted_by_the_fingerprint_that_a_person_confirms() {
    let (server, west) = (Server::start(), West::new(CURVE25519));
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# languages = [\"en\", \"es\"]", "languages = [\"en\"]");
    let (config, own) = (site.path("letterpost.toml"), fingerprint(&server));
    let before = fs::read_to_string(&config).unwrap();
    // First it only shows; another fingerprint is refused.
    let shown = add(&site, &west, &server, server.port(), &[]).expect(1);
    assert!(shown.stdout.contains(&own) && shown.stdout.contains("nothing was written"), "{}", shown.text());
    let other = "SHA256:0/WectDCuBHIWU9VQAISTaqvUQ77+0c+MeuCYEBGulU";
    let refused = add(&site, &west, &server, server.port(), &["--host-key-fingerprint", other]).expect(5);
    assert!(refused.stderr.contains(&format!("no key with the fingerprint {other}")), "{}", refused.text());
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    assert!(!site.path("keys/west.hosts").exists());
    // Then it is added, and the night's courier is content with what was written.
    add(&site, &west, &server, server.port(), &["--host-key-fingerprint", &own]).expect(0);
    let pinned = fs::read_to_string(site.path("keys/west.hosts")).unwrap();
    let key = fs::read_to_string(server.path("host.pub")).unwrap();
    let words: Vec<&str> = key.split_whitespace().take(2).collect();
    assert_eq!(pinned, format!("west {}\n", words.join(" ")));
    let doctor = site.run(&["--json", "doctor"]).expect(0).json();
    let found =
        |check: &str| doctor.as_array().unwrap().iter().find(|it| it["check"] == check).unwrap()["finding"].clone();
    assert_eq!(
        (found("host keys of vendor west"), found("SFTP server of vendor west")),
        ("good".into(), "good".into())
    );
    let listed = site.json(&["vendor", "list"]);
    assert_eq!(listed[1]["steps"]["host-key"]["detail"], own.as_str());
    assert!(listed[1]["way"].as_str().unwrap().starts_with("SFTP to 127.0.0.1"), "{listed}");
    // A transmission test goes that way as a package does, and its receipt comes back.
    west.settle_in(&site);
    let name = site.json(&["vendor", "test", "west"])["name"].as_str().unwrap().to_owned();
    assert!(site.path(&format!("west/in/{name}.ready")).exists());
    vendor(&site, "receipt", &name, &["--events", "accepted"]).expect(0);
    assert_eq!(site.json(&["vendor", "test", "west", "--check"])["status"], "accepted");
}

#[test]
fn a_server_that_does_not_answer_is_tried_again_later() {
    let (mut server, west) = (Server::start(), West::new(CURVE25519));
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let port = server.port();
    server.stop();
    let away = add(&site, &west, &server, port, &[]).expect(3);
    assert!(away.stderr.contains(&format!("127.0.0.1 port {port} showed no key")), "{}", away.text());
    let odd =
        ["vendor", "add", "w", "--name", "W", "--certificate", west.certificate.to_str().unwrap(), "--inbox", "i"];
    let odd =
        [&odd[..], &["--outbox", "o", "--sftp-host=-oProxyCommand=x", "--sftp-user", "u", "--sftp-key", "k"]].concat();
    assert!(site.run(&odd).expect(2).stderr.contains("is no host"));
}
