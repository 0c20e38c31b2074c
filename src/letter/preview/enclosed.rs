//! The sheet in its envelope, as a picture: what shows through the windows, and how near the rest comes.

use crate::letter::envelope::geometry::{Rect, SheetGeometry, Window};
use crate::letter::preview::picture::{Colour, Picture};

/// Points in an inch.
const INCH: f64 = 72.0;
/// Space around the envelope.
const SURROUND: f64 = 18.0;
/// Around the envelope.
const TABLE: Colour = [255, 255, 255];
/// The envelope where there is no insert behind it.
const ENVELOPE: Colour = [214, 208, 196];
/// What shows through a window where the insert does not reach: the envelope's back.
const BACK: Colour = [120, 120, 120];
/// The envelope's edge, and the edges of its windows.
const EDGE: Colour = [0, 0, 0];
/// The edge of the insert.
const INSERT: Colour = [150, 150, 150];
/// Around the part of the page that always shows.
const ALWAYS: Colour = [0, 140, 0];
/// Around the part of the page that can ever show.
const EVER: Colour = [220, 60, 0];
/// How much of the page is left where the envelope covers it.
const COVERED: f64 = 0.2;

/// Where the insert lies in the envelope: one end of its travel or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// At rest in the lower left corner.
    LowerLeft,
    /// Shaken into the upper right corner.
    UpperRight,
}

impl Lies {
    /// Both ends.
    pub const ALL: [Self; 2] = [Self::LowerLeft, Self::UpperRight];

    /// As it stands in the name of a file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LowerLeft => "lower-left",
            Self::UpperRight => "upper-right",
        }
    }

    /// The insert's top left corner in the envelope, from the envelope's.
    fn corner(self, geometry: &SheetGeometry) -> (f64, f64) {
        match self {
            Self::LowerLeft => (0.0, geometry.envelope_height - geometry.first_fold),
            Self::UpperRight => (geometry.envelope_width - geometry.page_width, 0.0),
        }
    }
}

/// A window of the envelope, and what of the page shows through it. Points, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opening {
    /// The window, from the envelope's top left corner.
    pub window: Rect,
    /// What always shows, from the page's top left corner.
    pub always: Rect,
    /// What can ever show, from the page's top left corner.
    pub ever: Rect,
}

/// The windows of an envelope.
#[must_use]
pub fn openings(geometry: &SheetGeometry) -> Vec<Opening> {
    let opening = |window: Window| {
        let bottom = geometry.envelope_height - window.bottom;
        Opening {
            window: Rect { left: window.left, top: bottom - window.height, right: window.left + window.width, bottom },
            always: geometry.always_visible_through(window),
            ever: geometry.ever_visible_through(window),
        }
    };
    geometry.windows().map(opening).collect()
}

/// Draws the first page in the envelope, on the scale of its own picture. Through the windows it shows as it is;
/// where the envelope covers it, it is dimmed. Green lines are around what always shows, orange ones around what can
/// ever show.
#[must_use]
pub fn draw(page: &Picture, geometry: &SheetGeometry, openings: &[Opening], lies: Lies, dots_per_inch: f64) -> Picture {
    let scene = Scene { page, geometry, openings, corner: lies.corner(geometry), scale: dots_per_inch / INCH };
    let pixels = |points: f64| ((points + 2.0 * SURROUND) * scene.scale).ceil() as u32;
    let mut picture = Picture::plain(pixels(geometry.envelope_width), pixels(geometry.envelope_height), TABLE);
    for y in 0..picture.height {
        for x in 0..picture.width {
            if let Some(colour) = scene.colour(scene.points(x), scene.points(y)) {
                picture.set(x, y, colour);
            }
        }
    }
    scene.outline(&mut picture, scene.insert(), INSERT);
    for opening in openings {
        scene.outline(&mut picture, scene.on_page(opening.ever), EVER);
        scene.outline(&mut picture, scene.on_page(opening.always), ALWAYS);
        scene.outline(&mut picture, opening.window, EDGE);
    }
    scene.outline(&mut picture, scene.envelope(), EDGE);
    picture
}

/// What is drawn. Lengths are points from the envelope's top left corner.
struct Scene<'a> {
    page: &'a Picture,
    geometry: &'a SheetGeometry,
    openings: &'a [Opening],
    /// The insert's top left corner.
    corner: (f64, f64),
    /// Pixels a point.
    scale: f64,
}

impl Scene<'_> {
    /// Where the middle of a pixel is.
    fn points(&self, pixel: u32) -> f64 {
        (f64::from(pixel) + 0.5) / self.scale - SURROUND
    }

    /// The pixel at a place.
    fn pixel(&self, points: f64) -> u32 {
        ((points + SURROUND) * self.scale).floor().max(0.0) as u32
    }

    fn envelope(&self) -> Rect {
        Rect { left: 0.0, top: 0.0, right: self.geometry.envelope_width, bottom: self.geometry.envelope_height }
    }

    /// The top panel of the sheet, which lies towards the windows.
    fn insert(&self) -> Rect {
        let panel = Rect { left: 0.0, top: 0.0, right: self.geometry.page_width, bottom: self.geometry.first_fold };
        self.on_page(panel)
    }

    /// A rectangle of the page, where the page lies.
    fn on_page(&self, rect: Rect) -> Rect {
        let (left, top) = self.corner;
        Rect { left: rect.left + left, top: rect.top + top, right: rect.right + left, bottom: rect.bottom + top }
    }

    /// What is seen at a place; `None` beside the envelope.
    fn colour(&self, x: f64, y: f64) -> Option<Colour> {
        if !holds(self.envelope(), x, y) {
            return None;
        }
        let shows = self.openings.iter().any(|opening| holds(opening.window, x, y));
        let of_page = holds(self.insert(), x, y).then(|| self.of_page(x, y)).flatten();
        Some(match (of_page, shows) {
            (Some(colour), true) => colour,
            (Some(colour), false) => dimmed(colour),
            (None, true) => BACK,
            (None, false) => ENVELOPE,
        })
    }

    fn of_page(&self, x: f64, y: f64) -> Option<Colour> {
        let (left, top) = self.corner;
        let pixel = |points: f64| (points * self.scale).floor().max(0.0) as u32;
        self.page.pixel(pixel(x - left), pixel(y - top))
    }

    /// A line a pixel wide around a rectangle.
    fn outline(&self, picture: &mut Picture, rect: Rect, colour: Colour) {
        let (left, right) = (self.pixel(rect.left), self.pixel(rect.right));
        let (top, bottom) = (self.pixel(rect.top), self.pixel(rect.bottom));
        for x in left..=right {
            picture.set(x, top, colour);
            picture.set(x, bottom, colour);
        }
        for y in top..=bottom {
            picture.set(left, y, colour);
            picture.set(right, y, colour);
        }
    }
}

fn holds(rect: Rect, x: f64, y: f64) -> bool {
    (rect.left..rect.right).contains(&x) && (rect.top..rect.bottom).contains(&y)
}

/// A colour of the page where the envelope covers it.
fn dimmed(colour: Colour) -> Colour {
    let [red, green, blue] = ENVELOPE;
    let mix = |page: u8, cover: u8| (f64::from(page) * COVERED + f64::from(cover) * (1.0 - COVERED)).round() as u8;
    let [page_red, page_green, page_blue] = colour;
    [mix(page_red, red), mix(page_green, green), mix(page_blue, blue)]
}
