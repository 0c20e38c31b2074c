//! What a sink may do wrong: no room, no end, no answer, a look at what is none of its business.

use std::fs;

use crate::nightly::run_limited;
use crate::{checkpoint, script, site_with, told};

fn command(line: &str, deadline_seconds: u32) -> String {
    format!(
        "[[audit.sink]]\ncode = \"far\"\nkind = \"command\"\ncommand = {line}\ndeadline_seconds = {deadline_seconds}"
    )
}

#[test]
fn a_disk_without_room_is_told_and_stops_nothing() {
    let site = site_with("[[audit.sink]]\ncode = \"full\"\nkind = \"file\"\npath = \"/dev/full\"");
    let ran = checkpoint(&site).expect(0);
    let told = told(&ran, "sink full");
    assert!(told[0].contains("cannot add to /dev/full: No space left on device"), "{told:?}");
    assert!(told[0].contains("make room there; it lacks 1 checkpoint"), "{told:?}");
    assert!(site.night().text().contains("completed"));
}

#[test]
fn a_command_that_hangs_is_stopped_with_its_children() {
    let site = site_with("");
    let line = script(&site, "hang.sh", "sleep 3600 & echo $! >child; wait");
    crate::add(&site, &command(&line, 1));
    let ran = checkpoint(&site).expect(0);
    let told = told(&ran, "sink far");
    assert!(told[0].contains("took longer than 1 seconds and was stopped, with what it had started"), "{told:?}");
    if let Ok(child) = fs::read_to_string(site.path("child")) {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "process {child} lives");
    }
}

#[test]
fn a_command_that_dies_or_is_not_there_is_told() {
    let site = site_with("");
    let line = script(&site, "die.sh", "kill -9 $$");
    crate::add(&site, &command(&line, 30));
    assert!(told(&checkpoint(&site).expect(0), "sink far")[0].contains("failed (signal: 9 (SIGKILL))"));
    fs::remove_file(site.path("die.sh")).unwrap();
    let told = told(&checkpoint(&site).expect(0), "sink far");
    assert!(told[0].contains("cannot be run: No such file or directory"), "{told:?}");
    assert!(told[0].contains("it lacks 2 checkpoints"), "{told:?}");
}

#[test]
fn a_command_sees_no_passphrase() {
    let site = site_with("");
    let line = script(
        &site,
        "look.sh",
        "cat >/dev/null; echo \"${LETTERPOST_SITE_KEY_PASSPHRASE-none} $OTHER_OF_A_TEST\" >seen",
    );
    crate::add(&site, &command(&line, 30));
    crate::grow(&site);
    let (config, now) = (site.path("letterpost.toml"), site.now());
    let surroundings = [
        ("LETTERPOST_SIMULATED_NOW", now.as_str()),
        ("LETTERPOST_SITE_KEY_PASSPHRASE", "a secret"),
        ("OTHER_OF_A_TEST", "other"),
    ];
    let arguments = ["--config", config.to_str().unwrap(), "checkpoint"];
    run_limited(env!("CARGO_BIN_EXE_letterpost"), &arguments, &surroundings, "").expect(0);
    assert_eq!(fs::read_to_string(site.path("seen")).unwrap(), "none other\n");
}

#[test]
fn what_a_command_says_is_not_for_the_log() {
    let site = site_with("");
    let line = script(&site, "say.sh", "echo the words of a program >&2; exit 1");
    crate::add(&site, &command(&line, 30));
    crate::grow(&site);
    let ran = site.run(&["--log", "json", "checkpoint"]).expect(0);
    assert!(ran.stderr.contains("\"sink far\""), "{}", ran.stderr);
    assert!(!ran.stderr.contains("the words of a program"), "{}", ran.stderr);
}
