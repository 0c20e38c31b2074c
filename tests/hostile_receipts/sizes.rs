//! Receipts that would fill a machine.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use super::print_vendor::{VENDOR_KEY, Vendor};
use super::{ingest, refused_because, vendor_with_a_first_receipt};
use letterpost::package::receipt::{MAX_LINES, MAX_RECEIPT_BYTES};

#[test]
fn what_is_too_large_is_not_read() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let good = vendor.receipt(&[vendor.line(3, "mailed", "2026-03-03")]);
    let (head, _) = good.split_at(good.find("letter,").unwrap());
    // One line of a gigabyte, of which the disk keeps the ends only; 64 MiB of lines; a byte more than is allowed.
    let gigabyte = File::create(vendor.outbox(&Vendor::name(2))).unwrap();
    gigabyte.write_all_at(head.as_bytes(), 0).unwrap();
    gigabyte.set_len(1 << 30).unwrap();
    let line = format!("letter,{}\n", vendor.line(3, "printed", "2026-03-03"));
    fs::write(vendor.outbox(&Vendor::name(3)), line.repeat((64 << 20) / line.len())).unwrap();
    fs::write(vendor.outbox(&Vendor::name(4)), vec![b'a'; MAX_RECEIPT_BYTES + 1]).unwrap();
    for number in 2..=4 {
        fs::write(vendor.outbox(&format!("{}.asc", Vendor::name(number))), vendor.signature(b"x", VENDOR_KEY)).unwrap();
    }
    ingest(&vendor, 1);
    assert_eq!(vendor.dump(), before);
    for number in 2..=4 {
        let reason = refused_because(&vendor, &Vendor::name(number));
        assert!(
            reason.contains(&format!("it is larger than {MAX_RECEIPT_BYTES} bytes or no plain file, and was not read")),
            "{reason}"
        );
        assert!(!vendor.site.path(&format!("quarantine/{}.unread", Vendor::name(number))).exists());
    }
    ingest(&vendor, 0);
}

#[test]
fn the_largest_receipt_of_any_content_is_refused_in_time() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let head = vendor.receipt(&[]).replace("trailer,,,,0,0\n", "");
    let fill = |what: &str| {
        let room = MAX_RECEIPT_BYTES - head.len();
        (head.clone() + &what.repeat(room / what.len() + 1))[..MAX_RECEIPT_BYTES].to_owned().into_bytes()
    };
    let cases = [
        (fill("a"), "more than 4096 bytes in a line"),
        (fill("\""), "more than 4096 bytes in a line"),
        (fill("\n"), "more than 27003 lines"),
        (fill("\r\n"), "more than 27003 lines"),
        (fill(",,,,,\n"), "more than 27003 lines"),
        (fill("letter,x,y,z,0,\n"), "more than 27003 lines"),
        (fill(&format!("letter,{}\n", vendor.line(3, "printed", "2026-03-03"))), "more than 27003 lines"),
        (fill(&format!("letter,x,y,z,0,{}\n", "\u{1}".repeat(4000))), "has no trailer"),
        (fill(&format!("letter,x,\"{}\",z,0,\n", "\"\"".repeat(2000))), "does not have six fields"),
        (vec![0; MAX_RECEIPT_BYTES], "is not UTF-8 text"),
        (vec![0xff; MAX_RECEIPT_BYTES], "is not UTF-8 text"),
    ];
    for ((bytes, _), number) in cases.iter().zip(2..) {
        vendor.write(number, bytes);
        vendor.sign(number, VENDOR_KEY);
    }
    ingest(&vendor, 1);
    assert_eq!(vendor.dump(), before);
    for ((_, words), number) in cases.iter().zip(2..) {
        let reason = refused_because(&vendor, &Vendor::name(number));
        assert!(reason.contains(words), "{number}: {reason}: {words}");
    }
}

#[test]
fn the_most_lines_that_can_be_held_are_held_in_time() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let lines = MAX_LINES - 3;
    // As long as they can be, and as short: ids that are none, letters that are not there, sheets that are wrong.
    let room = (MAX_RECEIPT_BYTES - 200) / lines;
    let long = format!("{},mailed,2026-03-03,1,", "\u{1}".repeat(room - 32));
    let stranger = "00000-00000,mailed,2026-03-03,1,".to_owned();
    let wrong = format!("{},mailed,2026-03-03,7,", vendor.letters[3]);
    let no_number = format!("{},mailed,2026-03-03,1,{}", vendor.letters[3], "?".repeat(room - 48));
    for (line, number) in [long, stranger, wrong, no_number].iter().zip(2..) {
        vendor.put(number, &vec![line.clone(); lines]);
        let said = ingest(&vendor, 1).stderr;
        assert!(said.contains(&format!("({lines}): line 3: held: ")), "{number}: {said}");
        assert!(said.len() < 5000, "{number}: {} bytes were told", said.len());
    }
    assert_eq!(vendor.dump(), before);
    let held = vendor.site.value("SELECT CAST(sum(lines_held) AS TEXT) FROM receipt_file");
    assert_eq!(held, (4 * lines).to_string());
    let exceptions = vendor.shown()["exceptions"].take();
    for (kind, files) in [("unreadable", 2), ("extra", 1), ("wrong_sheets", 1)] {
        assert_eq!(exceptions[kind]["count"], files * lines, "{kind}");
    }
}

#[test]
fn the_most_lines_that_can_be_taken_are_taken_in_time() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let lines = MAX_LINES - 3;
    // What is known already, with as many words as there is room for; a mailed letter has none.
    let words = "x".repeat((MAX_RECEIPT_BYTES - 200) / lines - 48);
    vendor.put(2, &vec![format!("{}{words}", vendor.line(1, "printed", "2026-03-03")); lines]);
    ingest(&vendor, 0);
    vendor.put(3, &vec![vendor.line(0, "mailed", "2026-03-03"); lines]);
    let said = ingest(&vendor, 1).stderr;
    assert!(
        said.contains(&format!("1 letter ({}) said to have ended for the second time", vendor.letters[0])),
        "{said}"
    );
    assert_eq!(vendor.dump(), before);
    assert_eq!(vendor.shown()["exceptions"]["duplicate"]["count"], lines);
}
