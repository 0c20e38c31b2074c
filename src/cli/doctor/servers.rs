//! Whether a vendor's SFTP server lets us in: our key, its host keys, and a visit to both folders.

use std::path::Path;

use super::modes::OTHERS_MASK;
use crate::adapters::files;
use crate::adapters::sftp_courier::known_hosts::pinned_keys;
use crate::adapters::sftp_courier::{SftpCourier, SftpPlace, Visit};
use crate::ports::Setback;
use crate::stages::preflight::{Checked, Finding};

/// What to do where no host key is pinned.
const PIN: &str = "fetch the host's key with ssh-keyscan, have the vendor read its fingerprint to you by telephone, and write it \
                   there under the vendor's code";

/// Every check of one vendor's server. It is visited only where there is something to visit it with.
pub(super) async fn check(code: &str, place: SftpPlace) -> Vec<Checked> {
    let mut checks = vec![check_key(code, &place.key), check_host_keys(code, &place.known_hosts)];
    if checks.iter().all(|checked| checked.finding < Finding::Bad) {
        checks.push(visit(code, place).await);
    }
    checks
}

/// ssh takes no key that others can read.
fn check_key(code: &str, path: &Path) -> Checked {
    let what = format!("SFTP key for vendor {code}");
    let shown = path.display();
    match files::mode(path) {
        Err(error) => {
            let remedy =
                format!("make one with 'ssh-keygen -t ed25519 -N \"\" -f {shown}', and send the vendor its .pub");
            Checked::bad(what, error.to_string(), remedy)
        }
        Ok(mode) if mode & OTHERS_MASK == 0 => Checked::good(what, shown.to_string()),
        Ok(mode) => Checked::bad(
            what,
            format!("{shown} can be read by others (mode {mode:o})"),
            format!("run 'chmod 600 {shown}'"),
        ),
    }
}

fn check_host_keys(code: &str, path: &Path) -> Checked {
    let what = format!("host keys of vendor {code}");
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) => return Checked::bad(what, error.to_string(), PIN),
    };
    match pinned_keys(&text, code) {
        Ok(keys) => {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            Checked::good(what, keys.join(", "))
        }
        Err(error) => Checked::bad(what, format!("{}: {error}", path.display()), PIN),
    }
}

async fn visit(code: &str, place: SftpPlace) -> Checked {
    let what = format!("SFTP server of vendor {code}");
    let shown = place.to_string();
    match SftpCourier::to(place).visit().await {
        Ok(Visit { inbox_files, outbox_files, has_posix_rename, has_fsync }) => {
            let mut message = format!("{shown}: {inbox_files} files in the inbox, {outbox_files} in the outbox");
            for (has, lacks) in [
                (has_posix_rename, "; it cannot rename in one step (posix-rename)"),
                (has_fsync, "; it cannot be told to bring files to its disk (fsync)"),
            ] {
                message.push_str(if has { "" } else { lacks });
            }
            if has_posix_rename && has_fsync {
                Checked::good(what, message)
            } else {
                Checked::note(
                    what,
                    message,
                    "ask the vendor for OpenSSH's server, which can do both; without, it is slower to be sure",
                )
            }
        }
        Err(error) => match (error.is_alarm, error.setback) {
            (true, _) => Checked::alarm(
                what,
                error.message,
                "send nothing before the vendor has confirmed its host's key by telephone",
            ),
            // A vendor that is away now may be there when the night comes to it.
            (false, Setback::Retry) => {
                Checked::note(what, error.message, "ask the vendor if it stays so; the night tries again by itself")
            }
            (false, Setback::Hold | Setback::Stop) => Checked::bad(
                what,
                error.message,
                format!("have vendor {code} mend it, or mend [vendor.sftp]; nothing goes there before that"),
            ),
        },
    }
}
