//! Blocks set at their size: the ink of each from its own top left corner, and its height.

use std::sync::Arc;

use crate::domain::imb::{BARS, Bar};
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::envelope::return_address::ReturnAddress;
use crate::letter::marks::matrix::Matrix;
use crate::letter::template::markup::{Block, Content, Inline, Line};
use crate::letter::template::slot::{Slot, SlotTexts};
use crate::letter::typeset::fonts::{self, Style};
use crate::letter::typeset::lexicon::Lexicon;
use crate::letter::typeset::paragraph::{self, SetLine};
use crate::letter::typeset::type_scale::TypeScale;

/// Something to draw. Lengths are points, y downwards from the top of the block or page.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) enum Ink {
    /// A line of text; `y` is its baseline.
    Text { x: f64, y: f64, size: f64, line: Arc<SetLine> },
    /// An Intelligent Mail barcode; `y` is the line that all bars cross.
    Bars { x: f64, y: f64, bars: Box<[Bar; BARS]> },
    /// A Data Matrix: its top left corner and the side of a module.
    Matrix { x: f64, y: f64, module: f64, matrix: Arc<Matrix> },
    /// A straight stroke from a point to another `right` and `down` of it.
    Rule { x: f64, y: f64, right: f64, down: f64, weight: f64 },
    /// The outline of a box.
    Frame { x: f64, y: f64, width: f64, height: f64, weight: f64 },
}

impl Ink {
    /// The same, moved.
    pub(in crate::letter) fn moved(&self, right: f64, down: f64) -> Self {
        let mut ink = self.clone();
        match &mut ink {
            Self::Text { x, y, .. }
            | Self::Bars { x, y, .. }
            | Self::Matrix { x, y, .. }
            | Self::Rule { x, y, .. }
            | Self::Frame { x, y, .. } => {
                *x += right;
                *y += down;
            }
        }
        ink
    }
}

/// A block with its ink.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct SetBlock {
    pub inks: Vec<Ink>,
    pub height: f64,
    /// Where the password goes: the left end of its baseline. It is drawn for each letter, the rest of its box is not.
    pub password_at: Option<(f64, f64)>,
}

impl SetBlock {
    pub(in crate::letter) fn new(inks: Vec<Ink>, height: f64) -> Self {
        Self { inks, height, password_at: None }
    }
}

/// Where the first baseline stands below the top of a line, as a part of the type size: the height of ascenders.
const ASCENT: f64 = 0.8;
/// What descenders take below the last baseline, as a part of the type size.
const DESCENT: f64 = 0.25;

/// Sets blocks for one form of the letter. All lengths are points.
pub(in crate::letter) struct Setter<'a> {
    pub lexicon: &'a Lexicon<'a>,
    pub scale: &'a TypeScale,
    /// Width of boxes and rules.
    pub measure: f64,
    /// The longest line of running text.
    pub longest_line: f64,
    pub geometry: &'a SheetGeometry,
}

impl Setter<'_> {
    /// Sets a block.
    ///
    /// # Errors
    ///
    /// The reason, naming the character, where a character has no glyph.
    pub(in crate::letter) fn set(&self, block: &Block, texts: &SlotTexts) -> Result<SetBlock, String> {
        let scale = self.scale;
        match block {
            Block::Letterhead(lines) => self.letterhead(lines, texts),
            Block::Date(line) | Block::Paragraph(line) => self.text(line, texts, scale.body, 0.0),
            Block::Heading(1, line) => self.heading(line, texts, scale.title),
            Block::Heading(_, line) => self.heading(line, texts, scale.heading),
            Block::Step(number, line) => self.hanging(&format!("{number}."), line, texts),
            Block::Point(line) => self.hanging("•", line, texts),
            Block::Note(lines) => self.note(lines, texts),
            Block::PasswordBox(lines) => self.password_box(lines, texts),
        }
    }

    /// Lines of text from `indent`, with the leading of the size.
    fn text(&self, line: &Line, texts: &SlotTexts, size: f64, indent: f64) -> Result<SetBlock, String> {
        let leading = self.scale.leading * size / self.scale.body;
        let mut lines = paragraph::set(self.lexicon, line, texts, size, self.measure.min(self.longest_line) - indent)?;
        if let Some(last) = lines.pop() {
            lines.push(last.spaced(self.lexicon)?);
        }
        Ok(stack_lines(lines, indent, size, leading))
    }

    fn heading(&self, line: &Line, texts: &SlotTexts, size: f64) -> Result<SetBlock, String> {
        let bold: Line = line.iter().map(|inline| Inline { style: Style::Bold, ..inline.clone() }).collect();
        let lines = paragraph::set(self.lexicon, &bold, texts, size, self.measure)?;
        Ok(stack_lines(lines, 0.0, size, size * 1.2))
    }

    /// A text with its number or bullet hanging before it. Numbers end on one line, so that 9. and 10. align.
    fn hanging(&self, label: &str, line: &Line, texts: &SlotTexts) -> Result<SetBlock, String> {
        let size = self.scale.body;
        let mut set = self.text(line, texts, size, self.scale.hang)?;
        let runs = self.lexicon.shape(label, Style::Bold)?;
        let advance = fonts::advance(&runs);
        let x = self.scale.hang - size * 0.55 - f64::from(advance) * size / 1000.0;
        // Read before what it stands before.
        let line = SetLine { runs, advance }.spaced(self.lexicon)?.into();
        let label = Ink::Text { x: x.max(0.0), y: size * ASCENT, size, line };
        set.inks.insert(0, label);
        Ok(set)
    }

    /// Agency, return address and the rule below them; or, in a window of their own, without it.
    fn letterhead(&self, lines: &[Line], texts: &SlotTexts) -> Result<SetBlock, String> {
        let (scale, geometry, lexicon) = (self.scale, self.geometry, self.lexicon);
        if let Some(window) = geometry.return_window {
            return ReturnAddress { lexicon, geometry, scale, window }.set(lines, texts);
        }
        let mut inks = Vec::new();
        let mut height = 0.0;
        for (place, line) in lines.iter().enumerate() {
            let (size, leading) = if place == 0 {
                (scale.agency, scale.agency * 1.25)
            } else {
                (scale.letterhead, scale.letterhead_leading)
            };
            for line in paragraph::set(self.lexicon, line, texts, size, self.measure)? {
                let line = line.spaced(lexicon)?.into();
                inks.push(Ink::Text { x: 0.0, y: height + size * ASCENT, size, line });
                height += leading;
            }
        }
        height += 3.0;
        inks.push(Ink::Rule { x: 0.0, y: height, right: self.measure, down: 0.0, weight: 1.0 });
        Ok(SetBlock::new(inks, height + 1.0))
    }

    /// Paragraphs beside a bar.
    fn note(&self, lines: &[Line], texts: &SlotTexts) -> Result<SetBlock, String> {
        let (scale, bar) = (self.scale, 2.5);
        let indent = scale.padding + bar;
        let mut inks = Vec::new();
        let mut height = 0.0;
        for (place, line) in lines.iter().enumerate() {
            height += if place > 0 { scale.after_step + 1.0 } else { 0.0 };
            let set = self.text(line, texts, scale.body, indent)?;
            inks.extend(set.inks.iter().map(|ink| ink.moved(0.0, height)));
            height += set.height;
        }
        let (top, bottom) = (scale.body * 0.05, height - (scale.leading - scale.body * (ASCENT + DESCENT)).max(0.0));
        inks.push(Ink::Rule { x: bar / 2.0, y: top, right: 0.0, down: bottom - top, weight: bar });
        Ok(SetBlock::new(inks, height))
    }

    /// The room for the password, large and alone on its line, and the lines about it, all centred in a frame.
    fn password_box(&self, lines: &[Line], texts: &SlotTexts) -> Result<SetBlock, String> {
        let scale = self.scale;
        let mut inks = Vec::new();
        let mut password_at = None;
        let mut height = scale.padding * 1.2;
        let centred = |advance: i32, size: f64| (self.measure - f64::from(advance) * size / 1000.0) / 2.0;
        for (place, line) in lines.iter().enumerate() {
            height += if place > 0 { scale.padding * 0.95 } else { 0.0 };
            if is_password(line) {
                let room = fonts::advance(&self.lexicon.shape(PASSWORD_ROOM, Style::Mono)?);
                // Digits and capitals have no descenders: the space below counts from the baseline.
                height += scale.password * CAPITALS;
                password_at = Some((centred(room, scale.password), height));
                continue;
            }
            let measure = self.measure - 2.0 * scale.padding;
            for line in paragraph::set(self.lexicon, line, texts, scale.body, measure)? {
                let (x, y, size) = (centred(line.advance, scale.body), height + scale.body * ASCENT, scale.body);
                inks.push(Ink::Text { x, y, size, line: line.spaced(self.lexicon)?.into() });
                height += scale.leading;
            }
        }
        height += scale.padding - (scale.leading - scale.body * (ASCENT + DESCENT / 2.0)).max(0.0);
        let (width, weight) = (self.measure, 1.5);
        inks.push(Ink::Frame { x: 0.0, y: 0.0, width, height, weight });
        Ok(SetBlock { inks, height, password_at })
    }
}

/// Whether a line of the password's box is the password, which stands alone.
pub(in crate::letter) fn is_password(line: &Line) -> bool {
    matches!(line.as_slice(), [one] if one.content == Content::Slot(Slot::Password))
}

/// A text as wide as every password: the type is of one width.
const PASSWORD_ROOM: &str = "0000-0000-0000";
/// Height of capitals and digits, as a part of the type size.
const CAPITALS: f64 = 0.67;

fn stack_lines(lines: Vec<SetLine>, x: f64, size: f64, leading: f64) -> SetBlock {
    let height = leading * lines.len() as f64;
    let place = |(place, line): (usize, SetLine)| Ink::Text {
        x,
        y: size * ASCENT + leading * place as f64,
        size,
        line: line.into(),
    };
    SetBlock::new(lines.into_iter().enumerate().map(place).collect(), height)
}
