//! `vendor simulate` against a real site: what the stand-in says, the site takes, and what it says wrongly is refused.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

use std::collections::BTreeMap;
use std::fs;

use letterpost::cli::vendor::simulate::Mistake;
use nightly::{Ran, TestSite, run_limited, text_of};
use serde_json::Value;

/// A Monday night; what is delivered then is printed and mailed on Tuesday.
const NIGHT: &str = "2026-03-02T22:30:00-05:00";
const LATER_THAT_NIGHT: &str = "2026-03-02T23:30:00-05:00";
const TUESDAY_NOON: &str = "2026-03-03T12:00:00-05:00";
const TUESDAY_EVENING: &str = "2026-03-03T20:00:00-05:00";
const WEDNESDAY_EVENING: &str = "2026-03-04T21:00:00-05:00";

/// Runs the stand-in on an inbox of the site.
fn simulate(site: &TestSite, inbox: &str, arguments: &[&str]) -> Ran {
    let inbox = site.path(inbox);
    let mut all = vec!["--json", "vendor", "simulate", inbox.to_str().unwrap()];
    all.extend(arguments);
    site.run(&all).expect(0)
}

/// Where each piece is, by the stand-in's own state.
fn truth(site: &TestSite, folder: &str) -> BTreeMap<String, String> {
    let state: Value = serde_json::from_slice(&fs::read(site.path(folder).join("state.json")).unwrap()).unwrap();
    let jobs = state["jobs"].as_object().unwrap().values();
    let pieces = jobs.flat_map(|job| job["pieces"].as_array().unwrap());
    // A piece that waits to be printed is one of a package that was accepted.
    let status = |piece: &Value| text_of(&piece["status"]).replace("waiting", "accepted");
    pieces.map(|piece| (text_of(&piece["letter_id"]), status(piece))).collect()
}

/// Where each letter is, by the site's ledger.
fn believed(site: &TestSite) -> BTreeMap<String, String> {
    site.rows("SELECT id, status FROM letter").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[test]
fn the_site_learns_what_became_of_every_piece() {
    let site = TestSite::after_the_night(NIGHT);
    let luck = ["--once", "--spoil", "40", "--reject", "15", "--return", "30", "--seed", "3"];
    let mut summary = Value::Null;
    for now in [LATER_THAT_NIGHT, TUESDAY_NOON, TUESDAY_EVENING, "2026-03-12T12:00:00-04:00"] {
        site.clock(now);
        summary = simulate(&site, "vendor/inbox", &luck).json();
        let read = site.run(&["ingest"]).expect(0);
        assert!(read.stdout.contains("0 held lines") && read.stdout.contains("0 refused files"), "{}", read.stdout);
        assert_eq!(believed(&site), truth(&site, "vendor/stand-in"), "at {now}");
    }
    assert!(site.packages().is_empty(), "a hot folder leaves nothing");
    for state in ["mailed", "spoiled", "rejected", "returned"] {
        assert!(summary["piece_states"][state].as_u64().unwrap() > 0, "{state}: {summary}");
    }
    assert_eq!(summary["receipts_waiting"], 0);
    let accounting = site.closed_accounting();
    for state in ["mailed", "spoiled", "rejected"] {
        assert_eq!(accounting["letter_states"][state], summary["piece_states"][state], "{state}");
    }
}

#[test]
fn the_same_seed_plays_the_same_and_a_piece_made_again_is_mailed() {
    let play = |seed: &str| {
        let site = TestSite::before_the_night(NIGHT);
        site.configure("# remake = \"forbidden\"", "remake = \"vendor\"");
        site.night();
        let luck = ["--once", "--spoil", "40", "--remake", "--seed", seed];
        simulate(&site, "vendor/inbox", &luck);
        site.clock(TUESDAY_EVENING);
        let summary = simulate(&site, "vendor/inbox", &luck).json();
        site.run(&["ingest"]).expect(0);
        assert!(summary["remade"].as_u64().unwrap() > 0);
        assert!(believed(&site).values().all(|status| status == "mailed"), "{:?}", believed(&site));
        fs::read(site.path("vendor/outbox/eba-test-acme-000001.receipt-2.csv")).unwrap()
    };
    assert_eq!(play("3"), play("3"));
    assert_ne!(play("3"), play("4"));
}

/// What the site says of each mistake, in its own words.
fn site_says(mistake: Mistake) -> &'static str {
    match mistake {
        Mistake::Unsigned => "it has no signature",
        Mistake::OtherKey => "not by the pinned key",
        Mistake::ChangedAfterSigning => "is not good",
        Mistake::NoTrailer => "no trailer",
        Mistake::WrongTotal => "the trailer says",
        Mistake::OtherDigest => "it speaks of a package with SHA-256",
        Mistake::NotUtf8 => "not UTF-8",
        Mistake::Opposite => "accepted by an earlier receipt, and now refused",
        Mistake::Gap => "has not come",
        Mistake::Replaced => "was taken before with other bytes",
        Mistake::WrongSheets => "2 sheets, and the letter has 1",
        Mistake::ForeignLetter => "letter 00000-00000 is not in this package",
        Mistake::FutureDate => "is in the future",
        Mistake::EarlyDate => "when the package was first offered",
        Mistake::MailedTwice => "by an earlier receipt, and now on",
        Mistake::Backwards => "cannot be printed after that",
        Mistake::UnknownEvent => "is not an event of a letter",
        Mistake::IgnoredPull => "",
    }
}

/// Each kind of mistake on a package of its own: the site refuses it with the right reason, and what the vendor sets right
/// the next day is taken.
#[test]
fn every_mistake_is_refused_with_its_reason_and_can_be_set_right() {
    let site = TestSite::before_the_night(NIGHT);
    site.configure("# letters_a_package = 1000", "letters_a_package = 1");
    let rows: Vec<String> = (0..8)
        .map(|person| {
            format!(
                "MORE-{person},more{person}@example.com,Person Number {person},{person} Example Street,,Springfield,IL,\
                 62701,US,,email,en,standard,2026-03-01T08:00:00-05:00"
            )
        })
        .collect();
    site.import("more.csv", &rows.join("\n")).expect(0);
    site.night();
    let kinds: Vec<Mistake> = Mistake::all().iter().copied().filter(|kind| *kind != Mistake::IgnoredPull).collect();
    // Letters of one sheet only, so that one more sheet is always two.
    let packages: Vec<String> = site
        .rows("SELECT name FROM batch JOIN letter ON letter.batch_id = batch.id WHERE letter.sheets = 1 ORDER BY name")
        .into_iter()
        .flatten()
        .collect();
    assert!(packages.len() >= kinds.len(), "{} packages for {} mistakes", packages.len(), kinds.len());
    let at_work: Vec<(Mistake, &String)> = kinds.into_iter().zip(&packages).collect();
    for (kind, package) in &at_work {
        fs::create_dir(site.path(&format!("vendor/{}", kind.name()))).unwrap();
        for ending in ["zip.pgp", "ready"] {
            let file = format!("{package}.{ending}");
            let to = site.path(&format!("vendor/{}/{file}", kind.name()));
            fs::rename(site.path(&format!("vendor/inbox/{file}")), to).unwrap();
        }
    }
    let look = |now: &str| {
        site.clock(now);
        for (kind, _) in &at_work {
            let (inbox, folder) = (format!("vendor/{}", kind.name()), site.path(&format!("stand-in/{}", kind.name())));
            simulate(&site, &inbox, &["--once", "--folder", folder.to_str().unwrap(), "--mistakes", &kind.name()]);
        }
        site.run(&["ingest"])
    };
    let told = look(LATER_THAT_NIGHT).text() + &look(TUESDAY_EVENING).expect(4).text();
    for (kind, package) in &at_work {
        let says = |line: &&str| line.contains(package.as_str()) && line.contains(site_says(*kind));
        assert!(told.lines().any(|line| says(&line)), "{}: {package}\n{told}", kind.name());
    }
    let told = look(WEDNESDAY_EVENING).text();
    let more = look("2026-03-05T21:00:00-05:00").text();
    for (kind, package) in &at_work {
        let query = format!(
            "SELECT letter.status FROM letter JOIN batch ON batch.id = letter.batch_id WHERE batch.name = '{package}'"
        );
        assert_eq!(site.value(&query), "mailed", "{}: {package}\n{told}{more}", kind.name());
    }
    site.closed_accounting();
}

#[test]
fn lost_receipts_are_news_that_never_comes_and_late_ones_come_late() {
    let site = TestSite::after_the_night(NIGHT);
    let lost = ["--once", "--lose-receipts", "100"];
    simulate(&site, "vendor/inbox", &lost);
    site.clock(TUESDAY_EVENING);
    let summary = simulate(&site, "vendor/inbox", &lost).json();
    assert_eq!((&summary["written"], &summary["lost"]), (&Value::from(0), &Value::from(6)));
    assert_eq!(summary["piece_states"]["mailed"], summary["pieces"], "the letters are mailed all the same");
    let site = TestSite::after_the_night(NIGHT);
    let late = ["--once", "--late-receipts", "100", "--late-by", "1d"];
    for (now, written) in [(NIGHT, 0), (TUESDAY_EVENING, 0), ("2026-03-04T12:00:00-05:00", 4), (WEDNESDAY_EVENING, 6)] {
        site.clock(now);
        assert_eq!(simulate(&site, "vendor/inbox", &late).json()["written"], written, "{now}");
        site.run(&["ingest"]).expect(0);
    }
    let dates = site.rows("SELECT DISTINCT dispatched_on FROM letter");
    assert_eq!(dates, [["2026-03-03"]], "a late receipt says when it was");
}

#[test]
fn a_package_that_is_refused_or_comes_too_late_is_refused_in_a_receipt() {
    for (now, arguments) in
        [(LATER_THAT_NIGHT, &["--once", "--refuse", "100"][..]), ("2026-03-09T12:00:00-04:00", &["--once"])]
    {
        let site = TestSite::after_the_night(NIGHT);
        site.clock(now);
        let summary = simulate(&site, "vendor/inbox", arguments).json();
        assert_eq!(summary["packages_refused"], 2);
        site.run(&["ingest"]).expect(1);
        assert!(believed(&site).values().all(|status| status == "rejected"));
    }
}

#[test]
fn it_takes_after_its_delay_and_stops_at_a_signal() {
    let site = TestSite::after_the_night(NIGHT);
    let slow = ["--take-after-ms", "200", "--look-every-ms", "20"];
    assert_eq!(simulate(&site, "vendor/inbox", &[&slow[..], &["--once"]].concat()).json()["packages"], 0);
    assert_eq!(site.packages().len(), 2);
    let ran = simulate(&site, "vendor/inbox", &[&slow[..], &["--for-seconds", "1"]].concat());
    assert_eq!(ran.json()["packages"], 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("eba-test-acme-000001: taken"), "{}", ran.stderr);
    assert!(site.packages().is_empty());
    for signal in ["TERM", "INT"] {
        let inbox = site.path("vendor/inbox");
        let binary = env!("CARGO_BIN_EXE_letterpost");
        let words = ["--preserve-status", "-s", signal, "1", binary, "vendor", "simulate", inbox.to_str().unwrap()];
        let ran = run_limited("timeout", &words, &[("LETTERPOST_SIMULATED_NOW", LATER_THAT_NIGHT)], "").expect(0);
        assert!(ran.stdout.contains("packages  2 taken"), "{}", ran.text());
    }
}
