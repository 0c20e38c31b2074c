//! The letter by printpdf alone, as its examples show it: fonts parsed once, a document of operations, saved.
//!
//! Lines are broken at the widths of glyphs without shaping, which printpdf has only with its HTML engine. The sheet's
//! mark is the `datamatrix` crate's, the barcode's bars are letterpost's, since no other crate has them.

use datamatrix::{DataMatrix, SymbolList};
use printpdf::{
    FontId, LinePoint, Mm, Op, PaintMode, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point,
    Polygon, PolygonRing, Pt, TextItem, WindingOrder,
};
use serde_json::Value;

use crate::people::{Person, told};

const REGULAR: &[u8] = include_bytes!("../../fonts/AtkinsonHyperlegibleNext_400Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/AtkinsonHyperlegibleNext_700Bold.ttf");
const MONO: &[u8] = include_bytes!("../../fonts/AtkinsonHyperlegibleMono_700Bold.ttf");
/// US Letter and its margins, in points.
const WIDTH: f32 = 612.0;
const HEIGHT: f32 = 792.0;
const LEFT: f32 = 72.0;
const RIGHT: f32 = 540.0;
const LEADING: f32 = 14.0;

const REGULAR_FACE: usize = 0;
const BOLD_FACE: usize = 1;
const MONO_FACE: usize = 2;

/// The parsed fonts.
pub struct Press([ParsedFont; 3]);

impl Press {
    pub fn new() -> Self {
        Self([REGULAR, BOLD, MONO].map(|bytes| ParsedFont::from_bytes(bytes, 0, &mut Vec::new()).unwrap()))
    }

    /// One letter in a document of its own.
    pub fn one(&self, person: &Person, sequence: usize) -> Vec<u8> {
        self.document(&[told(person, sequence)])
    }

    /// All letters in one document.
    pub fn merged(&self, people: &[Person]) -> Vec<u8> {
        self.document(&people.iter().zip(1..).map(|(person, sequence)| told(person, sequence)).collect::<Vec<_>>())
    }

    fn document(&self, letters: &[Value]) -> Vec<u8> {
        let mut document = PdfDocument::new("Your temporary password");
        let ids = self.0.each_ref().map(|font| document.add_font(font));
        let size = |points| Mm::from(Pt(points));
        let page = |letter| PdfPage::new(size(WIDTH), size(HEIGHT), Sheet::new(&self.0, &ids).letter(letter));
        document.with_pages(letters.iter().map(page).collect());
        document.save(&PdfSaveOptions::default(), &mut Vec::new())
    }
}

/// A page that is filled from the top.
struct Sheet<'a> {
    fonts: &'a [ParsedFont; 3],
    ids: &'a [FontId; 3],
    y: f32,
    ops: Vec<Op>,
}

impl<'a> Sheet<'a> {
    fn new(fonts: &'a [ParsedFont; 3], ids: &'a [FontId; 3]) -> Self {
        Self { fonts, ids, y: HEIGHT - 46.0, ops: Vec::new() }
    }

    fn letter(mut self, letter: &Value) -> Vec<Op> {
        let word = |field: &str| letter[field].as_str().unwrap();
        self.line("**Example Benefits Agency**", LEFT, 13.5);
        self.line("PO Box 100", LEFT, 10.0);
        self.line("Springfield, NY 12345", LEFT, 10.0);
        self.box_of(LEFT, self.y + 8.0, RIGHT - LEFT, 0.75);
        self.y -= 6.0;
        self.line(word("made_on"), LEFT, 10.5);
        self.y = HEIGHT - 160.0;
        self.bars(word("bars"));
        self.line(&format!("#{}", word("letter_id")), LEFT, 8.0);
        letter["address"].as_array().unwrap().iter().for_each(|line| self.line(line.as_str().unwrap(), LEFT, 10.0));
        self.y = HEIGHT - 281.0;
        self.line("**Your temporary password**", LEFT, 16.0);
        self.y -= 8.0;
        self.paragraph(&format!("Dear {},", word("full_name")), LEFT);
        let asked = "someone asked us to mail a temporary password for your online account. If it was you, follow the \
                     steps below to get back into your account.";
        self.paragraph(&format!("On {}, {asked}", word("requested_on")), LEFT);
        self.password(word("password"), word("use_by_on"), word("zone_name"));
        self.steps();
        self.paragraph(
            "**If you get two letters:** use the one with the later date. The older password may not work.",
            LEFT,
        );
        let top = self.y;
        self.paragraph(
            "**Did you not ask for this?** Do not use the password. Call us, so that we can protect your account.",
            LEFT + 14.0,
        );
        self.paragraph(
            "**Keep this password to yourself.** We will never call, text, or e-mail you to ask for it.",
            LEFT + 14.0,
        );
        self.box_of(LEFT, self.y + 16.0, 2.0, top - self.y - 6.0);
        self.paragraph(
            "**Need help?** Call us at **1-800-555-0142** (Monday to Friday, 8 a.m. to 6 p.m. Eastern Time).",
            LEFT,
        );
        self.foot(word("letter_id"), word("mark"));
        self.ops
    }

    fn password(&mut self, password: &str, use_by_on: &str, zone_name: &str) {
        let top = self.y + 4.0;
        self.y -= 26.0;
        let middle = |width| (WIDTH - width) / 2.0;
        self.text(middle(self.width(password, MONO_FACE, 27.0)), self.y, MONO_FACE, 27.0, password);
        self.y -= 22.0;
        let words = format!("Use it by **{use_by_on}** ({zone_name})");
        let width: f32 = runs(&words).map(|(face, text)| self.width(text, face, 10.5)).sum();
        self.line(&words, middle(width), 10.5);
        for (x, y, width, height) in [
            (LEFT, top, RIGHT - LEFT, 1.5),
            (LEFT, self.y, RIGHT - LEFT, 1.5),
            (LEFT, self.y, 1.5, top - self.y),
            (RIGHT - 1.5, self.y, 1.5, top - self.y),
        ] {
            self.box_of(x, y, width, height);
        }
        self.y -= 22.0;
    }

    fn steps(&mut self) {
        self.line("**How to get into your account**", LEFT, 11.5);
        self.y -= 4.0;
        for (number, step) in (1..).zip([
            "Go to **benefits.example/sign-in**.",
            "Type your username and the temporary password. Choose **Sign In**.",
            "On the next page, check that the e-mail address is yours. Choose **Next**.",
            "We will send a security code to that e-mail address. Type the code on the following page. Choose **Submit \
             Security Code**.",
            "On the next page, make up a new password and type it in. Choose **Next**.",
            "Choose **Next** again.",
            "Scroll down and check the box **I agree to the Terms of Service**. Choose **Next**. You are now in your \
             account.",
        ]) {
            self.text(LEFT + 6.0, self.y, BOLD_FACE, 10.5, &format!("{number}."));
            self.paragraph(step, LEFT + 20.0);
            self.y += 3.0;
        }
        self.y -= 8.0;
    }

    fn foot(&mut self, letter_id: &str, mark: &str) {
        let bitmap = DataMatrix::encode(mark.as_bytes(), SymbolList::default()).unwrap().bitmap();
        let (module, bottom) = (1.5, 40.0);
        let left = RIGHT - bitmap.width() as f32 * module;
        let top = bottom + bitmap.width() as f32 * module;
        let rings =
            bitmap.pixels().map(|(x, y)| ring(left + x as f32 * module, top - (y + 1) as f32 * module, module, module));
        self.fill(rings.collect());
        self.text(LEFT, bottom, REGULAR_FACE, 9.0, &format!("Letter {letter_id} · Page 1 of 1"));
        self.text(left - 6.0 - self.width(mark, REGULAR_FACE, 7.0), bottom, REGULAR_FACE, 7.0, mark);
    }

    fn bars(&mut self, bars: &str) {
        let rings = bars.chars().enumerate().map(|(place, bar)| {
            let (down, up) = match bar {
                'F' => (5.0, 5.0),
                'A' => (1.5, 5.0),
                'D' => (5.0, 1.5),
                _ => (1.5, 1.5),
            };
            ring(LEFT + place as f32 * 3.27, self.y - down, 1.44, up + down)
        });
        self.fill(rings.collect());
        self.y -= 18.0;
    }

    /// Words and `**bold**` words on as many lines as they take.
    fn paragraph(&mut self, text: &str, left: f32) {
        let (mut x, size) = (left, 10.5);
        for (face, text) in runs(text) {
            let mut line = String::new();
            let mut start = x;
            for word in text.split_inclusive(' ') {
                let width = self.width(word, face, size);
                if x + self.width(word.trim_end(), face, size) > RIGHT {
                    self.text(start, self.y, face, size, &std::mem::take(&mut line));
                    self.y -= LEADING;
                    (x, start) = (left, left);
                }
                line.push_str(word);
                x += width;
            }
            self.text(start, self.y, face, size, &line);
        }
        self.y -= LEADING + 8.0;
    }

    fn line(&mut self, text: &str, left: f32, size: f32) {
        let mut x = left;
        for (face, text) in runs(text) {
            self.text(x, self.y, face, size, text);
            x += self.width(text, face, size);
        }
        self.y -= size * 1.3;
    }

    fn text(&mut self, x: f32, y: f32, face: usize, size: f32, text: &str) {
        self.ops.extend([
            Op::StartTextSection,
            Op::SetTextCursor { pos: Point { x: Pt(x), y: Pt(y) } },
            Op::SetFont { font: PdfFontHandle::External(self.ids[face].clone()), size: Pt(size) },
            Op::ShowText { items: vec![TextItem::Text(text.to_owned())] },
            Op::EndTextSection,
        ]);
    }

    fn width(&self, text: &str, face: usize, size: f32) -> f32 {
        let font = &self.fonts[face];
        let advance = |c: char| f32::from(font.get_glyph_width(font.lookup_glyph_index(c.into()).unwrap()).unwrap());
        text.chars().map(advance).sum::<f32>() * size / f32::from(font.pdf_font_metrics.units_per_em)
    }

    fn box_of(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.fill(vec![ring(x, y, width, height)]);
    }

    fn fill(&mut self, rings: Vec<PolygonRing>) {
        let polygon = Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::NonZero };
        self.ops.push(Op::DrawPolygon { polygon });
    }
}

fn ring(x: f32, y: f32, width: f32, height: f32) -> PolygonRing {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
    let points = corners.map(|(x, y)| LinePoint { p: Point { x: Pt(x), y: Pt(y) }, bezier: false });
    PolygonRing { points: points.to_vec() }
}

/// The parts of a text with their faces: every other one is bold.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let faces = [REGULAR_FACE, BOLD_FACE].into_iter().cycle();
    faces.zip(text.split("**")).filter(|(_, part)| !part.is_empty())
}
