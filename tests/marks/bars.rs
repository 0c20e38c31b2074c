//! The Intelligent Mail barcode, read from the bars as poppler draws them: by their extent alone, and measured against
//! USPS-B-3200, 2.3.1, and the clearances of the Domestic Mail Manual, 202.5.

use std::ops::RangeInclusive;

use letterpost::domain::imb::{BARS, Bar, Imb};
use letterpost::letter::{PrintMode, Rect, SheetGeometry};

use crate::letters::{Letter, letter_abroad, letter_files, mode, one_of_each, print_stream, stationery};
use crate::readers::{INCH, Picture, draw_part, words};
use crate::zint::{self, drawn_by_zint};

/// Dots per inch of the pictures: a pixel is a fifteenth of the narrowest tolerance.
const DOTS: u32 = 600;
/// The height at which a bar ascends or descends from the middle, in inches: halfway between the tracker's reach and the
/// full bar's.
const HALFWAY: f64 = (0.048 + 0.145) / 4.0;

fn inches(pixels: f64) -> f64 {
    pixels / f64::from(DOTS)
}

/// A bar on a picture, in pixels. Edges that fall within a pixel make it grey, so lengths are sums of darkness.
#[derive(Debug, Clone, Copy)]
struct DrawnBar {
    /// The middle of it, across.
    middle: f64,
    width: f64,
    /// Its ends, counted downwards.
    top: f64,
    bottom: f64,
}

/// How dark a pixel is, from 0 to 1.
fn darkness(picture: &Picture, x: usize, y: usize) -> f64 {
    1.0 - f64::from(picture.shade(x, y)) / 255.0
}

/// The first runs of places for which something holds.
fn runs(length: usize, holds: impl Fn(usize) -> bool) -> Vec<RangeInclusive<usize>> {
    let mut runs: Vec<RangeInclusive<usize>> = Vec::new();
    for place in (0..length).filter(|place| holds(*place)) {
        match runs.last_mut() {
            Some(run) if run.end() + 1 == place => *run = *run.start()..=place,
            _ => runs.push(place..=place),
        }
    }
    runs
}

/// The part of the first page that can show through the window, and the lines of ink in it: their rows.
fn window_of(pdf: &[u8], page: u32) -> (Picture, Vec<RangeInclusive<usize>>) {
    let folder = tempfile::tempdir().unwrap();
    let part = pixels_of(SheetGeometry::default().ever_visible());
    let picture = draw_part(pdf, (DOTS, page), part, folder.path());
    let lines = runs(picture.height, |y| (0..picture.width).any(|x| picture.is_dark(x, y)));
    (picture, lines)
}

/// Left, top, width and height in pixels.
fn pixels_of(part: Rect) -> [u32; 4] {
    [part.left, part.top, part.width(), part.height()].map(|points| (points / INCH * f64::from(DOTS)).round() as u32)
}

/// The bars in a line of ink, if it is a barcode: what stands in its columns.
fn bars_in(picture: &Picture, rows: &RangeInclusive<usize>) -> Option<Vec<DrawnBar>> {
    let columns = runs(picture.width, |x| rows.clone().any(|y| picture.is_dark(x, y)));
    let bars = columns.iter().map(|columns| {
        let middle_row = (rows.start() + rows.end()) / 2;
        let (mut width, mut moment) = (0.0, 0.0);
        for x in columns.clone() {
            width += darkness(picture, x, middle_row);
            moment += darkness(picture, x, middle_row) * (x as f64 + 0.5);
        }
        let column = (columns.start() + columns.end()) / 2;
        let reach = |rows: &mut dyn Iterator<Item = usize>| -> f64 { rows.map(|y| darkness(picture, column, y)).sum() };
        let (up, down) = (reach(&mut (*rows.start()..=middle_row)), reach(&mut (middle_row + 1..=*rows.end())));
        let line = middle_row as f64 + 1.0;
        DrawnBar { middle: moment / width, width, top: line - up, bottom: line + down }
    });
    let bars: Vec<DrawnBar> = bars.collect();
    (bars.len() == BARS).then_some(bars)
}

/// What the bars say, each by how far it reaches from the line that all cross.
fn classified(bars: &[DrawnBar]) -> [Bar; BARS] {
    let top = bars.iter().map(|bar| bar.top).fold(f64::INFINITY, f64::min);
    let bottom = bars.iter().map(|bar| bar.bottom).fold(0.0, f64::max);
    let line = (top + bottom) / 2.0;
    let beyond = |reach: f64| inches(reach) > HALFWAY;
    let read = bars.iter().map(|bar| Bar::of(beyond(bar.bottom - line), beyond(line - bar.top)));
    read.collect::<Vec<_>>().try_into().unwrap()
}

fn domestic() -> Vec<Letter> {
    let mut letters = one_of_each();
    letters.retain(|letter| letter.barcode().is_some());
    for (letter, (serial, postal_code)) in
        letters.iter_mut().zip([(0, "62701-1234"), (999_999_999, "00501"), (123_456_789, "99950-9999"), (7, "10001")])
    {
        letter.serial = Some(serial);
        letter.recipient.address.postal_code = postal_code.into();
    }
    letters
}

#[test]
fn the_bars_as_drawn_say_what_the_manifest_says() {
    let (stationery, letters) = (stationery(), domestic());
    let stream = print_stream(&stationery, &letters, mode(false));
    let files = letter_files(&stationery, &letters, mode(true));
    for ((letter, printed), file) in letters.iter().zip(&stream.pieces).zip(&files.files) {
        let barcode = letter.barcode().unwrap();
        for (pdf, page) in [(&stream.pdf, printed.first_page), (file, 1)] {
            let (picture, lines) = window_of(pdf, page);
            let drawn = bars_in(&picture, &lines[0]).unwrap_or_else(|| panic!("no barcode in {lines:?}"));
            let read = classified(&drawn);
            assert_eq!(Imb::decode(&read).unwrap(), barcode);
            let (tracking, routing) = (barcode.tracking_code(), barcode.digits()[20..].to_owned());
            let as_letters: String = read.iter().map(|bar| bar.as_char()).collect();
            assert_eq!(as_letters, drawn_by_zint(&tracking, &routing));
            assert_eq!(as_letters, zint::letters(&barcode));
            check_measures(&drawn, &read);
            check_clearances(&picture, &lines, &drawn);
        }
    }
}

/// The tolerances of USPS-B-3200, 2.3.1, in inches.
fn check_measures(drawn: &[DrawnBar], read: &[Bar; BARS]) {
    for (bar, kind) in drawn.iter().zip(read) {
        let height = match kind {
            Bar::Full => 0.125..=0.165,
            Bar::Ascender | Bar::Descender => 0.082..=0.111,
            Bar::Tracker => 0.039..=0.057,
        };
        assert!(height.contains(&inches(bar.bottom - bar.top)), "{kind:?}: {bar:?}");
        assert!((0.015..=0.025).contains(&inches(bar.width)), "{bar:?}");
    }
    for pair in drawn.windows(2) {
        let pitch = inches(pair[1].middle - pair[0].middle);
        assert!((20.0..=24.0).contains(&(1.0 / pitch)), "{pitch} in from one bar to the next");
    }
    let (first, last) = (drawn[0], drawn[BARS - 1]);
    let length = inches(last.middle + last.width / 2.0 - first.middle + first.width / 2.0);
    assert!((2.68..=3.225).contains(&length), "{length} in long");
}

/// The window on the page, wherever the insert lies: its ends of travel, sideways and up. Inches from the page's top left.
fn windows_on_page() -> Vec<[f64; 4]> {
    let it = SheetGeometry::default();
    let (sideways, up) = (it.envelope_width - it.page_width, it.envelope_height - it.first_fold);
    assert!(sideways > 0.0 && up > 0.0);
    let mut windows = Vec::new();
    for right_by in [0.0, sideways] {
        for up_by in [0.0, up] {
            let left = it.window_left - right_by;
            let bottom = it.first_fold + up_by - it.window_bottom;
            windows.push([left, bottom - it.window_height, left + it.window_width, bottom].map(|at| at / INCH));
        }
    }
    windows
}

/// 1/8 in on the left and right, 0.028 in above and below: to the window's edges, and to the nearest ink.
fn check_clearances(picture: &Picture, lines: &[RangeInclusive<usize>], drawn: &[DrawnBar]) {
    let ever = SheetGeometry::default().ever_visible();
    let (x, y) = (|at: f64| ever.left / INCH + inches(at), |at: f64| ever.top / INCH + inches(at));
    let left = x(drawn[0].middle - drawn[0].width / 2.0);
    let right = x(drawn[BARS - 1].middle + drawn[BARS - 1].width / 2.0);
    let (top, bottom) = (y(*lines[0].start() as f64), y(*lines[0].end() as f64 + 1.0));
    let pixel = inches(1.0);
    for [window_left, window_top, window_right, window_bottom] in windows_on_page() {
        assert!(left - window_left >= 0.125 - pixel, "{left} in a window from {window_left}");
        assert!(window_right - right >= 0.125 - pixel, "{right} in a window to {window_right}");
        assert!(top - window_top >= 0.028 - pixel, "{top} in a window from {window_top}");
        assert!(window_bottom - bottom >= 0.028 - pixel, "{bottom} in a window to {window_bottom}");
        let lowest = y(*lines.last().unwrap().end() as f64 + 1.0);
        assert!(window_bottom - lowest >= 0.028 - pixel, "the address to {lowest} in a window to {window_bottom}");
    }
    let below = inches((lines[1].start() - lines[0].end() - 1) as f64);
    assert!((0.028..=0.625).contains(&below), "{below} in to the line below");
    // Beside the bars there is nothing in the window at all: it was looked through from side to side.
    assert_eq!(bars_in(picture, &lines[0]).unwrap().len(), BARS);
}

/// The words in the window with their places.
fn address(letter: &Letter, mode: PrintMode) -> Vec<(String, [f64; 4])> {
    let pdf = print_stream(&stationery(), std::slice::from_ref(letter), mode).pdf;
    let ever = SheetGeometry::default().ever_visible();
    let in_window = |[_, top, _, bottom]: &[f64; 4]| *top < ever.bottom && *bottom > ever.top;
    words(&pdf, 1).into_iter().filter(|(_, place)| in_window(place)).collect()
}

#[test]
fn a_letter_abroad_has_no_barcode_and_no_gap_for_one() {
    let abroad = letter_abroad(5);
    assert!(abroad.serial.is_some() && abroad.barcode().is_none());
    let pdf = print_stream(&stationery(), std::slice::from_ref(&abroad), mode(false)).pdf;
    let (picture, lines) = window_of(&pdf, 1);
    assert!(lines.iter().all(|line| bars_in(&picture, line).is_none()));
    assert!(!pdf.windows(6).any(|word| word == b"/B 1 T"), "nothing is set in the font of bars");
    let without_room = PrintMode { barcode_room: false, ..mode(false) };
    assert_eq!(address(&abroad, mode(false)), address(&abroad, without_room));
}

#[test]
fn the_vendors_barcode_has_the_room_that_the_agencys_takes() {
    let drawn = domestic().swap_remove(0);
    let left_to_vendor = Letter { serial: None, ..drawn.clone() };
    let ours = address(&drawn, mode(false));
    assert_eq!(ours, address(&left_to_vendor, mode(false)));
    let without_room = address(&left_to_vendor, PrintMode { barcode_room: false, ..mode(false) });
    let words = |found: &[(String, [f64; 4])]| found.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
    assert_eq!(words(&ours), words(&without_room));
    assert_ne!(ours, without_room);
}
