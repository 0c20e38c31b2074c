//! Returned letters: by what stands on the envelope, each judged by itself.

use std::fs;

use super::desk::{
    BO, CARMEN, GRACE, JOSE, PACKAGE, REFERENCE_OF_BO, REFERENCE_OF_GRACE, REFERENCE_OF_JOSE, SOREN, all_is_well,
    barcode, decide, letter, newest_entry, notices, passwords, refuse, request, site_on_tuesday, states,
};

#[test]
fn envelopes_that_came_back_are_found_by_what_stands_on_them() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    site.clock("2026-03-12T09:00:00-04:00");
    let [bo, jose, soren, carmen, grace] = [BO, JOSE, SOREN, CARMEN, GRACE].map(|username| letter(&site, username));
    let list = site.path("bag.csv");
    let lines =
        format!("letter_id,remark\n# Monday's bag\n#{jose},torn\n{},\n7K2QX-90DMC,\n{grace}\n", barcode(&site, SOREN));
    fs::write(&list, lines).unwrap();
    let typed = bo.to_lowercase().replace('-', " ");
    let arguments = [
        "letter",
        "returned",
        &typed,
        "--list",
        list.to_str().unwrap(),
        "--on",
        "2026-03-11",
        "--reason",
        "nixies",
        "--by",
        "Robin Sample",
    ];
    let said = decide(&site, 1, &arguments);
    assert!(said.contains("5 letters: 3 done, 0 known, 2 refused"), "{said}");
    assert!(said.contains("there is no letter 7K2QX-90DMC"), "{said}");
    assert!(
        said.contains(&format!("letter {grace}: refused: it is delivered, and only a mailed letter can come back"))
    );
    for (username, id) in [(BO, &bo), (JOSE, &jose), (SOREN, &soren)] {
        assert_eq!(states(&site, id), ("returned".to_owned(), "revoked".to_owned()));
        assert_eq!(site.check(username, &printed[id]), (5, "revoked".to_owned()));
        assert_eq!(site.json(&["letter", "show", id])["returned_on"], "2026-03-11");
    }
    assert_eq!(site.check(CARMEN, &printed[&carmen]), (0, "accepted".to_owned()));
    for reference in [REFERENCE_OF_BO, REFERENCE_OF_JOSE] {
        assert_eq!(notices(&site, reference), ["minted", "mailed", "returned"]);
        assert_eq!(request(&site, reference), "lettered");
    }
    let entry = newest_entry(&site, "letter.returned");
    assert_eq!(
        (&entry["by"], &entry["reason"], &entry["ended_on"]),
        (&"Robin Sample".into(), &"nixies".into(), &"2026-03-11".into())
    );
    let plan = site.json(&["letter", "returned", &bo, "--on", "2026-03-12", "--reason", "nixies", "--dry-run"]);
    assert_eq!((&plan["dry_run"], &plan["steps"][0]["step"]), (&true.into(), &"known".into()), "{plan}");
    // The same bag again changes nothing.
    let said = decide(&site, 0, &["letter", "returned", &bo, &jose, "--on", "2026-03-12", "--reason", "nixies"]);
    assert!(said.contains("2 letters: 0 done, 2 known, 0 refused"), "{said}");
    all_is_well(&site);
}

#[test]
fn a_letter_does_not_come_back_before_it_left_or_tomorrow() {
    let site = site_on_tuesday();
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    site.clock("2026-03-05T09:00:00-05:00");
    let bo = letter(&site, BO);
    let returned = |on| ["letter", "returned", &bo, "--on", on, "--reason", "nixie"].map(str::to_owned);
    for (on, because) in [("2026-03-02", "before 2026-03-03, when it was mailed"), ("2026-03-06", "is in the future")] {
        let arguments = returned(on);
        refuse(&site, &arguments.each_ref().map(String::as_str), because);
    }
    let empty = site.path("empty.csv");
    fs::write(&empty, "# nothing came back\n").unwrap();
    let arguments = ["letter", "returned", "--list", empty.to_str().unwrap(), "--on", "2026-03-05", "--reason", "none"];
    refuse(&site, &arguments, "the list names no letter");
    let arguments = ["letter", "returned", "not an id", "--on", "2026-03-05", "--reason", "nixie"];
    refuse(&site, &arguments, "'not an id' is not a letter id");
}

#[test]
fn a_vendor_that_gets_the_envelopes_tells_the_portal_too() {
    let site = site_on_tuesday();
    let grace = letter(&site, GRACE);
    assert_eq!(site.receipt(super::desk::LARGE_PRINT, &[]).code, 0);
    site.clock("2026-03-12T09:00:00-04:00");
    site.receipt(super::desk::LARGE_PRINT, &["--events", "returned", "--only", &grace]).done();
    assert_eq!(states(&site, &grace), ("returned".to_owned(), "revoked".to_owned()));
    assert_eq!(notices(&site, REFERENCE_OF_GRACE), ["minted", "mailed", "returned"]);
    let said = decide(&site, 0, &["letter", "returned", &grace, "--on", "2026-03-12", "--reason", "it is here too"]);
    assert!(said.contains("it is returned already"), "{said}");
}
