//! A sink that can be read tells on a ledger that was set back or rewritten.

use std::fs;

use letterpost::audit::checkpoint::Checkpoint;
use letterpost::audit::note::SigningKey;

use crate::nightly::TestSite;
use crate::{checkpoint, doctor, in_folder, notes, site_with, told};

const SHELF: &str = "[[audit.sink]]\ncode = \"shelf\"\nkind = \"folder\"\npath = \"shelf\"";

fn site_with_shelf() -> TestSite {
    let site = site_with(SHELF);
    fs::create_dir(site.path("shelf")).unwrap();
    site
}

/// Another history of as many entries, signed with the site's own key.
fn forged(site: &TestSite, size: u64) -> String {
    let key = SigningKey::parse(&fs::read_to_string(site.path("keys/log.key")).unwrap()).unwrap();
    Checkpoint { origin: key.verifier().name().to_owned(), size, root: [7; 32] }.sign(&[&key]).unwrap()
}

#[test]
fn a_sink_with_another_history_is_an_alarm_and_gets_nothing_that_hides_it() {
    let site = site_with_shelf();
    checkpoint(&site).expect(0);
    let (size, _) = notes(&site).remove(0);
    assert_eq!(doctor(&site, "ledger against sink shelf").1, format!("agree on {size} entries"));
    fs::write(site.path(&format!("shelf/{size:012}.note")), forged(&site, size)).unwrap();
    let (finding, message, _) = doctor(&site, "ledger against sink shelf");
    assert_eq!(finding, "alarm");
    assert!(message.contains(&format!("they differ within the first {size} entries")), "{message}");
    for _ in 0..2 {
        let ran = checkpoint(&site).expect(4);
        let told = told(&ran, "sink shelf");
        assert!(told[0].starts_with("alarm: nothing was sent there: they differ within"), "{told:?}");
    }
    assert_eq!(in_folder(&site.path("shelf")), [(format!("{size:012}.note"), forged(&site, size))]);
}

#[test]
fn another_checkpoint_of_as_many_entries_is_an_alarm_and_both_are_kept() {
    let site = site_with_shelf();
    checkpoint(&site).expect(0);
    checkpoint(&site).expect(0);
    let (size, note) = notes(&site).remove(0);
    fs::write(site.path(&format!("shelf/{size:012}.note")), forged(&site, size)).unwrap();
    // The ledger gives both to the sink once more.
    site.tamper("UPDATE checkpoint_sink SET has_size = 0 WHERE code = 'shelf'");
    let ran = site.run(&["--json", "checkpoint"]).expect(4);
    assert!(told(&ran, "sink shelf")[0].starts_with("alarm: it had another checkpoint of"), "{ran:?}");
    let kept: Vec<String> = in_folder(&site.path("shelf")).into_iter().map(|(_, text)| text).collect();
    assert_eq!(kept.len(), 3);
    assert!(kept.contains(&forged(&site, size)) && kept.contains(&note));
    site.run(&["checkpoint"]).expect(0);
}

/// The files of the ledger, its log included, and the file of heads.
fn kept(site: &TestSite) -> Vec<(String, Vec<u8>)> {
    let files = ["letterpost.db", "letterpost.db-wal", "letterpost.db-shm", "audit/heads.log"];
    let there = files.iter().filter(|file| site.path(file).exists());
    there.map(|file| ((*file).to_owned(), fs::read(site.path(file)).unwrap())).collect()
}

#[test]
fn a_ledger_that_was_set_back_with_its_heads_is_found_out_by_a_sink() {
    let site = site_with_shelf();
    checkpoint(&site).expect(0);
    let old = kept(&site);
    checkpoint(&site).expect(0);
    let newer = kept(&site);
    newer.iter().for_each(|(file, _)| fs::remove_file(site.path(file)).unwrap());
    old.iter().for_each(|(file, bytes)| fs::write(site.path(file), bytes).unwrap());
    assert_eq!(doctor(&site, "ledger against the head kept outside").0, "good", "the file of heads went back with it");
    let (finding, message, remedy) = doctor(&site, "ledger against sink shelf");
    assert_eq!(finding, "alarm");
    assert!(message.contains("an older ledger was put back"), "{message}");
    assert!(remedy.contains("letterpost ledger restore"), "{remedy}");
    // Nothing is minted, and no head is taken that would hide it.
    let refused = site.run(&["run", "nightly"]).expect(4);
    assert!(refused.stderr.contains("nothing was minted. ledger against sink shelf"), "{}", refused.stderr);
    let before = in_folder(&site.path("shelf"));
    let refused = site.run(&["checkpoint"]).expect(4);
    assert!(
        refused.text().contains("sink shelf") || refused.text().contains("no head was taken"),
        "{}",
        refused.text()
    );
    assert_eq!(in_folder(&site.path("shelf")), before);
    // Where the newer one is lost, a person says so, and the sink is no obstacle any more.
    let loss = ["ledger", "accept-loss", "--by", "Robin Sample", "--reason", "the disk is lost"];
    site.run(&loss).expect(1);
    assert_eq!(doctor(&site, "ledger against sink shelf").0, "good");
    assert_eq!(
        fs::read_to_string(site.path("shelf").join(&before.last().unwrap().0)).unwrap(),
        before.last().unwrap().1
    );
    site.night();
}

#[test]
fn another_sites_checkpoint_is_no_witness() {
    let site = site_with_shelf();
    fs::write(
        site.path("shelf/000000000001.note"),
        "other.example/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    )
    .unwrap();
    let (finding, message, _) = doctor(&site, "ledger against sink shelf");
    assert_eq!(finding, "alarm");
    assert!(message.starts_with("its newest checkpoint is not of this site's log"), "{message}");
}
