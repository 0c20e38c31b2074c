//! `template check`: what fits, what is held, and what each mistake is told as.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::nightly::{Ran, TestSite, run_limited};

const NOW: &str = "2026-03-02T22:30:00-05:00";

/// A site with a folder for templates of its own.
fn site() -> TestSite {
    let site = TestSite::before_the_night(NOW);
    site.configure("# templates = \"templates\"", "templates = \"templates\"");
    fs::create_dir_all(site.path("templates/temporary-password")).unwrap();
    site
}

fn builtin(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name)).unwrap()
}

/// Puts a built-in template into the site's folder with one passage replaced.
#[track_caller]
fn edit(site: &TestSite, name: &str, passage: &str, with: &str) {
    let text = builtin(name);
    assert_eq!(text.matches(passage).count(), 1, "{passage}");
    fs::write(site.path("templates").join(name), text.replace(passage, with)).unwrap();
}

/// Checks, and demands that it fails with these words in the row of this form.
#[track_caller]
fn refused(site: &TestSite, form: &str, words: &[&str]) -> Ran {
    let ran = site.run(&["template", "check"]).expect(2);
    let row = ran.stdout.lines().find(|line| line.contains(form) && line.contains("FAILS"));
    let row = row.unwrap_or_else(|| panic!("no row of {form} fails: {}", ran.text()));
    for word in words {
        assert!(row.contains(word), "{word}: {row}");
    }
    assert!(ran.stdout.contains("no version"), "{}", ran.text());
    ran
}

fn verdicts(checked: &Value, sample: &str) -> Vec<String> {
    let proofs = checked["proofs"].as_array().unwrap().iter();
    proofs
        .filter(|proof| proof["sample"] == sample)
        .map(|proof| proof["verdict"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_built_in_letter_fits_and_holds_what_no_window_shows() {
    let site = TestSite::before_the_night(NOW);
    let checked = site.json(&["template", "check"]);
    for sample in ["usual", "other letters", "military post", "Puerto Rico", "abroad", "as long as fits"] {
        assert_eq!(verdicts(&checked, sample), ["fits"; 4], "{sample}");
    }
    for sample in ["longest", "no font"] {
        assert_eq!(verdicts(&checked, sample), ["held"; 4], "{sample}");
    }
    assert_eq!((&checked["fits"], &checked["held"], &checked["fails"]), (&24.into(), &8.into(), &0.into()));
    let pages: Vec<_> = checked["proofs"].as_array().unwrap().iter().filter(|proof| proof["pages"] != 0).collect();
    assert!(pages.iter().all(|proof| proof["pages"] == if proof["format"] == "standard" { 1 } else { 2 }));
    let text = site.run(&["template", "check"]).expect(0).stdout;
    assert!(text.contains("held: full_name: ") && text.contains("24 fit, 8 held, 0 fail"), "{text}");
    assert!(text.contains("not approved (needed only on a live site)"), "{text}");
    let version = checked["template_version"].as_str().unwrap();
    assert!(version.len() == 64 && text.contains(&version[..16]), "{text}");
}

#[test]
fn without_a_site_the_built_in_letter_is_checked_and_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_letterpost");
    let script = format!("cd {} && {binary} template check && {binary} template preview", folder.path().display());
    let ran = run_limited("sh", &["-c", &script], &[], "").expect(0);
    assert_eq!(ran.stderr.matches("built-in letter of an invented agency").count(), 2, "{}", ran.text());
    assert!(folder.path().join("letter-en-standard-1.png").exists());
    for named in [["--config", "none.toml", "template", "check"], ["template", "check", "--config", "letterpost.toml"]]
    {
        let script = format!("cd {} && {binary} {}", folder.path().display(), named.join(" "));
        let ran = run_limited("sh", &["-c", &script], &[], "").expect(2);
        assert!(ran.stderr.contains("cannot read"), "a file that was named must be there: {}", ran.text());
    }
}

#[test]
fn a_variable_that_is_not_defined() {
    let site = site();
    edit(&site, "temporary-password/es.md", "{{ letterhead.sign_in_address }}", "{{ letterhead.sign_in_adress }}");
    let ran = refused(&site, "es standard", &["temporary-password/es.md", "sign_in_adress", "docs/templates.md"]);
    assert!(ran.stdout.contains("es large-print"), "each form is told: {}", ran.text());
    assert!(!ran.stdout.contains(" en "), "the others are not at fault: {}", ran.text());
}

#[test]
fn every_template_at_fault_is_told_at_once() {
    let site = site();
    edit(&site, "temporary-password/en.md", "{{ letterhead.sign_in_address }}", "{{ letterhead.sign_in_adress }}");
    let spanish = builtin("temporary-password/es.md").replace("```note", "> quoted\n\n```note");
    fs::write(site.path("templates/temporary-password/es.md"), spanish).unwrap();
    refused(&site, "en standard", &["temporary-password/en.md"]);
    refused(&site, "es large-print", &["temporary-password/es.md"]);
}

#[test]
fn syntax_that_cannot_be_read() {
    let site = site();
    edit(&site, "temporary-password/en.md", "{{ slot.made_on }}", "{{ slot.made_on }");
    refused(&site, "the form itself", &["temporary-password/en.md"]);
}

#[test]
fn a_letter_of_too_many_pages() {
    let site = site();
    edit(
        &site,
        "temporary-password/en.md",
        "6. Choose **Next** again.",
        &"6. Choose **Next** again, and wait.\n".repeat(40),
    );
    refused(&site, "en standard", &["temporary-password/en.md", "2 pages", "1 is the limit", "shorten"]);
    refused(&site, "en large-print", &["temporary-password/en.md", "3 is the limit"]);
}

#[test]
fn a_letterhead_that_reaches_into_the_window() {
    let site = site();
    site.configure(
        "return_address = [\"PO Box 100\", \"Springfield, NY 12345\"]",
        "return_address = [\"A\", \"B\", \"C\", \"D\", \"E\", \"F\", \"G\", \"H\", \"I\", \"J\"]",
    );
    refused(&site, "en standard", &["temporary-password/en.md", "the envelope's window", "shorten the return address"]);
}

#[test]
fn a_character_that_no_font_has() {
    let site = site();
    edit(&site, "temporary-password/en.md", "# Your temporary password", "# Your temporary password 密码");
    refused(&site, "en standard", &["temporary-password/en.md", "U+5BC6"]);
    site.configure("agency = \"Example Benefits Agency\"", "agency = \"例\"");
    fs::remove_file(site.path("templates/temporary-password/en.md")).unwrap();
    refused(&site, "the form itself", &["letterhead: agency", "U+4F8B", "configuration"]);
}

#[test]
fn a_template_or_a_folder_that_is_missing() {
    let site = site();
    edit(&site, "temporary-password/en.md", "{% include \"letterhead.md\" %}", "{% include \"_parts/head.md\" %}");
    refused(&site, "the form itself", &["_parts/head.md", "temporary-password/en.md"]);
    fs::create_dir(site.path("templates/_parts")).unwrap();
    fs::write(site.path("templates/_parts/head.md"), builtin("letterhead.md")).unwrap();
    site.run(&["template", "check"]).expect(0);
    fs::rename(site.path("templates"), site.path("elsewhere")).unwrap();
    let ran = site.run(&["template", "check"]).expect(2);
    assert!(ran.stderr.contains("templates") && ran.stderr.contains("[folders]"), "{}", ran.text());
}

#[test]
fn a_template_under_a_wrong_name_is_not_passed_over() {
    let site = site();
    fs::write(site.path("templates/temporary-password/sp.md"), builtin("temporary-password/es.md")).unwrap();
    let ran = site.run(&["template", "check"]).expect(2);
    assert!(ran.stderr.contains("temporary-password/sp.md") && ran.stderr.contains("es.md"), "{}", ran.text());
    fs::rename(site.path("templates/temporary-password/sp.md"), site.path("templates/leterhead.md")).unwrap();
    let ran = site.run(&["template", "check"]).expect(2);
    assert!(ran.stderr.contains("'leterhead.md' is included by no other"), "{}", ran.text());
}

#[test]
fn a_text_for_one_format_is_used_for_that_format_alone() {
    let site = site();
    let path = site.path("templates/temporary-password/en.large-print.md");
    fs::write(path, builtin("temporary-password/en.md").replace("{{ slot.password }}\nUse", "Use")).unwrap();
    let ran = refused(&site, "en large-print", &["temporary-password/en.large-print.md", "slot.password"]);
    assert!(!ran.stdout.contains("en standard"), "{}", ran.text());
}

#[test]
fn an_envelope_in_which_the_usual_address_does_not_show() {
    let site = site();
    site.configure("# window_width = 4.5", "window_width = 3");
    let ran = site.run(&["template", "check"]).expect(2);
    assert!(ran.stdout.contains("FAILS") && ran.stdout.contains("larger window"), "{}", ran.text());
}
