//! What `docs/vendor-guide.md` and the help texts show is so.

use clap::{CommandFactory, Parser};
use letterpost::cli::vendor::{LetterException, VendorSettings};
use letterpost::domain::receipt::ReceiptEvent;
use letterpost::package::manifest;
use letterpost::package::pull::PullOrder;
use letterpost::package::receipt::{self, parse_receipt, write_receipt};
use letterpost::package::ticket::write_ticket;
use letterpost::package::void::VoidNotice;

use crate::pressed::print_stream_rows;
use crate::sample::{NAME, at, name, site_key, ticket};
use crate::shop::{CommandLine, Shop};
use crate::tools::{GnuPg, run, succeed};

const GUIDE: &str = include_str!("../../docs/vendor-guide.md");

/// The text of the first block of this language.
fn block(language: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_receipt_in_the_guide_is_one() {
    let receipt = parse_receipt(block("csv").as_bytes()).unwrap();
    assert!(receipt.held_lines.is_empty());
    assert_eq!(write_receipt(&receipt.package_row, &receipt.letter_rows), block("csv").replace('\n', "\r\n"));
}

#[test]
fn the_settings_and_exceptions_in_the_guide_are_read() {
    let shop = Shop::new();
    shop.write("guide.toml", block("toml").as_bytes());
    let settings = VendorSettings::read(&shop.path("guide.toml")).unwrap();
    assert_eq!(settings.register, Some(shop.path("taken.txt")));
    let words = GUIDE.split_whitespace();
    let exceptions: Vec<&str> = words
        .skip_while(|word| *word != "--except")
        .filter(|word| word.contains("DMC=") || word.contains("Z8H="))
        .collect();
    assert_eq!(exceptions.len(), 2);
    for exception in exceptions {
        exception.parse::<LetterException>().unwrap();
    }
}

#[test]
fn the_help_of_each_command_teaches_it() {
    for name in ["verify", "pulls", "receipt", "simulate"] {
        let mut command = CommandLine::command();
        let help = command.find_subcommand_mut(name).unwrap().render_long_help().to_string();
        assert!(help.contains("Exit status"), "{help}");
        assert!(help.contains("Example"), "{help}");
    }
}

/// A vendor without our program follows the guide to the letter.
#[test]
fn the_check_by_hand_in_the_guide_works_and_works_once() {
    let (shop, gpg) = (Shop::new(), GnuPg::new());
    gpg.write("gpg.conf", "faked-system-time 20260302T040000!\nbatch\n");
    for file in ["vendor.key", "site.asc"] {
        gpg.run(&["--import", shop.path(file).to_str().unwrap()]);
    }
    shop.write("check-package", block("sh").as_bytes());
    shop.write("register.txt", b"");
    shop.write("date", b"#!/bin/sh\necho 2026-03-02\n");
    std::fs::set_permissions(shop.path("date"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let site = site_key().certificate().fingerprint();
    let check = format!(
        "export GNUPGHOME='{}' PATH=\"{}:$PATH\"; bash ../check-package {NAME} {site} acme ../register.txt",
        gpg.folder().display(),
        shop.folder().display()
    );
    let output = succeed(&shop.path("inbox"), "bash", &["-c", &check]);
    assert!(output.contains(&format!("{NAME} may be printed")), "{output}");
    assert_eq!(shop.list(&format!("inbox/{NAME}")), ["SHA256SUMS", "job-ticket.json", "letters.pdf", "manifest.csv"]);
    // The register that it wrote is one for the commands too.
    assert_eq!(shop.verify(&[]).unwrap().seen_before, Some(true));
    std::fs::remove_dir_all(shop.path(&format!("inbox/{NAME}"))).unwrap();
    assert!(!run(&shop.path("inbox"), "bash", &["-c", &check]).status.success(), "a name is taken once");
}

/// The first column of the table that follows a text of the guide.
fn first_column(after: &str) -> Vec<&'static str> {
    let (_, rest) = GUIDE.split_once(after).unwrap_or_else(|| panic!("the guide says nothing of {after}"));
    let table =
        rest.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    table.map(|line| line.split('`').nth(1).unwrap()).collect()
}

/// The names of a JSON document's fields, in the order in which they are written.
fn fields(json: &str) -> Vec<String> {
    let names = json.lines().filter_map(|line| line.strip_prefix("  \"")).filter_map(|line| line.split_once("\":"));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_field_of_every_file_is_told_in_its_order() {
    let shop = Shop::new();
    let rows = print_stream_rows();
    let order = PullOrder {
        format_version: 1,
        package: name(),
        number: 1,
        letters: vec![rows[0].letter_id],
        reason: String::new(),
        made_at: at(),
        contact: String::new(),
    };
    assert_eq!(first_column("`NAME.ready` is JSON."), fields(&shop.read(&format!("inbox/{NAME}.ready"))));
    assert_eq!(first_column("### `manifest.csv`"), manifest::COLUMNS);
    assert_eq!(first_column("### `job-ticket.json`"), fields(&write_ticket(&ticket(&rows)).unwrap()));
    assert_eq!(first_column("what comes out is JSON:"), fields(&serde_json::to_string_pretty(&order).unwrap()));
    assert_eq!(first_column("writes `eba-acme-000123.receipt-2.csv`"), receipt::COLUMNS);
    let events: Vec<&str> = ReceiptEvent::ALL.iter().map(|event| event.as_str()).collect();
    assert_eq!(first_column("`sheets` is the number in the manifest."), events);
    let notice = VoidNotice { name: name(), reason: String::new(), at: at() };
    for field in fields(&serde_json::to_string_pretty(&notice).unwrap()) {
        let (_, told) = GUIDE.split_once("## Void notices").unwrap();
        assert!(told.contains(&format!("`{field}` (")), "{field}");
    }
}

/// Every command of the guide is one: its options and arguments are read. What they do is tried elsewhere.
#[test]
fn every_command_in_the_guide_is_read() {
    let joined = GUIDE.replace("\\\n", " ");
    let commands = joined.lines().filter_map(|line| line.strip_prefix("letterpost vendor "));
    let mut count = 0;
    for command in commands {
        let command = command.split("   ").next().unwrap();
        let words = command.replace("\"the stock has run out\"", "out-of-stock");
        let words: Vec<&str> = words.split_whitespace().take_while(|word| *word != "#").collect();
        assert!(CommandLine::try_parse_from(&words).is_ok(), "{command}");
        count += 1;
    }
    assert!(count >= 12, "{count}");
}

/// The OpenSSH server reads the account's section as it is meant.
#[test]
fn the_account_in_the_guide_is_one_for_sshd() {
    let shop = Shop::new();
    succeed(shop.folder(), "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "host"]);
    let (_, rest) = GUIDE.split_once("# /etc/ssh/sshd_config\n").unwrap();
    let section = rest.split_once("```").unwrap().0;
    shop.write("sshd_config", format!("HostKey {}\n{section}", shop.path("host").display()).as_bytes());
    let who = "user=eba,host=site.example,addr=192.0.2.1";
    let means = succeed(shop.folder(), "/usr/sbin/sshd", &["-T", "-f", "sshd_config", "-C", who]);
    for line in [
        "chrootdirectory /srv/letters/eba",
        "forcecommand internal-sftp -u 0007",
        "authenticationmethods publickey",
        "allowtcpforwarding no",
        "permittty no",
    ] {
        assert!(means.lines().any(|found| found == line), "{line}: {means}");
    }
}
