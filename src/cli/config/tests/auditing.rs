//! Sinks of checkpoints, and the authority of time stamps.

use std::path::Path;
use std::time::Duration;

use super::{LEAST, SAMPLE};
use crate::cli::config::{AuditSection, Config, SinkKind, SinkPlace, SinkSection, TimestampSection};

fn read(section: &str) -> Result<AuditSection, String> {
    let config = Config::from_toml(&format!("{LEAST}{section}\n"));
    config.map(|config| config.audit).map_err(|error| error.to_string())
}

#[test]
fn the_samples_lines_make_a_sink_of_each_kind_and_an_authority() {
    let text: Vec<&str> = SAMPLE
        .lines()
        .skip_while(|line| *line != "[audit]")
        .take_while(|line| !line.starts_with("[alerts]"))
        .filter_map(|line| line.strip_prefix("#   "))
        .collect();
    let audit = read(&text.join("\n")).unwrap().at(Path::new("/srv/eba"));
    let kinds: Vec<SinkKind> = audit.sinks.iter().map(SinkSection::kind).collect();
    assert_eq!(kinds, [SinkKind::File, SinkKind::Folder, SinkKind::Command]);
    let command = ["ssh", "-o", "BatchMode=yes", "checkpoints@log.agency.example"].map(str::to_owned).to_vec();
    assert_eq!(audit.sinks[2].place, SinkPlace::Command(command, Duration::from_secs(30)));
    assert_eq!(audit.sinks[0].kept_by, None);
    assert_eq!(audit.sinks[1].kept_by.as_deref(), Some("the storage team's write-once share"));
    let TimestampSection { command, folder, deadline } = audit.timestamp.unwrap();
    assert_eq!((command[0].as_str(), command.len()), ("curl", 11));
    assert_eq!((folder.as_path(), deadline), (Path::new("/srv/eba/audit/timestamps"), Duration::from_secs(30)));
}

#[test]
fn paths_begin_at_the_folder_of_the_configuration() {
    let audit = read("[[audit.sink]]\ncode = \"near\"\nkind = \"folder\"\npath = \"notes\"").unwrap();
    assert_eq!(audit.at(Path::new("/srv/eba")).sinks[0].place, SinkPlace::Folder("/srv/eba/notes".into()));
}

#[test]
fn what_cannot_be_is_refused_with_what_to_write() {
    let sink = |lines: &str| read(&format!("[[audit.sink]]\ncode = \"kept\"\n{lines}")).unwrap_err();
    for (lines, expected) in [
        (
            "kind = \"pipe\"",
            "line 25: [[audit.sink]] kept kind is \"pipe\"; write \"file\" or \"folder\" or \"command\"",
        ),
        (
            "kind = \"file\"",
            "line 23: [[audit.sink]] kept path is missing; write the path of a file between quotes; it may begin at the folder \
             of this configuration",
        ),
        (
            "kind = \"command\"\ncommand = \"logger\"",
            "line 26: [[audit.sink]] kept command is \"logger\"; write a list: the program and its arguments, each between quotes",
        ),
        (
            "kind = \"command\"\ncommand = [\"logger\"]\ndeadline_seconds = 601",
            "line 27: [[audit.sink]] kept deadline_seconds is 601; write a whole number from 1 to 600, without quotes",
        ),
        (
            "kind = \"command\"\ncommand = [\"logger\"]\npath = \"x\"",
            "line 27: [[audit.sink]] kept path belongs to kind = \"file\" or \"folder\"; remove it, or set that kind",
        ),
        (
            "kind = \"file\"\npath = \"x\"\ndeadline_seconds = 3",
            "line 27: [[audit.sink]] kept deadline_seconds belongs to kind = \"command\"; remove it, or set that kind",
        ),
        (
            "kind = \"file\"\npath = \"audit/heads.log\"",
            "line 26: [[audit.sink]] kept path is \"audit/heads.log\"; checkpoints go there already; name another place, on \
             another disk or machine",
        ),
        (
            "kind = \"file\"\npath = \"x\"\nkeptby = \"y\"",
            "line 27: unknown key 'keptby' in [[audit.sink]] kept; did you mean 'kept_by'?",
        ),
        (
            "kind = \"file\"\npath = \"x\"\n[[audit.sink]]\ncode = \"kept\"\nkind = \"file\"\npath = \"y\"",
            "line 28: [[audit.sink]] kept code is \"kept\"; another [[audit.sink]] has this code already; give each its own",
        ),
    ] {
        assert_eq!(sink(lines), expected);
    }
    assert_eq!(
        read("[audit.timestamp]\nfolder = \"stamps\"").unwrap_err(),
        "line 23: [audit] timestamp command is missing; write a list: the program and its arguments, each between quotes"
    );
    let single = read("[audit]\nsink = { code = \"kept\" }").unwrap_err();
    assert!(
        single.ends_with("[audit.sink] is written once for each: put it in double brackets, [[audit.sink]]"),
        "{single}"
    );
}
