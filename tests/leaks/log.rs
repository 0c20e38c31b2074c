//! Weeks of a site on which everything goes wrong that can, for people whose names occur nowhere else: the log and what is said
//! on standard error have none of them, in no spelling.

use std::cell::RefCell;
use std::fs;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;

use super::nightly::{Ran, TestSite};
use super::opened::open_all;
use super::print_vendor::{VENDOR_KEY, Vendor};
use super::spellings::Scanner;

/// Words of the people, as a portal, a vendor or a colleague may write them.
const CANARIES: [&str; 10] = [
    "Quillonia",
    "Zephyrinus",
    "Quillonia Zephyrinus",
    "qz.canary",
    "qz.canary0@example.com",
    "Xanthippe Byway",
    "Wobbleton",
    "202-555-0173",
    "QUILLONIA",
    "qz.portal@example.com",
];

/// A site, and all that its commands wrote to standard error.
struct Watched {
    site: TestSite,
    /// `--log json`, or nothing.
    mode: &'static [&'static str],
    errors: RefCell<String>,
}

impl Watched {
    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let all: Vec<&str> = self.mode.iter().chain(arguments).copied().collect();
        let ran = self.site.run_with_input(&all, input);
        self.errors.borrow_mut().push_str(&ran.stderr);
        ran
    }

    fn at(&self, instant: &str) -> &Self {
        self.site.clock(instant);
        self
    }

    fn letter(&self, person: u32) -> String {
        self.site.value(&format!(
            "SELECT id FROM letter WHERE username = 'qz.canary{person}@example.com' ORDER BY rowid DESC LIMIT 1"
        ))
    }
}

/// A row of a person; the name and the state as given.
fn row(person: u32, name: &str, state: &str) -> String {
    format!(
        "CANARY-{person},qz.canary{person}@example.com,{name},{} Xanthippe Byway,,Wobbleton,{state},62701,US,202-555-0173,email,\
         en,standard,2026-03-02T08:00:00-05:00",
        person + 1
    )
}

/// A row that the portal inserts into its table.
fn insert(site: &TestSite, reference: &str, state: &str) {
    let options = SqliteConnectOptions::new().filename(site.path("intake.db"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let statement = format!(
        "INSERT INTO mail_requests (reference, username, full_name, address_line_1, city, state, postal_code, second_factor, \
         requested_at) VALUES ('{reference}', 'qz.portal@example.com', 'Quillonia Zephyrinus', '9 Xanthippe Byway', \
         'Wobbleton', '{state}', '62701', 'email', '2026-03-02T08:00:00-05:00')"
    );
    runtime.block_on(async {
        let mut intake = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(statement.as_str())).execute(&mut intake).await.unwrap();
    });
}

/// Plays the weeks; `word` is what colleagues give as a reason.
fn play(mode: &'static [&'static str], word: &str) -> Watched {
    let watched =
        Watched { site: TestSite::before_the_night("2026-03-02T12:00:00-05:00"), mode, errors: RefCell::default() };
    let run = |arguments: &[&str]| watched.run(arguments);
    intake(&watched, word);
    // The night, and what a vendor may write.
    watched.at("2026-03-02T22:30:00-05:00");
    run(&["-v", "run", "nightly"]).done();
    watched.at("2026-03-03T20:00:00-05:00");
    receipts(&watched);
    passwords(&watched);
    decisions(&watched, word);
    // Nights on which nobody acts, until holds are raised and withdrawn.
    for day in ["03", "04", "05", "06", "09", "10", "11"] {
        let offset = if day < "08" { "05:00" } else { "04:00" };
        watched.at(&format!("2026-03-{day}T22:30:00-{offset}"));
        run(&["run", "nightly"]).done();
    }
    run(&["report", "night"]).done();
    run(&["report", "night", "--html", watched.site.path("report.html").to_str().unwrap()]).done();
    watched
}

/// Files and rows: good, unprintable, refused; and a person's holds.
fn intake(watched: &Watched, word: &str) {
    let site = &watched.site;
    let mut rows: Vec<String> = (0..8).map(|person| row(person, "Quillonia Zephyrinus", "IL")).collect();
    rows.push(row(8, "Quillonia \u{1F600} Zephyrinus", "IL"));
    rows.push(row(9, "Quillonia Zephyrinus", "Quillonia Zephyrinus"));
    let file = site.path("people.csv");
    fs::write(&file, format!("{}\n{}\n", super::nightly::REQUEST_HEADER, rows.join("\n"))).unwrap();
    watched.run(&["request", "import", file.to_str().unwrap()]).expect(1);
    fs::write(&file, "reference,Quillonia Zephyrinus\n1,2\n").unwrap();
    watched.run(&["request", "import", file.to_str().unwrap()]).expect(1);
    insert(site, "CANARY-T1", "Quillonia");
    insert(site, "CANARY-T2", "IL");
    watched.run(&["request", "hold", "CANARY-6", "--reason", word, "--by", word]).expect(0);
    watched.run(&["request", "hold", "CANARY-7", "--reason", word]).expect(0);
    watched.run(&["request", "release", "CANARY-7", "--reason", word]).expect(0);
    watched.run(&["request", "cancel", "CANARY-5", "--reason", word]).expect(0);
    watched.run(&["request", "release", "CANARY-5", "--reason", word]).expect(2);
    watched.run(&["request", "show", "Quillonia Zephyrinus"]).expect(2);
}

/// Receipts that are none, that are of others, and with lines that no vendor should write; and then a right one.
fn receipts(watched: &Watched) {
    let site = &watched.site;
    let package = site.packages()[0].clone();
    let outbox = |name: &str| site.path("vendor/outbox").join(name);
    fs::write(outbox("Quillonia Zephyrinus.csv"), "x").unwrap();
    fs::write(outbox(&format!("{package}.receipt-9.csv")), "Quillonia Zephyrinus").unwrap();
    watched.run(&["ingest"]).expect(1);
    let letters = site.rows(&format!(
        "SELECT letter.id FROM letter JOIN batch ON batch.id = letter.batch_id WHERE batch.name = '{package}' ORDER BY sequence"
    ));
    let vendor = Vendor {
        letters: letters.into_iter().flatten().collect(),
        package_sha256: site.value(&format!("SELECT sha256 FROM batch WHERE name = '{package}'")),
        package_on: "2026-03-03".to_owned(),
        site: TestSite::beside(site),
    };
    let spoiled = vendor.letters.iter().position(|letter| *letter == watched.letter(1)).unwrap();
    let mut lines: Vec<String> = (0..vendor.letters.len())
        .map(|letter| vendor.line(letter, if letter == spoiled { "spoiled" } else { "mailed" }, "2026-03-03"))
        .collect();
    lines.push("Quillonia Zephyrinus,mailed,2026-03-03,1,".to_owned());
    lines.push(format!("{},mailed,Quillonia,1,Zephyrinus", vendor.letters[0]));
    vendor.write(1, vendor.receipt(&lines));
    vendor.sign(1, VENDOR_KEY);
    watched.run(&["ingest"]).expect(1);
}

/// The sign-in portal's questions: a right password, a wrong one, and an account that is typed for one.
fn passwords(watched: &Watched) {
    let packages = open_all(&watched.site);
    let letters = packages.iter().flat_map(|package| &package.letters);
    let printed: Vec<(String, String)> =
        letters.map(|letter| (letter.id().to_owned(), letter.password.clone())).collect();
    let of = |person| printed.iter().find(|(id, _)| *id == watched.letter(person)).unwrap().1.clone();
    watched.run_with_input(&["password", "check", "qz.canary0@example.com"], &of(0)).expect(0);
    watched.run_with_input(&["password", "check", "qz.canary0@example.com"], "Quillonia").expect(5);
    watched.run_with_input(&["-v", "password", "check", "qz.canary0@example.com", "--redeem"], &of(0)).expect(0);
    watched.run_with_input(&["password", "check", "Quillonia Zephyrinus"], &of(2)).expect(5);
    watched.run_with_input(&["password", "chekc", "qz.canary0@example.com"], &of(2)).expect(2);
}

/// What people decide about letters and packages, and a transmission test.
fn decisions(watched: &Watched, word: &str) {
    let why = ["--reason", word, "--by", word];
    let decide = |words: &[&str], code| watched.run(&[words, &why].concat()).expect(code);
    decide(&["letter", "returned", &watched.letter(2), "--on", "2026-03-03"], 0);
    decide(&["letter", "reissue", &watched.letter(2)], 0);
    decide(&["letter", "correct", &watched.letter(3), "--mailed-on", "2026-03-02"], 0);
    decide(&["letter", "reissue", "Quillonia Zephyrinus"], 2);
    watched.run(&["collect"]).done();
    watched.run(&["produce"]).done();
    let package = watched.site.value("SELECT name FROM batch ORDER BY id DESC LIMIT 1");
    decide(&["batch", "hold", &package], 0);
    decide(&["batch", "release", &package], 0);
    watched.run(&["deliver"]).done();
    decide(&["batch", "pull", &watched.letter(2)], 0);
    watched.run(&["batch", "settle", &package, "--taken", "--reason", word]).expect(2);
    watched.run(&["vendor", "test", "acme"]).expect(0);
    // Nobody has answered it yet.
    watched.run(&["vendor", "test", "acme", "--check"]);
    watched.run(&["vendor", "list"]).done();
    watched.run(&["letter", "show", &watched.letter(2)]).expect(0);
    watched.run(&["doctor"]).done();
}

fn assert_nobody_is_named(watched: &Watched) {
    let errors = watched.errors.borrow();
    let packages = open_all(&watched.site);
    super::assert_no_leak(
        &watched.site,
        &packages,
        &["letterpost.db", "spool", "quarantine", "vendor/outbox", "report.html"],
    );
    let passwords: Vec<String> =
        packages.iter().flat_map(|package| &package.letters).map(|letter| letter.password.clone()).collect();
    assert!(passwords.len() > 20, "{}", passwords.len());
    let words = CANARIES.into_iter().chain(passwords.iter().map(String::as_str));
    let scanner = Scanner::for_passwords(words);
    for line in errors.lines() {
        assert_eq!(scanner.find(line.as_bytes()), None, "{line}");
    }
    // All of it is where it belongs: the scanner sees what there is to see.
    let quarantine = super::files_under(&watched.site.path("quarantine"));
    assert!(quarantine.iter().any(|(_, bytes)| scanner.find(bytes).is_some()), "the quarantine has their words");
    assert!(scanner.find(watched.site.said().as_bytes()).is_some(), "standard output shows what people ask for");
}

#[test]
fn the_log_of_weeks_names_nobody_and_says_of_which_run_each_line_is() {
    let watched = play(&["--log", "json"], "Quillonia Zephyrinus");
    assert_nobody_is_named(&watched);
    let errors = watched.errors.borrow();
    let lines: Vec<Value> = errors
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(lines.len() > 150, "{}", lines.len());
    let mut in_run = None;
    for line in &lines {
        let event = line["event"].as_str().unwrap();
        let starts = event == "run.started" || event == "run.resumed";
        if starts {
            in_run = Some(line["run"].clone());
        }
        match &in_run {
            Some(run) => {
                assert_eq!((&line["run"], &line["job"]), (run, &Value::from("nightly")), "{line}");
                assert!(line["scheduled_for"].is_string(), "{line}");
            }
            None => assert!(line["run"].is_null(), "{line}"),
        }
        if event == "run.completed" || event == "run.unfinished" {
            in_run = None;
        }
        if event.starts_with("package.") || event == "letter.held" || event.starts_with("receipt.") {
            assert!(line["package"].as_str().unwrap().starts_with("eba-test-acme-"), "{line}");
        }
    }
    let seen = |event: &str| lines.iter().filter(|line| line["event"] == event).count();
    for event in [
        "run.started",
        "run.completed",
        "stage.started",
        "stage.finished",
        "package.sealed",
        "package.delivered",
        "letter.held",
        "receipt.taken",
        "receipt.refused",
        "matter",
        "failed",
    ] {
        assert!(seen(event) > 0, "nothing was told of {event}");
    }
    // What quotes others is told by its subject alone.
    let held = lines.iter().find(|line| line["subject"] == "request CANARY-6").unwrap();
    assert_eq!(held["message"], "a person decides or mends something: 'letterpost report night' says what");
}

#[test]
fn what_people_read_on_standard_error_names_nobody_either() {
    let watched = play(&[], "they rang");
    let errors = watched.errors.borrow();
    // A person's own words come back to the terminal: what was typed, and what a vendor or portal wrote of a file.
    let quoting = ["there is no request Quillonia", "Quillonia Zephyrinus.csv", "'Quillonia"];
    let scanner = Scanner::for_passwords(CANARIES);
    let named: Vec<&str> = errors
        .lines()
        .filter(|line| scanner.find(line.as_bytes()).is_some())
        .filter(|line| !quoting.iter().any(|quoted| line.contains(quoted)))
        .collect();
    assert!(named.is_empty(), "{named:#?}");
}
