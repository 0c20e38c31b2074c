//! Receipts of the stand-in: written, signed, and now and then wrong.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rand08::rngs::StdRng;

use super::job::{Job, Mend, MendBy};
use super::mistake::Mistake;
use super::report::Report;
use super::{Looked, StandIn};
use crate::adapters::files;
use crate::cli::vendor::error::VendorError;
use crate::domain::package_name::PackageName;
use crate::domain::receipt::PackageEvent;
use crate::package::name::ReceiptFileName;
use crate::package::openpgp::{NewKey, OpenPgpError, SecretKey, generate_key, sign_detached};

/// A receipt as it is put into the outbox.
struct Paper {
    number: u32,
    csv: Vec<u8>,
    /// The bytes that the signature is of; `None` for no signature.
    signed: Option<Vec<u8>>,
    by_a_stranger: bool,
}

impl Paper {
    fn right(number: u32, csv: &str) -> Self {
        let csv = csv.as_bytes().to_vec();
        Self { number, signed: Some(csv.clone()), csv, by_a_stranger: false }
    }
}

impl StandIn {
    /// Writes every receipt of a package that is due, in order: one waits for those before it.
    pub(super) fn write_receipts(
        &mut self,
        name: &PackageName,
        now: DateTime<Utc>,
        looked: &mut Looked,
    ) -> Result<(), VendorError> {
        loop {
            let Some(job) = self.state.jobs.get_mut(name) else { return Ok(()) };
            if job.reports.first().is_none_or(|report| report.due_at > now) {
                return Ok(());
            }
            let report = job.reports.remove(0);
            let number = job.last_number + 1;
            let mistake = self.mistake_in(name, &report, number);
            let said = mistake.map_or_else(String::new, |mistake| format!(", with a mistake: {}", mistake.name()));
            looked.said.push(format!("{name}: receipt {number}: {}{said}", report.in_short()));
            match mistake {
                None => self.put_new(name, Paper::right(number, &report.to_csv()), now)?,
                Some(mistake) => self.write_wrongly(name, &report, number, mistake, now)?,
            }
            // What is written is remembered before the next is.
            self.save()?;
        }
    }

    /// The mistake that is made in a receipt, if one is.
    fn mistake_in(&self, name: &PackageName, report: &Report, number: u32) -> Option<Mistake> {
        let manners = &self.shop.manners;
        let key = format!("{name} {number}");
        let fitting: Vec<Mistake> =
            manners.mistakes.iter().copied().filter(|mistake| mistake.fits(report, number)).collect();
        let is_made = self.shop.chance.happens(manners.mistaken, "mistake", &key);
        fitting.get(self.shop.chance.pick(fitting.len(), "kind", &key)).copied().filter(|_| is_made)
    }

    /// Writes a receipt with a mistake in it, and notes what will set it right.
    fn write_wrongly(
        &mut self,
        name: &PackageName,
        report: &Report,
        number: u32,
        mistake: Mistake,
        now: DateTime<Utc>,
    ) -> Result<(), VendorError> {
        let right = report.to_csv();
        let (garbled, unsaid) = mistake.garble(report);
        let csv = mistake.garble_text(&garbled.to_csv());
        let replacing = |number, csv| Some(MendBy::Replacing { number, csv });
        let paper = Paper { number, signed: Some(csv.clone()), csv, by_a_stranger: false };
        let how = match mistake {
            Mistake::Unsigned => {
                self.put_new(name, Paper { signed: None, ..paper }, now).map(|()| replacing(number, right))
            }
            Mistake::OtherKey => {
                self.put_new(name, Paper { by_a_stranger: true, ..paper }, now).map(|()| replacing(number, right))
            }
            Mistake::ChangedAfterSigning => {
                let csv = [paper.csv.as_slice(), b"\r\n"].concat();
                self.put_new(name, Paper { csv, ..paper }, now).map(|()| replacing(number, right))
            }
            Mistake::Gap => {
                let nothing = Report { lines: Vec::new(), ..report.clone() };
                self.put_new(name, Paper { number: number + 1, ..paper }, now)
                    .map(|()| replacing(number, nothing.to_csv()))
            }
            Mistake::Replaced => {
                self.put_new(name, paper, now)?;
                self.replace_earlier(name, number - 1, now)?
                    .map_or(Ok(None), |earlier| Ok(replacing(number - 1, earlier)))
            }
            Mistake::NoTrailer | Mistake::WrongTotal | Mistake::OtherDigest | Mistake::NotUtf8 | Mistake::Opposite => {
                self.put_new(name, paper, now).map(|()| replacing(number, right))
            }
            _ => self.put_new(name, paper, now).map(|()| (!unsaid.is_empty()).then_some(MendBy::Following(unsaid))),
        }?;
        let due_at = self.shop.hours.after(now, self.shop.manners.mend_after)?;
        if let Some(job) = self.state.jobs.get_mut(name) {
            job.receipts.mistaken += 1;
            job.mends.extend(how.filter(|_| !self.shop.manners.never_mend).map(|how| Mend { due_at, how }));
        }
        Ok(())
    }

    /// Writes an earlier receipt again with other contents; gives what it said, if it is still there.
    fn replace_earlier(
        &mut self,
        name: &PackageName,
        number: u32,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, VendorError> {
        let path = self.outbox.join(ReceiptFileName { package: name.clone(), number }.to_string());
        let Some(earlier) = files::read_if_there(&path)?.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Ok(None);
        };
        let Some(job) = self.state.jobs.get(name) else { return Ok(None) };
        let mut other = Report {
            due_at: now,
            event: PackageEvent::Accepted,
            event_on: self.shop.hours.date(now)?,
            sha256: job.sha256,
            lines: Vec::new(),
        };
        if other.to_csv() == earlier {
            other.event = PackageEvent::Refused;
        }
        self.put(name, &Paper::right(number, &other.to_csv()), now)?;
        Ok(Some(earlier))
    }

    /// Sets right what is due to be.
    pub(super) fn mend(
        &mut self,
        name: &PackageName,
        now: DateTime<Utc>,
        looked: &mut Looked,
    ) -> Result<(), VendorError> {
        let Some(job) = self.state.jobs.get_mut(name) else { return Ok(()) };
        let (due, later): (Vec<Mend>, Vec<Mend>) = job.mends.drain(..).partition(|mend| mend.due_at <= now);
        job.mends = later;
        for mend in due {
            match mend.how {
                MendBy::Replacing { number, csv } => {
                    self.put(name, &Paper::right(number, &csv), now)?;
                    looked.said.push(format!("{name}: receipt {number} is set right"));
                }
                MendBy::Following(lines) => {
                    let number = self.state.jobs.get(name).map_or(1, |job| job.last_number + 1);
                    let said = format!("{name}: receipt {number} sets right what was said of {} pieces", lines.len());
                    let Some(job) = self.state.jobs.get(name) else { continue };
                    let (event, sha256) = (PackageEvent::Accepted, job.sha256);
                    let event_on = self.shop.hours.date(now)?;
                    let report = Report { due_at: now, event, event_on, sha256, lines };
                    self.put_new(name, Paper::right(number, &report.to_csv()), now)?;
                    looked.said.push(said);
                }
            }
            if let Some(job) = self.state.jobs.get_mut(name) {
                job.receipts.mended += 1;
            }
            self.save()?;
        }
        Ok(())
    }

    /// Puts a receipt under a new number, and counts it.
    fn put_new(&mut self, name: &PackageName, paper: Paper, now: DateTime<Utc>) -> Result<(), VendorError> {
        self.put(name, &paper, now)?;
        if let Some(job) = self.state.jobs.get_mut(name) {
            job.last_number = paper.number;
            job.receipts.written += 1;
        }
        Ok(())
    }

    /// Puts a signed certificate of destruction into the outbox: `NAME.destroyed.txt`, its signature before it.
    pub(super) fn certify(&mut self, name: &PackageName, paper: &str, now: DateTime<Utc>) -> Result<(), VendorError> {
        let path = self.outbox.join(format!("{name}.destroyed.txt"));
        let failed = |source| VendorError::Key { path: PathBuf::from("the key"), source, advice: "" };
        let signature = sign_detached(paper.as_bytes(), &self.keys.own, now, &mut self.rng).map_err(failed)?;
        files::replace(&self.outbox.join(format!("{name}.destroyed.txt.asc")), signature.as_bytes())?;
        Ok(files::replace(&path, paper.as_bytes())?)
    }

    /// Puts a receipt into the outbox, its signature before it. A file of the same number from before a crash is replaced:
    /// it says the same.
    fn put(&mut self, name: &PackageName, paper: &Paper, now: DateTime<Utc>) -> Result<(), VendorError> {
        let file = ReceiptFileName { package: name.clone(), number: paper.number };
        let signature_path = self.outbox.join(file.signature_file());
        match &paper.signed {
            None => files::remove(&signature_path)?,
            Some(content) => {
                let failed = |source| VendorError::Key { path: PathBuf::from("the key"), source, advice: "" };
                if paper.by_a_stranger && self.stranger.is_none() {
                    self.stranger = Some(strange_key(&mut self.rng).map_err(failed)?);
                }
                let stranger = self.stranger.as_ref().filter(|_| paper.by_a_stranger);
                let key = stranger.unwrap_or(&self.keys.own);
                let signature = sign_detached(content, key, now, &mut self.rng).map_err(failed)?;
                files::replace(&signature_path, signature.as_bytes())?;
            }
        }
        Ok(files::replace(&self.outbox.join(file.to_string()), &paper.csv)?)
    }
}

/// A key that no site pins.
fn strange_key(rng: &mut StdRng) -> Result<SecretKey, OpenPgpError> {
    let new = NewKey {
        user_id: "Nobody (a stand-in's wrong key) <nobody@example.invalid>",
        created_at: DateTime::UNIX_EPOCH,
        expires_at: None,
        passphrase: None,
    };
    generate_key(&new, rng)
}

impl Job {
    /// Receipts that are still to be written.
    pub(super) fn receipts_waiting(&self) -> u64 {
        (self.reports.len() + self.mends.len()) as u64
    }
}
