//! Somebody who can write everything on the site changes a log of fifty entries, in every way that there is. One checkpoint lies
//! elsewhere.

use letterpost::audit::check::notes::KeptNote;
use letterpost::audit::check::{Checked, First, Known, Rank};
use letterpost::audit::read::Entry;

use crate::copied::{self, Log, ORIGIN};

/// Entries of the log under attack.
const SIZE: usize = 50;
/// The heads that its ledger keeps.
const HEADS: [u64; 2] = [20, SIZE as u64];

/// What of a log its attacker makes anew after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    /// Nothing.
    Nothing,
    /// Places, in the rows and in the entries.
    Numbers,
    /// And the hashes of entries.
    Leaves,
    /// And the roots, subtrees, heads and their notes, with the site's own key.
    All,
}

const COVERS: [Cover; 4] = [Cover::Nothing, Cover::Numbers, Cover::Leaves, Cover::All];

/// The log as it was, the first fifty entries of a night; and the checkpoint that lies elsewhere.
async fn as_it_was() -> (Log, KeptNote) {
    let mut entries = copied::entries(&copied::site()).await;
    entries.truncate(SIZE);
    let log = Log::of(entries, &HEADS);
    let note = log.heads.last().unwrap().note.clone().unwrap();
    (log, KeptNote { what: "the checkpoint that lies elsewhere".to_owned(), note, rank: Rank::Brought })
}

fn known(log: &Log, outside: Option<&KeptNote>) -> Known {
    Known {
        origin: ORIGIN.to_owned(),
        keys: vec![copied::vkey()],
        heads: log.heads.clone(),
        notes: outside.cloned().into_iter().collect(),
        subtrees: log.subtrees.clone(),
    }
}

fn checked(log: &Log, outside: Option<&KeptNote>) -> Checked {
    let known = known(log, outside);
    let mut check = known.begin();
    log.rows.iter().for_each(|row| check.row(row.seq, &row.entry, &row.leaf, None));
    known.judge(check)
}

/// The first entry that differs; the change must be found, and lie where it is said to.
#[track_caller]
fn found(log: &Log, outside: &KeptNote, changed: u64, what: &str) -> First {
    let checked = checked(log, Some(outside));
    let first = checked.first().unwrap_or_else(|| panic!("{what}: not found, {:?}", checked.faults));
    assert!((first.from..first.to).contains(&changed), "{what}: entry {changed} is said to be in {first:?}");
    first
}

fn covered(mut log: Log, cover: Cover) -> Log {
    if cover != Cover::Nothing {
        log.renumber();
    } else {
        // Rows take the places that are there: no two can have one.
        (0..).zip(&mut log.rows).for_each(|(seq, row)| row.seq = seq);
    }
    match cover {
        Cover::Nothing | Cover::Numbers => log,
        Cover::Leaves => {
            log.rehash();
            log
        }
        Cover::All => {
            let size = log.rows.len() as u64;
            log.made_anew(&[HEADS[0].min(size), size])
        }
    }
}

#[tokio::test]
async fn the_log_as_it_was_is_whole() {
    let (log, outside) = as_it_was().await;
    assert_eq!(checked(&log, Some(&outside)).faults, []);
    // An attacker's own work is whole too, as far as the attacker can reach: that is why a checkpoint lies elsewhere.
    let mut rewritten = log.clone();
    rewritten.rows.remove(7);
    assert_eq!(checked(&covered(rewritten, Cover::All), None).faults, []);
}

#[tokio::test]
async fn every_bit_of_every_entry_and_of_its_hash_is_missed() {
    let (log, outside) = as_it_was().await;
    let known = known(&log, Some(&outside));
    let mut check = known.begin();
    let (mut tried, mut bits) = (0u64, 0u64);
    for row in &log.rows {
        bits += 8 * (row.entry.len() + row.leaf.len()) as u64;
        for (entry, leaf) in flips(&row.entry)
            .map(|entry| (entry, row.leaf.clone()))
            .chain(flips(&row.leaf).map(|leaf| (row.entry.clone(), leaf)))
        {
            let mut other = check.clone();
            other.row(row.seq, &entry, &leaf, None);
            let first = other.finish().first();
            assert_eq!(first, Some(First { from: row.seq, to: row.seq + 1 }), "{}", String::from_utf8_lossy(&entry));
            tried += 1;
        }
        check.row(row.seq, &row.entry, &row.leaf, None);
    }
    assert_eq!(tried, bits);
    assert!(tried > 50 * 8 * 200, "{tried}");
}

#[tokio::test]
async fn a_bit_of_every_byte_of_every_fifth_entry_is_missed_where_all_hashes_are_made_anew() {
    let (log, outside) = as_it_was().await;
    let (mut tried, mut read) = (0u64, 0u64);
    for place in (0..SIZE).step_by(5) {
        for at in 0..log.rows[place].entry.len() {
            let mut changed = log.clone();
            changed.rows[place].entry[at] ^= 1 << (at % 8);
            let changed = changed.made_anew(&HEADS);
            tried += 1;
            let is_read = Entry::parse(&changed.rows[place].entry).is_ok_and(|entry| entry.seq == place as u64);
            let first = found(&changed, &outside, place as u64, "a bit");
            // What still reads as an entry is found by the checkpoint alone.
            assert_eq!(first.to - first.from == 1, !is_read, "{first:?}");
            read += u64::from(is_read);
        }
    }
    assert_eq!(tried, log.rows.iter().step_by(5).map(|row| row.entry.len() as u64).sum::<u64>());
    assert!(read > 500, "{read} of {tried}");
}

#[tokio::test]
async fn every_bit_of_every_root_and_note_is_missed() {
    let (log, outside) = as_it_was().await;
    let mut tried = 0;
    for place in 0..HEADS.len() {
        for root in flips(&log.heads[place].root) {
            let mut changed = log.clone();
            changed.heads[place].root = root.try_into().unwrap();
            assert!(!checked(&changed, Some(&outside)).faults.is_empty());
            tried += 1;
        }
    }
    assert_eq!(tried, 2 * 256);
    let known = known(&log, Some(&outside));
    let mut check = known.begin();
    log.rows.iter().for_each(|row| check.row(row.seq, &row.entry, &row.leaf, None));
    let notes: Vec<String> = log.heads.iter().map(|head| head.note.clone().unwrap()).collect();
    let mut bits = 0;
    for (place, note) in notes.iter().enumerate() {
        bits += 8 * note.len();
        for flipped in flips(note.as_bytes()) {
            // What is no text cannot even be kept; it counts as missed.
            tried += 1;
            let Ok(flipped) = String::from_utf8(flipped) else { continue };
            let mut other = known.clone();
            other.heads[place].note = Some(flipped.clone());
            assert!(!other.judge(check.clone()).faults.is_empty(), "{flipped:?}");
            let mut other = known.clone();
            other.notes[0].note.clone_from(&flipped);
            assert!(!other.judge(check.clone()).faults.is_empty(), "{flipped:?} outside");
        }
    }
    assert_eq!(tried, 2 * 256 + bits);
}

#[tokio::test]
async fn every_bit_of_a_kept_subtree_is_missed() {
    let log = Log::of(copied::entries(&copied::site()).await, &HEADS);
    let subtree = *log.subtrees.get(&(1, 0)).expect("the night has more than 256 entries");
    let mut tried = 0;
    for root in flips(&subtree) {
        let mut changed = log.clone();
        changed.subtrees.insert((1, 0), root.try_into().unwrap());
        assert_eq!(checked(&changed, None).first(), Some(First { from: 0, to: 256 }));
        tried += 1;
    }
    assert_eq!(tried, 256);
    assert_eq!(checked(&log, None).faults, []);
}

#[tokio::test]
async fn entries_that_are_deleted_swapped_inserted_or_cut_off_are_missed() {
    let (log, outside) = as_it_was().await;
    let mut tried = [0; 4];
    for cover in COVERS {
        let mut attack = |kind: usize, place: usize, change: &dyn Fn(&mut Log)| {
            let mut changed = log.clone();
            change(&mut changed);
            let what = format!("attack {kind} at {place}, {cover:?}");
            let first = found(&covered(changed, cover), &outside, place as u64, &what);
            // Where the hashes were left as they were, the entry is named exactly. What is missing at the end may be missing before.
            let is_end = kind == 3 || kind == 0 && place == SIZE - 1;
            let is_exact = matches!(cover, Cover::Nothing | Cover::Numbers) && !is_end;
            assert!(first.to - first.from == 1 || !is_exact, "{what}: {first:?}");
            tried[kind] += 1;
        };
        for place in 0..SIZE {
            attack(0, place, &|log| drop(log.rows.remove(place)));
            attack(2, place, &|log| log.rows.insert(place, log.rows[SIZE - 1 - place].clone()));
            attack(3, place, &|log| log.rows.truncate(place));
        }
        for place in 0..SIZE - 1 {
            attack(1, place, &|log| log.rows.swap(place, place + 1));
        }
    }
    assert_eq!(tried, [4 * 50, 4 * 49, 4 * 50, 4 * 50]);
}

#[tokio::test]
async fn a_chain_that_is_rewritten_from_any_entry_on_and_signed_again_is_missed() {
    let (log, outside) = as_it_was().await;
    let mut tried = 0;
    for place in 0..SIZE {
        let mut changed = log.clone();
        let entry = String::from_utf8(changed.rows[place].entry.clone()).unwrap();
        changed.rows[place].entry = entry.replacen("\"at\":\"2026-11-2", "\"at\":\"2026-11-1", 1).into_bytes();
        assert_ne!(changed.rows[place].entry, entry.as_bytes());
        let changed = changed.made_anew(&HEADS);
        assert_eq!(checked(&changed, None).faults, [], "without the checkpoint from outside nothing can be seen");
        assert_eq!(found(&changed, &outside, place as u64, "rewritten"), First { from: 0, to: SIZE as u64 });
        tried += 1;
    }
    assert_eq!(tried, 50);
}

/// The bytes with each of their bits turned, one at a time.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..8 * bytes.len()).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
