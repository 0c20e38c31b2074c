//! Waves: accepted, printed, spoiled, mailed, returned, in whatever files the vendor says so.

use serde_json::json;

use super::print_vendor::{PACKAGE, Vendor};
use super::{audited, dispositions, evening, exceptions, vendor};

#[test]
fn a_package_is_open_until_every_piece_is_accounted_for() {
    let vendor = vendor("vendor");
    let all = vendor.letters.len();
    assert!(all >= 10, "{all}");
    // Tuesday: accepted; then printed, two of them spoiled, one of these made again; one rejected, one pulled.
    vendor.tell(1, &[]).expect(0);
    let shown = vendor.shown();
    assert_eq!((&shown["accepted_on"], &shown["closed_at"]), (&json!("2026-03-03"), &json!(null)));
    let list = vendor.site.run(&["batch", "list"]).expect(0).stdout;
    assert!(list.lines().any(|line| line.contains(PACKAGE) && line.contains("open")), "{list}");
    assert_eq!(dispositions(&shown), format!("{all} still_out"));
    let printed: Vec<String> =
        (0..all).filter(|letter| *letter != 3).map(|letter| vendor.line(letter, "printed", "2026-03-03")).collect();
    let spoiled = [
        vendor.remade(1, "2026-03-03"),
        vendor.line(2, "spoiled", "2026-03-03"),
        vendor.line(3, "rejected", "2026-03-03"),
    ];
    vendor.tell(2, &[printed, spoiled.to_vec()].concat()).expect(0);
    // Wednesday: the one that was made again is printed. The receipt of the mailing comes before the one before it.
    vendor.site.clock(&evening(4));
    vendor.tell(3, &[vendor.line(1, "printed", "2026-03-04"), vendor.line(4, "pulled", "2026-03-04")]).expect(0);
    assert_eq!(dispositions(&vendor.shown()), format!("1 pulled, 1 rejected, 1 spoiled, {} still_out", all - 3));
    let mailed = |letters: std::ops::Range<usize>| -> Vec<String> {
        letters.map(|letter| vendor.line(letter, "mailed", "2026-03-04")).collect()
    };
    let waits = vendor.tell(5, &mailed(5..all)).expect(0);
    assert!(waits.stderr.contains("receipt 4 of this package has not come"), "{}", waits.stderr);
    let shown = vendor.shown();
    assert_eq!(exceptions(&shown), "1 gap");
    assert_eq!((&shown["exceptions"]["gap"]["cases"][0]["receipt"], &shown["closed_at"]), (&json!(4), &json!(null)));
    assert_eq!(shown["waiting_receipts"][0]["number"], 5);
    let told = vendor.site.run(&["batch", "show", PACKAGE]).expect(0).stdout;
    assert!(told.contains(&format!("open: {} still out, due by 2026-03-05, receipts are missing", all - 3)), "{told}");
    assert!(told.contains("receipt 2: eba-test-acme-000001.receipt-2.csv read 2026-03-04 03:00:00 UTC: "), "{told}");
    assert!(told.contains(&format!("{} printed, 1 rejected, 1 remade, 1 spoiled", all - 1)), "{told}");
    // It comes, and both are read; all is said.
    let closes = vendor.tell(4, &mailed(0..2)).expect(0);
    assert!(closes.stdout.contains("1 closed packages"), "{}", closes.stdout);
    assert_closed(&vendor);
    // A week later one comes back: that is recorded, and opens nothing.
    vendor.site.clock(&evening(12));
    vendor.tell(6, &[vendor.line(0, "returned", "2026-03-12")]).expect(0);
    let shown = vendor.shown();
    assert_eq!(shown["closed_at"], "2026-03-05T03:00:00Z");
    assert_eq!(dispositions(&shown), format!("{} mailed, 1 pulled, 1 rejected, 1 returned, 1 spoiled", all - 4));
    assert_eq!(audited(&vendor, "package.closed").iter().filter(|entry| entry["package"] == PACKAGE).count(), 1);
    vendor.site.closed_accounting();
    vendor.site.run(&["audit", "verify"]).expect(0);
}

/// The package is closed, with its totals in the audit log, and each letter tells its way.
fn assert_closed(vendor: &Vendor) {
    let all = vendor.letters.len();
    let shown = vendor.shown();
    assert_eq!(shown["closed_at"], "2026-03-05T03:00:00Z");
    assert_eq!((exceptions(&shown).as_str(), &shown["still_out"]), ("", &json!([])));
    let numbers: Vec<&serde_json::Value> =
        shown["receipts"].as_array().unwrap().iter().map(|it| &it["number"]).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(shown["receipts"][2]["events"], json!({"printed": 1, "pulled": 1}));
    let totals = json!({
        "package": PACKAGE, "letters": all, "sheets": all, "receipts": 5,
        "mailed": all - 3, "pulled": 1, "rejected": 1, "spoiled": 1,
    });
    assert!(audited(vendor, "package.closed").contains(&totals));
    let letter = |letter: usize| vendor.site.json(&["letter", "show", &vendor.letters[letter]]);
    let (remade, rejected) = (letter(1), letter(3));
    assert_eq!((&remade["printed_on"], &remade["dispatched_on"]), (&json!("2026-03-04"), &json!("2026-03-04")));
    assert_eq!((&remade["remakes"], &remade["password_status"]), (&json!(1), &json!("live")));
    assert_eq!((&rejected["unmailed_on"], &rejected["printed_on"]), (&json!("2026-03-03"), &json!(null)));
    let text = vendor.site.run(&["letter", "show", &vendor.letters[1]]).expect(0).stdout;
    assert!(text.contains("made again      once") && text.contains("printed         2026-03-04"), "{text}");
    let list = vendor.site.run(&["batch", "list"]).expect(0).stdout;
    let is = |package: &str| list.lines().find(|line| line.contains(package)).unwrap().to_owned();
    assert!(is(PACKAGE).contains("closed"), "{list}");
    // Nothing is closed twice.
    let entries = vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry");
    vendor.site.run(&["ingest"]).expect(0);
    assert_eq!(vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry"), entries);
}

#[test]
fn it_does_not_matter_in_which_files_it_is_said() {
    let story = |vendor: &Vendor| {
        vec![
            vendor.line(0, "printed", "2026-03-03"),
            vendor.line(1, "printed", "2026-03-03"),
            vendor.remade(1, "2026-03-03"),
            vendor.remade(1, "2026-03-03"),
            vendor.line(1, "printed", "2026-03-03"),
            // This one is never said to be printed.
            vendor.line(2, "mailed", "2026-03-03"),
            vendor.line(3, "rejected", "2026-03-03"),
            vendor.line(0, "mailed", "2026-03-03"),
            vendor.line(1, "mailed", "2026-03-03"),
            vendor.line(0, "returned", "2026-03-03"),
        ]
    };
    let known = "SELECT sequence, status, password_status, printed_on, remakes, remade_on, unmailed_on, dispatched_on,
                     returned_on, expires_on FROM letter ORDER BY batch_id, sequence";
    let told = |split: fn(&Vendor, Vec<String>)| {
        let vendor = vendor("vendor");
        let lines = story(&vendor);
        split(&vendor, lines);
        vendor.site.rows(known)
    };
    let at_once = told(|vendor, lines| drop(vendor.tell(1, &lines).expect(0)));
    let line_by_line = told(|vendor, lines| {
        vendor.put(1, &[]);
        for (line, number) in lines.into_iter().zip(2..) {
            vendor.put(number, &[line]);
        }
        vendor.site.run(&["ingest"]).expect(0);
    });
    let night_by_night = told(|vendor, lines| {
        for (lines, number) in lines.chunks(3).zip(1..) {
            vendor.tell(number, lines).expect(0);
        }
    });
    assert_eq!(at_once, line_by_line);
    assert_eq!(at_once, night_by_night);
    let first = ["1", "returned", "revoked", "2026-03-03", "0", "", "", "2026-03-03", "2026-03-03"];
    assert_eq!(at_once[0][..9], first);
    assert_eq!(at_once[1][..6], ["2", "mailed", "live", "2026-03-03", "2", "2026-03-03"]);
}

#[test]
fn a_remake_that_the_ticket_forbids_is_asked_about_and_stays_in_sight() {
    let vendor = vendor("forbidden");
    let all: Vec<String> =
        (0..vendor.letters.len()).map(|letter| vendor.line(letter, "mailed", "2026-03-03")).collect();
    // What the ticket said counts, whatever the configuration says later.
    vendor.site.configure(r#"remake = "forbidden""#, r#"remake = "vendor""#);
    let told = vendor.tell(1, &[vec![vendor.remade(0, "2026-03-03")], all].concat()).expect(1).stderr;
    assert!(told.contains("contradiction (1): line 3: held: made again, which the job ticket forbids"), "{told}");
    assert_eq!(vendor.letter(0), ("mailed".to_owned(), "2026-03-03".to_owned()));
    let shown = vendor.shown();
    assert!(shown["closed_at"].is_string(), "{shown}");
    assert_eq!(exceptions(&shown), "1 contradiction");
    assert_eq!(vendor.site.value("SELECT CAST(max(remakes) AS TEXT) FROM letter"), "0");
    vendor.site.run(&["ingest"]).expect(0);
    assert_eq!(exceptions(&vendor.shown()), "1 contradiction");
}

#[test]
fn a_refused_package_is_accounted_for() {
    let vendor = vendor("forbidden");
    let all = vendor.letters.len();
    vendor.site.receipt(PACKAGE, &["--refuse", "the stock has run out"]).expect(1);
    let shown = vendor.shown();
    assert_eq!(dispositions(&shown), format!("{all} rejected"));
    assert_eq!((&shown["closed_at"], &shown["accepted_on"]), (&json!("2026-03-04T03:00:00Z"), &json!(null)));
}

#[test]
fn what_a_person_recorded_counts_and_a_ledger_that_was_changed_is_found() {
    let vendor = vendor("forbidden");
    let all = vendor.letters.len();
    let mailed: Vec<String> = (0..all - 1).map(|letter| vendor.line(letter, "mailed", "2026-03-03")).collect();
    vendor.tell(1, &mailed).expect(0);
    let letter = |place: usize, change: &str| {
        vendor.site.tamper(&format!("UPDATE letter SET {change} WHERE id = '{}'", vendor.letters[place]));
    };
    letter(0, "status = 'returned', returned_on = '2026-03-03'");
    assert_eq!(dispositions(&vendor.shown()), format!("{} mailed, 1 returned, 1 still_out", all - 2));
    // The receipts say mailed, and somebody took that out of the ledger.
    letter(1, "status = 'accepted', dispatched_on = NULL, days_to_read = NULL");
    let shown = vendor.shown();
    assert_eq!(exceptions(&shown), "1 contradiction");
    assert_eq!(shown["exceptions"]["contradiction"]["cases"][0]["subject"], vendor.letters[1].as_str());
    vendor.tell(2, &[vendor.line(all - 1, "mailed", "2026-03-03")]).expect(0);
    assert!(vendor.shown()["closed_at"].is_null());
    letter(1, "status = 'mailed', dispatched_on = '2026-03-03'");
    vendor.site.run(&["ingest"]).expect(0);
    assert!(vendor.shown()["closed_at"].is_string());
    // A package that lost a letter no longer ties with what was sealed.
    vendor.site.tamper(&format!("UPDATE batch SET closed_at = NULL, sheets = sheets + 1 WHERE name = '{PACKAGE}'"));
    let alarm = vendor.site.run(&["ingest"]).expect(4).stderr;
    assert!(
        alarm.contains(&format!("it was sealed with {all} letters on {} sheets, and the ledger", all + 1)),
        "{alarm}"
    );
}

#[test]
fn a_package_that_a_crash_left_open_is_closed_by_the_next_run() {
    let vendor = vendor("forbidden");
    let all: Vec<String> =
        (0..vendor.letters.len()).map(|letter| vendor.line(letter, "mailed", "2026-03-03")).collect();
    vendor.tell(1, &all).expect(0);
    vendor.site.tamper(&format!("UPDATE batch SET closed_at = NULL WHERE name = '{PACKAGE}'"));
    vendor.site.clock(&evening(4));
    assert!(vendor.site.run(&["ingest"]).expect(0).stdout.contains("1 closed packages"));
    assert_eq!(vendor.shown()["closed_at"], "2026-03-05T03:00:00Z");
}

#[test]
fn a_dry_run_tells_what_the_run_then_does() {
    let vendor = vendor("vendor");
    let all: Vec<String> =
        (0..vendor.letters.len()).map(|letter| vendor.line(letter, "mailed", "2026-03-03")).collect();
    vendor.put(1, &[vendor.line(0, "printed", "2026-03-03")]);
    vendor.put(2, &[vendor.remade(0, "2026-03-03"), vendor.line(1, "returned", "2026-03-03")]);
    vendor.put(3, &all);
    vendor.put(4, &[vendor.line(0, "returned", "2026-03-03"), vendor.line(2, "pulled", "2026-03-03")]);
    let before = (vendor.dump(), vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry"));
    let rehearsed = vendor.site.run(&["ingest", "--dry-run"]).expect(1);
    assert_eq!(before, (vendor.dump(), vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry")));
    let done = vendor.site.run(&["ingest"]).expect(1);
    assert_eq!(rehearsed.stderr, done.stderr);
    assert!(rehearsed.stdout.contains("4 files, 2 held lines"), "{}", rehearsed.stdout);
}
