//! What could keep this account from rewriting a file: the kernel's append-only and immutable flags, and what would get round
//! them.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, IFlags, Mode, OFlags};
use rustix::io::Errno;

/// Capabilities of Linux with which an account gets round flags or rights of files, by number (capabilities(7)).
const POWERS: [(u32, &str); 9] = [
    (1, "CAP_DAC_OVERRIDE"),
    (3, "CAP_FOWNER"),
    (7, "CAP_SETUID"),
    (9, "CAP_LINUX_IMMUTABLE"),
    (16, "CAP_SYS_MODULE"),
    (17, "CAP_SYS_RAWIO"),
    (19, "CAP_SYS_PTRACE"),
    (21, "CAP_SYS_ADMIN"),
    (27, "CAP_MKNOD"),
];
/// The bit of a folder in which only owners remove or rename.
const STICKY: u32 = 0o1000;

/// The account under which this process works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub uid: u32,
    /// What it has with which flags can be got round; empty for a plain account.
    pub powers: Vec<&'static str>,
}

/// What the kernel lets nobody do with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Only append to it.
    AppendOnly,
    /// Nothing.
    Immutable,
    /// No such flag is set.
    None,
    /// Its file system has no such flags, or does not say.
    Unknown,
}

/// The account of this process.
#[must_use]
pub fn account() -> Account {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    Account { uid: rustix::process::geteuid().as_raw(), powers: powers(&status) }
}

/// The powers among the permitted capabilities.
fn powers(status: &str) -> Vec<&'static str> {
    let permitted = status.lines().find_map(|line| line.strip_prefix("CapPrm:"));
    let bits = permitted.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or_default();
    POWERS.iter().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, name)| *name).collect()
}

/// The flag of a file or folder.
///
/// # Errors
/// Where it is not there, or may not be opened.
pub fn flag(path: &Path) -> io::Result<Flag> {
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    Ok(match rustix::fs::ioctl_getflags(&file) {
        Ok(flags) if flags.contains(IFlags::IMMUTABLE) => Flag::Immutable,
        Ok(flags) if flags.contains(IFlags::APPEND) => Flag::AppendOnly,
        Ok(_) => Flag::None,
        Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => Flag::Unknown,
        Err(error) => return Err(error.into()),
    })
}

/// A folder above the one that holds this path which the account can move away, and make another in its place: what is in
/// it stays, and is not found there any more.
///
/// # Errors
/// Where a folder cannot be looked at.
pub fn movable_folder(path: &Path, account: &Account) -> io::Result<Option<PathBuf>> {
    let full = fs::canonicalize(path)?;
    let folders: Vec<&Path> = full.ancestors().skip(1).collect();
    for pair in folders.windows(2) {
        if let [folder, above] = pair
            && can_rename_in(above, folder, account)?
        {
            return Ok(Some((*folder).to_owned()));
        }
    }
    Ok(None)
}

fn can_rename_in(above: &Path, folder: &Path, account: &Account) -> io::Result<bool> {
    let (outer, inner) = (fs::metadata(above)?, fs::metadata(folder)?);
    // Who owns a folder can give itself every right in it.
    if outer.uid() == account.uid {
        return Ok(true);
    }
    let asked = rustix::fs::accessat(CWD, above, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS);
    // A system that does not say may allow it.
    let may_write = !matches!(asked, Err(Errno::ACCESS | Errno::PERM | Errno::ROFS));
    Ok(may_write && (outer.mode() & STICKY == 0 || inner.uid() == account.uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capabilities_of_root_are_told_and_those_of_a_plain_account_are_none() {
        let status = "Name:\tletterpost\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nCapEff:\t0\n";
        assert_eq!(powers(status).len(), POWERS.len());
        assert!(powers("CapPrm:\t0000000000000000\n").is_empty());
        // To listen on low ports gets round nothing.
        assert!(powers("CapPrm:\t0000000000000400\n").is_empty());
        assert_eq!(powers("CapPrm:\t0000000000000200\n"), ["CAP_LINUX_IMMUTABLE"]);
    }

    #[test]
    fn a_folder_can_be_moved_by_whoever_may_write_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outer/inner/notes");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        let owner = Account { uid: fs::metadata(&file).unwrap().uid(), powers: Vec::new() };
        let inner = fs::canonicalize(file.parent().unwrap()).unwrap();
        assert_eq!(movable_folder(&file, &owner).unwrap(), Some(inner));
        assert!(matches!(flag(folder.path()), Ok(Flag::None | Flag::Unknown)));
        assert!(flag(&folder.path().join("none")).is_err());
    }
}
