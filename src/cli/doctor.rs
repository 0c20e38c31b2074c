//! `doctor`: everything that a night needs, asked before anything is claimed.

mod bucket;
mod database;
mod forgetting;
mod machine;
mod modes;
mod places;
pub(super) mod safekeeping;
mod schedule;
mod secret_keys;
mod servers;
mod shown;
mod sinks;
mod terms;
mod verifiers;

use self::modes::Service;
use super::config::{Config, CourierPlace, Database};
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use crate::domain::package_name::Environment;
use crate::stages::preflight::{self, Checked, Finding};

/// What the names of keys say that are made for trying things out.
pub const SAMPLE_MARK: &str = "SAMPLE KEY, NOT FOR LIVE MAIL";
/// What the checks of the ledger have in their names.
const LEDGER: &str = "ledger";

/// Shows every check and what to do about it.
pub async fn doctor(at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let paths = at.paths(&config);
    let mut checks = vec![Checked::good("configuration", at.config_path.display().to_string())];
    checks.extend(machine_and_files(&config, at));
    for (code, vendor) in &paths.vendors {
        if let CourierPlace::Sftp(place) = &vendor.courier {
            checks.extend(servers::check(code, place.clone()).await);
        }
    }
    if let Database::Server(address) = &paths.ledger {
        checks.extend(database::check(address, is_live(&config)).await);
    }
    let spool = bucket::check(&paths.spool, at).await;
    let is_spool_fit = spool.as_ref().is_none_or(|checked| checked.finding < Finding::Bad);
    checks.extend(spool);
    match at.world(&config, None).await {
        Ok(world) => {
            if is_spool_fit {
                checks.extend(preflight::check(&world).await?);
            }
            checks.extend(terms::check(&world).await?);
            checks.extend(safekeeping::check(&paths, &world, is_live(&config)).await?);
            checks.extend(forgetting::check(&world).await?);
            checks.extend(sinks::check(&config.audit.at(&at.folder()), &world, is_live(&config)).await?);
        }
        Err(failure) => {
            checks.push(Checked::bad(
                "site",
                failure.message,
                "mend that, then run 'letterpost doctor' again for the rest",
            ));
        }
    }
    at.report.show(&checks, shown::text(&checks));
    Ok(match checks.iter().map(|check| check.finding).max() {
        Some(Finding::Alarm) => Exit::Alarm,
        Some(Finding::Bad) => Exit::Usage,
        _ => Exit::Done,
    })
}

/// Goes on only if machine and files are fit.
///
/// # Errors
/// Names every check that failed and what to do.
pub fn require_fit(config: &Config, at: &Opening) -> CliResult<()> {
    require(&machine_and_files(config, at))
}

/// The same, whether or not the ledger is there.
///
/// # Errors
/// As [`require_fit`].
pub fn require_fit_without_ledger(config: &Config, at: &Opening) -> CliResult<()> {
    let mut checks = machine_and_files(config, at);
    checks.retain(|check| !check.check.contains(LEDGER));
    require(&checks)
}

fn require(checks: &[Checked]) -> CliResult<()> {
    let bad: Vec<String> = checks.iter().filter(|check| check.finding >= Finding::Bad).map(Checked::told).collect();
    if bad.is_empty() { Ok(()) } else { Err(Failure::usage(format!("nothing was claimed. {}", bad.join("\n")))) }
}

fn is_live(config: &Config) -> bool {
    config.site.environment == Environment::Live
}

fn machine_and_files(config: &Config, at: &Opening) -> Vec<Checked> {
    let (paths, is_live) = (at.paths(config), is_live(config));
    let mut checks = vec![machine::check_core_dumps(), machine::check_swap()];
    let service = Service::of(&paths.ledger_file, is_live);
    let secrets = [("site key", &paths.site_key), ("file of the log's key", &paths.log_key), ("pepper", &paths.pepper)];
    for (what, path) in secrets {
        checks.push(service.check_file(what, path));
    }
    checks.extend(paths.ledger.file().map(|path| service.check_file(LEDGER, path)));
    checks.push(verifiers::check(&config.password));
    checks.extend(paths.intake.file().and_then(|path| service.check_intake(path)));
    checks.extend(places::check_folders(&paths, service));
    checks.extend(schedule::check(config, at));
    checks.extend(places::check_room(&paths));
    checks.extend(secret_keys::check(&paths, is_live));
    checks
}
