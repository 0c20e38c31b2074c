//! Brakes: a night that is too large, and a clock that is wrong, wait for a named person, and nothing is lost meanwhile.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Two of the supports copy folders, each by its own mention of the same few lines.
#![allow(clippy::duplicate_mod)]

#[path = "support/inside.rs"]
mod inside;
#[path = "support/night/mod.rs"]
mod night;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

#[path = "brakes/between.rs"]
mod between;
#[path = "brakes/machine.rs"]
mod machine;
#[path = "brakes/size.rs"]
mod size;
#[path = "brakes/within.rs"]
mod within;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const ROBIN: [&str; 4] = ["--by", "Robin Sample", "--reason", "the portal was closed for a week"];

/// Rows of people who ask, each at an address of their own.
fn people(from: usize, to: usize) -> String {
    let row = |n: usize| {
        format!(
            "BIG-{n:05},person{n}@example.com,Sample Person,{} Example Street,,Springfield,IL,62701,US,,email,en,standard,\
             2026-03-02T08:{:02}:00-05:00",
            n + 1,
            n % 60
        )
    };
    (from..to).map(row).collect::<Vec<_>>().join("\n")
}

/// `brake list`, as a program reads it.
fn engaged(site: &nightly::TestSite) -> Vec<serde_json::Value> {
    site.json(&["brake", "list"]).as_array().unwrap().clone()
}
