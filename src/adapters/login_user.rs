//! Who is at the keyboard, as far as the system says: a name for the record, no proof.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

/// Where a login leaves the user's name, the most telling first: a person who works as another user is meant.
const VARIABLES: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];
/// The accounts of this machine: name, …, number, one a line.
const ACCOUNTS: &str = "/etc/passwd";

/// The name of the login user; where nothing tells it, the number of the user.
#[must_use]
pub fn login_user() -> String {
    let told = VARIABLES.iter().find_map(|variable| env::var(variable).ok().filter(|name| !name.trim().is_empty()));
    told.unwrap_or_else(|| {
        let number = fs::metadata("/proc/self").map(|own| own.uid());
        let accounts = fs::read_to_string(ACCOUNTS).unwrap_or_default();
        match number {
            Ok(number) => name_of(number, &accounts).unwrap_or_else(|| format!("user number {number}")),
            Err(_) => String::new(),
        }
    })
}

fn name_of(number: u32, accounts: &str) -> Option<String> {
    let number = number.to_string();
    let is_theirs = |line: &&str| line.split(':').nth(2) == Some(number.as_str());
    accounts.lines().find(is_theirs).and_then(|line| line.split(':').next()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_name_of_its_account() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nrobin:x:1000:1000::/home/robin:/bin/sh\n";
        assert_eq!(name_of(1000, accounts).as_deref(), Some("robin"));
        assert_eq!(name_of(100, accounts), None);
    }
}
