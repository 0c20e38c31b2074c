//! What must always hold, read from the ledger and from what the vendor took.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use letterpost::stages::checkpoint;

use crate::inside::Inside;
use crate::play::Broken;

/// How far a letter is; a receipt never moves it to a smaller place. Ends have none.
const WAY: [&str; 6] = ["sealed", "delivered", "accepted", "printed", "mailed", "returned"];

/// What is known of a letter.
#[derive(Debug, Clone)]
struct Seen {
    status: String,
    password: String,
    dispatched_on: String,
    expires_on: String,
}

/// Watches one site.
pub struct Oracle {
    /// Requests that were ever made.
    pub asked: u64,
    /// Requests that were there before the play.
    before: u64,
    taken: BTreeSet<String>,
    letters: BTreeMap<String, Seen>,
}

impl Oracle {
    pub async fn begin(site: &Inside) -> Self {
        let before = site.number("SELECT count(*) FROM request").await;
        Self { asked: 0, before, taken: BTreeSet::new(), letters: BTreeMap::new() }
    }

    /// The vendor takes a package; each comes once.
    pub fn takes(&mut self, file: &str) -> Result<(), Broken> {
        if self.taken.insert(file.to_owned()) { Ok(()) } else { Err(format!("{file} came to the vendor twice")) }
    }

    pub async fn look(&mut self, site: &Inside) -> Result<(), Broken> {
        self.accounting(site).await?;
        self.one_letter_a_request(site).await?;
        one_live_password(site).await?;
        self.steps(site).await
    }

    pub async fn end(&mut self, site: &Inside) -> Result<(), Broken> {
        let ledger = site.world.ledger.as_ref();
        let (_, _, faults) =
            checkpoint::verify(ledger, &site.world.site.origin, site.world.log_vkey.as_ref(), None).await.unwrap();
        if faults.is_empty() { Ok(()) } else { Err(format!("the audit log: {faults:?}")) }
    }

    /// I1: every request that ever came and every letter that was ever made is in one of the known states.
    async fn accounting(&self, site: &Inside) -> Result<(), Broken> {
        let accounting = site.world.ledger.accounting().await.map_err(|error| error.to_string())?;
        if accounting.requests != self.asked + self.before {
            return Err(format!("{} asked, and the ledger has {}", self.asked + self.before, accounting.requests));
        }
        let contradictions = site.world.ledger.contradictions().await.map_err(|error| error.to_string())?;
        if contradictions.is_empty() { Ok(()) } else { Err(contradictions.join("; ")) }
    }

    /// I2: of all that the vendor took, a request has one letter that was not withdrawn or replaced on purpose.
    async fn one_letter_a_request(&self, site: &Inside) -> Result<(), Broken> {
        let doubled = site
            .rows(
                "SELECT request_id, group_concat(letter.id) FROM letter JOIN batch ON batch.id = letter.batch_id
                 WHERE letter.status <> 'voided' AND letter.reissued_at IS NULL AND batch.offered_at IS NOT NULL
                 GROUP BY request_id HAVING count(*) > 1",
            )
            .await;
        if doubled.is_empty() { Ok(()) } else { Err(format!("requests with two letters: {doubled:?}")) }
    }

    /// I6 and I10, letter by letter, against what was seen of it before.
    async fn steps(&mut self, site: &Inside) -> Result<(), Broken> {
        let (_, today) = site.world.now().unwrap();
        let rows = site
            .rows(
                "SELECT letter.id, letter.status, password_status, coalesce(dispatched_on, ''), expires_on, use_by_on,
                     cap_on, date(coalesce(offered_at, '9999-01-01')) FROM letter
                 JOIN batch ON batch.id = letter.batch_id",
            )
            .await;
        for row in rows {
            let [id, status, password, dispatched_on, expires_on, use_by_on, cap_on, offered_on] =
                row.try_into().unwrap();
            let seen = Seen { status, password, dispatched_on, expires_on };
            if !(use_by_on <= seen.expires_on && seen.expires_on <= cap_on) {
                return Err(format!("letter {id} ends on {}, not in {use_by_on} to {cap_on}", seen.expires_on));
            }
            if !seen.dispatched_on.is_empty() {
                let day: NaiveDate = seen.dispatched_on.parse().unwrap();
                // The offer is an instant in UTC; the site's date may be the day before.
                let offered: NaiveDate = offered_on.parse().unwrap();
                if day > today || day < offered - chrono::TimeDelta::days(1) {
                    return Err(format!(
                        "letter {id} was mailed on {day}, offered on {offered_on}, and today is {today}"
                    ));
                }
            }
            if let Some(before) = self.letters.get(&id) {
                step(&id, before, &seen, today)?;
            }
            self.letters.insert(id, seen);
        }
        Ok(())
    }
}

fn step(id: &str, before: &Seen, now: &Seen, today: NaiveDate) -> Result<(), Broken> {
    let place = |status: &str| WAY.iter().position(|known| *known == status);
    let is_forward = match (place(&before.status), place(&now.status)) {
        (Some(from), Some(to)) => from <= to,
        // An end is for ever, and nothing that was mailed ends as if it had not been.
        (None, _) => before.status == now.status,
        (Some(from), None) => from < 4,
    };
    if !is_forward {
        return Err(format!("letter {id} went from {} to {}", before.status, now.status));
    }
    let is_over = |password: &str| matches!(password, "redeemed" | "expired" | "revoked");
    if is_over(&before.password) && before.password != now.password {
        return Err(format!("the password of letter {id} went from {} to {}", before.password, now.password));
    }
    if before.expires_on != now.expires_on && now.expires_on < today.to_string() {
        return Err(format!("letter {id} now ends on {}, and today is {today}", now.expires_on));
    }
    Ok(())
}

/// I4: an account has one usable password at most.
async fn one_live_password(site: &Inside) -> Result<(), Broken> {
    let doubled = site
        .rows(
            "SELECT username, count(*) FROM letter WHERE password_status IN ('live', 'locked')
             GROUP BY username HAVING count(*) > 1",
        )
        .await;
    if doubled.is_empty() { Ok(()) } else { Err(format!("accounts with two live passwords: {doubled:?}")) }
}
