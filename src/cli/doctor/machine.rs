//! Whether memory with passwords in it can reach a disk: core dumps and swap.

use std::path::Path;

use crate::adapters::files;
use crate::cli::harden::{self, Dumps};
use crate::stages::preflight::Checked;

/// What begins the pattern of core files where a program takes them, whatever their limit.
const PIPED: char = '|';
/// A device of swap that is compressed memory.
const IN_MEMORY: &str = "/dev/zram";
/// What to do about swap.
const SWAP_REMEDY: &str = "encrypt it; or keep letterpost out of it with MemorySwapMax=0 in its systemd unit; or switch it off with 'swapoff -a'";

/// Whether a crash can write memory to the disk.
pub(super) fn check_core_dumps() -> Checked {
    let pattern = files::read_text(Path::new("/proc/sys/kernel/core_pattern")).unwrap_or_default();
    judge_core_dumps(harden::dumps(), pattern.trim())
}

fn judge_core_dumps(dumps: Dumps, pattern: &str) -> Checked {
    let what = "core dumps";
    match dumps {
        Dumps::Off => Checked::good(what, "off"),
        // A limit of no bytes does not keep the system from giving a dump to a program.
        Dumps::LimitedOnly if !pattern.starts_with(PIPED) => Checked::good(what, "off, by their limit"),
        Dumps::LimitedOnly => Checked::note(
            what,
            format!("the system gives them to a program ({pattern}), and the process could not forbid it"),
            "write files instead: 'sysctl -w kernel.core_pattern=core'; or Storage=none in coredump.conf",
        ),
        Dumps::On => Checked::note(
            what,
            "on: a crash may write passwords to the disk",
            "run it where 'ulimit -c 0' works, or with LimitCORE=0 in its systemd unit",
        ),
    }
}

/// Whether memory can be swapped to a disk.
pub(super) fn check_swap() -> Checked {
    let swaps = files::read_text(Path::new("/proc/swaps")).ok();
    judge_swap(swaps.as_deref(), swap_limit().as_deref())
}

/// What the control group of this process may swap at most, as the system writes it.
fn swap_limit() -> Option<String> {
    let groups = files::read_text(Path::new("/proc/self/cgroup")).ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let limit = Path::new("/sys/fs/cgroup").join(group.trim_start_matches('/')).join("memory.swap.max");
    files::read_text(&limit).ok().map(|limit| limit.trim().to_owned())
}

fn judge_swap(swaps: Option<&str>, limit: Option<&str>) -> Checked {
    let what = "swap";
    let Some(swaps) = swaps else {
        let remedy = "look whether it swaps; if so, encrypt the swap or switch it off";
        return Checked::note(what, "this system does not say whether it swaps", remedy);
    };
    let mut devices = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).peekable();
    if devices.peek().is_none() {
        return Checked::good(what, "off");
    }
    if limit == Some("0") {
        return Checked::good(what, "on, and this process is kept out of it");
    }
    match devices.find(|device| !device.starts_with(IN_MEMORY)) {
        None => Checked::good(what, "in compressed memory only"),
        Some(device) => {
            Checked::note(what, format!("on ({device}): memory with passwords may reach the disk"), SWAP_REMEDY)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::preflight::Finding;

    const HEADER: &str = "Filename\tType\tSize\tUsed\tPriority\n";

    #[test]
    fn swap_on_a_disk_is_a_note_unless_the_process_is_kept_out_of_it() {
        let on_disk = format!("{HEADER}/dev/zram0 partition 1 0 100\n/dev/sda2 partition 8388604 0 -2\n");
        let compressed = format!("{HEADER}/dev/zram0 partition 1 0 100\n");
        for (swaps, limit, finding) in [
            (Some(HEADER), None, Finding::Good),
            (Some(compressed.as_str()), Some("max"), Finding::Good),
            (Some(on_disk.as_str()), Some("0"), Finding::Good),
            (Some(on_disk.as_str()), Some("max"), Finding::Note),
            (Some(on_disk.as_str()), None, Finding::Note),
            (None, None, Finding::Note),
        ] {
            let checked = judge_swap(swaps, limit);
            assert_eq!(checked.finding, finding, "{swaps:?} {limit:?}");
            assert_eq!(checked.remedy.is_empty(), finding == Finding::Good);
        }
        assert!(judge_swap(Some(&on_disk), None).message.contains("/dev/sda2"));
    }

    #[test]
    fn a_limit_does_not_keep_dumps_from_a_program() {
        let piped = "|/usr/lib/systemd/systemd-coredump %P";
        for (dumps, pattern, finding) in [
            (Dumps::Off, piped, Finding::Good),
            (Dumps::LimitedOnly, "core", Finding::Good),
            (Dumps::LimitedOnly, piped, Finding::Note),
            (Dumps::On, "core", Finding::Note),
        ] {
            let checked = judge_core_dumps(dumps, pattern);
            assert_eq!(checked.finding, finding, "{pattern}");
            assert_eq!(checked.remedy.is_empty(), finding == Finding::Good);
        }
    }
}
