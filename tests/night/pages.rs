//! Every page of every package of the demo, held against the person that it is for, and against everybody else.

use std::collections::{BTreeMap, BTreeSet};

use letterpost::stages::password::Verdict;
use lopdf::{Document, Object};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, csv_rows, text_of};
use super::opened::{Opened, Printed, open_all};
use super::portal::verdicts;

type Row = BTreeMap<String, String>;

/// What only a letter in this language says, and what only one in the other says.
const WORDS: [(&str, &str, &str); 2] = [
    ("en", "Your temporary password", "Su contraseña temporal"),
    ("es", "Su contraseña temporal", "Your temporary password"),
];

/// The request of the file that a letter answers, found as an auditor finds it: letter id, ledger, reference, file.
fn request_of<'a>(site: &TestSite, letter: &Printed, requests: &'a BTreeMap<String, Row>) -> &'a Row {
    let id = letter.id();
    let reference = site.value(&format!(
        "SELECT reference FROM letter JOIN request ON request.id = letter.request_id WHERE letter.id = '{id}'"
    ));
    &requests[&reference]
}

fn requests(site: &TestSite) -> BTreeMap<String, Row> {
    csv_rows(&site.path("requests.csv")).into_iter().map(|row| (row["reference"].clone(), row)).collect()
}

/// The lines of the address that a person gave, in capitals, as they stand on an envelope: a unit above its street, but
/// an urbanization of Puerto Rico above it too; abroad, as given.
fn address_lines(request: &Row) -> Vec<String> {
    let place = ["city", "state", "postal_code"].map(|column| request[column].as_str()).join(" ");
    let (first, second) = (request["address_line_1"].as_str(), request["address_line_2"].as_str());
    let is_abroad = request["country"] == "CA";
    let (upper, lower) = if is_abroad || first.starts_with("Urb ") { (first, second) } else { (second, first) };
    let country = if is_abroad { "Canada" } else { "" };
    let lines = [request["full_name"].as_str(), upper, lower, &place, country];
    lines.into_iter().filter(|line| !line.is_empty()).map(str::to_uppercase).collect()
}

/// The lines printed where the envelope's window is: from the name to the empty line after it.
fn printed_address(letter: &Printed, name: &str) -> Vec<String> {
    let lines = letter.pages[0].lines().map(str::trim).skip_while(|line| *line != name.to_uppercase());
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether a text has these words as words, not as a part of longer ones.
fn has_words(text: &str, words: &str) -> bool {
    let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(words)
        .any(|(at, _)| is_edge(text[..at].chars().next_back()) && is_edge(text[at + words.len()..].chars().next()))
}

#[test]
fn every_page_is_its_persons_and_nobody_elses() {
    let site = TestSite::demo(MONDAY_NIGHT, 1);
    let requests = requests(&site);
    let packages = open_all(&site);
    let letters: Vec<&Printed> = packages.iter().flat_map(|package| &package.letters).collect();
    assert_eq!((packages.len(), letters.len()), (2, 17), "sixteen standard letters and one in large print");
    for letter in &letters {
        let own = request_of(&site, letter, &requests);
        let (text, laid_out) = (letter.text(), letter.laid_out.concat());
        assert_eq!(printed_address(letter, &own["full_name"]), address_lines(own), "letter {}", letter.id());
        assert!(text.contains(letter.id()) && text.contains(&own["full_name"]), "{text}");
        let (_, said, not_said) = WORDS.iter().find(|(code, ..)| *code == letter.row["language"]).unwrap();
        assert_eq!(letter.row["language"], own["language"].to_lowercase());
        assert!(text.contains(said) && !text.contains(not_said), "{text}");
        for page in [&text, &laid_out] {
            assert_nothing_of_others(page, own, letter, &requests, &letters);
        }
    }
    site.closed_accounting();
}

fn assert_nothing_of_others(
    page: &str,
    own: &Row,
    letter: &Printed,
    requests: &BTreeMap<String, Row>,
    letters: &[&Printed],
) {
    let upper = page.to_uppercase();
    for other in requests.values() {
        let [account, phone] = ["username", "phone"].map(|column| other[column].as_str());
        let local_part = account.split('@').next().unwrap();
        let digits = phone.replace('-', "");
        for secret in [account, local_part, phone, &digits] {
            assert!(!upper.contains(&secret.to_uppercase()), "{secret} is on the page of letter {}", letter.id());
        }
        for column in ["full_name", "address_line_1"] {
            let theirs = other[column].to_uppercase();
            assert!(other[column] == own[column] || !has_words(&upper, &theirs), "{theirs} is on {}", letter.id());
        }
    }
    for other in letters.iter().filter(|other| other.id() != letter.id()) {
        assert!(!page.contains(other.id()) && !page.contains(&other.password), "{} is on {}", other.id(), letter.id());
    }
}

#[test]
fn a_printed_password_opens_its_own_account_and_no_other() {
    let site = TestSite::demo(MONDAY_NIGHT, 2);
    let (requests, packages) = (requests(&site), open_all(&site));
    let accounts: BTreeSet<&str> = requests.values().map(|row| row["username"].as_str()).collect();
    let mut opened = 0;
    for letter in packages.iter().flat_map(|package| &package.letters) {
        let own = request_of(&site, letter, &requests)["username"].as_str();
        let tries: Vec<(&str, &str)> = accounts.iter().map(|account| (*account, letter.password.as_str())).collect();
        for ((account, _), verdict) in tries.iter().zip(verdicts(&site, &tries)) {
            let wanted = if *account == own { Verdict::Accepted } else { Verdict::Wrong };
            assert_eq!(verdict, wanted, "the password of letter {} for {account}", letter.id());
            opened += u32::from(verdict == Verdict::Accepted);
        }
    }
    assert_eq!(opened, 17);
    // A sample through the command itself: two accounts, each with both passwords.
    let sample = [&packages[0].letters[0], &packages[1].letters[0]];
    for letter in sample {
        for other in sample {
            let account = &request_of(&site, other, &requests)["username"];
            let wanted = if other.id() == letter.id() { (0, "accepted") } else { (5, "wrong") };
            let (code, verdict) = site.check(account, &letter.password);
            assert_eq!((code, verdict.as_str()), wanted, "the password of letter {} for {account}", letter.id());
        }
    }
}

#[test]
fn manifest_ticket_marker_ledger_and_pages_agree() {
    let site = TestSite::demo(MONDAY_NIGHT, 3);
    for name in site.packages() {
        let package = Opened::open(&site, &name);
        assert_ticket_adds_up(&package, &name);
        assert_ledger_knows_the_package(&site, &package, &name);
        assert_ready_marker_agrees(&site, &package, &name);
        let document = Document::load_mem(&package.file("letters.pdf")).unwrap();
        assert_eq!(document.page_iter().count() as u64, package.ticket["totals"]["pages"].as_u64().unwrap());
        let mut next_page = 1;
        for (place, letter) in package.letters.iter().enumerate() {
            let number = |column: &str| letter.row[column].parse::<usize>().unwrap();
            assert_eq!((number("sequence"), number("first_page")), (place + 1, next_page));
            assert_eq!(letter.row["sha256"], digest_of_pages(&document, next_page, number("pages")), "{}", letter.id());
            next_page += number("pages");
            let marks = |page: usize| format!("{name} {:06} {page}/{}", place + 1, number("pages"));
            assert!(
                (1..=number("pages")).all(|page| letter.pages[page - 1].contains(&marks(page))),
                "{}",
                letter.text()
            );
            let kept = site.rows(&format!(
                "SELECT sequence, pages, sheets, sha256, language, format, status FROM letter WHERE id = '{}'",
                letter.id()
            ));
            let listed = ["sequence", "pages", "sheets", "sha256", "language", "format"].map(|c| letter.row[c].clone());
            assert_eq!(kept, [[&listed[..], &["mailed".to_owned()]].concat()]);
        }
    }
    let accounting = site.closed_accounting();
    assert_eq!((&accounting["letters"], &accounting["letter_states"]["mailed"]), (&Value::from(17), &Value::from(17)));
}

/// The digest that the contract describes, computed here: the pages' decoded content streams, joined.
fn digest_of_pages(document: &Document, first: usize, count: usize) -> String {
    let mut content = Sha256::new();
    for page in document.page_iter().skip(first - 1).take(count) {
        for stream in document.get_page_contents(page) {
            let stream = document.get_object(stream).and_then(Object::as_stream).unwrap();
            content.update(stream.decompressed_content().unwrap_or_else(|_| stream.content.clone()));
        }
    }
    hex::encode(content.finalize())
}

fn assert_ticket_adds_up(package: &Opened, name: &str) {
    let total = |column: &str| package.letters.iter().map(|l| l.row[column].parse::<u64>().unwrap()).sum::<u64>();
    let counted = serde_json::json!({
        "letters": package.letters.len(), "sheets": total("sheets"), "pages": total("pages"),
        "sequence_sum": total("sequence"),
    });
    assert_eq!(package.ticket["totals"], counted);
    assert_eq!(package.ticket["package"], name);
    assert_eq!(
        (&package.ticket["mail_on"], &package.ticket["mail_by_on"]),
        (&"2026-03-03".into(), &"2026-03-05".into())
    );
}

fn assert_ledger_knows_the_package(site: &TestSite, package: &Opened, name: &str) {
    let totals = &package.ticket["totals"];
    let kept = site.rows(&format!(
        "SELECT letters, pages, sheets, mail_on, mail_by_on, checkpoint, status FROM batch WHERE name = '{name}'"
    ));
    let [letters, pages, sheets] = ["letters", "pages", "sheets"].map(|total| totals[total].to_string());
    let [mail_on, mail_by_on, checkpoint] =
        ["mail_on", "mail_by_on", "checkpoint"].map(|k| text_of(&package.ticket[k]));
    assert_eq!(kept, [[letters, pages, sheets, mail_on, mail_by_on, checkpoint, "accepted".to_owned()]]);
}

fn assert_ready_marker_agrees(site: &TestSite, package: &Opened, name: &str) {
    let inbox = |end: &str| std::fs::read(site.path(&format!("vendor/inbox/{name}{end}"))).unwrap();
    let (sealed, marker) = (inbox(".zip.pgp"), inbox(".ready"));
    let sha256 = hex::encode(Sha256::digest(&sealed));
    let wanted = serde_json::json!({
        "name": name, "file": format!("{name}.zip.pgp"), "size": sealed.len(), "sha256": sha256,
        "checkpoint": package.ticket["checkpoint"],
    });
    assert_eq!(serde_json::from_slice::<Value>(&marker).unwrap(), wanted);
    assert_eq!(site.value(&format!("SELECT sha256 FROM batch WHERE name = '{name}'")), sha256);
}
