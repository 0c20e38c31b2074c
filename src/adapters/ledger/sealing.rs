//! Sealing: a package that lies in the spool is recorded, with its keys and its letters.

use std::collections::BTreeMap;

use super::change::Change;
use super::db::{At, On};
use super::failed;
use super::intake::request_draft;
use super::lists::Values;
use super::production::package_draft;
use crate::audit::entry::Draft;
use crate::ports::ledger::{ClaimedBatch, LedgerError, LedgerResult, MintedLetter, SealedBatch};

/// Records a sealed package within a change that works beside others.
///
/// What nobody else can touch comes first; the rows of the batch and of its requests are changed when the audit log is this
/// change's alone, so that no ordinary change, which has the log from its beginning, waits for a row while this one waits for
/// the log.
pub(super) async fn record(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    look_at_owner(change, batch).await?;
    insert_keys(change, batch, sealed).await?;
    insert_letters(change, batch, sealed).await?;
    let draft = package_draft("package.sealed", &batch.name)
        .with("sha256", sealed.sha256.as_str())
        .with("letters", sealed.letters.len() as u64)
        .with("attempt", batch.attempt)
        .with("sealed_by", sealed.sealed_by.as_str())
        .with("sealed_to", sealed.sealed_to.join(" "))
        .with("vendor", batch.vendor.as_str())
        .changes("status", "claimed", "sealed");
    change.audit(draft);
    for letter in &sealed.letters {
        let id = letter.letter_id.to_string();
        change.audit(sealed_draft(batch, letter, &id));
        let detail = format!("a letter is made; expect it from {} to {}", letter.expected_from, letter.expected_to);
        change.notice("minted", &letter.reference, Some(&id), &detail).await?;
    }
    change.write_entries().await?;
    seal_batch(change, batch, sealed).await?;
    answer_requests(change, batch, sealed).await
}

/// Fails early where the batch is not this owner's any more; the change of its row is what counts.
async fn look_at_owner(change: &mut Change, batch: &ClaimedBatch) -> LedgerResult<()> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM batch WHERE id = $1 AND status = 'claimed' AND owner = $2 AND attempt = $3")
            .bind(batch.batch_id)
            .bind(&batch.owner)
            .bind(i64::from(batch.attempt))
            .fetch_optional(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    match found {
        Some(_) => Ok(()),
        None => Err(LedgerError::Overtaken { doing: change.doing, subject: batch.name.clone() }),
    }
}

async fn seal_batch(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    let sum = |number: fn(&MintedLetter) -> u32| sealed.letters.iter().map(|l| i64::from(number(l))).sum::<i64>();
    let statement = sqlx::query(
        "UPDATE batch SET status = 'sealed', status_at = $1, made_at = $1, mail_on = $2, mail_by_on = $3,
             spool_object = $4, size_bytes = $5, sha256 = $6, letters = $7, pages = $8, sheets = $9, remake = $10, purge_by_on = $11
         WHERE id = $12 AND status = 'claimed' AND owner = $13 AND attempt = $14",
    )
    .bind(change.at)
    .bind(On(sealed.mail_on))
    .bind(On(sealed.mail_by_on))
    .bind(&sealed.spool_object)
    .bind(sealed.size_bytes.cast_signed())
    .bind(&sealed.sha256)
    .bind(i64::try_from(sealed.letters.len()).unwrap_or(i64::MAX))
    .bind(sum(|letter| letter.pages))
    .bind(sum(|letter| letter.sheets))
    .bind(sealed.remake.as_str())
    .bind(On(sealed.purge_by_on))
    .bind(batch.batch_id)
    .bind(&batch.owner)
    .bind(i64::from(batch.attempt));
    change.run_one(statement, &batch.name).await
}

async fn insert_keys(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    let recipients = sealed.sealed_to.iter().map(|fingerprint| ("recipient", fingerprint.as_str()));
    let keys: Vec<_> = recipients.chain([("signer", sealed.sealed_by.as_str())]).collect();
    let bind = |row: &mut Values<'_>, (role, fingerprint): &(&str, &str)| {
        row.push_bind(batch.batch_id).push_bind(*role).push_bind(*fingerprint);
    };
    change.insert_all("INSERT INTO package_key (batch_id, role, fingerprint)", &keys, bind, &batch.name).await
}

async fn insert_letters(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    let replaced = replaced_letters(change, batch).await?;
    let at = At(sealed.made_at);
    let into =
        "INSERT INTO letter (id, request_id, batch_id, sequence, username, language, format, outside, pages, sheets,
             sha256, template_version, status, status_at, verifier, password_status, password_status_at, minted_at,
             planned_mail_on, cap_on, use_by_on, expires_on, expected_from, expected_to, imb, replaces)";
    let bind = |row: &mut Values<'_>, it: &MintedLetter| {
        row.push_bind(it.letter_id.to_string()).push_bind(it.request_id).push_bind(batch.batch_id);
        row.push_bind(i64::from(it.sequence)).push_bind(it.username.as_str()).push_bind(it.language.as_str());
        row.push_bind(batch.format.as_str()).push_bind(it.outside).push_bind(i64::from(it.pages));
        row.push_bind(i64::from(it.sheets)).push_bind(it.sha256.as_str()).push_bind(it.template_version.as_str());
        row.push("'sealed'").push_bind(at).push_bind(it.verifier.as_str());
        row.push("'waiting'").push_bind(at).push_bind(at);
        row.push_bind(On(it.planned_mail_on)).push_bind(On(it.cap_on)).push_bind(On(it.use_by_on));
        row.push_bind(On(it.cap_on)).push_bind(On(it.expected_from)).push_bind(On(it.expected_to));
        row.push_bind(it.imb.map(|imb| imb.digits()).unwrap_or_default());
        row.push_bind(replaced.get(&it.request_id).map(String::as_str));
    };
    change.insert_all(into, &sealed.letters, bind, &batch.name).await
}

/// The letters that those of a batch replace, by the request of the new one: of each account the last one whose password has
/// not ended, or which was made anew and has no other in its place.
async fn replaced_letters(change: &mut Change, batch: &ClaimedBatch) -> LedgerResult<BTreeMap<i64, String>> {
    let earlier: Vec<(i64, String)> = sqlx::query_as(
        "SELECT own.id, earlier.id FROM request AS own
         JOIN letter AS earlier ON earlier.username = own.username
         JOIN request AS answered ON answered.id = earlier.request_id
         WHERE own.batch_id = $1 AND (earlier.password_status IN ('waiting', 'live', 'locked')
             OR (earlier.reissued_at IS NOT NULL AND (answered.id = own.id OR answered.replaced_by IS NOT NULL)
                 AND NOT EXISTS (SELECT 1 FROM letter AS newer
                     WHERE newer.replaces = earlier.id AND newer.status <> 'voided')))
         ORDER BY earlier.batch_id",
    )
    .bind(batch.batch_id)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    Ok(earlier.into_iter().collect())
}

async fn answer_requests(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE request SET status = 'lettered', status_at = $1 WHERE status = 'claimed' AND batch_id = $2",
    )
    .bind(change.at)
    .bind(batch.batch_id);
    // What was held or put back is the batch's no more: what is left is what has letters.
    change.run_exactly(sealed.letters.len() as u64, statement, &format!("the requests of {}", batch.name)).await
}

fn sealed_draft(batch: &ClaimedBatch, letter: &MintedLetter, id: &str) -> Draft {
    request_draft("letter.sealed", &letter.reference)
        .with("letter", id)
        .with("package", batch.name.as_str())
        .with("sequence", letter.sequence)
        .with("sheets", letter.sheets)
        .with("template_version", letter.template_version.as_str())
        .with("planned_mail_on", letter.planned_mail_on)
        .with("use_by_on", letter.use_by_on)
        .with("cap_on", letter.cap_on)
        .changes("request_status", "claimed", "lettered")
        .after("status", "sealed")
        .after("password_status", "waiting")
        .after("expires_on", letter.cap_on)
}
