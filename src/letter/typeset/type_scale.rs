//! Sizes of type and space for each form of the letter. All lengths are points.

use crate::domain::request::Format;

/// The sizes of one form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::letter) struct TypeScale {
    /// Most pages, each on a sheet of its own.
    pub most_pages: usize,
    pub body: f64,
    pub leading: f64,
    /// Space after a paragraph.
    pub after: f64,
    /// Space after a step of a list.
    pub after_step: f64,
    /// From the margin to the text of a step, its number hanging in the space.
    pub hang: f64,
    pub title: f64,
    pub heading: f64,
    /// Space before a heading, unless it begins its page.
    pub before_heading: f64,
    pub agency: f64,
    pub letterhead: f64,
    pub letterhead_leading: f64,
    pub password: f64,
    /// Between the edge of a box and what is in it.
    pub padding: f64,
    pub footer: f64,
    pub address: f64,
    pub address_leading: f64,
}

/// The sheet mark for the vendor's people, the same on every form.
pub(in crate::letter) const SHEET_MARK_SIZE: f64 = 7.5;

/// Eleven point type on one sheet.
const STANDARD: TypeScale = TypeScale {
    most_pages: 1,
    body: 11.5,
    leading: 14.4,
    after: 6.0,
    after_step: 2.0,
    hang: 19.0,
    title: 17.0,
    heading: 12.5,
    before_heading: 3.0,
    agency: 14.0,
    letterhead: 10.0,
    letterhead_leading: 13.0,
    password: 26.0,
    padding: 11.0,
    footer: 9.0,
    address: 10.5,
    address_leading: 13.0,
};

/// Eighteen point type, the size that large print asks for, on up to three sheets.
const LARGE_PRINT: TypeScale = TypeScale {
    most_pages: 3,
    body: 18.0,
    leading: 23.0,
    after: 12.0,
    after_step: 8.0,
    hang: 32.0,
    title: 24.0,
    heading: 21.0,
    before_heading: 10.0,
    agency: 20.0,
    letterhead: 18.0,
    letterhead_leading: 21.0,
    password: 36.0,
    padding: 14.0,
    footer: 18.0,
    address: 12.0,
    address_leading: 13.0,
};

/// How long lines of running text may be, in type sizes, best first: an eye finds its way back over about 75
/// characters; a letter that would not fit its pages so takes longer lines.
pub(in crate::letter) const LINE_LENGTHS: [f64; 4] = [35.0, 37.0, 39.5, 100.0];

impl TypeScale {
    /// The sizes for a form of the letter.
    pub(in crate::letter) fn of(format: Format) -> &'static Self {
        match format {
            Format::Standard => &STANDARD,
            Format::LargePrint => &LARGE_PRINT,
        }
    }
}
