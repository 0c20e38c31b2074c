//! The jobs of the site's folder.

use super::{Checked, Finding};
use crate::cli::config::Config;
use crate::cli::open::Opening;
use crate::cli::schedule::jobs;

/// Whether every job can be read, and follows the site's clock.
pub(super) fn check(config: &Config, at: &Opening) -> Vec<Checked> {
    let jobs = match jobs(config, at) {
        Ok(jobs) => jobs,
        Err(failure) => return vec![Checked::new("schedule", Finding::Bad, failure.message)],
    };
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    let mut checks = vec![Checked::new("schedule", Finding::Good, names.join(", "))];
    let site = config.site.time_zone;
    for job in jobs.iter().filter(|job| job.schedule.zone() != site) {
        let message = format!(
            "job {} follows the clock of {}, and the site's dates are those of {site}; set its time_zone, unless that is meant",
            job.name,
            job.schedule.zone()
        );
        checks.push(Checked::new("schedule", Finding::Note, message));
    }
    checks
}
