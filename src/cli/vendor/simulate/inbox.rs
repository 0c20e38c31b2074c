//! What the site puts into the inbox: packages, void notices, pull orders.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::job::Job;
use super::mistake::Mistake;
use super::report::Report;
use super::{AGAIN, Looked, StandIn, TAKEN};
use crate::adapters::files;
use crate::cli::vendor::error::VendorError;
use crate::cli::vendor::package_file::PackageFile;
use crate::cli::vendor::pulls::read_order;
use crate::cli::vendor::register::{self, Register};
use crate::domain::package_name::PackageName;
use crate::domain::receipt::PackageEvent;
use crate::package::name::{PullFileName, package_of_sealed_file, ready_file, sealed_file, void_file};
use crate::package::void::VoidNotice;

const READY_SUFFIX: &str = ".ready";
const VOID_SUFFIX: &str = ".void";

/// The files of a package in a folder.
pub(super) fn files_of(folder: &Path, name: &PackageName) -> [PathBuf; 2] {
    [sealed_file(name), ready_file(name)].map(|file| folder.join(file))
}

impl StandIn {
    pub(super) fn take_after(&self) -> TimeDelta {
        TimeDelta::milliseconds(i64::try_from(self.shop.manners.take_after_ms).unwrap_or(i64::MAX / 2))
    }

    /// Moves packages out of the inbox, as a hot folder does: the package first, then its marker.
    pub(super) fn take_away(&mut self, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        for file in files::names(&self.place.inbox)? {
            let Some(name) = file.strip_suffix(READY_SUFFIX).and_then(|name| name.parse::<PackageName>().ok()) else {
                continue;
            };
            let [sealed, marker] = files_of(&self.place.inbox, &name);
            if !files::exists(&sealed) {
                self.take_marker(&name, &marker, looked)?;
                continue;
            }
            let seen_at = *self.state.arriving.entry(name.clone()).or_insert(now);
            if now < seen_at + self.take_after() {
                continue;
            }
            self.state.arriving.remove(&name);
            if self.has(&name) {
                self.take_again(&name, now, looked)?;
            } else {
                let [to_sealed, to_marker] = files_of(&self.place.folder.join(TAKEN), &name);
                files::move_new(&sealed, &to_sealed)?;
                files::move_new(&marker, &to_marker)?;
            }
        }
        Ok(())
    }

    /// Whether a package of this name lies among those that were taken, or did.
    fn has(&self, name: &PackageName) -> bool {
        let [sealed, _] = files_of(&self.place.folder.join(TAKEN), name);
        self.state.jobs.contains_key(name) || self.state.refused.contains_key(name) || files::exists(&sealed)
    }

    /// A marker whose package was moved already, before a crash; or one that never had a package.
    fn take_marker(&mut self, name: &PackageName, marker: &Path, looked: &mut Looked) -> Result<(), VendorError> {
        let [_, to_marker] = files_of(&self.place.folder.join(TAKEN), name);
        if self.has(name) && !files::exists(&to_marker) {
            return Ok(files::move_new(marker, &to_marker)?);
        }
        let message = format!("{name}: its marker is there and its package is not");
        self.doubt(&name.to_string(), message, looked);
        Ok(())
    }

    /// A name that came before: acknowledged where the bytes are the same, and never printed again.
    fn take_again(&mut self, name: &PackageName, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        let sha256 = PackageFile::read(&self.place.inbox.join(sealed_file(name)), None)?.sha256;
        let folder = self.place.folder.join(AGAIN);
        self.state.repeated += 1;
        for path in files_of(&self.place.inbox, name) {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files::move_new(&path, &folder.join(format!("{}-{file}", self.state.repeated)))?;
        }
        let event_on = self.shop.hours.date(now)?;
        match self.state.jobs.get_mut(name) {
            Some(job) if job.sha256 == sha256 => {
                let event = job.package_event();
                job.reports.push(Report { due_at: now, event, event_on, sha256, lines: Vec::new() });
                looked.said.push(format!("{name}: it came again; acknowledged, and not printed again"));
            }
            _ => looked.said.push(format!("{name}: it came again, with other bytes: nothing is printed; ask the site")),
        }
        Ok(())
    }

    /// Checks each package that was taken and is not known yet; what is good goes into the register and to work.
    pub(super) fn admit(&mut self, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        let folder = self.place.folder.join(TAKEN);
        for file in files::names(&folder)? {
            let Ok(name) = package_of_sealed_file(&file) else { continue };
            if self.state.jobs.contains_key(&name) || self.state.refused.contains_key(&name) {
                continue;
            }
            match self.check(&folder.join(&file), now) {
                Ok(job) => {
                    looked.said.push(format!("{name}: taken, {} pieces", job.pieces.len()));
                    let sha256 = job.sha256;
                    self.state.jobs.insert(name.clone(), job);
                    // The job is remembered first: a crash must not make its own name look like one from before.
                    self.save()?;
                    let _lock = register::lock(&self.register, "vendor simulate")?;
                    let mut register = Register::read(&self.register)?;
                    if !register.has(&name, sha256)? {
                        register.add(&name, sha256)?;
                    }
                }
                Err(error) if error.exit_code() == 5 => {
                    looked.said.push(error.to_string());
                    self.state.refused.insert(name, error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn check(&self, path: &Path, now: DateTime<Utc>) -> Result<Job, VendorError> {
        let code = self.code.as_deref();
        let file = PackageFile::read(path, code)?;
        if Register::read(&self.register)?.has(&file.name, file.sha256)? {
            return Err(VendorError::AlreadyTaken { package: file.name });
        }
        Job::of(&file.check(&self.keys, code, false, now)?.package, &self.shop, now)
    }

    /// Void notices: numbers for which nothing will come.
    pub(super) fn read_voids(&mut self, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        for file in files::names(&self.place.inbox)? {
            let Some(name) = file.strip_suffix(VOID_SUFFIX).and_then(|name| name.parse::<PackageName>().ok()) else {
                continue;
            };
            let path = self.place.inbox.join(void_file(&name));
            let bytes = files::read(&path)?;
            match self.keys.site.check(|site| VoidNotice::read(&bytes, &name, site, now)) {
                Ok((notice, _)) => {
                    looked.said.push(format!("{name}: will not come: {}", notice.reason));
                    self.state.voided.insert(name, notice.reason);
                    files::move_new(&path, &self.place.folder.join(TAKEN).join(&file))?;
                }
                Err(error) => self.doubt(&file, format!("{file} cannot be trusted: {error}; ask the site"), looked),
            }
        }
        Ok(())
    }

    /// Pull orders. One for a package that has not come waits for it.
    pub(super) fn read_orders(&mut self, now: DateTime<Utc>, looked: &mut Looked) -> Result<(), VendorError> {
        for file in files::names(&self.place.inbox)? {
            let Ok(order_name) = file.parse::<PullFileName>() else { continue };
            let Some(job) = self.state.jobs.get_mut(&order_name.package) else { continue };
            let path = self.place.inbox.join(&file);
            let order = match read_order(&path, &self.keys, self.code.as_deref(), now) {
                Ok((order, _)) => order,
                Err(error) if error.exit_code() == 5 => {
                    self.doubt(&file, error.to_string(), looked);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let ignores = self.shop.manners.mistakes.contains(&Mistake::IgnoredPull)
                && self.shop.chance.happens(self.shop.manners.mistaken, "ignore pull", &file);
            if ignores {
                job.receipts.mistaken += 1;
                looked.said.push(format!(
                    "{}: the order to pull {} pieces is overlooked",
                    order.package,
                    order.letters.len()
                ));
            } else {
                looked.said.push(job.pull(&order.package, &self.shop, &order.letters, now)?);
            }
            self.state.orders.insert(file.clone(), order.reason);
            files::move_new(&path, &self.place.folder.join(TAKEN).join(&file))?;
        }
        Ok(())
    }
}

impl Job {
    /// What every receipt says of the package.
    pub(super) fn package_event(&self) -> PackageEvent {
        if self.stage == super::JobStage::Refused { PackageEvent::Refused } else { PackageEvent::Accepted }
    }
}
