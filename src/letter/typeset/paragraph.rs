//! A paragraph: passages shaped word by word and broken into lines, ragged right.

use unicode_linebreak::linebreaks;
use zeroize::Zeroizing;

use crate::letter::template::markup::{Content, Inline};
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::fonts::{self, Run, Style};
use crate::letter::typeset::lexicon::Lexicon;

/// Runs side by side on one baseline.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::letter) struct SetLine {
    pub runs: Vec<Run>,
    /// Width in thousandths of the type size.
    pub advance: i32,
}

impl SetLine {
    /// The same line with a space after it, which is not seen and not part of its width: whoever hears or copies the
    /// text is told that a word ends here, though the next line is set apart.
    ///
    /// # Errors
    ///
    /// The reason, where the fonts have no space.
    pub(in crate::letter) fn spaced(mut self, lexicon: &Lexicon<'_>) -> Result<Self, String> {
        self.runs.extend(lexicon.shape(" ", Style::Regular)?);
        Ok(self)
    }
}

/// A word with its trailing space, in shaped pieces.
struct Word {
    ink: Vec<Run>,
    space: Vec<Run>,
    ink_advance: i32,
    space_advance: i32,
}

/// A last line shorter than this part of the measure, or of one word, is a runt, which the lines above must share with.
const RUNT: f64 = 0.15;

/// Sets passages in lines of at most `measure` points at this size.
///
/// # Errors
///
/// The reason, naming the character, where a character has no glyph.
pub(in crate::letter) fn set(
    lexicon: &Lexicon<'_>,
    line: &[Inline],
    texts: &SlotTexts,
    size: f64,
    measure: f64,
) -> Result<Vec<SetLine>, String> {
    let passages = fill(line, texts);
    let limit = thousandths(measure, size);
    let mut words = words(lexicon, &passages, true)?;
    if words.iter().any(|word| word.ink_advance > limit) {
        words = self::words(lexicon, &passages, false)?;
    }
    let ends = balanced(&words, limit);
    Ok(assemble(words, &ends))
}

/// Sets passages on one line, whatever its width.
pub(in crate::letter) fn set_one(lexicon: &Lexicon<'_>, line: &[Inline], texts: &SlotTexts) -> Result<SetLine, String> {
    let words = words(lexicon, &fill(line, texts), true)?;
    let end = words.len();
    Ok(assemble(words, &[end]).pop().unwrap_or_default())
}

/// A length in thousandths of the type size, rounded down.
pub(in crate::letter) fn thousandths(points: f64, size: f64) -> i32 {
    (points / size * 1000.0).floor() as i32
}

/// A passage with its slots filled.
struct Passage<'t> {
    text: &'t str,
    style: Style,
    whole: bool,
}

fn fill<'t>(line: &'t [Inline], texts: &'t SlotTexts) -> Vec<Passage<'t>> {
    let passage = |inline: &'t Inline| match &inline.content {
        Content::Text(text) => Passage { text, style: inline.style, whole: false },
        Content::Whole(text) => Passage { text, style: inline.style, whole: true },
        Content::Slot(slot) => Passage { text: texts.get(*slot), style: inline.style, whole: true },
    };
    line.iter().map(passage).collect()
}

/// The words of the passages: what stands between two places where a line may end. Where `keep_whole`, none of those
/// places lies within a whole passage.
fn words(lexicon: &Lexicon<'_>, passages: &[Passage<'_>], keep_whole: bool) -> Result<Vec<Word>, String> {
    let text: Zeroizing<String> = Zeroizing::new(passages.iter().map(|passage| passage.text).collect());
    let mut spans = Vec::with_capacity(passages.len());
    let mut start = 0;
    for passage in passages {
        spans.push((start, start + passage.text.len(), passage));
        start += passage.text.len();
    }
    let kept =
        |end: usize| keep_whole && spans.iter().any(|(from, to, passage)| passage.whole && *from < end && end < *to);
    let mut words = Vec::new();
    let mut start = 0;
    for (end, _) in linebreaks(&text).filter(|(end, _)| !kept(*end)) {
        let word = text.get(start..end).unwrap_or_default();
        let ink_end = start + word.trim_end_matches(' ').len();
        let cut = |from: usize, to: usize| pieces(lexicon, &text, &spans, from, to);
        let (ink, space) = (cut(start, ink_end)?, cut(ink_end, end)?);
        let (ink_advance, space_advance) = (fonts::advance(&ink), fonts::advance(&space));
        words.push(Word { ink, space, ink_advance, space_advance });
        start = end;
    }
    Ok(words)
}

/// The shaped pieces of a stretch of text, one or more for each passage that it runs through.
fn pieces(
    lexicon: &Lexicon<'_>,
    text: &str,
    spans: &[(usize, usize, &Passage<'_>)],
    from: usize,
    to: usize,
) -> Result<Vec<Run>, String> {
    let mut runs = Vec::new();
    for (start, end, passage) in spans {
        let piece = text.get(from.max(*start)..to.min(*end).max(from.max(*start))).unwrap_or_default();
        if !piece.is_empty() {
            runs.extend(lexicon.shape(piece, passage.style)?);
        }
    }
    Ok(runs)
}

/// Where lines end, counted in words: first fit, then as narrow as it takes to leave no runt.
fn balanced(words: &[Word], limit: i32) -> Vec<usize> {
    let ends = first_fit(words, limit);
    let shortest = (f64::from(limit) * RUNT) as i32;
    let mut measure = limit;
    let mut best = ends.clone();
    while ends.len() > 1 && is_runt(words, &best, shortest) && measure > limit / 2 {
        measure -= limit / 50 + 1;
        let narrower = first_fit(words, measure);
        if narrower.len() > ends.len() {
            break;
        }
        best = narrower;
    }
    best
}

fn first_fit(words: &[Word], limit: i32) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut advance = 0;
    for (place, word) in words.iter().enumerate() {
        if advance > 0 && advance + word.ink_advance > limit {
            ends.push(place);
            advance = 0;
        }
        advance += word.ink_advance + word.space_advance;
    }
    ends.push(words.len());
    ends
}

/// Whether the last line is too short to stand alone.
fn is_runt(words: &[Word], ends: &[usize], shortest: i32) -> bool {
    let start = ends.iter().rev().nth(1).copied().unwrap_or(0);
    let last = words.get(start..).unwrap_or_default();
    let advance: i32 = last.iter().map(|word| word.ink_advance + word.space_advance).sum();
    last.len() < 2 || advance < shortest
}

fn assemble(words: Vec<Word>, ends: &[usize]) -> Vec<SetLine> {
    let mut lines = Vec::with_capacity(ends.len());
    let mut words = words.into_iter();
    let mut start = 0;
    for end in ends {
        let mut line = SetLine::default();
        let mut space = (Vec::new(), 0);
        for word in words.by_ref().take(end - start) {
            line.runs.append(&mut space.0);
            line.advance += space.1 + word.ink_advance;
            line.runs.extend(word.ink);
            space = (word.space, word.space_advance);
        }
        if words.len() > 0 {
            // As in `spaced`.
            line.runs.append(&mut space.0);
        }
        start = *end;
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::template::slot::Slot;
    use crate::letter::typeset::fonts::Fonts;

    fn texts() -> SlotTexts {
        let text = |text: &str| text.to_owned();
        SlotTexts {
            full_name: text("Ann Example"),
            password: Zeroizing::new(text("9QX2-K7D0-4MZH")),
            use_by_on: text("Monday, January 4, 2027"),
            zone_name: text("Eastern Time"),
            made_on: text(""),
            requested_on: text(""),
            letter_id: text(""),
            page: text("1"),
            pages: text("1"),
        }
    }

    fn read(lines: &[SetLine]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.runs.iter().flat_map(|run| run.glyphs.iter()).map(|glyph| glyph.text).collect())
            .collect()
    }

    #[test]
    fn a_date_is_never_broken_and_no_line_is_too_long() {
        let fonts = Fonts::load().unwrap();
        let lexicon = Lexicon::new(&fonts);
        let text = |text: &str| Inline { content: Content::Text(text.to_owned()), style: Style::Regular };
        let date = Inline { content: Content::Slot(Slot::UseByOn), style: Style::Bold };
        let line = [text("Use your new temporary password by "), date, text(" at the latest, please.")];
        for measure in (130..400).step_by(7) {
            let lines = set(&lexicon, &line, &texts(), 11.0, f64::from(measure)).unwrap();
            assert!(read(&lines).iter().any(|line| line.contains("Monday, January 4, 2027")), "{measure}");
            assert!(lines.iter().all(|line| line.advance <= thousandths(f64::from(measure), 11.0)), "{measure}");
            assert_eq!(
                read(&lines).concat(),
                "Use your new temporary password by Monday, January 4, 2027 at the latest, please."
            );
        }
        let narrow = set(&lexicon, &line, &texts(), 11.0, 60.0).unwrap();
        assert!(!read(&narrow).iter().any(|line| line.contains("Monday, January 4, 2027")));
    }

    #[test]
    fn the_last_line_is_no_runt() {
        let fonts = Fonts::load().unwrap();
        let lexicon = Lexicon::new(&fonts);
        let words = Inline {
            content: Content::Text("one two three four five six seven eight nine ten a".to_owned()),
            style: Style::Regular,
        };
        let full = set_one(&lexicon, std::slice::from_ref(&words), &texts()).unwrap().advance;
        let measure = f64::from(full - 300) * 0.011;
        let lines = set(&lexicon, &[words], &texts(), 11.0, measure).unwrap();
        assert_eq!(lines.len(), 2);
        assert!(f64::from(lines[1].advance) > f64::from(full) * RUNT);
    }
}
