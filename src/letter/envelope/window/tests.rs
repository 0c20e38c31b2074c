//! Blocks in the default window: 3.25 in wide and 0.944 in high inside its clear space.

use super::*;
use crate::domain::request::Format;
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::envelope::style::AddressStyle;
use crate::letter::typeset::fonts::Fonts;
use crate::letter::typeset::lexicon::Lexicon;

/// A block and how it is set.
struct Setting {
    geometry: SheetGeometry,
    keyline: Option<&'static str>,
    barcode: Room,
}

impl Default for Setting {
    fn default() -> Self {
        Self { geometry: SheetGeometry::default(), keyline: Some("#K2QX9-0DMCX"), barcode: Room::Reserved }
    }
}

impl Setting {
    fn with(abbreviations: Abbreviations) -> Self {
        let address_style = AddressStyle { abbreviations, ..AddressStyle::default() };
        Self { geometry: SheetGeometry { address_style, ..SheetGeometry::default() }, ..Self::default() }
    }

    /// Sets lines, each with its short form or none, and checks that all of it always shows with its clear space.
    fn set(&self, lines: &[(&str, Option<&str>)]) -> Result<SetAddress, Unprintable> {
        let fonts = Fonts::load().unwrap();
        let line = |(text, short): &(&str, Option<&str>)| AddressLine {
            field: "address_line_1",
            text: (*text).to_owned(),
            short: short.map(str::to_owned),
            parts: Vec::new(),
        };
        let lines: Vec<AddressLine> = lines.iter().map(line).collect();
        let lexicon = Lexicon::new(&fonts);
        let press = Press { lexicon: &lexicon, geometry: &self.geometry };
        let block = AddressBlock { lines: &lines, keyline: self.keyline, barcode: self.barcode };
        let set = address_block(press, &block, TypeScale::of(Format::Standard))?;
        let always = self.geometry.always_visible();
        let room = Rect {
            left: always.left + CLEAR_SIDE - 1e-6,
            top: always.top + CLEAR_END - 1e-6,
            right: always.right - CLEAR_SIDE + 1e-6,
            bottom: always.bottom - CLEAR_END + 1e-6,
        };
        let covered: Vec<Rect> = set.inks.iter().map(|ink| extents::of_ink(&fonts, ink).unwrap()).collect();
        assert!(covered.iter().all(|covered| room.holds(covered)), "{covered:?} in {room:?}");
        assert!(covered.windows(2).all(|pair| pair[0].bottom <= pair[1].top + 1e-6), "no line touches another");
        if let Some((left, top)) = set.barcode_at {
            let bars = Rect { left, top, right: left + BARCODE_WIDTH, bottom: top + BARCODE_HEIGHT };
            assert!(room.holds(&bars) && covered[0].top - bars.bottom >= CLEAR_END - 1e-6, "{bars:?}");
        }
        assert_eq!(set.barcode_at.is_some(), self.barcode == Room::Reserved);
        Ok(set)
    }
}

/// What was set, with the size of each line.
fn read(set: &SetAddress) -> Vec<(String, f64)> {
    let text = |ink: &Ink| match ink {
        Ink::Text { line, size, .. } => {
            let text: String = line.runs.iter().flat_map(|run| run.glyphs.iter()).map(|glyph| glyph.text).collect();
            (text.trim_end().to_owned(), *size)
        }
        _ => panic!("{ink:?}"),
    };
    set.inks.iter().map(text).collect()
}

const FOUR: [(&str, Option<&str>); 4] =
    [("ANN EXAMPLE", None), ("APT 4", None), ("12 ELM STREET", Some("12 ELM ST")), ("SPRINGFIELD VA 22150-1234", None)];

#[test]
fn barcode_keyline_and_address_share_the_window() {
    let set = Setting::default().set(&FOUR).unwrap();
    let lines = read(&set);
    assert_eq!(lines[0], ("#K2QX9-0DMCX".to_owned(), 8.0));
    assert_eq!(lines[3], ("12 ELM STREET".to_owned(), lines[1].1), "nothing is abbreviated that fits");
    assert!(lines[1].1 >= 10.0, "{lines:?}");
    let left = |ink: &Ink| match ink {
        Ink::Text { x, .. } => *x,
        _ => f64::NAN,
    };
    assert!(set.inks.iter().all(|ink| (left(ink) - 72.0).abs() < 0.5), "one left edge");
    let five: Vec<_> = FOUR.iter().copied().chain([("GERMANY", None)]).collect();
    let lines = read(&Setting::default().set(&five).unwrap());
    assert_eq!(lines.len(), 6, "five lines, the keyline and the barcode");
    assert!(lines[1].1 < 10.0 && lines[1].1 * 0.668 >= LEAST_CAPITALS, "{lines:?}");
    let six: Vec<_> = five.iter().copied().chain([("X", None)]).collect();
    assert_eq!(Setting::default().set(&six).unwrap_err().field, "address");
}

#[test]
fn remedies_go_from_mild_to_strict() {
    let street = |word: &str| format!("12345 {word} BOULEVARD NORTHWEST");
    let size_and_text = |setting: &Setting, word: &str| {
        let (full, short) = (street(word), format!("12345 {word} BLVD NW"));
        let set = setting.set(&[("ANN EXAMPLE", None), (&full, Some(&short)), ("SPRINGFIELD VA 22150", None)])?;
        let (text, size) = read(&set).swap_remove(2);
        Ok::<_, Unprintable>((size, text == short))
    };
    let when_needed = Setting::with(Abbreviations::WhenNeeded);
    assert_eq!(size_and_text(&when_needed, "ELM").unwrap(), (10.5, false));
    // A little too wide at the usual size, then too wide in full, then too wide abbreviated at that size.
    assert_eq!(size_and_text(&when_needed, "MAPLE WOODLA").unwrap(), (10.25, false));
    assert_eq!(size_and_text(&when_needed, "MAPLE WOODLAND").unwrap(), (10.5, true));
    let (size, abbreviated) = size_and_text(&when_needed, "MAPLEWOOD MAPLEWOOD MAPLES").unwrap();
    assert!(size < 10.0 && size * 0.668 >= LEAST_CAPITALS && abbreviated, "{size}");
    let refused = size_and_text(&when_needed, "MAPLEWOOD MAPLEWOOD MAPLEWOOD ELM").unwrap_err();
    assert_eq!(refused.field, "address_line_1");
    assert!(refused.reason.ends_with("the window shows 3.25 in; shorten it"), "{refused}");
    assert_eq!(size_and_text(&Setting::with(Abbreviations::Always), "ELM").unwrap(), (10.5, true));
    let (size, abbreviated) = size_and_text(&Setting::with(Abbreviations::Never), "MAPLE WOODLAND").unwrap();
    assert!(size < 10.0 && !abbreviated, "{size}");
}

#[test]
fn a_keyline_gives_way_to_the_address() {
    let even = SheetGeometry { first_fold: 264.0, second_fold: 528.0, ..SheetGeometry::default() };
    let setting = Setting { geometry: even.clone(), barcode: Room::None, ..Setting::default() };
    let five: Vec<_> = FOUR.iter().copied().chain([("GERMANY", None)]).collect();
    assert_eq!(read(&setting.set(&FOUR).unwrap()).len(), 5);
    assert_eq!(read(&setting.set(&five).unwrap())[0].0, "ANN EXAMPLE", "no room for a keyline");
    let setting = Setting { geometry: even, keyline: None, ..Setting::default() };
    let refused = setting.set(&five).unwrap_err();
    assert_eq!(refused.to_string(), "address: has 5 lines, more than the window shows");
}

#[test]
fn accents_count_and_another_face_has_its_own_least_size() {
    let accented = [("Ế Ễ Ṻ", None), ("ÇŞŲ, Q", None), ("Ế Ễ Ṻ", None), ("ÇŞŲ, Q", None), ("Ế Ễ Ṻ", None)];
    let setting = Setting { barcode: Room::None, ..Setting::default() };
    setting.set(&accented).unwrap();
    let narrow = SheetGeometry { window_width: 2.0 * 72.0 + 90.0, ..SheetGeometry::default() };
    let setting = Setting { geometry: narrow, barcode: Room::Reserved, keyline: None };
    let refused = setting.set(&FOUR).unwrap_err();
    assert!(refused.reason.contains("no room for its barcode, which takes 2.93 in"), "{refused}");
}
