//! This machine's name.

use std::fs;

/// Where the kernel tells it.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";
/// Characters of it that are used.
const MOST: usize = 20;

/// The name of this machine up to its first dot, in letters, digits and hyphens: short enough for where it is shown.
#[must_use]
pub fn host_name() -> String {
    short(&fs::read_to_string(HOST_NAME).unwrap_or_default())
}

fn short(name: &str) -> String {
    let first = name.trim().split('.').next().unwrap_or_default();
    let clean: String = first.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(MOST).collect();
    if clean.is_empty() { "host".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for (name, told) in [("press-2.example.invalid\n", "press-2"), ("", "host"), ("a b;c", "abc")] {
            assert_eq!(short(name), told);
        }
        assert_eq!(short(&"x".repeat(64)).len(), MOST);
    }
}
