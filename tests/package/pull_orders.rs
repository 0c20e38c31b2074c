//! Pull orders: gpg opens what the site sealed, and the vendor refuses what is not exactly the site's.

use letterpost::domain::letter::LetterId;
use letterpost::package::openpgp::{OpenPgpError, seal};
use letterpost::package::pull::{FORMAT_VERSION, PullError, PullOrder};

use crate::sample::{NAME, at, key, name, rng, site_key, vendor_key};
use crate::tools::GnuPg;

const FILE: &str = "eba-test-acme-000123.pull-2.json.pgp";
const JSON: &str = r#"{
  "format_version": 1,
  "package": "eba-test-acme-000123",
  "number": 2,
  "letters": [
    "11111-11111",
    "33333-33333"
  ],
  "reason": "the address is under review",
  "made_at": "2026-03-02T04:00:00Z",
  "contact": "ops@eba.invalid"
}
"#;

fn order() -> PullOrder {
    PullOrder {
        format_version: FORMAT_VERSION,
        package: name(),
        number: 2,
        letters: vec![LetterId::from_entropy([1; 10]), LetterId::from_entropy([3; 10])],
        reason: "the address is under review".into(),
        made_at: at(),
        contact: "ops@eba.invalid".into(),
    }
}

fn sealed(json: &str) -> Vec<u8> {
    seal(json.as_bytes(), &site_key(), &[vendor_key().certificate()], at(), &mut rng(4)).unwrap()
}

fn open(file_name: &str, sealed: &[u8]) -> Result<PullOrder, PullError> {
    PullOrder::open(file_name, sealed, &vendor_key(), site_key().certificate(), at())
}

#[test]
fn gpg_opens_a_pull_order_and_names_the_site() {
    assert_eq!(order().file_name().to_string(), FILE);
    assert!(FILE.starts_with(NAME));
    let bytes = order().seal(&site_key(), &[vendor_key().certificate()], at(), &mut rng(3)).unwrap();
    assert_eq!(open(FILE, &bytes), Ok(order()));

    let gpg = GnuPg::new();
    gpg.write("site.asc", site_key().certificate().to_armored().unwrap());
    gpg.write("vendor.asc", vendor_key().to_armored().unwrap().as_bytes());
    gpg.run(&["--import", "site.asc", "vendor.asc"]);
    gpg.write(FILE, bytes);
    let status = gpg.run(&["--output", "order.json", "--decrypt", FILE]);
    assert!(status.contains("[GNUPG:] GOODSIG"), "{status}");
    assert!(status.contains(&site_key().certificate().fingerprint()), "{status}");
    assert_eq!(String::from_utf8(gpg.read("order.json")).unwrap(), JSON);
}

#[test]
fn an_order_is_the_one_that_its_file_is_named_after() {
    let bytes = sealed(JSON);
    assert_eq!(open(FILE, &bytes), Ok(order()));
    for other in ["eba-test-acme-000123.pull-1.json.pgp", "eba-test-acme-000124.pull-2.json.pgp"] {
        assert!(matches!(open(other, &bytes), Err(PullError::OtherOrder { .. })), "{other}");
    }
    for no_name in ["eba-test-acme-000123.zip.pgp", "../eba-test-acme-000123.pull-2.json.pgp"] {
        assert!(matches!(open(no_name, &bytes), Err(PullError::Name(_))), "{no_name}");
    }
}

#[test]
fn an_order_of_another_form_is_refused() {
    for (from, to) in [
        ("\"33333-33333\"", "\"11111-11111\""),
        ("\"11111-11111\",\n    \"33333-33333\"", ""),
        ("11111-11111", "11111-1111"),
        ("\"format_version\": 1", "\"format_version\": 2"),
        ("\"contact\"", "\"kontakt\""),
        ("\"number\": 2", "\"number\": -2"),
        ("2026-03-02T04:00:00Z", "today"),
    ] {
        let changed = JSON.replace(from, to);
        assert_ne!(changed, JSON, "{from}");
        let refused = open(FILE, &sealed(&changed));
        let told = refused.expect_err(from).to_string();
        assert!(told.contains("pull order"), "{told}");
    }
    let mut twice = order();
    twice.letters.push(LetterId::from_entropy([3; 10]));
    let refused = twice.seal(&site_key(), &[vendor_key().certificate()], at(), &mut rng(3));
    assert!(matches!(refused, Err(PullError::RepeatedLetter(_))));
}

#[test]
fn only_the_pinned_site_may_pull() {
    let stranger = key("Stranger <stranger@invalid.invalid>", 7);
    let forged = order().seal(&stranger, &[vendor_key().certificate()], at(), &mut rng(3)).unwrap();
    assert!(matches!(open(FILE, &forged), Err(PullError::Seal(OpenPgpError::WrongSigner { .. }))));

    let bytes = sealed(JSON);
    let other_vendor = PullOrder::open(FILE, &bytes, &stranger, site_key().certificate(), at());
    assert!(matches!(other_vendor, Err(PullError::Seal(OpenPgpError::NotOpened { .. }))));
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(matches!(open(FILE, &flipped), Err(PullError::Seal(_))));
}
