//! `vendor receipt`: what it says, how it is numbered and signed, and what it will not say.

use std::fs;

use letterpost::cli::vendor::{Receipted, VendorError};
use letterpost::package::openpgp::{Certificate, verify_detached};
use letterpost::package::receipt::parse_receipt;

use crate::pressed::{archive, print_stream_rows};
use crate::sample::{NAME, at, key, seal_as, site_key, vendor_key};
use crate::shop::Shop;
use crate::tools::{GnuPg, succeed};

/// The letter rows of a receipt without their date: letter, event, sheets, detail.
fn rows(csv: &str) -> Vec<String> {
    let letters = csv.lines().filter(|line| line.starts_with("letter,"));
    letters.map(|line| line.trim_start_matches("letter,").to_owned()).collect()
}

fn letter_ids() -> [String; 3] {
    let ids: Vec<String> = print_stream_rows().iter().map(|row| row.letter_id.to_string()).collect();
    ids.try_into().unwrap()
}

fn misused(result: Result<Receipted, VendorError>) -> String {
    let error = result.expect_err("it was written");
    assert_eq!(error.exit_code(), 2, "{error}");
    error.to_string()
}

#[test]
fn by_itself_it_says_that_all_letters_were_printed_and_mailed_today() {
    let shop = Shop::new();
    shop.advance_days(1);
    let receipted = shop.receipt(&[]).unwrap();
    assert_eq!((receipted.number, receipted.letter_rows), (1, 6));
    let csv = shop.read(&format!("outbox/{NAME}.receipt-1.csv"));
    let sum = succeed(shop.folder(), "sha256sum", &[shop.package().to_str().unwrap()]);
    let sha256 = sum.split_whitespace().next().unwrap();
    let [one, two, three] = letter_ids();
    // 04:00 in UTC is still the day before where the site is.
    let expected = [
        "record,letter_id,event,event_on,sheets,detail".to_owned(),
        format!("package,,accepted,2026-03-02,,{sha256}"),
        format!("letter,{one},printed,2026-03-02,1,"),
        format!("letter,{one},mailed,2026-03-02,1,"),
        format!("letter,{two},printed,2026-03-02,2,"),
        format!("letter,{two},mailed,2026-03-02,2,"),
        format!("letter,{three},printed,2026-03-02,1,"),
        format!("letter,{three},mailed,2026-03-02,1,"),
        "trailer,,,,8,6".to_owned(),
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    assert_eq!(shop.read("register.txt"), format!("{NAME} {sha256}\n"));
    let json = serde_json::to_value(&receipted).unwrap();
    assert_eq!(json["events"], serde_json::json!({ "printed": 3, "mailed": 3 }));
}

#[test]
fn gpg_and_the_site_find_the_signature_good() {
    let shop = Shop::new();
    shop.receipt(&[]).unwrap();
    let csv = shop.read(&format!("outbox/{NAME}.receipt-1.csv"));
    let signature = shop.read(&format!("outbox/{NAME}.receipt-1.csv.asc"));
    assert!(verify_detached(csv.as_bytes(), signature.as_bytes(), vendor_key().certificate(), at()).is_ok());
    let gpg = GnuPg::new();
    gpg.write("vendor.asc", vendor_key().certificate().to_armored().unwrap());
    gpg.run(&["--import", "vendor.asc"]);
    gpg.write("receipt.csv", &csv);
    gpg.write("receipt.csv.asc", &signature);
    let status = gpg.run(&["--verify", "receipt.csv.asc", "receipt.csv"]);
    assert!(status.contains(&format!("VALIDSIG {}", vendor_key().certificate().fingerprint())), "{status}");
    gpg.write("receipt.csv", csv.replace("mailed", "printed"));
    let (good, _) = gpg.try_run(&["--verify", "receipt.csv.asc", "receipt.csv"]);
    assert!(!good, "a changed receipt must not pass");
}

#[test]
fn receipts_are_numbered_without_gaps() {
    let shop = Shop::new();
    shop.verify(&["--take"]).unwrap();
    assert_eq!(shop.receipt(&["--events", "accepted"]).unwrap().letter_rows, 0);
    assert_eq!(shop.receipt(&["--events", "printed"]).unwrap().letter_rows, 3);
    // A crash left a signature without its receipt.
    shop.write(&format!("outbox/{NAME}.receipt-3.csv.asc"), b"left over");
    let third = shop.receipt(&["--events", "mailed"]).unwrap();
    assert_eq!(third.number, 3);
    assert!(fs::read_to_string(&third.signature_file).unwrap().starts_with("-----BEGIN PGP SIGNATURE-----"));
    let names: Vec<String> = (1..=3)
        .flat_map(|number| ["csv", "csv.asc"].map(|ending| format!("{NAME}.receipt-{number}.{ending}")))
        .collect();
    assert_eq!(shop.list("outbox"), names);
    assert_eq!(shop.read("register.txt").lines().count(), 1);
}

#[test]
fn a_number_can_be_named_where_the_outbox_was_cleared() {
    let shop = Shop::new();
    shop.receipt(&["--events", "accepted"]).unwrap();
    fs::remove_file(shop.path(&format!("outbox/{NAME}.receipt-1.csv"))).unwrap();
    assert_eq!(shop.receipt(&["--number", "2"]).unwrap().number, 2);
    assert!(misused(shop.receipt(&["--number", "2"])).contains("never changed"));
    assert!(shop.is_misspoken("receipt", &["--number", "0"]));
}

#[test]
fn exceptions_stand_in_the_place_of_the_usual_events() {
    let shop = Shop::new();
    let [one, two, three] = letter_ids();
    let (reject, remade) = (format!("{one}=rejected:=cmd"), format!("{}=spoiled:remade", two.to_lowercase()));
    let pulled = format!("{three}=pulled");
    shop.receipt(&["--except", &reject, "--except", &remade, "--except", &pulled]).unwrap();
    let csv = shop.read(&format!("outbox/{NAME}.receipt-1.csv"));
    let on = "2026-03-01";
    let expected = [
        format!("{one},rejected,{on},1,'=cmd"),
        format!("{two},spoiled,{on},2,remade"),
        format!("{two},printed,{on},2,"),
        format!("{two},mailed,{on},2,"),
        format!("{three},pulled,{on},1,"),
    ];
    assert_eq!(rows(&csv), expected);
    let parsed = parse_receipt(csv.as_bytes()).unwrap();
    assert_eq!(parsed.letter_rows[0].detail, "=cmd");
    assert!(parsed.held_lines.is_empty());
}

#[test]
fn a_later_receipt_speaks_of_some_letters_only() {
    let shop = Shop::new();
    let [one, two, three] = letter_ids();
    shop.receipt(&[]).unwrap();
    // Summer time has begun, so that 04:00 in UTC is the same date where the site is.
    shop.advance_days(10);
    shop.receipt(&["--events", "returned", "--only", &two]).unwrap();
    assert_eq!(rows(&shop.read(&format!("outbox/{NAME}.receipt-2.csv"))), [format!("{two},returned,2026-03-12,2,")]);
    let moved = format!("{three}=returned:moved away");
    shop.receipt(&["--events", "accepted", "--on", "2026-03-10", "--except", &moved]).unwrap();
    let third = rows(&shop.read(&format!("outbox/{NAME}.receipt-3.csv")));
    assert_eq!(third, [format!("{three},returned,2026-03-10,1,moved away")]);
    assert!(misused(shop.receipt(&["--events", "returned"])).contains("--only"));
    assert!(misused(shop.receipt(&["--only", &one, "--except", &moved])).contains("--only"));
    assert!(misused(shop.receipt(&["--except", &moved, "--except", &moved])).contains("twice"));
    assert!(misused(shop.receipt(&["--only", "ZZZZZ-ZZZZZ"])).contains("not in this package"));
    assert!(misused(shop.receipt(&["--except", "ZZZZZ-ZZZZZ=mailed"])).contains("not in this package"));
    assert!(shop.is_misspoken("receipt", &["--except", "ZZZZZ-ZZZZZ=lost"]));
    assert_eq!(shop.list("outbox").len(), 6);
}

#[test]
fn dates_are_those_on_which_something_can_have_happened() {
    let shop = Shop::new();
    shop.advance_days(10);
    assert!(misused(shop.receipt(&["--on", "2026-03-13"])).contains("has not come"));
    assert!(misused(shop.receipt(&["--on", "2026-02-28"])).contains("before"));
    assert_eq!(shop.receipt(&["--on", "2026-03-05"]).unwrap().notes, Vec::<String>::new());
    let late = shop.receipt(&["--on", "2026-03-06"]).unwrap();
    assert!(late.notes[0].contains("2026-03-05"), "late mail is reported, and said to be late: {:?}", late.notes);
}

#[test]
fn a_dry_run_shows_the_receipt_and_writes_nothing() {
    let shop = Shop::new();
    let before = shop.list(".");
    let shown = shop.receipt(&["--dry-run"]).unwrap();
    assert_eq!(shop.list("."), before);
    assert!(shop.list("outbox").is_empty());
    let written = shop.receipt(&[]).unwrap();
    assert_eq!(shown.to_text(), fs::read_to_string(written.file).unwrap());
    assert!(shown.dry_run && !written.dry_run);
}

#[test]
fn a_package_that_must_not_be_printed_can_be_refused_and_not_accepted() {
    let shop = Shop::new();
    shop.receive(&seal_as(&archive(), &key("Stranger <x@example.invalid>", 3), vendor_key().certificate()));
    assert_eq!(shop.receipt(&[]).unwrap_err().exit_code(), 5);
    assert!(shop.list("outbox").is_empty());
    let refused = shop.receipt(&["--refuse", "signed by a stranger"]).unwrap();
    assert!(refused.notes[0].contains("signed by a stranger"));
    let parsed = parse_receipt(shop.read(&format!("outbox/{NAME}.receipt-1.csv")).as_bytes()).unwrap();
    assert_eq!((parsed.package_row.event.as_str(), parsed.letter_rows.len()), ("refused", 0));
    assert!(shop.is_misspoken("receipt", &["--refuse", "x", "--events", "mailed"]));
    assert!(shop.is_misspoken("receipt", &["--refuse", "x", "--only", "7K2QX-90DMC"]));
}

#[test]
fn a_package_is_accepted_or_refused_but_not_both() {
    let shop = Shop::new();
    shop.receipt(&["--refuse", "the stock has run out"]).unwrap();
    assert!(misused(shop.receipt(&[])).contains("refused"));
    assert!(matches!(shop.verify(&["--take"]), Err(VendorError::AlreadyTaken { .. })), "refused is seen too");
    let shop = Shop::new();
    shop.receipt(&["--events", "accepted"]).unwrap();
    assert!(misused(shop.receipt(&["--refuse", "too late"])).contains("accepted"));
}

#[test]
fn bytes_that_the_marker_does_not_mean_are_fetched_again_not_refused() {
    let shop = Shop::new();
    fs::write(shop.package(), b"cut off").unwrap();
    let error = shop.receipt(&["--refuse", "damaged"]).unwrap_err();
    assert!(matches!(error, VendorError::Marker { .. }), "{error}");
    assert!(shop.list("outbox").is_empty());
}

/// A vendor brings the key that it has, most often one that GnuPG made.
#[test]
fn keys_that_gpg_made_open_packages_and_sign_receipts() {
    let rsa = "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048";
    let curve = "Key-Type: EDDSA\nKey-Curve: ed25519\nSubkey-Type: ECDH\nSubkey-Curve: cv25519";
    for parameters in [rsa, curve] {
        let (shop, gpg) = (Shop::new(), GnuPg::new());
        let certificate = Certificate::parse(&gpg.generate("print@acme.invalid", parameters)).unwrap();
        gpg.run(&["--armor", "--output", "secret.asc", "--export-secret-keys", "print@acme.invalid"]);
        shop.write("vendor.key", &gpg.read("secret.asc"));
        shop.receive(&seal_as(&archive(), &site_key(), &certificate));
        let receipted = shop.receipt(&[]).unwrap();
        gpg.write("receipt.csv", fs::read(receipted.file).unwrap());
        gpg.write("receipt.csv.asc", fs::read(receipted.signature_file).unwrap());
        let status = gpg.run(&["--verify", "receipt.csv.asc", "receipt.csv"]);
        assert!(status.contains(&format!("VALIDSIG {}", certificate.fingerprint())), "{status}");
    }
}
