use super::*;

const SALT: &str = "abababababababababababababababab";

fn entry(seq: u64, kind: &str, data: &str) -> Vec<u8> {
    format!(r#"{{"actor":{{"service":"letterpost"}},"at":"2026-12-02T03:30:00Z","data":{{{data}}},"kind":"{kind}","salt":"{SALT}","seq":{seq},"v":2}}"#)
        .into_bytes()
}

fn entries(size: u64) -> Vec<Vec<u8>> {
    (0..size).map(|seq| entry(seq, "letter.mailed", &format!(r#""line":{seq}"#))).collect()
}

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut log = Frontier::new();
    entries.iter().for_each(|entry| log.append(leaf_hash(entry)));
    log.root()
}

fn held(entries: &[Vec<u8>], size: usize, rank: Rank) -> Held {
    Held { what: format!("the head of {size}"), size: size as u64, root: root(&entries[..size]), rank }
}

fn checked(entries: &[Vec<u8>], held: Vec<Held>, subtrees: KeptSubtrees) -> Checked {
    let mut check = LogCheck::new(held, subtrees);
    for (seq, bytes) in (0..).zip(entries) {
        check.row(seq, bytes, &leaf_hash(bytes), None);
    }
    check.finish()
}

fn kept_subtrees(entries: &[Vec<u8>]) -> KeptSubtrees {
    let whole = entries.chunks(256).filter(|chunk| chunk.len() == 256);
    (0..).zip(whole).map(|(place, chunk)| ((1, place), root(chunk))).collect()
}

/// Which entry is the first that differs, by the check of a log whose hashes were all made anew.
fn first(entries: &[Vec<u8>], held: Vec<Held>, subtrees: KeptSubtrees) -> (u64, u64) {
    let first = checked(entries, held, subtrees).first().unwrap();
    (first.from, first.to)
}

#[test]
fn a_log_as_it_was_has_no_fault() {
    let log = entries(600);
    let held = [0, 1, 256, 300, 600].map(|size| held(&log, size, Rank::Brought)).to_vec();
    let checked = checked(&log, held, kept_subtrees(&log));
    assert_eq!((checked.size, checked.root, checked.faults.as_slice()), (600, root(&log), &[][..]));
    assert_eq!(checked.first(), None);
}

#[test]
fn a_change_lies_between_the_last_good_checkpoint_and_the_first_bad_one() {
    let log = entries(600);
    let mut changed = log.clone();
    changed[310] = entry(310, "letter.mailed", r#""line":7"#);
    let at = |sizes: &[usize], rank| sizes.iter().map(|size| held(&log, *size, rank)).collect::<Vec<_>>();
    assert_eq!(first(&changed, at(&[600], Rank::Brought), KeptSubtrees::new()), (0, 600));
    assert_eq!(first(&changed, at(&[300, 600], Rank::Kept), KeptSubtrees::new()), (300, 600));
    assert_eq!(first(&changed, at(&[300, 320, 600], Rank::Kept), KeptSubtrees::new()), (300, 320));
    assert_eq!(first(&changed, Vec::new(), kept_subtrees(&log)), (256, 512));
    // What the site keeps and could have made anew bounds nothing that a reader brought.
    let mut all = at(&[600], Rank::Brought);
    all.extend([305, 400].map(|size| held(&changed, size, Rank::Kept)));
    assert_eq!(first(&changed, all, kept_subtrees(&changed)), (0, 600));
}

#[test]
fn an_export_tells_the_entry() {
    let log = entries(50);
    let mut changed = log.clone();
    changed[31] = entry(31, "letter.mailed", r#""line":7"#);
    let check = |exported: std::ops::Range<usize>| {
        let mut check = LogCheck::new(vec![held(&log, 50, Rank::Brought)], KeptSubtrees::new());
        for (seq, bytes) in changed.iter().enumerate() {
            let line = exported.contains(&seq).then(|| log[seq].as_slice());
            check.row(seq as u64, bytes, &leaf_hash(bytes), line);
        }
        let first = check.finish().first().unwrap();
        (first.from, first.to)
    };
    assert_eq!(check(0..50), (31, 32));
    assert_eq!(check(20..40), (31, 32));
    assert_eq!(check(0..31), (31, 50));
    // What lies before the export is not known.
    assert_eq!(check(10..20), (0, 50));
    assert_eq!(check(0..0), (0, 50));
}

#[test]
fn entries_that_are_gone_are_missed() {
    let log = entries(50);
    let all = |rank| vec![held(&log, 50, rank)];
    assert_eq!(first(&log[..40], all(Rank::Kept), KeptSubtrees::new()), (0, 41), "one before may have been taken out");
    let with_good = [all(Rank::Kept), vec![held(&log, 40, Rank::Kept)]].concat();
    assert_eq!(first(&log[..40], with_good, KeptSubtrees::new()), (40, 41));
    let mut check = LogCheck::new(Vec::new(), KeptSubtrees::new());
    for seq in (0..50).filter(|seq| *seq != 20) {
        let bytes = &log[seq as usize];
        check.row(seq, bytes, &leaf_hash(bytes), None);
    }
    let checked = check.finish();
    let texts: Vec<&str> = checked.faults.iter().map(|fault| fault.text.as_str()).collect();
    assert_eq!(texts, ["entry 21 stands where entry 20 should"]);
    assert_eq!(checked.first(), Some(First { from: 20, to: 21 }));
}

#[test]
fn many_faults_are_counted_after_the_first_ones() {
    let log = entries(60);
    let mut check = LogCheck::new(Vec::new(), KeptSubtrees::new());
    for (seq, bytes) in (0..).zip(&log[1..]) {
        check.row(seq, bytes, &leaf_hash(bytes), None);
    }
    let checked = check.finish();
    assert_eq!(checked.faults.len() as u64, MOST_TOLD + 1);
    assert_eq!(checked.faults.last().unwrap().text, "and 39 more entries");
    assert_eq!(checked.first(), Some(First { from: 0, to: 1 }));
}

#[test]
fn kept_subtrees_that_are_changed_missing_or_too_many_are_faults() {
    let log = entries(800);
    let check = |change: fn(&mut KeptSubtrees)| {
        let mut subtrees = kept_subtrees(&log);
        change(&mut subtrees);
        let checked = checked(&log, vec![held(&log, 800, Rank::Brought)], subtrees);
        checked.faults.iter().map(|fault| fault.text.clone()).collect::<Vec<_>>()
    };
    assert!(check(|_| ()).is_empty());
    let changed = check(|kept| kept.get_mut(&(1, 1)).unwrap()[0] ^= 1);
    assert_eq!(changed, ["the kept hash of the subtree over entries 256 to 511 is not theirs"]);
    let missing = check(|kept| assert!(kept.remove(&(1, 1)).is_some()));
    assert_eq!(missing, ["the kept hash of the subtree over entries 256 to 511 is missing"]);
    let more = check(|kept| assert!(kept.insert((1, 3), [0; 32]).is_none()));
    assert_eq!(more, ["there is a kept hash of the subtree over entries 768 to 1023, and the log has 800"]);
}

#[test]
fn heads_of_a_lost_log_are_told_as_such_where_the_log_tells_of_the_loss() {
    let lost = entries(40);
    let mut log = entries(30);
    log.push(entry(30, "ledger.loss_accepted", r#""by":"Robin Sample","outside_size":40,"reason":"disk""#));
    log.extend((31..50).map(|seq| entry(seq, "letter.printed", "")));
    let of_lost = |size, rank| Held { rank, ..held(&lost, size, Rank::Kept) };
    let good = checked(&log, vec![held(&lost, 30, Rank::Kept), of_lost(40, Rank::Kept)], KeptSubtrees::new());
    assert!(good.faults.is_empty() && good.remarks.len() == 1, "{good:?}");
    let brought = checked(&log, vec![of_lost(40, Rank::Brought)], KeptSubtrees::new());
    assert_eq!(brought.faults.len(), 1);
    let earlier = checked(
        &log,
        vec![of_lost(20, Rank::Kept), Held { root: [0; 32], ..of_lost(30, Rank::Kept) }],
        KeptSubtrees::new(),
    );
    assert_eq!(earlier.faults.len(), 1, "the loss explains nothing before it");
}
