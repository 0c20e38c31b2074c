//! `template approve`: a live site mints nothing for a letter that nobody stands for.
//!
//! A live site is no rehearsal and has no simulated clock, so these commands run under the system's; nothing here looks at a date.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::nightly::{Ran, TestSite, run_limited};

/// A live site without requests: made by `init`, with the key of another as its vendor's.
struct LiveSite(tempfile::TempDir);

impl LiveSite {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let folder = |name: &str| site.0.path().join(name).display().to_string();
        for name in ["site", "vendor"] {
            run_limited(env!("CARGO_BIN_EXE_letterpost"), &["init", &folder(name)], &[], "").expect(0);
        }
        fs::copy(site.0.path().join("vendor/keys/site.pub.asc"), site.path("keys/acme.asc")).unwrap();
        fs::create_dir_all(site.path("templates/temporary-password")).unwrap();
        site.configure("environment = \"test\"", "environment = \"live\"");
        site.configure("mailer_id = \"567094\"", "mailer_id = \"123456\"");
        site.configure("# vouched_to = 2027-12-31", "vouched_to = 2099-12-31");
        site.configure("# templates = \"templates\"", "templates = \"templates\"");
        // A live site has a copy of its checkpoints out of its own reach.
        let sink = "[[audit.sink]]\ncode = \"far\"\nkind = \"command\"\ncommand = [\"true\"]\nkept_by = \"a log host\"";
        site.configure("\n[audit]\n", &format!("\n[audit]\n{sink}\n"));
        site
    }

    fn path(&self, relative: &str) -> std::path::PathBuf {
        self.0.path().join("site").join(relative)
    }

    #[track_caller]
    fn configure(&self, line: &str, with: &str) {
        let path = self.path("letterpost.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(line).count(), 1, "{line}");
        fs::write(path, text.replace(line, with)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let config = self.path("letterpost.toml").display().to_string();
        let mut all = vec!["--config", config.as_str()];
        all.extend(arguments);
        run_limited(env!("CARGO_BIN_EXE_letterpost"), &all, &[], "")
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        self.run(&all).expect(0).json()
    }

    /// The production run refuses to begin, and says what to do.
    #[track_caller]
    fn refuses(&self) {
        let ran = self.run(&["produce"]).expect(2);
        assert!(ran.stderr.contains("nothing was minted"), "{}", ran.text());
        assert!(ran.stderr.contains("letterpost template approve --by NAME"), "{}", ran.text());
        let doctor = self.run(&["doctor"]).expect(2);
        let row = doctor.stdout.lines().find(|line| line.contains("templates and fonts")).unwrap().to_owned();
        assert!(row.contains("bad") && row.contains("nobody has approved it"), "{row}");
    }

    #[track_caller]
    fn accepts(&self) {
        self.run(&["produce"]).expect(0);
        let doctor = self.run(&["doctor"]).expect(0);
        let row = doctor.stdout.lines().find(|line| line.contains("templates and fonts")).unwrap().to_owned();
        assert!(row.contains("good") && row.contains("approved by Robin Sample"), "{row}");
    }
}

fn builtin(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name)).unwrap()
}

const APPROVE: [&str; 6] = ["template", "approve", "--by", "Robin Sample", "--reason", "looked at every page"];

#[test]
fn a_live_site_mints_only_what_somebody_approved() {
    let site = LiveSite::new();
    site.refuses();
    // A rehearsal of the approval approves nothing.
    let mut rehearsed = APPROVE.to_vec();
    rehearsed.push("--dry-run");
    let would = site.json(&rehearsed);
    assert_eq!(would["changed"].as_array().unwrap().len(), 6, "three templates, letterhead, envelope, fonts: {would}");
    site.refuses();
    let approved = site.json(&APPROVE);
    assert_eq!(approved["version"], would["version"]);
    site.accepts();
    let checked = site.json(&["template", "check"]);
    assert_eq!(checked["template_version"], approved["version"]);
    assert_eq!(checked["approval"]["approved_by"], "Robin Sample");
    assert_eq!(checked["approval"]["reason"], "looked at every page");
    // The same again records nothing.
    let log = site.json(&["audit", "verify"])["entries"].clone();
    assert_eq!(site.json(&APPROVE)["before"], true);
    assert_eq!(site.json(&["audit", "verify"])["entries"], log);
}

#[test]
fn an_edit_of_template_letterhead_or_envelope_needs_a_new_approval() {
    let site = LiveSite::new();
    site.json(&APPROVE);
    site.accepts();
    let english = "temporary-password/en.md";
    fs::write(site.path("templates").join(english), builtin(english).replace("Need help?", "Any questions?")).unwrap();
    site.refuses();
    let text = site.run(&["template", "check"]).expect(0).stdout;
    assert!(text.contains("not approved; the last approval was of version"), "{text}");
    assert_eq!(site.json(&APPROVE)["changed"], serde_json::json!([english]));
    site.accepts();
    site.configure("help_phone = \"1-800-555-0142\"", "help_phone = \"1-800-555-0199\"");
    site.refuses();
    assert_eq!(site.json(&APPROVE)["changed"], serde_json::json!(["[letterhead]"]));
    site.configure("# first_fold = 4", "first_fold = 3.9");
    site.refuses();
    assert_eq!(site.json(&APPROVE)["changed"], serde_json::json!(["[envelope]"]));
    site.accepts();
    // What was approved once stays so: putting the text back needs nobody.
    site.configure("first_fold = 3.9", "# first_fold = 4");
    site.accepts();
}

#[test]
fn a_letter_that_fails_is_not_approved() {
    let site = LiveSite::new();
    let english = "temporary-password/en.md";
    let wrong = builtin(english).replace("slot.made_on", "slot.made_at");
    fs::write(site.path("templates").join(english), wrong).unwrap();
    let ran = site.run(&APPROVE).expect(2);
    assert!(ran.stderr.contains("nothing was approved") && ran.stderr.contains(english), "{}", ran.text());
    fs::remove_file(site.path("templates").join(english)).unwrap();
    site.refuses();
}

#[test]
fn an_approval_has_a_person_and_an_entry_in_the_log() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    for nobody in ["", "  ", "a\nb"] {
        let ran = site.run(&["template", "approve", "--by", nobody]).expect(2);
        assert!(ran.stderr.contains("--by must be a person's name"), "{}", ran.text());
    }
    let doctor = site.run(&["doctor"]).expect(0).stdout;
    assert!(doctor.contains("not approved (needed only on a live site)"), "{doctor}");
    let approved = site.json(&APPROVE);
    let entry: Value =
        serde_json::from_str(&site.value("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq DESC LIMIT 1"))
            .unwrap();
    assert_eq!(entry["kind"], "template.approved");
    assert_eq!(entry["data"]["version"], approved["version"]);
    assert_eq!(entry["data"]["by"], "Robin Sample");
    assert_eq!(entry["data"]["reason"], "looked at every page");
    // A second pair of eyes is an approval of its own.
    assert_eq!(site.json(&["template", "approve", "--by", "Sam Second"])["before"], false);
    assert_eq!(site.value("SELECT count(*) FROM template_approval"), "2");
    site.run(&["audit", "verify"]).expect(0);
}
