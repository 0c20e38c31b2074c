//! Letters as others read them: text by poppler, structure by qpdf, streams by lopdf.
#![allow(clippy::unwrap_used, reason = "what a test prepares outside its test function must succeed too")]

#[path = "support/letters.rs"]
mod letters;
#[path = "support/readers.rs"]
mod readers;

use chrono::{DateTime, NaiveDate, Utc};
use letterpost::domain::address::PostalAddress;
use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::request::{Format, Language, Recipient};
use letterpost::letter::{
    DocumentInfo, LetterError, Piece, PrintMode, PrintStream, SheetGeometry, Stationery, TemplateSet,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use letters::{letterhead, stationery};
use readers::{flowing, run, text_of, words};

fn recipient(full_name: &str, language: Language, format: Format) -> Recipient {
    let address = PostalAddress {
        address_line_1: "4521 Peachtree Industrial Blvd".into(),
        address_line_2: "Apt 12-B".into(),
        city: "Springfield".into(),
        state: "VA".into(),
        postal_code: "22150-1234".into(),
        country: "US".into(),
    };
    Recipient { full_name: full_name.into(), address, language, format }
}

/// A letter of its own: recipient, id, password.
struct Sample(Recipient, LetterId, TemporaryPassword);

fn sample(recipient: Recipient, seed: u8) -> Sample {
    let id = LetterId::from_entropy(std::array::from_fn(|place| seed.wrapping_mul(7).wrapping_add(place as u8)));
    let password = (0..).find_map(|salt: u8| {
        let bytes =
            std::array::from_fn(|place| seed.wrapping_mul(11).wrapping_add((place as u8).wrapping_mul(13 + salt)));
        TemporaryPassword::from_entropy(&bytes)
    });
    Sample(recipient, id, password.unwrap())
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn document() -> DocumentInfo {
    let made_at: DateTime<Utc> = "2026-12-15T02:30:00Z".parse().unwrap();
    DocumentInfo { package: "eba-test-acme-000123".into(), made_at, mode: PrintMode::default() }
}

fn pieces(samples: &[Sample]) -> Vec<Piece<'_>> {
    samples
        .iter()
        .enumerate()
        .map(|(place, sample)| Piece {
            recipient: &sample.0,
            letter_id: sample.1,
            password: &sample.2,
            sequence: place as u32 + 1,
            made_on: day(2026, 12, 14),
            use_by_on: day(2027, 1, 4),
            zone_name: "Eastern Time",
            requested_on: day(2026, 12, 11),
            barcode: None,
        })
        .collect()
}

fn print(stationery: &Stationery, samples: &[Sample]) -> Result<PrintStream, LetterError> {
    let (document, pieces) = (document(), pieces(samples));
    let stream = stationery.print_stream(&document, &pieces)?;
    assert_eq!(stationery.proofread(&document, &pieces, &stream).unwrap(), [], "what was printed reads back");
    Ok(stream)
}

const NAMES: [&str; 8] = [
    "Łukasz Żółć",
    "Ann Example",
    "José Núñez Ibáñez",
    "Nguyễn Thị Ánh Tuyết",
    "Ελένη Παπαδημητρίου",
    "Жанна Щукина",
    "Siobhán O’Neil-Wójcik",
    "Adéṣọlá Ẹ̀bùn",
];

/// A letter for each name in each language and format.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for language in Language::ALL {
        for format in Format::ALL {
            for name in NAMES {
                let seed = samples.len() as u8;
                samples.push(sample(recipient(name, *language, *format), seed));
            }
        }
    }
    samples
}

#[test]
fn every_letter_reads_back_exactly_and_holds_one_person_only() {
    let (stationery, samples) = (stationery(), samples());
    let stream = print(&stationery, &samples).unwrap();
    for (Sample(recipient, id, password), piece) in samples.iter().zip(&stream.pieces) {
        let text = text_of(&stream.pdf, piece.first_page, piece.first_page + piece.pages - 1);
        let grouped = password.grouped();
        assert_eq!(text.matches(grouped.as_str()).count(), 1, "password once:\n{text}");
        assert!(text.contains(&id.to_string()));
        assert!(flowing(&text).contains(&recipient.full_name), "{}:\n{text}", recipient.full_name);
        for line in [
            &recipient.full_name.to_uppercase(),
            "APT 12-B",
            "4521 PEACHTREE INDUSTRIAL BLVD",
            "SPRINGFIELD VA 22150-1234",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
        }
        let (by, asked) = match recipient.language {
            Language::En => ("Use it by Monday, January 4, 2027 (Eastern Time)", "December 11, 2026"),
            Language::Es => {
                ("Úsela a más tardar el lunes, 4 de enero de 2027 (hora del Este)", "11 de diciembre de 2026")
            }
        };
        assert!(flowing(&text).contains(by) && flowing(&text).contains(asked), "{text}");
        assert!(text.contains("1-800-555-0100") && text.contains("www.example.gov/account"), "{text}");
        for other in samples.iter().filter(|other| other.1 != *id) {
            assert!(!text.contains(&other.1.to_string()) && !text.contains(other.2.grouped().as_str()));
            assert!(other.0.full_name == recipient.full_name || !text.contains(&other.0.full_name));
        }
        assert!(!text.contains('\u{AD}') && !text.contains('\u{FFFD}'));
        let most = if recipient.format == Format::Standard { 1 } else { 3 };
        assert!(piece.pages <= most && piece.sheets == piece.pages, "{} pages", piece.pages);
    }
}

#[test]
fn the_file_is_sound_and_its_fonts_are_embedded() {
    let stream = print(&stationery(), &samples()).unwrap();
    run("qpdf", &["--check", "FILE"], &stream.pdf);
    let fonts = run("pdffonts", &["FILE"], &stream.pdf);
    for font in fonts.lines().skip(2) {
        let columns: Vec<&str> = font.split_whitespace().rev().collect();
        // From the right: generation, object, unicode, subset, embedded.
        assert_eq!(&columns[2..5], ["yes", "yes", "yes"], "{fonts}");
    }
    assert_eq!(fonts.lines().count(), 2 + 4, "{fonts}");
    let about = run("env", &["TZ=UTC", "pdfinfo", "FILE"], &stream.pdf);
    assert!(about.contains("Your temporary password (eba-test-acme-000123)"), "{about}");
    assert!(about.contains("612 x 792 pts (letter)"), "{about}");
    assert!(about.contains("Dec 15 02:30:00 2026"), "{about}");
}

#[test]
fn the_same_letters_give_the_same_bytes() {
    let first = print(&stationery(), &samples()).unwrap();
    let stationery = stationery();
    let second = print(&stationery, &samples()).unwrap();
    let third = print(&stationery, &samples()).unwrap();
    assert!(*first.pdf == *second.pdf && *second.pdf == *third.pdf);
    assert!(print(&stationery, &[]).is_err(), "a file without a letter");
}

#[test]
fn the_digest_of_a_letter_is_that_of_its_decoded_streams() {
    let stream = print(&stationery(), &samples()).unwrap();
    let document = lopdf::Document::load_mem(&stream.pdf).unwrap();
    let pages = document.get_pages();
    let mut next = 1;
    for piece in &stream.pieces {
        assert_eq!(piece.first_page, next);
        next += piece.pages;
        let mut digest = Sha256::new();
        for page in piece.first_page..next {
            for id in document.get_page_contents(pages[&page]) {
                digest.update(document.get_object(id).unwrap().as_stream().unwrap().decompressed_content().unwrap());
            }
        }
        assert_eq!(<[u8; 32]>::from(digest.finalize()), piece.sha256);
    }
    assert_eq!(pages.len() as u32 + 1, next);
}

#[test]
fn the_window_shows_the_address_and_nothing_else() {
    let stationery = stationery();
    let geometry = SheetGeometry::default();
    let (always, ever) = (geometry.always_visible(), geometry.ever_visible());
    for format in Format::ALL {
        let samples = [sample(recipient("José Núñez Ibáñez", Language::En, *format), 3)];
        let stream = print(&stationery, &samples).unwrap();
        let words = words(&stream.pdf, 1);
        let mut seen = Vec::new();
        for (word, [left, top, right, bottom]) in &words {
            let touches = *left < ever.right && *right > ever.left && *top < ever.bottom && *bottom > ever.top;
            if touches {
                assert!(*left >= always.left && *right <= always.right, "{word}");
                assert!(*top >= always.top && *bottom <= always.bottom, "{word} {top} {bottom}");
                seen.push(word.as_str());
            }
        }
        let address = "JOSÉ NÚÑEZ IBÁÑEZ APT 12-B 4521 PEACHTREE INDUSTRIAL BLVD SPRINGFIELD VA 22150-1234";
        assert_eq!(seen.join(" "), format!("#{} {address}", samples[0].1));
        let grouped = samples[0].2.grouped();
        let (_, password) = words.iter().find(|(word, _)| word == grouped.as_str()).unwrap();
        let between = password[1] > geometry.first_fold && password[3] < geometry.second_fold;
        assert!(between, "the password is between the folds");
    }
}

/// A #9 envelope with two windows, as it stands in a configuration: 8 7/8 by 3 7/8 in, and an even fold.
const TWO_WINDOWS: &str = "
[envelope]
first_fold = 3.667
envelope_width = 8.875
envelope_height = 3.875
window_left = 0.5625
window_bottom = 0.8625
window_width = 3.625
window_height = 0.8
return_window_left = 0.5625
return_window_bottom = 2.0875
return_window_width = 3.125
return_window_height = 1
margin_left = 0.6875
margin_right = 0.6875
";

fn two_windows() -> SheetGeometry {
    let sample = include_str!("../samples/site/letterpost.toml").replace("\n[envelope]\n", TWO_WINDOWS);
    letterpost::cli::config::Config::from_toml(&sample).unwrap().geometry()
}

#[test]
fn each_window_shows_its_own_address_and_nothing_else() {
    let geometry = two_windows();
    let stationery = Stationery::compile(&TemplateSet::builtin(), &letterhead(), &geometry).unwrap();
    for (language, format) in Language::ALL.iter().flat_map(|it| Format::ALL.iter().map(move |format| (*it, *format))) {
        let samples = [sample(recipient("José Núñez Ibáñez", language, format), 3)];
        let stream = print(&stationery, &samples).unwrap();
        let mut seen = Vec::new();
        for window in geometry.windows() {
            let (always, ever) = (geometry.always_visible_through(window), geometry.ever_visible_through(window));
            let mut shown = Vec::new();
            for (word, [left, top, right, bottom]) in words(&stream.pdf, 1) {
                if left < ever.right && right > ever.left && top < ever.bottom && bottom > ever.top {
                    // Poppler's boxes are as high as the type, which is more than its ink.
                    let inside = left >= always.left && right <= always.right;
                    assert!(
                        inside && top >= always.top - 3.0 && bottom <= always.bottom + 3.0,
                        "{word} {top} {bottom}"
                    );
                    shown.push(word);
                }
            }
            seen.push(shown.join(" "));
        }
        let address = "JOSÉ NÚÑEZ IBÁÑEZ APT 12-B 4521 PEACHTREE INDUSTRIAL BLVD SPRINGFIELD VA 22150-1234";
        assert!(seen[0].ends_with(address), "{}", seen[0]);
        assert_eq!(seen[1], "Example Benefits Agency 100 Sample Plaza Springfield IL 62701");
    }
}

/// A letter that can be set, if higher than any other.
const HIGH: &str = "A\u{302}\u{301}\u{303}\u{300}";

#[test]
fn ink_that_reaches_into_the_window_is_refused_by_day_and_for_one_person() {
    let compile = |heading: &str| {
        let mut templates = TemplateSet::builtin();
        for text in templates.0.values_mut() {
            *text = text.replace("# Your temporary password\n", &format!("# {heading}\n"));
        }
        Stationery::compile(&templates, &letterhead(), &SheetGeometry::default())
    };
    let refused = compile(HIGH).map(|_| ()).unwrap_err();
    assert!(matches!(refused, LetterError::Layout { .. }), "{refused}");
    let told = "the line '\u{1EA4}\u{303}\u{300} …' can show through the window, which is for the address alone";
    assert!(refused.to_string().contains(told), "{refused}");
    let by_name = compile("{{ slot.full_name }}").unwrap();
    by_name.check(&recipient("Ann Example", Language::En, Format::Standard)).unwrap();
    let refused = by_name.check(&recipient(HIGH, Language::En, Format::Standard)).unwrap_err();
    assert!(refused.field == "letter" && refused.reason.contains("can show through the window"), "{refused}");
    assert!(!refused.reason.contains('A'), "nothing of the name is told: {refused}");
}

#[test]
fn a_return_address_that_its_window_does_not_show_is_refused() {
    let mut head = letterhead();
    head.return_address = vec!["A line".into(); 8];
    let refused = Stationery::compile(&TemplateSet::builtin(), &head, &two_windows()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("the return address takes 9 lines"), "{refused}");
    assert!(refused.to_string().contains("its window shows 2.50 by 0.74 in"), "{refused}");
}

#[test]
fn hostile_names_are_printed_as_they_are_or_refused() {
    let stationery = stationery();
    for name in [
        "{{ name }}",
        "{% if 1 %}",
        "**x** *y*",
        "[a](b)",
        "<b>Bob</b>",
        "# Title",
        "1. one",
        "a\\b",
        "=1+1",
        "```x",
        "&amp;",
    ] {
        let recipient = recipient(name, Language::En, Format::Standard);
        stationery.check(&recipient).unwrap();
        let stream = print(&stationery, &[sample(recipient, 9)]).unwrap();
        let text = text_of(&stream.pdf, 1, 1);
        assert!(text.contains(&format!("Dear {name},")), "{name}:\n{text}");
    }
    let refused = [
        ("Ann \u{1F600}", "full_name: the fonts have no glyph for U+1F600"),
        ("Ann\u{202E}gnp", "full_name: U+202E"),
        ("Ann\nExample", "full_name: U+000A"),
        ("Ann\u{0}", "full_name: U+0000"),
        ("\u{E001}", "full_name: U+E001"),
        ("محمد علي", "full_name: U+0645"),
        ("שלום כהן", "full_name: U+05E9"),
        ("कमला शर्मा", "full_name: the fonts have no glyph for U+0915"),
        ("王小明", "full_name: the fonts have no glyph for U+738B"),
        ("", "full_name: "),
        ("   ", "full_name: "),
    ];
    for (name, reason) in refused {
        let recipient = recipient(name, Language::Es, Format::LargePrint);
        let refusal = stationery.check(&recipient).unwrap_err().to_string();
        assert!(refusal.starts_with(reason), "{refusal}");
        assert!(print(&stationery, &[sample(recipient, 1)]).is_err());
    }
    let long = "Maximiliana ".repeat(42);
    assert_eq!(
        stationery.check(&recipient(long.trim(), Language::En, Format::Standard)).unwrap_err().field,
        "full_name"
    );
}

#[test]
fn a_letter_abroad_ends_with_the_country() {
    let mut abroad = recipient("Änne Beispiel", Language::En, Format::Standard);
    let address = &mut abroad.address;
    (address.address_line_1, address.address_line_2) = ("Lindenstraße 5".into(), "Hinterhaus".into());
    (address.city, address.state) = ("Musterstadt".into(), String::new());
    (address.postal_code, address.country) = ("10969".into(), "DE".into());
    let stationery = stationery();
    stationery.check(&abroad).unwrap();
    let text = text_of(&print(&stationery, &[sample(abroad, 4)]).unwrap().pdf, 1, 1);
    assert!(text.contains("ÄNNE BEISPIEL\nLINDENSTRASSE 5\nHINTERHAUS\n10969 MUSTERSTADT\nGERMANY\n"), "{text}");
}

#[test]
fn an_address_that_the_window_does_not_show_is_refused() {
    let stationery = stationery();
    let mut long = recipient("Ann Example", Language::En, Format::Standard);
    long.address.address_line_1 = "12345 WWWWWWWWWWWW WWWWWWWWWWWWWWW WWWWW".into();
    let refusal = stationery.check(&long).unwrap_err();
    assert_eq!(refusal.field, "address_line_1");
    assert!(refusal.reason.contains(" in on the address block"), "{refusal}");
    let mut abroad = recipient("Ann Example", Language::En, Format::Standard);
    abroad.address.country = "ZZ".into();
    assert_eq!(stationery.check(&abroad).unwrap_err().field, "country");
}

#[test]
fn stationery_that_could_fail_at_night_is_refused_by_day() {
    let compile = |name: &str, from: &str, to: &str| {
        let mut templates = TemplateSet::builtin();
        let text = templates.0.get_mut(name).unwrap();
        assert!(text.contains(from));
        *text = text.replace(from, to);
        Stationery::compile(&templates, &letterhead(), &SheetGeometry::default()).map(|_| ()).unwrap_err().to_string()
    };
    let en = "temporary-password/en.md";
    assert!(compile(en, "{{ slot.full_name }}", "{{ slot.username }}").contains("username"));
    assert!(compile(en, "{{ slot.full_name }}", "{{ nobody }}").contains("nobody"));
    assert!(compile(en, "{{ slot.full_name }}", "{{ slot.password }}").contains("slot.password must stand once"));
    assert!(compile(en, "Dear", "Dear \u{1F600}").contains("U+1F600"));
    assert!(compile(en, "Dear", "<b>Dear</b>").contains("HTML"));
    assert!(compile(en, "Dear", &"Dear and so on. ".repeat(200)).contains("pages"));
    let mut head = letterhead();
    head.return_address = vec!["A line".into(); 12];
    let refused =
        Stationery::compile(&TemplateSet::builtin(), &head, &SheetGeometry::default()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("window"), "{refused}");
}

#[test]
fn a_long_letterhead_still_fits_every_form() {
    let mut head = letterhead();
    head.agency = "Department of Example Services and Sample Benefits".into();
    head.return_address = ["Office of Online Accounts", "100 Sample Plaza, Suite 1200", "Springfield VA 22150-0001"]
        .map(String::from)
        .into();
    head.help_phone = "1-800-555-0100 (TTY 1-800-555-0199)".into();
    head.help_hours_en = "Monday through Friday, 8:00 a.m. to 7:00 p.m. Eastern Time, except federal holidays".into();
    head.help_hours_es =
        "de lunes a viernes, de 8:00 a. m. a 7:00 p. m., hora del Este, excepto los días feriados federales".into();
    head.sign_in_address = "https://www.accounts.example-benefits.gov/sign-in".into();
    let stationery = Stationery::compile(&TemplateSet::builtin(), &head, &SheetGeometry::default()).unwrap();
    let samples: Vec<Sample> = samples();
    let stream = print(&stationery, &samples).unwrap();
    assert!(samples.iter().zip(&stream.pieces).all(|(Sample(recipient, ..), piece)| {
        piece.pages <= if recipient.format == Format::Standard { 1 } else { 3 }
    }));
}

#[test]
fn the_organisations_words_are_plain_text_too() {
    let mut head = letterhead();
    head.agency = "Dept. of *Sums* & `Parts` <1>".into();
    let stationery = Stationery::compile(&TemplateSet::builtin(), &head, &SheetGeometry::default()).unwrap();
    let stream = print(&stationery, &[sample(recipient("Ann Example", Language::En, Format::Standard), 5)]).unwrap();
    assert!(text_of(&stream.pdf, 1, 1).contains("Dept. of *Sums* & `Parts` <1>"));
    let other = letters::stationery();
    assert_ne!(stationery.template_version(), other.template_version());
    assert_eq!(other.template_version().len(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    /// Whatever the fields hold, a letter is refused or printed, and what passes the check prints.
    #[test]
    fn nothing_panics_and_the_check_foretells(name in "\\PC{0,60}|[ -~]{0,40}", line in "\\PC{0,50}", city in ".{0,30}", country in "US|DE|[A-Z]{2}") {
        thread_local!(static STATIONERY: Stationery = stationery());
        STATIONERY.with(|stationery| {
            let mut person = recipient(&name, Language::En, Format::Standard);
            person.address.address_line_1 = line;
            person.address.city = city;
            person.address.country = country;
            let foretold = stationery.check(&person).is_ok();
            let printed = print(stationery, &[sample(person, 2)]).is_ok();
            assert_eq!(foretold, printed);
        });
    }
}

#[test]
fn stationery_is_shared_by_workers() {
    fn shared<T: Send + Sync>() {}
    shared::<Stationery>();
}
