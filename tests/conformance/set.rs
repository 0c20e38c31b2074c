//! The files of `samples/conformance/`, and what must be said of each.

use letterpost::package::assemble::{Letters, assemble};
use letterpost::package::digest::Sha256Digest;
use letterpost::package::name::{ready_file, sealed_file, void_file};
use letterpost::package::pull::{FORMAT_VERSION, PullOrder};
use letterpost::package::ready::ReadyMarker;
use letterpost::package::void::VoidNotice;

use crate::bad;
use crate::draft::{Draft, package};
use crate::sample::{at, rng};
use crate::sealing::{sealed_by, site_key, vendor_key};

/// The good package.
pub const GOOD: u32 = 123;
/// A number with a void notice.
pub const VOIDED: u32 = 124;

/// A file, by its path within the set.
pub type File = (String, Vec<u8>);

/// What is to be said of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The file, within the set.
    pub file: String,
    /// `accepted` or `refused`.
    pub verdict: &'static str,
    /// The step of the guide that sees it.
    pub seen_by: &'static str,
    /// Words of the refusal.
    pub reason: &'static str,
}

/// A file that must be refused, with what lies beside it.
pub struct Case {
    pub files: Vec<File>,
    pub expected: Expected,
    /// A line of the register.
    pub taken: Option<String>,
}

/// Everything: files by path, and what is expected, in order.
pub struct Set {
    pub files: Vec<File>,
    pub expected: Vec<Expected>,
}

/// The good package's parts.
pub struct Good {
    pub draft: Draft,
    pub sealed: Vec<u8>,
}

pub fn good() -> Good {
    let draft = Draft::of_letters(GOOD, GOOD);
    let zip = assemble(&draft.rows, &draft.ticket, Letters::PrintStream(&draft.pdf)).unwrap().to_vec();
    let sealed = sealed_by(&site_key(), vendor_key().certificate(), &zip, 1);
    Good { draft, sealed }
}

/// The order to pull the second letter of the good package.
pub fn pull_order(good: &Good) -> PullOrder {
    PullOrder {
        format_version: FORMAT_VERSION,
        package: package(GOOD),
        number: 1,
        letters: vec![good.draft.rows[1].letter_id],
        reason: "the address is under review".into(),
        made_at: at(),
        contact: "ops@eba.invalid".into(),
    }
}

pub fn marker(number: u32, sealed: &[u8]) -> Vec<u8> {
    ReadyMarker::for_sealed(&package(number), sealed, "log.eba.invalid\n7\nAAAA\n").to_json().unwrap().into_bytes()
}

pub fn void(number: u32, signer: &letterpost::package::openpgp::SecretKey) -> Vec<u8> {
    let notice = VoidNotice { name: package(number), reason: "no letter was left in it".into(), at: at() };
    notice.sign(signer, at()).unwrap().into_bytes()
}

/// The receipt of a day on which all letters of the good package were printed and mailed.
fn receipt(good: &Good) -> String {
    let sha256 = Sha256Digest::of(&good.sealed);
    let mut text =
        format!("record,letter_id,event,event_on,sheets,detail\r\npackage,,accepted,2026-03-03,,{sha256}\r\n");
    for row in &good.draft.rows {
        for event in ["printed", "mailed"] {
            text.push_str(&format!("letter,{},{event},2026-03-03,{},\r\n", row.letter_id, row.sheets));
        }
    }
    let sheets: u32 = good.draft.rows.iter().map(|row| 2 * row.sheets).sum();
    text + &format!("trailer,,,,{sheets},{}\r\n", 2 * good.draft.rows.len())
}

/// Makes the set.
pub fn make() -> Set {
    let good = good();
    let mut files: Vec<File> = vec![
        ("README.md".to_owned(), include_bytes!("README.md").to_vec()),
        ("vendor.toml".to_owned(), include_bytes!("vendor.toml").to_vec()),
        ("keys/site.asc".to_owned(), site_key().certificate().to_armored().unwrap().into_bytes()),
        ("keys/vendor.asc".to_owned(), vendor_key().certificate().to_armored().unwrap().into_bytes()),
        ("keys/vendor-secret.asc".to_owned(), vendor_key().to_armored().unwrap().as_bytes().to_vec()),
    ];
    let inbox = |file: String| format!("inbox/{file}");
    let order = pull_order(&good);
    let sealed_order = order.seal(&site_key(), &[vendor_key().certificate()], at(), &mut rng(2)).unwrap();
    files.extend([
        (inbox(sealed_file(&package(GOOD))), good.sealed.clone()),
        (inbox(ready_file(&package(GOOD))), marker(GOOD, &good.sealed)),
        (inbox(void_file(&package(VOIDED))), void(VOIDED, &site_key())),
        (inbox(order.file_name().to_string()), sealed_order),
    ]);
    for (name, content) in
        good.draft.members().into_iter().filter(|(name, _)| name != "letters.pdf" && name != "SHA256SUMS")
    {
        files.push((format!("good/{name}"), content));
    }
    files.push((format!("good/eba-test-acme-{GOOD:06}.receipt-1.csv"), receipt(&good).into_bytes()));
    let is_good = |file: String, seen_by| Expected { file, verdict: "accepted", seen_by, reason: "" };
    let mut expected = vec![
        is_good(inbox(sealed_file(&package(GOOD))), "all"),
        is_good(inbox(void_file(&package(VOIDED))), "gpg"),
        is_good(inbox(order.file_name().to_string()), "gpg"),
    ];
    let mut taken = String::new();
    for case in bad::cases(&good) {
        files.extend(case.files);
        taken.extend(case.taken.map(|line| line + "\n"));
        expected.push(case.expected);
    }
    files.push(("taken.txt".to_owned(), taken.into_bytes()));
    files.push(("expected.csv".to_owned(), table(&expected).into_bytes()));
    files.sort();
    Set { files, expected }
}

/// `expected.csv`.
pub fn table(expected: &[Expected]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "verdict", "seen_by", "reason"]).unwrap();
    for row in expected {
        writer.write_record([row.file.as_str(), row.verdict, row.seen_by, row.reason]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}
