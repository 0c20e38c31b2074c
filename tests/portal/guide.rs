//! The guide's own words: its calls are those that are tested here, and its commands run.

use std::fs;
use std::path::Path;

use super::nightly::{TestSite, is_on_postgres, run_limited};
use super::opened::open_all;

const GUIDE: &str = include_str!("../../docs/portal-guide.md");
const RECIPE: &str = include_str!("recipe.rs");
const READER: &str = "robin.reader@example.com";

/// The blocks of the guide in this language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    GUIDE.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_calls_of_the_guide_are_those_that_are_tested() {
    let shown = blocks("rust");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].trim(), RECIPE.trim(), "copy tests/portal/recipe.rs into docs/portal-guide.md");
}

#[test]
fn the_commands_of_the_guide_run() {
    // They read a ledger in a file by SQLite.
    if is_on_postgres() {
        return;
    }
    let site = TestSite::before_the_night("2026-03-02T12:00:00-05:00");
    let binary = Path::new(env!("CARGO_BIN_EXE_letterpost")).parent().unwrap().display().to_string();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap());
    let folder = site.path("").display().to_string();
    let run = |block: &str, typed: &str| {
        let script = format!("set -eu\ncd '{folder}'\n{block}");
        let now = site.now();
        let surroundings =
            [("PATH", path.as_str()), ("LETTERPOST_SIMULATED_NOW", &now), ("LETTERPOST_SIMULATED_SEED", "7")];
        run_limited("bash", &["-c", &script], &surroundings, typed)
    };
    let all = blocks("sh");
    let [by_file, by_table, check, redeem, notices, status] = all[..] else { panic!("{} blocks", all.len()) };
    let ran = run(by_file, "").expect(0);
    assert!(ran.text().contains("1 new"), "{}", ran.text());
    run(by_table, "").expect(0);
    site.clock("2026-03-02T22:30:00-05:00");
    site.night();
    site.clock("2026-03-03T20:00:00-05:00");
    let id = site.value(&format!("SELECT id FROM letter WHERE username = '{READER}'"));
    let packages = open_all(&site);
    let password = packages.iter().flat_map(|p| &p.letters).find(|letter| letter.id() == id).unwrap().password.clone();
    assert!(fs::read_dir(&folder).unwrap().count() > 0);
    let ran = run(check, &password).expect(0);
    assert!(ran.stdout.contains("\"verdict\": \"accepted\""), "{}", ran.stdout);
    let ran = run(redeem, &password).expect(0);
    assert!(ran.stdout.contains("\"redeemed\": true"), "{}", ran.stdout);
    let ran = run(notices, "").expect(0);
    assert!(ran.stdout.contains("minted") && ran.stdout.contains("redeemed"), "{}", ran.stdout);
    let ran = run(status, "").expect(0);
    assert!(ran.stdout.contains("delivered"), "{}", ran.stdout);
    // The one of the table was taken as well.
    assert_eq!(site.value("SELECT count(*) FROM letter WHERE username = 'kim.reader@example.com'"), "1");
}
