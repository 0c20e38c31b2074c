//! Which glyphs of each face a file uses, under which number, and what they are copied as.

use subsetter::GlyphRemapper;

use crate::letter::typeset::fonts::{Face, Glyph};

/// Which glyphs of each face are used, under which number, and what they are copied as.
#[derive(Clone, Default)]
pub(in crate::letter) struct GlyphMap {
    faces: [FaceGlyphs; 5],
    /// The faces that were used since they were last asked for.
    used: Faces,
}

/// Some of the faces of a file, the font of bars among them: one bit each, in the order of [`Face::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::letter) struct Faces(u8);

impl Faces {
    /// Those that every letter uses: text, bold, and the password's.
    pub(in crate::letter) const TEXT: Self = Self(0b111);
    const BARS: Self = Self(1 << 7);

    fn of(face: Face) -> Self {
        Self(1 << face as u8)
    }

    /// These and those.
    pub(in crate::letter) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(in crate::letter) fn has(self, face: Face) -> bool {
        self.0 & Self::of(face).0 != 0
    }

    pub(in crate::letter) fn has_bars(self) -> bool {
        self.0 & Self::BARS.0 != 0
    }
}

/// The glyphs of one face.
#[derive(Clone, Default)]
pub(in crate::letter) struct FaceGlyphs {
    pub remapper: GlyphRemapper,
    /// What each number after zero is copied as.
    pub texts: Vec<char>,
    /// The glyph of each number after zero in the whole font.
    pub ids: Vec<u16>,
    /// The number of each glyph of the whole font; 0 of those that are not used.
    numbers: Vec<u16>,
}

/// The glyphs of each face, in the order of their numbers.
pub(in crate::letter) type GlyphIds = [Vec<u16>; 5];

impl GlyphMap {
    /// Each face with its glyphs.
    pub(in crate::letter) fn faces(&self) -> impl Iterator<Item = (Face, &FaceGlyphs)> {
        Face::ALL.into_iter().zip(&self.faces)
    }

    /// The glyphs of each face in the order of their numbers: two maps with the same ids make the same fonts.
    pub(in crate::letter) fn ids(&self) -> GlyphIds {
        self.faces.each_ref().map(|face| face.ids.clone())
    }

    /// Notes that a barcode is drawn.
    pub(in crate::letter) fn note_bars(&mut self) {
        self.used = self.used.and(Faces::BARS);
    }

    /// The faces that were used since this was last asked.
    pub(in crate::letter) fn take_used(&mut self) -> Faces {
        std::mem::take(&mut self.used)
    }

    /// The number of a glyph in its subset font.
    pub(in crate::letter) fn number(&mut self, face: Face, glyph: &Glyph) -> u16 {
        self.used = self.used.and(Faces::of(face));
        let [text, bold, mono, fallback, fallback_bold] = &mut self.faces;
        let used = match face {
            Face::Text => text,
            Face::Bold => bold,
            Face::Mono => mono,
            Face::Fallback => fallback,
            Face::FallbackBold => fallback_bold,
        };
        let place = usize::from(glyph.id);
        if let Some(number) = used.numbers.get(place).filter(|number| **number > 0) {
            return *number;
        }
        let number = used.remapper.remap(glyph.id);
        used.texts.push(glyph.text);
        used.ids.push(glyph.id);
        if used.numbers.len() <= place {
            used.numbers.resize(place + 1, 0);
        }
        if let Some(known) = used.numbers.get_mut(place) {
            *known = number;
        }
        number
    }
}
