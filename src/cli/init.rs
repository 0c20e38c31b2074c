//! `init`: a new site in a folder.

use std::path::{Path, PathBuf};

use rand08::SeedableRng as _;
use rand08::rngs::StdRng;
use serde::Serialize;
use zeroize::Zeroizing;

use super::args::InitArgs;
use super::config::{Config, CourierPlace, Database};
use super::database;
use super::exit::{CliResult, Exit, Failure};
use super::log_key;
use super::open::Opening;
use crate::adapters::files;
use crate::domain::verifier::PEPPER_BYTES;
use crate::package::openpgp::{NewKey, SecretKey, generate_key};
use crate::ports::Entropy;

/// The configuration that a new site starts from.
pub const SAMPLE_CONFIGURATION: &str = include_str!("../../samples/site/letterpost.toml");
/// The schedule that a new site starts from: its jobs, each with its name.
pub const SAMPLE_JOBS: [(&str, &str); 5] = [
    ("nightly", include_str!("../../jobs/nightly.toml")),
    ("receipts", include_str!("../../jobs/receipts.toml")),
    ("expire", include_str!("../../jobs/expire.toml")),
    ("checkpoint", include_str!("../../jobs/checkpoint.toml")),
    ("retention", include_str!("../../jobs/retention.toml")),
];

#[derive(Serialize)]
struct Made {
    folder: String,
    site_fingerprint: String,
}

/// Makes a site, and says what is left to do.
pub async fn init(args: &InitArgs, at: &Opening) -> CliResult<Exit> {
    require_free(&args.dir)?;
    if at.is_simulated() {
        return Err(Failure::usage(
            "time or chance is simulated, and a site's keys must be real; leave out --now and LETTERPOST_SIMULATED_*",
        ));
    }
    if args.dry_run {
        let text = format!(
            "would make {}: letterpost.toml, jobs/, keys/, the ledger, spool and quarantine",
            args.dir.display()
        );
        at.report.show(&serde_json::json!({ "would_make": args.dir.display().to_string() }), text);
        return Ok(Exit::Done);
    }
    let configuration = with_ledger(SAMPLE_CONFIGURATION, args.ledger.as_deref())?;
    let site = make_site(&args.dir, at, "", &configuration).await?;
    let made = Made { folder: args.dir.display().to_string(), site_fingerprint: site.certificate().fingerprint() };
    let config = args.dir.join("letterpost.toml");
    let text = format!(
        "made {}\nsite key {}\n\nNext:\n  1. edit {}\n  2. put the vendor's certificate where it says, and send the \
         vendor keys/site.pub.asc\n  3. letterpost --config {} doctor",
        made.folder,
        made.site_fingerprint,
        config.display(),
        config.display()
    );
    at.report.show(&made, text);
    Ok(Exit::Done)
}

/// Refuses a folder that has something in it.
pub fn require_free(dir: &Path) -> CliResult<()> {
    if files::is_free(dir)? {
        return Ok(());
    }
    Err(Failure::usage(format!("{} is not empty, and nothing is ever overwritten; name another folder", dir.display())))
}

/// The configuration of a new site that time and chance may be simulated on.
///
/// # Errors
/// Where the sample has no line for it any more.
pub fn rehearsal_configuration() -> CliResult<String> {
    changed(SAMPLE_CONFIGURATION, &[("# rehearsal = false", "rehearsal = true")])
}

/// The sample's text with its ledger at this address, where one is named.
///
/// # Errors
/// Where it is no address of a ledger.
pub fn with_ledger(text: &str, url: Option<&str>) -> CliResult<String> {
    let Some(url) = url else { return Ok(text.to_owned()) };
    Database::parse(url).map_err(|problem| Failure::usage(format!("the ledger's address {problem}")).plainly())?;
    changed(text, &[("# url = \"sqlite:letterpost.db\"", &format!("url = {}", toml::Value::from(url)))])
}

/// The sample's text with these lines changed.
///
/// # Errors
/// Where it has no such line any more.
pub fn changed(text: &str, changes: &[(&str, &str)]) -> CliResult<String> {
    changes.iter().try_fold(text.to_owned(), |text, (line, by)| {
        if text.contains(line) {
            return Ok(text.replacen(line, by, 1));
        }
        Err(Failure::usage(format!("the sample configuration has no line '{line}' any more")))
    })
}

/// Makes the files of a site and gives its key. `key_note` is added to the name in the key; `configuration` is a text
/// that says where things lie as the sample does.
pub async fn make_site(dir: &Path, at: &Opening, key_note: &str, configuration: &str) -> CliResult<SecretKey> {
    let config = Config::from_toml(configuration).map_err(|error| Failure::usage(error.to_string()))?;
    let paths = config.paths(dir);
    let mut folders = vec![dir.to_owned(), paths.quarantine.clone(), paths.jobs.clone()];
    folders.extend(paths.spool.folder().map(PathBuf::from));
    folders.extend(
        [&paths.heads, &paths.site_key, &paths.log_key, &paths.pepper]
            .into_iter()
            .filter_map(|path| path.parent().map(PathBuf::from)),
    );
    for vendor in paths.vendors.values() {
        if let CourierPlace::Folder { inbox, outbox } = &vendor.courier {
            folders.extend([inbox.clone(), outbox.clone()]);
        }
    }
    for folder in &folders {
        files::make_folder(folder)?;
    }
    let entropy = at.entropy();
    let now = at.clock().now();
    let user_id = format!("{}{key_note} <{}@{}>", config.site.name, config.site.code, "example.invalid");
    let key = new_key(&user_id, at)?;
    write_key(&paths.site_key, &key)?;
    files::write_new(&certificate_path(&paths.site_key), &armored_certificate(&key)?)?;
    let mut pepper = Zeroizing::new([0u8; PEPPER_BYTES]);
    entropy.fill(pepper.as_mut_slice())?;
    files::write_new(&paths.pepper, Zeroizing::new(hex::encode(pepper.as_slice())).as_bytes())?;
    log_key::make(&paths.log_key, &config.site.origin, entropy.as_ref())?;
    for (name, job) in SAMPLE_JOBS {
        files::write_new(&paths.jobs.join(format!("{name}.toml")), job.as_bytes())?;
    }
    files::write_new(&dir.join("letterpost.toml"), configuration.as_bytes())?;
    database::create((&paths.ledger, &paths.intake), &config.site_mark(), now, entropy).await?;
    Ok(key)
}

/// Makes a key whose time has begun.
pub fn new_key(user_id: &str, at: &Opening) -> CliResult<SecretKey> {
    let mut rng = generator(at.entropy().as_ref())?;
    let new = NewKey { user_id, created_at: at.clock().now(), expires_at: None, passphrase: None };
    generate_key(&new, &mut rng).map_err(|error| Failure::new(Exit::TryAgain, error))
}

/// A generator for the OpenPGP library, seeded from the system's.
pub fn generator(entropy: &dyn Entropy) -> CliResult<StdRng> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut_slice())?;
    Ok(StdRng::from_seed(*seed))
}

/// Writes a secret key for its owner only.
pub fn write_key(path: &Path, key: &SecretKey) -> CliResult<()> {
    let armored = key.to_armored().map_err(|error| Failure::new(Exit::TryAgain, error))?;
    Ok(files::write_new(path, armored.as_bytes())?)
}

/// The public part of a key.
pub fn armored_certificate(key: &SecretKey) -> CliResult<Vec<u8>> {
    Ok(key.certificate().to_armored().map_err(|error| Failure::new(Exit::TryAgain, error))?.into_bytes())
}

/// Where the public part of the site's key lies: `site.pub.asc` beside `site.sec.asc`.
pub fn certificate_path(site_key: &Path) -> PathBuf {
    let name = site_key.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    site_key.with_file_name(format!("{stem}.pub.asc"))
}
