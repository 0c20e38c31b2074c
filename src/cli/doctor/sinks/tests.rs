use std::io;
use std::path::PathBuf;

use super::*;
use crate::stages::preflight::Finding;

fn plain() -> Account {
    Account { uid: 1000, powers: Vec::new() }
}

fn nothing_moves() -> io::Result<Option<PathBuf>> {
    Ok(None)
}

#[test]
fn only_an_append_only_file_that_the_account_cannot_get_round_is_out_of_reach() {
    let root = Account { uid: 0, powers: Vec::new() };
    let able = Account { uid: 1000, powers: vec!["CAP_LINUX_IMMUTABLE"] };
    let moves = || Ok(Some(PathBuf::from("/srv/site")));
    let unseen = || Err(io::ErrorKind::PermissionDenied.into());
    assert!(matches!(judge_file("/f", Flag::AppendOnly, &plain(), nothing_moves), Reach::Out(_)));
    for (found, told) in [
        (judge_file("/f", Flag::AppendOnly, &root, nothing_moves), "root, under which this works, can undo that"),
        (judge_file("/f", Flag::AppendOnly, &able, nothing_moves), "it has CAP_LINUX_IMMUTABLE"),
        (judge_file("/f", Flag::AppendOnly, &plain(), moves), "can move its folder /srv/site away"),
        (judge_file("/f", Flag::AppendOnly, &plain(), unseen), "cannot be looked at"),
        (judge_file("/f", Flag::None, &plain(), nothing_moves), "this account can rewrite /f"),
        (judge_file("/f", Flag::Unknown, &plain(), nothing_moves), "has no append-only files"),
        (judge_file("/f", Flag::Immutable, &plain(), nothing_moves), "nothing can be added"),
    ] {
        let Reach::In(why, remedy) = found else { panic!("{told}: {found:?}") };
        assert!(why.contains(told), "{why}");
        assert!(!remedy.is_empty());
    }
}

#[test]
fn a_folder_is_out_of_reach_when_all_but_its_newest_are_immutable() {
    let notes = |fixed: usize, waiting: usize| [vec![true; fixed], vec![false; waiting]].concat();
    assert_eq!(judge_folder(&notes(3, 0)).unwrap(), "immutable in all 3 checkpoints");
    assert_eq!(judge_folder(&notes(3, 60)).unwrap(), "immutable in all but the newest 60 of 63 checkpoints");
    assert!(judge_folder(&notes(3, 61)).is_err());
    assert!(judge_folder(&[]).is_err());
    assert!(judge_folder(&notes(0, 1)).is_err());
    // One that was put in the place of an older one.
    assert_eq!(judge_folder(&[true, false, true]).unwrap_err(), "only the first 1 of 3 checkpoints are immutable");
}

#[test]
fn what_the_operator_declares_is_shown_as_declared() {
    let sink = |kept_by: Option<&str>| SinkSection {
        code: "syslog".to_owned(),
        place: SinkPlace::Command(vec!["logger".to_owned()], std::time::Duration::from_secs(30)),
        kept_by: kept_by.map(str::to_owned),
    };
    let found = reach(&sink(None), &plain());
    assert!(matches!(found, Reach::In(..)), "{found:?}");
    assert_eq!(shown("syslog", &found).finding, Finding::Note);
    let declared = shown("syslog", &reach(&sink(Some("the log host")), &plain()));
    assert_eq!(declared.finding, Finding::Good);
    assert_eq!(declared.message, "kept by the log host: so it is declared, and not proven here");
}

#[test]
fn a_live_site_must_have_a_copy_out_of_reach_and_a_test_site_should() {
    let within = ("near".to_owned(), Reach::In("why".to_owned(), "what".to_owned()));
    let out = ("kept".to_owned(), Reach::Out("append-only".to_owned()));
    for (reached, is_live, finding) in [
        (vec![], true, Finding::Bad),
        (vec![], false, Finding::Note),
        (vec![within.clone()], true, Finding::Bad),
        (vec![within.clone()], false, Finding::Note),
        (vec![within, out], true, Finding::Good),
    ] {
        let checked = judge_all(&reached, is_live);
        assert_eq!(checked.finding, finding, "{reached:?}");
        assert_eq!(checked.remedy.contains("[[audit.sink]]"), finding != Finding::Good);
    }
}
