//! The books at the end: the site's, held against the vendor's and against what people did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::day::Days;
use super::operations::Deeds;
use crate::cli::exit::CliResult;
use crate::cli::vendor::simulate::{Piece, PieceStatus, Summary};
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::ports::ledger::{Accounting, IntakeCounts, LetterRecord};
use crate::stages::checkpoint;

/// The most lines of one kind that are told.
const MOST_TOLD: usize = 20;

/// What a rehearsal came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Accounts {
    first_day: NaiveDate,
    last_day: NaiveDate,
    business_days: u32,
    days_after: u32,
    nights: u32,
    /// Rows that people handed in.
    rows: IntakeCounts,
    /// The site's accounting.
    #[serde(flatten)]
    accounting: Accounting,
    /// Packages by state; closed ones apart.
    packages: BTreeMap<String, u64>,
    /// The vendor's own accounting.
    vendor: Summary,
    /// Letters that were made anew, by a rule or by a person.
    reissued: u64,
    /// Passwords by state.
    passwords: BTreeMap<String, u64>,
    /// What the person on duty did.
    operations: Deeds,
    /// Matters that nights and receipts left to a person.
    matters: u64,
    /// Letters that the vendor mailed although they were called off, each told as an alarm.
    mailed_in_vain: u64,
    /// What cannot be explained; empty when the books agree.
    pub(super) unexplained: Vec<String>,
}

impl Accounts {
    /// Draws up the accounts of a rehearsal that is over.
    pub(super) async fn draw_up(days: &Days) -> CliResult<Self> {
        let ledger = &days.scratch.world.ledger;
        let accounting = ledger.accounting().await?;
        let letters = days.letters().await?;
        let mut packages = BTreeMap::new();
        for batch in ledger.batches(u32::MAX).await? {
            let state = if batch.closed_at.is_some() { "closed".to_owned() } else { batch.status };
            *packages.entry(state).or_default() += 1;
        }
        let mut accounts = Self {
            first_day: days.scratch.first_day,
            last_day: days.last_day,
            business_days: days.business_days,
            days_after: days.days_after,
            nights: days.nights,
            rows: days.people.counts,
            packages,
            vendor: days.scratch.stand_in.summary(),
            reissued: letters.iter().filter(|letter| letter.reissued_at.is_some()).count() as u64,
            passwords: count(letters.iter().map(|letter| letter.password_status.to_string())),
            operations: days.operations.deeds,
            matters: days.operations.matters,
            mailed_in_vain: days.operations.mailed_in_vain,
            accounting,
            unexplained: Vec::new(),
        };
        accounts.check_states(days).await?;
        accounts.check_pieces(days, &letters);
        accounts.check_served(&letters);
        accounts.check_passwords(&letters);
        Ok(accounts)
    }

    /// The site's own sums, its log, and nothing that still waits.
    async fn check_states(&mut self, days: &Days) -> CliResult<()> {
        let world = &days.scratch.world;
        let mut found = world.ledger.contradictions().await?;
        let taken = self.rows.new + self.rows.routed;
        if taken != self.accounting.requests {
            found.push(format!("{taken} requests were taken, and the ledger has {}", self.accounting.requests));
        }
        for state in ["pending", "held", "claimed"] {
            let waiting = self.accounting.request_states.get(state).copied().unwrap_or_default();
            if waiting > 0 {
                found.push(format!("{waiting} requests are still {state}"));
            }
        }
        for (state, packages) in self.packages.iter().filter(|(state, _)| !matches!(state.as_str(), "closed" | "void"))
        {
            found.push(format!("{packages} packages are {state} and not closed"));
        }
        let (_, _, faults) = checkpoint::verify(
            world.ledger.as_ref(),
            &world.site.origin,
            world.log_vkey.as_ref(),
            world.heads.last()?.as_deref(),
        )
        .await?;
        found.extend(faults.into_iter().map(|fault| format!("the audit log: {fault}")));
        found.extend(days.operations.alarms.iter().take(MOST_TOLD).map(|alarm| format!("an alarm: {alarm}")));
        let vendor = &self.vendor;
        for (count, what) in [
            (vendor.packages_not_good, "packages that the vendor could not take"),
            (vendor.packages_repeated, "packages that came to the vendor twice"),
            (vendor.missing.len() as u64, "numbers of which nothing came to the vendor"),
        ] {
            if count > 0 {
                found.push(format!("{count} {what}"));
            }
        }
        self.unexplained.extend(found);
        Ok(())
    }

    /// Piece by piece: what the site says became of a letter is what the vendor did with it.
    fn check_pieces(&mut self, days: &Days, letters: &[LetterRecord]) {
        let state = days.scratch.stand_in.state();
        let pieces: BTreeMap<String, &Piece> =
            state.jobs.values().flat_map(|job| &job.pieces).map(|piece| (piece.letter_id.to_string(), piece)).collect();
        let ours: BTreeSet<&str> = letters.iter().map(|letter| letter.letter_id.as_str()).collect();
        let mut found: Vec<String> = pieces
            .keys()
            .filter(|id| !ours.contains(id.as_str()))
            .map(|id| format!("the site knows no letter {id}"))
            .collect();
        for letter in letters {
            found.extend(difference(letter, pieces.get(&letter.letter_id).copied()));
        }
        // A request may have had several letters, but each new one was made because the one before was no good any more.
        let mut standing = BTreeMap::<&str, u32>::new();
        for letter in
            letters.iter().filter(|letter| letter.reissued_at.is_none() && letter.status != LetterStatus::Voided)
        {
            *standing.entry(&letter.reference).or_default() += 1;
        }
        found.extend(
            standing
                .iter()
                .filter(|(_, count)| **count > 1)
                .map(|(reference, count)| format!("request {reference} has {count} letters")),
        );
        self.unexplained.extend(found.into_iter().take(MOST_TOLD));
    }

    /// Whose letter was spoiled or rejected got another, unless it was called off or a person was asked to decide.
    fn check_served(&mut self, letters: &[LetterRecord]) {
        let mut newest = BTreeMap::<&str, &LetterRecord>::new();
        for letter in letters {
            let known = newest.entry(&letter.username).or_insert(letter);
            if known.minted_at < letter.minted_at {
                *known = letter;
            }
        }
        let is_forgotten = |letter: &&&LetterRecord| {
            matches!(letter.status, LetterStatus::Spoiled | LetterStatus::Rejected)
                && letter.reissued_at.is_none()
                && letter.decide_by_on.is_none()
                && letter.pull_order.is_none()
        };
        let forgotten = newest.values().filter(is_forgotten);
        self.unexplained.extend(
            forgotten
                .map(|letter| format!("letter {} was {}, and nobody made it anew", letter.letter_id, letter.status)),
        );
    }

    /// Every live password belongs to one piece that is in the mail, and to one account.
    fn check_passwords(&mut self, letters: &[LetterRecord]) {
        let is_live = |letter: &&LetterRecord| {
            matches!(letter.password_status, PasswordStatus::Live | PasswordStatus::Locked | PasswordStatus::Waiting)
        };
        let mut accounts = BTreeSet::new();
        for letter in letters.iter().filter(is_live) {
            if letter.status != LetterStatus::Mailed {
                self.unexplained.push(format!(
                    "the password of letter {} is {}, and the letter is {}",
                    letter.letter_id, letter.password_status, letter.status
                ));
            }
            if !accounts.insert(letter.username.as_str()) {
                self.unexplained.push(format!("an account has two live passwords: letter {}", letter.letter_id));
            }
        }
    }

    /// For people.
    pub(super) fn to_text(&self) -> String {
        let sum = |states: &BTreeMap<String, u64>| {
            states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(" + ")
        };
        let Deeds { vendor_asked, held, released, cancelled, returned, reissued, corrected } = self.operations;
        let mut lines = vec![
            format!(
                "{} to {}: {} business days of requests, {} days more until nothing was on its way, {} nights",
                self.first_day, self.last_day, self.business_days, self.days_after, self.nights
            ),
            format!("requests   {} = {}", self.accounting.requests, sum(&self.accounting.request_states)),
            format!("letters    {} = {}", self.accounting.letters, sum(&self.accounting.letter_states)),
            format!("passwords  {}", sum(&self.passwords)),
            format!("packages   {}", sum(&self.packages)),
            format!("made anew  {}, {reissued} of them by a person", self.reissued),
            format!(
                "on duty    {} matters; asked the vendor {vendor_asked} times; {held} held, {released} released; {cancelled} \
                 cancelled; {returned} returned to the agency; {corrected} days of mailing corrected",
                self.matters
            ),
            format!("in vain    {} letters were mailed after they were called off", self.mailed_in_vain),
            "the vendor's books:".to_owned(),
        ];
        lines.extend(self.vendor.to_text().lines().map(|line| format!("  {line}")));
        lines.push(format!("unexplained: {}", self.unexplained.len()));
        lines.extend(self.unexplained.iter().map(|line| format!("  {line}")));
        lines.join("\n")
    }
}

/// How the site's word about a letter differs from what the vendor did, if it does.
fn difference(letter: &LetterRecord, piece: Option<&Piece>) -> Option<String> {
    let id = &letter.letter_id;
    let Some(piece) = piece else {
        let was_never_sent = matches!(letter.status, LetterStatus::Voided | LetterStatus::Sealed);
        return (!was_never_sent).then(|| format!("letter {id} is {}, and the vendor never had it", letter.status));
    };
    let agrees = match letter.status {
        LetterStatus::Mailed => piece.status == PieceStatus::Mailed,
        // Some come back to the vendor, some to the agency.
        LetterStatus::Returned => matches!(piece.status, PieceStatus::Mailed | PieceStatus::Returned),
        LetterStatus::Spoiled => piece.status == PieceStatus::Spoiled,
        LetterStatus::Rejected => piece.status == PieceStatus::Rejected,
        LetterStatus::Pulled => piece.status == PieceStatus::Pulled,
        _ => false,
    };
    if !agrees {
        return Some(format!("letter {id} is {}, and the vendor's piece {}", letter.status, piece.status));
    }
    let reported_on = letter.reported_on.or(letter.dispatched_on);
    (reported_on != piece.mailed_on).then(|| {
        format!(
            "letter {id} was mailed on {reported_on:?} by the site's books, on {:?} by the vendor's",
            piece.mailed_on
        )
    })
}

fn count(names: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}
