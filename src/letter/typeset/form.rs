//! A form of the letter, one for each language and format: its fixed blocks set once, its page broken once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::request::{Format, Language};
use crate::letter::envelope::address::AddressLine;
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::envelope::visibility::{self, Purpose};
use crate::letter::envelope::window::{self, AddressBlock, Room, SetAddress};
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::template::markup::{Block, Line, Sheet};
use crate::letter::template::slot::{Slot, SlotTexts};
use crate::letter::typeset::block::{Ink, SetBlock, Setter};
use crate::letter::typeset::fonts::{self, Fonts, Style};
use crate::letter::typeset::paragraph::{self, SetLine};
use crate::letter::typeset::stack::{self, Place};
use crate::letter::typeset::type_scale::{SHEET_MARK_SIZE, TypeScale};

/// A compiled form.
pub(in crate::letter) struct Form {
    pub language: Language,
    pub format: Format,
    pub title: String,
    footer: Line,
    continuation: Line,
    /// Height of the head of each page after the first, in points.
    head: f64,
    entries: Vec<Entry>,
    /// Where each block stands when every slot takes as many lines as it takes with filler.
    frame: Vec<Place>,
    /// How many pages the frame has.
    pub pages: usize,
}

/// A block of the form, and its heights and ink with filler in its slots.
struct Entry {
    block: Block,
    set: Arc<SetBlock>,
    varies: bool,
}

/// Blocks that differ from night to night but not from letter to letter, as the dates do, kept while a print stream
/// is made.
#[derive(Clone, Default)]
pub(in crate::letter) struct Memo(HashMap<(Language, Format, usize, String), Arc<SetBlock>>);

/// One page of one letter.
pub(in crate::letter) struct Page {
    /// Whether the ink of the form's own page of this number belongs under it.
    pub on_frame: bool,
    /// Ink that is the letter's own.
    pub inks: Vec<Ink>,
}

/// The setting of the letter: fonts and sheet.
#[derive(Clone, Copy)]
pub(in crate::letter) struct Press<'a> {
    pub fonts: &'a Fonts,
    pub geometry: &'a SheetGeometry,
}

impl Press<'_> {
    fn setter<'s>(&'s self, scale: &'s TypeScale) -> Setter<'s> {
        Setter { fonts: self.fonts, scale, measure: self.geometry.measure(), geometry: self.geometry }
    }
}

impl Form {
    /// Sets and breaks a form with filler in its slots.
    pub(in crate::letter) fn compile(
        press: Press<'_>,
        (language, format): (Language, Format),
        sheet: Sheet,
        filler: &SlotTexts,
    ) -> Result<Self, LetterError> {
        let unfit = |reason: String| LetterError::Layout { language, format, reason };
        check_slots(&sheet).map_err(unfit)?;
        let scale = TypeScale::of(format);
        let setter = press.setter(scale);
        let mut entries = Vec::with_capacity(sheet.blocks.len());
        for block in &sheet.blocks {
            let set = setter.set(block, filler).map_err(unfit)?;
            entries.push(Entry { block: block.clone(), set: Arc::new(set), varies: block.has_slots() });
        }
        let head = paragraph::set(press.fonts, &sheet.continuation, filler, scale.footer, press.geometry.measure());
        let head = head.map_err(unfit)?.len() as f64 * scale.footer * CONTINUATION_LEADING + scale.leading;
        let blocks: Vec<(&Block, f64)> = entries.iter().map(|entry| (&entry.block, entry.set.height)).collect();
        let frame = stack::arrange(&blocks, scale, press.geometry, head).map_err(unfit)?;
        check_windows(press, &entries, &frame).map_err(unfit)?;
        let pages = stack::pages(&frame);
        let Sheet { title, footer, continuation, .. } = sheet;
        Ok(Self { language, format, title, footer, continuation, head, entries, frame, pages })
    }

    /// The ink that is the same on every letter, a list for each page.
    pub(in crate::letter) fn fixed(&self, geometry: &SheetGeometry) -> Vec<Vec<Ink>> {
        let mut pages = vec![Vec::new(); self.pages];
        for (entry, place) in self.entries.iter().zip(&self.frame).filter(|(entry, _)| !entry.varies) {
            put(&mut pages, &entry.set, *place, geometry);
        }
        pages
    }

    /// Lays out one letter's own ink.
    pub(in crate::letter) fn compose(
        &self,
        press: Press<'_>,
        texts: &mut SlotTexts,
        memo: &mut Memo,
        address: &[AddressLine],
        sheet_mark: &dyn Fn(usize, usize) -> String,
    ) -> Result<Vec<Page>, Unprintable> {
        let scale = TypeScale::of(self.format);
        let setter = press.setter(scale);
        // The address first: it is the narrowest place, and its refusal names the field.
        let keyline = press.geometry.address_style.keyline.then(|| format!("#{}", texts.letter_id));
        let block = AddressBlock { lines: address, keyline: keyline.as_deref(), barcode: Room::None };
        let SetAddress { inks: address, .. } = window::address_block(press, &block, scale)?;
        let whole = |reason: String| Unprintable::new("letter", reason);
        let mut sets = Vec::new();
        for (place, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.varies) {
            sets.push(self.set(&setter, place, &entry.block, texts, memo).map_err(whole)?);
        }
        let mut pages = self.place(press, sets).map_err(whole)?;
        let count = pages.len();
        texts.pages = count.to_string();
        for (place, page) in pages.iter_mut().enumerate() {
            texts.page = (place + 1).to_string();
            self.edges(press, texts, place, &sheet_mark(place + 1, count), page).map_err(whole)?;
        }
        if let Some(first) = pages.first_mut() {
            let purpose = if first.on_frame { Purpose::Text } else { Purpose::WholePage };
            let checked = visibility::check(press.fonts, press.geometry, purpose, &first.inks);
            checked.map_err(|misplaced| whole(misplaced.unquoted()))?;
            first.inks.extend(address);
        }
        Ok(pages)
    }

    /// Sets a block, or takes it from the memo. What is one person's own is never kept.
    fn set(
        &self,
        setter: &Setter<'_>,
        place: usize,
        block: &Block,
        texts: &SlotTexts,
        memo: &mut Memo,
    ) -> Result<Arc<SetBlock>, String> {
        if block.slots().any(Slot::is_personal) {
            return setter.set(block, texts).map(Arc::new);
        }
        let filled: Vec<&str> = block.slots().map(|slot| texts.get(slot)).collect();
        let key = (self.language, self.format, place, filled.join("\n"));
        if let Some(known) = memo.0.get(&key) {
            return Ok(Arc::clone(known));
        }
        let set = Arc::new(setter.set(block, texts)?);
        memo.0.insert(key, Arc::clone(&set));
        Ok(set)
    }

    /// Places the blocks that vary: on the frame where they are as high as it expects, or else with all blocks anew.
    fn place(&self, press: Press<'_>, sets: Vec<Arc<SetBlock>>) -> Result<Vec<Page>, String> {
        let varying = self.entries.iter().zip(&self.frame).filter(|(entry, _)| entry.varies);
        let on_frame = varying.clone().zip(&sets).all(|((entry, _), set)| entry.set.height == set.height);
        let mut inks = vec![Vec::new(); self.pages];
        if on_frame {
            for ((_, place), set) in varying.zip(&sets) {
                put(&mut inks, set, *place, press.geometry);
            }
        } else {
            inks = self.place_anew(press, sets)?;
        }
        Ok(inks.into_iter().map(|inks| Page { on_frame, inks }).collect())
    }

    fn place_anew(&self, press: Press<'_>, sets: Vec<Arc<SetBlock>>) -> Result<Vec<Vec<Ink>>, String> {
        let scale = TypeScale::of(self.format);
        let mut sets = sets.into_iter();
        let all: Vec<(&Block, Arc<SetBlock>)> = self
            .entries
            .iter()
            .map(|entry| {
                let own = if entry.varies { sets.next() } else { None };
                (&entry.block, own.unwrap_or_else(|| Arc::clone(&entry.set)))
            })
            .collect();
        let blocks: Vec<(&Block, f64)> = all.iter().map(|(block, set)| (*block, set.height)).collect();
        let places = stack::arrange(&blocks, scale, press.geometry, self.head)?;
        let mut pages = vec![Vec::new(); stack::pages(&places)];
        for ((_, set), place) in all.iter().zip(&places) {
            put(&mut pages, set, *place, press.geometry);
        }
        Ok(pages)
    }

    /// The lines at the head and foot of a page.
    fn edges(
        &self,
        press: Press<'_>,
        texts: &SlotTexts,
        place: usize,
        mark: &str,
        page: &mut Page,
    ) -> Result<(), String> {
        let (geometry, size) = (press.geometry, TypeScale::of(self.format).footer);
        let (left, right) = (geometry.margin_left, geometry.page_width - geometry.margin_right);
        let foot = geometry.page_height - geometry.margin_bottom;
        let footer = paragraph::set_one(press.fonts, &self.footer, texts)?;
        let footer_width = f64::from(footer.advance) * size / 1000.0;
        page.inks.push(Ink::Text { x: left, y: foot, size, line: footer.into() });
        let runs = press.fonts.shape(mark, Style::Regular)?;
        let advance = fonts::advance(&runs);
        let x = right - f64::from(advance) * SHEET_MARK_SIZE / 1000.0;
        // Beside the footer where there is room, or else below it.
        let y = if left + footer_width + size < x { foot } else { foot + SHEET_MARK_SIZE * 1.3 };
        let line = SetLine { runs, advance }.into();
        page.inks.push(Ink::Text { x, y, size: SHEET_MARK_SIZE, line });
        if place > 0 {
            let mut y = geometry.margin_top;
            for line in paragraph::set(press.fonts, &self.continuation, texts, size, geometry.measure())? {
                page.inks.push(Ink::Text { x: left, y: y + size * 0.8, size, line: line.into() });
                y += size * CONTINUATION_LEADING;
            }
            page.inks.push(Ink::Rule { x: left, y, right: geometry.measure(), down: 0.0, weight: 1.0 });
        }
        Ok(())
    }
}

/// Leading of the lines at the head of later pages, as a part of their size.
const CONTINUATION_LEADING: f64 = 1.25;

/// Puts a block's ink on its page.
fn put(pages: &mut [Vec<Ink>], set: &SetBlock, place: Place, geometry: &SheetGeometry) {
    if let Some(page) = pages.get_mut(place.page) {
        page.extend(set.inks.iter().map(|ink| ink.moved(geometry.margin_left, place.y)));
    }
}

/// Checks that no block of the frame's first page shows through a window but the letterhead through its own.
fn check_windows(press: Press<'_>, entries: &[Entry], frame: &[Place]) -> Result<(), String> {
    for (entry, place) in entries.iter().zip(frame).filter(|(_, place)| place.page == 0) {
        let is_letterhead = matches!(entry.block, Block::Letterhead(_));
        let purpose = if is_letterhead { Purpose::Letterhead } else { Purpose::Text };
        let mut page = [Vec::new()];
        put(&mut page, &entry.set, *place, press.geometry);
        let checked = page.iter().try_for_each(|inks| visibility::check(press.fonts, press.geometry, purpose, inks));
        checked.map_err(|misplaced| misplaced.quoted())?;
    }
    Ok(())
}

/// A letter must hold the password once, in its box, the last day, and its own id at the foot.
fn check_slots(sheet: &Sheet) -> Result<(), String> {
    let boxed = |block: &&Block| matches!(block, Block::PasswordBox(_));
    let passwords = |block: &Block| block.slots().filter(|slot| *slot == Slot::Password).count();
    let in_boxes: usize = sheet.blocks.iter().filter(boxed).map(passwords).sum();
    let everywhere: usize = sheet.blocks.iter().map(passwords).sum();
    let edge = |line: &Line, slot: Slot| Block::Paragraph(line.clone()).slots().any(|found| found == slot);
    if in_boxes != 1
        || everywhere != 1
        || edge(&sheet.footer, Slot::Password)
        || edge(&sheet.continuation, Slot::Password)
    {
        return Err("slot.password must stand once, in the password block".to_owned());
    }
    if !sheet.blocks.iter().any(|block| block.slots().any(|slot| slot == Slot::UseByOn)) {
        return Err("slot.use_by_on must stand in the letter".to_owned());
    }
    if !edge(&sheet.footer, Slot::LetterId) {
        return Err("slot.letter_id must stand in the footer".to_owned());
    }
    Ok(())
}
