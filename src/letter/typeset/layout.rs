//! A layout: where every block of a form stands, and the ink that all letters laid out so share.

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::typeset::block::{Ink, SetBlock};
use crate::letter::typeset::stack::Place;

/// What ink belongs to, for those who hear the page instead of seeing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::letter) enum Element {
    /// The block of this place in the form.
    Block(usize),
    /// The password, within its block.
    Password,
    /// The address in the window.
    Address,
    /// The barcode above the address: for machines alone.
    Barcode,
    /// The edges of the page and the marks: not part of what is read.
    Edge,
}

/// Ink of one element.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct Group {
    pub element: Element,
    pub inks: Vec<Ink>,
}

/// Where blocks stand, and what is drawn of them on every letter alike.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct Layout {
    /// The place of each block of the form.
    pub places: Vec<Place>,
    /// The shared ink of each page.
    pub shared: Vec<Vec<Group>>,
    /// The page of the password, from zero, and the left end of its baseline in points.
    pub password: Option<(usize, f64, f64)>,
}

impl Layout {
    /// The ink of a block in its place.
    pub(in crate::letter) fn placed(
        &self,
        number: usize,
        set: &SetBlock,
        geometry: &SheetGeometry,
    ) -> Option<(usize, Group)> {
        let place = self.places.get(number)?;
        let inks = set.inks.iter().map(|ink| ink.moved(geometry.margin_left, place.y)).collect();
        Some((place.page, Group { element: Element::Block(number), inks }))
    }

    /// Draws a block among the shared ink.
    pub(in crate::letter) fn draw(&mut self, number: usize, set: &SetBlock, geometry: &SheetGeometry) {
        if let Some((page, group)) = self.placed(number, set, geometry)
            && let Some(shared) = self.shared.get_mut(page)
        {
            shared.push(group);
        }
    }

    /// Where the password of this block goes, if it has one.
    pub(in crate::letter) fn password_of(
        &self,
        number: usize,
        set: &SetBlock,
        geometry: &SheetGeometry,
    ) -> Option<(usize, f64, f64)> {
        let (place, (x, y)) = (self.places.get(number)?, set.password_at?);
        Some((place.page, geometry.margin_left + x, place.y + y))
    }
}
