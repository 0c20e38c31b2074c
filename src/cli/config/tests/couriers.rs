//! `courier` and `[vendor.sftp]`.

use std::time::Duration;

use super::*;
use crate::adapters::sftp_courier::SftpPlace;

const SFTP: &str = r#"
[vendor.sftp]
host = "sftp.acme.example"
user = "eba"
key = "keys/acme.ssh"
known_hosts = "/etc/acme.hosts"
inbox = "to-print/"
outbox = "/receipts"
"#;

/// The least configuration with its vendor's folders replaced by these lines.
fn with(lines: &str, section: &str) -> Result<Config, ConfigError> {
    Config::from_toml(&(LEAST.replace("inbox = \"in\"\noutbox = \"out\"\n", lines) + section))
}

#[track_caller]
fn refusal(lines: &str, section: &str) -> String {
    with(lines, section).unwrap_err().to_string()
}

#[test]
fn an_sftp_server_is_found_where_its_section_says() {
    let paths = with("courier = \"sftp\"\n", SFTP).unwrap().paths(Path::new("/srv/eba"));
    let expected = SftpPlace {
        vendor: "acme".into(),
        host: "sftp.acme.example".into(),
        port: 22,
        user: "eba".into(),
        key: "/srv/eba/keys/acme.ssh".into(),
        known_hosts: "/etc/acme.hosts".into(),
        inbox: "to-print".into(),
        outbox: "/receipts".into(),
        connect_limit: Duration::from_secs(30),
        answer_limit: Duration::from_secs(60),
        least_bytes_a_second: 65_536,
    };
    assert_eq!(expected.transfer_limit(90 << 20), Duration::from_secs(60 + 1440));
    assert_eq!(paths.vendors["acme"].courier, CourierPlace::Sftp(expected));
}

#[test]
fn a_vendor_has_one_way_to_it() {
    let both = refusal("courier = \"sftp\"\ninbox = \"in\"\n", SFTP);
    assert!(both.contains("[[vendor]] acme inbox is a folder of this machine"), "{both}");
    let unused = refusal("inbox = \"in\"\noutbox = \"out\"\n", SFTP);
    assert!(unused.contains("write courier = \"sftp\", or remove it"), "{unused}");
    let missing = refusal("courier = \"sftp\"\n", "");
    assert!(missing.contains("there is no [vendor.sftp]"), "{missing}");
    let other = refusal("courier = \"ftp\"\n", "");
    assert!(other.contains("courier is \"ftp\"; write \"folder\" or \"sftp\""), "{other}");
}

#[test]
fn what_ssh_could_take_for_an_option_is_no_host_and_no_account() {
    for (written, instead) in [
        ("host = \"sftp.acme.example\"", "host = \"-oProxyCommand=id\""),
        ("host = \"sftp.acme.example\"", "host = \"acme example\""),
        ("host = \"sftp.acme.example\"", "host = \"eba@acme.example\""),
        ("user = \"eba\"", "user = \"-Fconfig\""),
        ("user = \"eba\"", "user = \"eba;id\""),
        ("port = 0", "port = 0"),
        ("inbox = \"to-print/\"", "inbox = \"/\""),
        ("outbox = \"/receipts\"", "outbox = \"to-print\""),
    ] {
        let section =
            if SFTP.contains(written) { SFTP.replace(written, instead) } else { format!("{SFTP}{instead}\n") };
        let key = instead.split(' ').next().unwrap();
        let told = refusal("courier = \"sftp\"\n", &section);
        assert!(told.contains(&format!("[[vendor]] acme sftp {key} is ")), "{instead}: {told}");
    }
    for host in ["10.0.0.7", "::1", "acme_sftp", "SFTP.acme.example"] {
        with("courier = \"sftp\"\n", &SFTP.replace("sftp.acme.example", host)).unwrap();
    }
}

#[test]
fn an_unknown_key_of_the_server_is_refused() {
    let told = refusal("courier = \"sftp\"\n", &format!("{SFTP}known_host = \"x\"\n"));
    assert!(told.contains("unknown key 'known_host' in [[vendor]] acme sftp; did you mean 'known_hosts'?"), "{told}");
}

#[test]
fn the_sample_shows_a_server_and_its_defaults() {
    let shown: String = SAMPLE
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .fold(String::new(), |text, line| text + line + "\n");
    let folders = "inbox = \"vendor/inbox\"\noutbox = \"vendor/outbox\"\n";
    let text = SAMPLE.replace(folders, "courier = \"sftp\"\n") + &shown;
    let read = |text: &str| Config::from_toml(text).unwrap_or_else(|error| panic!("{error}")).vendors.remove(0).courier;
    let said = read(&text);
    assert!(matches!(said, CourierSection::Sftp(_)), "{said:?}");
    let defaults = ["port = 22\n", "connect_seconds = 30\n", "answer_seconds = 60\n", "least_bytes_a_second = 65536\n"];
    let least = defaults.iter().fold(text, |text, line| {
        let (before, after) = text.rsplit_once(line).unwrap_or_else(|| panic!("{line}"));
        format!("{before}{after}")
    });
    assert_eq!(read(&least), said);
}
