//! What `docs/vendor.md` and the help texts show is so.

use clap::CommandFactory;
use letterpost::cli::vendor::{LetterException, VendorSettings};
use letterpost::package::receipt::{parse_receipt, write_receipt};

use crate::sample::{NAME, site_key};
use crate::shop::{CommandLine, Shop};
use crate::tools::{GnuPg, succeed};

const GUIDE: &str = include_str!("../../docs/vendor.md");

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
    for name in ["verify", "pulls", "receipt"] {
        let mut command = CommandLine::command();
        let help = command.find_subcommand_mut(name).unwrap().render_long_help().to_string();
        assert!(help.contains("Exit status"), "{help}");
        assert!(help.contains("Example"), "{help}");
    }
}

/// A vendor without our program follows the guide to the letter.
#[test]
fn the_check_by_hand_in_the_guide_works() {
    let (shop, gpg) = (Shop::new(), GnuPg::new());
    gpg.write("gpg.conf", "faked-system-time 20260302T040000!\nbatch\n");
    for file in ["vendor.key", "site.asc"] {
        gpg.run(&["--import", shop.path(file).to_str().unwrap()]);
    }
    let (_, by_hand) = GUIDE.split_once("By hand:\n\n```\n").unwrap();
    let commands = by_hand.split_once("```").unwrap().0.replace("eba-acme-000123", NAME);
    let script = format!("set -eo pipefail; export GNUPGHOME='{}'\n{commands}", gpg.folder().display());
    let output = succeed(&shop.path("inbox"), "bash", &["-c", &script]);
    assert!(output.contains(&format!("{NAME}.zip.pgp: OK")), "{output}");
    assert!(output.contains(&format!("VALIDSIG {}", site_key().certificate().fingerprint())), "{output}");
    for file in ["letters.pdf", "manifest.csv", "job-ticket.json"] {
        assert!(output.contains(&format!("{file}: OK")), "{output}");
    }
}
