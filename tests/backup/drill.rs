//! The drill of the guide, command by command as it is written there.

use std::fs;

use crate::nightly::TestSite;
use crate::older::{TwoNights, files};

const GUIDE: &str = include_str!("../../docs/operations.md");

/// The commands of the drill's table, in order, without the program's name.
fn steps(backup: &str) -> Vec<Vec<String>> {
    let drill = GUIDE.split_once("## Backups, and the drill").unwrap().1.split_once("\n## ").unwrap().0;
    let rows = drill.lines().filter(|line| line.starts_with("| ") && line.contains(". "));
    let commands = rows.filter_map(|row| row.split('|').nth(2)?.trim().strip_prefix("`letterpost ")?.strip_suffix('`'));
    commands.map(|typed| typed.replace("FILE", backup).split(' ').map(str::to_owned).collect()).collect()
}

fn play(site: &TestSite, backup: &str) -> Vec<(String, i32)> {
    let run = |words: Vec<String>| {
        let ran = site.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        (words[..2.min(words.len())].join(" "), ran.code)
    };
    steps(backup).into_iter().map(run).collect()
}

fn ends(played: &[(String, i32)]) -> Vec<(&str, i32)> {
    played.iter().map(|(words, code)| (words.as_str(), *code)).collect()
}

#[test]
fn the_newest_backup_passes_every_step() {
    let nights = TwoNights::new();
    let site = &nights.site;
    let newest = site.path("newest.db").display().to_string();
    site.run(&["ledger", "backup", "--to", &newest]).expect(0);
    let inbox = files(&site.path("vendor/inbox"));
    let played = play(site, &newest);
    let expected =
        [("ledger restore", 0), ("ledger restore", 0), ("audit verify", 0), ("doctor", 0), ("run nightly", 0)];
    assert_eq!(ends(&played), expected);
    assert_eq!(files(&site.path("vendor/inbox")), inbox, "nothing is sent twice");
}

#[test]
fn yesterdays_backup_is_found_out_at_each_step_and_mints_nothing() {
    let nights = TwoNights::new();
    let inbox = files(&nights.site.path("vendor/inbox"));
    let letters = nights.site.json(&["letter", "list"]);
    let played = play(&nights.site, &nights.backup);
    let expected =
        [("ledger restore", 1), ("ledger restore", 1), ("audit verify", 4), ("doctor", 4), ("run nightly", 4)];
    assert_eq!(ends(&played), expected);
    assert_eq!(files(&nights.site.path("vendor/inbox")), inbox);
    // The way back is the way there: the ledger that was kept is a file like any other.
    let kept = fs::read_dir(nights.site.path("")).unwrap().map(|file| file.unwrap().path());
    let kept = kept.into_iter().find(|path| path.to_str().unwrap().contains(".replaced-")).unwrap();
    nights.site.run(&["ledger", "restore", kept.to_str().unwrap()]).expect(0);
    assert!(nights.site.json(&["letter", "list"]) == letters, "nothing is lost");
    nights.site.night();
}
