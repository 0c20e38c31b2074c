//! Whether what is the service's alone is its own: who owns a file or folder, and who else may do what with it.

use std::path::Path;

use crate::adapters::files::{self, Access};
use crate::stages::preflight::Checked;

/// Rights that nobody but the owner may have on a secret file or a folder of ours.
pub(super) const OTHERS_MASK: u32 = 0o077;
/// Rights on the portal's table that neither the service nor the portal, which shares a group with it, may have.
const STRANGERS_MASK: u32 = 0o007;

/// Whose files they must be, and how grave it is where they are not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    /// The number of the account that owns the ledger's folder; `None` where the system does not tell.
    owner: Option<u32>,
    is_live: bool,
}

impl Service {
    /// The service whose ledger this is.
    pub(super) fn of(ledger: &Path, is_live: bool) -> Self {
        let folder = ledger.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { owner: files::access(folder).ok().map(|access| access.owner), is_live }
    }

    /// Whether a secret file is its owner's alone.
    pub(super) fn check_file(self, what: &str, path: &Path) -> Checked {
        match files::access(path) {
            Err(error) => {
                let remedy = match what {
                    "file of the log's key" => {
                        "bring it back from where you keep it; a site that never had one makes one with 'letterpost audit key rotate'"
                    }
                    "ledger" => "put the newest backup in its place: 'letterpost ledger restore FILE'",
                    _ => "put the file back from where you keep it, or mend its path in the configuration",
                };
                Checked::bad(what, error.to_string(), remedy)
            }
            Ok(access) => self.judge(what, path, access, OTHERS_MASK, "600"),
        }
    }

    /// Whether a folder is its owner's alone.
    pub(super) fn check_folder(self, what: &str, path: &Path) -> Checked {
        match files::list(path, "").and_then(|_| files::access(path)) {
            Err(error) => Checked::bad(what, error.to_string(), "make the folder or mend its rights"),
            Ok(access) => self.judge(what, path, access, OTHERS_MASK, "700"),
        }
    }

    /// Whether strangers are kept from the portal's table; the portal may be another account of the same group.
    pub(super) fn check_intake(self, path: &Path) -> Option<Checked> {
        let access = files::access(path).ok()?;
        Some(self.judge("portal's table", path, access, STRANGERS_MASK, "o="))
    }

    fn judge(self, what: &str, path: &Path, access: Access, mask: u32, mend: &str) -> Checked {
        let shown = path.display();
        let found = match self.owner.filter(|owner| *owner != access.owner) {
            Some(owner) => Some((
                format!("{shown} belongs to user number {}, and the ledger's folder to {owner}", access.owner),
                format!("run 'chown {owner} {shown}'"),
            )),
            None if access.mode & mask != 0 => Some((
                format!("{shown} is open to others (mode {:o})", access.mode),
                format!("run 'chmod {mend} {shown}'"),
            )),
            None => None,
        };
        match found {
            None => Checked::good(what, shown.to_string()),
            Some((message, remedy)) if self.is_live => Checked::bad(what, message, remedy),
            Some((message, remedy)) => Checked::note(what, message, remedy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::preflight::Finding;

    #[test]
    fn a_live_site_is_refused_what_a_trial_is_told() {
        let path = Path::new("/srv/site/keys/pepper");
        for (mode, owner, mask, mend, remedy) in [
            (0o600, 7, OTHERS_MASK, "600", ""),
            (0o400, 7, OTHERS_MASK, "600", ""),
            (0o640, 7, OTHERS_MASK, "600", "run 'chmod 600 /srv/site/keys/pepper'"),
            (0o601, 7, OTHERS_MASK, "600", "run 'chmod 600 /srv/site/keys/pepper'"),
            (0o710, 7, OTHERS_MASK, "700", "run 'chmod 700 /srv/site/keys/pepper'"),
            (0o660, 7, STRANGERS_MASK, "o=", ""),
            (0o664, 7, STRANGERS_MASK, "o=", "run 'chmod o= /srv/site/keys/pepper'"),
            // Whoever owns a file can open it to all.
            (0o600, 8, OTHERS_MASK, "600", "run 'chown 7 /srv/site/keys/pepper'"),
        ] {
            for (is_live, grave) in [(true, Finding::Bad), (false, Finding::Note)] {
                let service = Service { owner: Some(7), is_live };
                let checked = service.judge("pepper", path, Access { mode, owner }, mask, mend);
                let expected = if remedy.is_empty() { Finding::Good } else { grave };
                assert_eq!((checked.finding, checked.remedy.as_str()), (expected, remedy), "{mode:o} of {owner}");
            }
        }
    }
}
