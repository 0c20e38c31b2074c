//! What must tie of packages and of intake files.

use std::collections::BTreeMap;

use super::super::db::Connection;
use super::super::db::Row;

use super::super::failed;
use super::super::rows::{column, parsed};
use super::{ASKED, Asked, CHOSEN, DOING, FROM};
use crate::ports::ledger::{LedgerResult, Tie, Tied};

/// What the ledger counts of a package, beside its control totals and what receipts and log say of it.
const PACKAGE: &str = "SELECT batch.name, batch.sha256, batch.letters AS ticket_letters, batch.sheets AS ticket_sheets,
    count(letter.id) AS letters, sum(letter.sheets) AS sheets, sum(letter.sequence) AS sequence_sum,
    sum(letter.status IN ('mailed', 'returned')) AS mailed,
    (SELECT count(DISTINCT line.letter_id) FROM receipt_file JOIN receipt_line AS line ON line.receipt_file_id = receipt_file.id
        WHERE receipt_file.batch_id = batch.id AND receipt_file.refused_because IS NULL AND line.event = 'mailed'
            AND line.held_because IS NULL) AS receipted,
    (SELECT count(*) FROM receipt_file WHERE receipt_file.batch_id = batch.id AND refused_because IS NULL) AS receipts,
    (SELECT count(*) FROM receipt_file JOIN taken ON taken.file = file_name AND taken.sha256 = receipt_file.sha256
        WHERE receipt_file.batch_id = batch.id AND refused_because IS NULL) AS logged_receipts,
    (SELECT json_group_object(status, pieces) FROM (SELECT status, count(*) AS pieces FROM letter AS piece
        WHERE piece.batch_id = batch.id GROUP BY status)) AS states
    FROM batch JOIN letter ON letter.batch_id = batch.id";

/// What the log says of the packages that were sealed: digest, letters and their sheets.
const SEALED: &str = "SELECT CAST(entry ->> '$.data.package' AS TEXT) AS package, entry ->> '$.data.sha256' AS sha256,
        (entry ->> '$.kind') = 'package.sealed' AS is_package, entry ->> '$.data.sheets' AS sheets
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"package.sealed\"' AS BLOB)) > 0
            OR instr(entry, CAST('\"kind\":\"letter.sealed\"' AS BLOB)) > 0)
    WHERE entry ->> '$.kind' IN ('package.sealed', 'letter.sealed')";

/// What the log says of the receipts that were taken.
const RECEIPTS: &str = "SELECT entry ->> '$.data.file' AS file, entry ->> '$.data.sha256' AS sha256
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"receipt.taken\"' AS BLOB)) > 0)
    WHERE entry ->> '$.kind' = 'receipt.taken'";

/// What the ledger counts of an intake file, beside what was counted when it was taken and what the log says of that.
const INTAKE_FILE: &str = "SELECT intake_file.name, intake_file.sha256, rows, new_rows, repeated_rows, routed_rows,
        quarantined_rows, count(request.id) AS requests, coalesce(sum(request.status = 'routed'), 0) AS routed,
    (SELECT count(*) FROM request AS answered WHERE answered.intake_file_id = intake_file.id AND answered.status = 'lettered')
        AS lettered,
    (SELECT count(*) FROM letter JOIN request AS answered ON answered.id = letter.request_id
        WHERE answered.intake_file_id = intake_file.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL) AS letters,
    (SELECT json_group_object(status, requests) FROM (SELECT status, count(*) AS requests FROM request AS taken
        WHERE taken.intake_file_id = intake_file.id GROUP BY status)) AS states,
    (SELECT count(*) FROM said WHERE said.sha256 = intake_file.sha256 AND said.at = intake_file.taken_at
        AND said.rows = intake_file.rows AND said.new = new_rows AND said.repeated = repeated_rows AND said.routed = routed_rows
        AND said.quarantined = quarantined_rows) AS logged
    FROM intake_file LEFT JOIN request ON request.intake_file_id = intake_file.id";

/// What the log says of the intake files that were taken.
const TAKEN: &str =
    "SELECT entry ->> '$.at' AS at, entry ->> '$.data.sha256' AS sha256, entry ->> '$.data.rows' AS rows,
        entry ->> '$.data.new' AS new, entry ->> '$.data.repeated' AS repeated, entry ->> '$.data.routed' AS routed,
        entry ->> '$.data.quarantined' AS quarantined
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"intake.taken\"' AS BLOB)) > 0)
    WHERE entry ->> '$.kind' = 'intake.taken'";

/// Every package that has a piece in the answer, whole.
pub(super) async fn packages(reading: &mut Connection, asked: &Asked) -> LedgerResult<Vec<Tied>> {
    let sql = format!(
        "WITH sealed AS MATERIALIZED (SELECT package, max(sha256) AS sha256, sum(is_package) AS packages,
                 sum(NOT is_package) AS letters, sum(CASE WHEN is_package THEN 0 ELSE sheets END) AS sheets
             FROM ({SEALED}) GROUP BY package), taken AS MATERIALIZED ({RECEIPTS})
         SELECT counted.*, coalesce(sealed.letters, 0) AS logged_letters, coalesce(sealed.sheets, 0) AS logged_sheets,
             coalesce(sealed.packages, 0) AS logged_packages, coalesce(sealed.sha256 = counted.sha256, 0) AS same_digest
         FROM ({PACKAGE} WHERE batch.id IN (SELECT letter.batch_id FROM {FROM} WHERE {ASKED} {CHOSEN}
                 AND ($7 = '' OR instr($7, ' ' || letter.status || ' ') > 0)) GROUP BY batch.id ORDER BY batch.id) AS counted
         LEFT JOIN sealed ON sealed.package = counted.name"
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
             AND ($7 = '' OR instr($7, ' ' || letter.status || ' ') > 0))
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
