//! Dispatch records for people at a terminal, within 100 columns: the columns that matter, by day and package.

use super::{Form, Heading, Shown, ties};
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::cli::report::{Output, or_dash};
use crate::ports::ledger::{DispatchRecord, DispatchTotals};

/// The widest name of an intake file that is shown whole, in characters.
const FILE_WIDTH: usize = 18;
/// Digits of a digest that tell packages apart.
const DIGEST_WIDTH: usize = 16;

pub(super) struct Table {
    output: Output,
    heading: String,
    /// Day and package of the last piece.
    place: Option<(String, String)>,
}

impl Table {
    pub(super) fn begin(heading: &Heading, at: &Opening) -> Self {
        let words = format!("site {} ({}), {}", heading.site, heading.environment, heading.in_words());
        Self { output: at.report.output(), heading: words, place: None }
    }

    fn begin_group(&mut self, piece: &DispatchRecord) {
        let place = (piece.counted_on.to_string(), piece.package.clone());
        if self.place.as_ref() == Some(&place) {
            return;
        }
        if self.place.is_none() {
            self.output.put(&format!("{}\n", self.heading));
        }
        let digest: String = piece.package_sha256.iter().flat_map(|digest| digest.chars()).take(DIGEST_WIDTH).collect();
        let delivered = piece.delivered_at.map_or("not delivered".to_owned(), |at| format!("delivered {at}"));
        self.output.put(&format!(
            "\n{}  {}  sha256 {digest}…  {delivered}\n  {:>4}  {:<11}  {:>2}  {:<9}  {:<25}  {:<10}  {:<10}  {:>8}\n",
            place.0, place.1, "no.", "letter", "sh", "status", "came in", "receipt", "ends", "entry"
        ));
        self.place = Some(place);
    }
}

impl Form for Table {
    fn piece(&mut self, piece: &DispatchRecord) {
        self.begin_group(piece);
        let came_in = format!("{}:{}", ties::short(&piece.intake_file, FILE_WIDTH), piece.intake_line);
        self.output.put(&format!(
            "  {:>4}  {:<11}  {:>2}  {:<9}  {came_in:<25}  {:<10}  {:<10}  {:>8}\n",
            piece.sequence,
            piece.letter_id,
            piece.sheets,
            piece.status,
            receipt(piece),
            piece.ended_on.unwrap_or(piece.expires_on).to_string(),
            or_dash(piece.audit_seq),
        ));
    }

    fn end(mut self: Box<Self>, shown: &Shown, totals: &DispatchTotals) -> CliResult<()> {
        if self.place.is_none() {
            self.output.put(&format!("{}\n", self.heading));
        }
        self.output.put(&format!("\n{}\n\n{}\n", shown.in_short(), ties::text(totals)));
        self.output.close();
        Ok(())
    }
}

/// Number and line of the receipt that has a piece's last word, such as `2:14`; of a refused package, the number.
fn receipt(piece: &DispatchRecord) -> String {
    let Some(file) = &piece.receipt_file else { return "-".to_owned() };
    let number = file.rsplit("receipt-").next().unwrap_or_default().trim_end_matches(".csv");
    match piece.receipt_line {
        Some(line) => format!("{number}:{line}"),
        None => number.to_owned(),
    }
}
