//! The address in the envelope's window: set where it always shows, and refused where it would not.

use crate::letter::envelope::address::AddressLine;
use crate::letter::error::Unprintable;
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::fonts::{self, Style};
use crate::letter::typeset::form::Press;
use crate::letter::typeset::paragraph::SetLine;
use crate::letter::typeset::type_scale::TypeScale;

/// Clear space that the address keeps from the left and right edge of what always shows: 1/8 in.
const CLEAR_SIDE: f64 = 9.0;
/// The same from the top and bottom edge: 0.028 in.
const CLEAR_END: f64 = 2.0;
/// The size of the address where there is room.
const USUAL_ADDRESS: f64 = 10.5;
/// The smallest size of the address.
const LEAST_ADDRESS: f64 = 10.0;

/// The address in the part of the page that always shows through the window.
pub(in crate::letter) fn address_block(
    press: Press<'_>,
    lines: &[AddressLine],
    scale: &TypeScale,
) -> Result<Vec<Ink>, Unprintable> {
    let window = press.geometry.always_visible();
    let left = press.geometry.margin_left.max(window.left + CLEAR_SIDE);
    let room = window.right - CLEAR_SIDE - left;
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let shaped =
        press.lexicon.fonts.shape_together(&texts, Style::Regular).map_err(|(place, reason)| {
            Unprintable::new(lines.get(place).map_or("letter", |line| line.field), reason)
        })?;
    let widest = shaped.iter().map(|runs| fonts::advance(runs)).max().unwrap_or_default();
    let fits = |size: f64, advance: i32| f64::from(advance) * size / 1000.0 <= room;
    let sizes = [scale.address, USUAL_ADDRESS, LEAST_ADDRESS];
    let size = sizes.into_iter().find(|size| fits(*size, widest)).unwrap_or(LEAST_ADDRESS);
    for (runs, line) in shaped.iter().zip(lines) {
        if !fits(size, fonts::advance(runs)) {
            let width = f64::from(fonts::advance(runs)) * size / 72_000.0;
            let reason = format!(
                "takes {width:.2} in on the address block, and the window shows {:.2} in; shorten it",
                room / 72.0
            );
            return Err(Unprintable::new(line.field, reason));
        }
    }
    let height = scale.address_leading * lines.len() as f64;
    if height > window.height() - 2.0 * CLEAR_END {
        return Err(Unprintable::new("address", format!("has {} lines, more than the window shows", lines.len())));
    }
    let top = window.top + (window.height() - height) / 2.0 + (scale.address_leading - size * 0.67) / 2.0 + size * 0.67;
    let place = |(place, runs): (usize, Vec<fonts::Run>)| {
        let advance = fonts::advance(&runs);
        let y = top + scale.address_leading * place as f64;
        Ink::Text { x: left, y, size, line: SetLine { runs, advance }.into() }
    };
    Ok(shaped.into_iter().enumerate().map(place).collect())
}
