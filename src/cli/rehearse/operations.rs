//! The person on duty: answers what the nights ask of a person, and what people ask by telephone.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::people::People;
use super::scratch::Scratch;
use crate::cli::exit::CliResult;
use crate::cli::vendor::simulate::{Chance, Percent};
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::domain::package_name::PackageName;
use crate::ports::ledger::Held;
use crate::ports::ledger::{Decision, LedgerError, LetterRecord};
use crate::stages::cancel::{self, CancelPlan};
use crate::stages::decision::{Desk, Named};
use crate::stages::outcome::{Matter, StageError, StageResult, Urgency};
use crate::stages::{correct, holds, reissue, returned};

/// Of letters that are at the vendor, and of those in the mail, how many people call off on a day.
const CALLED_OFF: &str = "0.3";
const CALLED_OFF_LATE: &str = "0.02";
/// Of requests that wait, how many somebody wants to look at first.
const HELD: &str = "0.3";
/// Of overdue letters, how many their readers call about; those are made anew.
const CALLED_ABOUT: &str = "5";
/// Of mailed letters, how many have a wrong day of mailing that somebody finds out.
const CORRECTED: &str = "0.05";

/// Days after a package's mailing day until its last statement is asked for.
const STATEMENT_AFTER_DAYS: i64 = 21;

/// What the person on duty did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(super) struct Deeds {
    /// Times that the vendor was asked what became of a package.
    pub(super) vendor_asked: u64,
    /// Requests that were held.
    pub(super) held: u64,
    /// Requests that were released again; the others are withdrawn in time.
    pub(super) released: u64,
    /// Requests that were cancelled.
    pub(super) cancelled: u64,
    /// Letters that were recorded as returned.
    pub(super) returned: u64,
    /// Letters that were made anew.
    pub(super) reissued: u64,
    /// Days of mailing that were corrected.
    pub(super) corrected: u64,
}

/// The person on duty.
pub(super) struct Operations {
    chance: Chance,
    pub(super) deeds: Deeds,
    /// Alarms that the nights raised, but those of letters mailed although they were called off.
    pub(super) alarms: Vec<String>,
    /// Letters that the vendor mailed although their passwords had ended.
    pub(super) mailed_in_vain: u64,
    /// How many matters were left to a person.
    pub(super) matters: u64,
    in_doubt: BTreeSet<String>,
    /// Requests that were held once; nobody holds them again.
    looked_at: BTreeSet<String>,
    /// Packages whose last statement was asked for.
    stated: BTreeSet<String>,
}

impl Operations {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            chance: Chance(seed),
            deeds: Deeds::default(),
            alarms: Vec::new(),
            mailed_in_vain: 0,
            matters: 0,
            in_doubt: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            stated: BTreeSet::new(),
        }
    }

    /// Reads what a stage or a night left to a person: packages that something is to be asked about.
    pub(super) fn read(&mut self, matters: &[Matter]) {
        for matter in matters {
            match matter.urgency {
                Urgency::Note => {}
                Urgency::Alarm if matter.message.contains("password was revoked before") => self.mailed_in_vain += 1,
                Urgency::Alarm | Urgency::Retry => self.alarms.push(format!("{}: {}", matter.subject, matter.message)),
                Urgency::Person => {
                    self.matters += 1;
                    if let Some(package) = matter.subject.strip_prefix("package ") {
                        self.in_doubt.insert(package.to_owned());
                    }
                }
            }
        }
    }

    /// A working day: the vendor is called, envelopes are opened, people call.
    pub(super) async fn work(
        &mut self,
        scratch: &mut Scratch,
        people: &People,
        letters: &[LetterRecord],
    ) -> CliResult<()> {
        self.ask_for_statements(scratch).await?;
        self.ask_the_vendor(scratch)?;
        let (now, today) = scratch.world.now()?;
        let world = &scratch.world;
        let desk = Desk { site: world.site.clone(), ledger: std::sync::Arc::clone(&world.ledger), now, today };
        self.open_envelopes(&desk, people, letters).await?;
        self.answer_about_overdue(&desk, letters).await?;
        self.call_off(scratch, &desk, letters).await?;
        self.look_first(&desk).await?;
        self.correct(&desk, letters).await
    }

    /// Each package is asked about once more before the vendor destroys its copy: a receipt of letters that came back may have
    /// been lost, and nothing else would show it.
    async fn ask_for_statements(&mut self, scratch: &Scratch) -> CliResult<()> {
        let (_, today) = scratch.world.now()?;
        for batch in scratch.world.ledger.batches(u32::MAX).await? {
            let is_due = batch.mail_on.is_some_and(|day| day + TimeDelta::days(STATEMENT_AFTER_DAYS) <= today);
            if is_due && self.stated.insert(batch.package.clone()) {
                self.in_doubt.insert(batch.package);
            }
        }
        Ok(())
    }

    /// Whether the last statement of every package was asked for.
    pub(super) fn has_asked_for_all(&self, packages: usize) -> bool {
        self.stated.len() >= packages
    }

    /// What became of every piece of a package that a night asks about: the vendor says it in a receipt.
    fn ask_the_vendor(&mut self, scratch: &mut Scratch) -> CliResult<()> {
        let now = scratch.world.clock.now();
        for package in std::mem::take(&mut self.in_doubt) {
            if let Ok(name) = package.parse::<PackageName>() {
                self.deeds.vendor_asked += u64::from(scratch.stand_in.answer(&name, now)?);
            }
        }
        Ok(())
    }

    async fn open_envelopes(&mut self, desk: &Desk, people: &People, letters: &[LetterRecord]) -> CliResult<()> {
        let back = people.brought_back(letters, desk.today);
        let mut named = Vec::new();
        for letter in back {
            named.extend(found(desk, letter).await?);
        }
        let plan = returned::plan(desk, named, desk.today);
        self.deeds.returned += plan.letters.len() as u64;
        returned::apply(desk, &plan, desk.today, &decision("the postman brought it back")).await?;
        Ok(())
    }

    /// People whose letter has not come: the desk makes it anew.
    async fn answer_about_overdue(&mut self, desk: &Desk, letters: &[LetterRecord]) -> CliResult<()> {
        let is_overdue = |letter: &&LetterRecord| {
            letter.status == LetterStatus::Mailed
                && letter.password_status == PasswordStatus::Live
                && letter.reissued_at.is_none()
                && letter.expected_to < desk.today
        };
        let mut named = Vec::new();
        for letter in letters.iter().filter(is_overdue) {
            if self.happens(CALLED_ABOUT, "called about", &format!("{} {}", letter.letter_id, desk.today)) {
                named.extend(found(desk, letter).await?);
            }
        }
        let plan = reissue::plan(desk, named);
        self.deeds.reissued += plan.letters.len() as u64;
        reissue::apply(desk, &plan, &decision("its reader says that it has not come")).await?;
        Ok(())
    }

    /// People who do not want their letter any more.
    async fn call_off(&mut self, scratch: &Scratch, desk: &Desk, letters: &[LetterRecord]) -> CliResult<()> {
        for letter in letters.iter().filter(|letter| letter.status.is_on_its_way()) {
            let percent = if letter.status == LetterStatus::Mailed { CALLED_OFF_LATE } else { CALLED_OFF };
            if !self.happens(percent, "called off", &format!("{} {}", letter.letter_id, desk.today)) {
                continue;
            }
            let Some(request) = desk.ledger.request(&letter.reference).await? else { continue };
            let why = decision("the account's owner called it off");
            let Some(plan) = unless_refused(cancel::plan(desk, &request, &why.reason).await)? else { continue };
            let done = match &plan {
                CancelPlan::Stop { case, order: Some(order), .. } => {
                    cancel::apply_with_order(&scratch.world, case, order, &why).await
                }
                plan => cancel::apply(desk, plan, &request, &why).await,
            };
            self.deeds.cancelled += u64::from(unless_refused(done)?.is_some());
        }
        Ok(())
    }

    /// A few waiting requests are looked at first; half of them are released the next day, the others forgotten.
    async fn look_first(&mut self, desk: &Desk) -> CliResult<()> {
        for held in desk.ledger.held_requests().await? {
            let reference = &held.reference;
            if self.happens("50", "released", reference) {
                let released = holds::release(desk, Held::Request(reference), &decision("looked at, and good")).await;
                self.deeds.released += u64::from(unless_refused(released)?.is_some());
            }
        }
        let act_by_on = desk.site.act_by_on(desk.today)?;
        let pending = desk.ledger.requests(Some(crate::domain::request::RequestStatus::Pending), u32::MAX).await?;
        for request in pending {
            if self.happens(HELD, "held", &request.reference) && self.looked_at.insert(request.reference.clone()) {
                let why = decision("it looks odd");
                desk.ledger.hold_request(&request.reference, &why, act_by_on, desk.now).await?;
                self.deeds.held += 1;
            }
        }
        Ok(())
    }

    /// The vendor's word about a day of mailing was a day too early.
    async fn correct(&mut self, desk: &Desk, letters: &[LetterRecord]) -> CliResult<()> {
        for letter in letters.iter().filter(|letter| letter.status == LetterStatus::Mailed) {
            let Some(mailed_on) = letter.dispatched_on.filter(|_| letter.reported_on.is_none()) else { continue };
            let later = mailed_on + TimeDelta::days(1);
            let is_wrong = self.happens(CORRECTED, "corrected", &letter.letter_id);
            if !is_wrong || later > desk.today {
                continue;
            }
            let Ok(letter_id) = letter.letter_id.parse() else { continue };
            if let Some(Ok(plan)) = unless_refused(correct::plan(desk, letter_id, later).await)? {
                correct::apply(desk, &plan, &decision("the mailing statement says so")).await?;
                self.deeds.corrected += 1;
            }
        }
        Ok(())
    }

    fn happens(&self, percent: &str, what: &str, to: &str) -> bool {
        self.chance.happens(percent.parse().unwrap_or(Percent::NEVER), what, to)
    }
}

fn decision(reason: &str) -> Decision {
    Decision { reason: reason.to_owned(), by: Some("Robin Sample".to_owned()) }
}

/// A letter as a person would name it.
async fn found(desk: &Desk, letter: &LetterRecord) -> CliResult<Option<Named>> {
    let Ok(letter_id) = letter.letter_id.parse() else { return Ok(None) };
    let case = desk.ledger.letter_case(letter_id).await?;
    Ok(case.map(|case| Named { typed: letter.letter_id.clone(), found: Ok(case) }))
}

/// What was done, or `None` where the state of things does not allow it: people are told no, and that is that.
fn unless_refused<T>(done: StageResult<T>) -> StageResult<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(StageError::Ledger(LedgerError::NotAllowed(_))) => Ok(None),
        Err(error) => Err(error),
    }
}
