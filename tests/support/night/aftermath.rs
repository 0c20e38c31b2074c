//! What must hold after a night, however often it was killed: nothing lost, nothing twice, no gap, and every printed
//! password good.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use letterpost::adapters::system::{FixedClock, SystemEntropy};
use letterpost::cli::config::Config;
use letterpost::cli::database;
use letterpost::domain::imb::Imb;
use letterpost::domain::verifier::Pepper;
use letterpost::package::openpgp::{Certificate, SecretKey};
use letterpost::package::ready::ReadyMarker;
use letterpost::package::unzip::UnzipLimits;
use letterpost::package::verify::{VerifiedPackage, verify_package};
use letterpost::ports::ledger::{Accounting, Ledger};
use letterpost::stages::password::{Check, Verdict, check};

use super::site::{NOW, NightSite};
use super::vendor::Taken;

/// What was found out about a night.
#[derive(Debug)]
pub struct Aftermath {
    /// Packages that the vendor took.
    pub packages: usize,
    /// Letters in them.
    pub letters: usize,
    /// Packages of which the site did not know that they were taken, until their receipts came.
    pub told_by_receipt: usize,
}

/// A letter as its reader sees it.
struct Printed {
    letter_id: String,
    person: String,
    password: String,
}

/// Asks everything of a night that is over, for which `letters` people waited. A failure panics; the caller tells
/// which round it was.
pub async fn examine(site: &NightSite, letters: usize, taken: &[Taken]) -> Aftermath {
    nothing_is_half_written(site);
    let opened = open_all(site, taken);
    let printed = letters_of(&opened);
    each_person_has_one_letter(&printed, letters);
    no_barcode_is_there_twice(&opened);
    let config = Config::from_toml(&fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let ledger = ledger(site, &config).await;
    assert_eq!(ledger.unfinished_runs("nightly").await.unwrap(), Vec::<String>::new(), "the run is completed");
    numbers_have_no_gap(site, ledger.as_ref(), taken).await;
    accounts_close(ledger.as_ref(), letters).await;
    let told_by_receipt = ledger.batches(1000).await.unwrap().iter().filter(|batch| batch.status == "sealed").count();
    receipt_all(site, taken);
    for batch in ledger.batches(1000).await.unwrap() {
        assert!(batch.status == "accepted" || batch.status == "void", "{batch:?}");
    }
    accounts_close(ledger.as_ref(), letters).await;
    passwords_are_good(site, &config, ledger.as_ref(), &printed).await;
    ledger.close().await;
    let verified = site.run(&["audit", "verify"]);
    assert_eq!(verified.exit, Some(0), "{verified:?}");
    Aftermath { packages: taken.len(), letters: printed.len(), told_by_receipt }
}

/// The ledger of a site.
pub async fn ledger(site: &NightSite, config: &Config) -> Arc<dyn Ledger> {
    let place = config.paths(site.root()).ledger;
    database::ledger(&place, &config.site_mark(), Arc::new(SystemEntropy), None).await.unwrap()
}

fn nothing_is_half_written(site: &NightSite) {
    for folder in ["vendor/inbox", "spool"] {
        for name in site.names(folder) {
            // A marker that was cut short, of a package that the vendor took at once, is nobody's package.
            assert!(!name.ends_with(".part") || name.ends_with(".ready.part"), "{folder}/{name} was left");
        }
    }
    for name in site.names("vendor/taken").iter().filter(|name| name.ends_with(".ready")) {
        ReadyMarker::from_json(&fs::read(site.path("vendor/taken").join(name)).unwrap()).unwrap();
    }
}

/// Opens everything with the vendor's key, as a vendor does: what was cut short or changed would be refused.
fn open_all(site: &NightSite, taken: &[Taken]) -> Vec<VerifiedPackage> {
    let key = SecretKey::parse(&fs::read(site.path("keys/acme.sec.asc")).unwrap(), None).unwrap();
    let signer = Certificate::parse(&fs::read(site.path("vendor/site.pub.asc")).unwrap()).unwrap();
    let at: DateTime<Utc> = NOW.parse().unwrap();
    let mut names = BTreeSet::new();
    let open = |package: &Taken| {
        assert!(names.insert(package.file.clone()), "the vendor took {} twice", package.file);
        verify_package(&package.file, None, &package.sealed, &key, &signer, at, UnzipLimits::default())
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", package.file))
    };
    taken.iter().map(open).collect()
}

fn letters_of(opened: &[VerifiedPackage]) -> Vec<Printed> {
    let mut printed = Vec::new();
    for package in opened {
        let pages = pages_of(package.file("letters.pdf").unwrap());
        for row in &package.rows {
            let text = &pages[row.first_page as usize - 1];
            printed.push(read_letter(text, &row.letter_id.to_string()));
        }
    }
    printed
}

/// The text of each page, by poppler.
fn pages_of(pdf: &[u8]) -> Vec<String> {
    let mut child = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test needs the program 'pdftotext'");
    let mut stdin = child.stdin.take().unwrap();
    // Poppler reads all of it before it writes, so neither waits for the other.
    stdin.write_all(pdf).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().split('\u{c}').map(str::to_owned).collect()
}

fn read_letter(text: &str, letter_id: &str) -> Printed {
    assert!(text.contains(letter_id), "letter {letter_id} is on its page:\n{text}");
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let here: Vec<String> = NightSite::people(80).into_iter().filter(|name| flowing.contains(name.as_str())).collect();
    assert_eq!(here.len(), 1, "one person on the page of {letter_id}:\n{text}");
    let passwords: BTreeSet<&str> = text.split_whitespace().filter(|word| is_password(word)).collect();
    assert_eq!(passwords.len(), 1, "one password on the page of {letter_id}:\n{text}");
    Printed {
        letter_id: letter_id.to_owned(),
        person: here[0].clone(),
        password: (*passwords.first().unwrap()).to_owned(),
    }
}

/// `XXXX-XXXX-XXXX`, each X of Crockford's alphabet.
fn is_password(word: &str) -> bool {
    word.len() == 14
        && word.char_indices().all(|(place, letter)| match place {
            4 | 9 => letter == '-',
            _ => letter.is_ascii_digit() || (letter.is_ascii_uppercase() && !"ILOU".contains(letter)),
        })
}

fn each_person_has_one_letter(printed: &[Printed], letters: usize) {
    let mut counts: BTreeMap<String, usize> =
        NightSite::people(letters).into_iter().map(|person| (person, 0)).collect();
    for letter in printed {
        *counts.get_mut(&letter.person).expect("a letter of this night's people") += 1;
    }
    let wrong: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
    assert!(wrong.is_empty(), "letters that the vendor has, by person, where it is not one: {wrong:?}");
    let ids: BTreeSet<&str> = printed.iter().map(|letter| letter.letter_id.as_str()).collect();
    assert_eq!(ids.len(), letters, "no letter id twice");
}

fn no_barcode_is_there_twice(opened: &[VerifiedPackage]) {
    let mut serials = BTreeSet::new();
    for row in opened.iter().flat_map(|package| &package.rows) {
        let imb: Imb = row.imb.parse().expect("a barcode on each letter");
        assert!(serials.insert(imb.serial()), "the serial number of {imb} is on two letters");
    }
}

async fn numbers_have_no_gap(site: &NightSite, ledger: &dyn Ledger, taken: &[Taken]) {
    let mut names: Vec<String> = taken.iter().map(|package| package.file.replace(".zip.pgp", "")).collect();
    let voids = site.names("vendor/inbox");
    names.extend(voids.iter().filter_map(|name| name.strip_suffix(".void")).map(str::to_owned));
    names.sort();
    let wanted: Vec<String> = (1..=names.len()).map(|number| format!("eba-test-acme-{number:06}")).collect();
    assert_eq!(names, wanted, "packages and void notices number from 1 without a gap");
    assert_eq!(ledger.batches(1000).await.unwrap().len(), names.len(), "the ledger knows of no other package");
}

async fn accounts_close(ledger: &dyn Ledger, letters: usize) {
    let Accounting { requests, request_states, letters: made, letter_states } = ledger.accounting().await.unwrap();
    assert_eq!(request_states.values().sum::<u64>(), requests, "{request_states:?}");
    assert_eq!(letter_states.values().sum::<u64>(), made, "{letter_states:?}");
    assert_eq!(request_states.get("lettered").copied().unwrap_or(0), letters as u64, "{request_states:?}");
    for open in ["pending", "claimed", "held"] {
        assert_eq!(request_states.get(open).copied().unwrap_or(0), 0, "{request_states:?}");
    }
    assert_eq!(made, letters as u64, "one letter a request: {letter_states:?}");
    assert_eq!(ledger.contradictions().await.unwrap(), Vec::<String>::new());
}

/// The vendor receipts all that it took, with or without a marker, and the site reads the receipts.
fn receipt_all(site: &NightSite, taken: &[Taken]) {
    for package in taken {
        let path = site.path("vendor/taken").join(&package.file);
        let receipted = site.run(&["vendor", "receipt", path.to_str().unwrap(), "--without-ready"]);
        assert_eq!(receipted.exit, Some(0), "{receipted:?}");
    }
    let ingested = site.run(&["ingest"]);
    assert_eq!(ingested.exit, Some(0), "{ingested:?}");
}

async fn passwords_are_good(site: &NightSite, config: &Config, ledger: &dyn Ledger, printed: &[Printed]) {
    let certificate = Certificate::parse(&fs::read(site.path("keys/acme.asc")).unwrap()).unwrap();
    let rules = config.site(BTreeMap::from([("acme".to_owned(), vec![certificate])])).unwrap();
    let (clock, pepper) = (FixedClock::at(NOW.parse().unwrap()), pepper(&site.path("keys/pepper")));
    let needs = Check { site: &rules, ledger, clock: &clock, pepper: &pepper };
    for letter in printed {
        let username = format!("{}@example.com", letter.person.to_lowercase().replace(' ', "."));
        let answer = check(&needs, &username, &letter.password, false).await.unwrap();
        assert_eq!(answer.verdict, Verdict::Accepted, "{username}, letter {}", letter.letter_id);
        assert_eq!(answer.letter_id.unwrap().to_string(), letter.letter_id);
    }
}

fn pepper(path: &Path) -> Pepper {
    let mut bytes = [0; 32];
    hex::decode_to_slice(fs::read_to_string(path).unwrap().trim(), &mut bytes).unwrap();
    Pepper::new(bytes)
}
