//! Whether letters can be printed, found out before anything is minted for them.

use crate::domain::request::Recipient;
use crate::letter::envelope::address;
use crate::letter::error::Unprintable;
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::piece::{self, Extent, PrintMode};
use crate::letter::stationery::{Stationery, sheet_marks};
use crate::letter::typeset::compose::{Job, Memo, Subject, compose};
use crate::letter::typeset::form::Press;
use crate::letter::typeset::lexicon::Lexicon;

/// Tries recipients' letters one after another, with filler for the password and the widest dates.
pub struct Checker<'a> {
    stationery: &'a Stationery,
    lexicon: Lexicon<'a>,
    memo: Memo,
    mode: PrintMode,
    marks: Option<SheetMarks>,
}

impl<'a> Checker<'a> {
    pub(in crate::letter) fn new(stationery: &'a Stationery, mode: PrintMode) -> Self {
        let lexicon = Lexicon::new(&stationery.fonts);
        Self { stationery, lexicon, memo: Memo::default(), mode, marks: sheet_marks(piece::FILLER_PACKAGE).ok() }
    }

    /// Whether this recipient's letter can be printed, whatever its password and dates.
    ///
    /// # Errors
    ///
    /// The field and the reason.
    pub fn check(&mut self, recipient: &Recipient) -> Result<(), Unprintable> {
        let stationery = self.stationery;
        stationery.check_name(&recipient.full_name)?;
        let address = address::lines(recipient)?;
        let form = stationery.form(recipient)?;
        let texts = &mut piece::filler(&recipient.full_name, recipient.language, Extent::Widest);
        let press = Press { lexicon: &self.lexicon, geometry: &stationery.geometry };
        let marks = self.marks.as_ref().ok_or_else(|| Unprintable::new("letter", "has no mark"))?;
        let job = Job { marks, mode: self.mode };
        let subject =
            Subject { address: &address, abroad: !recipient.address.is_domestic(), barcode: None, sequence: 1 };
        compose(form, press, job, texts, subject, &mut self.memo)?;
        Ok(())
    }
}
