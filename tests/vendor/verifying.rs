//! `vendor verify`: what it tells, takes, unpacks and refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use letterpost::adapters::run_lock::RunLock;
use letterpost::cli::vendor::VendorError;
use letterpost::package::void::VoidNotice;

use crate::pressed::{archive, archive_of_files};
use crate::sample::{NAME, at, key, name, seal_as, sealed, site_key, vendor_key};
use crate::shop::Shop;
use crate::tools::succeed;

fn refused(result: Result<letterpost::cli::vendor::Verified, VendorError>) -> VendorError {
    let error = result.expect_err("it was accepted");
    assert_eq!(error.exit_code(), 5, "{error}");
    error
}

#[test]
fn looking_tells_the_totals_and_changes_nothing() {
    let shop = Shop::new();
    let before = shop.list(".");
    let verified = shop.verify(&[]).unwrap();
    assert_eq!((verified.letters, verified.sheets, verified.pages), (3, 4, 4));
    assert_eq!(verified.signed_by, site_key().certificate().fingerprint());
    assert_eq!((verified.seen_before, verified.taken, verified.is_too_late), (Some(false), false, false));
    assert_eq!(shop.list("."), before);
    let json = serde_json::to_value(&verified).unwrap();
    assert_eq!(json["package"], NAME);
    assert_eq!(json["mail_on"], "2026-03-03");
    assert_eq!(json["mail_by_on"], "2026-03-05");
    assert_eq!(json["rows"][1]["first_page"], 2);
    assert_eq!(json["rows"].as_array().unwrap().len(), 3);
    assert!(verified.to_text().contains("3 letters, 4 sheets, 4 pages"), "{}", verified.to_text());
}

#[test]
fn a_name_is_taken_once() {
    let shop = Shop::new();
    assert!(shop.verify(&["--take"]).unwrap().taken);
    let sum = succeed(shop.folder(), "sha256sum", &[shop.package().to_str().unwrap()]);
    let sha256 = sum.split_whitespace().next().unwrap();
    assert_eq!(shop.read("register.txt"), format!("{NAME} {sha256}\n"));
    assert!(matches!(refused(shop.verify(&["--take"])), VendorError::AlreadyTaken { .. }));
    let again = shop.verify(&[]).unwrap();
    assert_eq!(again.seen_before, Some(true));
    assert!(again.to_text().contains("never print it again"));
    assert_eq!(shop.read("register.txt").lines().count(), 1);
}

#[test]
fn a_name_that_comes_with_other_bytes_is_refused_even_to_a_look() {
    let shop = Shop::new();
    shop.verify(&["--take"]).unwrap();
    shop.receive(&sealed(&archive_of_files()));
    assert!(matches!(refused(shop.verify(&[])), VendorError::NameReused { .. }));
}

#[test]
fn a_register_that_cannot_be_read_stops_everything() {
    let shop = Shop::new();
    shop.write("register.txt", format!("{NAME}\n").as_bytes());
    let error = shop.verify(&[]).unwrap_err();
    assert!(matches!(error, VendorError::BrokenRegister { line: 1, .. }), "{error}");
    assert_eq!(error.exit_code(), 2);
    shop.write("register.txt", b"eba-acme-000001 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    shop.verify(&["--take"]).unwrap();
    assert_eq!(shop.read("register.txt").lines().count(), 2, "a line without an end is not run into the next");
}

#[test]
fn letters_are_unpacked_for_their_owner_only() {
    let shop = Shop::new();
    shop.receive(&sealed(&archive_of_files()));
    let job = shop.path("job");
    let job = job.to_str().unwrap();
    shop.verify(&["--take", "--extract", job]).unwrap();
    assert_eq!(shop.list("job"), ["SHA256SUMS", "job-ticket.json", "letters", "manifest.csv"]);
    succeed(&shop.path("job"), "sha256sum", &["-c", "SHA256SUMS"]);
    let mode = |file: &str| fs::metadata(shop.path(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("job"), mode("job/letters"), mode("job/letters/000001.pdf")), (0o700, 0o700, 0o600));
    let error = shop.verify(&["--extract", job, "--again"]).unwrap_err();
    assert_eq!(error.exit_code(), 2, "a folder in use is left alone: {error}");
    let second = shop.path("second");
    let second = second.to_str().unwrap();
    assert!(matches!(refused(shop.verify(&["--extract", second])), VendorError::AlreadyTaken { .. }));
    assert!(!shop.path("second").exists());
    shop.verify(&["--extract", second, "--again"]).unwrap();
    assert_eq!(shop.list("second"), shop.list("job"));
    assert!(shop.is_misspoken("verify", &["--again"]));
    assert!(shop.is_misspoken("verify", &["--take", "--extract", "x", "--again"]));
}

#[test]
fn a_folder_in_use_is_noticed_before_the_name_is_taken() {
    let shop = Shop::new();
    let error = shop.verify(&["--take", "--extract", shop.path("inbox").to_str().unwrap()]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(!shop.path("register.txt").exists());
}

#[test]
fn a_package_without_its_marker_is_still_arriving() {
    let shop = Shop::new();
    fs::remove_file(shop.path(&format!("inbox/{NAME}.ready"))).unwrap();
    assert!(matches!(refused(shop.verify(&[])), VendorError::NotReady { .. }));
    shop.verify(&["--without-ready"]).unwrap();
    shop.write(&format!("inbox/{NAME}.ready"), b"{}");
    assert!(matches!(refused(shop.verify(&["--without-ready"])), VendorError::Marker { .. }));
}

#[test]
fn only_the_pinned_site_is_believed() {
    let shop = Shop::new();
    shop.receive(&seal_as(&archive(), &key("Stranger <x@example.invalid>", 3), vendor_key().certificate()));
    assert!(matches!(refused(shop.verify(&["--take"])), VendorError::Refused { .. }));
    assert!(!shop.path("register.txt").exists());
}

#[test]
fn a_damaged_package_and_one_for_another_vendor_are_refused() {
    let shop = Shop::new();
    assert!(matches!(refused(shop.verify(&["--code", "other"])), VendorError::OtherVendor { .. }));
    let mut bytes = fs::read(shop.package()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(shop.package(), &bytes).unwrap();
    assert!(matches!(refused(shop.verify(&[])), VendorError::Refused { .. }));
    shop.receive(&bytes);
    assert!(matches!(refused(shop.verify(&[])), VendorError::Refused { .. }));
}

#[test]
fn a_void_notice_stops_its_package() {
    let shop = Shop::new();
    let notice = VoidNotice { name: name(), reason: "replaced".into(), at: at() };
    let file = format!("inbox/{NAME}.void");
    shop.write(&file, notice.sign(&site_key(), at()).unwrap().as_bytes());
    let error = refused(shop.verify(&[]));
    assert!(matches!(&error, VendorError::Voided { reason, .. } if reason == "replaced"), "{error}");
    shop.write(&file, notice.sign(&vendor_key(), at()).unwrap().as_bytes());
    assert!(matches!(refused(shop.verify(&[])), VendorError::DoubtfulVoid { .. }));
}

#[test]
fn what_cannot_be_mailed_in_time_is_not_taken() {
    let shop = Shop::new();
    // 23:00 on the last day where the site is, which is the next day in UTC.
    shop.advance_days(4);
    shop.verify(&[]).unwrap();
    assert!(!shop.verify(&[]).unwrap().is_too_late);
    assert!(shop.verify(&["--time-zone", "UTC"]).unwrap().is_too_late);
    assert!(matches!(refused(shop.verify(&["--take", "--time-zone", "UTC"])), VendorError::TooLate { .. }));
    shop.verify(&["--take"]).unwrap();
}

#[test]
fn settings_come_from_the_file_near_the_package_and_from_flags() {
    let shop = Shop::new();
    shop.write("vendor.toml", b"code = \"acme\"\nsecret-key = \"vendor.key\"\n");
    let error = shop.verify(&[]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("unknown field `secret-key`"), "{error}");
    fs::remove_file(shop.path("vendor.toml")).unwrap();
    let error = shop.verify(&[]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--key"), "{error}");
    let (own, site) = (shop.path("vendor.key"), shop.path("site.asc"));
    let flags = ["--key", own.to_str().unwrap(), "--site-certificate", site.to_str().unwrap()];
    assert_eq!(shop.verify(&flags).unwrap().seen_before, None);
    let with_take = [&flags[..], &["--take"]].concat();
    assert_eq!(shop.verify(&with_take).unwrap_err().exit_code(), 2, "nothing is taken without a register");
    shop.write("other.toml", b"secret_key = \"vendor.key\"\nsite_certificate = \"site.asc\"\ncode = \"Not A Code\"\n");
    let other = shop.path("other.toml");
    let named = ["--vendor-config", other.to_str().unwrap()];
    assert_eq!(shop.verify(&named).unwrap_err().exit_code(), 2);
    assert!(shop.verify(&[&named[..], &["--code", "acme"]].concat()).is_ok());
    assert_eq!(shop.verify(&["--vendor-config", "/nowhere/vendor.toml"]).unwrap_err().exit_code(), 2);
}

#[test]
fn two_commands_do_not_write_the_register_at_once() {
    let shop = Shop::new();
    let other = RunLock::take(&shop.path("register.txt.lock"), "another command").unwrap();
    let error = shop.verify(&["--take"]).unwrap_err();
    assert_eq!(error.exit_code(), 3, "{error}");
    assert_eq!(shop.receipt(&[]).unwrap_err().exit_code(), 3);
    shop.verify(&[]).unwrap();
    drop(other);
    shop.verify(&["--take"]).unwrap();
}
