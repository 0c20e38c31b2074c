//! Whether a vendor's SFTP server lets us in: our key, its host keys, and a visit to both folders.

use std::path::Path;

use super::OTHERS_MASK;
use crate::adapters::files;
use crate::adapters::sftp_courier::known_hosts::pinned_keys;
use crate::adapters::sftp_courier::{SftpCourier, SftpPlace, Visit};
use crate::ports::Setback;
use crate::stages::preflight::{Checked, Finding};

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
            let message = format!("{error}; make one with 'ssh-keygen -t ed25519 -N \"\" -f {shown}'");
            Checked::new(what, Finding::Bad, message)
        }
        Ok(mode) if mode & OTHERS_MASK == 0 => Checked::new(what, Finding::Good, shown.to_string()),
        Ok(mode) => {
            let message = format!("{shown} can be read by others (mode {mode:o}); run 'chmod 600 {shown}'");
            Checked::new(what, Finding::Bad, message)
        }
    }
}

fn check_host_keys(code: &str, path: &Path) -> Checked {
    let what = format!("host keys of vendor {code}");
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) => return Checked::new(what, Finding::Bad, error.to_string()),
    };
    match pinned_keys(&text, code) {
        Ok(keys) => {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            Checked::new(what, Finding::Good, keys.join(", "))
        }
        Err(error) => Checked::new(what, Finding::Bad, format!("{}: {error}", path.display())),
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
            let finding = if has_posix_rename && has_fsync { Finding::Good } else { Finding::Note };
            Checked::new(what, finding, message)
        }
        Err(error) => {
            let finding = match (error.is_alarm, error.setback) {
                (true, _) => Finding::Alarm,
                // A vendor that is away now may be there when the night comes to it.
                (false, Setback::Retry) => Finding::Note,
                (false, Setback::Hold | Setback::Stop) => Finding::Bad,
            };
            Checked::new(what, finding, error.message)
        }
    }
}
