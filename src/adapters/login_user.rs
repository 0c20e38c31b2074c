//! Who is at the keyboard, as far as the system says.
//!
//! The kernel keeps the number of the account that logged in with every process that comes from the login, whatever
//! account it works under later; a service has none. Where the kernel keeps none, `sudo` says whom it let in.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::audit::actor::{Actors, LETTERPOST, Person};

/// Where a login leaves the user's name, the most telling first: a person who works as another user is meant.
const VARIABLES: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];
/// The accounts of this machine: name, …, number, one a line.
const ACCOUNTS: &str = "/etc/passwd";
/// The number of the account that logged in, kept by the kernel.
const LOGIN_NUMBER: &str = "/proc/self/loginuid";
/// What it holds for a process that comes from no login: −1, as it is written there.
const NO_LOGIN: u32 = u32::MAX;

/// The name of the login user; where nothing tells it, the number of the user.
#[must_use]
pub fn login_user() -> String {
    let told = VARIABLES.iter().find_map(|variable| env::var(variable).ok().filter(|name| !name.trim().is_empty()));
    told.unwrap_or_else(|| match account_number() {
        Some(number) => name_of(number, &accounts()).unwrap_or_else(|| format!("user number {number}")),
        None => String::new(),
    })
}

/// Who can be at work in this process.
#[must_use]
pub fn actors() -> Actors {
    let accounts = accounts();
    let kept = fs::read_to_string(LOGIN_NUMBER).unwrap_or_default();
    let person = |uid| Person { uid, login: name_of(uid, &accounts).unwrap_or_default() };
    Actors {
        login: login_number(&kept, env::var("SUDO_UID").ok().as_deref()).map(person),
        account: account_number().map(person),
        service: LETTERPOST,
    }
}

/// The number of the account that logged in: as the kernel kept it, else as `sudo` says.
fn login_number(kept: &str, sudo: Option<&str>) -> Option<u32> {
    let number = |text: &str| text.trim().parse().ok().filter(|number| *number != NO_LOGIN);
    number(kept).or_else(|| number(sudo?))
}

/// The number of the account that this process runs under.
fn account_number() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|own| own.uid())
}

fn accounts() -> String {
    fs::read_to_string(ACCOUNTS).unwrap_or_default()
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

    #[test]
    fn the_kernel_knows_who_logged_in_and_sudo_is_asked_where_it_does_not() {
        assert_eq!(login_number("1000", None), Some(1000));
        assert_eq!(login_number("1000\n", Some("1001")), Some(1000));
        assert_eq!(login_number("4294967295", Some("1001")), Some(1001));
        assert_eq!(login_number("4294967295", None), None);
        assert_eq!(login_number("", None), None, "a kernel that keeps none");
        assert_eq!(login_number("4294967295", Some("robin")), None);
    }
}
