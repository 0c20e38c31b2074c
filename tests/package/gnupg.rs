//! What we seal and sign, GnuPG opens and checks; and the other way round.

use letterpost::package::openpgp::{
    Certificate, KeyFault, NewKey, OpenPgpError, SecretKey, generate_key, open, sign_detached, verify_cleartext,
    verify_detached,
};
use letterpost::package::void::{VoidError, VoidNotice};

use crate::sample::{archive, at, name, rng, seal_as, site_key, vendor_key};
use crate::tools::GnuPg;

const RSA: &str = "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 2048\n\
                   Subkey-Usage: encrypt";
const CURVE25519: &str = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\n\
                          Subkey-Curve: cv25519\nSubkey-Usage: encrypt";

/// That gpg's status lines name a good signature of the site.
fn assert_signed_by_site(status: &str) {
    let fingerprint = site_key().certificate().fingerprint();
    assert!(status.contains("[GNUPG:] GOODSIG"), "{status}");
    assert!(status.contains(&format!("[GNUPG:] VALIDSIG {fingerprint} 2026-03-02 ")), "{status}");
}

fn gpg_with_site() -> GnuPg {
    let gpg = GnuPg::new();
    gpg.write("site.asc", site_key().certificate().to_armored().unwrap());
    gpg.run(&["--import", "site.asc"]);
    gpg
}

#[test]
fn gpg_opens_a_sealed_package_and_names_the_site() {
    let gpg = gpg_with_site();
    gpg.write("vendor.asc", vendor_key().to_armored().unwrap().as_bytes());
    gpg.run(&["--import", "vendor.asc"]);
    gpg.write("package.zip.pgp", seal_as(&archive(), &site_key(), vendor_key().certificate()));
    let status = gpg.run(&["--output", "package.zip", "--decrypt", "package.zip.pgp"]);
    assert!(status.contains("[GNUPG:] DECRYPTION_OKAY"), "{status}");
    assert!(status.contains("[GNUPG:] GOODMDC"), "{status}");
    assert_signed_by_site(&status);
    assert_eq!(gpg.read("package.zip"), *archive());
}

#[test]
fn packages_can_be_sealed_to_keys_that_gpg_made() {
    for (user_id, parameters) in [("rsa@acme.invalid", RSA), ("curve@acme.invalid", CURVE25519)] {
        let gpg = gpg_with_site();
        let certificate = Certificate::parse(&gpg.generate(user_id, parameters)).unwrap();
        assert_eq!(certificate.check_encryption(at()), Ok(()), "{user_id}");
        assert_eq!(certificate.user_id(), user_id);
        gpg.write("package.zip.pgp", seal_as(&archive(), &site_key(), &certificate));
        let status = gpg.run(&["--output", "package.zip", "--decrypt", "package.zip.pgp"]);
        assert!(status.contains("[GNUPG:] DECRYPTION_OKAY"), "{status}");
        assert_signed_by_site(&status);
        assert_eq!(gpg.read("package.zip"), *archive(), "{user_id}");
    }
}

#[test]
fn what_gpg_seals_for_us_opens() {
    for (user_id, parameters) in [("rsa@eba.invalid", RSA), ("curve@eba.invalid", CURVE25519)] {
        let gpg = GnuPg::new();
        let signer = Certificate::parse(&gpg.generate(user_id, parameters)).unwrap();
        let vendor = vendor_key();
        gpg.write("vendor.asc", vendor.certificate().to_armored().unwrap());
        gpg.run(&["--import", "vendor.asc"]);
        gpg.write("letters.zip", &*archive());
        gpg.run(&["-r", "print@acme.invalid", "-u", user_id, "-o", "sealed", "--sign", "--encrypt", "letters.zip"]);
        let opened = open(&gpg.read("sealed"), &vendor, &signer, at(), 1 << 20).unwrap();
        assert_eq!(*opened.plaintext, *archive());
        assert_eq!(opened.signed_at, at());
        let small = open(&gpg.read("sealed"), &vendor, &signer, at(), 100);
        assert_eq!(small.err(), Some(OpenPgpError::TooLarge(100)));
        gpg.run(&["-r", "print@acme.invalid", "-o", "unsigned", "--encrypt", "letters.zip"]);
        let unsigned = open(&gpg.read("unsigned"), &vendor, &signer, at(), 1 << 20);
        assert_eq!(unsigned.err(), Some(OpenPgpError::NotOneSignature(0)));
    }
}

#[test]
fn a_compression_bomb_is_not_unfolded() {
    let gpg = GnuPg::new();
    let signer = Certificate::parse(&gpg.generate("bomb@eba.invalid", CURVE25519)).unwrap();
    let vendor = vendor_key();
    gpg.write("vendor.asc", vendor.certificate().to_armored().unwrap());
    gpg.run(&["--import", "vendor.asc"]);
    gpg.write("zeros", vec![0; 50_000_000]);
    gpg.run(&[
        "--compress-algo",
        "zlib",
        "-r",
        "print@acme.invalid",
        "-u",
        "bomb@eba.invalid",
        "-o",
        "sealed",
        "--sign",
        "--encrypt",
        "zeros",
    ]);
    let sealed = gpg.read("sealed");
    assert!(sealed.len() < 100_000);
    assert_eq!(open(&sealed, &vendor, &signer, at(), 1 << 20).err(), Some(OpenPgpError::TooLarge(1 << 20)));
}

#[test]
fn detached_signatures_are_understood_both_ways() {
    let receipt = b"record,letter_id,event,event_on,sheets,detail\r\n";
    let gpg = gpg_with_site();
    gpg.write("r.csv", receipt);
    gpg.write("r.csv.asc", sign_detached(receipt, &site_key(), at(), &mut rng(5)).unwrap());
    assert_signed_by_site(&gpg.run(&["--verify", "r.csv.asc", "r.csv"]));

    let vendor = Certificate::parse(&gpg.generate("curve@acme.invalid", CURVE25519)).unwrap();
    for armor in ["--armor", "--no-armor"] {
        gpg.run(&[armor, "-u", "curve@acme.invalid", "-o", "made", "--detach-sign", "r.csv"]);
        assert_eq!(verify_detached(receipt, &gpg.read("made"), &vendor, at()), Ok(at()));
        let changed = verify_detached(&receipt[1..], &gpg.read("made"), &vendor, at());
        assert!(matches!(changed, Err(OpenPgpError::BadSignature { .. })), "{changed:?}");
        let other = verify_detached(receipt, &gpg.read("made"), site_key().certificate(), at());
        assert!(matches!(other, Err(OpenPgpError::WrongSigner { .. })), "{other:?}");
    }
    let old = Certificate::parse(&gpg.generate("rsa@acme.invalid", RSA)).unwrap();
    for (hash, is_good) in [("SHA1", false), ("SHA256", true), ("SHA512", true)] {
        gpg.run(&["--digest-algo", hash, "-u", "rsa@acme.invalid", "-o", "hashed", "--detach-sign", "r.csv"]);
        let verified = verify_detached(receipt, &gpg.read("hashed"), &old, at());
        assert_eq!(verified.is_ok(), is_good, "{hash}: {verified:?}");
    }
    for nonsense in [&b""[..], b"nonsense", b"-----BEGIN PGP SIGNATURE-----\n\n=aaaa\n-----END PGP SIGNATURE-----\n"] {
        assert!(verify_detached(receipt, nonsense, &vendor, at()).is_err());
    }
}

#[test]
fn a_signing_subkey_of_the_pinned_certificate_may_sign() {
    let gpg = GnuPg::new();
    gpg.generate(
        "sub@acme.invalid",
        "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: cert\nSubkey-Type: EDDSA\n\
                                      Subkey-Curve: ed25519\nSubkey-Usage: sign",
    );
    let vendor = Certificate::parse(&gpg.export("sub@acme.invalid")).unwrap();
    gpg.write("r.csv", "x");
    gpg.run(&["--armor", "-u", "sub@acme.invalid", "-o", "r.asc", "--detach-sign", "r.csv"]);
    assert_eq!(verify_detached(b"x", &gpg.read("r.asc"), &vendor, at()), Ok(at()));
    let fault = vendor.check_encryption(at()).unwrap_err();
    assert!(matches!(fault, OpenPgpError::UnusableKey { fault: KeyFault::NoEncryptionSubkey, .. }), "{fault}");
}

#[test]
fn a_void_notice_is_readable_and_gpg_checks_it() {
    let site = site_key();
    let notice = VoidNotice { name: name(), reason: "- all letters were held; \"nothing\" to print".into(), at: at() };
    let text = notice.sign(&site, at()).unwrap();
    assert!(text.contains("\n  \"name\": \"eba-test-acme-000123\",\n"), "{text}");
    let gpg = gpg_with_site();
    gpg.write("n.void", &text);
    assert_signed_by_site(&gpg.run(&["--verify", "n.void"]));

    assert_eq!(VoidNotice::read(text.as_bytes(), &name(), site.certificate(), at()), Ok(notice));
    let other = "eba-test-acme-000124".parse().unwrap();
    let renamed = VoidNotice::read(text.as_bytes(), &other, site.certificate(), at());
    assert!(matches!(renamed, Err(VoidError::OtherPackage { .. })), "{renamed:?}");
    for changed in [
        text.replace("000123", "000124"),
        text.replace("held", "lost"),
        format!("x\n{text}"),
        format!("{text}x\n"),
        text.replace("-----BEGIN PGP SIGNATURE-----", ""),
    ] {
        assert!(VoidNotice::read(changed.as_bytes(), &other, site.certificate(), at()).is_err(), "{changed}");
        assert!(VoidNotice::read(changed.as_bytes(), &name(), site.certificate(), at()).is_err(), "{changed}");
    }
    let stranger = VoidNotice::read(text.as_bytes(), &name(), vendor_key().certificate(), at());
    assert!(matches!(stranger, Err(VoidError::NotSigned(_))), "{stranger:?}");

    gpg.write("plain", "{\"a\": 1}\nline  \n- dash\n");
    let vendor = Certificate::parse(&gpg.generate("curve@acme.invalid", CURVE25519)).unwrap();
    gpg.run(&["-u", "curve@acme.invalid", "-o", "clear", "--clear-sign", "plain"]);
    let (read, signed_at) = verify_cleartext(&gpg.read("clear"), &vendor, at()).unwrap();
    assert_eq!((read.trim_end(), signed_at), ("{\"a\": 1}\nline\n- dash", at()));
}

#[test]
fn expired_revoked_and_future_certificates_are_refused() {
    let gpg = GnuPg::new();
    let fault = |certificate: &Certificate, when: &str| match certificate.check_encryption(when.parse().unwrap()) {
        Err(OpenPgpError::UnusableKey { fault, .. }) => Some(fault),
        Ok(()) => None,
        Err(other) => panic!("{other}"),
    };
    let short = Certificate::parse(&gpg.generate("short@acme.invalid", &format!("{RSA}\nExpire-Date: 30d"))).unwrap();
    let ends_at = "2026-04-01T04:00:00Z".parse().unwrap();
    assert_eq!(short.expires_at(at()), Some(ends_at));
    assert_eq!(fault(&short, "2026-04-01T03:59:59Z"), None);
    assert_eq!(fault(&short, "2026-04-01T04:00:00Z"), Some(KeyFault::Expired(ends_at)));
    assert_eq!(fault(&short, "2026-03-02T03:59:59Z"), Some(KeyFault::FromTheFuture(at())));

    let later = "2026-03-02T06:00:00Z".parse().unwrap();
    gpg.run_an_hour_later(&["--quick-set-expire", &short.fingerprint(), "60d"]);
    let longer = Certificate::parse(&gpg.export("short@acme.invalid")).unwrap();
    assert_eq!(longer.expires_at(later), Some(ends_at), "the subkey still ends");
    assert_eq!(fault(&longer, "2026-04-01T03:59:59Z"), None);
    assert_eq!(fault(&longer, "2026-04-01T04:00:00Z"), Some(KeyFault::NoEncryptionSubkey));
    gpg.run_an_hour_later(&["--quick-set-expire", &short.fingerprint(), "60d", "*"]);
    let longer = Certificate::parse(&gpg.export("short@acme.invalid")).unwrap();
    assert_eq!(fault(&longer, "2026-04-20T00:00:00Z"), None);

    let revocation = format!("openpgp-revocs.d/{}.rev", short.fingerprint());
    let text = String::from_utf8(gpg.read(&revocation)).unwrap().replace(":-----BEGIN", "-----BEGIN");
    gpg.write("revocation.asc", text);
    gpg.run(&["--import", "revocation.asc"]);
    let revoked = Certificate::parse(&gpg.export("short@acme.invalid")).unwrap();
    assert_eq!(fault(&revoked, "2026-03-02T04:00:00Z"), Some(KeyFault::Revoked));
    assert!(verify_detached(b"x", b"", &revoked, at()).is_err());

    let sign_only = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign";
    let signer = Certificate::parse(&gpg.generate("sign@acme.invalid", sign_only)).unwrap();
    assert_eq!(fault(&signer, "2026-03-02T04:00:00Z"), Some(KeyFault::NoEncryptionSubkey));
}

#[test]
fn secret_keys_go_in_and_out_of_gpg_with_their_passphrase() {
    let new = NewKey {
        user_id: "Locked <locked@eba.invalid>",
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: Some("2028-01-01T00:00:00Z".parse().unwrap()),
        passphrase: Some("a test passphrase"),
    };
    let locked = generate_key(&new, &mut rng(7)).unwrap();
    assert_eq!(locked.certificate().expires_at(at()), new.expires_at);
    let armored = locked.to_armored().unwrap();
    assert!(matches!(SecretKey::parse(armored.as_bytes(), None), Err(OpenPgpError::WrongPassphrase(_))));
    assert!(matches!(SecretKey::parse(armored.as_bytes(), Some("wrong")), Err(OpenPgpError::WrongPassphrase(_))));
    let read = SecretKey::parse(armored.as_bytes(), Some("a test passphrase")).unwrap();
    let sealed = seal_as(b"x", &read, vendor_key().certificate());
    assert_eq!(*open(&sealed, &vendor_key(), locked.certificate(), at(), 100).unwrap().plaintext, b"x");

    let gpg = GnuPg::new();
    gpg.write("locked.asc", armored.as_bytes());
    gpg.run(&["--import", "locked.asc"]);
    gpg.run(&["--armor", "-o", "again.asc", "--export-secret-keys", "locked@eba.invalid"]);
    let again = SecretKey::parse(&gpg.read("again.asc"), Some("a test passphrase")).unwrap();
    assert_eq!(again.certificate().fingerprint(), locked.certificate().fingerprint());
    assert_eq!(format!("{again:?}"), format!("SecretKey({}, hidden)", locked.certificate().fingerprint()));
    assert!(matches!(Certificate::parse(armored.as_bytes()), Err(OpenPgpError::NotACertificate(_))));
    let two = [gpg.export("locked@eba.invalid"), gpg.generate("two@eba.invalid", CURVE25519)];
    gpg.run(&["-o", "both", "--export"]);
    assert!(Certificate::parse(&two[0]).is_ok());
    assert!(matches!(Certificate::parse(&gpg.read("both")), Err(OpenPgpError::NotACertificate(_))));
}
