//! A retention run that is killed at any of its calls leaves no file that nobody removes, and no entry of a removal that
//! never was.

use super::nightly::{Ran, TestSite, run_limited};
use super::{MONDAY_NIGHT, entries, row};

/// What retention does to files and to the ledger.
const CALLS: [&str; 4] = ["unlinkat", "fsync", "fdatasync", "pwrite64"];
/// Kills for each of them: the first ones, and then every seventh.
const FIRST: u32 = 6;
const LAST: u32 = 60;

#[test]
fn a_killed_run_is_gone_on_with_by_the_next() {
    let template = TestSite::before_the_night(MONDAY_NIGHT);
    let mut killed = 0;
    for call in CALLS {
        for count in (1..=LAST).filter(|count| *count <= FIRST || count % 7 == 0) {
            let name = format!("{call}-{count}.csv");
            template.clock(MONDAY_NIGHT);
            template.import(&name, &row(&format!("K-{call}-{count}"), "Avery Canary")).done();
            template.clock("2026-06-30T09:00:00-04:00");
            let before = entries(&template, "import.removed").len();
            let was_killed = kill(&template, call, count);
            killed += u32::from(was_killed);
            let told = entries(&template, "import.removed").len() - before;
            assert!(told == 0 || !template.path(&name).exists(), "{call} {count}: told of what never was");
            template.run(&["retention"]).done();
            assert!(!template.path(&name).exists(), "{call} {count}: nobody removes it");
            let told = entries(&template, "import.removed");
            let sha256 = template.value(&format!("SELECT sha256 FROM intake_file WHERE name = '{name}'"));
            assert_eq!(told.iter().filter(|entry| entry["sha256"] == sha256.as_str()).count(), 1, "{call} {count}");
            if !was_killed {
                break;
            }
        }
    }
    assert!(killed > 10, "only {killed} runs were killed");
    template.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_file_that_cannot_be_removed_is_told_and_the_others_go() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.import("second.csv", &row("K-second", "Avery Canary")).done();
    site.clock("2026-06-30T09:00:00-04:00");
    let ran = strace(&site, "inject=unlinkat:error=EACCES:when=1");
    assert_eq!(ran.code, 1, "{}", ran.text());
    assert!(ran.text().contains("cannot remove") && ran.text().contains("mend the rights"), "{}", ran.text());
    assert!(site.path("requests.csv").exists() && !site.path("second.csv").exists());
    assert_eq!(entries(&site, "import.removed").len(), 2, "the control file and the second");
    site.run(&["retention"]).expect(0);
    assert!(!site.path("requests.csv").exists());
}

/// Runs retention under strace, which kills it on the way into the call; whether it came there.
fn kill(site: &TestSite, call: &str, count: u32) -> bool {
    strace(site, &format!("inject={call}:signal=KILL:when={count}")).code > 1
}

/// Runs retention under strace, which does this to it.
fn strace(site: &TestSite, inject: &str) -> Ran {
    let (config, now) = (site.path("letterpost.toml"), site.now());
    // A shell says of a program that was killed how it ended; without it, the limit of time would be taken for killed.
    let strace = ["-c", "strace \"$@\"; exit $?", "strace", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let program = [env!("CARGO_BIN_EXE_letterpost"), "--config", config.to_str().unwrap(), "retention"];
    let surroundings = [("LETTERPOST_SIMULATED_NOW", now.as_str()), ("LETTERPOST_SIMULATED_SEED", "77")];
    run_limited("sh", &[&strace[..], &program].concat(), &surroundings, "")
}
