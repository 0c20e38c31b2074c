//! The address in the envelope's window: set where it always shows, and refused where it would not.
//!
//! From the top: room for the Intelligent Mail barcode, the letter's id, the lines of the address. The block is measured
//! on the ink of its glyphs. What is too wide is set smaller, then abbreviated, then smaller still, and then refused;
//! nothing is cut.

use crate::letter::envelope::address::AddressLine;
use crate::letter::envelope::geometry::Rect;
use crate::letter::envelope::style::Abbreviations;
use crate::letter::error::Unprintable;
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::extents::{self, InkBox};
use crate::letter::typeset::fonts::{self, Run, Style};
use crate::letter::typeset::form::Press;
use crate::letter::typeset::paragraph::SetLine;
use crate::letter::typeset::type_scale::TypeScale;

/// Points in an inch.
const INCH: f64 = 72.0;
/// Clear space that the address keeps from the left and right edge of what always shows: 1/8 in (Domestic Mail Manual
/// 202.5, as for the barcode).
pub(super) const CLEAR_SIDE: f64 = 0.125 * INCH;
/// The same from the top and bottom edge: 0.028 in.
pub(super) const CLEAR_END: f64 = 0.028 * INCH;
/// Between the barcode and the line below it, where 0.028 in is the least too: a quarter more, since printers draw whole
/// dots, and ink spreads.
const CLEAR_BELOW_BARCODE: f64 = 0.035 * INCH;
/// The smallest size at which nothing is abbreviated yet.
const COMFORTABLE: f64 = 10.0;
/// The smallest type of an address that readers of the Postal Service take: 8 point (Domestic Mail Manual 202.2).
pub(super) const LEAST_SIZE: f64 = 8.0;
/// The least height of its characters: 0.080 in (the same).
const LEAST_CAPITALS: f64 = 0.080 * INCH;
/// The steps in which type is made smaller.
pub(super) const STEP: f64 = 0.25;
/// The least leading, as a part of the type size.
const LEAST_LEADING: f64 = 1.08;
/// The type of the letter's id above the address.
const KEYLINE_SIZE: f64 = 8.0;
/// The most lines of an address (Publication 28, appendix A).
const MOST_LINES: usize = 5;

/// Width of the nominal barcode: 65 bars at 22 to the inch, each 0.020 in wide (USPS-B-3200, 2.3.1).
pub(in crate::letter) const BARCODE_WIDTH: f64 = (64.0 / 22.0 + 0.020) * INCH;
/// Height of its full bars: 0.145 in.
pub(in crate::letter) const BARCODE_HEIGHT: f64 = 0.145 * INCH;

/// Whether there must be room for the Intelligent Mail barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) enum Room {
    /// No barcode, or one that the vendor adds elsewhere.
    None,
    /// Room for one above the address.
    Reserved,
}

/// What is to stand in the window.
pub(in crate::letter) struct AddressBlock<'a> {
    pub lines: &'a [AddressLine],
    /// A line above the address, in small type.
    pub keyline: Option<&'a str>,
    pub barcode: Room,
}

/// The block, set.
#[derive(Debug)]
pub(in crate::letter) struct SetAddress {
    pub inks: Vec<Ink>,
    /// Left end and top of the barcode's full bars on the page, in points.
    pub barcode_at: Option<(f64, f64)>,
}

/// Sets the address in the part of the page that always shows through its window.
///
/// A keyline for which there is no room beside the address is left out: a person's letter matters more.
///
/// # Errors
///
/// The field of the line that is too wide even in the smallest type and abbreviated, with the width that it takes and
/// that the window shows; `address` where there are too many lines.
pub(in crate::letter) fn address_block(
    press: Press<'_>,
    block: &AddressBlock<'_>,
    scale: &TypeScale,
) -> Result<SetAddress, Unprintable> {
    let room = room(press, block.barcode)?;
    if block.lines.len() > MOST_LINES {
        return Err(too_many(block.lines.len(), &format!("than the {MOST_LINES} of an address")));
    }
    let shaped = Shaped::shape(press, block)?;
    let least = shaped.least_size(press);
    let mode = press.geometry.address_style.abbreviations;
    let (mut too_wide, mut best) = (None, None);
    for (size, abbreviated) in remedies(mode, scale.address, least) {
        let rows = match shaped.rows(press, size, abbreviated, room.width()) {
            Ok(rows) => rows,
            Err(refusal) => {
                too_wide = Some(refusal);
                continue;
            }
        };
        let keyline = shaped.keyline.iter().map(|runs| Row::new(press, KEYLINE_SIZE, runs.clone()));
        let with_keyline: Vec<Row> = keyline.chain(rows.iter().cloned()).collect();
        if let Some(leading) = leading(&with_keyline, room.height(), size, scale) {
            return Ok(place(with_keyline, leading, room, block.barcode));
        }
        // Without its keyline only if no size has room for it.
        if best.is_none() {
            best = leading(&rows, room.height(), size, scale).map(|leading| (rows, leading));
        }
    }
    match best {
        Some((rows, leading)) => Ok(place(rows, leading, room, block.barcode)),
        None => Err(too_wide.unwrap_or_else(|| too_many(block.lines.len(), "than the window shows"))),
    }
}

/// Where lines may stand: inside the clear space of what always shows, and below the barcode.
fn room(press: Press<'_>, barcode: Room) -> Result<Rect, Unprintable> {
    let window = press.geometry.always_visible();
    let left = press.geometry.margin_left.max(window.left + CLEAR_SIDE);
    let mut room =
        Rect { left, top: window.top + CLEAR_END, right: window.right - CLEAR_SIDE, bottom: window.bottom - CLEAR_END };
    if barcode == Room::Reserved {
        if room.width() < BARCODE_WIDTH {
            let reason = format!(
                "has no room for its barcode, which takes {:.2} in, and the window shows {:.2} in",
                BARCODE_WIDTH / INCH,
                room.width() / INCH
            );
            return Err(Unprintable::new("address", reason));
        }
        room.top += BARCODE_HEIGHT + CLEAR_BELOW_BARCODE;
    }
    Ok(room)
}

/// The remedies for a line that is too wide, mildest first: a size, and whether lines may be abbreviated at it.
fn remedies(mode: Abbreviations, usual: f64, least: f64) -> Vec<(f64, bool)> {
    let sizes = sizes(usual, least);
    let at = |abbreviated: bool| sizes.iter().map(move |size| (*size, abbreviated));
    match mode {
        Abbreviations::Never => at(false).collect(),
        Abbreviations::Always => at(true).collect(),
        Abbreviations::WhenNeeded => at(false).filter(|(size, _)| *size >= COMFORTABLE).chain(at(true)).collect(),
    }
}

/// Sizes from the usual one down to the least, in points.
pub(super) fn sizes(usual: f64, least: f64) -> Vec<f64> {
    let count = ((usual - least) / STEP).ceil().max(0.0) as usize;
    let mut sizes: Vec<f64> = (0..count).map(|step| usual - STEP * step as f64).collect();
    sizes.push(least);
    sizes
}

fn too_many(count: usize, than: &str) -> Unprintable {
    Unprintable::new("address", format!("has {count} lines, more {than}"))
}

/// One line set at its size.
#[derive(Clone)]
struct Row {
    size: f64,
    runs: Vec<Run>,
    /// Its ink, in points from its baseline's left end.
    ink: InkBox,
}

impl Row {
    fn new(press: Press<'_>, size: f64, mut runs: Vec<Run>) -> Self {
        let scale = size / 1000.0;
        let ink = extents::of_runs(press.lexicon.fonts, &runs).map_or(
            InkBox { left: 0.0, bottom: 0.0, right: 0.0, top: 0.0 },
            |ink| InkBox {
                left: ink.left * scale,
                bottom: ink.bottom * scale,
                right: ink.right * scale,
                top: ink.top * scale,
            },
        );
        // As at the end of every line: see `SetLine::spaced`. The fonts have a space.
        runs.extend(press.lexicon.shape(" ", Style::Regular).unwrap_or_default());
        Self { size, runs, ink }
    }

    /// Width from the block's left edge, where the first glyph's own ink begins at the latest.
    fn width(&self) -> f64 {
        self.ink.right - self.ink.left.min(0.0)
    }
}

/// The lines of a block, shaped.
struct Shaped<'a> {
    lines: &'a [AddressLine],
    full: Vec<Vec<Run>>,
    short: Vec<Option<Vec<Run>>>,
    keyline: Option<Vec<Run>>,
}

impl<'a> Shaped<'a> {
    fn shape(press: Press<'_>, block: &AddressBlock<'a>) -> Result<Self, Unprintable> {
        let lines = block.lines;
        // All texts together, so that one face sets them where one can.
        let mut texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        texts.extend(lines.iter().filter_map(|line| line.short.as_deref()));
        let field = |place: usize| lines.get(place).map_or("letter", |line| unprintable_field(press, line));
        let shaped = press.lexicon.shape_together(&texts, Style::Regular);
        let mut shaped = shaped.map_err(|(place, reason)| Unprintable::new(field(place), reason))?.into_iter();
        let full = shaped.by_ref().take(lines.len()).collect();
        let short = lines.iter().map(|line| line.short.as_ref().and_then(|_| shaped.next())).collect();
        let keyline = block.keyline.map(|text| press.lexicon.shape(text, Style::Regular)).transpose();
        Ok(Self { lines, full, short, keyline: keyline.map_err(|reason| Unprintable::new("letter", reason))? })
    }

    /// The smallest size at which capitals of every face here are as high as they must be.
    fn least_size(&self, press: Press<'_>) -> f64 {
        let runs = self.full.iter().chain(self.short.iter().flatten()).flatten();
        runs.map(|run| LEAST_CAPITALS * 1000.0 / press.lexicon.fonts.extents(run.face).capital_height())
            .fold(LEAST_SIZE, f64::max)
    }

    /// The lines at a size, each abbreviated if it may be and must be, or always is.
    fn rows(&self, press: Press<'_>, size: f64, abbreviated: bool, room: f64) -> Result<Vec<Row>, Unprintable> {
        let always = press.geometry.address_style.abbreviations == Abbreviations::Always;
        let row = |((line, full), short): ((&AddressLine, &Vec<Run>), &Option<Vec<Run>>)| {
            let short = short.as_ref().filter(|_| abbreviated);
            let first = if always { short.unwrap_or(full) } else { full };
            let mut row = Row::new(press, size, first.clone());
            if let Some(short) = short.filter(|_| row.width() > room) {
                row = Row::new(press, size, short.clone());
            }
            if row.width() > room { Err(too_wide(line, row.width(), room)) } else { Ok(row) }
        };
        self.lines.iter().zip(&self.full).zip(&self.short).map(row).collect()
    }
}

/// The field of a line that has a character that no font has.
fn unprintable_field(press: Press<'_>, line: &AddressLine) -> &'static str {
    let gap = |(_, text): &&(&'static str, String)| press.lexicon.fonts.gap(text, Style::Regular).is_some();
    line.parts.iter().find(gap).map_or(line.field, |(field, _)| *field)
}

fn too_wide(line: &AddressLine, width: f64, room: f64) -> Unprintable {
    let reason = format!(
        "takes {:.2} in on the address block, and the window shows {:.2} in; shorten it",
        width / INCH,
        room / INCH
    );
    Unprintable::new(line.field, reason)
}

/// The distance between baselines at which rows fill a height at most, no looser than usual; `None` where they would be
/// too close, or touch.
fn leading(rows: &[Row], height: f64, size: f64, scale: &TypeScale) -> Option<f64> {
    let (first, last) = (rows.first()?, rows.last()?);
    let ends = first.ink.top - last.ink.bottom;
    let gaps = rows.len() - 1;
    let usual = scale.address_leading * (size / scale.address).min(1.0);
    let apart = |pair: &[Row]| match pair {
        [above, below] => below.ink.top - above.ink.bottom,
        _ => 0.0,
    };
    let least = rows.windows(2).map(apart).fold(size * LEAST_LEADING, f64::max);
    if gaps == 0 {
        return (ends <= height).then_some(usual);
    }
    let most = (height - ends) / gaps as f64;
    (most >= least).then_some(most.min(usual.max(least)))
}

/// Puts the rows, and the barcode above them, halfway between the top and bottom of what always shows.
fn place(rows: Vec<Row>, leading: f64, room: Rect, barcode: Room) -> SetAddress {
    let (above, below) = (rows.first().map_or(0.0, |row| row.ink.top), rows.last().map_or(0.0, |row| -row.ink.bottom));
    let height = above + leading * rows.len().saturating_sub(1) as f64 + below;
    let down = (room.height() - height).max(0.0) / 2.0;
    let first = room.top + down + above;
    let barcode_at =
        (barcode == Room::Reserved).then_some((room.left, room.top + down - CLEAR_BELOW_BARCODE - BARCODE_HEIGHT));
    let ink = |(place, row): (usize, Row)| {
        let advance = fonts::advance(&row.runs);
        let (x, y) = (room.left - row.ink.left.min(0.0), first + leading * place as f64);
        Ink::Text { x, y, size: row.size, line: SetLine { runs: row.runs, advance }.into() }
    };
    SetAddress { inks: rows.into_iter().enumerate().map(ink).collect(), barcode_at }
}

#[cfg(test)]
mod tests;
