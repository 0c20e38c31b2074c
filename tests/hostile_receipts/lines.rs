//! Lines that are wrong in a receipt that is right as a whole: held, one by one, while the others are taken.

use super::print_vendor::{VENDOR_KEY, Vendor};
use super::{ingest, vendor_with_a_first_receipt};

/// A line, the kind under which it is held, and words of the reason.
type Case = (String, &'static str, &'static str);

#[test]
fn every_line_is_held_with_its_reason_and_nothing_changes() {
    let vendor = vendor_with_a_first_receipt();
    let cases: Vec<Case> = [unreadable(&vendor), contradictions(&vendor)].concat();
    assert!(cases.len() >= 60, "{}", cases.len());
    let before = vendor.dump();
    // A receipt each, so that each stands and falls for itself.
    for ((line, _, _), number) in cases.iter().zip(2..) {
        vendor.write(number, receipt(&vendor, line));
        vendor.sign(number, VENDOR_KEY);
    }
    let said = ingest(&vendor, 1).stderr;
    assert_eq!(vendor.dump(), before);
    for ((line, kind, words), number) in cases.iter().zip(2..) {
        let held = vendor.site.value(&format!(
            "SELECT coalesce(held_because, '') FROM receipt_line JOIN receipt_file ON receipt_file.id = receipt_file_id
             WHERE number = {number}"
        ));
        assert!(held.contains(words) && !held.chars().any(char::is_control), "{line}: {held}: {words}");
        let told = format!("receipt {}: {} (1): line 3: held: {held}", Vendor::name(number), kind.replace('_', " "));
        assert!(said.contains(&told), "{line}: {told}");
    }
    let exceptions = vendor.shown()["exceptions"].take();
    for kind in ["contradiction", "duplicate", "extra", "unreadable", "wrong_sheets"] {
        let count = cases.iter().filter(|(_, named, _)| *named == kind).count();
        assert_eq!(exceptions[kind]["count"], count, "{kind}");
    }
    vendor.site.closed_accounting();
    vendor.site.run(&["audit", "verify"]).expect(0);
}

/// A receipt of one line, whatever that says, and a trailer that counts it.
fn receipt(vendor: &Vendor, line: &str) -> String {
    let empty = vendor.receipt(&[]);
    let sheets = line.rsplit(',').nth(1).unwrap();
    empty.replace("trailer,,,,0,0", &format!("letter,{line}\ntrailer,,,,{sheets},1"))
}

/// Ids, events, dates and words that mean nothing.
fn unreadable(vendor: &Vendor) -> Vec<Case> {
    let own = vendor.letters[3].as_str();
    let ids = [
        "",
        "7K2QX",
        "7K2QX-90DM",
        "7K2QX-90DMCC",
        "7K2QX-90DMU",
        "=7K2QX-90DMC",
        "=HYPERLINK(1)",
        "@SUM(A1)",
        "../../../etc/passwd",
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "'; DROP TABLE letter; --",
        "{{ letter }}",
        "%s%s%n",
        "\u{202e}CMD09-XQ2K7",
        "\u{ff17}\u{ff2b}2QX-90DMC",
        "$(touch x)",
        "null",
    ];
    let mut cases: Vec<Case> =
        ids.iter().map(|id| (format!("{id},mailed,2026-03-03,1,"), "unreadable", "is not a letter id")).collect();
    cases.push((format!("{},mailed,2026-03-03,1,", "7".repeat(3000)), "unreadable", "is not a letter id"));
    for event in
        ["", "MAILED", "delivered", "accepted", "remade", "mailed!", "=mailed", "mailed mailed", "mai\u{301}led"]
    {
        cases.push((format!("{own},{event},2026-03-03,1,"), "unreadable", "is not an event of a letter"));
    }
    for date in [
        "",
        "2026-02-30",
        "2026-13-01",
        "2026-00-10",
        "2026-3-3",
        "26-03-03",
        "20260303",
        "03/03/2026",
        "3.3.2026",
        "3 March 2026",
        "2026-W10-2",
        "2026-062",
        "2026-03-03T00:00:00Z",
        "2026-03-03 00:00",
        "+12026-03-03",
        "-2026-03-03",
        "46084",
        "today",
        "\u{ff12}026-03-03",
        "=TODAY()",
    ] {
        cases.push((format!("{own},mailed,{date},1,"), "unreadable", "is not a date"));
    }
    for detail in ["a\u{1b}[2Jb", "a\tb", "a\u{7}b", "a\rb", "a\u{85}b"] {
        cases.push((format!("{own},mailed,2026-03-03,1,{detail}"), "unreadable", "holds a control character"));
    }
    let long = "9".repeat(41);
    for detail in ["=HYPERLINK(1)", "by truck", "3600/1", "-1", "'=1", "3600_1", "\u{ff11}", "\u{202e}1", &long] {
        let words = "is no number of a postal statement";
        cases.push((format!("{own},mailed,2026-03-03,1,{detail}"), "unreadable", words));
    }
    cases
}

/// Lines that can be read, and cannot be.
fn contradictions(vendor: &Vendor) -> Vec<Case> {
    let other = vendor.site.value(
        "SELECT letter.id FROM letter JOIN batch ON batch.id = letter.batch_id
         WHERE batch.name = 'eba-test-acme-000002' ORDER BY sequence LIMIT 1",
    );
    let line = |letter: usize, event: &str, on: &str| vendor.line(letter, event, on);
    let sheets = |sheets: &str| format!("{},mailed,2026-03-03,{sheets},", vendor.letters[3]);
    let (extra, contradiction, duplicate) = ("extra", "contradiction", "duplicate");
    vec![
        (format!("{other},mailed,2026-03-03,1,"), extra, "is not in this package"),
        ("00000-00000,mailed,2026-03-03,1,".to_owned(), extra, "letter 00000-00000 is not in this package"),
        (sheets("0"), "wrong_sheets", "0 sheets, and the letter has 1"),
        (sheets("2"), "wrong_sheets", "2 sheets, and the letter has 1"),
        (sheets("4294967295"), "wrong_sheets", "4294967295 sheets"),
        (line(3, "mailed", "2026-03-04"), contradiction, "2026-03-04 is in the future"),
        (line(3, "mailed", "9999-12-31"), contradiction, "9999-12-31 is in the future"),
        (line(3, "mailed", "2026-03-01"), contradiction, "2026-03-01 is before 2026-03-02"),
        (line(3, "mailed", "0001-01-01"), contradiction, "0001-01-01 is before 2026-03-02"),
        (line(3, "mailed", "0000-02-29"), contradiction, "0000-02-29 is before 2026-03-02"),
        (line(3, "returned", "2026-03-03"), contradiction, "is accepted, and cannot be returned"),
        (line(1, "mailed", "2026-03-02"), contradiction, "before it was printed on 2026-03-03"),
        (line(1, "spoiled", "2026-03-02"), contradiction, "before it was printed on 2026-03-03"),
        (line(1, "printed", "2026-03-02"), contradiction, "printed on 2026-03-03 by an earlier receipt"),
        (line(0, "printed", "2026-03-03"), contradiction, "is mailed, and cannot be printed"),
        (line(0, "mailed", "2026-03-02"), duplicate, "mailed on 2026-03-03 by an earlier receipt"),
        (line(0, "spoiled", "2026-03-03"), duplicate, "is mailed, and cannot be spoiled"),
        (line(0, "pulled", "2026-03-03"), duplicate, "is mailed, and cannot be pulled"),
        (line(0, "rejected", "2026-03-03"), duplicate, "is mailed, and cannot be rejected"),
        (line(0, "returned", "2026-03-02"), contradiction, "before it was mailed on 2026-03-03"),
        (line(2, "mailed", "2026-03-03"), duplicate, "is rejected, and cannot be mailed"),
        (line(2, "printed", "2026-03-03"), contradiction, "is rejected, and cannot be printed"),
        (line(2, "returned", "2026-03-03"), contradiction, "is rejected, and cannot be returned"),
        (vendor.remade(1, "2026-03-03"), contradiction, "the job ticket forbids: its password is on two papers"),
        (vendor.remade(0, "2026-03-03"), contradiction, "the job ticket forbids"),
    ]
}

#[test]
fn words_in_a_detail_are_words_and_no_more() {
    let vendor = vendor_with_a_first_receipt();
    let lines: Vec<String> = (3..9)
        .zip(["=HYPERLINK(1)", "'; DROP TABLE letter; --", "{{ 7*7 }}", "../../x", "\u{202e}gnp", "\u{1f600}"])
        .map(|(letter, detail)| format!("{}{detail}", vendor.line(letter, "printed", "2026-03-03")))
        .collect();
    vendor.tell(2, &lines).expect(0);
    for letter in 3..9 {
        assert_eq!(vendor.letter(letter).0, "printed");
    }
    assert!(vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM letter") != "0");
}

#[test]
fn a_thousand_lines_that_are_alike_are_one_matter() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let lines: Vec<String> = (0..1000).map(|n| format!("{:05}-00000,mailed,2026-03-03,1,", n)).collect();
    let said = vendor.tell(2, &lines).expect(1).stderr;
    let matters: Vec<&str> = said.lines().filter(|line| line.starts_with("person: ")).collect();
    assert_eq!(matters.len(), 1, "{said}");
    assert!(matters[0].contains("extra (1000): line 3: held: letter 00000-00000 is not in this package"), "{said}");
    assert!(matters[0].contains("and 995 more lines"), "{said}");
    assert_eq!(vendor.dump(), before);
    assert_eq!(vendor.shown()["exceptions"]["extra"]["count"], 1000);
}
