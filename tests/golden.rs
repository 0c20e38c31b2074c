//! The golden letters of `samples/letters/`: the same letters printed again must look the same.
//!
//! Page pictures are compared, not bytes: what moves on the page is found, and what only changes the file is not.
//! After a change that is meant to be seen, look at the new pages and keep them:
//! `LETTERPOST_REWRITE_GOLDEN=1 cargo test --test golden`
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, NaiveDate, Utc};
use letterpost::domain::request::{Format, Language};
use letterpost::letter::preview::proof::{self, Occasion};
use letterpost::letter::preview::samples;
use letterpost::letter::{Letterhead, PrintMode, SheetGeometry, Stationery, TemplateSet};

/// Set, the golden letters are written anew.
const REWRITE: &str = "LETTERPOST_REWRITE_GOLDEN";
/// Dots per inch of the pictures.
const DOTS: &str = "100";
/// The most by which pages may differ on the average, of 255 shades.
const MOST_MEAN: f64 = 0.3;
/// A pixel that differs by more than this many shades is another one, and not an edge softened otherwise.
const OTHER: u8 = 128;
/// The most pixels that may be other ones, of the million of a page: fewer than a short word has.
const MOST_OTHERS: usize = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/letters")
}

/// The agency of the sample site.
fn letterhead() -> Letterhead {
    Letterhead {
        agency: "Example Benefits Agency".into(),
        return_address: vec!["PO Box 100".into(), "Springfield, NY 12345".into()],
        help_phone: "1-800-555-0142".into(),
        help_hours_en: "Monday to Friday, 8 a.m. to 6 p.m. Eastern Time".into(),
        help_hours_es: "de lunes a viernes, de 8 a. m. a 6 p. m., hora del Este".into(),
        sign_in_address: "benefits.example/sign-in".into(),
    }
}

/// The letter of a form, and how many pages it has.
fn letter(letterhead: &Letterhead, language: Language, format: Format) -> (Vec<u8>, u32) {
    let stationery = Stationery::compile(&TemplateSet::builtin(), letterhead, &SheetGeometry::default()).unwrap();
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let made_at: DateTime<Utc> = "2026-12-15T02:30:00Z".parse().unwrap();
    let occasion = Occasion {
        package: "eba-test-acme-000001",
        made_at,
        made_on: day(12, 14),
        use_by_on: day(12, 30),
        requested_on: day(12, 11),
        zone_names: ["Eastern Time", "hora del Este"],
        mode: PrintMode { duplex: false, barcode_room: true },
        has_barcode: true,
    };
    let stream = proof::print(&stationery, &samples::usual(language, format), &occasion).unwrap();
    (stream.pdf.to_vec(), stream.pieces[0].pages)
}

/// Draws the pages of a PDF with poppler, in grey, as `STEM-1.png` and so on.
fn draw(pdf: &Path, pages: u32, stem: &Path) -> Vec<PathBuf> {
    let page = |page: u32| {
        let (number, to) = (page.to_string(), format!("{}-{page}", stem.display()));
        let arguments = ["-r", DOTS, "-gray", "-singlefile", "-f", &number, pdf.to_str().unwrap(), &to];
        let drawn = Command::new("pdftoppm").args(arguments).output().expect("the test needs poppler's pdftoppm");
        assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
        let drawn = PathBuf::from(format!("{to}.pgm"));
        let picture = write_png(&fs::read(&drawn).unwrap());
        fs::remove_file(drawn).unwrap();
        fs::write(format!("{to}.png"), picture).unwrap();
        PathBuf::from(format!("{to}.png"))
    };
    (1..=pages).map(page).collect()
}

/// A grey picture of poppler's (PGM: `P5`, width, height, 255, a byte a pixel) as a PNG, which takes less room.
fn write_png(pgm: &[u8]) -> Vec<u8> {
    let head: Vec<&[u8]> = pgm.splitn(4, |byte| byte.is_ascii_whitespace()).collect();
    let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<u32>().unwrap();
    let (width, height) = (number(head[1]), number(head[2]));
    assert_eq!((head[0], &head[3][..4]), (&b"P5"[..], &b"255\n"[..]));
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&head[3][4..]).unwrap();
    file
}

/// Width, height and shades of a grey picture.
fn shades(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}; set {REWRITE}=1", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut shades = vec![0; reader.output_buffer_size().unwrap()];
    let shown = reader.next_frame(&mut shades).unwrap();
    assert_eq!((shown.color_type, shown.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    (shown.width, shown.height, shades)
}

/// How one page differs from another, if it does by more than rasterizers do.
fn difference(one: &Path, other: &Path) -> Option<String> {
    let ((width, height, one), (other_width, other_height, other)) = (shades(one), shades(other));
    if (width, height) != (other_width, other_height) {
        return Some(format!("{width} by {height} and {other_width} by {other_height} pixels"));
    }
    let apart: Vec<u8> = one.iter().zip(&other).map(|(one, other)| one.abs_diff(*other)).collect();
    let mean = apart.iter().map(|apart| f64::from(*apart)).sum::<f64>() / apart.len() as f64;
    let others = apart.iter().filter(|apart| **apart > OTHER).count();
    (mean > MOST_MEAN || others > MOST_OTHERS)
        .then(|| format!("{others} other pixels, {mean:.3} shades on the average"))
}

#[test]
fn the_letters_look_as_they_did() {
    let rewrites = std::env::var_os(REWRITE).is_some();
    let kept = folder();
    if rewrites {
        fs::remove_dir_all(&kept).ok();
        fs::create_dir_all(&kept).unwrap();
    }
    let made = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for (language, format) in Language::ALL.iter().flat_map(|l| Format::ALL.iter().map(move |f| (*l, *f))) {
        let name = format!("{language}-{format}");
        let (pdf, pages) = letter(&letterhead(), language, format);
        let home = if rewrites { &kept } else { made.path() };
        fs::write(home.join(format!("{name}.pdf")), pdf).unwrap();
        let drawn = draw(&home.join(format!("{name}.pdf")), pages, &home.join(&name));
        // The file that is kept must show what its own pictures show.
        let again = draw(&kept.join(format!("{name}.pdf")), pages, &made.path().join(format!("kept-{name}")));
        for (page, (drawn, again)) in (1..).zip(drawn.iter().zip(&again)) {
            let golden = kept.join(format!("{name}-{page}.png"));
            faults.extend(difference(drawn, &golden).map(|how| format!("{name}, page {page}: {how}")));
            faults.extend(difference(again, &golden).map(|how| format!("{name}.pdf that is kept, page {page}: {how}")));
        }
        let next = kept.join(format!("{name}-{}.png", pages + 1));
        assert!(!next.exists(), "{name} has {pages} pages now, and had more; look at it and set {REWRITE}=1");
    }
    assert!(faults.is_empty(), "look at the pages, and set {REWRITE}=1 to keep them:\n{}", faults.join("\n"));
}

#[test]
fn one_other_word_is_found() {
    let made = tempfile::tempdir().unwrap();
    let changed = Letterhead { help_phone: "1-800-555-0199".into(), ..letterhead() };
    let page = |letterhead: &Letterhead, name: &str| {
        let path = made.path().join(format!("{name}.pdf"));
        fs::write(&path, letter(letterhead, Language::En, Format::Standard).0).unwrap();
        draw(&path, 1, &made.path().join(name)).remove(0)
    };
    let (one, same, other) = (page(&letterhead(), "one"), page(&letterhead(), "same"), page(&changed, "other"));
    assert_eq!(difference(&one, &same), None);
    assert!(difference(&one, &other).is_some(), "two digits of the telephone number");
}
