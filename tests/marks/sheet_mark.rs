//! The inserter's mark on every sheet: read by two programs, at one spot, clear of edges and window.

use letterpost::letter::{DocumentInfo, Rect, SheetGeometry};

use crate::letters::{self, Letter, PACKAGE, letter_files, mode, one_of_each, print_stream, stationery, with_pieces};
use crate::matrices::{Symbol, read_by_dmtxread, read_by_zxing};
use crate::readers::{INCH, Picture, draw, words};

/// Dots per inch of the pictures: those of an office scanner.
const DOTS: u32 = 300;

/// A mark measured on a picture: its dark extent in pixels, last pixel included, and its modules from side to side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measured {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    modules: usize,
}

impl Measured {
    /// The ink where a symbol was found, which may be a pixel or two outside the corners that its reader gives.
    fn of(picture: &Picture, symbol: &Symbol) -> Self {
        let places = |axis: usize| symbol.corners.iter().map(move |corner| usize::try_from(corner[axis]).unwrap());
        let around = |axis: usize| places(axis).min().unwrap() - 4..=places(axis).max().unwrap() + 4;
        let dark_columns: Vec<usize> = around(0).filter(|x| around(1).any(|y| picture.is_dark(*x, y))).collect();
        let dark_rows: Vec<usize> = around(1).filter(|y| around(0).any(|x| picture.is_dark(x, *y))).collect();
        let ([left, .., right], [top, .., bottom]) = (&dark_columns[..], &dark_rows[..]) else { panic!("no ink") };
        // Along the top, every second module is dark (ISO/IEC 16022, 4.2.3).
        let timing = (*left..=right + 1).map(|x| picture.is_dark(x, top + 2)).collect::<Vec<_>>();
        let modules = 2 * timing.windows(2).filter(|pair| pair[0] && !pair[1]).count();
        Self { left: *left, top: *top, right: *right, bottom: *bottom, modules }
    }

    fn side(&self) -> usize {
        self.right + 1 - self.left
    }

    /// The mark on the page in points.
    fn on_page(&self) -> Rect {
        let points = |pixels: usize| pixels as f64 / f64::from(DOTS) * INCH;
        Rect {
            left: points(self.left),
            top: points(self.top),
            right: points(self.right + 1),
            bottom: points(self.bottom + 1),
        }
    }

    /// The module is as large as cameras ask for, and the space around the symbol is white, for twice the module that
    /// the standard asks for.
    fn check(&self, picture: &Picture) {
        assert_eq!(self.side(), self.bottom + 1 - self.top, "square");
        let module = self.side() as f64 / self.modules as f64;
        assert!(module >= 0.020 * f64::from(DOTS), "a module has {module} pixels of {DOTS} an inch");
        let clear = (2.0 * module).floor() as usize;
        let outside = |x: usize, y: usize| x < self.left || x > self.right || y < self.top || y > self.bottom;
        for y in self.top - clear..=self.bottom + clear {
            for x in self.left - clear..=self.right + clear {
                // The pixel at the very edge may be grey.
                let near = x + 1 >= self.left && x <= self.right + 1 && y + 1 >= self.top && y <= self.bottom + 1;
                assert!(!outside(x, y) || near || picture.shade(x, y) == 255, "ink in the quiet zone at {x}, {y}");
            }
        }
    }
}

/// What the mark of each front says, in the order of the pages, `None` for a back.
fn expected(letters: &[Letter], sheets: &[u32], duplex: bool) -> Vec<Option<String>> {
    let mut expected = Vec::new();
    for (letter, sheets) in letters.iter().zip(sheets) {
        for sheet in 1..=*sheets {
            expected.push(Some(format!("{PACKAGE} {:06} {sheet}/{sheets}", letter.sequence)));
            expected.extend(duplex.then_some(None));
        }
    }
    expected
}

/// Reads the marks of drawn pages with both programs, and measures them.
fn read(pages: &[Picture], expected: &[Option<String>]) -> Vec<Measured> {
    assert_eq!(pages.len(), expected.len());
    let mut measured = Vec::new();
    for ((page, symbols), expected) in pages.iter().zip(read_by_zxing(pages)).zip(expected) {
        let texts: Vec<&str> = symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        assert_eq!(texts, expected.as_deref().into_iter().collect::<Vec<_>>(), "{}", page.path.display());
        if let Some(expected) = expected {
            assert_eq!(read_by_dmtxread(page), *expected, "{}", page.path.display());
            measured.push(Measured::of(page, &symbols[0]));
        }
    }
    measured
}

/// The copy for people stands to the left of the mark, and no higher than it is.
fn check_copy(pdf: &[u8], page: u32, mark: Rect, text: &str) {
    let words = words(pdf, page);
    let said: Vec<&str> = text.split(' ').collect();
    let place = words.windows(said.len()).position(|run| run.iter().map(|(word, _)| word).eq(said.iter()));
    let copy = &words[place.unwrap_or_else(|| panic!("page {page} does not say {text}"))..][..said.len()];
    for (word, [left, top, right, bottom]) in copy {
        assert!(*right < mark.left && *left > mark.left - 2.5 * INCH, "{word} {left} {right}");
        assert!(*top > mark.top && *bottom < mark.bottom + INCH / 4.0, "{word} {top} {bottom}");
    }
    let gap = mark.left - copy.last().unwrap().1[2];
    assert!(gap < INCH / 8.0, "{gap} points from the copy to the mark");
}

fn overlaps(one: &Rect, other: &Rect) -> bool {
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
}

/// Half an inch from the edges of the sheet, and never in the window.
fn check_place(mark: Rect, geometry: &SheetGeometry) {
    let (right, bottom) = (geometry.page_width - mark.right, geometry.page_height - mark.bottom);
    // A pixel is a quarter of a point: no more can be said.
    let least = [mark.left, mark.top, right, bottom].into_iter().fold(f64::INFINITY, f64::min);
    assert!(least >= INCH / 2.0 - 0.25, "{least} points from the edge of the sheet");
    for window in geometry.windows() {
        assert!(!overlaps(&mark, &geometry.ever_visible_through(window)), "{mark:?} can show through a window");
    }
}

/// Every sheet of a print stream and of letter files, on one side and on both.
#[test]
fn two_programs_read_every_sheet_at_one_spot() {
    let (stationery, letters, folder) = (stationery(), one_of_each(), tempfile::tempdir().unwrap());
    let mut spots = Vec::new();
    for duplex in [false, true] {
        let stream = print_stream(&stationery, &letters, mode(duplex));
        let sheets: Vec<u32> = stream.pieces.iter().map(|piece| piece.sheets).collect();
        assert!(duplex || sheets[1] > 1, "a letter in large print has several sheets: {sheets:?}");
        let expected = expected(&letters, &sheets, duplex);
        let pages = draw(&stream.pdf, DOTS, folder.path());
        let measured = read(&pages, &expected);
        let fronts = pages
            .iter()
            .zip(&expected)
            .zip(1..)
            .filter_map(|((picture, text), page)| Some((picture, text.as_ref()?, page)));
        for ((picture, text, page), mark) in fronts.zip(&measured) {
            mark.check(picture);
            check_place(mark.on_page(), &SheetGeometry::default());
            check_copy(&stream.pdf, page, mark.on_page(), text);
        }
        spots.extend(measured);
        let files = letter_files(&stationery, &letters, mode(duplex));
        let pages: Vec<Picture> = files.files.iter().flat_map(|file| draw(file, DOTS, folder.path())).collect();
        spots.extend(read(&pages, &expected));
    }
    assert!(spots.len() > 20, "{}", spots.len());
    assert!(spots.iter().all(|spot| *spot == spots[0]), "not at one spot: {spots:?}");
}

/// The shortest and the longest name that a package can have, and the highest number.
#[test]
fn marks_of_every_size_are_read() {
    let (stationery, folder) = (stationery(), tempfile::tempdir().unwrap());
    let mut modules = Vec::new();
    for (package, sequence) in [("a-b-000001", 1), ("abcdefgh-test-abcdefgh-999999", 999_999)] {
        let letters = [Letter { sequence, ..letters::letter_abroad(1) }];
        let pdf = with_pieces(&letters, mode(false), |document, pieces| {
            let document = DocumentInfo { package: package.into(), ..document.clone() };
            stationery.print_stream(&document, pieces).unwrap().pdf
        });
        let pages = draw(&pdf, DOTS, folder.path());
        let text = format!("{package} {sequence:06} 1/1");
        let mark = read(&pages, &[Some(text.clone())])[0];
        mark.check(&pages[0]);
        check_place(mark.on_page(), &SheetGeometry::default());
        check_copy(&pdf, 1, mark.on_page(), &text);
        modules.push(mark.modules);
    }
    assert_eq!(modules, [18, 24]);
}
