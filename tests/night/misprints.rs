//! A letter that does not read back from its finished page: held, and the night goes on.

use std::sync::Arc;

use clap::Parser as _;
use letterpost::adapters::system::FixedClock;
use letterpost::cli::args::Cli;
use letterpost::cli::open::Opening;
use letterpost::cli::report::Report;
use letterpost::letter::{DocumentInfo, LetterError, Misprint, Piece, PrintedLetters, Stationery};
use letterpost::stages::outcome::Outcome;
use letterpost::stages::produce::{ProductionRun, produce};
use letterpost::stages::world::Press;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;
use super::opened::open_all;

/// A press that smudges the letters of one person, as a proofreader would find them.
fn smudged(
    stationery: &Stationery,
    document: &DocumentInfo,
    pieces: &[Piece<'_>],
    letters: &PrintedLetters,
) -> Result<Vec<Misprint>, LetterError> {
    let mut misprints = stationery.proofread_letters(document, pieces, letters)?;
    let smudges = pieces.iter().filter(|piece| ["Bo Li", "Grace Bigtype"].contains(&&*piece.recipient.full_name));
    misprints.extend(smudges.map(|piece| Misprint {
        sequence: piece.sequence,
        letter_id: piece.letter_id,
        reason: "its address is another one".to_owned(),
    }));
    Ok(misprints)
}

/// Runs the stage `produce` of a site in this process, with a press that smudges.
fn produce_smudged(site: &TestSite) -> Outcome {
    let configuration = site.path("letterpost.toml");
    let cli = Cli::parse_from(["letterpost", "--config", configuration.to_str().unwrap(), "produce"]);
    let report = Report { quiet: true, ..Report::default() };
    let at = Opening::new(&cli, report, true).unwrap();
    let config = at.config().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut world = at.world(&config, Some(2)).await.unwrap();
        world.clock = Arc::new(FixedClock::at(site.now().parse().unwrap()));
        let press = Arc::into_inner(world.press).unwrap();
        world.press = Arc::new(Press { proofread: smudged, ..press });
        let run = ProductionRun { owner: "a test".into(), ..ProductionRun::default() };
        produce(&world, &run, false).await.unwrap()
    })
}

#[test]
fn a_misprinted_letter_is_held_and_the_others_go_out() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.run(&["collect"]).done();
    let outcome = produce_smudged(&site);
    let told = format!("{outcome:?}");
    assert!(told.contains("its page did not read back as it should: its address is another one"), "{told}");
    site.run(&["deliver"]).done();
    // One package lost one of its letters; the other one, of a single letter in large print, was left empty.
    let packages = open_all(&site);
    let letters: Vec<_> = packages.iter().flat_map(|package| &package.letters).collect();
    assert_eq!(letters.len(), 15);
    for package in &packages {
        let numbers: Vec<String> = package.letters.iter().map(|letter| letter.row["sequence"].clone()).collect();
        assert_eq!(numbers, (1..=numbers.len()).map(|number| number.to_string()).collect::<Vec<_>>());
    }
    assert!(letters.iter().all(|letter| !letter.text().contains("Bo Li") && !letter.text().contains("Grace Bigtype")));
    let held = "SELECT reason FROM request WHERE status = 'held' AND full_name IN ('Bo Li', 'Grace Bigtype')";
    assert_eq!(site.rows(held), vec![vec!["its address is another one".to_owned()]; 2]);
    // Every password that went out is good; it is the one of the second printing.
    for letter in &letters {
        let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
        assert_eq!(site.check(&username, &letter.password).1, "accepted", "{}", letter.id());
    }
    assert!(site.value("SELECT void_reason FROM batch WHERE status = 'void'").contains("no letter of it"));
    site.closed_accounting();
    // Released, they go with the next night.
    for reference in site.rows("SELECT reference FROM request WHERE status = 'held' AND full_name = 'Bo Li'") {
        site.run(&["request", "release", &reference[0], "--reason", "the press was mended"]).done();
    }
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    let second = open_all(&site);
    assert!(second.iter().flat_map(|package| &package.letters).any(|letter| letter.text().contains("Bo Li")));
}
