//! Dispatch records as one JSON document, a piece a line.

use serde_json::json;

use super::{Form, Heading, Shown};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::cli::report::Output;
use crate::ports::ledger::{DispatchRecord, DispatchTotals};

pub(super) struct Json {
    output: Output,
    is_first: bool,
    failed: Option<serde_json::Error>,
}

impl Json {
    pub(super) fn begin(heading: &Heading, at: &Opening) -> Self {
        let question = &heading.question;
        let asked = json!({
            "from": question.from,
            "to": question.to,
            "vendor": question.vendor,
            "statuses": question.statuses,
            "letter": question.letter.map(|letter| letter.to_string()),
            "package": question.package,
            "intake_file": question.intake_file,
        });
        let mut output = at.report.output();
        output.put(&format!("{{\n\"asked\": {asked},\n\"pieces\": ["));
        Self { output, is_first: true, failed: None }
    }
}

impl Form for Json {
    fn piece(&mut self, piece: &DispatchRecord) {
        match serde_json::to_string(piece) {
            Ok(text) => self.output.put(&format!("{}{text}", if self.is_first { "\n" } else { ",\n" })),
            Err(error) => self.failed = Some(error),
        }
        self.is_first = false;
    }

    fn end(mut self: Box<Self>, shown: &Shown, totals: &DispatchTotals) -> CliResult<()> {
        if let Some(error) = self.failed {
            return Err(Failure::new(Exit::TryAgain, error));
        }
        let (shown, differences) = (json!(shown), json!(totals.differences()));
        let totals = json!(totals);
        self.output
            .put(&format!("\n],\n\"shown\": {shown},\n\"totals\": {totals},\n\"differences\": {differences}\n}}\n"));
        self.output.close();
        Ok(())
    }
}
