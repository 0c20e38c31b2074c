//! A quarter on a site: people of every fate, and words of theirs that stand nowhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::copying::copy_folder;
use crate::nightly::{REQUEST_HEADER, TestSite, run_limited};
use crate::spellings::Scanner;

/// Monday; its letters are mailed on Tuesday.
pub const NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// When everybody of those nights is over who lives in the adjoining states: their passwords ended on 17 March, and that of the
/// letter that was made anew the day after.
pub const DUE: &str = "2026-06-17T04:00:00-04:00";

/// Somebody whose words stand nowhere else.
pub struct Person {
    pub reference: &'static str,
    /// Their words; in a row, and in whatever is made of it.
    pub words: &'static [&'static str],
}

/// A letter that was mailed, and whose password ended unused.
pub const MAILED: Person =
    Person { reference: "Q-MAILED", words: &["quillonzan@", "Quillon", "Zanzibarski", "Gryphonwood", "Whiffletree"] };
/// Asked again while that letter was on its way.
pub const JOINED: Person = Person { reference: "Q-JOINED", words: &["Quillonette", "Marmaladow"] };
/// Came back.
pub const RETURNED: Person =
    Person { reference: "Q-RETURNED", words: &["perpetualix@", "Perpetua", "Oxenthwaite", "Nimbleweed"] };
/// Spoiled, made anew, and mailed then.
pub const SPOILED: Person =
    Person { reference: "Q-SPOILED", words: &["thaddeusq@", "Thaddeusq", "Brackenmoor", "Foxglovelet"] };
/// Served another way.
pub const ROUTED: Person =
    Person { reference: "Q-ROUTED", words: &["ysoldeveb@", "Ysoldeve", "Tarradiddler", "Quagmirelane"] };
/// Cancelled while it waited.
pub const CANCELLED: Person =
    Person { reference: "Q-CANCELLED", words: &["bartolomeux@", "Bartolomeux", "Snickersbee", "Hobblethorpe"] };
/// A row that was refused, which says what it found.
pub const REFUSED: Person = Person { reference: "Q-REFUSED", words: &["Gryphonia"] };
/// A file that was refused whole, which says what it found.
pub const REFUSED_FILE: Person = Person { reference: "", words: &["wexelblatty"] };
/// Handed over by the portal, in its table.
pub const HANDED_OVER: Person =
    Person { reference: "Q-TABLE", words: &["leocadiaw@", "Leocadiaw", "Thistlecroft", "Bumblewick"] };
/// Asked in May: nobody whose term is over in June.
pub const LATER: Person =
    Person { reference: "Q-LATER", words: &["cosimarella@", "Cosimarella", "Dandlebury", "Larkspurrow"] };

/// All who are over when [`DUE`] comes.
pub const OVER: [&Person; 9] =
    [&MAILED, &JOINED, &RETURNED, &SPOILED, &ROUTED, &CANCELLED, &REFUSED, &REFUSED_FILE, &HANDED_OVER];

/// A site at the end of the quarter, at [`DUE`], before anybody is forgotten: it is played once, and each test has a copy.
pub fn played() -> TestSite {
    static PLAYED: OnceLock<PathBuf> = OnceLock::new();
    let folder = PLAYED.get_or_init(|| {
        let site = play();
        let kept = tempfile::tempdir().unwrap().keep();
        copy_folder(&site.path(""), &kept);
        kept
    });
    TestSite::copy_of(folder, DUE)
}

/// The same, played anew in a folder of its own: files that were imported are on record by where they lie.
pub fn played_here() -> TestSite {
    let site = play();
    site.clock(DUE);
    site
}

fn play() -> TestSite {
    let site = TestSite::before_the_night(NIGHT);
    take(&site);
    site.night();
    mail_first(&site);
    ask_again(&site);
    site.clock("2026-03-10T09:00:00-04:00");
    let letter = letter_of(&site, RETURNED.reference);
    site.run(&["letter", "returned", &letter, "--on", "2026-03-10", "--reason", "a nixie", "--by", "Kim Example"])
        .expect(0);
    site.clock("2026-03-20T06:00:00-04:00");
    site.run(&["expire"]).done();
    site.run(&["ledger", "backup"]).expect(0);
    // What lies in the quarantine is on record from the first retention on.
    site.clock("2026-03-21T04:00:00-04:00");
    site.run(&["retention"]).done();
    play_may(&site);
    site
}

fn take(site: &TestSite) {
    site.import(
        "people.csv",
        "Q-MAILED,quillonzan@example.com,Quillon Zanzibarski,77 Gryphonwood Crescent,Apt Whiffletree,Springfield,IL,\
         62704-7413,US,,email,en,standard,2026-03-02T08:00:00-05:00\n\
         Q-RETURNED,perpetualix@example.com,Perpetua Oxenthwaite,8 Nimbleweed Way,,Springfield,IL,62704,US,,email,en,\
         standard,2026-03-02T08:00:00-05:00\n\
         Q-SPOILED,thaddeusq@example.com,Thaddeusq Brackenmoor,9 Foxglovelet Lane,,Springfield,IL,62704,US,,email,en,\
         standard,2026-03-02T08:00:00-05:00\n\
         Q-ROUTED,ysoldeveb@example.com,Ysoldeve Tarradiddler,3 Quagmirelane,,Springfield,IL,62704,US,+1 217 555 0123,\
         phone,en,standard,2026-03-02T08:00:00-05:00\n\
         Q-CANCELLED,bartolomeux@example.com,Bartolomeux Snickersbee,5 Hobblethorpe Mews,,Springfield,IL,62704,US,,email,\
         en,standard,2026-03-02T08:00:00-05:00\n\
         Q-REFUSED,someone@example.com,Some One,1 Example Street,,Springfield,Gryphonia,62704,US,,email,en,standard,\
         2026-03-02T08:00:00-05:00",
    )
    .expect(1);
    fs::write(site.path("headless.csv"), REQUEST_HEADER.replace("full_name", "wexelblatty") + "\n").unwrap();
    site.run(&["request", "import", site.path("headless.csv").to_str().unwrap()]).expect(1);
    hand_over(site);
    site.run(&["request", "cancel", "Q-CANCELLED", "--reason", "asked by mistake"]).expect(0);
}

/// The portal inserts a good row and one that is refused.
fn hand_over(site: &TestSite) {
    let rows = "INSERT INTO mail_requests (reference, username, full_name, address_line_1, city, state, postal_code,
            second_factor, requested_at)
        VALUES ('Q-TABLE', 'leocadiaw@example.com', 'Leocadiaw Thistlecroft', '6 Bumblewick Road', 'Springfield', 'IL', '62704',
            'email', '2026-03-02T08:00:00-05:00'),
        ('Q-TABLE-BAD', 'some@example.com', 'Some One', '1 Example Street', 'Springfield', 'Gryphonia', '62704', 'email',
            '2026-03-02T08:00:00-05:00')";
    run_limited("sqlite3", &[site.path("intake.db").to_str().unwrap(), rows], &[], "").expect(0);
}

/// The vendor mails what the night made; one piece is spoiled, made anew in the next night, and mailed the day after.
fn mail_first(site: &TestSite) {
    site.clock("2026-03-03T20:00:00-05:00");
    let spoiled = letter_of(site, SPOILED.reference);
    for package in site.packages() {
        let own = site.value(&format!(
            "SELECT count(*) FROM letter JOIN batch ON batch.id = letter.batch_id
             WHERE letter.id = '{spoiled}' AND batch.name = '{package}'"
        ));
        let except = format!("{spoiled}=spoiled");
        let arguments: &[&str] = if own == "1" { &["--except", &except] } else { &[] };
        site.receipt(&package, arguments).done();
    }
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    site.clock("2026-03-04T20:00:00-05:00");
    mail_the_rest(site);
}

/// Whatever is delivered is mailed.
fn mail_the_rest(site: &TestSite) {
    for package in site.rows("SELECT name FROM batch WHERE status = 'delivered'").concat() {
        site.receipt(&package, &[]).done();
    }
}

fn ask_again(site: &TestSite) {
    site.import(
        "again.csv",
        "Q-JOINED,quillonzan@example.com,Quillonette Marmaladow,77 Gryphonwood Crescent,,Springfield,IL,62704,US,,email,\
         en,standard,2026-03-04T18:00:00-05:00",
    )
    .expect(0);
    assert_eq!(site.value("SELECT joined_to FROM request WHERE reference = 'Q-JOINED'"), "Q-MAILED");
}

fn play_may(site: &TestSite) {
    site.clock("2026-05-20T22:30:00-04:00");
    site.import(
        "may.csv",
        "Q-LATER,cosimarella@example.com,Cosimarella Dandlebury,4 Larkspurrow Court,,Springfield,IL,62704,US,,email,en,\
         standard,2026-05-20T08:00:00-04:00",
    )
    .expect(0);
    site.night();
    site.clock("2026-05-21T20:00:00-04:00");
    mail_the_rest(site);
}

/// The newest letter of a request.
pub fn letter_of(site: &TestSite, reference: &str) -> String {
    site.value(&format!(
        "SELECT letter.id FROM letter JOIN request ON request.id = letter.request_id
         WHERE request.reference = '{reference}' ORDER BY letter.rowid DESC LIMIT 1"
    ))
}

/// Every file below a folder, with its bytes.
pub fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

/// All words of these people.
pub fn words_of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Vec<&'static str> {
    people.into_iter().flat_map(|person| person.words).copied().collect()
}

/// Finds these words in every spelling, capitals or not.
pub fn scanner(words: &[&str]) -> Scanner {
    let words: Vec<String> = words.iter().flat_map(|word| [(*word).to_owned(), word.to_uppercase()]).collect();
    Scanner::for_passwords(words.iter().map(String::as_str))
}
