//! Dispatch records as CSV: every column, cells guarded against spreadsheets; the totals go to standard error.

use super::{Form, Shown, ties};
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::cli::report::{Output, Report};
use crate::package::cell;
use crate::ports::ledger::{DispatchRecord, DispatchTotals};

pub(super) struct Csv {
    report: Report,
    output: Output,
}

impl Csv {
    pub(super) fn begin(at: &Opening) -> Self {
        let mut output = at.report.output();
        output.put(&cell::row(DispatchRecord::COLUMNS.iter().copied()));
        Self { report: at.report.clone(), output }
    }
}

impl Form for Csv {
    fn piece(&mut self, piece: &DispatchRecord) {
        let cells = piece.cells();
        self.output.put(&cell::row(cells.iter().map(String::as_str)));
    }

    fn end(self: Box<Self>, shown: &Shown, totals: &DispatchTotals) -> CliResult<()> {
        self.output.close();
        self.report.aside(format!("{}\n{}", shown.in_short(), ties::text(totals)));
        Ok(())
    }
}
