//! The files that set the daemon up name commands that there are, and treat the exit statuses as the documents say.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use letterpost::cli::args::Cli;

fn deployed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deploy").join(name)).unwrap()
}

/// Every command line of the program in a file, whatever stands before and behind it.
fn commands(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let starts = lines.filter_map(|line| line.split_once("letterpost --config"));
    let words = starts.map(|(_, rest)| rest.split(" || ").next().unwrap().split(" & ").next().unwrap());
    words
        .map(|rest| {
            let typed = rest.replace("%i", "nightly");
            ["letterpost", "--config"].into_iter().chain(typed.split_whitespace()).map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn each_command_is_one() {
    let files =
        [("letterpost.service", 1), ("letterpost-run@.service", 1), ("letterpost.crontab", 3), ("cronjob.yaml", 1)];
    for (file, count) in files {
        let found = commands(&deployed(file));
        assert_eq!(found.len(), count, "{file}: {found:?}");
        for words in found {
            if let Err(error) = Cli::command().try_get_matches_from(&words) {
                panic!("{file}: {words:?}: {error}");
            }
        }
    }
}

#[test]
fn done_with_something_for_a_person_is_a_success_and_an_alarm_is_not_tried_again() {
    let run = deployed("letterpost-run@.service");
    assert!(run.contains("\nSuccessExitStatus=1\n") && run.contains("\nRestartPreventExitStatus=2 4\n"));
    assert!(deployed("letterpost.service").contains("\nRestartPreventExitStatus=2\n"));
    let crontab = deployed("letterpost.crontab");
    assert!(crontab.lines().filter(|line| line.contains(" run ")).all(|line| line.ends_with("|| [ $? -eq 1 ]")));
    let cronjob = deployed("cronjob.yaml");
    for part in
        ["concurrencyPolicy: Forbid", "values: [2, 4]", "[ \"$status\" -eq 1 ] && exit 0", "restartPolicy: Never"]
    {
        assert!(cronjob.contains(part), "{part}");
    }
}

#[test]
fn no_unit_lets_memory_reach_the_disk_or_gives_rights_away() {
    for file in ["letterpost.service", "letterpost-run@.service"] {
        let unit = deployed(file);
        for line in ["LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=true", "ProtectSystem=strict", "UMask=0077"] {
            assert!(unit.lines().any(|found| found == line), "{file}: {line}");
        }
    }
}
