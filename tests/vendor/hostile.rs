//! Packages that a site's own key sealed and that would hurt a vendor's machine: each is refused with its reason by the
//! program itself, in little memory and time.

use letterpost::letter::marks_of_pages;
use lopdf::{Document, Object, Stream, dictionary};

use crate::nightly::run_limited;
use crate::pressed::{letters, pressed};
use crate::sample::{NAME, print_stream_rows, sealed, ticket};
use crate::shop::Shop;
use crate::zipped::{Entry, LINK, zip, zip_saying};

/// What the program may have of memory, in KiB.
const MEMORY_KIB: u32 = 600_000;
/// The same for an archive as large as any that is taken: it is there sealed, opened, and unpacked.
const MEMORY_FOR_THE_LARGEST_KIB: u32 = 1_000_000;

/// What the program says of this archive, sealed by the site; it must refuse it.
fn refusal(archive: &[u8], memory_kib: u32) -> String {
    let shop = Shop::new();
    shop.receive(&sealed(archive));
    let program = format!("ulimit -v {memory_kib}; exec \"$0\" \"$@\"");
    let job = shop.path("job");
    let words = [
        "-c",
        &program,
        env!("CARGO_BIN_EXE_letterpost"),
        "vendor",
        "verify",
        shop.package().to_str().unwrap(),
        "--take",
        "--extract",
        job.to_str().unwrap(),
    ]
    .map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = run_limited("bash", &words, &[("LETTERPOST_SIMULATED_NOW", "2026-03-02T04:00:00Z")], "").expect(5);
    assert!(ran.stdout.is_empty() && !job.exists() && !shop.path("register.txt").exists(), "{}", ran.text());
    assert!(
        ran.stderr.contains(&format!("{NAME}.zip.pgp must not be printed")) || ran.stderr.contains(NAME),
        "{}",
        ran.stderr
    );
    ran.stderr
}

#[track_caller]
fn assert_refused(archive: &[u8], reason: &str) {
    let told = refusal(archive, MEMORY_KIB);
    assert!(told.contains(reason), "'{reason}' is not in {told}");
}

#[test]
fn bombs_are_not_unfolded() {
    let zeros = Entry::deflated("zeros", &vec![0; 50_000_000]);
    assert_refused(&zip(std::slice::from_ref(&zeros)), "unpacks to more than 100 times its size");
    // Each within the ratio, and too much together: what is stored can be unpacked as it is.
    let megabyte = Entry::stored("x", &vec![7; 1_000_000]);
    let many: Vec<Entry> =
        (0..101).map(|number| Entry { name: format!("{number}").into(), ..megabyte.clone() }).collect();
    let told = refusal(&zip(&many), MEMORY_FOR_THE_LARGEST_KIB);
    assert!(told.contains("unpacks to more than 100000000 bytes"), "{told}");
    // The directory promises little, and the bytes hold much.
    let lying = Entry { unpacked: 1_000, ..zeros.clone() };
    assert_refused(&zip(&[lying]), "lies about itself: its sizes");
    let huge = Entry { unpacked: u32::MAX, packed: vec![0; 1_000], ..zeros };
    assert_refused(&zip(&[huge]), "unpacks to more than 100000000 bytes");
}

#[test]
fn archives_of_very_many_files_are_not_listed() {
    let entry = |number: u32| Entry::stored(&format!("{number}"), b"");
    let hundred_thousand: Vec<Entry> = (0..100_000).map(entry).collect();
    assert_refused(&zip(&hundred_thousand), "at most 5000 are allowed");
    // All of them, and an end that owns to three.
    assert_refused(&zip_saying(&hundred_thousand[..6_000], 3), "not a zip archive");
    let (over, most) = ((0..5_001).map(entry).collect::<Vec<_>>(), (0..5_000).map(entry).collect::<Vec<_>>());
    assert_refused(&zip(&over), "it says that it has 5001 members");
    assert_refused(&zip(&most), "has no file SHA256SUMS");
}

#[test]
fn names_links_and_doubles_lead_nowhere() {
    for name in ["../x", "a/../../x", "/etc/cron.d/x", "C:/x", "..", "a//b", "a\\..\\x", "a\0b", "-rf\n", ""] {
        assert_refused(&zip(&[Entry::stored(name, b"x")]), "a name that is not allowed");
    }
    let long = "x".repeat(201);
    assert_refused(&zip(&[Entry::stored(&long, b"x")]), "a name that is not allowed");
    let link = Entry { mode: LINK, ..Entry::stored("letters", b"/tmp") };
    assert_refused(&zip(&[link, Entry::stored("letters/000001.pdf", b"x")]), "is not a plain file");
    for mode in [0o040_755, 0o060_644, 0o020_644, 0o010_644, 0o140_644] {
        assert_refused(&zip(&[Entry { mode, ..Entry::stored("x", b"x") }]), "is not a plain file");
    }
    for (one, other) in [("letters.pdf", "letters.pdf"), ("letters.pdf", "LETTERS.PDF")] {
        assert_refused(&zip(&[Entry::stored(one, b"a"), Entry::stored(other, b"b")]), "has the name of an earlier one");
    }
}

/// A package whose print file is this, under the sample's manifest.
fn with_print_file(pdf: &[u8]) -> Vec<u8> {
    let rows = print_stream_rows();
    let members = [
        ("job-ticket.json", letterpost::package::ticket::write_ticket(&ticket(&rows)).unwrap().into_bytes()),
        ("manifest.csv", letterpost::package::manifest::write_manifest(&rows).into_bytes()),
        ("letters.pdf", pdf.to_vec()),
    ];
    let sums = letterpost::package::sums::write_sums(members.iter().map(|(name, content)| (*name, content.as_slice())));
    let mut entries: Vec<Entry> = members.iter().map(|(name, content)| Entry::stored(name, content)).collect();
    entries.push(Entry::stored("SHA256SUMS", sums.as_bytes()));
    zip(&entries)
}

/// A PDF with four pages of this content.
fn pages_of(content: Stream) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let content = document.add_object(content);
    let page = dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content };
    let kids: Vec<Object> = (0..4).map(|_| Object::Reference(document.add_object(page.clone()))).collect();
    document.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 4 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn print_files_that_unfold_or_nest_beyond_measure_are_refused() {
    let mut bomb = Stream::new(dictionary! {}, vec![b' '; 200_000_000]);
    bomb.compress().unwrap();
    assert_refused(&with_print_file(&pages_of(bomb)), "letters.pdf cannot be read as a PDF");
    let plain = pages_of(Stream::new(dictionary! {}, b"q Q".to_vec()));
    for (what, with) in [("/Type /Catalog", "["), ("/Type /Catalog", "<</A"), ("/Type /Catalog", "(")] {
        let text = String::from_utf8_lossy(&plain).replace("/Type/Catalog", what);
        let nested = text.replacen(what, &format!("{what} /N {}", with.repeat(200_000)), 1);
        assert!(nested.len() > 200_000);
        assert_refused(&with_print_file(nested.as_bytes()), "letters.pdf");
    }
    for garbage in [&b""[..], b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF\n", &[0xFF; 5_000]] {
        assert_refused(&with_print_file(garbage), "letters.pdf cannot be read as a PDF");
    }
}

/// The reader of marks is given what the site sealed, and still trusts nothing in it.
#[test]
fn no_damage_makes_the_reader_of_marks_panic() {
    let pdf = pressed(&letters()[..1], false).0;
    assert_eq!(marks_of_pages(&pdf).unwrap().len(), 1);
    let (mut good, mut refused) = (0, 0);
    for place in (0..pdf.len()).step_by(pdf.len() / 2_000) {
        let mut damaged = pdf.to_vec();
        damaged[place] ^= 1 << (place % 8);
        match marks_of_pages(&damaged) {
            Ok(_) => good += 1,
            Err(reason) => {
                assert!(!reason.is_empty());
                refused += 1;
            }
        }
    }
    assert!(refused > 500 && good > 10, "{good} read, {refused} refused");
    for end in (0..pdf.len()).step_by(997) {
        assert!(marks_of_pages(&pdf[..end]).is_err(), "cut at {end}");
    }
    let table = |entries: &str| {
        let head = "%PDF-1.7\n";
        let stream = format!("1 0 obj\n<<{entries}/Length 4>>\nstream\n\0\0\0\0\nendstream\nendobj\n");
        format!("{head}{stream}startxref\n{}\n%%EOF\n", head.len()).into_bytes()
    };
    let nested = format!("/N {}", "[".repeat(1_000_000));
    for entries in [
        "/W[1 2 1]",
        "/W[99999999999 1 1]",
        "/W[18446744073709551615 18446744073709551615 2]/DecodeParms<<>>",
        "/W[0 0 0]",
        "/W[1 1]",
        "/W 4",
        "/W[1 2 1]/Root 7 0 R/DecodeParms<<>>",
        &nested,
    ] {
        assert!(marks_of_pages(&table(entries)).is_err(), "{}", &entries[..entries.len().min(40)]);
    }
}
