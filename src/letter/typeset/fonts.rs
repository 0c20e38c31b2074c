//! The embedded fonts and shaping: from text to positioned glyphs, with a fallback for what the text face lacks.

use std::sync::Arc;

use harfrust::{Buffer, Direction, Feature, Font, Script, ShapeOptions, ShapePlan, ShaperFont, Tag};

use unicode_normalization::char::is_combining_mark;

use crate::letter::error::LetterError;
use crate::letter::typeset::characters;
use crate::letter::typeset::extents::Extents;

/// A font file of this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::letter) enum Face {
    /// Atkinson Hyperlegible Next.
    Text,
    /// Atkinson Hyperlegible Next Bold.
    Bold,
    /// Atkinson Hyperlegible Mono Bold.
    Mono,
    /// Noto Sans, for Vietnamese, Greek and Cyrillic.
    Fallback,
    /// Noto Sans Bold.
    FallbackBold,
}

impl Face {
    /// Every face, in the order of its place.
    pub(in crate::letter) const ALL: [Self; 5] =
        [Self::Text, Self::Bold, Self::Mono, Self::Fallback, Self::FallbackBold];

    /// The name that the PDF gives to the font.
    pub(in crate::letter) fn name(self) -> &'static str {
        match self {
            Self::Text => "AtkinsonHyperlegibleNext-Regular",
            Self::Bold => "AtkinsonHyperlegibleNext-Bold",
            Self::Mono => "AtkinsonHyperlegibleMono-Bold",
            Self::Fallback => "NotoSans-Regular",
            Self::FallbackBold => "NotoSans-Bold",
        }
    }

    /// The name of the font among a page's resources.
    pub(in crate::letter) fn resource(self) -> &'static str {
        match self {
            Self::Text => "F0",
            Self::Bold => "F1",
            Self::Mono => "F2",
            Self::Fallback => "F3",
            Self::FallbackBold => "F4",
        }
    }

    /// Whether it sets a mark that is a character of its own, as over a letter without a composed form.
    fn sets_marks(self) -> bool {
        matches!(self, Self::Fallback | Self::FallbackBold)
    }

    /// The font file.
    pub(in crate::letter) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Text => include_bytes!("../../../fonts/AtkinsonHyperlegibleNext_400Regular.ttf"),
            Self::Bold => include_bytes!("../../../fonts/AtkinsonHyperlegibleNext_700Bold.ttf"),
            Self::Mono => include_bytes!("../../../fonts/AtkinsonHyperlegibleMono_700Bold.ttf"),
            Self::Fallback => include_bytes!("../../../fonts/NotoSans-Regular.ttf"),
            Self::FallbackBold => include_bytes!("../../../fonts/NotoSans-Bold.ttf"),
        }
    }
}

/// How a passage is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::letter) enum Style {
    Regular,
    Bold,
    Mono,
}

impl Style {
    /// The face for this style, and the one for what it lacks.
    fn faces(self) -> [Face; 2] {
        match self {
            Self::Regular => [Face::Text, Face::Fallback],
            Self::Bold => [Face::Bold, Face::FallbackBold],
            Self::Mono => [Face::Mono, Face::FallbackBold],
        }
    }
}

/// A glyph in its place. Lengths are thousandths of the type size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) struct Glyph {
    pub id: u16,
    /// The advance that the PDF's width table gives, which is what a viewer adds by itself.
    pub natural: i32,
    /// The advance after kerning.
    pub advance: i32,
    pub right: i32,
    pub up: i32,
    /// The character that a reader copies where the glyph stands alone.
    pub text: char,
    /// The character that it stands for here: below a mark, an i is drawn with the glyph of the one without a dot.
    pub meant: char,
}

/// Glyphs of one face, side by side. Cheap to copy: words that stand in many letters share their glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) struct Run {
    pub face: Face,
    pub glyphs: Arc<[Glyph]>,
    /// Width in thousandths of the type size.
    pub advance: i32,
}

impl Run {
    /// A run of these glyphs.
    pub(in crate::letter) fn new(face: Face, glyphs: Vec<Glyph>) -> Self {
        let advance = glyphs.iter().map(|glyph| glyph.advance).sum();
        Self { face, glyphs: glyphs.into(), advance }
    }
}

/// Width of runs side by side, in thousandths of the type size.
pub(in crate::letter) fn advance(runs: &[Run]) -> i32 {
    runs.iter().map(|run| run.advance).sum()
}

/// The fonts, read once.
pub(in crate::letter) struct Fonts([LoadedFace; 5]);

struct LoadedFace {
    font: Font,
    units_per_em: i32,
    /// Which character each glyph stands for, where the font says so.
    characters: Vec<Option<char>>,
    /// Advance widths as the PDF's width table rounds them.
    widths: Vec<i32>,
    extents: Extents,
    /// Whether it sets marks that are characters of their own. Only where they have no width: readers measure it.
    sets_marks: bool,
    /// What shaping does for each script that is set here, worked out once: it costs more than shaping a line.
    plans: Vec<ShapePlan>,
}

/// The scripts that are set here; a text of digits and marks alone has none.
const SCRIPTS: [Option<Script>; 4] = [None, Some(Script::LATIN), Some(Script::GREEK), Some(Script::CYRILLIC)];

/// No ligatures: one glyph a character, so that what is copied is what was printed.
fn features() -> [Feature; 2] {
    [Tag::new(b"liga"), Tag::new(b"clig")].map(|tag| Feature::new(tag, 0, ..))
}

impl Fonts {
    /// Reads the embedded fonts.
    pub(in crate::letter) fn load() -> Result<Self, LetterError> {
        let [text, bold, mono, fallback, fallback_bold] = Face::ALL;
        Ok(Self([
            LoadedFace::load(text)?,
            LoadedFace::load(bold)?,
            LoadedFace::load(mono)?,
            LoadedFace::load(fallback)?,
            LoadedFace::load(fallback_bold)?,
        ]))
    }

    fn face(&self, face: Face) -> &LoadedFace {
        let [text, bold, mono, fallback, fallback_bold] = &self.0;
        match face {
            Face::Text => text,
            Face::Bold => bold,
            Face::Mono => mono,
            Face::Fallback => fallback,
            Face::FallbackBold => fallback_bold,
        }
    }

    /// Where the ink of a face's glyphs is.
    pub(in crate::letter) fn extents(&self, face: Face) -> &Extents {
        &self.face(face).extents
    }

    /// The first character of the text that neither face of the style can set, with the reason.
    pub(in crate::letter) fn gap(&self, text: &str, style: Style) -> Option<String> {
        characters::refusal(text).or_else(|| self.choose(text, style).err())
    }

    /// Shapes a text. One face sets all of it where one can, so that no word changes its look in the middle.
    ///
    /// # Errors
    ///
    /// The reason, naming the character, where a character has no glyph.
    pub(in crate::letter) fn shape(&self, text: &str, style: Style) -> Result<Vec<Run>, String> {
        self.choose(text, style)?.into_iter().map(|(face, part)| self.face(face).shape(face, part)).collect()
    }

    /// The face that sets all of these lines, where one does, so that no line looks other than the next.
    pub(in crate::letter) fn common(&self, lines: &[&str], style: Style) -> Option<Face> {
        let covers = |face: &Face| lines.iter().all(|line| line.chars().all(|c| self.face(*face).has(c)));
        style.faces().into_iter().find(covers)
    }

    /// Shapes a text in one face, which has all its characters.
    pub(in crate::letter) fn shape_in(&self, face: Face, text: &str) -> Result<Run, String> {
        self.face(face).shape(face, text)
    }

    /// Parts of the text, each with the face that sets it.
    pub(in crate::letter) fn choose<'t>(&self, text: &'t str, style: Style) -> Result<Vec<(Face, &'t str)>, String> {
        let faces = style.faces();
        if let Some(face) = faces.into_iter().find(|face| text.chars().all(|c| self.face(*face).has(c))) {
            return Ok(vec![(face, text)]);
        }
        let mut parts: Vec<(Face, usize, usize)> = Vec::new();
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            let face = faces.into_iter().find(|face| self.face(*face).has(character));
            let face = face.ok_or_else(|| no_glyph(character))?;
            match parts.last_mut() {
                Some((last, _, last_end)) if *last == face => *last_end = end,
                _ => parts.push((face, start, end)),
            }
        }
        Ok(parts.into_iter().filter_map(|(face, start, end)| Some((face, text.get(start..end)?))).collect())
    }
}

/// Why a character that no font has cannot be printed.
fn no_glyph(character: char) -> String {
    format!("the fonts have no glyph for U+{:04X}", u32::from(character))
}

impl LoadedFace {
    fn load(face: Face) -> Result<Self, LetterError> {
        let font = Font::new(face.bytes(), 0).ok_or(LetterError::Font(face.name()))?;
        let count = font.num_glyphs() as usize;
        let units_per_em = i32::from(font.units_per_em()).max(1);
        let mut characters = vec![None; count];
        for (code, glyph) in font.charmap().unicodes() {
            if let (Some(code), Some(place)) = (char::from_u32(code), characters.get_mut(glyph.to_u32() as usize)) {
                *place = Some(place.map_or(code, |known| preferred(known, code)));
            }
        }
        let shaper = ShaperFont::new(&font);
        let widths = (0..count as u32).map(|id| shaper.glyph_h_advance(id.into()) * 1000 / units_per_em).collect();
        let plan = |script| ShapePlan::new(&font, Direction::LeftToRight, script, None, &features());
        let plans = SCRIPTS.into_iter().map(plan).collect();
        let loaded = Self {
            font,
            units_per_em,
            characters,
            widths,
            extents: Extents::read(face)?,
            sets_marks: face.sets_marks(),
            plans,
        };
        if (' '..='~').all(|character| loaded.covers(character)) {
            Ok(loaded)
        } else {
            Err(LetterError::Font(face.name()))
        }
    }

    fn has(&self, character: char) -> bool {
        // Loading made sure of these.
        matches!(character, ' '..='~')
            || (characters::is_simple(character)
                && (self.sets_marks || !is_combining_mark(character))
                && self.covers(character))
    }

    fn covers(&self, character: char) -> bool {
        self.font.charmap().map_unicode(character).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    fn shape(&self, face: Face, text: &str) -> Result<Run, String> {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        let features = features();
        let script = buffer.script();
        let plan = self.plans.iter().find(|plan| plan.script() == script);
        let options = ShapeOptions::new().features(&features).plan(plan);
        harfrust::shape(&ShaperFont::new(&self.font), &mut buffer, options)
            .map_err(|error| format!("cannot be shaped: {error}"))?;
        let clusters: Vec<usize> = buffer.glyph_infos().iter().map(|glyph| glyph.cluster as usize).collect();
        let mut glyphs = Vec::with_capacity(clusters.len());
        for (place, (glyph, position)) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()).enumerate() {
            let id = u16::try_from(glyph.glyph_id).unwrap_or_default();
            let paired = paired(text, &clusters, place);
            let text = self.character(id, paired, text, clusters.get(place))?;
            let meant = paired.unwrap_or(text);
            let natural = self.widths.get(usize::from(id)).copied().unwrap_or_default();
            let scale = |units: i32| units * 1000 / self.units_per_em;
            let (right, up) = (scale(position.x_offset), scale(position.y_offset));
            glyphs.push(Glyph { id, natural, advance: scale(position.x_advance), right, up, text, meant });
        }
        Ok(Run::new(face, glyphs))
    }

    /// The character that a glyph is copied as: what the font's table says, or else its fellow in the cluster.
    fn character(&self, id: u16, paired: Option<char>, text: &str, cluster: Option<&usize>) -> Result<char, String> {
        let in_table = self.characters.get(usize::from(id)).copied().flatten();
        let first = || cluster.and_then(|start| text.get(*start..)?.chars().next());
        in_table.or(paired.filter(|_| id != 0)).ok_or_else(|| no_glyph(first().unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

/// The character of the glyph at this place, where the glyphs and characters of its cluster pair up.
fn paired(text: &str, clusters: &[usize], place: usize) -> Option<char> {
    let start = *clusters.get(place)?;
    let end = clusters.iter().copied().filter(|cluster| *cluster > start).min().unwrap_or(text.len());
    let cluster = text.get(start..end)?;
    let first = clusters.iter().position(|cluster| *cluster == start)?;
    let fellows = clusters.iter().filter(|cluster| **cluster == start).count();
    cluster.chars().nth(place - first).filter(|_| fellows == cluster.chars().count())
}

/// Which of two characters of one glyph is copied: the one that is no compatibility form of another, then the lower.
/// So U+002D wins over U+00AD, and a Greek mu over the micro sign.
fn preferred(one: char, other: char) -> char {
    use unicode_normalization::UnicodeNormalization as _;
    let plain = |character: char| std::iter::once(character).nfkc().eq(std::iter::once(character));
    match (plain(one), plain(other)) {
        (true, false) => one,
        (false, true) => other,
        _ => one.min(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(runs: &[Run]) -> String {
        runs.iter().flat_map(|run| run.glyphs.iter()).map(|glyph| glyph.text).collect()
    }

    #[test]
    fn what_is_shaped_is_what_is_copied() {
        let fonts = Fonts::load().unwrap();
        let names =
            ["José Núñez Ibáñez", "Nguyễn Thị Ánh Tuyết", "Ελένη Παπαδημητρίου", "Жанна Щукина", "office fluff"];
        for style in [Style::Regular, Style::Bold, Style::Mono] {
            for name in names {
                let runs = fonts.shape(name, style).unwrap();
                assert_eq!(copied(&runs), name, "{style:?}");
                assert_eq!(runs.len(), 1, "{name} in one face");
            }
        }
        assert_eq!(copied(&fonts.shape("9QX2-K7D0-4MZH", Style::Mono).unwrap()), "9QX2-K7D0-4MZH");
    }

    #[test]
    fn a_glyph_of_two_characters_is_copied_as_the_plain_one() {
        for (one, other, copied) in [('-', '\u{AD}', '-'), ('\u{A0}', ' ', ' '), ('µ', 'μ', 'μ'), ('Ω', 'Ω', 'Ω')]
        {
            assert_eq!((preferred(one, other), preferred(other, one)), (copied, copied));
        }
    }

    #[test]
    fn text_is_kerned() {
        let fonts = Fonts::load().unwrap();
        let [run] = fonts.shape("AVATAR To", Style::Regular).unwrap().try_into().unwrap();
        assert!(run.glyphs.iter().any(|glyph| glyph.advance < glyph.natural));
    }

    #[test]
    fn a_missing_glyph_is_named() {
        let fonts = Fonts::load().unwrap();
        assert_eq!(fonts.gap("Ann \u{1F600}", Style::Regular).unwrap(), "the fonts have no glyph for U+1F600");
        assert!(fonts.gap("कमला", Style::Regular).unwrap().contains("U+0915"));
        assert!(fonts.shape("王", Style::Bold).is_err());
    }

    #[test]
    fn marks_without_a_composed_letter_are_set_over_their_base() {
        let fonts = Fonts::load().unwrap();
        let runs = fonts.shape("ẹ\u{301}", Style::Regular).unwrap();
        assert_eq!(copied(&runs), "ẹ\u{301}");
    }
}
