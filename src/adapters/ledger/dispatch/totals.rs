//! What must tie of packages and of intake files.

use std::collections::BTreeMap;

use super::super::db::{Connection, Row};
use super::super::dialect::{counts_json, entries_of, entry_says, instant_text, number_said, said};
use super::super::failed;
use super::super::rows::{column, parsed};
use super::{ASKED, Asked, CHOSEN, DOING, FROM, OF_STATUS};
use crate::ports::ledger::{LedgerResult, Tie, Tied};

/// What the ledger counts of a package, beside its control totals and what receipts and log say of it.
const PACKAGE: &str = concat!(
    "SELECT batch.id, batch.name, batch.sha256, batch.letters AS ticket_letters, batch.sheets AS ticket_sheets,
    count(letter.id) AS letters, CAST(sum(letter.sheets) AS BIGINT) AS sheets, CAST(sum(letter.sequence) AS BIGINT) AS sequence_sum,
    count(*) FILTER (WHERE letter.status IN ('mailed', 'returned')) AS mailed,
    (SELECT count(DISTINCT line.letter_id) FROM receipt_file JOIN receipt_line AS line ON line.receipt_file_id = receipt_file.id
        WHERE receipt_file.batch_id = batch.id AND receipt_file.refused_because IS NULL AND line.event = 'mailed'
            AND line.held_because IS NULL) AS receipted,
    (SELECT count(*) FROM receipt_file WHERE receipt_file.batch_id = batch.id AND refused_because IS NULL) AS receipts,
    (SELECT count(*) FROM receipt_file JOIN taken ON taken.file = file_name AND taken.sha256 = receipt_file.sha256
        WHERE receipt_file.batch_id = batch.id AND refused_because IS NULL) AS logged_receipts,
    (SELECT ",
    counts_json!("status", "pieces"),
    " FROM (SELECT status, count(*) AS pieces FROM letter AS piece
        WHERE piece.batch_id = batch.id GROUP BY status) AS counted) AS states
    FROM batch JOIN letter ON letter.batch_id = batch.id"
);

/// What the log says of the packages that were sealed: digest, letters and their sheets.
const SEALED: &str = concat!(
    "SELECT package, max(sha256) FILTER (WHERE is_package) AS sha256, count(*) FILTER (WHERE is_package) AS packages,
        count(*) FILTER (WHERE NOT is_package) AS letters,
        CAST(coalesce(sum(sheets) FILTER (WHERE NOT is_package), 0) AS BIGINT) AS sheets
    FROM (SELECT TRUE AS is_package, ",
    said!("package"),
    " AS package, ",
    said!("sha256"),
    " AS sha256, ",
    number_said!("sheets"),
    " AS sheets FROM ",
    entries_of!("package.sealed"),
    " AS packages UNION ALL SELECT FALSE, ",
    said!("package"),
    ", ",
    said!("sha256"),
    ", ",
    number_said!("sheets"),
    " FROM ",
    entries_of!("letter.sealed"),
    " AS letters) AS entries GROUP BY package"
);

/// What the log says of the receipts that were taken.
const RECEIPTS: &str = concat!(
    "SELECT ",
    said!("file"),
    " AS file, ",
    said!("sha256"),
    " AS sha256 FROM ",
    entries_of!("receipt.taken"),
    " AS entries"
);

/// What the ledger counts of an intake file, beside what was counted when it was taken and what the log says of that.
const INTAKE_FILE: &str = concat!(
    "SELECT intake_file.name, intake_file.sha256, rows, new_rows, repeated_rows, routed_rows,
        quarantined_rows, count(request.id) AS requests, count(*) FILTER (WHERE request.status = 'routed') AS routed,
    (SELECT count(*) FROM request AS answered WHERE answered.intake_file_id = intake_file.id AND answered.status = 'lettered')
        AS lettered,
    (SELECT count(*) FROM letter JOIN request AS answered ON answered.id = letter.request_id
        WHERE answered.intake_file_id = intake_file.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL) AS letters,
    (SELECT ",
    counts_json!("status", "requests"),
    " FROM (SELECT status, count(*) AS requests FROM request AS taken
        WHERE taken.intake_file_id = intake_file.id GROUP BY status) AS counted) AS states,
    (SELECT count(*) FROM said WHERE said.sha256 = intake_file.sha256 AND said.taken_at = ",
    instant_text!("intake_file.taken_at"),
    " AND said.all_rows = CAST(intake_file.rows AS TEXT) AND said.new_rows = CAST(intake_file.new_rows AS TEXT)
        AND said.repeated_rows = CAST(intake_file.repeated_rows AS TEXT) AND said.routed_rows = CAST(intake_file.routed_rows AS TEXT)
        AND said.quarantined_rows = CAST(intake_file.quarantined_rows AS TEXT)) AS logged
    FROM intake_file LEFT JOIN request ON request.intake_file_id = intake_file.id"
);

/// What the log says of the intake files that were taken.
const TAKEN: &str = concat!(
    "SELECT ",
    entry_says!("at"),
    " AS taken_at, ",
    said!("sha256"),
    " AS sha256, ",
    said!("rows"),
    " AS all_rows, ",
    said!("new"),
    " AS new_rows, ",
    said!("repeated"),
    " AS repeated_rows, ",
    said!("routed"),
    " AS routed_rows, ",
    said!("quarantined"),
    " AS quarantined_rows FROM ",
    entries_of!("intake.taken"),
    " AS entries"
);

/// Every package that has a piece in the answer, whole.
pub(super) async fn packages(reading: &mut Connection, asked: &Asked) -> LedgerResult<Vec<Tied>> {
    let sql = format!(
        "WITH sealed AS MATERIALIZED ({SEALED}), taken AS MATERIALIZED ({RECEIPTS})
         SELECT counted.*, coalesce(sealed.letters, 0) AS logged_letters, coalesce(sealed.sheets, 0) AS logged_sheets,
             coalesce(sealed.packages, 0) AS logged_packages,
             CAST(CASE WHEN sealed.sha256 = counted.sha256 THEN 1 ELSE 0 END AS BIGINT) AS same_digest
         FROM ({PACKAGE} WHERE batch.id IN (SELECT letter.batch_id FROM {FROM} WHERE {ASKED} {CHOSEN} AND {OF_STATUS})
             GROUP BY batch.id) AS counted
         LEFT JOIN sealed ON sealed.package = counted.name ORDER BY counted.id"
    );
    let rows = asked.ask(&sql).bind(&asked.statuses).fetch_all(&mut *reading).await.map_err(failed(DOING))?;
    rows.iter().map(package).collect()
}

fn package(row: &Row) -> LedgerResult<Tied> {
    let letters = number(row, "letters")?;
    let (sheets, ticket_letters) = (number(row, "sheets")?, number(row, "ticket_letters")?);
    Ok(Tied {
        name: column(row, "name")?,
        sha256: column::<Option<String>>(row, "sha256")?.unwrap_or_default(),
        ties: vec![
            Tie::new("letters, and its control total", letters, ticket_letters),
            Tie::new("sheets, and its control total", sheets, number(row, "ticket_sheets")?),
            Tie::new(
                "sum of places, and its control total",
                number(row, "sequence_sum")?,
                ticket_letters * (ticket_letters + 1) / 2,
            ),
            Tie::new("letters, and those sealed by the log", letters, number(row, "logged_letters")?),
            Tie::new("sheets, and those sealed by the log", sheets, number(row, "logged_sheets")?),
            Tie::new(
                "its digest, and entries that sealed it under that",
                1,
                number(row, "logged_packages")? * number(row, "same_digest")?,
            ),
            Tie::new("letters mailed, and those of its receipts", number(row, "mailed")?, number(row, "receipted")?),
            Tie::new(
                "its receipts, and entries that took them in so",
                number(row, "receipts")?,
                number(row, "logged_receipts")?,
            ),
        ],
        states: states(row)?,
    })
}

/// Every intake file that has a piece in the answer, whole.
pub(super) async fn intake_files(reading: &mut Connection, asked: &Asked) -> LedgerResult<Vec<Tied>> {
    let sql = format!(
        "WITH said AS MATERIALIZED ({TAKEN})
         {INTAKE_FILE} WHERE intake_file.id IN (SELECT request.intake_file_id FROM {FROM} WHERE {ASKED} {CHOSEN}
             AND {OF_STATUS})
         GROUP BY intake_file.id ORDER BY intake_file.id"
    );
    let rows = asked.ask(&sql).bind(&asked.statuses).fetch_all(&mut *reading).await.map_err(failed(DOING))?;
    rows.iter().map(intake_file).collect()
}

fn intake_file(row: &Row) -> LedgerResult<Tied> {
    let [new, repeated, routed, quarantined] = [
        number(row, "new_rows")?,
        number(row, "repeated_rows")?,
        number(row, "routed_rows")?,
        number(row, "quarantined_rows")?,
    ];
    let requests_routed = number(row, "routed")?;
    Ok(Tied {
        name: column(row, "name")?,
        sha256: column(row, "sha256")?,
        ties: vec![
            Tie::new(
                "new, repeated, routed and quarantined rows, and all rows",
                new + repeated + routed + quarantined,
                number(row, "rows")?,
            ),
            Tie::new("requests, and new rows", number(row, "requests")? - requests_routed, new),
            Tie::new("requests routed away, and routed rows", requests_routed, routed),
            Tie::new(
                "letters that count, and requests that have one",
                number(row, "letters")?,
                number(row, "lettered")?,
            ),
            Tie::new("its digest and rows, and entries that took it in so", 1, number(row, "logged")?),
        ],
        states: states(row)?,
    })
}

fn states(row: &Row) -> LedgerResult<BTreeMap<String, u64>> {
    parsed(&column::<String>(row, "states")?, "states", |text| serde_json::from_str(text).ok())
}

/// A number that is none where there is nothing to count.
pub(super) fn number(row: &Row, name: &'static str) -> LedgerResult<u64> {
    Ok(column::<Option<i64>>(row, name)?.unwrap_or_default().cast_unsigned())
}
