//! What shows through the windows: the address through the one, the return address through the other, and nothing
//! else, wherever the sheet has slid. Measured on the ink itself.

use crate::letter::envelope::geometry::{Rect, SheetGeometry, Window};
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::extents;
use crate::letter::typeset::fonts::Fonts;

/// Points in an inch.
const INCH: f64 = 72.0;

/// What a piece of ink is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) enum Purpose {
    /// Agency and return address: through their own window they must show whole, where the envelope has one.
    Letterhead,
    /// The text of the letter, which may show through no window.
    Text,
}

/// Ink that shows where it may not, or does not show where it must.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct Misplaced {
    /// Its first words, if it is text. They may be a person's own.
    text: Option<String>,
    covered: Rect,
    wrong: &'static str,
}

impl Misplaced {
    fn new(ink: &Ink, covered: Rect, wrong: &'static str) -> Self {
        let text = match ink {
            Ink::Text { line, .. } => {
                Some(line.runs.iter().flat_map(|run| run.glyphs.iter()).map(|glyph| glyph.text).take(24).collect())
            }
            Ink::Bars { .. } | Ink::Matrix { .. } | Ink::Rule { .. } | Ink::Frame { .. } => None,
        };
        Self { text, covered, wrong }
    }

    /// What an operator is told, with the first words: for ink that no person's data is in.
    pub(in crate::letter) fn quoted(&self) -> String {
        let text =
            self.text.as_ref().map_or_else(|| "a rule or a mark".to_owned(), |text| format!("the line '{text} …'"));
        self.told(&text)
    }

    /// What is said of one person's letter: nothing of its text.
    pub(in crate::letter) fn unquoted(&self) -> String {
        self.told(if self.text.is_some() { "a line" } else { "a rule or a mark" })
    }

    fn told(&self, what: &str) -> String {
        let (top, bottom) = (self.covered.top / INCH, self.covered.bottom / INCH);
        format!("{what} {}: it stands {top:.2} to {bottom:.2} in from the top of the page", self.wrong)
    }
}

/// Checks ink of the first page, but for the address's own.
///
/// # Errors
///
/// The first ink that is misplaced.
pub(in crate::letter) fn check(
    fonts: &Fonts,
    geometry: &SheetGeometry,
    purpose: Purpose,
    inks: &[Ink],
) -> Result<(), Misplaced> {
    let address = geometry.ever_visible();
    let both = |window: Window| (geometry.ever_visible_through(window), geometry.always_visible_through(window));
    let returned = geometry.return_window.map(both);
    for ink in inks {
        let Some(covered) = extents::of_ink(fonts, ink) else { continue };
        if covered.touches(&address) {
            return Err(Misplaced::new(ink, covered, "can show through the window, which is for the address alone"));
        }
        let Some((ever, always)) = returned else { continue };
        if purpose == Purpose::Letterhead && !always.holds(&covered) {
            return Err(Misplaced::new(ink, covered, "does not always show through the window of the return address"));
        }
        if purpose == Purpose::Text && covered.touches(&ever) {
            return Err(Misplaced::new(ink, covered, "can show through the window of the return address"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::typeset::fonts::{Style, advance};
    use crate::letter::typeset::paragraph::SetLine;

    fn line(fonts: &Fonts, text: &str, y: f64) -> Ink {
        let runs = fonts.shape(text, Style::Regular).unwrap();
        let advance = advance(&runs);
        Ink::Text { x: 72.0, y, size: 10.0, line: SetLine { runs, advance }.into() }
    }

    #[test]
    fn ink_is_measured_and_not_its_type_size() {
        let (fonts, geometry) = (Fonts::load().unwrap(), SheetGeometry::default());
        let top = geometry.ever_visible().top;
        let check = |ink: Ink| check(&fonts, &geometry, Purpose::Text, &[ink]);
        // A baseline on the window's edge: capitals clear it, a tail does not.
        assert_eq!(check(line(&fonts, "ACE", top - 0.2)), Ok(()));
        let refused = check(line(&fonts, "AGE, please", top - 0.2)).unwrap_err();
        assert!(
            refused.quoted().contains("'AGE, please …'") && refused.quoted().contains("2.3"),
            "{}",
            refused.quoted()
        );
        assert!(!refused.unquoted().contains("AGE"));
        // From below, an accent on a capital does what the capital alone does not.
        let below = geometry.ever_visible().bottom + 6.75;
        assert_eq!(check(line(&fonts, "E", below)), Ok(()));
        assert!(check(line(&fonts, "É", below)).is_err());
        assert!(
            check(Ink::Rule { x: 0.0, y: top, right: 9.0, down: 0.0, weight: 1.0 })
                .unwrap_err()
                .quoted()
                .contains("rule")
        );
    }

    #[test]
    fn only_a_letterhead_shows_through_the_other_window() {
        let fonts = Fonts::load().unwrap();
        let window = Window { left: 63.0, bottom: 170.0, width: 225.0, height: 72.0 };
        let geometry = SheetGeometry { return_window: Some(window), ..SheetGeometry::default() };
        let middle = geometry.always_visible_through(window).bottom - 20.0;
        let check = |purpose, y| check(&fonts, &geometry, purpose, &[line(&fonts, "Agency", y)]);
        assert_eq!(check(Purpose::Letterhead, middle), Ok(()));
        assert!(check(Purpose::Text, middle).is_err());
        for purpose in [Purpose::Letterhead, Purpose::Text] {
            assert!(check(purpose, geometry.always_visible_through(window).bottom + 1.0).is_err(), "{purpose:?}");
        }
    }
}
