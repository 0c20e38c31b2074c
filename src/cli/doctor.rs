//! `doctor`: everything that a night needs, asked before anything is claimed.

mod schedule;
mod servers;

use std::path::{Path, PathBuf};

use super::config::{Config, CourierPlace, Paths};
use super::exit::{CliResult, Exit, Failure};
use super::harden;
use super::open::Opening;
use super::report::table;
use crate::adapters::files;
use crate::domain::package_name::Environment;
use crate::package::openpgp::SecretKey;
use crate::stages::preflight::{self, Checked, Finding};

/// What the names of keys say that are made for trying things out.
pub const SAMPLE_MARK: &str = "SAMPLE KEY, NOT FOR LIVE MAIL";
/// What the checks of the ledger have in their names.
const LEDGER: &str = "ledger";
/// Rights that nobody but the owner may have on a secret file.
const OTHERS_MASK: u32 = 0o077;
/// Less room than this is worth a note: a night of a hundred thousand letters and its ledger.
const ROOM_BYTES: u64 = 2 << 30;
/// With less than this a night is not begun.
const LEAST_ROOM_BYTES: u64 = 64 << 20;

/// Shows every check and what to do about it.
pub async fn doctor(at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let mut checks = vec![Checked::new("configuration", Finding::Good, at.config_path.display().to_string())];
    checks.extend(machine_and_files(&config, at));
    for (code, vendor) in at.paths(&config).vendors {
        if let CourierPlace::Sftp(place) = vendor.courier {
            checks.extend(servers::check(&code, place).await);
        }
    }
    match at.world(&config, None).await {
        Ok(world) => checks.extend(preflight::check(&world).await?),
        Err(failure) => checks.push(Checked::new("site", Finding::Bad, failure.message)),
    }
    let rows = checks.iter().map(|check| vec![check.finding.to_string(), check.check.clone(), check.message.clone()]);
    let text = table(&["", "check", "found"], rows);
    at.report.show(&checks, text);
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
    require(machine_and_files(config, at))
}

/// The same, whether or not the ledger is there.
///
/// # Errors
/// As [`require_fit`].
pub fn require_fit_without_ledger(config: &Config, at: &Opening) -> CliResult<()> {
    let mut checks = machine_and_files(config, at);
    checks.retain(|check| !check.check.contains(LEDGER));
    require(checks)
}

fn require(checks: Vec<Checked>) -> CliResult<()> {
    let bad: Vec<String> = checks
        .into_iter()
        .filter(|check| check.finding >= Finding::Bad)
        .map(|check| format!("{}: {}", check.check, check.message))
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(Failure::usage(format!("nothing was claimed. {}", bad.join("\n")))) }
}

fn machine_and_files(config: &Config, at: &Opening) -> Vec<Checked> {
    let paths = at.paths(config);
    let is_live = config.site.environment == Environment::Live;
    let mut checks = vec![check_core_dumps(), check_swap(is_live)];
    for (what, path) in [("site key", &paths.site_key), ("pepper", &paths.pepper), (LEDGER, &paths.ledger)] {
        checks.push(check_rights(what, path, is_live));
    }
    checks.extend(check_folders(&paths));
    checks.extend(schedule::check(config, at));
    checks.extend(check_room(&paths));
    checks.extend(check_foreign_keys(&paths, is_live));
    checks
}

fn check_core_dumps() -> Checked {
    if harden::is_hardened() {
        Checked::new("core dumps", Finding::Good, "off")
    } else {
        Checked::new("core dumps", Finding::Note, "on: run letterpost where 'ulimit -c 0' works")
    }
}

fn check_swap(is_live: bool) -> Checked {
    let in_use = files::read_text(Path::new("/proc/swaps")).map(|text| text.lines().count() > 1);
    match in_use {
        Ok(false) => Checked::new("swap", Finding::Good, "off"),
        Ok(true) if is_live => Checked::new(
            "swap",
            Finding::Note,
            "on: memory with passwords may reach the disk; encrypt the swap or switch it off",
        ),
        Ok(true) => Checked::new("swap", Finding::Note, "on; a live site should encrypt it or switch it off"),
        Err(_) => Checked::new("swap", Finding::Note, "this system does not say whether it swaps"),
    }
}

fn check_rights(what: &str, path: &Path, is_live: bool) -> Checked {
    match files::mode(path) {
        Err(error) => Checked::new(what, Finding::Bad, error.to_string()),
        Ok(mode) if mode & OTHERS_MASK == 0 => Checked::new(what, Finding::Good, path.display().to_string()),
        Ok(mode) => {
            let finding = if is_live { Finding::Bad } else { Finding::Note };
            let message =
                format!("{} can be read by others (mode {mode:o}); run 'chmod 600 {}'", path.display(), path.display());
            Checked::new(what, finding, message)
        }
    }
}

fn check_folders(paths: &Paths) -> Vec<Checked> {
    let mut folders = vec![
        ("spool".to_owned(), paths.spool.clone()),
        ("quarantine".to_owned(), paths.quarantine.clone()),
        ("jobs".to_owned(), paths.jobs.clone()),
        ("heads".to_owned(), paths.heads.parent().map(Path::to_owned).unwrap_or_default()),
    ];
    for (code, vendor) in &paths.vendors {
        if let CourierPlace::Folder { inbox, outbox } = &vendor.courier {
            folders.push((format!("inbox of vendor {code}"), inbox.clone()));
            folders.push((format!("outbox of vendor {code}"), outbox.clone()));
        }
    }
    folders
        .into_iter()
        .map(|(what, path)| match files::list(&path, "") {
            Ok(_) => Checked::new(what, Finding::Good, path.display().to_string()),
            // A vendor that cannot be reached now may be there when the night comes to it.
            Err(error) if what.contains("vendor") => Checked::new(what, Finding::Note, error.to_string()),
            Err(error) => Checked::new(what, Finding::Bad, format!("{error}; make the folder or mend its rights")),
        })
        .collect()
}

fn check_room(paths: &Paths) -> Vec<Checked> {
    let places: [(&str, &PathBuf); 2] = [("room in the spool", &paths.spool), ("room for the ledger", &paths.ledger)];
    let found = places.into_iter().filter_map(|(what, path)| files::room_bytes(path).map(|room| (what, room)));
    found
        .map(|(what, room)| {
            let message = format!("{} MiB free", room >> 20);
            match room {
                room if room < LEAST_ROOM_BYTES => {
                    Checked::new(what, Finding::Bad, format!("{message}; make room first"))
                }
                room if room < ROOM_BYTES => Checked::new(what, Finding::Note, message),
                _ => Checked::new(what, Finding::Good, message),
            }
        })
        .collect()
}

/// A live site holds its own key and nobody else's, and no key that was made for trying things out.
fn check_foreign_keys(paths: &Paths, is_live: bool) -> Vec<Checked> {
    let folder = paths.site_key.parent().unwrap_or(Path::new("."));
    let mut checks = Vec::new();
    for path in files::list(folder, "asc").unwrap_or_default() {
        let Ok(bytes) = files::read_secret(&path) else { continue };
        let is_secret = bytes.windows(b"PRIVATE KEY BLOCK".len()).any(|window| window == b"PRIVATE KEY BLOCK");
        if !is_secret {
            continue;
        }
        let is_own = path == paths.site_key;
        let is_sample =
            SecretKey::parse(&bytes, None).is_ok_and(|key| key.certificate().user_id().contains(SAMPLE_MARK));
        let fault = match (is_own, is_sample) {
            (true, false) => continue,
            (true, true) => "the site's key is a sample key; make a new one with 'letterpost init'",
            (false, _) => "a secret key that is not the site's; a vendor's secret key belongs at the vendor: remove it",
        };
        let finding = if is_live { Finding::Bad } else { Finding::Note };
        checks.push(Checked::new("secret keys", finding, format!("{}: {fault}", path.display())));
    }
    if checks.is_empty() {
        checks.push(Checked::new("secret keys", Finding::Good, "only the site's own"));
    }
    checks
}
