//! The sheet, its folds and the envelope's windows: where an address always shows, and what else could ever show.

use crate::letter::envelope::style::AddressStyle;

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

    /// Whether the two have any area in common.
    pub(in crate::letter) fn touches(&self, other: &Self) -> bool {
        self.left < other.right && self.right > other.left && self.top < other.bottom && self.bottom > other.top
    }

    /// Whether the other lies wholly inside this one.
    pub(in crate::letter) fn holds(&self, other: &Self) -> bool {
        self.left <= other.left && self.right >= other.right && self.top <= other.top && self.bottom >= other.bottom
    }
}

/// A window of the envelope, as envelopes are ordered: from the left and bottom edge, and its size. Points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// From the left edge of the envelope.
    pub left: f64,
    /// From the bottom edge of the envelope.
    pub bottom: f64,
    /// Width of the window.
    pub width: f64,
    /// Height of the window.
    pub height: f64,
}

/// Sheet, folds and envelope, and how the address is set in the window. All lengths are points, 72 to the inch.
///
/// The default is US Letter in a #10 envelope (9 1/2 by 4 1/8 in) with the standard left window (4 1/2 by 1 1/8 in,
/// 7/8 in from the left, 1/2 in from the bottom), folded in panels of 4, 3 1/2 and 3 1/2 in: an even fold would
/// leave too little of the window that shows whatever the insert's position.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetGeometry {
    /// Width of the page.
    pub page_width: f64,
    /// Height of the page.
    pub page_height: f64,
    /// Height of the top panel of the folded sheet, which is the height of the insert.
    pub first_fold: f64,
    /// From the top of the page to the second fold. What stands between the folds is covered when the sheet is folded.
    pub second_fold: f64,
    /// Inner width of the envelope.
    pub envelope_width: f64,
    /// Inner height of the envelope.
    pub envelope_height: f64,
    /// From the left edge of the envelope to the window of the address.
    pub window_left: f64,
    /// From the bottom edge of the envelope to the window.
    pub window_bottom: f64,
    /// Width of the window.
    pub window_width: f64,
    /// Height of the window.
    pub window_height: f64,
    /// The window of the return address, where the envelope has one.
    pub return_window: Option<Window>,
    /// Left margin of the text, and of the address.
    pub margin_left: f64,
    /// Right margin of the text.
    pub margin_right: f64,
    /// Top margin.
    pub margin_top: f64,
    /// From the bottom edge of the page to the baseline of its last line.
    pub margin_bottom: f64,
    /// How the address is set.
    pub address_style: AddressStyle,
}

/// Points in an inch.
const INCH: f64 = 72.0;
/// How much higher than the insert a panel may be and still pass for as high: less than anybody folds by.
const FOLDING_SLACK: f64 = 0.02 * INCH;
/// The least height of the middle panel, which must hold the password's box.
const LEAST_PANEL: f64 = 2.0 * INCH;
/// The least part of the address window that must always show: three short lines.
const LEAST_ADDRESS: (f64, f64) = (2.0 * INCH, 0.55 * INCH);
/// The least part of a window for the return address that must always show.
const LEAST_RETURN: (f64, f64) = (1.5 * INCH, 0.4 * INCH);

impl Default for SheetGeometry {
    fn default() -> Self {
        Self {
            page_width: 8.5 * INCH,
            page_height: 11.0 * INCH,
            first_fold: 4.0 * INCH,
            second_fold: 7.5 * INCH,
            envelope_width: 9.5 * INCH,
            envelope_height: 4.125 * INCH,
            window_left: 0.875 * INCH,
            window_bottom: 0.5 * INCH,
            window_width: 4.5 * INCH,
            window_height: 1.125 * INCH,
            return_window: None,
            margin_left: INCH,
            margin_right: INCH,
            margin_top: 0.5 * INCH,
            margin_bottom: 0.5 * INCH,
            address_style: AddressStyle::default(),
        }
    }
}

impl SheetGeometry {
    /// How far the insert can slide in the envelope: sideways, and up from the bottom.
    fn play(&self) -> (f64, f64) {
        ((self.envelope_width - self.page_width).max(0.0), (self.envelope_height - self.first_fold).max(0.0))
    }

    /// The window of the address.
    #[must_use]
    pub fn address_window(&self) -> Window {
        Window {
            left: self.window_left,
            bottom: self.window_bottom,
            width: self.window_width,
            height: self.window_height,
        }
    }

    /// Every window of the envelope: that of the address first, then that of the return address where there is one.
    pub fn windows(&self) -> impl Iterator<Item = Window> + use<> {
        std::iter::once(self.address_window()).chain(self.return_window)
    }

    /// The part of the page that shows through a window wherever the insert lies: what is meant to be read there must
    /// be inside it (the tap test of the Domestic Mail Manual, 601.6.3).
    #[must_use]
    pub fn always_visible_through(&self, window: Window) -> Rect {
        let (sideways, up) = self.play();
        Rect {
            left: window.left.max(0.0),
            right: (window.left + window.width - sideways).min(self.page_width),
            top: self.first_fold - window.bottom - window.height + up,
            bottom: self.first_fold - window.bottom,
        }
    }

    /// The part of the page that can show through a window at all: nothing else may be inside it.
    #[must_use]
    pub fn ever_visible_through(&self, window: Window) -> Rect {
        let (sideways, up) = self.play();
        Rect {
            left: (window.left - sideways).max(0.0),
            right: (window.left + window.width).min(self.page_width),
            top: (self.first_fold - window.bottom - window.height).max(0.0),
            bottom: self.first_fold - window.bottom + up,
        }
    }

    /// What always shows through the window of the address.
    #[must_use]
    pub fn always_visible(&self) -> Rect {
        self.always_visible_through(self.address_window())
    }

    /// What can show through the window of the address at all.
    #[must_use]
    pub fn ever_visible(&self) -> Rect {
        self.ever_visible_through(self.address_window())
    }

    /// From the top of the page to where no window can show any more of it: the text begins below.
    pub(in crate::letter) fn below_windows(&self) -> f64 {
        self.windows().map(|window| self.ever_visible_through(window).bottom).fold(0.0, f64::max)
    }

    /// Width of a full line of text.
    #[must_use]
    pub fn measure(&self) -> f64 {
        self.page_width - self.margin_left - self.margin_right
    }

    /// What is wrong with these lengths, if anything.
    pub(in crate::letter) fn fault(&self) -> Option<String> {
        let window = self.always_visible();
        let lengths = [self.page_width, self.page_height, self.second_fold, window.width(), window.height()];
        let returned = self.return_window.map(|window| self.always_visible_through(window));
        let return_lengths = returned.map_or([0.0; 2], |window| [window.width(), window.height()]);
        if !lengths.iter().chain(&return_lengths).all(|length| length.is_finite()) {
            return Some("a length is not a number".to_owned());
        }
        if self.measure() < 3.0 * INCH || self.page_height < 7.0 * INCH || self.first_fold > self.page_height {
            return Some("page, margins and fold leave no room for a letter".to_owned());
        }
        let fault = self.fault_of_folds();
        fault.or_else(|| self.fault_of_address_window(window)).or_else(|| self.fault_of_return_window(returned?))
    }

    fn fault_of_folds(&self) -> Option<String> {
        let panels = [self.second_fold - self.first_fold, self.page_height - self.second_fold];
        let [middle, bottom] = panels.map(|panel| panel / INCH);
        if panels[0] < LEAST_PANEL {
            return Some(format!(
                "the panel between the folds is {middle:.2} in high, and the password must stand in it; give it {:.0} in \
                 at least",
                LEAST_PANEL / INCH
            ));
        }
        if panels.iter().any(|panel| *panel > self.first_fold + FOLDING_SLACK) || panels[1] < 0.0 {
            return Some(format!(
                "the top panel must be the highest, for it is the height of the insert: the folds make panels of {:.2}, \
                 {middle:.2} and {bottom:.2} in",
                self.first_fold / INCH
            ));
        }
        if self.first_fold > self.envelope_height || self.page_width > self.envelope_width {
            return Some(format!(
                "the folded sheet, {:.2} by {:.2} in, is larger than the inside of the envelope, {:.2} by {:.2} in",
                self.page_width / INCH,
                self.first_fold / INCH,
                self.envelope_width / INCH,
                self.envelope_height / INCH
            ));
        }
        None
    }

    fn fault_of_address_window(&self, always: Rect) -> Option<String> {
        if always.width() < LEAST_ADDRESS.0
            || always.height() < LEAST_ADDRESS.1
            || always.top < self.margin_top + INCH / 2.0
        {
            return Some(format!(
                "only {:.2} by {:.2} in of the page always shows through the window; fold lower or take a larger window",
                always.width() / INCH,
                always.height() / INCH
            ));
        }
        None
    }

    /// What could show through one window may not show through the other: the two hold different things.
    fn fault_of_return_window(&self, always: Rect) -> Option<String> {
        if always.width() < LEAST_RETURN.0 || always.height() < LEAST_RETURN.1 || always.top < 0.0 {
            return Some(format!(
                "only {:.2} by {:.2} in of the page always shows through the window of the return address; take a larger \
                 window, or one lower on the envelope",
                always.width() / INCH,
                always.height() / INCH
            ));
        }
        let (address, returned) = (self.ever_visible(), self.return_window.map(|it| self.ever_visible_through(it))?);
        address.touches(&returned).then(|| {
            "what can show through the window of the return address can show through that of the address too; take \
             windows that are further apart, or an envelope in which the sheet can slide less"
                .to_owned()
        })
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
        let even = SheetGeometry { first_fold: 11.0 / 3.0 * INCH, second_fold: 22.0 / 3.0 * INCH, ..uneven };
        near(even.always_visible(), [0.875, 2.5, 4.375, 3.1667]);
        near(even.ever_visible(), [0.0, 2.0417, 5.375, 3.625]);
        assert_eq!(even.fault(), None);
        assert!(SheetGeometry { window_height: INCH, ..even }.fault().is_some());
    }

    /// A #9 envelope with two windows, as sold: return 0.7875 in and address 2.2125 in from the top, both 0.5625 in
    /// from the left, 3.125 by 1 and 3.625 by 0.8 in.
    pub(in crate::letter) fn number_9_with_two_windows() -> SheetGeometry {
        SheetGeometry {
            first_fold: 11.0 / 3.0 * INCH,
            second_fold: 22.0 / 3.0 * INCH,
            envelope_width: 8.875 * INCH,
            envelope_height: 3.875 * INCH,
            window_left: 0.5625 * INCH,
            window_bottom: (3.875 - 2.2125 - 0.8) * INCH,
            window_width: 3.625 * INCH,
            window_height: 0.8 * INCH,
            return_window: Some(Window {
                left: 0.5625 * INCH,
                bottom: (3.875 - 0.7875 - 1.0) * INCH,
                width: 3.125 * INCH,
                height: INCH,
            }),
            margin_left: 0.6875 * INCH,
            margin_right: 0.6875 * INCH,
            ..SheetGeometry::default()
        }
    }

    #[test]
    fn two_windows_show_two_places() {
        let geometry = number_9_with_two_windows();
        assert_eq!(geometry.fault(), None);
        let [address, returned] =
            geometry.windows().map(|window| geometry.always_visible_through(window)).collect::<Vec<_>>()[..]
        else {
            panic!("two windows")
        };
        let inches =
            |rect: Rect| [rect.left, rect.top, rect.right, rect.bottom].map(|side| (side / INCH * 1e4).round() / 1e4);
        // The sheet can slide 0.375 in sideways and 0.2083 in up.
        assert_eq!(inches(address), [0.5625, 2.2125, 3.8125, 2.8042]);
        assert_eq!(inches(returned), [0.5625, 0.7875, 3.3125, 1.5792]);
        assert!((geometry.below_windows() / INCH - 3.0125).abs() < 0.001);
    }

    #[test]
    fn folds_and_windows_that_cannot_be_are_refused() {
        let usual = SheetGeometry::default();
        assert_eq!(usual.fault(), None);
        let refused = |geometry: SheetGeometry, reason: &str| {
            let fault = geometry.fault().unwrap_or_default();
            assert!(fault.contains(reason), "{reason}: {fault}");
        };
        refused(SheetGeometry { second_fold: 5.0 * INCH, ..usual.clone() }, "panel between the folds is 1.00 in");
        refused(SheetGeometry { second_fold: 8.5 * INCH, ..usual.clone() }, "panels of 4.00, 4.50 and 2.50 in");
        refused(SheetGeometry { second_fold: 6.5 * INCH, ..usual.clone() }, "top panel must be the highest");
        refused(SheetGeometry { second_fold: f64::NAN, ..usual.clone() }, "not a number");
        refused(SheetGeometry { envelope_height: 3.9 * INCH, ..usual.clone() }, "larger than the inside");
        let two = number_9_with_two_windows();
        let with = |bottom: f64, height: f64| {
            let window = Window { bottom: bottom * INCH, height: height * INCH, ..two.return_window.unwrap() };
            SheetGeometry { return_window: Some(window), ..two.clone() }
        };
        refused(with(1.7, 1.0), "further apart");
        refused(with(2.1, 0.5), "window of the return address");
        refused(with(3.0, 1.0), "window of the return address");
    }
}
