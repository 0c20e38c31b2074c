//! The inserter's mark: package, sequence and sheet, for a camera and for a person, at one spot on every sheet.

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::marks::matrix::{MatrixFamily, MatrixSize, differing};
use crate::letter::typeset::block::Ink;

/// The side of a module in points: 0.021 in, a little above the least that inserter cameras ask for (0.020 in).
const MODULE: f64 = 1.5;
/// From the right edge of the page to the mark: 1/2 in.
const FROM_RIGHT: f64 = 36.0;
/// Clear modules around the mark, twice what the standard asks for.
const QUIET_MODULES: f64 = 2.0;

/// The marks of one package: all are of one size.
#[derive(Debug, Clone)]
pub(in crate::letter) struct SheetMarks {
    package: String,
    family: MatrixFamily,
    side: f64,
}

impl SheetMarks {
    /// The marks of this package; `None` where its name is too long for any mark.
    pub(in crate::letter) fn of(package: &str) -> Option<Self> {
        let (first, last) = (text(package, 0, 0, 0), text(package, 999_999, 9, 9));
        let size = MatrixSize::holding(&last)?;
        let family = MatrixFamily::of(&first, size, &differing(&first, &last)?)?;
        let side = family.matrix(&first)?.side as f64 * MODULE;
        Some(Self { package: package.to_owned(), family, side })
    }

    /// What a mark says, to a camera and in print: `eba-acme-000123 000017 1/2`.
    pub(in crate::letter) fn text(&self, sequence: u32, sheet: usize, sheets: usize) -> String {
        text(&self.package, sequence, sheet, sheets)
    }

    /// A mark in its place.
    pub(in crate::letter) fn ink(&self, text: &str, geometry: &SheetGeometry) -> Option<Ink> {
        let matrix = self.family.matrix(text)?.into();
        let (x, y) = self.corner(geometry);
        Some(Ink::Matrix { x, y, module: MODULE, matrix })
    }

    /// The mark's top left corner.
    fn corner(&self, geometry: &SheetGeometry) -> (f64, f64) {
        (geometry.page_width - FROM_RIGHT - self.side, geometry.page_height - geometry.margin_bottom - self.side)
    }

    /// The mark's lower left corner and its side in points, y upwards from the foot of the page.
    pub(in crate::letter) fn place(&self, geometry: &SheetGeometry) -> (f64, f64, f64) {
        let (x, y) = self.corner(geometry);
        (x, geometry.page_height - y - self.side, self.side)
    }

    /// The left and the top edge of what must stay clear for the mark.
    pub(in crate::letter) fn clear(&self, geometry: &SheetGeometry) -> (f64, f64) {
        let (x, y) = self.corner(geometry);
        (x - QUIET_MODULES * MODULE, y - QUIET_MODULES * MODULE)
    }
}

/// What a mark says.
pub(in crate::letter) fn text(package: &str, sequence: u32, sheet: usize, sheets: usize) -> String {
    format!("{package} {sequence:06} {sheet}/{sheets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_a_package_has_one_size_and_spot() {
        let geometry = SheetGeometry::default();
        for package in ["a-b-000001", "eba-test-acme-000123", "abcdefgh-test-abcdefgh-999999"] {
            let marks = SheetMarks::of(package).unwrap();
            let places: Vec<_> = [(1, 1, 1), (999_999, 3, 3)]
                .into_iter()
                .map(|(sequence, sheet, sheets)| {
                    let text = marks.text(sequence, sheet, sheets);
                    match marks.ink(&text, &geometry) {
                        Some(Ink::Matrix { x, y, module, matrix }) => {
                            assert_eq!(matrix.read(), Some(text));
                            (x, y, module, matrix.side)
                        }
                        other => panic!("{other:?}"),
                    }
                })
                .collect();
            assert_eq!(places[0], places[1], "{package}");
            let (x, y, module, side) = places[0];
            assert!(x + module * side as f64 <= geometry.page_width - 36.0 && y + module * side as f64 <= 756.0);
            assert!(module >= 0.02 * 72.0);
        }
    }
}
