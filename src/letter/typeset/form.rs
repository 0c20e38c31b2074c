//! A form of the letter, one for each language and format: what all its letters share is set and broken once.

use std::sync::Arc;

use crate::domain::request::{Format, Language};
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::envelope::visibility::{self, Purpose};
use crate::letter::error::LetterError;
use crate::letter::template::markup::{Block, Line, Sheet};
use crate::letter::template::slot::{Slot, SlotTexts};
use crate::letter::typeset::block::{Ink, SetBlock, Setter, is_password};
use crate::letter::typeset::layout::{Element, Group, Layout};
use crate::letter::typeset::lexicon::Lexicon;
use crate::letter::typeset::paragraph;
use crate::letter::typeset::stack::{self, Place};
use crate::letter::typeset::type_scale::TypeScale;

/// A compiled form.
pub(in crate::letter) struct Form {
    pub language: Language,
    pub format: Format,
    pub title: String,
    pub(in crate::letter) footer: Line,
    pub(in crate::letter) continuation: Line,
    /// Height of the head of each page after the first, in points.
    head: f64,
    /// The longest line of running text, in type sizes.
    line_length: f64,
    pub(in crate::letter) entries: Vec<Entry>,
}

/// What decides how a block looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) enum Varies {
    /// The template alone.
    Never,
    /// Dates, which many letters of a night share.
    ByDate,
    /// Whose letter it is.
    ByPerson,
}

/// A block of the form, set with filler in its slots.
pub(in crate::letter) struct Entry {
    pub block: Block,
    pub set: Arc<SetBlock>,
    pub varies: Varies,
}

/// The setting of the letter: fonts with their memory for words, and the sheet.
#[derive(Clone, Copy)]
pub(in crate::letter) struct Press<'a> {
    pub lexicon: &'a Lexicon<'a>,
    pub geometry: &'a SheetGeometry,
}

impl<'a> Press<'a> {
    /// Sets blocks at these sizes, in lines that are no longer than so many type sizes.
    pub(in crate::letter) fn setter(self, scale: &'a TypeScale, line_length: f64) -> Setter<'a> {
        let (measure, longest_line) = (self.geometry.measure(), line_length * scale.body);
        Setter { lexicon: self.lexicon, scale, measure, longest_line, geometry: self.geometry }
    }
}

impl Form {
    /// Sets a form with filler in its slots and lines of at most this length, in type sizes, and finds out whether it
    /// fits its pages.
    pub(in crate::letter) fn compile(
        press: Press<'_>,
        (language, format): (Language, Format),
        sheet: Sheet,
        filler: &SlotTexts,
        line_length: f64,
    ) -> Result<Self, LetterError> {
        let unfit = |reason: String| LetterError::Layout { language, format, reason };
        check_slots(&sheet).map_err(unfit)?;
        let scale = TypeScale::of(format);
        let setter = press.setter(scale, line_length);
        let Sheet { title, footer, continuation, blocks } = sheet;
        let entry = |block: Block| {
            let (set, varies) = (setter.set(&block, filler)?.into(), varies(&block));
            Ok(Entry { block, set, varies })
        };
        let entries = blocks.into_iter().map(entry).collect::<Result<Vec<_>, String>>().map_err(unfit)?;
        let head = paragraph::set(press.lexicon, &continuation, filler, scale.footer, press.geometry.measure());
        let head = head.map_err(unfit)?.len() as f64 * scale.footer * CONTINUATION_LEADING + scale.leading;
        let form = Self { language, format, title, footer, continuation, head, line_length, entries };
        form.lay_out(press, &form.entries.iter().map(|entry| Arc::clone(&entry.set)).collect::<Vec<_>>(), filler)
            .map_err(unfit)?;
        Ok(form)
    }

    pub(in crate::letter) fn scale(&self) -> &'static TypeScale {
        TypeScale::of(self.format)
    }

    /// Sets blocks of this form.
    pub(in crate::letter) fn setter<'a>(&self, press: Press<'a>) -> Setter<'a> {
        press.setter(self.scale(), self.line_length)
    }

    /// Places blocks, one for each entry, and draws what letters with blocks of these heights and dates share.
    ///
    /// # Errors
    ///
    /// The reason, where they do not fit the pages.
    pub(in crate::letter) fn lay_out(
        &self,
        press: Press<'_>,
        sets: &[Arc<SetBlock>],
        texts: &SlotTexts,
    ) -> Result<Layout, String> {
        let (scale, geometry) = (self.scale(), press.geometry);
        let blocks: Vec<(&Block, f64)> =
            self.entries.iter().zip(sets).map(|(entry, set)| (&entry.block, set.height)).collect();
        let places = stack::arrange(&blocks, scale, geometry, self.head)?;
        let pages = stack::pages(&places);
        let mut layout = Layout { places, shared: vec![Vec::new(); pages], password: None };
        for (number, (entry, set)) in self.entries.iter().zip(sets).enumerate() {
            layout.password = layout.password.or(layout.password_of(number, set, geometry));
            if entry.varies != Varies::ByPerson {
                layout.draw(number, set, geometry);
                check_windows(press, entry, set, layout.places.get(number))?;
            }
        }
        for page in layout.shared.iter_mut().skip(1) {
            let inks = self.continuation_inks(press, texts)?;
            page.insert(0, Group { element: Element::Edge, inks });
        }
        Ok(layout)
    }

    /// The line and the rule at the head of each page after the first.
    fn continuation_inks(&self, press: Press<'_>, texts: &SlotTexts) -> Result<Vec<Ink>, String> {
        let (geometry, size) = (press.geometry, self.scale().footer);
        let (x, mut y) = (geometry.margin_left, geometry.margin_top);
        let mut inks = Vec::new();
        for line in paragraph::set(press.lexicon, &self.continuation, texts, size, geometry.measure())? {
            inks.push(Ink::Text { x, y: y + size * 0.8, size, line: line.into() });
            y += size * CONTINUATION_LEADING;
        }
        inks.push(Ink::Rule { x, y, right: geometry.measure(), down: 0.0, weight: 1.0 });
        Ok(inks)
    }
}

/// Leading of the lines at the head of later pages, as a part of their size.
const CONTINUATION_LEADING: f64 = 1.25;

/// Checks that no block of the first page shows through a window but the letterhead through its own.
fn check_windows(press: Press<'_>, entry: &Entry, set: &SetBlock, place: Option<&Place>) -> Result<(), String> {
    let Some(place) = place.filter(|place| place.page == 0) else { return Ok(()) };
    let is_letterhead = matches!(entry.block, Block::Letterhead(_));
    let purpose = if is_letterhead { Purpose::Letterhead } else { Purpose::Text };
    let inks: Vec<Ink> = set.inks.iter().map(|ink| ink.moved(press.geometry.margin_left, place.y)).collect();
    let checked = visibility::check(press.lexicon.fonts, press.geometry, purpose, &inks);
    checked.map_err(|misplaced| misplaced.quoted())
}

fn varies(block: &Block) -> Varies {
    let of_a_person =
        |slot: Slot| slot.is_personal() && !(slot == Slot::Password && matches!(block, Block::PasswordBox(_)));
    if block.slots().any(of_a_person) {
        Varies::ByPerson
    } else if block.has_slots() {
        Varies::ByDate
    } else {
        Varies::Never
    }
}

/// A letter must hold the password once, alone on a line of its box, the last day, and its own id at the foot.
fn check_slots(sheet: &Sheet) -> Result<(), String> {
    let in_line =
        |line: &Line, wanted: Slot| Block::Paragraph(line.clone()).slots().filter(|slot| *slot == wanted).count();
    let in_blocks = |wanted: Slot| sheet.blocks.iter().flat_map(Block::slots).filter(|slot| *slot == wanted).count();
    let boxed = |block: &Block| match block {
        Block::PasswordBox(lines) => lines.iter().filter(|line| is_password(line)).count(),
        _ => 0,
    };
    let edges = [&sheet.footer, &sheet.continuation];
    let everywhere = in_blocks(Slot::Password) + edges.map(|line| in_line(line, Slot::Password)).iter().sum::<usize>();
    if sheet.blocks.iter().map(boxed).sum::<usize>() != 1 || everywhere != 1 {
        return Err("slot.password must stand once, alone on a line of the password block".to_owned());
    }
    if in_blocks(Slot::UseByOn) == 0 {
        return Err("slot.use_by_on must stand in the letter".to_owned());
    }
    if in_line(&sheet.footer, Slot::LetterId) == 0 {
        return Err("slot.letter_id must stand in the footer".to_owned());
    }
    if in_blocks(Slot::Page) + in_blocks(Slot::Pages) > 0 {
        return Err("slot.page and slot.pages belong in the footer".to_owned());
    }
    if Block::Paragraph(sheet.continuation.clone()).slots().any(Slot::is_personal) {
        return Err("the continuation line is the same on every letter; it cannot hold a person's slots".to_owned());
    }
    Ok(())
}
