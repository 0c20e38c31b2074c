//! Files that are wrong as a whole.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::print_vendor::{SITE_KEY, VENDOR_KEY, Vendor};
use super::{first_lines, ingest, refused_because, vendor_with_a_first_receipt};

/// Files are numbered from here on: none is ever taken, so none waits.
const FIRST_NUMBER: u32 = 2;

/// A file, well signed, and words of the reason for which it is refused.
type Case = (Vec<u8>, &'static str);

#[test]
fn every_file_is_refused_with_its_reason_and_nothing_changes() {
    let vendor = vendor_with_a_first_receipt();
    let cases: Vec<Case> = [contents(&vendor), encodings(&vendor), cuts(&vendor)].concat();
    assert!(cases.len() >= 90, "{}", cases.len());
    let before = vendor.dump();
    for ((bytes, _), number) in cases.iter().zip(FIRST_NUMBER..) {
        vendor.write(number, bytes);
        vendor.sign(number, VENDOR_KEY);
    }
    let said = ingest(&vendor, 1).stderr;
    assert_eq!(vendor.dump(), before);
    for ((bytes, words), number) in cases.iter().zip(FIRST_NUMBER..) {
        let (name, content) = (Vendor::name(number), String::from_utf8_lossy(bytes));
        let reason = refused_because(&vendor, &name);
        assert!(reason.contains(words) && !reason.chars().any(char::is_control), "{reason}: {words} in\n{content}");
        assert!(said.contains(&format!("person: receipt {name}: refused: {reason}")), "{name}");
        assert_kept(&vendor, &name, bytes);
    }
    // What was refused is known, and is told once.
    let again = ingest(&vendor, 0);
    assert!(!again.stderr.contains("refused"), "{}", again.stderr);
    assert_eq!(vendor.dump(), before);
}

/// The file lies in quarantine with its reason.
fn assert_kept(vendor: &Vendor, name: &str, bytes: &[u8]) {
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes));
    let kept = vendor.site.path("quarantine").join(format!("{name}.{}", &sha256[..12]));
    assert_eq!(fs::read(&kept).unwrap(), bytes, "{name}");
    assert!(fs::read_to_string(format!("{}.reason.txt", kept.display())).unwrap().starts_with(name));
}

/// A good receipt: it mails the fourth letter, rejects the fifth, and says that the sixth is printed.
fn good(vendor: &Vendor) -> String {
    vendor.receipt(&[
        vendor.line(3, "mailed", "2026-03-03"),
        format!("{}torn", vendor.line(4, "rejected", "2026-03-03")),
        vendor.line(5, "printed", "2026-03-03"),
    ])
}

/// The good receipt with one thing changed.
fn contents(vendor: &Vendor) -> Vec<Case> {
    let good = good(vendor);
    let sha = vendor.package_sha256.as_str();
    let header = "record,letter_id,event,event_on,sheets,detail\n";
    let package = format!("package,,accepted,2026-03-03,,{sha}\n");
    let rejected = format!("letter,{}", vendor.line(4, "rejected", "2026-03-03"));
    let columns = "must begin with the line record,letter_id,event,event_on,sheets,detail";
    let changes: Vec<(&str, String, &str)> = vec![
        // The columns.
        (header, String::new(), columns),
        (header, header.to_uppercase(), columns),
        (header, header.replace(',', ";"), columns),
        (header, header.replace(',', "\t"), columns),
        (header, header.replace("event,event_on", "event_on,event"), columns),
        (header, header.replace("detail", "detail,more"), columns),
        (header, format!("\n{header}"), columns),
        (header, format!("sep=,\n{header}"), columns),
        (header, header.replace("record", "=record"), columns),
        // The row on the package.
        (&package, String::new(), "record 'letter' where package belongs"),
        (&package, format!("{package}{package}"), "record 'package' where letter or trailer belongs"),
        (&package, format!("{rejected}torn\n{package}"), "record 'letter' where package belongs"),
        (&package, package.replace("accepted", "refused"), "was accepted by an earlier receipt, and now refused"),
        (&package, package.replace("accepted", "delayed"), "event holds 'delayed', which is not accepted or refused"),
        (&package, package.replace("accepted", "=1+1"), "event holds '=1+1'"),
        (&package, package.replace("package,,", "package,nobody,"), "letter_id holds 'nobody', which is not empty"),
        (&package, package.replace("2026-03-03", "2026-03-04"), "2026-03-04 is in the future"),
        (&package, package.replace("2026-03-03", "2026-03-01"), "2026-03-01 is before 2026-03-02, when the package"),
        (&package, package.replace("2026-03-03", "9999-12-31"), "9999-12-31 is in the future"),
        (&package, package.replace("2026-03-03", "03/03/2026"), "event_on holds '03/03/2026', which is not a date"),
        (&package, package.replace("2026-03-03", "46084"), "event_on holds '46084', which is not a date"),
        (&package, package.replace("2026-03-03", ""), "event_on holds '', which is not a date"),
        (sha, sha.to_uppercase(), "which is not the sealed package's SHA-256 in lower-case hexadecimal"),
        (sha, String::new(), "detail holds '', which is not the sealed package's SHA-256"),
        (sha, sha[..63].to_owned(), "which is not the sealed package's SHA-256"),
        (sha, format!("{sha}0"), "which is not the sealed package's SHA-256"),
        (sha, "0".repeat(64), "and ours is"),
        (sha, "../../keys/site.sec.asc".to_owned(), "detail holds '../../keys/site.sec.asc'"),
        // The rows of letters.
        ("letter,", "letters,".to_owned(), "record 'letters' where letter or trailer belongs"),
        ("letter,", "=letter,".to_owned(), "record '=letter'"),
        ("letter,", ",".to_owned(), "record '' where letter or trailer belongs"),
        ("letter,", "\u{202e}letter,".to_owned(), "where letter or trailer belongs"),
        ("letter,", "letter;".to_owned(), "line 3 of the receipt does not have six fields"),
        ("letter,", "letter,,".to_owned(), "line 3 of the receipt does not have six fields"),
        (",1,torn", ",1".to_owned(), "line 4 of the receipt does not have six fields"),
        (",1,torn", ",1,\"torn".to_owned(), "line 4 of the receipt does not have six fields, or its quotes"),
        (",1,torn", ",1,to\"rn".to_owned(), "line 4 of the receipt does not have six fields, or its quotes"),
        (",1,torn", ",1,\"torn\" ".to_owned(), "line 4 of the receipt does not have six fields, or its quotes"),
        (",1,torn", ",1,\"to\nrn\"".to_owned(), "line 4 of the receipt does not have six fields, or its quotes"),
        (",1,torn", ",-1,torn".to_owned(), "line 4 of the receipt: sheets holds '-1', which is not a number of sheets"),
        (",1,torn", ",+1,torn".to_owned(), "sheets holds '+1'"),
        (",1,torn", ",1.0,torn".to_owned(), "sheets holds '1.0'"),
        (",1,torn", ",1e3,torn".to_owned(), "sheets holds '1e3'"),
        (",1,torn", ",0x1,torn".to_owned(), "sheets holds '0x1'"),
        (",1,torn", ",,torn".to_owned(), "sheets holds ''"),
        (",1,torn", ",one,torn".to_owned(), "sheets holds 'one'"),
        (",1,torn", ",\u{661},torn".to_owned(), "sheets holds '\u{661}'"),
        (",1,torn", ",=1+1,torn".to_owned(), "sheets holds '=1+1'"),
        (",1,torn", ",4294967296,torn".to_owned(), "sheets holds '4294967296'"),
        (",1,torn", format!(",{},torn", "9".repeat(300)), "sheets holds '999999999999"),
        // The trailer.
        ("trailer,,,,3,3\n", String::new(), "the receipt has no trailer; it is cut off or not finished"),
        ("trailer,,,,3,3", "trailer,,,,4,3".to_owned(), "the trailer says 4 sheets and the letter rows have 3"),
        ("trailer,,,,3,3", "trailer,,,,3,2".to_owned(), "the trailer says 2 letter rows and the letter rows have 3"),
        ("trailer,,,,3,3", "trailer,,,,3,4".to_owned(), "the trailer says 4 letter rows and the letter rows have 3"),
        ("trailer,,,,3,3", "trailer,,,,0,0".to_owned(), "the trailer says 0 letter rows"),
        ("trailer,,,,3,3", "trailer,,,,,".to_owned(), "sheets holds '', which is not the sum"),
        ("trailer,,,,3,3", "trailer,,,,-3,3".to_owned(), "sheets holds '-3'"),
        ("trailer,,,,3,3", "trailer,,,,3,=3".to_owned(), "detail holds '=3'"),
        ("trailer,,,,3,3", format!("trailer,,,,{},3", u64::MAX), "the trailer says 18446744073709551615 sheets"),
        ("trailer,,,,3,3", format!("trailer,,,,{}0,3", u64::MAX), "sheets holds '184467440737095516150'"),
        ("trailer,,,,3,3", "trailer".to_owned(), "line 6 of the receipt does not have six fields"),
        ("trailer,,,,3,3", "TRAILER,,,,3,3".to_owned(), "record 'TRAILER' where letter or trailer belongs"),
        ("trailer,,,,3,3", "trailer,,,,3,3\ntrailer,,,,3,3".to_owned(), "record 'trailer' where the end of the file"),
        ("trailer,,,,3,3", format!("trailer,,,,3,3\n{rejected}"), "record 'letter' where the end of the file"),
        ("trailer,,,,3,3", format!("trailer,,,,3,3\n{package}"), "record 'package' where the end of the file belongs"),
        ("trailer,,,,3,3", "trailer,,,,3,3\n ".to_owned(), "line 7 of the receipt does not have six fields"),
        ("trailer,,,,3,3", "trailer,,,,3,3\n\u{1a}".to_owned(), "line 7 of the receipt does not have six fields"),
        ("trailer,,,,3,3", format!("trailer,,,,3,3\n{good}"), "record 'record' where the end of the file belongs"),
        ("trailer,,,,3,3", format!("trailer,,,,0,0\n{rejected}torn\ntrailer,,,,3,3"), "the trailer says 0 letter rows"),
    ];
    let changed = changes.into_iter().map(|(from, to, words)| {
        let changed = good.replacen(from, &to, 1);
        assert_ne!(changed, good, "{from} -> {to}");
        (changed.into_bytes(), words)
    });
    changed.collect()
}

/// The good receipt in other clothes.
fn encodings(vendor: &Vendor) -> Vec<Case> {
    let good = good(vendor);
    let utf_16: Vec<u16> = good.encode_utf16().collect();
    let little: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let not_text = "the receipt is not UTF-8 text";
    let columns = "must begin with the line record";
    vec![
        ([&[0xff, 0xfe], &little[..]].concat(), not_text),
        ([&[0xfe, 0xff], &big[..]].concat(), not_text),
        (little, not_text),
        (big, not_text),
        (good.replace("torn", "to\u{0}rn").into_bytes(), not_text),
        ([good.as_bytes(), &[0]].concat(), not_text),
        ([good.replace("torn", "").as_bytes(), &[0xe9]].concat(), not_text),
        ([&[0xc0, 0x80], good.as_bytes()].concat(), not_text),
        ([good.as_bytes(), &[0xed, 0xa0, 0x80]].concat(), not_text),
        (vec![0; 1000], not_text),
        (vec![0xff; 1000], not_text),
        (format!("\u{feff}\u{feff}{good}").into_bytes(), columns),
        (good.replace('\n', "\r").into_bytes(), columns),
        (good.replace('\n', "\u{2028}").into_bytes(), columns),
        (good.replace('\n', "\r\r\n").into_bytes(), columns),
        (good.replace('\n', "\\n").into_bytes(), columns),
        (format!("\"{}\"", good.replace('"', "\"\"")).into_bytes(), columns),
        (good.lines().map(|line| format!("\"{line}\"\n")).collect::<String>().into_bytes(), columns),
        (b"PK\x03\x04 a spreadsheet".to_vec(), columns),
        (b"<html><body>502 Bad Gateway</body></html>".to_vec(), columns),
        (b"{{ 7 * 7 }} ${jndi:ldap://x.invalid/a}".to_vec(), columns),
        (br#"[{"record": "package"}]"#.to_vec(), columns),
    ]
}

/// The good receipt, cut off.
fn cuts(vendor: &Vendor) -> Vec<Case> {
    let good = good(vendor);
    let line_starts: Vec<usize> = good.match_indices('\n').map(|(end, _)| end + 1).collect();
    let (columns, no_trailer, six) = ("must begin with", "has no trailer", "does not have six fields");
    let mut cuts = vec![(0, columns), (1, columns), (20, columns), (line_starts[0] - 2, columns)];
    // After a whole line, and in the middle of the next.
    cuts.extend(line_starts[..5].iter().map(|end| (*end, no_trailer)));
    cuts.extend(line_starts[..5].iter().map(|end| (*end + 5, six)));
    cuts.push((good.len() - 2, "detail holds ''"));
    cuts.push((good.len() - 4, six));
    let cut = |(end, words): (usize, &'static str)| (good.as_bytes()[..end].to_vec(), words);
    cuts.into_iter().map(cut).collect()
}

#[test]
fn no_signature_but_the_vendors_own_over_these_bytes_is_good_enough() {
    let vendor = vendor_with_a_first_receipt();
    let good = good(&vendor);
    let own = vendor.signature(good.as_bytes(), VENDOR_KEY);
    let public_key = fs::read_to_string(vendor.site.path("keys/acme.asc")).unwrap();
    let changes: Vec<(String, Option<Vec<u8>>, &str)> = vec![
        (good.clone(), None, "it has no signature"),
        (good.clone(), Some(vec![]), "signature"),
        (good.clone(), Some(b"looks good to me".to_vec()), "signature"),
        (good.clone(), Some(vec![0xff; 4096]), "signature"),
        (good.clone(), Some(vec![b'A'; 70_000]), "it has no signature"),
        (good.clone(), Some(own.as_bytes()[..own.len() / 2].to_vec()), "signature"),
        (good.clone(), Some(own.replace("-----BEGIN PGP SIGNATURE-----", "").into_bytes()), "signature"),
        (good.clone(), Some(vendor.signature(good.as_bytes(), SITE_KEY).into_bytes()), "not by the pinned key"),
        (good.clone(), Some(public_key.into_bytes()), "signature"),
        (good.clone(), Some(vendor.signature(b"another text", VENDOR_KEY).into_bytes()), "signature"),
        // One date changed, and the trailer still right: the old signature tells.
        (good.replacen("mailed,2026-03-03", "mailed,2026-03-02", 1), Some(own.clone().into_bytes()), "signature"),
        (
            good.replacen("mailed,2026-03-03,1", "mailed,2026-03-03,2", 1).replace("trailer,,,,3", "trailer,,,,4"),
            Some(own.clone().into_bytes()),
            "signature",
        ),
        (good.replace("rejected", "mailed"), Some(own.clone().into_bytes()), "signature"),
        (good.replace('\n', "\r\n"), Some(own.clone().into_bytes()), "signature"),
        (format!("{good}\n"), Some(own.clone().into_bytes()), "signature"),
        (good.trim_end().to_owned(), Some(own.clone().into_bytes()), "signature"),
        (format!("\u{feff}{good}"), Some(own.into_bytes()), "signature"),
    ];
    let before = vendor.dump();
    for ((csv, signature, _), number) in changes.iter().zip(FIRST_NUMBER..) {
        vendor.write(number, csv);
        if let Some(signature) = signature {
            fs::write(vendor.outbox(&format!("{}.asc", Vendor::name(number))), signature).unwrap();
        }
    }
    ingest(&vendor, 1);
    assert_eq!(vendor.dump(), before);
    for ((csv, _, words), number) in changes.iter().zip(FIRST_NUMBER..) {
        let reason = refused_because(&vendor, &Vendor::name(number));
        assert!(reason.contains(words), "{number}: {reason}: {words}");
        assert_kept(&vendor, &Vendor::name(number), csv.as_bytes());
    }
    // With the right signature beside it, the last bytes are read: two marks before a text were too many, one is none.
    vendor.sign(FIRST_NUMBER, VENDOR_KEY);
    ingest(&vendor, 0);
    assert_eq!(vendor.letter(3), ("mailed".to_owned(), "2026-03-03".to_owned()));
}

#[test]
fn what_is_no_plain_file_is_not_opened() {
    let vendor = vendor_with_a_first_receipt();
    let outbox = |number: u32, ending: &str| vendor.outbox(&format!("{}{ending}", Vendor::name(number)));
    let elsewhere = vendor.site.path("elsewhere.csv");
    fs::write(&elsewhere, good(&vendor)).unwrap();
    let good_signature = vendor.signature(good(&vendor).as_bytes(), VENDOR_KEY);
    let with_signature = |number: u32| fs::write(outbox(number, ".asc"), &good_signature).unwrap();
    fs::create_dir(outbox(2, "")).unwrap();
    symlink(&elsewhere, outbox(3, "")).unwrap();
    symlink("/nowhere/at/all", outbox(4, "")).unwrap();
    symlink(vendor.site.path("keys/site.sec.asc"), outbox(5, "")).unwrap();
    symlink("/dev/zero", outbox(6, "")).unwrap();
    symlink(outbox(7, ""), outbox(7, "")).unwrap();
    make_pipe(&outbox(8, ""));
    let _listener = UnixListener::bind(outbox(9, "")).unwrap();
    (2..=9).for_each(with_signature);
    // The signature itself may be such a thing.
    for number in 10..=12 {
        fs::write(outbox(number, ""), good(&vendor)).unwrap();
    }
    fs::create_dir(outbox(10, ".asc")).unwrap();
    let signature = vendor.site.path("elsewhere.asc");
    fs::write(&signature, &good_signature).unwrap();
    symlink(&signature, outbox(11, ".asc")).unwrap();
    make_pipe(&outbox(12, ".asc"));
    let before = vendor.dump();
    ingest(&vendor, 1);
    assert_eq!(vendor.dump(), before);
    for number in 2..=12 {
        let reason = refused_because(&vendor, &Vendor::name(number));
        let words = if number < 10 { "no plain file, and was not read" } else { "it has no signature" };
        assert!(reason.contains(words), "{number}: {reason}");
    }
    for number in 2..=9 {
        let kept = format!("quarantine/{}.unread.reason.txt", Vendor::name(number));
        assert!(fs::read_to_string(vendor.site.path(&kept)).unwrap().contains("was not read"));
    }
    ingest(&vendor, 0);
}

fn make_pipe(path: &std::path::Path) {
    super::nightly::run_limited("mkfifo", &[path.to_str().unwrap()], &[], "").expect(0);
}

#[test]
fn a_receipt_that_was_taken_is_never_taken_again() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    let copy = |number: u32| {
        for ending in ["", ".asc"] {
            let name = |number: u32| vendor.outbox(&format!("{}{ending}", Vendor::name(number)));
            fs::copy(name(1), name(number)).unwrap();
        }
    };
    // The same file under the same number, and under the next one.
    ingest(&vendor, 0);
    copy(2);
    ingest(&vendor, 1);
    assert!(refused_because(&vendor, &Vendor::name(2)).contains("it is receipt 1 once more"));
    assert_eq!(vendor.dump(), before);
    // Other bytes under its number.
    vendor.put(1, &[vendor.line(3, "mailed", "2026-03-03")]);
    let alarm = ingest(&vendor, 4);
    assert!(alarm.stderr.contains("was taken before with other bytes"), "{}", alarm.stderr);
    assert_eq!(vendor.dump(), before);
    // Signed anew, it says all of it a second time: each end that it tells again is asked about.
    vendor.put(1, &first_lines(&vendor));
    vendor.write(2, format!("{}\n", vendor.receipt(&first_lines(&vendor))));
    vendor.sign(2, VENDOR_KEY);
    let twice = ingest(&vendor, 1);
    assert!(twice.stderr.contains("2 letters") && twice.stderr.contains("for the second time"), "{}", twice.stderr);
    assert_eq!(vendor.dump(), before);
}
