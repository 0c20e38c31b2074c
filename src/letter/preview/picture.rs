//! Pictures: a page of a finished PDF drawn in this process, for people who look before anything is printed.
//!
//! Only for letters of invented people: the pixels are not wiped.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use crate::letter::error::LetterError;

/// Points in an inch.
const INCH: f64 = 72.0;
/// An inch in metres, which PNG counts in.
const METRES_AN_INCH: f64 = 0.0254;
/// The widest and highest picture in pixels: what the rasterizer's sixteen bits hold, with room for rounding.
const MOST_PIXELS: f64 = 60_000.0;
/// Red, green and blue.
const BYTES_A_PIXEL: usize = 3;

/// A colour: red, green, blue.
pub type Colour = [u8; BYTES_A_PIXEL];

/// A picture in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Row by row from the top, three bytes a pixel: red, green, blue.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// A picture of one colour.
    #[must_use]
    pub fn plain(width: u32, height: u32, colour: Colour) -> Self {
        let pixels = width as usize * height as usize;
        Self { width, height, rgb: colour.iter().copied().cycle().take(pixels * BYTES_A_PIXEL).collect() }
    }

    /// Draws a page, counted from 1, of a PDF whose fonts are all embedded.
    ///
    /// # Errors
    /// [`LetterError::Pdf`] where the file is no PDF, has no such page, or the picture would be too large.
    pub fn of_page(pdf: &[u8], page: u32, dots_per_inch: f64) -> Result<Self, LetterError> {
        let failed = |reason: &str| LetterError::Pdf(format!("page {page} cannot be drawn: {reason}"));
        let document = Pdf::new(pdf.to_vec()).map_err(|error| failed(&format!("{error:?}")))?;
        let place = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
        let found = place.and_then(|place| document.pages().get(place)).ok_or_else(|| failed("there is none"))?;
        let scale = dots_per_inch / INCH;
        let (width, height) = found.render_dimensions();
        let most = f64::from(width.max(height)) * scale;
        if !(1.0..=MOST_PIXELS).contains(&most) {
            return Err(failed(&format!("it would be {most:.0} pixels high; take other dots per inch")));
        }
        // A page of whole pixels must not lose one where the product falls just short of it.
        let nudged = (scale * (1.0 + 1e-6)) as f32;
        let size = PixmapSettings { x_scale: nudged, y_scale: nudged, bg_color: WHITE };
        // Hinting bends outlines towards the pixels of a screen; what is looked at here is paper.
        let manner = RenderSettings { hinting: false, ..RenderSettings::default() };
        let drawn = hayro::render(found, &RenderCache::new(), &InterpreterSettings::default(), &manner, &size);
        let rgb = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        Ok(Self { width: u32::from(drawn.width()), height: u32::from(drawn.height()), rgb })
    }

    /// The colour at a place; `None` outside.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> Option<Colour> {
        let at = self.at(x, y)?;
        self.rgb.get(at..at + BYTES_A_PIXEL)?.try_into().ok()
    }

    /// Sets the colour at a place; outside, nothing happens.
    pub fn set(&mut self, x: u32, y: u32, colour: Colour) {
        let at = self.at(x, y);
        if let Some(pixel) = at.and_then(|at| self.rgb.get_mut(at..at + BYTES_A_PIXEL)) {
            pixel.copy_from_slice(&colour);
        }
    }

    fn at(&self, x: u32, y: u32) -> Option<usize> {
        let inside = x < self.width && y < self.height;
        inside.then(|| (y as usize * self.width as usize + x as usize) * BYTES_A_PIXEL)
    }

    /// The picture as a PNG file that says how large it is on paper.
    ///
    /// # Errors
    /// [`LetterError::Pdf`] where it has no pixels.
    pub fn to_png(&self, dots_per_inch: f64) -> Result<Vec<u8>, LetterError> {
        let failed = |error: png::EncodingError| LetterError::Pdf(format!("a picture cannot be written: {error}"));
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let per_metre = (dots_per_inch / METRES_AN_INCH).round() as u32;
        let size = png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter };
        encoder.set_pixel_dims(Some(size));
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.rgb).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(file)
    }
}
