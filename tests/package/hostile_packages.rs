//! Packages that a vendor must refuse, whoever made them.

use letterpost::package::archive::write_zip;
use letterpost::package::name::sealed_file;
use letterpost::package::openpgp::{OpenPgpError, open};
use letterpost::package::pages::PagesError;
use letterpost::package::ready::{ReadyError, ReadyMarker};
use letterpost::package::sums::write_sums;
use letterpost::package::unzip::{UnzipLimits, read_zip};
use letterpost::package::verify::{Refusal, verify_package};

use crate::sample::{
    NAME, archive, archive_of_files, at, check, key, name, refusal_of, seal_as, sealed, site_key, vendor_key,
};

/// The archive with one file's bytes changed, and sums that are right again.
fn with_change(zip: &[u8], file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for member in read_zip(zip, UnzipLimits::default()).unwrap() {
        let content = member.content.to_vec();
        members.push((member.name.clone(), if member.name == file { change(content) } else { content }));
    }
    rebuild(members)
}

fn rebuild(mut members: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    members.retain(|(name, _)| name != "SHA256SUMS");
    let sums = write_sums(members.iter().map(|(name, content)| (name.as_str(), content.as_slice())));
    members.push(("SHA256SUMS".into(), sums.into_bytes()));
    raw(&members)
}

fn raw(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let members: Vec<_> = members.iter().map(|(name, content)| (name.clone(), content.as_slice())).collect();
    write_zip(&members).unwrap().to_vec()
}

fn members_of(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let members = read_zip(zip, UnzipLimits::default()).unwrap();
    members.into_iter().map(|member| (member.name, member.content.to_vec())).collect()
}

fn replace(from: &'static str, to: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |content| {
        let text = String::from_utf8(content).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        text.replacen(from, to, 1).into_bytes()
    }
}

#[test]
fn another_signer_is_refused() {
    let stranger = key("Stranger <s@x.invalid>", 3);
    let package = seal_as(&archive(), &stranger, vendor_key().certificate());
    let Err(Refusal::Seal(OpenPgpError::WrongSigner { found, wanted })) = check(&package) else { panic!("accepted") };
    assert_eq!(found, stranger.certificate().fingerprint());
    assert_eq!(wanted, site_key().certificate().fingerprint());
}

#[test]
fn another_vendors_package_is_refused() {
    let other = key("Other Print <o@x.invalid>", 4);
    let package = seal_as(&archive(), &site_key(), other.certificate());
    assert!(matches!(check(&package), Err(Refusal::Seal(OpenPgpError::NotOpened { .. }))));
}

#[test]
fn a_renamed_package_is_refused() {
    let package = sealed(&archive());
    let verify = |file: &str, ready: Option<&ReadyMarker>| {
        let limits = UnzipLimits::default();
        verify_package(file, ready, &package, &vendor_key(), site_key().certificate(), at(), limits).err()
    };
    assert_eq!(verify(&sealed_file(&name()), None), None);
    for file in ["eba-test-acme-000124.zip.pgp", "eba-acme-000123.zip.pgp", "eba-test-other-000123.zip.pgp"] {
        assert!(matches!(verify(file, None), Some(Refusal::OtherTicket { .. })), "{file}");
    }
    for file in ["../eba-test-acme-000123.zip.pgp", "eba-test-acme-000123.zip", "x"] {
        assert!(matches!(verify(file, None), Some(Refusal::Name(_))), "{file}");
    }
    let file = sealed_file(&name());
    let good = ReadyMarker::for_sealed(&name(), &package, "note");
    assert_eq!(verify(&file, Some(&good)), None);
    let short = ReadyMarker { size: good.size + 1, ..good.clone() };
    assert!(matches!(verify(&file, Some(&short)), Some(Refusal::Ready(ReadyError::OtherSize { .. }))));
    let other = ReadyMarker::for_sealed(&"eba-test-acme-000124".parse().unwrap(), &package, "note");
    assert!(matches!(verify(&file, Some(&other)), Some(Refusal::Ready(ReadyError::OtherPackage { .. }))));
}

#[test]
fn flipped_and_cut_bytes_are_refused() {
    let package = sealed(&archive());
    let (vendor, site) = (vendor_key(), site_key());
    let ready = ReadyMarker::for_sealed(&name(), &package, "note");
    let verify = |bytes: &[u8]| {
        let limits = UnzipLimits::default();
        verify_package(&sealed_file(&name()), Some(&ready), bytes, &vendor, site.certificate(), at(), limits).is_ok()
    };
    assert!(verify(&package));
    let places = (0..300).chain((300..package.len()).step_by(61)).chain(package.len() - 40..package.len());
    for place in places {
        let mut flipped = package.clone();
        flipped[place] ^= 1 << (place % 8);
        assert!(!verify(&flipped), "byte {place}, by the marker's digest");
        assert!(open(&flipped, &vendor, site.certificate(), at(), 1 << 20).is_err(), "byte {place}, by the seal");
    }
    for end in (0..300).chain((300..package.len()).step_by(97)) {
        assert!(open(&package[..end], &vendor, site.certificate(), at(), 1 << 20).is_err(), "cut at {end}");
    }
}

#[test]
fn nonsense_is_refused() {
    for bytes in [&b""[..], b"\x00", b"PK\x03\x04", b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"]
    {
        assert!(matches!(check(bytes), Err(Refusal::Seal(_))));
    }
    assert!(matches!(check(&archive()), Err(Refusal::Seal(_))), "not sealed at all");
    assert!(matches!(refusal_of(b"not a zip"), Refusal::Archive(_)));
    let small = UnzipLimits { unpacked_bytes: 10, entries: 1, ratio: 1 };
    let package = vec![0; 1 << 20];
    let refused =
        verify_package(&sealed_file(&name()), None, &package, &vendor_key(), site_key().certificate(), at(), small);
    assert!(matches!(refused.err(), Some(Refusal::TooLarge { .. })));
}

#[test]
fn sums_must_be_complete_and_right() {
    let members = members_of(&archive());
    let without = |file: &str| raw(&members.iter().filter(|(name, _)| name != file).cloned().collect::<Vec<_>>());
    assert_eq!(refusal_of(&without("SHA256SUMS")), Refusal::MissingFile("SHA256SUMS".into()));
    assert_eq!(refusal_of(&without("letters.pdf")), Refusal::IncompleteSums("letters.pdf".into()));
    let mut more = members.clone();
    more.push(("extra.txt".into(), b"x".to_vec()));
    assert_eq!(refusal_of(&raw(&more)), Refusal::IncompleteSums("extra.txt".into()));
    assert_eq!(refusal_of(&rebuild(more)), Refusal::StrayFile("extra.txt".into()));
    let mut changed = members.clone();
    changed[1].1.extend(b"\r\n");
    assert_eq!(refusal_of(&raw(&changed)), Refusal::WrongSum("manifest.csv".into()));
    for file in ["manifest.csv", "job-ticket.json"] {
        let rest = members.iter().filter(|(name, _)| name != file).cloned().collect();
        assert_eq!(refusal_of(&rebuild(rest)), Refusal::MissingFile(file.into()));
    }
}

#[test]
fn ticket_and_manifest_must_agree() {
    let ticket = |from, to| refusal_of(&with_change(&archive(), "job-ticket.json", replace(from, to)));
    assert!(matches!(ticket(NAME, "eba-test-acme-000124"), Refusal::OtherTicket { .. }));
    assert!(matches!(ticket("\"environment\": \"test\"", "\"environment\": \"live\""), Refusal::OtherEnvironment(_)));
    assert!(matches!(ticket("\"letters\": 3", "\"letters\": 4"), Refusal::OtherTotals { .. }));
    assert!(matches!(ticket("\"sequence_sum\": 6", "\"sequence_sum\": 7"), Refusal::OtherTotals { .. }));
    assert!(matches!(ticket("\"format_version\": 1", "\"format_version\": 2"), Refusal::Ticket(_)));

    let manifest = |from, to| refusal_of(&with_change(&archive(), "manifest.csv", replace(from, to)));
    assert!(matches!(manifest("\r\n2,", "\r\n4,"), Refusal::Manifest(_)));
    assert!(matches!(manifest("letters.pdf,1,1,1", "other.pdf,1,1,1"), Refusal::WrongFile { sequence: 1, .. }));
    assert!(matches!(manifest("letters.pdf,1,1,1", "letters.pdf,1,1,2"), Refusal::OtherTotals { .. }));
    let headers = |content: Vec<u8>| content.split_inclusive(|b| *b == b'\n').next().unwrap().to_vec();
    assert_eq!(refusal_of(&with_change(&archive(), "manifest.csv", headers)), Refusal::NoLetters);
}

#[test]
fn pages_must_be_those_of_the_manifest() {
    let manifest = |from, to| refusal_of(&with_change(&archive(), "manifest.csv", replace(from, to)));
    assert!(matches!(
        manifest("letters.pdf,2,2,2", "letters.pdf,1,2,2"),
        Refusal::Pages(PagesError::OtherPlace { sequence: 2, found: 1, wanted: 2 })
    ));
    let swapped = |content: Vec<u8>| {
        let text = String::from_utf8(content).unwrap();
        let digest = |row: usize| text.lines().nth(row).unwrap().split(',').nth(6).unwrap().to_owned();
        text.replace(&digest(1), "?").replace(&digest(3), &digest(1)).replace('?', &digest(3)).into_bytes()
    };
    let refused = refusal_of(&with_change(&archive(), "manifest.csv", swapped));
    assert!(matches!(refused, Refusal::Pages(PagesError::OtherContent { sequence: 1, .. })), "{refused}");
    let cut = refusal_of(&with_change(&archive(), "letters.pdf", |pdf| pdf[..pdf.len() / 2].to_vec()));
    assert!(matches!(cut, Refusal::Pages(_)), "{cut}");
    let other = crate::sample::pdf(&[vec!["a"], vec!["b"], vec!["c"]]);
    let fewer = refusal_of(&with_change(&archive(), "letters.pdf", move |_| other.clone()));
    assert!(matches!(fewer, Refusal::Pages(PagesError::OtherCount { found: 3, wanted: 4, .. })), "{fewer}");
}

#[test]
fn letter_files_must_be_those_of_the_manifest() {
    let other = crate::sample::pdf(&[vec!["someone else's letter"]]);
    let refused = refusal_of(&with_change(&archive_of_files(), "letters/000002.pdf", move |_| other.clone()));
    assert!(matches!(refused, Refusal::Pages(PagesError::OtherContent { sequence: 2, .. })), "{refused}");
    let change = replace("letters/000002.pdf", "letters/000001.pdf");
    let refused = refusal_of(&with_change(&archive_of_files(), "manifest.csv", change));
    assert!(matches!(refused, Refusal::WrongFile { sequence: 2, .. }), "{refused}");
    let rest = members_of(&archive_of_files()).into_iter().filter(|(name, _)| name != "letters/000003.pdf").collect();
    assert_eq!(refusal_of(&rebuild(rest)), Refusal::MissingFile("letters/000003.pdf".into()));
}
