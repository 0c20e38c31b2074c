//! Sealing: a package that lies in the spool is recorded, with its keys and its letters.

use super::change::Change;
use super::db::{At, On};
use super::intake::request_draft;
use super::production::package_draft;
use crate::audit::entry::Draft;
use crate::ports::ledger::{ClaimedBatch, LedgerResult, MintedLetter, SealedBatch};

/// Records a sealed package within a change.
pub(super) async fn record(change: &mut Change, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()> {
    seal_batch(change, batch, sealed).await?;
    let draft = package_draft("package.sealed", &batch.name)
        .with("sha256", sealed.sha256.as_str())
        .with("letters", sealed.letters.len() as u64)
        .with("attempt", batch.attempt)
        .with("sealed_by", sealed.sealed_by.as_str())
        .with("sealed_to", sealed.sealed_to.join(" "))
        .with("vendor", batch.vendor.as_str())
        .changes("status", "claimed", "sealed");
    change.audit(draft);
    insert_keys(change, batch, sealed).await?;
    for letter in &sealed.letters {
        insert_letter(change, batch, sealed, letter).await?;
    }
    Ok(())
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
    let recipients = sealed.sealed_to.iter().map(|fingerprint| ("recipient", fingerprint));
    for (role, fingerprint) in recipients.chain([("signer", &sealed.sealed_by)]) {
        let statement = sqlx::query("INSERT INTO package_key (batch_id, role, fingerprint) VALUES ($1, $2, $3)")
            .bind(batch.batch_id)
            .bind(role)
            .bind(fingerprint);
        change.run_one(statement, &batch.name).await?;
    }
    Ok(())
}

async fn insert_letter(
    change: &mut Change,
    batch: &ClaimedBatch,
    sealed: &SealedBatch,
    letter: &MintedLetter,
) -> LedgerResult<()> {
    let id = letter.letter_id.to_string();
    let statement = sqlx::query(
        "INSERT INTO letter (id, request_id, batch_id, sequence, username, language, format, outside, pages, sheets,
             sha256, template_version, status, status_at, verifier, password_status, password_status_at, minted_at,
             planned_mail_on, cap_on, use_by_on, expires_on, expected_from, expected_to, imb,
             replaces)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'sealed', $13, $14, 'waiting', $13, $13, $15, $16,
             $17, $16, $18, $19, $20, (SELECT earlier.id FROM letter AS earlier
                 JOIN request AS answered ON answered.id = earlier.request_id
                 WHERE earlier.username = $5 AND (earlier.password_status IN ('waiting', 'live', 'locked')
                     OR (earlier.reissued_at IS NOT NULL AND (answered.id = $2 OR answered.replaced_by IS NOT NULL)
                         AND NOT EXISTS (SELECT 1 FROM letter AS newer
                             WHERE newer.replaces = earlier.id AND newer.status <> 'voided')))
                 ORDER BY earlier.rowid DESC LIMIT 1))",
    )
    .bind(&id)
    .bind(letter.request_id)
    .bind(batch.batch_id)
    .bind(i64::from(letter.sequence))
    .bind(&letter.username)
    .bind(&letter.language)
    .bind(batch.format.as_str())
    .bind(letter.outside)
    .bind(i64::from(letter.pages))
    .bind(i64::from(letter.sheets))
    .bind(&letter.sha256)
    .bind(&letter.template_version)
    .bind(At(sealed.made_at))
    .bind(&letter.verifier)
    .bind(On(letter.planned_mail_on))
    .bind(On(letter.cap_on))
    .bind(On(letter.use_by_on))
    .bind(On(letter.expected_from))
    .bind(On(letter.expected_to))
    .bind(letter.imb.map(|imb| imb.digits()).unwrap_or_default());
    change.run_one(statement, &format!("letter {id}")).await?;
    let statement = sqlx::query(
        "UPDATE request SET status = 'lettered', status_at = $1 WHERE id = $2 AND status = 'claimed' AND batch_id = $3",
    )
    .bind(change.at)
    .bind(letter.request_id)
    .bind(batch.batch_id);
    change.run_one(statement, &format!("request {}", letter.reference)).await?;
    change.audit(sealed_draft(batch, letter, &id));
    let detail = format!("a letter is made; expect it from {} to {}", letter.expected_from, letter.expected_to);
    change.notice("minted", &letter.reference, Some(&id), &detail).await
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
