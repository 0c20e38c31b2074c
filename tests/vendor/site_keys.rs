//! More than one pinned certificate, while the site changes its key.

use letterpost::cli::vendor::VendorError;
use letterpost::package::openpgp::{NewKey, SecretKey, generate_key};
use letterpost::package::void::VoidNotice;

use crate::pressed::archive;
use crate::sample::{NAME, at, key, name, rng, seal_as, site_key, vendor_key};
use crate::shop::Shop;

fn new_key() -> SecretKey {
    key("Example Benefits Agency, 2027 <mail@eba.invalid>", 21)
}

/// A shop that pins these certificates, in this order.
fn shop_with(pinned: &[&SecretKey]) -> Shop {
    let shop = Shop::new();
    let mut names = Vec::new();
    for (place, key) in pinned.iter().enumerate() {
        let file = format!("site-{place}.asc");
        shop.write(&file, key.certificate().to_armored().unwrap().as_bytes());
        names.push(format!("\"{file}\""));
    }
    let settings = format!(
        "code = \"acme\"\nsecret_key = \"vendor.key\"\nsite_certificates = [{}]\noutbox = \"outbox\"\n\
         register = \"register.txt\"\n",
        names.join(", ")
    );
    shop.write("vendor.toml", settings.as_bytes());
    shop
}

fn receive_from(shop: &Shop, signer: &SecretKey) {
    shop.receive(&seal_as(&archive(), signer, vendor_key().certificate()));
}

#[test]
fn a_package_of_either_key_is_good_and_a_third_ones_is_not() {
    let (old, new) = (site_key(), new_key());
    for pinned in [[&old, &new], [&new, &old]] {
        let shop = shop_with(&pinned);
        for signer in [&old, &new] {
            receive_from(&shop, signer);
            assert_eq!(shop.verify(&[]).unwrap().signed_by, signer.certificate().fingerprint());
            shop.receipt(&["--dry-run"]).unwrap();
        }
        let stranger = key("Stranger <x@example.invalid>", 3);
        receive_from(&shop, &stranger);
        let error = shop.verify(&[]).unwrap_err();
        let [one, other] = pinned.map(|key| key.certificate().fingerprint());
        let found = stranger.certificate().fingerprint();
        let told = format!("it is signed by {found}, not by the pinned key {one} or {other}");
        assert!(error.to_string().contains(&told), "{error}");
    }
}

#[test]
fn what_else_is_wrong_is_said_whichever_key_signed() {
    let (old, new) = (site_key(), new_key());
    let shop = shop_with(&[&old, &new]);
    for signer in [&old, &new] {
        shop.receive(&seal_as(b"no archive", signer, vendor_key().certificate()));
        let error = shop.verify(&[]).unwrap_err();
        assert!(error.to_string().contains("archive is refused"), "{error}");
        let notice = VoidNotice { name: name(), reason: "replaced".into(), at: at() }.sign(signer, at()).unwrap();
        shop.write(&format!("inbox/{NAME}.void"), notice.as_bytes());
        assert!(matches!(shop.verify(&[]), Err(VendorError::Voided { .. })));
        std::fs::remove_file(shop.path(&format!("inbox/{NAME}.void"))).unwrap();
    }
}

#[test]
fn a_key_that_ended_signs_nothing_more_and_does_not_stop_the_other() {
    let ends = NewKey {
        user_id: "Example Benefits Agency <mail@eba.invalid>",
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: Some("2026-03-10T00:00:00Z".parse().unwrap()),
        passphrase: None,
    };
    let (old, new) = (generate_key(&ends, &mut rng(22)).unwrap(), new_key());
    for pinned in [[&old, &new], [&new, &old]] {
        let shop = shop_with(&pinned);
        receive_from(&shop, &old);
        assert!(shop.verify(&[]).is_ok());
        shop.advance_days(20);
        let error = shop.verify(&[]).unwrap_err();
        assert!(error.to_string().contains("it expired at 2026-03-10"), "{error}");
        receive_from(&shop, &new);
        assert!(shop.verify(&[]).is_ok());
    }
}

#[test]
fn certificates_are_named_in_one_way() {
    let shop = shop_with(&[&site_key()]);
    assert!(shop.verify(&[]).is_ok());
    shop.write("vendor.toml", b"site_certificate = \"site.asc\"\nsite_certificates = [\"site-0.asc\"]\n");
    let error = shop.verify(&[]).unwrap_err();
    assert!(error.exit_code() == 2 && error.to_string().contains("not both"), "{error}");
    shop.write("vendor.toml", b"secret_key = \"vendor.key\"\nsite_certificates = []\n");
    let error = shop.verify(&[]).unwrap_err();
    assert!(error.exit_code() == 2 && error.to_string().contains("--site-certificate"), "{error}");
    // What is typed stands in the place of the file's list, and may be given again.
    shop.write("new.asc", new_key().certificate().to_armored().unwrap().as_bytes());
    let [old, new] = ["site.asc", "new.asc"].map(|file| shop.path(file).to_str().unwrap().to_owned());
    assert!(shop.verify(&["--site-certificate", &new]).is_err());
    assert!(shop.verify(&["--site-certificate", &new, "--site-certificate", &old]).is_ok());
}
