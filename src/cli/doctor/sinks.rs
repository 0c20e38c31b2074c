//! Checkpoints outside: whether one copy is where this account cannot rewrite it, and how far each place is.
//!
//! What cannot be told from here counts as no. Root, or an account with the capabilities of root, can rewrite what lies on the
//! machine; what another machine keeps, its operator declares.

use std::path::Path;

use crate::adapters::files;
use crate::adapters::rewriting::{self, Account, Flag};
use crate::cli::config::{AuditSection, SinkPlace, SinkSection};
use crate::cli::exit::CliResult;
use crate::ports::CodedSink;
use crate::stages::checkpoint::sinks;
use crate::stages::preflight::Checked;
use crate::stages::world::World;

/// The newest checkpoints of a folder that may wait for root's timer: those of a day, one every half hour and some more.
const MOST_WAITING: usize = 60;
/// The lines with which a site has such a sink.
const LINES: &str = "write the lines '[[audit.sink]]', 'code = \"kept\"', 'kind = \"file\"' and 'path = \"/var/log/letterpost/checkpoints\"' \
                     to the configuration; as root, make that file, give it to the account of letterpost with 'chown', and run 'chattr +a' on \
                     it; or have another machine keep them: docs/operations.md";

/// Whether this account can rewrite what lies in a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    /// It cannot, and this is why.
    Out(String),
    /// The operator says that it cannot.
    Declared(String),
    /// It can, or nobody can tell: why, and what to do.
    In(String, String),
}

/// Every check of sinks and time stamps.
pub(super) async fn check(audit: &AuditSection, world: &World, is_live: bool) -> CliResult<Vec<Checked>> {
    let account = rewriting::account();
    let reached: Vec<(String, Reach)> =
        audit.sinks.iter().map(|sink| (sink.code.clone(), reach(sink, &account))).collect();
    let mut checks = vec![judge_all(&reached, is_live)];
    checks.extend(reached.iter().map(|(code, reach)| shown(code, reach)));
    for sink in &world.sinks {
        checks.push(check_standing(world, sink).await?);
    }
    checks.extend(check_time_stamps(world).await?);
    Ok(checks)
}

/// One copy out of reach is what a log needs that its own account might rewrite.
fn judge_all(reached: &[(String, Reach)], is_live: bool) -> Checked {
    let what = "checkpoints out of reach";
    let out = reached.iter().filter(|(_, reach)| !matches!(reach, Reach::In(..)));
    let codes: Vec<&str> = out.map(|(code, _)| code.as_str()).collect();
    if !codes.is_empty() {
        return Checked::good(what, format!("in sink {}", codes.join(", ")));
    }
    let message = match reached.len() {
        0 => "no sink but the file of heads, which this account can rewrite with the ledger",
        _ => "in no sink: this account can rewrite the ledger and every copy of its checkpoints",
    };
    if is_live { Checked::bad(what, message, LINES) } else { Checked::note(what, message, LINES) }
}

fn shown(code: &str, reach: &Reach) -> Checked {
    let what = sinks::subject(code);
    match reach {
        Reach::Out(why) => Checked::good(what, why),
        Reach::Declared(by) => Checked::good(what, format!("kept by {by}: so it is declared, and not proven here")),
        Reach::In(why, remedy) => Checked::note(what, why, remedy),
    }
}

/// Whether this account can rewrite a sink, as far as the machine tells.
fn reach(sink: &SinkSection, account: &Account) -> Reach {
    let found = match &sink.place {
        SinkPlace::File(path) => reach_of_file(path, account),
        SinkPlace::Folder(path) => reach_of_folder(path, account),
        SinkPlace::Command(..) => Reach::In(
            "nobody says who keeps what this command takes".to_owned(),
            "write kept_by = \"…\": who keeps the copies where this account cannot rewrite them".to_owned(),
        ),
    };
    match (&found, &sink.kept_by) {
        (Reach::In(..), Some(by)) => Reach::Declared(by.clone()),
        _ => found,
    }
}

fn reach_of_file(path: &Path, account: &Account) -> Reach {
    let shown = path.display();
    let as_root = format!("as root, run 'chattr +a {shown}'");
    if !files::exists(path) {
        let remedy = format!("as root, make {shown}, give it to this account, and run 'chattr +a {shown}'");
        return Reach::In(format!("{shown} is not there yet, and this account would make it as its own"), remedy);
    }
    match rewriting::flag(path) {
        Ok(flag) => judge_file(&shown.to_string(), flag, account, || rewriting::movable_folder(path, account)),
        Err(error) => Reach::In(
            format!("cannot look at {shown}: {error}"),
            format!("let this account read it; {as_root}, if it is not so yet"),
        ),
    }
}

fn judge_file(
    shown: &str,
    flag: Flag,
    account: &Account,
    movable: impl FnOnce() -> std::io::Result<Option<std::path::PathBuf>>,
) -> Reach {
    match flag {
        Flag::Unknown => Reach::In(
            format!("the file system of {shown} has no append-only files"),
            "put it on a disk of this machine with ext4, XFS or Btrfs, or have another machine keep the checkpoints; or declare who \
             keeps it with kept_by"
                .to_owned(),
        ),
        Flag::None => Reach::In(format!("this account can rewrite {shown}"), format!("as root, run 'chattr +a {shown}'")),
        Flag::Immutable => Reach::In(
            format!("nothing can be added to {shown}: it is immutable"),
            format!("as root, run 'chattr -i +a {shown}'"),
        ),
        Flag::AppendOnly => match_powers(shown, account, movable, "append-only"),
    }
}

/// A flag holds for accounts that cannot get round it.
fn match_powers(
    shown: &str,
    account: &Account,
    movable: impl FnOnce() -> std::io::Result<Option<std::path::PathBuf>>,
    how: &str,
) -> Reach {
    if account.uid == 0 {
        return Reach::In(
            format!("{shown} is {how}, and root, under which this works, can undo that"),
            "run letterpost, and this check, under an account of its own".to_owned(),
        );
    }
    if !account.powers.is_empty() {
        return Reach::In(
            format!("{shown} is {how}, and this account can undo that: it has {}", account.powers.join(", ")),
            "take these capabilities from it: CapabilityBoundingSet= in its systemd unit".to_owned(),
        );
    }
    match movable() {
        Ok(None) => Reach::Out(format!("{shown} is {how}, and account {} cannot undo that", account.uid)),
        Ok(Some(folder)) => Reach::In(
            format!("{shown} is {how}, and this account can move its folder {} away", folder.display()),
            format!(
                "as root, give the folder that holds {} to root, and let nobody else write in it",
                folder.display()
            ),
        ),
        Err(error) => Reach::In(
            format!("{shown} is {how}, and the folders above it cannot be looked at: {error}"),
            "let this account look at them".to_owned(),
        ),
    }
}

fn reach_of_folder(path: &Path, account: &Account) -> Reach {
    let shown = path.display().to_string();
    let notes = match files::list(path, "note") {
        Ok(notes) => notes,
        Err(error) => return Reach::In(error.to_string(), format!("make the folder {shown}, or mount it")),
    };
    let flags: Vec<bool> = notes.iter().map(|note| matches!(rewriting::flag(note), Ok(Flag::Immutable))).collect();
    match judge_folder(&flags) {
        Ok(how) => match_powers(&shown, account, || rewriting::movable_folder(&path.join("."), account), &how),
        Err(why) => Reach::In(
            format!("{shown}: {why}"),
            format!(
                "have a timer of root's run 'chattr +i' on its notes every hour; or let another machine keep them, and declare it \
                 with kept_by. This account made the files in {shown}, so rights alone do not keep it from them"
            ),
        ),
    }
}

/// Which of the notes, smallest first, nobody can change; or why that is not enough.
fn judge_folder(is_immutable: &[bool]) -> Result<String, String> {
    let fixed = is_immutable.iter().take_while(|fixed| **fixed).count();
    let waiting = is_immutable.len() - fixed;
    if fixed == 0 {
        return Err("no checkpoint in it is immutable".to_owned());
    }
    if waiting > MOST_WAITING || is_immutable.iter().skip(fixed).any(|fixed| *fixed) {
        return Err(format!("only the first {fixed} of {} checkpoints are immutable", is_immutable.len()));
    }
    Ok(match waiting {
        0 => format!("immutable in all {fixed} checkpoints"),
        _ => format!("immutable in all but the newest {waiting} of {} checkpoints", is_immutable.len()),
    })
}

/// How far a sink is.
async fn check_standing(world: &World, sink: &CodedSink) -> CliResult<Checked> {
    let standing = world.ledger.sink_standing(&sink.code).await?;
    let what = format!("checkpoints in sink {}", sink.code);
    let behind = sinks::behind(&standing);
    if standing.behind == 0 && standing.failure.is_none() {
        let had = standing.has_size.map(|size| format!(", the newest over {size} entries")).unwrap_or_default();
        return Ok(Checked::good(what, format!("{behind}{had}")));
    }
    let why = standing.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let message = format!("{behind}{why}");
    if !sinks::is_overdue(&standing, world.clock.now()) && standing.failure.is_none() {
        return Ok(Checked::good(what, format!("{message}; the next checkpoint sends it")));
    }
    Ok(Checked::note(what, message, "mend what it says, then run 'letterpost checkpoint'; nothing is lost meanwhile"))
}

/// Whether the newest checkpoint has its time stamp.
async fn check_time_stamps(world: &World) -> CliResult<Option<Checked>> {
    let what = "time stamps";
    let Some(stamps) = &world.time_stamps else { return Ok(None) };
    let newest = world.ledger.newest_note().await?.map_or(0, |newest| newest.size);
    Ok(Some(match stamps.kept() {
        Ok(kept) => {
            let stamped = kept.stamped();
            let up_to = format!("up to {stamped} of {newest} entries");
            match (newest > stamped, kept.first_in_vain()) {
                (false, _) => Checked::good(what, format!("up to the newest checkpoint, over {stamped} entries")),
                (true, None) => Checked::good(what, format!("{up_to}; the next checkpoint asks for one")),
                (true, Some(_)) => Checked::note(
                    what,
                    format!("{up_to}; what was asked for since has no reply"),
                    "run 'letterpost checkpoint', which asks again and says what the authority answers",
                ),
            }
        }
        Err(error) => Checked::note(what, error.message, "mend the rights of [audit.timestamp] folder"),
    }))
}

#[cfg(test)]
mod tests;
