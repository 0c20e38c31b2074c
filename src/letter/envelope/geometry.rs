//! The sheet, its fold and the envelope's window: where an address always shows, and what else could ever show.

/// A rectangle on the page: points (1/72 inch), from the page's top left corner, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl Rect {
    /// Width in points; negative where the rectangle is empty.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height in points; negative where the rectangle is empty.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// Sheet, fold and envelope. All lengths are points, 72 to the inch.
///
/// The default is US Letter in a #10 envelope (9 1/2 by 4 1/8 in) with the standard left window (4 1/2 by 1 1/8 in,
/// 7/8 in from the left, 1/2 in from the bottom), folded so that the top panel is 4 in high: an even fold would
/// leave too little of the window that shows whatever the insert's position.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetGeometry {
    /// Width of the page.
    pub page_width: f64,
    /// Height of the page.
    pub page_height: f64,
    /// Height of the top panel of the folded sheet, which is the height of the insert.
    pub first_fold: f64,
    /// Inner width of the envelope.
    pub envelope_width: f64,
    /// Inner height of the envelope.
    pub envelope_height: f64,
    /// From the left edge of the envelope to the window.
    pub window_left: f64,
    /// From the bottom edge of the envelope to the window.
    pub window_bottom: f64,
    /// Width of the window.
    pub window_width: f64,
    /// Height of the window.
    pub window_height: f64,
    /// Left margin of the text, and of the address.
    pub margin_left: f64,
    /// Right margin of the text.
    pub margin_right: f64,
    /// Top margin.
    pub margin_top: f64,
    /// From the bottom edge of the page to the baseline of its last line.
    pub margin_bottom: f64,
}

/// Points in an inch.
const INCH: f64 = 72.0;

impl Default for SheetGeometry {
    fn default() -> Self {
        Self {
            page_width: 8.5 * INCH,
            page_height: 11.0 * INCH,
            first_fold: 4.0 * INCH,
            envelope_width: 9.5 * INCH,
            envelope_height: 4.125 * INCH,
            window_left: 0.875 * INCH,
            window_bottom: 0.5 * INCH,
            window_width: 4.5 * INCH,
            window_height: 1.125 * INCH,
            margin_left: INCH,
            margin_right: INCH,
            margin_top: 0.5 * INCH,
            margin_bottom: 0.5 * INCH,
        }
    }
}

impl SheetGeometry {
    /// How far the insert can slide in the envelope: sideways, and up from the bottom.
    fn play(&self) -> (f64, f64) {
        ((self.envelope_width - self.page_width).max(0.0), (self.envelope_height - self.first_fold).max(0.0))
    }

    /// The part of the page that shows through the window wherever the insert lies: the address must be inside it
    /// (the tap test of the Domestic Mail Manual, 601.6.3).
    #[must_use]
    pub fn always_visible(&self) -> Rect {
        let (sideways, up) = self.play();
        let top = self.first_fold - self.window_bottom - self.window_height;
        Rect {
            left: self.window_left.max(0.0),
            right: (self.window_left + self.window_width - sideways).min(self.page_width),
            top: top + up,
            bottom: self.first_fold - self.window_bottom,
        }
    }

    /// The part of the page that can show through the window at all: nothing but the address may be inside it.
    #[must_use]
    pub fn ever_visible(&self) -> Rect {
        let (sideways, up) = self.play();
        let top = self.first_fold - self.window_bottom - self.window_height;
        Rect {
            left: (self.window_left - sideways).max(0.0),
            right: (self.window_left + self.window_width).min(self.page_width),
            top: top.max(0.0),
            bottom: self.first_fold - self.window_bottom + up,
        }
    }

    /// Width of a full line of text.
    #[must_use]
    pub fn measure(&self) -> f64 {
        self.page_width - self.margin_left - self.margin_right
    }

    /// What is wrong with these lengths, if anything.
    pub(in crate::letter) fn fault(&self) -> Option<String> {
        let window = self.always_visible();
        if ![self.page_width, self.page_height, window.width(), window.height()].iter().all(|length| length.is_finite())
        {
            return Some("a length is not a number".to_owned());
        }
        if self.measure() < 3.0 * INCH || self.page_height < 7.0 * INCH || self.first_fold > self.page_height {
            return Some("page, margins and fold leave no room for a letter".to_owned());
        }
        if window.width() < 2.0 * INCH || window.height() < 0.6 * INCH || window.top < self.margin_top + INCH / 2.0 {
            return Some(format!(
                "only {:.2} by {:.2} in of the page always shows through the window; fold lower or take a larger window",
                window.width() / INCH,
                window.height() / INCH
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of a hand calculation for the #10 envelope, in inches.
    #[test]
    fn the_window_of_a_number_10_envelope() {
        let near = |rect: Rect, inches: [f64; 4]| {
            for (side, expected) in [rect.left, rect.top, rect.right, rect.bottom].iter().zip(inches) {
                assert!((side / INCH - expected).abs() < 0.001, "{rect:?} {expected}");
            }
        };
        let uneven = SheetGeometry::default();
        near(uneven.always_visible(), [0.875, 2.5, 4.375, 3.5]);
        near(uneven.ever_visible(), [0.0, 2.375, 5.375, 3.625]);
        let even = SheetGeometry { first_fold: 11.0 / 3.0 * INCH, ..uneven };
        near(even.always_visible(), [0.875, 2.5, 4.375, 3.1667]);
        near(even.ever_visible(), [0.0, 2.0417, 5.375, 3.625]);
        assert_eq!(even.fault(), None);
        assert!(SheetGeometry { window_height: INCH, ..even }.fault().is_some());
    }
}
