//! The jobs of the site's folder.

use crate::cli::config::Config;
use crate::cli::open::Opening;
use crate::cli::schedule::jobs;
use crate::stages::night::Stage;
use crate::stages::preflight::Checked;

/// Whether every job can be read, and follows the site's clock.
pub(super) fn check(config: &Config, at: &Opening) -> Vec<Checked> {
    let what = "schedule";
    let jobs = match jobs(config, at) {
        Ok(jobs) => jobs,
        Err(failure) => {
            return vec![Checked::bad(
                what,
                failure.message,
                "mend the job's file; 'letterpost jobs' shows what it means",
            )];
        }
    };
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    let mut checks = vec![Checked::good(what, names.join(", "))];
    let site = config.site.time_zone;
    for job in jobs.iter().filter(|job| job.schedule.zone() != site) {
        let message = format!(
            "job {} follows the clock of {}, and the site's dates are those of {site}",
            job.name,
            job.schedule.zone()
        );
        checks.push(Checked::note(what, message, "set its time_zone, unless that is meant"));
    }
    if !jobs.iter().any(|job| job.stages.contains(&Stage::Retention)) {
        let message = "no job runs retention, so that verifiers and packages are kept for ever";
        checks.push(Checked::note(what, message, "put 'retention' into the stages of a job"));
    }
    checks
}
