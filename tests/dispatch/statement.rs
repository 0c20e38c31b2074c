//! The number of the postal statement: from the vendor's receipt to the letter, once, and never another one.

use serde_json::{Value, json};

use super::nightly::TestSite;
use super::print_vendor::{PACKAGE, Vendor};
use super::{MONDAY_NIGHT, TUESDAY_EVENING};

fn vendor() -> Vendor {
    Vendor::of(TestSite::after_the_night(MONDAY_NIGHT), TUESDAY_EVENING)
}

impl Vendor {
    fn mailed(&self, letter: usize, statement: &str) -> String {
        format!("{}{statement}", self.line(letter, "mailed", "2026-03-03"))
    }

    fn statement_of(&self, letter: usize) -> Value {
        self.site.json(&["letter", "show", &self.letters[letter]])["postal_statement"].take()
    }

    fn kinds(&self, letter: usize) -> Vec<String> {
        self.site.audit_kinds(&self.letters[letter])
    }

    /// What was said of a line of a receipt when it was held; empty where it was taken.
    fn held(&self, receipt: u32, line: u32) -> String {
        self.site.value(&format!(
            "SELECT coalesce(held_because, '') FROM receipt_line JOIN receipt_file ON receipt_file.id = receipt_file_id
             WHERE number = {receipt} AND line = {line}"
        ))
    }
}

#[test]
fn the_number_goes_from_the_receipt_to_the_letter_the_row_and_the_log() {
    let vendor = vendor();
    vendor.tell(1, &[vendor.mailed(0, "3600-20260303"), vendor.mailed(1, "B7"), vendor.mailed(2, "")]).expect(0);
    assert_eq!(vendor.statement_of(0), "3600-20260303");
    assert_eq!(vendor.statement_of(1), "B7", "two letters of a day may be on two statements");
    assert_eq!(vendor.statement_of(2), json!(null));
    assert!(vendor.site.run(&["letter", "show", &vendor.letters[0]]).stdout.contains("3600-20260303"));
    let rows = vendor.site.rows("SELECT line, postal_statement FROM receipt_line ORDER BY line");
    assert_eq!(rows, [["3", "3600-20260303"], ["4", "B7"], ["5", ""]]);
    let mailed = vendor.site.entries().into_iter().filter(|entry| entry["kind"] == "letter.mailed");
    let said = |entry: &serde_json::Value, field: &str| match &entry["data"][field] {
        serde_json::Value::Null => String::new(),
        value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    let logged: Vec<_> = mailed.map(|entry| ["line", "postal_statement"].map(|field| said(&entry, field))).collect();
    assert_eq!(rows, logged);
    let viewed = vendor.site.rows("SELECT postal_statement FROM dispatch_records ORDER BY package, sequence LIMIT 3");
    assert_eq!(viewed, [["3600-20260303"], ["B7"], [""]]);
}

#[test]
fn a_number_that_comes_later_is_taken_and_one_that_differs_is_not() {
    let vendor = vendor();
    vendor.tell(1, &[vendor.mailed(0, ""), vendor.mailed(1, "A-1")]).expect(0);
    let later = vendor.mailed(0, "A-1");
    vendor.tell(2, std::slice::from_ref(&later)).expect(0);
    assert_eq!(vendor.statement_of(0), "A-1");
    assert_eq!(vendor.kinds(0).last().unwrap(), "letter.stated");
    let before = vendor.dump();
    // The same once more is a second word; another number is a contradiction, and so is another day.
    let ran =
        vendor.tell(3, &[later, vendor.mailed(0, "A-2"), vendor.mailed(1, "A-2"), vendor.mailed(1, "")]).expect(1);
    assert!(ran.stderr.contains("contradiction (2): line 4: held"), "{}", ran.stderr);
    for line in [4, 5] {
        let held = vendor.held(3, line);
        assert_eq!(held, "mailed under postal statement A-1 by an earlier receipt, and now under A-2");
    }
    assert_eq!((vendor.held(3, 3), vendor.held(3, 6)), (String::new(), String::new()));
    assert_eq!(vendor.dump(), before);
    // The account is done again from the lines that were kept, and says the same.
    let exceptions = vendor.shown()["exceptions"].take();
    assert_eq!((&exceptions["contradiction"]["count"], &exceptions["duplicate"]["count"]), (&json!(2), &json!(2)));
    vendor.site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_letter_that_came_back_keeps_its_number_and_can_get_one() {
    let vendor = vendor();
    vendor.tell(1, &[vendor.mailed(0, "A-1"), vendor.mailed(1, "")]).expect(0);
    vendor.site.clock("2026-03-09T18:00:00-05:00");
    let back = |letter| vendor.line(letter, "returned", "2026-03-09");
    vendor.tell(2, &[back(0), back(1), vendor.mailed(1, "A-2")]).done();
    assert_eq!((vendor.statement_of(0), vendor.statement_of(1)), (json!("A-1"), json!("A-2")));
}

#[test]
fn the_ledger_holds_no_other_number() {
    let vendor = vendor();
    vendor.tell(1, &[vendor.mailed(0, "A-1")]).expect(0);
    let set = |letter: usize, text: &str| {
        let statement =
            format!("UPDATE letter SET postal_statement = '{text}' WHERE id = '{}'", vendor.letters[letter]);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| vendor.site.tamper(&statement))).is_ok()
    };
    assert!(set(0, "A-2"), "the constraint lets a number through");
    for text in ["", "a b", "=1", &"9".repeat(41)] {
        assert!(!set(0, text), "{text}");
    }
    assert!(!set(1, "A-1"), "a letter that was not mailed has none");
}

#[test]
fn the_vendor_s_command_gives_it() {
    let vendor = vendor();
    let except = format!("{}=mailed:B-2", vendor.letters[1]);
    let ran = vendor.site.receipt(PACKAGE, &["--postal-statement", "B-1", "--except", &except]);
    ran.expect(0);
    assert_eq!((vendor.statement_of(0), vendor.statement_of(1)), (json!("B-1"), json!("B-2")));
    let sealed = vendor.site.path(&format!("vendor/inbox/{PACKAGE}.zip.pgp"));
    let sealed = sealed.to_str().unwrap();
    for (arguments, words) in [
        (&["--postal-statement", "B 1"][..], "letters, digits and hyphens"),
        (&["--postal-statement", "B-1", "--events", "printed"], "goes with --events mailed"),
        (&["--postal-statement", "B-1", "--refuse", "no stock"], "cannot be used with"),
    ] {
        let all = [&["vendor", "receipt", sealed][..], arguments].concat();
        let ran = vendor.site.run(&all).expect(2);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}
