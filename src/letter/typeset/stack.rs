//! Stacking: where on which page each block stands.

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::template::markup::Block;
use crate::letter::typeset::type_scale::TypeScale;

/// The page, from zero, and the top of a block on it in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::letter) struct Place {
    pub page: usize,
    pub y: f64,
}

/// Clear space between the text and what can show through the window.
const WINDOW_CLEARANCE: f64 = 8.0;
/// How far the space between blocks may shrink to save a page.
const CLOSEST: f64 = 0.75;
/// How far it may grow to fill the last page, widest first.
const STRETCHES: [f64; 9] = [1.8, 1.65, 1.5, 1.35, 1.2, 1.1, 1.0, 0.9, 0.8];

/// Clear space between the password's box and the folds above and below it.
const FOLD_CLEARANCE: f64 = 8.0;

/// Points in an inch.
const INCH: f64 = 72.0;

/// How many pages these places are on.
pub(in crate::letter) fn pages(places: &[Place]) -> usize {
    places.iter().map(|place| place.page + 1).max().unwrap_or(1)
}

/// Places blocks of these heights on as few pages as they can be on, and as loosely as those pages allow.
/// `continuation` is the height of the head of each page after the first, in points.
///
/// # Errors
///
/// The reason, where the head is too high, a block is higher than a page, or the pages are too many.
pub(in crate::letter) fn arrange(
    blocks: &[(&Block, f64)],
    scale: &TypeScale,
    geometry: &SheetGeometry,
    continuation: f64,
) -> Result<Vec<Place>, String> {
    let stacked = |stretch| stack(blocks, scale, geometry, Spacing { stretch, continuation });
    let closest = stacked(CLOSEST)?;
    let count = pages(&closest);
    if count > scale.most_pages {
        return Err(format!("it takes {count} pages, and {} is the limit; shorten the text", scale.most_pages));
    }
    // Growing may neither add a page nor push the password off the first.
    let boxed = |places: &[Place]| {
        blocks.iter().zip(places).find(|((block, _), _)| matches!(block, Block::PasswordBox(_))).map(|(_, at)| at.page)
    };
    let alike = |places: &Vec<Place>| pages(places) == count && boxed(places) == boxed(&closest);
    let loosest = STRETCHES.into_iter().filter_map(|stretch| stacked(stretch).ok()).find(alike);
    Ok(loosest.unwrap_or(closest))
}

/// The space between blocks, and at the head of pages.
#[derive(Debug, Clone, Copy)]
struct Spacing {
    /// What the space between blocks is multiplied by.
    stretch: f64,
    continuation: f64,
}

/// Places blocks of these heights: letterhead and date above the window, all else below it and on later pages. The
/// password stands between the folds of the first page, or on a later one: folded together, the sheets cover both. A heading stays with what follows it; no block is split.
///
/// # Errors
///
/// The reason, where the head is too high or a block is higher than a page.
fn stack(
    blocks: &[(&Block, f64)],
    scale: &TypeScale,
    geometry: &SheetGeometry,
    spacing: Spacing,
) -> Result<Vec<Place>, String> {
    let mut places = stack_head(blocks, scale, geometry)?;
    let head = places.len();
    let bottom = geometry.page_height - geometry.margin_bottom - scale.footer * 1.9;
    let next_top = geometry.margin_top + spacing.continuation;
    let mut page = 0;
    let mut y = geometry.below_windows() + WINDOW_CLEARANCE;
    for (place, (block, height)) in blocks.iter().enumerate().skip(head) {
        let (first, boxed) = (place == head, matches!(block, Block::PasswordBox(_)));
        y += if first { 0.0 } else { space_before(block, scale) * spacing.stretch };
        if page == 0 && boxed {
            y = y.max(geometry.first_fold + FOLD_CLEARANCE);
            if y + height > geometry.second_fold - FOLD_CLEARANCE {
                if scale.most_pages == 1 {
                    return Err(below_the_panel(y + height, geometry));
                }
                (page, y) = (page + 1, next_top);
            }
        }
        if y + height + kept_with(blocks, place, scale) > bottom && !first {
            page += 1;
            y = next_top;
        }
        if y + height > bottom {
            return Err("a block is higher than a page".to_owned());
        }
        places.push(Place { page, y });
        let next = blocks.get(place + 1).map(|(next, _)| *next);
        y += height + space_after(block, next, scale) * spacing.stretch;
    }
    Ok(places)
}

fn below_the_panel(bottom: f64, geometry: &SheetGeometry) -> String {
    format!(
        "the password must stand between the folds, where it is covered, and its box ends {:.2} in from the top of the \
         page; with the second fold at {:.2} in it must end at {:.2}: shorten what stands before it, or fold lower",
        bottom / INCH,
        geometry.second_fold / INCH,
        (geometry.second_fold - FOLD_CLEARANCE) / INCH
    )
}

/// Places letterhead and date above the window, or the letterhead in its own; a date that has no room there is left for the text below it.
fn stack_head(blocks: &[(&Block, f64)], scale: &TypeScale, geometry: &SheetGeometry) -> Result<Vec<Place>, String> {
    let bottom = geometry.ever_visible().top - WINDOW_CLEARANCE / 2.0;
    let mut places = Vec::with_capacity(blocks.len());
    let mut y = geometry.margin_top;
    for (block, height) in blocks {
        let is_date = matches!(block, Block::Date(_));
        y += if is_date { scale.after * 1.5 } else { 0.0 };
        let fits = y + height <= bottom;
        match block {
            // Set at its place already, in a window of its own; the date then goes below the windows.
            Block::Letterhead(_) if geometry.return_window.is_some() => {
                places.push(Place { page: 0, y: 0.0 });
                break;
            }
            Block::Letterhead(_) if !fits => {
                return Err("the letterhead reaches into the envelope's window; shorten the return address".to_owned());
            }
            Block::Letterhead(_) | Block::Date(_) if fits => places.push(Place { page: 0, y }),
            _ => break,
        }
        y += height;
    }
    Ok(places)
}

/// What must fit below a heading on its page: the block that it heads.
fn kept_with(blocks: &[(&Block, f64)], place: usize, scale: &TypeScale) -> f64 {
    match (blocks.get(place), blocks.get(place + 1)) {
        (Some((Block::Heading(..), _)), Some((_, next))) => scale.after * 0.5 + next,
        _ => 0.0,
    }
}

fn space_before(block: &Block, scale: &TypeScale) -> f64 {
    match block {
        Block::Heading(..) => scale.before_heading,
        Block::PasswordBox(_) | Block::Note(_) => scale.after * 0.5,
        _ => 0.0,
    }
}

fn space_after(block: &Block, next: Option<&Block>, scale: &TypeScale) -> f64 {
    match (block, next) {
        (Block::Heading(..), _) => scale.after * 0.5,
        (Block::Step(..), Some(Block::Step(..))) | (Block::Point(_), Some(Block::Point(_))) => scale.after_step,
        (Block::PasswordBox(_) | Block::Note(_), _) => scale.after * 1.5,
        _ => scale.after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::Format;
    use crate::letter::template::markup::{Content, Inline, Line};
    use crate::letter::typeset::fonts::Style;

    fn line() -> Line {
        vec![Inline { content: Content::Text("text".to_owned()), style: Style::Regular }]
    }

    fn arranged(blocks: &[(&Block, f64)], format: Format) -> Result<Vec<Place>, String> {
        arrange(blocks, TypeScale::of(format), &SheetGeometry::default(), 40.0)
    }

    #[test]
    fn the_password_is_below_the_fold_even_in_a_short_letter() {
        let (date, boxed) = (Block::Date(line()), Block::PasswordBox(vec![line()]));
        let places = arranged(&[(&date, 14.0), (&boxed, 60.0)], Format::Standard).unwrap();
        let geometry = SheetGeometry::default();
        assert!(places[0].y + 14.0 < geometry.ever_visible().top);
        assert!(places[1].y > geometry.first_fold && places[1].page == 0);
    }

    #[test]
    fn the_password_is_never_below_the_second_fold() {
        let (text, boxed) = (Block::Paragraph(line()), Block::PasswordBox(vec![line()]));
        let geometry = SheetGeometry::default();
        // The text leaves 80 points above the second fold's clear space.
        let above = geometry.second_fold - FOLD_CLEARANCE - 80.0 - geometry.below_windows() - WINDOW_CLEARANCE - 20.0;
        let places = arranged(&[(&text, above), (&boxed, 80.0)], Format::Standard).unwrap();
        assert!(places[1].page == 0 && places[1].y + 80.0 <= geometry.second_fold - FOLD_CLEARANCE);
        let refused = arranged(&[(&text, above + 30.0), (&boxed, 80.0)], Format::Standard).unwrap_err();
        assert!(refused.contains("between the folds") && refused.contains("second fold at 7.50 in"), "{refused}");
        let places = arranged(&[(&text, above + 30.0), (&boxed, 80.0)], Format::LargePrint).unwrap();
        assert_eq!(places[1].page, 1, "the second sheet is covered by the first");
    }

    #[test]
    fn a_date_without_room_above_the_window_goes_below_it() {
        let (head, date, text) = (Block::Letterhead(vec![line()]), Block::Date(line()), Block::Paragraph(line()));
        let places = arranged(&[(&head, 115.0), (&date, 23.0), (&text, 23.0)], Format::LargePrint).unwrap();
        let window = SheetGeometry::default().ever_visible();
        assert!(places[0].y < window.top && window.bottom < places[1].y && places[1].y < places[2].y);
    }

    #[test]
    fn a_heading_stays_with_what_it_heads() {
        let (text, heading) = (Block::Paragraph(line()), Block::Heading(2, line()));
        // The paragraph leaves 60 points of the first page: enough for the heading, not for what follows it.
        let geometry = SheetGeometry::default();
        let first = geometry.page_height - geometry.margin_bottom - 18.0 * 1.9 - geometry.ever_visible().bottom - 80.0;
        let places = arranged(&[(&text, first), (&heading, 25.0), (&text, 100.0)], Format::LargePrint).unwrap();
        assert_eq!(places.iter().map(|place| place.page).collect::<Vec<_>>(), [0, 1, 1]);
        assert!(places[1].y < places[2].y);
    }

    #[test]
    fn too_much_is_refused() {
        let (text, date) = (Block::Paragraph(line()), Block::Date(line()));
        assert!(arranged(&[(&text, 800.0)], Format::LargePrint).is_err());
        assert!(arranged(&[(&text, 300.0), (&text, 300.0)], Format::Standard).unwrap_err().contains("2 pages"));
        let head = Block::Letterhead(vec![line()]);
        assert!(arranged(&[(&head, 140.0), (&date, 14.0)], Format::Standard).unwrap_err().contains("window"));
    }
}
