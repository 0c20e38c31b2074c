//! Every sink gets every checkpoint, in order, whatever happens on the way.

use std::fs;

use crate::nightly::TestSite;
use crate::{checkpoint, doctor, in_folder, in_one_file, notes, one_file_each, script, site_with, told};

/// A site with a sink of each kind. The command fails while there is a file `down`.
fn site_with_three() -> TestSite {
    let site = site_with("");
    for folder in ["near", "shelf"] {
        fs::create_dir(site.path(folder)).unwrap();
    }
    let lines = "[ -e down ] && { echo no route to host >&2; exit 7; }; cat >>taken; echo >>taken; echo \"$LETTERPOST_CHECKPOINT \
                 $LETTERPOST_CHECKPOINT_SIZE\" >>names";
    let command = script(&site, "take.sh", lines);
    crate::add(
        &site,
        &format!(
            "[[audit.sink]]\ncode = \"near\"\nkind = \"file\"\npath = \"near/notes\"\n\
             [[audit.sink]]\ncode = \"shelf\"\nkind = \"folder\"\npath = \"shelf\"\n\
             [[audit.sink]]\ncode = \"far\"\nkind = \"command\"\ncommand = {command}\nkept_by = \"the log host\""
        ),
    );
    site
}

/// Takes all sinks away, or brings them back.
fn set_down(site: &TestSite, is_down: bool) {
    for folder in ["near", "shelf"] {
        let (here, away) = (site.path(folder), site.path(&format!("{folder}.away")));
        if is_down { fs::rename(here, away).unwrap() } else { fs::rename(away, here).unwrap() }
    }
    if is_down { fs::write(site.path("down"), "").unwrap() } else { fs::remove_file(site.path("down")).unwrap() }
}

#[track_caller]
fn assert_all_have_all(site: &TestSite) {
    assert_eq!(fs::read_to_string(site.path("near/notes")).unwrap(), in_one_file(site));
    assert_eq!(in_folder(&site.path("shelf")), one_file_each(site));
    assert_eq!(fs::read_to_string(site.path("taken")).unwrap(), in_one_file(site));
    let names: String = notes(site).iter().map(|(size, _)| format!("{size:012}.note {size}\n")).collect();
    assert_eq!(fs::read_to_string(site.path("names")).unwrap(), names);
}

#[test]
fn every_checkpoint_comes_once_and_in_order_across_nights_on_which_all_fail() {
    let site = site_with_three();
    assert_eq!(checkpoint(&site).expect(0).json()["did"]["sent_to_sinks"], 3);
    assert_all_have_all(&site);

    set_down(&site, true);
    for lacking in 1..=3 {
        let ran = checkpoint(&site).expect(0);
        let lack = if lacking == 1 {
            "lacks 1 checkpoint, of".to_owned()
        } else {
            format!("lacks {lacking} checkpoints, since")
        };
        for (code, why) in
            [("near", "make its folder, or mount it"), ("shelf", "make its folder"), ("far", "no route to host")]
        {
            let told = told(&ran, &format!("sink {code}"));
            assert_eq!(told.len(), 1, "{ran:?}");
            assert!(told[0].starts_with("note: ") && told[0].contains(why) && told[0].contains(&lack), "{told:?}");
        }
    }
    let night = site.night();
    assert!(night.text().contains("completed"), "a night is as done as without sinks: {}", night.text());
    let (finding, message, remedy) = doctor(&site, "checkpoints in sink far");
    assert_eq!(finding, "note");
    assert!(message.contains("lacks 4 checkpoints") && message.contains("no route to host"), "{message}");
    assert!(remedy.contains("letterpost checkpoint"), "{remedy}");

    set_down(&site, false);
    assert_eq!(checkpoint(&site).expect(0).json()["did"]["sent_to_sinks"], 3 * 5);
    assert_all_have_all(&site);
    assert_eq!(site.run(&["--json", "checkpoint"]).expect(0).json()["did"]["sent_to_sinks"], 0, "none twice");
    assert_all_have_all(&site);
    for code in ["near", "shelf", "far"] {
        let (finding, message, _) = doctor(&site, &format!("checkpoints in sink {code}"));
        assert_eq!(finding, "good");
        assert!(message.contains("it has had every checkpoint"), "{message}");
    }
}

#[test]
fn a_place_that_stays_away_is_a_persons_after_half_a_day() {
    let site = site_with_three();
    set_down(&site, true);
    checkpoint(&site).expect(0);
    site.clock("2026-03-03T03:00:00-05:00");
    assert_eq!(told(&site.run(&["--json", "checkpoint"]).expect(0), "sink near").len(), 1);
    let night = site.run(&["report", "night"]).expect(0).stdout;
    assert!(night.contains("sink far: it lacks 1 checkpoint, of 2026-03-02 20:00 UTC"), "{night}");
    assert!(!night.contains("(overdue)"), "{night}");
    site.clock("2026-03-03T03:00:01-05:00");
    let ran = site.run(&["--json", "checkpoint"]).expect(1);
    assert!(told(&ran, "sink near")[0].starts_with("person: "), "{ran:?}");
    let night = site.json(&["report", "night"]);
    let items: Vec<_> = night["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["headline"].as_str().unwrap().starts_with("sink "))
        .collect();
    assert_eq!(items.len(), 3, "{night}");
    assert!(items.iter().all(|it| it["is_overdue"] == true && it["group"] == "look"), "{items:?}");
    let far = night["sinks"].as_array().unwrap().iter().find(|sink| sink["code"] == "far").unwrap();
    assert_eq!(far["behind"], 1);
    let page = site.outside().join("night.html");
    site.run(&["report", "night", "--html", page.to_str().unwrap()]).expect(0);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("sink far") && !page.contains("no route to host"), "what a program said is for no page");
}

#[test]
fn a_place_that_has_what_the_ledger_forgot_gets_it_no_second_time() {
    let site = site_with_three();
    for _ in 0..3 {
        checkpoint(&site).expect(0);
    }
    // As after a crash between the sink and the ledger: the ledger knows of the first only.
    let first = notes(&site)[0].0;
    for code in ["near", "shelf"] {
        site.tamper(&format!("UPDATE checkpoint_sink SET has_size = {first} WHERE code = '{code}'"));
    }
    assert_eq!(site.run(&["--json", "checkpoint"]).expect(0).json()["did"]["sent_to_sinks"], 4);
    assert_all_have_all(&site);
}

#[test]
fn a_new_sink_gets_the_past_in_portions_and_a_dry_run_says_how_much() {
    let site = site_with("");
    for _ in 0..3 {
        checkpoint(&site).expect(0);
    }
    crate::add(&site, "[[audit.sink]]\ncode = \"late\"\nkind = \"file\"\npath = \"late\"");
    let plan = site.run(&["--json", "checkpoint", "--dry-run"]).expect(0).json();
    assert_eq!(plan["did"]["to_sink_late"], 3, "{plan}");
    assert!(!site.path("late").exists());
    site.run(&["checkpoint"]).expect(0);
    assert_eq!(fs::read_to_string(site.path("late")).unwrap(), in_one_file(&site));
}
