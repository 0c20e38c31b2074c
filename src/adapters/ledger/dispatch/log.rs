//! What must tie with the audit log: each piece with its entry, and each entry with a piece.

use super::super::db::Connection;
use super::super::dialect::{entries_of, entry_json, entry_says, instant_text, said};
use super::super::failed;
use super::super::rows::column;
use super::totals::number;
use super::{ASKED, Asked, CHOSEN, DOING, FROM};
use crate::ports::ledger::{LedgerResult, LogTie, Tie};

/// Letters that are named where they do not agree with the log.
const MOST_NAMED: usize = 10;

/// What the log says was mailed, and when: the last correction counts.
const SAID: &str = concat!(
    "SELECT mailed.letter_id, coalesce(corrected.day, mailed.day) AS day FROM (SELECT ",
    said!("letter"),
    " AS letter_id, ",
    said!("dispatched_on"),
    " AS day FROM ",
    entries_of!("letter.mailed"),
    " AS entries) AS mailed LEFT JOIN (SELECT letter_id, day FROM (SELECT ",
    said!("letter"),
    " AS letter_id, ",
    said!("new_mailed_on"),
    " AS day, row_number() OVER (PARTITION BY ",
    said!("letter"),
    " ORDER BY seq DESC) AS place FROM ",
    entries_of!("letter.corrected"),
    " AS entries) AS corrections WHERE place = 1) AS corrected ON corrected.letter_id = mailed.letter_id"
);

/// How every letter was sealed, as the log has it.
const SEALED: &str = concat!(
    "SELECT ",
    said!("letter"),
    " AS letter_id, ",
    said!("package"),
    " AS package, ",
    said!("reference"),
    " AS reference, ",
    said!("template_version"),
    " AS template_version, ",
    said!("sequence"),
    " AS sequence, ",
    said!("sheets"),
    " AS sheets, ",
    entry_says!("at"),
    " AS minted_at, ",
    said!("planned_mail_on"),
    " AS planned_mail_on, ",
    said!("use_by_on"),
    " AS use_by_on, ",
    said!("cap_on"),
    " AS cap_on FROM ",
    entries_of!("letter.sealed"),
    " AS entries"
);

/// From which line of which file every request was taken, as the log has it; entries of version 1 do not say it.
const TAKEN: &str = concat!(
    "SELECT ",
    said!("reference"),
    " AS reference, ",
    said!("sha256"),
    " AS sha256, ",
    said!("line"),
    " AS line, ",
    entry_says!("v"),
    " AS version FROM ",
    entries_of!("request.taken"),
    " AS entries"
);

/// A letter's own entry of its last word.
const OWN: &str = concat!("SELECT letter.id AS letter_id, ", entry_json!("audit_entry.entry"), " AS entry");

/// It says the same as the letter's row.
const AGREES: &str = concat!(
    "coalesce(",
    said!("sha256"),
    ", receipt_file.sha256) = receipt_file.sha256 AND ((letter.dispatched_on IS NOT NULL AND ",
    entry_says!("kind"),
    " = 'letter.mailed' AND ",
    said!("letter"),
    " = letter.id AND ",
    said!("line"),
    " = CAST(letter.mailed_line AS TEXT) AND coalesce(",
    said!("postal_statement"),
    ", letter.postal_statement) IS NOT DISTINCT FROM letter.postal_statement AND (",
    said!("expires_on"),
    " = CAST(letter.expires_on AS TEXT) OR EXISTS (SELECT 1 FROM letter_correction AS made
        WHERE made.letter_id = letter.id AND made.status = 'made')) AND ",
    said!("dispatched_on"),
    " = CAST(coalesce((SELECT old_mailed_on FROM letter_correction AS first
        WHERE first.letter_id = letter.id AND first.status = 'made' ORDER BY first.id LIMIT 1), letter.dispatched_on) AS TEXT))
    OR (letter.unmailed_seq IS NOT NULL AND ((",
    entry_says!("kind"),
    " = 'package.refused' AND ",
    said!("package"),
    " = batch.name) OR (",
    said!("letter"),
    " = letter.id AND ",
    said!("ended_on"),
    " = CAST(letter.unmailed_on AS TEXT) AND ",
    entry_says!("kind"),
    " = 'letter.' || letter.status))))"
);

/// A letter's entry of its sealing says the same as its row.
const SEALED_SO: &str = concat!(
    "batch.name = sealed.package AND request.reference = sealed.reference
    AND letter.template_version = sealed.template_version AND CAST(letter.sequence AS TEXT) = sealed.sequence
    AND CAST(letter.sheets AS TEXT) = sealed.sheets AND ",
    instant_text!("letter.minted_at"),
    " = sealed.minted_at AND CAST(letter.planned_mail_on AS TEXT) = sealed.planned_mail_on
    AND CAST(letter.use_by_on AS TEXT) = sealed.use_by_on AND CAST(letter.cap_on AS TEXT) = sealed.cap_on"
);

/// Every piece of the question, whatever its status, against the log.
pub(super) async fn tie(reading: &mut Connection, asked: &Asked) -> LedgerResult<LogTie> {
    let dispatched = dispatched(reading, asked).await?;
    let ends = format!(
        "WITH own AS MATERIALIZED ({OWN} FROM {FROM}
             LEFT JOIN audit_entry ON audit_entry.seq = coalesce(letter.mailed_seq, letter.unmailed_seq)
             WHERE {ASKED} {CHOSEN} AND (letter.dispatched_on IS NOT NULL OR letter.unmailed_seq IS NOT NULL))
         SELECT letter.id, coalesce({AGREES}, FALSE) AS agrees
         FROM own JOIN letter ON letter.id = own.letter_id JOIN batch ON batch.id = letter.batch_id
         LEFT JOIN receipt_file ON receipt_file.id = coalesce(letter.mailed_file_id, letter.unmailed_file_id)"
    );
    let ends = agree(reading, asked, ("letters that ended, and their entries that agree", &ends)).await?;
    let sealed = format!(
        "WITH sealed AS MATERIALIZED ({SEALED}) SELECT letter.id, coalesce({SEALED_SO}, FALSE) AS agrees
         FROM {FROM} LEFT JOIN sealed ON sealed.letter_id = letter.id WHERE {ASKED} {CHOSEN}"
    );
    let sealed = agree(reading, asked, ("letters, and entries that sealed them so", &sealed)).await?;
    let taken = format!(
        "WITH taken AS MATERIALIZED ({TAKEN}) SELECT letter.id, coalesce(taken.version = '1'
             OR (taken.sha256 = intake_file.sha256 AND taken.line = CAST(request.intake_line AS TEXT)), FALSE) AS agrees
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
        "WITH found AS MATERIALIZED (SELECT said.letter_id, chosen.day IS NOT DISTINCT FROM said.day AS agrees
             FROM ({SAID}) AS said
             LEFT JOIN (SELECT letter.id, CAST(letter.dispatched_on AS TEXT) AS day, ({CHOSEN}) AS is_chosen FROM {FROM}) AS chosen
                 ON chosen.id = said.letter_id
             WHERE said.day BETWEEN CAST($1 AS TEXT) AND CAST($2 AS TEXT) AND chosen.is_chosen IS NOT FALSE)
         SELECT (SELECT count(*) FROM {FROM} WHERE {ASKED} {CHOSEN} AND letter.dispatched_on IS NOT NULL) AS counted,
             (SELECT count(*) FROM found) AS said,
             (SELECT string_agg(letter_id, ' ' ORDER BY letter_id) FROM (SELECT letter_id FROM found WHERE NOT agrees
                 ORDER BY letter_id LIMIT {MOST_NAMED}) AS few) AS named"
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
         SELECT count(*) AS counted, count(*) FILTER (WHERE agrees) AS said,
             (SELECT string_agg(id, ' ' ORDER BY id) FROM (SELECT id FROM found WHERE NOT agrees ORDER BY id
                 LIMIT {MOST_NAMED}) AS few) AS named
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
