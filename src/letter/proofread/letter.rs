//! One letter read again: what stands on its pages against what should.

use crate::domain::imb::Imb;
use crate::domain::request::{Format, Language};
use crate::letter::envelope::address::{self, AddressLine};
use crate::letter::piece::{self, Piece};
use crate::letter::proofread::expected::{self, Pieces};
use crate::letter::proofread::file::Entries;
use crate::letter::proofread::page::{self, Seen, SeenLine};
use crate::letter::proofread::{Reader, contents};
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::compose::Job;

/// What shared pages are known by: their streams, the form, and the dates.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::letter) struct SharedKey {
    streams: Vec<u32>,
    language: Language,
    format: Format,
    dates: String,
}

/// How far two places on paper may lie apart and still be the same, in points: less than a module of a mark.
const SAME_PLACE: f64 = 0.02;

impl Reader<'_, '_> {
    /// Reads one letter.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(in crate::letter) fn letter(&mut self, piece: &Piece<'_>, pages: &[Entries]) -> Result<(), &'static str> {
        let job = Job { marks: self.desk.marks, mode: self.desk.document.mode };
        let streams = pages.iter().map(contents).collect::<Result<Vec<_>, _>>()?;
        let printed: Vec<(u32, u32)> = streams.iter().flatten().copied().collect();
        // A blank back is the last page of all.
        if printed.is_empty() || streams.iter().take(printed.len()).any(Option::is_none) {
            return Err("a page of it is blank");
        }
        let sheets = job.sheets(printed.len());
        if pages.len() != if job.mode.duplex { 2 * sheets } else { sheets } {
            return Err("it has other pages than its sheets");
        }
        let mut texts = piece::filled(piece);
        texts.pages = printed.len().to_string();
        self.shared(piece, &printed, &texts)?;
        let mut left = self
            .desk
            .stationery
            .form(piece.recipient)
            .map_err(|_| "it has no form")
            .map(|form| expected::own(form, &texts))?;
        for (number, (_, own)) in printed.iter().enumerate() {
            if !self.used.insert(*own) {
                return Err("a page of it is another letter's too");
            }
            let content = self.file.plain_stream(*own).ok_or("a page of it cannot be read")?;
            let mut seen = page::read(content, self.fonts)?;
            if number == 0 {
                self.window(piece, &mut seen)?;
            } else if !seen.bars.is_empty() {
                return Err("a later page of it has a barcode");
            }
            texts.page = (number + 1).to_string();
            let mark = job.front(number).map(|sheet| self.desk.marks.text(piece.sequence, sheet + 1, sheets));
            self.mark(&seen, mark.as_deref())?;
            self.foot(piece, &texts, mark.as_deref(), &mut seen.lines)?;
            left.take(&seen.lines)?;
        }
        left.finish()
    }

    /// The pages that letters share: read once for all letters of one form and one set of dates.
    fn shared(&mut self, piece: &Piece<'_>, printed: &[(u32, u32)], texts: &SlotTexts) -> Result<(), &'static str> {
        let key = SharedKey {
            streams: printed.iter().map(|(shared, _)| *shared).collect(),
            language: piece.recipient.language,
            format: piece.recipient.format,
            dates: texts.dates(),
        };
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let read = self.read_shared(piece, &key.streams, texts);
        self.known.insert(key, read);
        read
    }

    fn read_shared(&self, piece: &Piece<'_>, streams: &[u32], texts: &SlotTexts) -> Result<(), &'static str> {
        let form = self.desk.stationery.form(piece.recipient).map_err(|_| "it has no form")?;
        let mut left = expected::shared(form, texts);
        let continuation = expected::line(&form.continuation, texts);
        for (number, stream) in streams.iter().enumerate() {
            let (_, content) = self.file.stream(*stream).ok_or("a page that it shares cannot be read")?;
            let seen = page::read(&content, self.fonts)?;
            if !(seen.matrices.is_empty() && seen.bars.is_empty()) {
                return Err("a page that it shares has a mark or a barcode");
            }
            if number > 0 {
                left.add(continuation.clone());
            }
            left.take(&seen.lines)?;
        }
        left.finish()
    }

    /// The window shows the barcode and the address, all of it, in order, and nothing else; what was read of them is
    /// taken out.
    fn window(&self, piece: &Piece<'_>, seen: &mut Seen) -> Result<(), &'static str> {
        let lines = address::lines(piece.recipient).map_err(|_| "its address cannot be printed")?;
        let keyline = format!("#{}", piece.letter_id);
        let geometry = &self.desk.stationery.geometry;
        let (always, ever) = (geometry.always_visible(), geometry.ever_visible());
        let from_top = |y: f64| geometry.page_height - y;
        let has_keyline = seen.lines.first().is_some_and(|line| line.text.trim_end() == keyline);
        let count = lines.len() + usize::from(has_keyline);
        if seen.lines.len() < count {
            return Err("its address is not complete");
        }
        let block: Vec<SeenLine> = seen.lines.drain(..count).collect();
        let is_read = |(line, seen): (&AddressLine, &SeenLine)| {
            let seen = seen.text.trim_end();
            seen == line.text || line.short.as_ref().is_some_and(|short| seen == short)
        };
        if !lines.iter().zip(block.iter().skip(usize::from(has_keyline))).all(is_read) {
            return Err("its address is another one");
        }
        let shows = |y: f64| (always.top..always.bottom).contains(&from_top(y));
        if !block.iter().all(|line| shows(line.y)) || !seen.bars.iter().all(|bars| shows(bars.y)) {
            return Err("its address does not always show through the window");
        }
        if seen.lines.iter().any(|line| (ever.top..ever.bottom).contains(&from_top(line.y))) {
            return Err("something else can show through the window");
        }
        let read: Result<Vec<Imb>, _> = seen.bars.drain(..).map(|bars| Imb::decode(&bars.bars)).collect();
        match read.as_deref() {
            Ok([]) if piece.barcode.is_none() => Ok(()),
            Ok([one]) if piece.barcode == Some(one) => Ok(()),
            _ => Err("its barcode is another one, or cannot be read"),
        }
    }

    /// The mark of a front, at its spot; a back has none.
    fn mark(&self, seen: &Seen, text: Option<&str>) -> Result<(), &'static str> {
        match (seen.matrices.as_slice(), text) {
            ([], None) => Ok(()),
            ([one], Some(text)) => {
                let (x, y, side) = self.desk.marks.place(&self.desk.stationery.geometry);
                let is_there =
                    [(one.x, x), (one.y, y), (one.side, side)].iter().all(|(a, b)| (a - b).abs() < SAME_PLACE);
                if one.matrix.read().as_deref() == Some(text) && is_there {
                    Ok(())
                } else {
                    Err("the inserter's mark on a sheet of it is another one, or elsewhere")
                }
            }
            _ => Err("a sheet of it has no inserter's mark, or two"),
        }
    }

    /// The foot of the page, which is drawn last: taken out.
    fn foot(
        &self,
        piece: &Piece<'_>,
        texts: &SlotTexts,
        mark: Option<&str>,
        lines: &mut Vec<SeenLine>,
    ) -> Result<(), &'static str> {
        let form = self.desk.stationery.form(piece.recipient).map_err(|_| "it has no form")?;
        let footer = expected::line(&form.footer, texts);
        let wanted: Vec<&str> = std::iter::once(footer.as_str()).chain(mark).collect();
        let at = lines.len().checked_sub(wanted.len()).ok_or("a page of it has no foot")?;
        let is_foot = lines.split_off(at).iter().zip(&wanted).all(|(line, wanted)| line.text == *wanted);
        if is_foot { Ok(()) } else { Err("the foot of a page of it is another one") }
    }
}

impl Pieces {
    /// Takes out what stands on a page.
    fn take(&mut self, lines: &[SeenLine]) -> Result<(), &'static str> {
        let mut seen = String::new();
        lines.iter().for_each(|line| expected::push_letters(&mut seen, &line.text));
        self.cover(&seen)
    }
}
