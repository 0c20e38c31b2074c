//! The return address in a window of its own: the letterhead set inside what always shows there, without its rule.

use crate::letter::envelope::geometry::{Rect, SheetGeometry, Window};
use crate::letter::envelope::window::{CLEAR_END, CLEAR_SIDE, LEAST_SIZE, sizes};
use crate::letter::template::markup::Line;
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::block::{Ink, SetBlock};
use crate::letter::typeset::extents;
use crate::letter::typeset::fonts::Fonts;
use crate::letter::typeset::lexicon::Lexicon;
use crate::letter::typeset::paragraph;
use crate::letter::typeset::type_scale::TypeScale;

/// Points in an inch.
const INCH: f64 = 72.0;
/// The distance of baselines, as a part of the type size.
const LEADING: f64 = 1.2;

/// Where the letterhead stands in its window.
pub(in crate::letter) struct ReturnAddress<'a> {
    pub lexicon: &'a Lexicon<'a>,
    pub geometry: &'a SheetGeometry,
    pub scale: &'a TypeScale,
    pub window: Window,
}

impl ReturnAddress<'_> {
    /// Sets the lines as large as the window lets them be, and no larger than a letterhead without one. The ink is
    /// placed from the left margin and the top of the page.
    ///
    /// # Errors
    ///
    /// The reason, with the lines and widths, where they do not fit in the smallest type.
    pub(in crate::letter) fn set(&self, lines: &[Line], texts: &SlotTexts) -> Result<SetBlock, String> {
        let always = self.geometry.always_visible_through(self.window);
        let room = Rect {
            left: always.left + CLEAR_SIDE,
            top: always.top + CLEAR_END,
            right: always.right - CLEAR_SIDE,
            bottom: always.bottom - CLEAR_END,
        };
        let mut most = None;
        for size in sizes(self.scale.letterhead, LEAST_SIZE) {
            let inks = self.at(size, room, lines, texts)?;
            let covered = covered(self.lexicon.fonts, &inks);
            if covered.is_none_or(|covered| covered.width() <= room.width() && covered.height() <= room.height()) {
                let down =
                    covered.map_or(0.0, |covered| room.top - covered.top + (room.height() - covered.height()) / 2.0);
                let right = -self.geometry.margin_left;
                return Ok(SetBlock::new(inks.iter().map(|ink| ink.moved(right, down)).collect(), 0.0));
            }
            most = covered.map(|covered| (inks.len(), covered));
        }
        let (count, covered) = most.unwrap_or((0, always));
        Err(format!(
            "the return address takes {count} lines, {:.2} by {:.2} in, and its window shows {:.2} by {:.2} in; shorten it \
             or take a larger window",
            covered.width() / INCH,
            covered.height() / INCH,
            room.width() / INCH,
            room.height() / INCH
        ))
    }

    /// The lines at a size of the return address, the agency larger in its usual proportion, from the room's top.
    fn at(&self, size: f64, room: Rect, lines: &[Line], texts: &SlotTexts) -> Result<Vec<Ink>, String> {
        let mut inks = Vec::new();
        let mut y = room.top;
        for (place, line) in lines.iter().enumerate() {
            let agency = self.scale.agency * size / self.scale.letterhead;
            let size = if place == 0 { agency } else { size };
            for line in paragraph::set(self.lexicon, line, texts, size, room.width())? {
                y += size * LEADING;
                inks.push(Ink::Text { x: room.left, y, size, line: line.spaced(self.lexicon)?.into() });
            }
        }
        Ok(inks)
    }
}

/// The rectangle that all the ink covers.
fn covered(fonts: &Fonts, inks: &[Ink]) -> Option<Rect> {
    inks.iter().filter_map(|ink| extents::of_ink(fonts, ink)).reduce(|all, one| Rect {
        left: all.left.min(one.left),
        top: all.top.min(one.top),
        right: all.right.max(one.right),
        bottom: all.bottom.max(one.bottom),
    })
}
