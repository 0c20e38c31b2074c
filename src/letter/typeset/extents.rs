//! Extents: where the ink of glyphs really is, from the outlines of the fonts and not guessed from the type size.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use crate::letter::envelope::geometry::Rect;
use crate::letter::envelope::window;
use crate::letter::error::LetterError;
use crate::letter::pdf::bar_font;
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::fonts::{Face, Fonts, Run};

/// The box of ink about glyphs, in thousandths of the type size from the baseline's left end; `up` is positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::letter) struct InkBox {
    pub left: f64,
    pub bottom: f64,
    pub right: f64,
    pub top: f64,
}

impl InkBox {
    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            bottom: self.bottom.min(other.bottom),
            right: self.right.max(other.right),
            top: self.top.max(other.top),
        }
    }

    fn moved(self, right: f64, up: f64) -> Self {
        Self { left: self.left + right, bottom: self.bottom + up, right: self.right + right, top: self.top + up }
    }
}

/// The boxes of the glyphs of one face, read once; `None` for a glyph that leaves no ink.
pub(in crate::letter) struct Extents {
    boxes: Vec<Option<InkBox>>,
    capital_height: f64,
}

impl Extents {
    /// Reads the outlines of a face.
    pub(in crate::letter) fn read(face: Face) -> Result<Self, LetterError> {
        let damaged = || LetterError::Font(face.name());
        let font = FontRef::new(face.bytes()).map_err(|_| damaged())?;
        let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
        let box_of = |id: u32| {
            let bounds = metrics.bounds(GlyphId::new(id))?;
            let [left, bottom, right, top] = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(f64::from);
            (right > left && top > bottom).then_some(InkBox { left, bottom, right, top })
        };
        let boxes: Vec<Option<InkBox>> = (0..metrics.glyph_count()).map(box_of).collect();
        let capital = font.charmap().map('H').and_then(|id| *boxes.get(id.to_u32() as usize)?).ok_or_else(damaged)?;
        Ok(Self { boxes, capital_height: capital.top })
    }

    /// Height of a capital without an accent, in thousandths of the type size.
    pub(in crate::letter) fn capital_height(&self) -> f64 {
        self.capital_height
    }

    fn glyph(&self, id: u16) -> Option<InkBox> {
        self.boxes.get(usize::from(id)).copied().flatten()
    }
}

/// The ink of runs side by side; `None` where they leave none.
pub(in crate::letter) fn of_runs(fonts: &Fonts, runs: &[Run]) -> Option<InkBox> {
    let mut pen = 0;
    let mut all: Option<InkBox> = None;
    for run in runs {
        let extents = fonts.extents(run.face);
        for glyph in run.glyphs.iter() {
            let at = |ink: InkBox| ink.moved(f64::from(pen + glyph.right), f64::from(glyph.up));
            if let Some(ink) = extents.glyph(glyph.id).map(at) {
                all = Some(all.map_or(ink, |known| known.with(ink)));
            }
            pen += glyph.advance;
        }
    }
    all
}

/// The rectangle of the page that a piece of ink covers; `None` where it leaves none.
pub(in crate::letter) fn of_ink(fonts: &Fonts, ink: &Ink) -> Option<Rect> {
    match ink {
        Ink::Text { x, y, size, line } => {
            let scale = size / 1000.0;
            of_runs(fonts, &line.runs).map(|ink| Rect {
                left: x + ink.left * scale,
                top: y - ink.top * scale,
                right: x + ink.right * scale,
                bottom: y - ink.bottom * scale,
            })
        }
        Ink::Bars { x, y, .. } => Some(Rect {
            left: *x,
            top: y - bar_font::REACH,
            right: x + window::BARCODE_WIDTH,
            bottom: y + bar_font::REACH,
        }),
        Ink::Matrix { x, y, module, matrix } => {
            let side = module * matrix.side as f64;
            Some(Rect { left: *x, top: *y, right: x + side, bottom: y + side })
        }
        Ink::Rule { x, y, right, down, weight } => Some(stroked(*x, *y, *right, *down, *weight)),
        Ink::Frame { x, y, width, height, weight } => Some(stroked(*x, *y, *width, *height, *weight)),
    }
}

/// The rectangle between two corners with half the weight of the stroke about it.
fn stroked(x: f64, y: f64, right: f64, down: f64, weight: f64) -> Rect {
    let half = weight / 2.0;
    Rect {
        left: x.min(x + right) - half,
        top: y.min(y + down) - half,
        right: x.max(x + right) + half,
        bottom: y.max(y + down) + half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::typeset::fonts::Style;

    fn box_of(text: &str, style: Style) -> InkBox {
        let fonts = Fonts::load().unwrap();
        of_runs(&fonts, &fonts.shape(text, style).unwrap()).unwrap()
    }

    #[test]
    fn accents_and_tails_are_measured() {
        let (plain, accented, tailed) =
            (box_of("H", Style::Regular), box_of("É", Style::Regular), box_of("Ç", Style::Regular));
        assert_eq!((plain.bottom, plain.top.round()), (0.0, 668.0));
        assert!(accented.top > 800.0 && tailed.bottom < -150.0, "{accented:?} {tailed:?}");
        // Set with its mark as a glyph of its own, raised over the letter.
        assert!(box_of("Ẹ\u{301}", Style::Regular).top > 800.0);
        let fonts = Fonts::load().unwrap();
        assert!(of_runs(&fonts, &fonts.shape("  ", Style::Regular).unwrap()).is_none());
    }

    #[test]
    fn a_line_of_text_and_a_stroke_cover_what_they_ink() {
        let fonts = Fonts::load().unwrap();
        let runs = fonts.shape("H H", Style::Regular).unwrap();
        let advance = crate::letter::typeset::fonts::advance(&runs);
        let line = crate::letter::typeset::paragraph::SetLine { runs, advance }.into();
        let rect = of_ink(&fonts, &Ink::Text { x: 100.0, y: 200.0, size: 10.0, line }).unwrap();
        assert!((rect.top - 193.32).abs() < 0.01 && rect.bottom == 200.0, "{rect:?}");
        assert!(rect.left > 100.0 && rect.right < 100.0 + f64::from(advance) / 100.0, "bearings are no ink");
        let rule = of_ink(&fonts, &Ink::Rule { x: 10.0, y: 20.0, right: 5.0, down: 0.0, weight: 2.0 }).unwrap();
        assert_eq!(rule, Rect { left: 9.0, top: 19.0, right: 16.0, bottom: 21.0 });
    }
}
