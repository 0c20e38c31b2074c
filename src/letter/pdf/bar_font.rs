//! The font of the Intelligent Mail barcode: four glyphs, one for each kind of bar, drawn in points.

use crate::domain::imb::Bar;

/// The name of the font among a page's resources.
pub(in crate::letter) const BAR_FONT: &str = "B";

/// From one bar to the next in points: 22 bars an inch (USPS-B-3200 asks for 20 to 24).
pub(in crate::letter) const PITCH: f64 = 72.0 / 22.0;
/// The width of a bar: 0.020 in (0.015 to 0.025).
pub(in crate::letter) const BAR_WIDTH: f64 = 1.44;
/// Half the height of a full bar: 0.0725 in (a full bar has 0.125 to 0.165).
pub(in crate::letter) const REACH: f64 = 5.22;
/// Half the height of a tracker: 0.024 in (a tracker has 0.039 to 0.057).
const TRACK: f64 = 1.728;

/// The glyph of a bar, which is its letter in the standard.
pub(in crate::letter) fn bar_glyph(bar: Bar) -> u8 {
    match bar {
        Bar::Full => b'F',
        Bar::Ascender => b'A',
        Bar::Descender => b'D',
        Bar::Tracker => b'T',
    }
}

/// The bar of a glyph.
pub(in crate::letter) fn bar_of_glyph(glyph: u8) -> Option<Bar> {
    [Bar::Full, Bar::Ascender, Bar::Descender, Bar::Tracker].into_iter().find(|bar| bar_glyph(*bar) == glyph)
}

/// Where a bar begins and ends, below and above the line that all bars cross, in points.
pub(in crate::letter) fn reach(bar: Bar) -> (f64, f64) {
    match bar {
        Bar::Full => (-REACH, REACH),
        Bar::Ascender => (-TRACK, REACH),
        Bar::Descender => (-REACH, TRACK),
        Bar::Tracker => (-TRACK, TRACK),
    }
}

/// The codes of the font, in order.
pub(in crate::letter) const GLYPHS: [u8; 4] = [b'A', b'D', b'F', b'T'];

/// The drawing of a glyph as a Type 3 procedure.
pub(in crate::letter) fn procedure(glyph: u8) -> String {
    let (bottom, top) = bar_of_glyph(glyph).map_or((0.0, 0.0), reach);
    let (width, height) = (BAR_WIDTH, top - bottom);
    format!("{PITCH:.4} 0 0 {bottom:.3} {width:.2} {top:.3} d1 0 {bottom:.3} {width:.2} {height:.3} re f")
}

/// What each glyph is copied as: the letter of its bar.
pub(in crate::letter) fn to_unicode() -> String {
    let pairs = GLYPHS.map(|glyph| format!("<{glyph:02X}> <{:04X}>\n", u16::from(glyph))).concat();
    format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Bars def /CMapType 2 def\n\
         1 begincodespacerange <00> <FF> endcodespacerange\n{} beginbfchar\n{pairs}endbfchar\n\
         endcmap CMapName currentdict /CMap defineresource pop end end\n",
        GLYPHS.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits of USPS-B-3200, 2.3.1, in inches.
    #[test]
    fn bars_are_within_the_printed_tolerances() {
        let inches = |points: f64| points / 72.0;
        assert!((20.0..=24.0).contains(&(1.0 / inches(PITCH))));
        assert!((0.015..=0.025).contains(&inches(BAR_WIDTH)));
        for (bar, low, high) in [
            (Bar::Full, 0.125, 0.165),
            (Bar::Ascender, 0.082, 0.111),
            (Bar::Descender, 0.082, 0.111),
            (Bar::Tracker, 0.039, 0.057),
        ] {
            let (bottom, top) = reach(bar);
            assert!((low..=high).contains(&inches(top - bottom)), "{bar:?}");
        }
        assert!((2.68..=3.225).contains(&inches(64.0 * PITCH + BAR_WIDTH)));
    }
}
