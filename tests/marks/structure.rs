//! What kind of file a letter is: tagged for those who hear it, sound, with its fonts in it, in black alone.

use letterpost::domain::request::{Format, Language};
use letterpost::letter::{LetterFiles, Stationery};
use lopdf::content::Content;
use lopdf::{Document, Object};
use sha2::{Digest, Sha256};

use crate::letters::{Letter, letter, letter_abroad, letter_files, mode, one_of_each, print_stream, stationery};
use crate::readers::{flowing, run, text_of};

/// The structure as poppler tells it: how deep each line is, and what it says: an element's role, or a text in quotes.
fn told(file: &[u8]) -> Vec<(usize, String)> {
    let told = run("pdfinfo", &["-struct-text", "FILE"], file);
    let line = |line: &str| {
        let said = line.trim_start_matches(' ');
        ((line.len() - said.len()) / 2, said.trim_end_matches(" (block)").to_owned())
    };
    // The file's own particulars follow after the structure.
    told.lines().take_while(|line| !line.starts_with("Title:")).map(line).filter(|(_, said)| !said.is_empty()).collect()
}

/// Each element that has a text, with its text.
fn elements(told: &[(usize, String)]) -> Vec<(String, String)> {
    let mut elements: Vec<(String, String)> = Vec::new();
    let mut role = String::new();
    for (_, said) in told {
        match said.strip_prefix('"').and_then(|said| said.strip_suffix('"')) {
            None => role = said.clone(),
            Some(text) => match elements.last_mut().filter(|_| role.is_empty()) {
                Some((_, before)) => *before = format!("{before} {text}"),
                // A space at the end keeps a line apart from what is read next; nobody hears it.
                None => elements.push((std::mem::take(&mut role), text.trim_end().to_owned())),
            },
        }
    }
    elements
}

#[test]
fn a_letter_is_read_aloud_in_order_and_without_its_marks() {
    let letters = [
        letter("Ann Example", (Language::En, Format::Standard), "9QX2-K7D0-4MZH", 1),
        letter("Nguyễn Thị Ánh Tuyết", (Language::En, Format::LargePrint), "ZM4J-5F2G-WE9S", 2),
        letter("José Núñez Ibáñez", (Language::Es, Format::LargePrint), "77HX-J67M-PTEE", 3),
    ];
    let files = letter_files(&stationery(), &letters, mode(true)).files;
    for (letter, file) in letters.iter().zip(&files) {
        let told = told(file);
        let elements = elements(&told);
        let name = &letter.recipient.full_name;
        let begins = match letter.recipient.language {
            Language::En => {
                ["December 14, 2026", "Your temporary password", &format!("Dear {name},")].map(str::to_owned)
            }
            Language::Es => {
                ["14 de diciembre de 2026", "Su contraseña temporal", &format!("Hola, {name}:")].map(str::to_owned)
            }
        };
        let address =
            format!("#{} {} APT 3 12 SAMPLE STREET SPRINGFIELD IL 62701-1234", letter.letter_id, name.to_uppercase());
        let letterhead = "Example Benefits Agency 100 Sample Plaza Springfield IL 62701".to_owned();
        let [date, title, salutation] = begins;
        let expected = [("P", letterhead), ("P", address), ("P", date), ("H1", title), ("P", salutation)];
        let begun: Vec<(&str, String)> =
            elements.iter().take(5).map(|(role, text)| (role.as_str(), text.clone())).collect();
        assert_eq!(begun, expected);
        let roles: Vec<&str> = elements.iter().map(|(role, _)| role.as_str()).collect();
        assert_eq!(roles[5..9], ["P", "P", "H2", "LBody"]);
        assert!(elements[6].1.starts_with(&format!("{} ", letter.password)), "{}", elements[6].1);
        check_steps(&told, &elements);
        check_all_is_said(file, &elements);
    }
}

/// The steps are one list, which nothing interrupts, and each begins with its number.
fn check_steps(told: &[(usize, String)], elements: &[(String, String)]) {
    let roles = |wanted: &str| told.iter().filter(|(_, said)| said == wanted).count();
    let steps: Vec<&String> = elements.iter().filter(|(role, _)| role == "LBody").map(|(_, text)| text).collect();
    assert_eq!((roles("L"), roles("LI")), (1, steps.len()));
    assert!(steps.len() >= 7);
    assert!((1..).zip(&steps).all(|(number, step)| step.starts_with(&format!("{number}. "))), "{steps:?}");
    let depth = |wanted: &str| told.iter().find(|(_, said)| said == wanted).unwrap().0;
    assert_eq!((depth("Document"), depth("L"), depth("LI"), depth("LBody")), (0, 1, 2, 3));
}

/// What is heard is what is seen, word for word, but for the edges of the pages.
fn check_all_is_said(file: &[u8], elements: &[(String, String)]) {
    let pages: u32 = run("pdfinfo", &["FILE"], file)
        .lines()
        .find_map(|line| line.strip_prefix("Pages:").map(|count| count.trim().parse().unwrap()))
        .unwrap();
    let mut seen: Vec<String> = text_of(file, 1, pages).split_whitespace().map(str::to_owned).collect();
    for word in elements.iter().flat_map(|(_, text)| text.split_whitespace()) {
        let place = seen.iter().position(|seen| seen == word).unwrap_or_else(|| panic!("'{word}' is heard, not seen"));
        seen.remove(place);
    }
    let edges = seen.join(" ");
    assert!(edges.contains("eba-test-acme-000123") && edges.len() < 250, "seen, not heard: {edges}");
}

/// The catalog and the trailer's information as qpdf tells them, in one text without spaces.
fn objects(file: &[u8]) -> String {
    // In JSON of version 2 a string begins with `u:`, and a name with `/`.
    let told = run("qpdf", &["--json=2", "--json-key=qpdf", "--json-stream-data=none", "FILE"], file);
    told.split_whitespace().collect()
}

#[test]
fn a_letters_file_names_its_title_and_its_language() {
    let letters = one_of_each();
    for (letter, file) in letters.iter().zip(&letter_files(&stationery(), &letters, mode(false)).files) {
        let (title, language) = match letter.recipient.language {
            Language::En => ("Your temporary password", "en-US"),
            Language::Es => ("Su contraseña temporal", "es-US"),
        };
        let about = run("pdfinfo", &["FILE"], file);
        let says = |key: &str, value: &str| {
            let found = about.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
            assert_eq!(found, Some(value), "{about}");
        };
        says("Title:", title);
        says("Author:", "Example Benefits Agency");
        says("Tagged:", "yes");
        says("JavaScript:", "no");
        says("Encrypted:", "no");
        let objects = objects(file);
        assert!(objects.contains(&format!("\"/Lang\":\"u:{language}\"")), "{objects}");
        assert!(objects.contains("\"/DisplayDocTitle\":true") && objects.contains("\"/Marked\":true"));
        // Who and when are in no particulars of the file.
        let person = [letter.recipient.full_name.as_str(), &letter.letter_id.to_string(), letter.password];
        assert!(!person.iter().any(|word| about.contains(word)), "{about}");
    }
}

/// Print streams and letter files of both modes.
fn all_files(stationery: &Stationery, letters: &[Letter]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for duplex in [false, true] {
        all.push(print_stream(stationery, letters, mode(duplex)).pdf.to_vec());
        all.extend(letter_files(stationery, letters, mode(duplex)).files.iter().map(|file| file.to_vec()));
    }
    all
}

#[test]
fn files_are_sound_and_carry_their_fonts() {
    for file in all_files(&stationery(), &one_of_each()) {
        let checked = run("qpdf", &["--check", "FILE"], &file);
        assert!(checked.contains("No syntax or stream encoding errors found"), "{checked}");
        let fonts = run("pdffonts", &["FILE"], &file);
        assert!(fonts.lines().count() >= 2 + 3, "{fonts}");
        for font in fonts.lines().skip(2) {
            let columns: Vec<&str> = font.split_whitespace().rev().collect();
            // From the right: generation, object, unicode, subset, embedded. A Type 3 font is no subset of any.
            let is_bars = font.contains("Type 3");
            assert_eq!(&columns[2..5], ["yes", if is_bars { "no" } else { "yes" }, "yes"], "{fonts}");
        }
    }
}

/// Keys of a PDF that let things shine through or run: nothing in a letter may.
const NEVER: [&str; 12] = [
    "/SMask",
    "/ca",
    "/CA",
    "/BM",
    "/ExtGState",
    "/Group",
    "/ColorSpace",
    "/Pattern",
    "/Shading",
    "/Annots",
    "/AA",
    "/OpenAction",
];

/// Operators that choose a colour other than by the one number of `g` and `G` (ISO 32000-1, table 74).
const COLOURS: [&str; 12] = ["rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN", "sh", "gs"];

#[test]
fn ink_is_black_alone_and_nothing_shines_through() {
    for file in all_files(&stationery(), &[one_of_each(), vec![letter_abroad(6)]].concat()) {
        let objects = objects(&file);
        assert!(objects.contains("\"/Pages\""), "{objects}");
        for key in NEVER {
            assert!(!objects.contains(&format!("\"{key}\":")), "{key}");
        }
        let document = Document::load_mem(&file).unwrap();
        let mut blacks = 0;
        for page in document.page_iter() {
            blacks += black(&document.get_page_content(page));
        }
        assert!(blacks > 0);
        for object in document.objects.values() {
            let Some(procedures) = object.as_dict().ok().and_then(|font| font.get(b"CharProcs").ok()) else { continue };
            for (_, procedure) in procedures.as_dict().unwrap().iter() {
                let stream =
                    document.get_object(procedure.as_reference().unwrap()).and_then(Object::as_stream).unwrap();
                black(&stream.decompressed_content().unwrap_or_else(|_| stream.content.clone()));
            }
        }
    }
}

/// How often content chooses black; it may choose nothing else.
fn black(content: &[u8]) -> usize {
    let content = Content::decode(content).unwrap();
    let mut blacks = 0;
    for operation in &content.operations {
        let operator = operation.operator.as_str();
        assert!(!COLOURS.contains(&operator), "{operation:?}");
        if matches!(operator, "g" | "G") {
            assert_eq!(operation.operands[0].as_float().unwrap(), 0.0);
            blacks += 1;
        }
    }
    blacks
}

#[test]
fn text_copies_exactly_and_holds_one_person_only() {
    let letters = one_of_each();
    let files = letter_files(&stationery(), &letters, mode(false)).files;
    for (letter, file) in letters.iter().zip(&files) {
        let text = text_of(file, 1, 9.min(pages_of(file)));
        assert_eq!(text.matches(letter.password).count(), 1, "{text}");
        let name = letter.recipient.full_name.as_str();
        assert!(flowing(&text).contains(name), "{text}");
        let town = if letter.barcode().is_some() { "SPRINGFIELD IL 62701-1234" } else { "10969 MUSTERSTADT" };
        for line in [&format!("#{}", letter.letter_id), &name.to_uppercase(), town] {
            assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
        }
        // The bars are not copied, nor is anything that no reader knows.
        assert!(!text.split_whitespace().any(|word| word.len() > 60), "{text}");
        assert!(!text.contains(['\u{AD}', '\u{FFFD}']));
        for other in letters.iter().filter(|other| other.letter_id != letter.letter_id) {
            assert!(![other.password, &other.recipient.full_name].iter().any(|theirs| text.contains(theirs)));
        }
    }
}

fn pages_of(file: &[u8]) -> u32 {
    u32::try_from(Document::load_mem(file).unwrap().get_pages().len()).unwrap()
}

#[test]
fn the_same_letters_give_the_same_files_whose_digests_are_told() {
    let letters = one_of_each();
    for duplex in [false, true] {
        let LetterFiles { files, pieces } = letter_files(&stationery(), &letters, mode(duplex));
        let again = letter_files(&stationery(), &letters, mode(duplex));
        let same = stationery();
        // A letter's file is its own, whoever else is printed with it.
        let alone: Vec<LetterFiles> =
            letters.iter().map(|letter| letter_files(&same, std::slice::from_ref(letter), mode(duplex))).collect();
        for (place, file) in files.iter().enumerate() {
            assert!(**file == *again.files[place], "letter {place}");
            assert_eq!(pieces[place].sha256, <[u8; 32]>::from(Sha256::digest(file.as_slice())));
            assert_eq!(text_of(file, 1, pages_of(file)), text_of(&alone[place].files[0], 1, pages_of(file)));
        }
        assert_eq!(pieces, again.pieces);
        let all: std::collections::HashSet<_> = pieces.iter().map(|piece| piece.sha256).collect();
        assert_eq!(all.len(), letters.len());
    }
}
