//! Packages, notices and orders that a vendor must refuse, each for one reason.

use letterpost::domain::package_name::Environment;
use letterpost::package::assemble::Letters;
use letterpost::package::assemble::assemble;
use letterpost::package::digest::Sha256Digest;
use letterpost::package::name::{ready_file, sealed_file};
use letterpost::package::pull::PullOrder;
use letterpost::package::ready::ReadyMarker;

use crate::draft::{Draft, package, stored, with_sums};
use crate::sample::{at, rng};
use crate::sealing::{other_vendor_key, sealed_by, sealed_naming, site_key, stranger_key, vendor_key};
use crate::set::{Case, Expected, File, Good, marker, pull_order, void};
use crate::zipped::{Entry, LINK, zip, zip_saying};

/// What sees a fault: the step of the guide, or the tool.
const READY: &str = "sha256sum of the marker";
const GPG: &str = "gpg";
const UNZIP: &str = "unzip or its listing";
const SUMS: &str = "SHA256SUMS";
const TICKET: &str = "job ticket";
const MANIFEST: &str = "manifest";
const PAGES: &str = "pages";
const REGISTER: &str = "register";

fn case(file: String, seen_by: &'static str, reason: &'static str, files: Vec<File>) -> Case {
    Case { files, expected: Expected { file, verdict: "refused", seen_by, reason }, taken: None }
}

fn path(number: u32) -> String {
    format!("bad/{}", sealed_file(&package(number)))
}

/// A sealed package with a marker of its own.
fn sealed_case(number: u32, seen_by: &'static str, reason: &'static str, sealed: Vec<u8>) -> Case {
    let ready = marker(number, &sealed);
    case(
        path(number),
        seen_by,
        reason,
        vec![(path(number), sealed), (format!("bad/{}", ready_file(&package(number))), ready)],
    )
}

/// An archive that the site itself sealed.
fn zip_case(number: u32, seen_by: &'static str, reason: &'static str, zip: &[u8]) -> Case {
    sealed_case(number, seen_by, reason, seal(number, zip))
}

fn seal(number: u32, zip: &[u8]) -> Vec<u8> {
    sealed_by(&site_key(), vendor_key().certificate(), zip, 10 * u64::from(number))
}

/// All of them.
pub fn cases(good: &Good) -> Vec<Case> {
    [seals(), markers(), archives(), contents(), pages(), registers(), notices(good)].into_iter().flatten().collect()
}

/// Who sealed it, and to whom.
fn seals() -> Vec<Case> {
    let zip = |number| Draft::plain(number).zip();
    let (site, stranger, other) = (site_key(), stranger_key(), other_vendor_key());
    let naming = |number: u32, signers: &[_]| sealed_naming(&zip(number), signers, u64::from(10 * number));
    let other_vendors = {
        let name = "eba-test-other-000208";
        let file = format!("bad/{name}.zip.pgp");
        let bytes = seal(208, &zip(208));
        let ready = ReadyMarker::for_sealed(&name.parse().unwrap(), &bytes, "").to_json().unwrap().into_bytes();
        let files = vec![(file.clone(), bytes), (format!("bad/{name}.ready"), ready)];
        case(file, "its name", "is for vendor other", files)
    };
    vec![
        sealed_case(201, GPG, "exactly one signature, and carries 0", naming(201, &[])),
        sealed_case(
            202,
            GPG,
            "not by the pinned key",
            sealed_by(&stranger, vendor_key().certificate(), &zip(202), 2020),
        ),
        sealed_case(
            203,
            GPG,
            "exactly one signature, and carries 2",
            naming(203, &[(&site, &site), (&stranger, &stranger)]),
        ),
        sealed_case(204, GPG, "is not good", naming(204, &[(&stranger, &site)])),
        sealed_case(205, GPG, "cannot be opened with the key", sealed_by(&site, other.certificate(), &zip(205), 2050)),
        sealed_case(206, GPG, "cannot be opened with the key", zip(206)),
        zip_case(207, TICKET, "renamed or swapped", &zip(200)),
        other_vendors,
    ]
}

/// The marker, and whether the bytes are those that it means.
fn markers() -> Vec<Case> {
    let whole = |number| seal(number, &Draft::plain(number).zip());
    let flipped = |number| {
        let mut bytes = whole(number);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    let beside = |number: u32, bytes: Vec<u8>, marker: Option<Vec<u8>>, reason| {
        let ready = (format!("bad/{}", ready_file(&package(number))), marker.unwrap_or_default());
        let files = [(path(number), bytes), ready].into_iter().filter(|(_, content)| !content.is_empty());
        case(path(number), READY, reason, files.collect())
    };
    let cut = {
        let bytes = whole(212);
        bytes[..bytes.len() - 100].to_vec()
    };
    vec![
        beside(210, flipped(210), Some(marker(210, &whole(210))), "fetch it again"),
        sealed_case(211, GPG, "cannot be opened with the key", flipped(211)),
        beside(212, cut, Some(marker(212, &whole(212))), "fetch it again"),
        beside(213, whole(213), None, "may still be arriving"),
        beside(214, whole(214), Some(marker(200, &whole(214))), "the ready marker speaks of"),
        beside(
            215,
            whole(215),
            Some(b"{\"name\": \"eba-test-acme-000215\"}\n".to_vec()),
            "the ready marker cannot be read",
        ),
    ]
}

/// What is unpacked.
fn archives() -> Vec<Case> {
    let members = |number| Draft::plain(number).members();
    let entries =
        |number| members(number).iter().map(|(name, content)| Entry::stored(name, content)).collect::<Vec<_>>();
    let with = |number, entry: Entry| zip(&[entries(number), vec![entry]].concat());
    let mut lying = entries(226);
    lying[0].unpacked += 1;
    vec![
        zip_case(220, UNZIP, "has the name of an earlier one", &with(220, Entry::stored("letters.pdf", b"other"))),
        zip_case(221, UNZIP, "a name that is not allowed", &with(221, Entry::stored("../letters.pdf", b"x"))),
        zip_case(222, UNZIP, "a name that is not allowed", &with(222, Entry::stored("/tmp/letters.pdf", b"x"))),
        zip_case(
            223,
            UNZIP,
            "is not a plain file",
            &with(223, Entry { mode: LINK, ..Entry::stored("link.pdf", b"/etc/hostname") }),
        ),
        zip_case(
            224,
            UNZIP,
            "unpacks to more than 100 times its size",
            &with(224, Entry::deflated("zeros.pdf", &vec![0; 20_000_000])),
        ),
        zip_case(225, UNZIP, "it says that it has 65535 members", &zip_saying(&entries(225), u16::MAX)),
        zip_case(226, UNZIP, "lies about itself", &zip(&lying)),
        zip_case(227, UNZIP, "something was added to it", &[Draft::plain(227).zip(), b"more".to_vec()].concat()),
    ]
}

/// Sums, ticket and manifest.
fn contents() -> Vec<Case> {
    let without = |number, file: &str| {
        let mut members = Draft::plain(number).members();
        members.retain(|(name, _)| name != file);
        members
    };
    let and = |mut members: Vec<File>, name: &str| {
        members.push((name.to_owned(), b"x".to_vec()));
        members
    };
    let changed = |number, change: fn(&mut Draft)| {
        let mut draft = Draft::plain(number);
        change(&mut draft);
        draft.zip()
    };
    let mut sums = Draft::plain(232).members();
    sums[1].1.extend(b"\r\n");
    let mut gap = Draft::plain(236);
    gap.rows[1].sequence = 4;
    let mut twice = Draft::plain(237);
    twice.rows[1].letter_id = twice.rows[0].letter_id;
    vec![
        zip_case(230, SUMS, "do not list the same files: letters.pdf", &stored(&without(230, "letters.pdf"))),
        zip_case(
            231,
            SUMS,
            "extra.txt that does not belong in it",
            &stored(&with_sums(and(Draft::plain(231).members(), "extra.txt"))),
        ),
        zip_case(232, SUMS, "manifest.csv does not have the digest", &stored(&sums)),
        zip_case(233, SUMS, "has no file SHA256SUMS", &stored(&without(233, "SHA256SUMS"))),
        zip_case(234, TICKET, "format_version 2", &changed(234, |draft| draft.ticket.format_version = 2)),
        zip_case(
            235,
            TICKET,
            "says environment live",
            &changed(235, |draft| draft.ticket.environment = Environment::Live),
        ),
        zip_case(236, MANIFEST, "numbers run from 1 without gaps", &gap.zip_adding_up()),
        zip_case(237, MANIFEST, "stands in an earlier row too", &twice.zip()),
        zip_case(238, MANIFEST, "the manifest adds up to", &changed(238, |draft| draft.ticket.totals.letters += 1)),
        zip_case(239, MANIFEST, "the manifest adds up to", &changed(239, |draft| draft.rows[0].sheets += 1)),
    ]
}

/// The pages themselves.
fn pages() -> Vec<Case> {
    let mut more = Draft::plain(240);
    more.rows[2].pages += 1;
    let mut swapped = Draft::plain(241);
    let first = swapped.rows[0].sha256;
    swapped.rows[0].sha256 = swapped.rows[2].sha256;
    swapped.rows[2].sha256 = first;
    let mut barcode = Draft::of_letters(244, 244);
    barcode.rows[0].imb = "0034056709400000009962701".into();
    let mut id = Draft::of_letters(245, 245);
    id.rows[0].letter_id = "ZZZZZ-ZZZZZ".parse().unwrap();
    vec![
        zip_case(240, PAGES, "has 4 pages and the manifest lists 5", &more.zip_adding_up()),
        zip_case(241, PAGES, "the letter's content has SHA-256", &swapped.zip()),
        zip_case(242, PAGES, "do not read as letters do", &Draft::plain(242).zip()),
        zip_case(243, PAGES, "the inserter's mark says 'eba-test-acme-000200", &Draft::of_letters(243, 200).zip()),
        zip_case(244, PAGES, "the barcode says", &barcode.zip()),
        zip_case(245, PAGES, "the letter's id is not printed", &id.zip()),
    ]
}

/// Names that were seen before, and days that are over. Only taking sees them.
fn registers() -> Vec<Case> {
    let letters = |number| {
        let draft = Draft::of_letters(number, number);
        assemble(&draft.rows, &draft.ticket, Letters::PrintStream(&draft.pdf)).unwrap().to_vec()
    };
    let mut again = zip_case(250, REGISTER, "was taken before; acknowledge it", &letters(250));
    again.taken = Some(format!("eba-test-acme-000250 {}", Sha256Digest::of(&again.files[0].1)));
    let mut reused = zip_case(251, REGISTER, "was taken before with SHA-256", &letters(251));
    reused.taken = Some(format!("eba-test-acme-000251 {}", Sha256Digest::of(b"other bytes")));
    let mut late = Draft::of_letters(252, 252);
    late.ticket.mail_on = "2026-01-05".parse().unwrap();
    late.ticket.mail_by_on = "2026-01-07".parse().unwrap();
    vec![again, reused, zip_case(252, TICKET, "its letters must not be mailed after 2026-01-07", &late.zip())]
}

/// Void notices and pull orders.
fn notices(good: &Good) -> Vec<Case> {
    let beside_a_void = |number: u32, reason, notice: Vec<u8>| {
        let mut case = zip_case(number, "its void notice", reason, &Draft::plain(number).zip());
        case.files.push((format!("bad/eba-test-acme-{number:06}.void"), notice));
        case
    };
    let order = |file: String, seen_by, reason, order: &PullOrder, signer| {
        let sealed = order.seal(signer, &[vendor_key().certificate()], at(), &mut rng(2600)).unwrap();
        let file = format!("bad/{file}");
        case(file.clone(), seen_by, reason, vec![(file, sealed)])
    };
    let right = pull_order(good);
    let second = PullOrder { number: 2, ..right.clone() };
    vec![
        beside_a_void(260, "the site voided it", void(260, &site_key())),
        beside_a_void(261, "a void notice that cannot be trusted", void(261, &stranger_key())),
        beside_a_void(262, "a void notice that cannot be trusted", void(200, &site_key())),
        order(right.file_name().to_string(), GPG, "not by the pinned key", &right, &stranger_key()),
        order(second.file_name().to_string(), "its content", "renamed or swapped", &right, &site_key()),
    ]
}
