//! One letter composed: its own ink, over the layout that it shares with letters like it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::imb::Imb;
use crate::domain::request::{Format, Language};
use crate::letter::envelope::address::AddressLine;
use crate::letter::envelope::visibility::{self, Purpose};
use crate::letter::envelope::window::{self, AddressBlock, Room, SetAddress};
use crate::letter::error::Unprintable;
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::pdf::bar_font::REACH;
use crate::letter::piece::PrintMode;
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::block::{Ink, SetBlock};
use crate::letter::typeset::fonts::{self, Style};
use crate::letter::typeset::form::{Form, Press, Varies};
use crate::letter::typeset::layout::{Element, Group, Layout};
use crate::letter::typeset::paragraph::{self, SetLine};
use crate::letter::typeset::type_scale::SHEET_MARK_SIZE;

/// What the letters of one package have in common beside their text.
#[derive(Clone, Copy)]
pub(in crate::letter) struct Job<'a> {
    pub marks: &'a SheetMarks,
    pub mode: PrintMode,
}

impl Job<'_> {
    /// The sheet of a page, both from zero, if the page is a front.
    pub(in crate::letter) fn front(self, page: usize) -> Option<usize> {
        if !self.mode.duplex {
            Some(page)
        } else if page.is_multiple_of(2) {
            Some(page / 2)
        } else {
            None
        }
    }

    /// How many sheets so many pages take.
    pub(in crate::letter) fn sheets(self, pages: usize) -> usize {
        if self.mode.duplex { pages.div_ceil(2) } else { pages }
    }
}

/// Layouts that letters before this one had: letters of one form, one set of dates and one height have the same.
#[derive(Default)]
pub(in crate::letter) struct Memo {
    numbers: HashMap<LayoutKey, usize>,
    layouts: Vec<(Language, Arc<Layout>)>,
}

#[derive(PartialEq, Eq, Hash)]
struct LayoutKey {
    language: Language,
    format: Format,
    dates: String,
    /// The heights of the blocks that are a person's own, as bits.
    heights: Vec<u64>,
}

/// A letter with its own ink, page by page.
pub(in crate::letter) struct Composed {
    /// The number of its layout in the memo.
    pub layout: usize,
    pub own: Vec<Vec<Group>>,
}

/// Whose letter it is, as far as it is not in the slots.
#[derive(Clone, Copy)]
pub(in crate::letter) struct Subject<'a> {
    pub address: &'a [AddressLine],
    /// Whether it goes abroad, where no barcode of the Postal Service is of use.
    pub abroad: bool,
    pub barcode: Option<&'a Imb>,
    pub sequence: u32,
}

/// Composes a letter.
///
/// # Errors
///
/// The field and the reason, where the letter cannot be printed.
pub(in crate::letter) fn compose(
    form: &Form,
    press: Press<'_>,
    job: Job<'_>,
    texts: &mut SlotTexts,
    subject: Subject<'_>,
    memo: &mut Memo,
) -> Result<Composed, Unprintable> {
    // The address first: it is the narrowest place, and its refusal names the field.
    let address = address(form, press, job, texts, subject)?;
    let whole = |reason: String| Unprintable::new("letter", reason);
    let personal = set_personal(form, press, texts).map_err(whole)?;
    let number = memo.layout(form, press, texts, &personal).map_err(whole)?;
    let layout = memo
        .layouts
        .get(number)
        .map(|(_, layout)| Arc::clone(layout))
        .ok_or_else(|| whole("has no layout".to_owned()))?;
    let mut own = vec![Vec::new(); layout.shared.len()];
    if let Some(first) = own.first_mut() {
        first.extend(address);
    }
    for (number, set) in &personal {
        if let Some((page, group)) = layout.placed(*number, set, press.geometry)
            && let Some(inks) = own.get_mut(page)
        {
            inks.push(group);
        }
    }
    put_password(form, press, texts, &layout, &mut own).map_err(whole)?;
    let sheets = job.sheets(own.len());
    texts.pages = own.len().to_string();
    for (page, groups) in own.iter_mut().enumerate() {
        texts.page = (page + 1).to_string();
        let mark = job.front(page).map(|sheet| job.marks.text(subject.sequence, sheet + 1, sheets));
        let inks = edges(form, press, texts, job.marks, mark.as_deref()).map_err(whole)?;
        groups.push(Group { element: Element::Edge, inks });
    }
    if let Some(first) = own.first() {
        check_windows(press, first)?;
    }
    Ok(Composed { layout: number, own })
}

/// The ink in the window: barcode, the letter's id, address.
fn address(
    form: &Form,
    press: Press<'_>,
    job: Job<'_>,
    texts: &SlotTexts,
    subject: Subject<'_>,
) -> Result<[Group; 2], Unprintable> {
    let keyline = press.geometry.address_style.keyline.then(|| format!("#{}", texts.letter_id));
    let has_room = subject.barcode.is_some() || (job.mode.barcode_room && !subject.abroad);
    let barcode = if has_room { Room::Reserved } else { Room::None };
    let block = AddressBlock { lines: subject.address, keyline: keyline.as_deref(), barcode };
    let SetAddress { inks, barcode_at } = window::address_block(press, &block, form.scale())?;
    let bars = |(imb, (x, top)): (&Imb, (f64, f64))| Ink::Bars { x, y: top + REACH, bars: imb.bars().into() };
    let barcode = subject.barcode.zip(barcode_at).map(bars);
    Ok([
        Group { element: Element::Barcode, inks: barcode.into_iter().collect() },
        Group { element: Element::Address, inks },
    ])
}

/// The blocks that are a person's own, with their places in the form.
fn set_personal(form: &Form, press: Press<'_>, texts: &SlotTexts) -> Result<Vec<(usize, Arc<SetBlock>)>, String> {
    let setter = form.setter(press);
    let personal = form.entries.iter().enumerate().filter(|(_, entry)| entry.varies == Varies::ByPerson);
    personal.map(|(number, entry)| Ok((number, setter.set(&entry.block, texts)?.into()))).collect()
}

impl Memo {
    /// Every layout with the language of its letters, in the order of their numbers.
    pub(in crate::letter) fn layouts(&self) -> impl Iterator<Item = (Language, &Layout)> {
        self.layouts.iter().map(|(language, layout)| (*language, layout.as_ref()))
    }

    /// The number of the layout for these dates and heights, made where it is not known yet.
    fn layout(
        &mut self,
        form: &Form,
        press: Press<'_>,
        texts: &SlotTexts,
        personal: &[(usize, Arc<SetBlock>)],
    ) -> Result<usize, String> {
        let key = LayoutKey {
            language: form.language,
            format: form.format,
            dates: texts.dates(),
            heights: personal.iter().map(|(_, set)| set.height.to_bits()).collect(),
        };
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        let setter = form.setter(press);
        let mut sets = Vec::with_capacity(form.entries.len());
        for (number, entry) in form.entries.iter().enumerate() {
            let own = personal.iter().find(|(own, _)| *own == number).map(|(_, set)| Arc::clone(set));
            sets.push(match (own, entry.varies) {
                (Some(own), _) => own,
                (None, Varies::ByDate) => setter.set(&entry.block, texts)?.into(),
                (None, _) => Arc::clone(&entry.set),
            });
        }
        let layout = form.lay_out(press, &sets, texts)?;
        let number = self.layouts.len();
        self.layouts.push((form.language, layout.into()));
        self.numbers.insert(key, number);
        Ok(number)
    }
}

fn put_password(
    form: &Form,
    press: Press<'_>,
    texts: &SlotTexts,
    layout: &Layout,
    own: &mut [Vec<Group>],
) -> Result<(), String> {
    let runs = press.lexicon.shape(&texts.password, Style::Mono)?;
    let (page, x, y) = layout.password.ok_or("has no place for the password")?;
    let line = SetLine { advance: fonts::advance(&runs), runs }.into();
    let inks = vec![Ink::Text { x, y, size: form.scale().password, line }];
    own.get_mut(page).ok_or("has no page for the password")?.push(Group { element: Element::Password, inks });
    Ok(())
}

/// Checks that nothing of a letter's own but its address shows through a window.
fn check_windows(press: Press<'_>, groups: &[Group]) -> Result<(), Unprintable> {
    for group in groups.iter().filter(|group| !matches!(group.element, Element::Barcode | Element::Address)) {
        visibility::check(press.lexicon.fonts, press.geometry, Purpose::Text, &group.inks)
            .map_err(|misplaced| Unprintable::new("letter", misplaced.unquoted()))?;
    }
    Ok(())
}

/// The foot of a page and, on the front of a sheet, the inserter's mark.
fn edges(
    form: &Form,
    press: Press<'_>,
    texts: &SlotTexts,
    marks: &SheetMarks,
    mark: Option<&str>,
) -> Result<Vec<Ink>, String> {
    let (geometry, size) = (press.geometry, form.scale().footer);
    let left = geometry.margin_left;
    let foot = geometry.page_height - geometry.margin_bottom;
    let footer = paragraph::set_one(press.lexicon, &form.footer, texts)?;
    let footer_width = f64::from(footer.advance) * size / 1000.0;
    let mut inks = vec![Ink::Text { x: left, y: foot, size, line: footer.into() }];
    if let Some(text) = mark {
        inks.push(marks.ink(text, geometry).ok_or("its mark does not fit its symbol")?);
        let runs = press.lexicon.shape(text, Style::Regular)?;
        let advance = fonts::advance(&runs);
        let x = marks.clear(geometry).0 - SHEET_MARK_SIZE * 0.5 - f64::from(advance) * SHEET_MARK_SIZE / 1000.0;
        // Beside the footer where there is room, or else below it.
        let y = if left + footer_width + size < x { foot } else { foot + SHEET_MARK_SIZE * 1.3 };
        inks.push(Ink::Text { x, y, size: SHEET_MARK_SIZE, line: SetLine { runs, advance }.into() });
    }
    Ok(inks)
}
