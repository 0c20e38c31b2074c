//! Simulated time reaches no ledger but a rehearsal's, and a ledger never changes from one to the other.

use std::fs;
use std::path::PathBuf;

use crate::nightly::{Ran, run_limited};

const NOW: &str = "2026-03-02T09:00:00-05:00";
const MADE_FOR_IT: [(&str, &str); 2] = [("# rehearsal = false", "rehearsal = true"), ("rehearsal = true", "# not set")];

/// A site as `init` makes it, with its own certificate in the place of a vendor's, worked under the machine's clock.
struct NewSite(tempfile::TempDir);

impl NewSite {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let folder = site.path("").display().to_string();
        run_limited(env!("CARGO_BIN_EXE_letterpost"), &["init", &folder], &[], "").expect(0);
        fs::copy(site.path("keys/site.pub.asc"), site.path("keys/acme.asc")).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("site").join(name)
    }

    #[track_caller]
    fn configure(&self, (line, by): (&str, &str)) {
        let text = fs::read_to_string(self.path("letterpost.toml")).unwrap();
        assert_eq!(text.matches(&format!("\n{line}\n")).count(), 1, "{line}");
        fs::write(self.path("letterpost.toml"), text.replace(&format!("\n{line}\n"), &format!("\n{by}\n"))).unwrap();
    }

    fn run(&self, words: &[&str], surroundings: &[(&str, &str)]) -> Ran {
        let config = self.path("letterpost.toml").display().to_string();
        let all = [&["--config", config.as_str()], words].concat();
        run_limited(env!("CARGO_BIN_EXE_letterpost"), &all, surroundings, "")
    }

    /// Something is recorded: who approved the letter.
    fn approve(&self, words: &[&str]) -> Ran {
        self.run(&[words, &["template", "approve", "--by", "Robin Sample"]].concat(), &[])
    }
}

#[test]
fn simulated_time_is_refused_where_the_site_is_no_rehearsal() {
    let site = NewSite::new();
    let refused = |words: &[&str], surroundings: &[(&str, &str)]| {
        let ran = site.run(words, surroundings).expect(2);
        for said in ["is not of a rehearsal", "leave them out", "rehearsal = true under [site]"] {
            assert!(ran.stderr.contains(said), "{}", ran.text());
        }
    };
    refused(&["--now", NOW, "request", "list"], &[]);
    refused(&["request", "list", "--now", NOW], &[]);
    refused(&["request", "list"], &[("LETTERPOST_SIMULATED_NOW", NOW)]);
    refused(&["request", "list"], &[("LETTERPOST_SIMULATED_SEED", "1")]);
    site.run(&["request", "list"], &[]).expect(0);
    let unread = site.run(&["--now", "tomorrow", "request", "list"], &[]).expect(2);
    assert!(unread.stderr.contains("write an instant as 2026-12-01T22:30:00-05:00"), "{}", unread.text());
}

#[test]
fn a_ledger_that_has_records_never_becomes_a_rehearsals() {
    let site = NewSite::new();
    site.approve(&[]).expect(0);
    site.configure(MADE_FOR_IT[0]);
    for words in [&["--now", NOW, "request", "list"][..], &["request", "list"]] {
        let refused = site.run(words, &[]).expect(2);
        assert!(refused.stderr.contains("the ledger is no rehearsal's"), "{}", refused.text());
        assert!(refused.stderr.contains("take rehearsal = true out of [site]"), "{}", refused.text());
    }
    site.configure(MADE_FOR_IT[1]);
    site.run(&["request", "list"], &[]).expect(0);
}

#[test]
fn a_rehearsals_ledger_never_becomes_a_real_one() {
    let site = NewSite::new();
    site.configure(MADE_FOR_IT[0]);
    site.approve(&["--now", NOW]).expect(0);
    site.configure(MADE_FOR_IT[1]);
    let refused = site.run(&["request", "list"], &[]).expect(2);
    assert!(refused.stderr.contains("the ledger is a rehearsal's"), "{}", refused.text());
    site.configure(("# not set", "rehearsal = true"));
    site.run(&["--now", NOW, "request", "list"], &[]).expect(0);
}

#[test]
fn the_command_line_goes_before_the_environment() {
    let site = NewSite::new();
    site.configure(MADE_FOR_IT[0]);
    let jobs = |words: &[&str]| site.run(words, &[("LETTERPOST_SIMULATED_NOW", NOW)]).expect(0).stdout;
    let under_the_environment = jobs(&["jobs", "--next", "1"]);
    assert!(under_the_environment.contains("2026-03-02"), "{under_the_environment}");
    let as_typed = jobs(&["--now", "2026-05-04T09:00:00-04:00", "jobs", "--next", "1"]);
    assert!(as_typed.contains("2026-05-04"), "{as_typed}");
}
