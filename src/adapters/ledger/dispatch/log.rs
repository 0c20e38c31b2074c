//! What must tie with the audit log: each piece with its entry, and each entry with a piece.

use super::super::db::Connection;

use super::super::failed;
use super::super::rows::column;
use super::totals::number;
use super::{ASKED, Asked, CHOSEN, DOING, FROM};
use crate::ports::ledger::{LedgerResult, LogTie, Tie};

/// Letters that are named where they do not agree with the log.
const MOST_NAMED: usize = 10;

/// What the log says was mailed, and when: the last correction counts.
const SAID: &str = "SELECT mailed.entry ->> '$.data.letter' AS letter_id,
        coalesce(corrected.day, mailed.entry ->> '$.data.dispatched_on') AS day
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"letter.mailed\"' AS BLOB)) > 0) AS mailed
    LEFT JOIN (SELECT entry ->> '$.data.letter' AS letter_id, entry ->> '$.data.new_mailed_on' AS day, max(seq)
        FROM (SELECT seq, CAST(entry AS TEXT) AS entry FROM audit_entry
            WHERE instr(entry, CAST('\"kind\":\"letter.corrected\"' AS BLOB)) > 0)
        WHERE entry ->> '$.kind' = 'letter.corrected' GROUP BY 1) AS corrected
        ON corrected.letter_id = mailed.entry ->> '$.data.letter'
    WHERE mailed.entry ->> '$.kind' = 'letter.mailed'";

/// How every letter was sealed, as the log has it. The cast lets SQLite look letters up.
const SEALED: &str =
    "SELECT CAST(entry ->> '$.data.letter' AS TEXT) AS letter_id, entry ->> '$.data.package' AS package,
        entry ->> '$.data.reference' AS reference, entry ->> '$.data.template_version' AS template_version,
        entry ->> '$.data.sequence' AS sequence, entry ->> '$.data.sheets' AS sheets, entry ->> '$.at' AS at,
        entry ->> '$.data.planned_mail_on' AS planned_mail_on, entry ->> '$.data.use_by_on' AS use_by_on,
        entry ->> '$.data.cap_on' AS cap_on
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"letter.sealed\"' AS BLOB)) > 0)
    WHERE entry ->> '$.kind' = 'letter.sealed'";

/// From which line of which file every request was taken, as the log has it; entries of version 1 do not say it.
const TAKEN: &str =
    "SELECT CAST(entry ->> '$.data.reference' AS TEXT) AS reference, entry ->> '$.data.sha256' AS sha256,
        entry ->> '$.data.line' AS line, entry ->> '$.v' AS version
    FROM (SELECT CAST(entry AS TEXT) AS entry FROM audit_entry
        WHERE instr(entry, CAST('\"kind\":\"request.taken\"' AS BLOB)) > 0)
    WHERE entry ->> '$.kind' = 'request.taken'";

/// A letter's own entry of its last word says the same as its row.
const AGREES: &str = "coalesce(entry ->> '$.data.sha256', receipt_file.sha256) = receipt_file.sha256
    AND ((letter.dispatched_on IS NOT NULL
        AND entry ->> '$.kind' = 'letter.mailed' AND entry ->> '$.data.letter' = letter.id
        AND entry ->> '$.data.line' = letter.mailed_line
        AND coalesce(entry ->> '$.data.postal_statement', letter.postal_statement) IS letter.postal_statement
        AND (entry ->> '$.data.expires_on' = letter.expires_on OR EXISTS (SELECT 1 FROM letter_correction AS made
            WHERE made.letter_id = letter.id AND made.status = 'made'))
        AND entry ->> '$.data.dispatched_on' = coalesce((SELECT old_mailed_on FROM letter_correction AS first
            WHERE first.letter_id = letter.id AND first.status = 'made' ORDER BY first.id LIMIT 1), letter.dispatched_on))
    OR (letter.unmailed_seq IS NOT NULL
        AND ((entry ->> '$.kind' = 'package.refused' AND entry ->> '$.data.package' = batch.name)
            OR (entry ->> '$.data.letter' = letter.id AND entry ->> '$.data.ended_on' = letter.unmailed_on
                AND entry ->> '$.kind' = 'letter.' || letter.status))))";

/// A letter's entry of its sealing says the same as its row.
const SEALED_SO: &str =
    "batch.name = sealed.package AND request.reference = sealed.reference
    AND letter.template_version = sealed.template_version AND letter.sequence = sealed.sequence AND letter.sheets = sealed.sheets
    AND letter.minted_at = sealed.at AND letter.planned_mail_on = sealed.planned_mail_on
    AND letter.use_by_on = sealed.use_by_on AND letter.cap_on = sealed.cap_on";

/// Every piece of the question, whatever its status, against the log.
pub(super) async fn tie(reading: &mut Connection, asked: &Asked) -> LedgerResult<LogTie> {
    let dispatched = dispatched(reading, asked).await?;
    let ends = format!(
        "SELECT letter.id, coalesce({AGREES}, 0) AS agrees
         FROM {FROM} LEFT JOIN audit_entry ON audit_entry.seq = coalesce(letter.mailed_seq, letter.unmailed_seq)
         LEFT JOIN receipt_file ON receipt_file.id = coalesce(letter.mailed_file_id, letter.unmailed_file_id)
         WHERE {ASKED} {CHOSEN} AND (letter.dispatched_on IS NOT NULL OR letter.unmailed_seq IS NOT NULL)"
    );
    let ends = agree(reading, asked, ("letters that ended, and their entries that agree", &ends)).await?;
    let sealed = format!(
        "WITH sealed AS MATERIALIZED ({SEALED}) SELECT letter.id, coalesce({SEALED_SO}, 0) AS agrees
         FROM {FROM} LEFT JOIN sealed ON sealed.letter_id = letter.id WHERE {ASKED} {CHOSEN}"
    );
    let sealed = agree(reading, asked, ("letters, and entries that sealed them so", &sealed)).await?;
    let taken = format!(
        "WITH taken AS MATERIALIZED ({TAKEN}) SELECT letter.id, coalesce(taken.version = 1
             OR (taken.sha256 = intake_file.sha256 AND taken.line = request.intake_line), 0) AS agrees
         FROM {FROM} LEFT JOIN taken ON taken.reference = request.reference WHERE {ASKED} {CHOSEN}"
    );
    let taken = agree(reading, asked, ("letters, and entries that took their rows in so", &taken)).await?;
    let mut differing = [dispatched.1, ends.1, sealed.1, taken.1].concat();
    differing.sort();
    differing.dedup();
    differing.truncate(MOST_NAMED);
    Ok(LogTie { ties: vec![dispatched.0, ends.0, sealed.0, taken.0], differing })
}

/// How many letters the ledger has dispatched on these days, and how many the log; and those that only the log has, or has on
/// another day. A letter that the ledger does not have is missed by every question.
async fn dispatched(reading: &mut Connection, asked: &Asked) -> LedgerResult<(Tie, Vec<String>)> {
    let sql = format!(
        "WITH found AS MATERIALIZED (SELECT said.letter_id, chosen.day IS said.day AS agrees
             FROM ({SAID}) AS said
             LEFT JOIN (SELECT letter.id, letter.dispatched_on AS day, ({CHOSEN}) AS is_chosen FROM {FROM}) AS chosen
                 ON chosen.id = said.letter_id
             WHERE said.day BETWEEN $1 AND $2 AND chosen.is_chosen IS NOT 0)
         SELECT (SELECT count(*) FROM {FROM} WHERE {ASKED} {CHOSEN} AND letter.dispatched_on IS NOT NULL) AS counted,
             (SELECT count(*) FROM found) AS said,
             (SELECT group_concat(letter_id, ' ') FROM (SELECT letter_id FROM found WHERE NOT agrees
                 ORDER BY letter_id LIMIT {MOST_NAMED})) AS named"
    );
    read(reading, asked, "letters dispatched, and entries of it", &sql).await
}

/// How many letters a query gives and how many of them agree with the log; and the first that do not.
async fn agree(
    reading: &mut Connection,
    asked: &Asked,
    (what, letters): (&'static str, &str),
) -> LedgerResult<(Tie, Vec<String>)> {
    let sql = format!(
        "WITH found AS MATERIALIZED ({letters})
         SELECT count(*) AS counted, coalesce(sum(agrees), 0) AS said,
             (SELECT group_concat(id, ' ') FROM (SELECT id FROM found WHERE NOT agrees ORDER BY id LIMIT {MOST_NAMED})) AS named
         FROM found"
    );
    read(reading, asked, what, &sql).await
}

async fn read(
    reading: &mut Connection,
    asked: &Asked,
    what: &'static str,
    sql: &str,
) -> LedgerResult<(Tie, Vec<String>)> {
    let row = asked.ask(sql).fetch_one(&mut *reading).await.map_err(failed(DOING))?;
    let named: Option<String> = column(&row, "named")?;
    let named = named.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok((Tie::new(what, number(&row, "counted")?, number(&row, "said")?), named))
}
