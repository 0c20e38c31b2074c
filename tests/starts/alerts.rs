//! The site's own commands are told how a start ended, and change nothing.

use std::fs;

use serde_json::Value;

use super::night::{Ended, NightSite};
use super::{LETTERS_A_PACKAGE, has_worked, runs};

/// Writes a script into the site's folder and gives the line of the configuration that calls it.
fn hook(site: &NightSite, key: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = site.path(&format!("{key}.sh"));
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{key} = [\"{}\", \"an argument\"]", path.display())
}

fn site_with(key: &str, script: &str, more: &str) -> NightSite {
    let site = NightSite::with_requests(2, LETTERS_A_PACKAGE, 64);
    let line = hook(&site, key, script);
    site.configure("[alerts]", &format!("[alerts]\n{line}\n{more}"));
    site
}

fn night_without_inbox(site: &NightSite) -> Ended {
    fs::rename(site.path("vendor/inbox"), site.path("vendor/unmounted")).unwrap();
    site.run(&["--json", "run", "nightly"])
}

#[tokio::test]
async fn an_alarm_gets_the_report_and_no_passphrase() {
    let script = "cat >report.json; echo \"$1 $LETTERPOST_JOB $LETTERPOST_RUN $LETTERPOST_EXIT\" >facts\n\
                  echo \"${LETTERPOST_SITE_KEY_PASSPHRASE-none}\" >>facts; echo to nobody";
    let site = site_with("on_alarm", &format!("cd \"$(dirname \"$0\")\"\n{script}"), "");
    let ended = night_without_inbox(&site);
    assert_eq!(ended.exit, Some(1), "{ended:?}");
    assert_eq!(fs::read_to_string(site.path("facts")).unwrap(), "an argument nightly 2026-11-20T22:30 3\nnone\n");
    let told: Value = serde_json::from_str(&fs::read_to_string(site.path("report.json")).unwrap()).unwrap();
    let shown: Value = serde_json::from_str(&ended.told).expect("what the command writes is no data of ours");
    assert_eq!(told, shown, "it is what run --json shows");
    assert_eq!(told[0]["status"], "unfinished");
}

#[tokio::test]
async fn a_night_that_cannot_begin_is_told_too() {
    let site = site_with("on_alarm", "cat >\"$(dirname \"$0\")/report.json\"", "");
    fs::rename(site.path("keys/pepper"), site.path("keys/pepper.away")).unwrap();
    let ended = site.run(&["--json", "run", "nightly"]);
    assert_eq!(ended.exit, Some(2), "{ended:?}");
    let told: Value = serde_json::from_str(&fs::read_to_string(site.path("report.json")).unwrap()).unwrap();
    assert_eq!(told, serde_json::from_str::<Value>(&ended.told).unwrap());
    assert_eq!(told[0]["status"], "failed");
    assert!(told[0]["failure"].as_str().unwrap().contains("pepper"), "{told}");
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_and_the_night_stays_done() {
    let script = "echo $$ >\"$(dirname \"$0\")/pid\"; exec sleep 3600";
    let site = site_with("on_success", script, "deadline_seconds = 1");
    let ended = site.run(&["run", "nightly"]);
    assert!(has_worked(&ended), "{ended:?}");
    assert!(ended.said.contains("took longer than 1 seconds and was stopped"), "{ended:?}");
    if let Ok(pid) = fs::read_to_string(site.path("pid")) {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "process {pid} lives: {stat}");
    }
    assert_eq!(runs(&site, "nightly").await[0].status, "completed");
}

#[tokio::test]
async fn a_command_that_fails_is_told_and_the_night_stays_done() {
    let site = site_with("on_success", "echo no route >&2; exit 7", "");
    let ended = site.run(&["run", "nightly"]);
    assert!(has_worked(&ended), "{ended:?}");
    assert!(ended.said.contains("failed (exit status: 7): no route; the run's own result stands"), "{ended:?}");
}
