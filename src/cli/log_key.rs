//! The file of the key that signs the audit log's heads: made, opened, changed, shown.
//!
//! `keys/log.key` has the secret key, `keys/log.vkey` beside it the public one. A new key waits as `keys/log.key.next` until the
//! ledger names it; then it takes the place of the old one, which is gone for good: a key that signs nothing any more can
//! only be misused. What it signed stays good by its public key, which the log names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use super::args::{LogKeyCommand, RotateArgs};
use super::decisions;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use crate::adapters::files;
use crate::adapters::keepers::HeadFile;
use crate::audit::log_keys::{KeySpan, LogKeys};
use crate::audit::note::{SigningKey, VerifierKey};
use crate::ports::ledger::{KeyChange, Ledger};
use crate::ports::{Entropy, HeadKeeper as _};
use crate::stages::checkpoint;
use crate::stages::log_key::{rotations, signer};

/// What to do where there is no key.
const MAKE_ONE: &str = "bring it back from where you keep it; a site that never had one makes one with 'letterpost audit key \
                        rotate --reason R --by NAME'";

/// The file of the public key.
#[must_use]
pub fn public_path(log_key: &Path) -> PathBuf {
    log_key.with_extension("vkey")
}

/// The file of a key that waits for its first head.
fn next_path(log_key: &Path) -> PathBuf {
    let mut name = log_key.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

/// Makes the key of a new site.
///
/// # Errors
/// Where there is one already, or the origin cannot be a key's name.
pub fn make(log_key: &Path, origin: &str, entropy: &dyn Entropy) -> CliResult<()> {
    let key = new(origin, entropy)?;
    files::write_new(log_key, line(&key).as_bytes())?;
    Ok(files::write_new(&public_path(log_key), format!("{}\n", key.verifier()).as_bytes())?)
}

fn new(origin: &str, entropy: &dyn Entropy) -> CliResult<SigningKey> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut_slice())?;
    SigningKey::new(origin, &seed).map_err(|error| Failure::usage(format!("[site] origin: {error}")))
}

fn line(key: &SigningKey) -> Zeroizing<String> {
    let mut text = key.to_text();
    text.push('\n');
    text
}

/// The public key that lies beside the secret one; `None` where there is none that can be read.
#[must_use]
pub fn public(log_key: &Path) -> Option<VerifierKey> {
    files::read_text(&public_path(log_key)).ok()?.trim().parse().ok()
}

fn read(path: &Path) -> Result<SigningKey, String> {
    let bytes = files::read_secret(path).map_err(|error| error.to_string())?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{}: this is no signing key", path.display()))?;
    SigningKey::parse(text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The key that the log names, after what a crash left of its change is finished; else why there is none to sign with, and what to do.
///
/// # Errors
/// Where ledger or files fail.
pub async fn open(log_key: &Path, origin: &str, ledger: &dyn Ledger) -> CliResult<Result<Arc<SigningKey>, String>> {
    let named = rotations(ledger).await?.pop().map(|rotation| rotation.after);
    let at_hand = read(log_key);
    if let Some(named) = &named
        && at_hand.as_ref().map_or(true, |key| key.verifier() != named)
        && let Ok(next) = read(&next_path(log_key))
        && next.verifier() == named
    {
        put_in_place(log_key, &next)?;
        return Ok(Ok(Arc::new(next)));
    }
    let key = match at_hand {
        Ok(key) => key,
        Err(why) => return Ok(Err(format!("{why}; {MAKE_ONE}"))),
    };
    if key.verifier().name() != origin && named.is_none() && ledger.log_size().await? == 0 {
        return Ok(Ok(Arc::new(rename(log_key, &key, origin)?)));
    }
    Ok(judge(log_key, key, origin, named.as_ref()))
}

fn judge(
    log_key: &Path,
    key: SigningKey,
    origin: &str,
    named: Option<&VerifierKey>,
) -> Result<Arc<SigningKey>, String> {
    let (shown, label) = (log_key.display(), key.verifier().label());
    match named {
        Some(named) if key.verifier() != named => Err(format!(
            "{shown} is key {label}, and the log names {}; bring that one back, or, where it is gone for good, 'letterpost audit key rotate --lost'",
            named.label()
        )),
        _ if key.verifier().name() != origin => {
            Err(format!("{shown} is key {label}, and [site] origin is {origin}; bring this log's own key back"))
        }
        _ => Ok(Arc::new(key)),
    }
}

/// A site gets its own origin before anything is recorded: its key follows, since it has signed nothing yet.
fn rename(log_key: &Path, key: &SigningKey, origin: &str) -> CliResult<SigningKey> {
    let key = key.renamed(origin).map_err(|error| Failure::usage(format!("[site] origin: {error}")))?;
    put_in_place(log_key, &key)?;
    Ok(key)
}

/// The public key first: whoever finds the secret one finds its own public key beside it.
fn put_in_place(log_key: &Path, key: &SigningKey) -> CliResult<()> {
    files::replace(&public_path(log_key), format!("{}\n", key.verifier()).as_bytes())?;
    files::replace(log_key, line(key).as_bytes())?;
    Ok(files::remove(&next_path(log_key))?)
}

/// Does what an `audit key` command says.
///
/// # Errors
/// As the parts.
pub async fn run(command: &LogKeyCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        LogKeyCommand::Show => show(at).await,
        LogKeyCommand::Rotate(args) => rotate(args, at).await,
    }
}

/// A key as it is shown.
#[derive(Serialize)]
struct Shown {
    vkey: String,
    from_size: u64,
    to_size: Option<u64>,
}

impl From<&KeySpan> for Shown {
    fn from(span: &KeySpan) -> Self {
        Self { vkey: span.key.to_string(), from_size: span.from, to_size: span.to }
    }
}

async fn show(at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let paths = at.paths(&config);
    let ledger = at.ledger(&config).await?;
    let key = open(&paths.log_key, &config.site.origin, ledger.as_ref()).await?.map_err(Failure::usage)?;
    let keys = LogKeys::of(&rotations(ledger.as_ref()).await?, Some(key.verifier()));
    let shown: Vec<Shown> = keys.spans().iter().map(Shown::from).collect();
    let lines = shown.iter().map(|key| match key.to_size {
        Some(to) => format!("{}\n  signed the heads of {} to {to} entries", key.vkey, key.from_size),
        None => format!("{}\n  signs heads from {} entries on", key.vkey, key.from_size),
    });
    at.report.show(&shown, lines.collect::<Vec<_>>().join("\n"));
    Ok(Exit::Done)
}

/// What a rotation does.
#[derive(Serialize)]
struct Rotated {
    before: Option<String>,
    after: Option<String>,
    size: Option<u64>,
    dry_run: bool,
}

async fn rotate(args: &RotateArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decisions::decision(&args.because)?;
    let config = at.config()?;
    let paths = at.paths(&config);
    // No run signs while the key changes.
    let _lock = at.lock(&config, "audit key rotate").await?;
    let ledger = at.ledger(&config).await?;
    let origin = &config.site.origin;
    let old = if args.lost { None } else { old_key(&paths.log_key, origin, ledger.as_ref()).await? };
    let before = match &old {
        Some(key) => Some(key.verifier().to_string()),
        None => LogKeys::of(&rotations(ledger.as_ref()).await?, public(&paths.log_key).as_ref())
            .spans()
            .last()
            .map(|span| span.key.to_string()),
    };
    if args.because.dry_run {
        let signed_by = if old.is_some() { "both" } else { "it alone" };
        let text = match &before {
            Some(before) => format!("would make a new key in the place of {before}, and sign a head with {signed_by}"),
            None => "would make the log's first key, and sign a head with it".to_owned(),
        };
        at.report.show(&Rotated { before, after: None, size: None, dry_run: true }, text);
        return Ok(Exit::Done);
    }
    // 1. The new key lies on the disk before anything names it.
    let next = next_path(&paths.log_key);
    files::remove(&next)?;
    let new = new(origin, at.entropy().as_ref())?;
    files::write_new(&next, line(&new).as_bytes())?;
    // 2. One transaction: from here on the new key is the log's.
    let change = KeyChange { before: before.clone(), after: new.verifier().to_string(), is_lost: args.lost };
    let signers: Vec<&SigningKey> = old.iter().map(AsRef::as_ref).chain([&new]).collect();
    let head = ledger.rotate_log_key(&change, &decision, &signer(origin, &signers), at.clock().now()).await?;
    // 3. The head outside, then the files.
    HeadFile(paths.heads.clone()).keep(&checkpoint::note(origin, &head))?;
    put_in_place(&paths.log_key, &new)?;
    let text = format!(
        "the log's heads are signed by a new key from {} entries on:\n{}\nGive it to whoever checks the log; what the key before \
         signed stays good. The old secret key is gone.",
        head.size, change.after
    );
    at.report.show(&Rotated { before, after: Some(change.after), size: Some(head.size), dry_run: false }, text);
    Ok(Exit::Done)
}

/// The key before; `None` on a site that never had one. A key that should be there and is not stops a rotation.
async fn old_key(log_key: &Path, origin: &str, ledger: &dyn Ledger) -> CliResult<Option<Arc<SigningKey>>> {
    let is_first = !files::exists(log_key) && rotations(ledger).await?.is_empty();
    let is_unsigned = ledger.heads().await?.iter().all(|head| head.note.is_none());
    if is_first && is_unsigned {
        return Ok(None);
    }
    let lost = "if it is lost for good, or in other hands, say so with --lost";
    open(log_key, origin, ledger).await?.map(Some).map_err(|why| Failure::usage(format!("{why}; {lost}")))
}
