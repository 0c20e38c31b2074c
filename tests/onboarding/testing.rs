//! `vendor test` on a test site: sealed, delivered and receipted as any package, and no package at all.

use std::fs;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;
use super::west::{CURVE25519, West, vendor};

const FIRST: &str = "eba-test-west-000001";

/// A site that has taken West on, which is ready to work.
fn taken_on() -> (TestSite, West) {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let west = West::new(CURVE25519);
    site.configure("# languages = [\"en\", \"es\"]", "languages = [\"en\"]");
    west.add(&site, &[]).expect(0);
    west.settle_in(&site);
    (site, west)
}

fn counts(site: &TestSite) -> Vec<String> {
    ["request", "batch", "letter", "receipt_file", "serial_block"]
        .map(|table| site.value(&format!("SELECT count(*) FROM {table}")))
        .to_vec()
}

#[test]
fn a_test_goes_the_whole_way_and_is_no_package() {
    let (site, west) = taken_on();
    let before = counts(&site);
    let planned = site.json(&["vendor", "test", "west", "--dry-run"]);
    assert_eq!((&planned["would_send"], &planned["goes_on"]), (&FIRST.into(), &false.into()));
    assert!(fs::read_dir(site.path("west/in")).unwrap().next().is_none());
    let sent = site.json(&["vendor", "test", "west"]);
    assert_eq!(
        (&sent["name"], &sent["status"], &sent["sealed_to"]),
        (&FIRST.into(), &"sent".into(), &west.fingerprint().into())
    );
    site.run(&["vendor", "test", "west", "--check"]).expect(5);
    // The vendor checks it as any package, and takes it.
    let verified =
        vendor(&site, "verify", FIRST, &["--take", "--extract", site.path("opened").to_str().unwrap()]).expect(0);
    assert!(verified.stdout.contains("(test)"), "{}", verified.text());
    let manifest = fs::read_to_string(site.path("opened/manifest.csv")).unwrap();
    assert_eq!(manifest.lines().count() as u64, sent["letters"].as_u64().unwrap() + 1);
    assert!(
        manifest.contains("SAMP1-E0001") && manifest.contains(",abroad,") || manifest.contains(",DE,"),
        "{manifest}"
    );
    // The passwords of its letters are nobody's.
    assert_eq!(site.check("anybody", "SAMP-1E00-0000").0, 5);
    vendor(&site, "receipt", FIRST, &["--events", "accepted"]).expect(0);
    let checked = site.json(&["vendor", "test", "west", "--check"]);
    assert_eq!((&checked["status"], &checked["letters"]), (&"accepted".into(), &sent["letters"]));
    assert_eq!(counts(&site), before, "no request, package, letter, receipt or serial number was touched");
    let list = site.json(&["vendor", "list"]);
    assert_eq!((&list[1]["test"]["status"], &list[1]["next"]), (&"accepted".into(), &serde_json::Value::Null));
    assert_eq!(list[1]["steps"]["test-receipted"]["detail"], format!("{FIRST} accepted"));
    // A night goes on undisturbed, and its package has the next number: one name is one package for ever.
    site.night();
    assert!(site.path("west/in/eba-test-west-000002.zip.pgp").exists());
    assert_eq!(site.value("SELECT min(number) FROM batch WHERE vendor = 'west'"), "2");
    let next = site.json(&["vendor", "test", "west", "--dry-run"]);
    assert_eq!(next["would_send"], "eba-test-west-000003");
    site.run(&["audit", "verify"]).expect(0);
    let kinds = site.rows("SELECT kind FROM audit_entry WHERE kind LIKE 'vendor.test%' ORDER BY seq");
    assert_eq!(kinds.concat(), ["vendor.test_made", "vendor.test_offered", "vendor.test_receipt"]);
}

#[test]
fn a_night_reads_the_receipt_of_a_test_once_and_refuses_a_bad_one() {
    let (site, west) = taken_on();
    site.run(&["vendor", "test", "west", "--format", "standard"]).expect(0);
    vendor(&site, "receipt", FIRST, &["--events", "printed,mailed"]).expect(0);
    let (receipt, signature) = (
        site.path(&format!("west/out/{FIRST}.receipt-1.csv")),
        site.path(&format!("west/out/{FIRST}.receipt-1.csv.asc")),
    );
    let good = (fs::read_to_string(&receipt).unwrap(), fs::read(&signature).unwrap());
    let sign = |text: &str| {
        west.gpg.write("r.csv", text);
        let late =
            ["--faked-system-time", "20260303T040000!", "--armor", "--output", "r.asc", "--detach-sign", "r.csv"];
        west.gpg.run(&late);
        fs::write(&receipt, text).unwrap();
        fs::write(&signature, west.gpg.read("r.asc")).unwrap();
    };
    let status = || site.value("SELECT status FROM vendor_test");
    // Unsigned; of another package; of letters that are none of the test's.
    fs::remove_file(&signature).unwrap();
    assert!(site.run(&["ingest"]).expect(1).stderr.contains("it has no signature"));
    assert_eq!(site.run(&["ingest"]).expect(0).stderr, "", "it is told once");
    let digest = site.value("SELECT sha256 FROM vendor_test");
    sign(&good.0.replace(&digest, &"0".repeat(64)));
    assert!(site.run(&["ingest"]).expect(1).stderr.contains("it speaks of a package with SHA-256 000000"));
    sign(&good.0.replace("SAMP1-E0002", "SAMP1-E9002"));
    assert!(site.run(&["ingest"]).expect(1).stderr.contains("letter SAMP1-E9002 is none of the test's"));
    assert_eq!(status(), "sent");
    let kept = fs::read_dir(site.path("quarantine")).unwrap().map(|entry| entry.unwrap().file_name());
    let kept = kept.filter(|name| name.to_str().unwrap().starts_with(FIRST)).count();
    assert_eq!(kept, 6, "each with its reason beside it");
    site.run(&["vendor", "test", "west", "--check"]).expect(5);
    // The right one.
    fs::write(&receipt, &good.0).unwrap();
    fs::write(&signature, &good.1).unwrap();
    let read = site.run(&["ingest"]).expect(0);
    assert!(read.stderr.contains("vendor west took the test"), "{}", read.text());
    assert_eq!(status(), "accepted");
    assert_eq!(site.run(&["ingest"]).expect(0).stderr, "");
    assert_eq!(site.value("SELECT count(*) FROM receipt_file"), "0", "it is no receipt of a package");
    // One that refuses asks for a person.
    site.run(&["vendor", "test", "west"]).expect(0);
    vendor(&site, "receipt", "eba-test-west-000002", &["--refuse", "the fonts look wrong"]).expect(0);
    let checked = site.run(&["vendor", "test", "west", "--check"]).expect(5);
    assert!(checked.text().contains("vendor west refused the test"), "{}", checked.text());
}

#[test]
fn a_test_that_a_crash_cut_short_is_gone_on_with_under_its_number() {
    let (site, _west) = taken_on();
    site.run(&["vendor", "test", "west"]).expect(0);
    let (sealed, ready) =
        (site.path(&format!("west/in/{FIRST}.zip.pgp")), site.path(&format!("west/in/{FIRST}.ready")));
    let first = (fs::read(&sealed).unwrap(), fs::read(&ready).unwrap());
    let uploaded = site.path(&format!("west/in/{FIRST}.zip.pgp.part"));
    let back_to = |status: &str| site.tamper(&format!("UPDATE vendor_test SET status = '{status}'"));
    // After the offer and before its name; after its name; after the vendor took it.
    back_to("offered");
    fs::rename(&sealed, &uploaded).unwrap();
    fs::remove_file(&ready).unwrap();
    assert_eq!(site.json(&["vendor", "test", "west", "--dry-run"])["goes_on"], true);
    assert_eq!(site.json(&["vendor", "test", "west"])["name"], FIRST);
    assert_eq!((fs::read(&sealed).unwrap(), fs::read(&ready).unwrap()), first, "byte for byte");
    back_to("offered");
    fs::remove_file(&ready).unwrap();
    site.run(&["vendor", "test", "west"]).expect(0);
    assert_eq!(fs::read(&ready).unwrap(), first.1);
    back_to("offered");
    fs::remove_file(&sealed).unwrap();
    fs::remove_file(&ready).unwrap();
    assert_eq!(site.json(&["vendor", "test", "west"])["status"], "sent");
    assert!(!sealed.exists(), "what the vendor took is not sent again");
    // Before the offer nobody has it: another is made under the same number.
    back_to("made");
    fs::write(&uploaded, "half of it").unwrap();
    assert_eq!(site.json(&["vendor", "test", "west"])["name"], FIRST);
    assert_ne!(fs::read(&sealed).unwrap(), first.0);
    assert_eq!(site.value("SELECT count(*) FROM vendor_test"), "1");
    // Somebody else's file under the name of the next one.
    fs::write(site.path("west/in/eba-test-west-000002.zip.pgp"), "whose?").unwrap();
    let alarm = site.run(&["vendor", "test", "west"]).expect(4);
    assert!(alarm.stderr.contains("has another file under the name of eba-test-west-000002"), "{}", alarm.text());
}

#[test]
fn a_vendor_that_cannot_be_tested_is_told_why() {
    let (site, west) = taken_on();
    assert!(site.run(&["vendor", "test", "east"]).expect(2).stderr.contains("no [[vendor]] east; known: acme, west"));
    let other = site.run(&["vendor", "test", "west", "--format", "large-print"]).expect(2);
    assert!(other.stderr.contains("vendor west takes standard"), "{}", other.text());
    assert!(site.run(&["vendor", "test", "west", "--check"]).expect(2).stderr.contains("was never sent a test"));
    fs::rename(site.path("west/in"), site.path("west/away")).unwrap();
    site.run(&["vendor", "test", "west"]).expect(3);
    fs::rename(site.path("west/away"), site.path("west/in")).unwrap();
    assert_eq!(site.json(&["vendor", "test", "west"])["name"], FIRST, "the number was not lost");
    let revocation = format!("openpgp-revocs.d/{}.rev", west.fingerprint());
    let text = String::from_utf8(west.gpg.read(&revocation)).unwrap().replace(":-----BEGIN", "-----BEGIN");
    west.gpg.write("revocation.asc", text);
    west.gpg.run(&["--import", "revocation.asc"]);
    fs::write(site.path("keys/west.asc"), west.gpg.export("print@west.invalid")).unwrap();
    let revoked = site.run(&["vendor", "test", "west"]).expect(2);
    assert!(
        revoked.stderr.contains("nothing can be sealed to vendor west") && revoked.stderr.contains("it was revoked")
    );
}
