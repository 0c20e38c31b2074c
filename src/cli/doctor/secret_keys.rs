//! A live site holds its own key and nobody else's, and no key that was made for trying things out.

use std::path::Path;

use super::SAMPLE_MARK;
use crate::adapters::files;
use crate::cli::config::Paths;
use crate::package::openpgp::SecretKey;
use crate::stages::preflight::Checked;

/// The secret keys beside the site's own.
pub(super) fn check(paths: &Paths, is_live: bool) -> Vec<Checked> {
    let what = "secret keys";
    let folder = paths.site_key.parent().unwrap_or(Path::new("."));
    let mut checks = Vec::new();
    for path in files::list(folder, "asc").unwrap_or_default() {
        let Ok(bytes) = files::read_secret(&path) else { continue };
        let is_secret = bytes.windows(b"PRIVATE KEY BLOCK".len()).any(|window| window == b"PRIVATE KEY BLOCK");
        if !is_secret {
            continue;
        }
        let is_sample =
            SecretKey::parse(&bytes, None).is_ok_and(|key| key.certificate().user_id().contains(SAMPLE_MARK));
        let (fault, remedy) = match (path == paths.site_key, is_sample) {
            (true, false) => continue,
            (true, true) => {
                ("the site's key is a sample key", "make a new one with 'letterpost init DIR' and put it there")
            }
            (false, _) => {
                ("a secret key that is not the site's", "a vendor's secret key belongs at the vendor: remove it")
            }
        };
        let message = format!("{}: {fault}", path.display());
        checks.push(if is_live {
            Checked::bad(what, message, remedy)
        } else {
            Checked::note(what, message, format!("{remedy}; a live site refuses it"))
        });
    }
    if checks.is_empty() {
        checks.push(Checked::good(what, "only the site's own"));
    }
    checks
}
