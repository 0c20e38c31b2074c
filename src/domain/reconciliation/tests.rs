//! Every piece once, every fault by its name.

use proptest::prelude::*;

use super::*;
use crate::domain::letter::LetterStatus;

/// Offered on Monday 2 March 2026, planned for Tuesday, to be mailed by Thursday.
const TERMS: Terms = Terms { offered_on: on(2), mail_by_on: on(5), may_remake: true };

/// A day of March 2026.
const fn on(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn id(place: u8) -> LetterId {
    LetterId::from_entropy([place; 10])
}

/// Three pieces: of one, two and three sheets.
fn pieces() -> Vec<Piece> {
    (1..=3).map(|place| piece(place, None)).collect()
}

fn piece(place: u8, recorded: Option<LetterStatus>) -> Piece {
    Piece { sequence: u32::from(place), letter_id: id(place), sheets: u32::from(place), recorded }
}

/// What a line says of a piece; `remade` is a spoiled piece that was made again.
fn line(place: u8, event: &str, day: u32) -> Line {
    let is_remake = event == "remade";
    Line {
        line: 0,
        letter: id(place).to_string(),
        event: ReceiptEvent::from_name(if is_remake { "spoiled" } else { event }),
        event_on: Some(on(day)),
        sheets: Some(u32::from(place)),
        is_remake,
        postal_statement: None,
        held_because: None,
    }
}

/// A receipt that was read on a day, its lines numbered as in a file.
fn receipt(number: u32, read_on: u32, lines: impl IntoIterator<Item = Line>) -> Receipt {
    let lines = lines.into_iter().zip(3..).map(|(line, place)| Line { line: place, ..line }).collect();
    Receipt { number, read_on: on(read_on), lines }
}

fn told(receipts: &[Receipt]) -> Reconciliation {
    reconcile(&pieces(), TERMS, receipts, &BTreeSet::new(), Due { today: on(5), pieces_on: Some(on(5)) })
}

fn dispositions(reconciliation: &Reconciliation) -> Vec<&'static str> {
    reconciliation.accounts.iter().map(|account| account.disposition.as_str()).collect()
}

/// The kinds of exceptions, each with its count.
fn exceptions(reconciliation: &Reconciliation) -> Vec<(&'static str, u64)> {
    reconciliation.exceptions.iter().map(|(kind, cases)| (kind.as_str(), cases.count)).collect()
}

#[test]
fn waves_account_for_every_piece_however_they_are_split() {
    let story = [
        line(1, "printed", 3),
        line(2, "printed", 3),
        line(2, "remade", 3),
        line(2, "printed", 4),
        line(3, "rejected", 3),
        line(1, "mailed", 4),
        line(2, "mailed", 4),
        line(1, "returned", 5),
    ];
    // Every way to cut eight lines into receipts.
    for cuts in 0u32..128 {
        let mut receipts = vec![receipt(1, 5, [])];
        for (place, said) in story.iter().enumerate() {
            if place > 0 && cuts >> (place - 1) & 1 == 1 {
                receipts.push(receipt(u32::try_from(receipts.len()).unwrap() + 1, 5, []));
            }
            receipts.last_mut().unwrap().lines.push(said.clone());
        }
        let reconciliation = told(&receipts);
        assert_eq!(dispositions(&reconciliation), ["returned", "mailed", "rejected"], "{cuts:b}");
        assert_eq!(exceptions(&reconciliation), [], "{cuts:b}");
        assert!(reconciliation.is_complete());
        let stories: Vec<&Story> = reconciliation.accounts.iter().map(|account| &account.story).collect();
        assert_eq!((stories[0].printed_on, stories[0].returned_on), (Some(on(3)), Some(on(5))));
        assert_eq!((stories[1].printed_on, stories[1].remakes, stories[1].remade_on), (Some(on(4)), 1, Some(on(3))));
        assert_eq!(stories[2].unmailed_on, Some(on(3)));
    }
}

#[test]
fn totals_tie_with_the_manifest() {
    let Reconciliation { totals, .. } =
        told(&[receipt(1, 4, [line(1, "mailed", 3), line(2, "pulled", 3), line(2, "printed", 4)])]);
    assert_eq!(totals.all, Count { pieces: 3, sheets: 6 });
    assert_eq!(totals.count(Disposition::Mailed), Count { pieces: 1, sheets: 1 });
    assert_eq!(totals.count(Disposition::Pulled), Count { pieces: 1, sheets: 2 });
    assert_eq!(totals.count(Disposition::StillOut), Count { pieces: 1, sheets: 3 });
    assert!(totals.tie(Count { pieces: 3, sheets: 6 }));
    assert!(!totals.tie(Count { pieces: 3, sheets: 7 }) && !totals.tie(Count { pieces: 4, sheets: 6 }));
}

/// What is said, each as piece, event and day; the kind of the fault in the last of it; words of the reason.
type Case = (&'static [(u8, &'static str, u32)], &'static str, &'static str);

#[test]
fn each_fault_has_its_name_and_changes_nothing() {
    let cases: [Case; 26] = [
        (&[(9, "mailed", 3)], "extra", "is not in this package"),
        (&[(1, "mailed", 3), (1, "mailed", 3)], "duplicate", "mailed on 2026-03-03 for the second time"),
        (&[(1, "mailed", 3), (1, "mailed", 4)], "duplicate", "mailed on 2026-03-03 by an earlier receipt, and now on"),
        (&[(1, "mailed", 3), (1, "spoiled", 4)], "duplicate", "the letter is mailed, and cannot be spoiled after that"),
        (&[(1, "pulled", 3), (1, "mailed", 3)], "duplicate", "the letter is pulled, and cannot be mailed after that"),
        (&[(1, "pulled", 3), (1, "rejected", 3)], "duplicate", "the letter is pulled, and cannot be rejected"),
        (&[(1, "spoiled", 3), (1, "spoiled", 3)], "duplicate", "spoiled on 2026-03-03 for the second time"),
        (&[(1, "spoiled", 3), (1, "spoiled", 4)], "duplicate", "spoiled on 2026-03-03 by an earlier receipt, and now"),
        (&[(1, "mailed", 3), (1, "returned", 4), (1, "mailed", 5)], "duplicate", "mailed on 2026-03-03 by an earlier"),
        (&[(1, "mailed", 6)], "late", "mailed on 2026-03-06, after 2026-03-05, the last day"),
        (&[(1, "printed", 1)], "contradiction", "2026-03-01 is before 2026-03-02, when the package was first offered"),
        (&[(1, "printed", 8)], "contradiction", "2026-03-08 is in the future; today is 2026-03-07"),
        (&[(1, "printed", 3), (1, "printed", 4)], "contradiction", "printed on 2026-03-03 by an earlier receipt"),
        (&[(1, "remade", 2), (1, "printed", 3), (1, "printed", 4)], "contradiction", "printed on 2026-03-03 by an"),
        (&[(1, "printed", 3), (1, "remade", 4), (1, "printed", 3), (1, "printed", 2)], "contradiction", "and now on"),
        (&[(1, "mailed", 3), (1, "printed", 3)], "contradiction", "the letter is mailed, and cannot be printed after"),
        (&[(1, "spoiled", 3), (1, "printed", 3)], "contradiction", "the letter is spoiled, and cannot be printed"),
        (&[(1, "printed", 4), (1, "mailed", 3)], "contradiction", "mailed on 2026-03-03, before it was printed on"),
        (&[(1, "printed", 4), (1, "spoiled", 3)], "contradiction", "spoiled on 2026-03-03, before it was printed on"),
        (&[(1, "remade", 4), (1, "mailed", 3)], "contradiction", "mailed on 2026-03-03, before it was made again on"),
        (&[(1, "mailed", 3), (1, "remade", 4)], "contradiction", "made again on 2026-03-04, after it was mailed on"),
        (&[(1, "pulled", 3), (1, "remade", 4)], "contradiction", "made again on 2026-03-04, after it was pulled on"),
        (&[(1, "returned", 3)], "contradiction", "the letter is accepted, and cannot be returned after that"),
        (&[(1, "printed", 3), (1, "returned", 3)], "contradiction", "the letter is printed, and cannot be returned"),
        (&[(1, "rejected", 3), (1, "returned", 3)], "contradiction", "the letter is rejected, and cannot be returned"),
        (&[(1, "mailed", 4), (1, "returned", 3)], "contradiction", "returned on 2026-03-03, before it was mailed on"),
    ];
    for (said, kind, reason) in cases {
        let lines: Vec<Line> = said.iter().map(|(place, event, day)| line(*place, event, *day)).collect();
        let before = told(&[receipt(1, 7, lines[..lines.len() - 1].iter().cloned())]);
        let after = told(&[receipt(1, 7, lines.clone())]);
        assert_eq!(exceptions(&after), [(kind, 1)], "{said:?}");
        let case = &after.exceptions.of(ExceptionKind::from_name(kind).unwrap()).unwrap().cases[0];
        assert!(case.reason.contains(reason), "{said:?}: {}", case.reason);
        assert_eq!((case.receipt, case.line), (Some(1), Some(2 + lines.len() as u64)), "{said:?}");
        if kind != "late" {
            assert_eq!(after.accounts, before.accounts, "{said:?}");
        }
        // Said again by another receipt, it is the same fault.
        let (first, last) = lines.split_at(lines.len() - 1);
        let split = told(&[receipt(1, 7, first.iter().cloned()), receipt(2, 7, last.iter().cloned())]);
        assert_eq!(exceptions(&split), [(kind, 1)], "{said:?}");
    }
}

#[test]
fn what_is_no_fault() {
    for said in [
        &[(1, "mailed", 5)][..],
        &[(1, "printed", 3), (1, "printed", 3)],
        &[(1, "printed", 3), (1, "remade", 3), (1, "printed", 3), (1, "remade", 4), (1, "printed", 4)],
        // The vendor reports its spoils after it mailed.
        &[(1, "mailed", 4), (1, "remade", 3)],
        &[(1, "spoiled", 4), (1, "remade", 3)],
        &[(1, "printed", 4), (1, "remade", 3), (1, "mailed", 4)],
        // Of the return a person and the vendor may both speak, and of two days.
        &[(1, "mailed", 4), (1, "returned", 4), (1, "returned", 5)],
    ] {
        let lines = said.iter().map(|(place, event, day)| line(*place, event, *day));
        assert_eq!(exceptions(&told(&[receipt(1, 7, lines)])), [], "{said:?}");
    }
}

#[test]
fn a_remake_that_the_ticket_forbids_is_a_contradiction() {
    let terms = Terms { may_remake: false, ..TERMS };
    let receipts = [receipt(1, 4, [line(1, "printed", 3), line(1, "remade", 3), line(1, "mailed", 4)])];
    let due = Due { today: on(4), pieces_on: None };
    let reconciliation = reconcile(&pieces(), terms, &receipts, &BTreeSet::new(), due);
    assert_eq!(exceptions(&reconciliation), [("contradiction", 1)]);
    assert_eq!(
        (reconciliation.accounts[0].disposition, reconciliation.accounts[0].story.remakes),
        (Disposition::Mailed, 0)
    );
}

#[test]
fn other_sheets_than_the_manifest_and_lines_that_nobody_can_read() {
    let wrong = Line { sheets: Some(2), ..line(1, "mailed", 3) };
    let not_kept = Line { sheets: None, ..line(2, "mailed", 3) };
    let no_event = Line { event: None, ..line(3, "mailed", 3) };
    let no_date = Line { event_on: None, ..line(3, "mailed", 3) };
    let no_id = Line { letter: "nobody".to_owned(), ..line(3, "mailed", 3) };
    let reconciliation = told(&[receipt(1, 4, [wrong, not_kept, no_event, no_date, no_id])]);
    assert_eq!(exceptions(&reconciliation), [("extra", 1), ("wrong_sheets", 1), ("unreadable", 2)]);
    assert_eq!(dispositions(&reconciliation), ["still_out", "mailed", "still_out"]);
}

#[test]
fn a_line_that_was_held_changes_nothing_and_keeps_its_words() {
    let held = Line { held_because: Some("as it was told".to_owned()), ..line(1, "mailed", 3) };
    let future = Line { held_because: Some("in the future then".to_owned()), ..line(2, "mailed", 5) };
    let reconciliation = told(&[receipt(1, 3, [held, future])]);
    assert_eq!(dispositions(&reconciliation), ["still_out"; 3]);
    let cases = &reconciliation.exceptions.of(ExceptionKind::Contradiction).unwrap().cases;
    assert_eq!(
        cases.iter().map(|case| case.reason.as_str()).collect::<Vec<_>>(),
        ["as it was told", "in the future then"]
    );
}

#[test]
fn pieces_are_missing_only_when_they_are_due() {
    let receipts = [receipt(1, 4, [line(2, "mailed", 4), line(3, "printed", 4)])];
    let missing = |today: u32, pieces_on: Option<NaiveDate>| {
        let due = Due { today: on(today), pieces_on };
        let reconciliation = reconcile(&pieces(), TERMS, &receipts, &BTreeSet::new(), due);
        assert!(!reconciliation.is_complete());
        assert_eq!(reconciliation.still_out().collect::<Vec<_>>(), [id(1), id(3)]);
        let cases = reconciliation.exceptions.of(ExceptionKind::Missing).cloned().unwrap_or_default();
        cases.cases.into_iter().map(|case| case.subject).collect::<Vec<_>>()
    };
    assert!(missing(4, Some(on(5))).is_empty());
    assert!(missing(5, Some(on(5))).is_empty());
    assert_eq!(missing(6, Some(on(5))), [id(1).to_string(), id(3).to_string()]);
    assert!(missing(31, None).is_empty());
}

#[test]
fn a_gap_in_the_numbers_keeps_a_package_open() {
    let all = [line(1, "mailed", 3), line(2, "mailed", 3), line(3, "mailed", 3)];
    let gap = |taken: &[u32], waiting: &[u32]| {
        let receipts: Vec<Receipt> = taken.iter().map(|number| receipt(*number, 4, [])).collect();
        let whole = [receipts, vec![receipt(1, 4, all.clone())]].concat();
        let waiting = waiting.iter().copied().collect();
        let reconciliation = reconcile(&pieces(), TERMS, &whole, &waiting, Due { today: on(4), pieces_on: None });
        let cases = reconciliation.exceptions.of(ExceptionKind::Gap).cloned().unwrap_or_default();
        assert_eq!(reconciliation.is_complete(), cases.count == 0);
        (cases.count, cases.cases.iter().filter_map(|case| case.receipt).collect::<Vec<_>>())
    };
    assert_eq!(gap(&[], &[]), (0, vec![]));
    assert_eq!(gap(&[2, 3], &[]), (0, vec![]));
    assert_eq!(gap(&[3], &[]), (1, vec![2]));
    assert_eq!(gap(&[2], &[4, 7]), (3, vec![3, 5, 6]));
    // It was seen, and is gone before it could be read.
    assert_eq!(gap(&[2], &[3]), (1, vec![3]));
    assert_eq!(gap(&[], &[u32::MAX]).0, u64::from(u32::MAX) - 2);
}

#[test]
fn what_people_recorded_counts() {
    let recorded = [Some(LetterStatus::Returned), Some(LetterStatus::Voided), Some(LetterStatus::Accepted)];
    let pieces: Vec<Piece> = (1..).zip(recorded).map(|(place, status)| piece(place, status)).collect();
    let receipts = [receipt(1, 4, [line(1, "mailed", 3), line(3, "mailed", 3)])];
    let due = Due { today: on(4), pieces_on: None };
    let reconciliation = reconcile(&pieces, TERMS, &receipts, &BTreeSet::new(), due);
    assert_eq!(dispositions(&reconciliation), ["returned", "voided", "mailed"]);
    // Something else took the third one's mailing out of the ledger.
    let cases = &reconciliation.exceptions.of(ExceptionKind::Contradiction).unwrap().cases;
    assert_eq!((cases.len(), cases[0].subject.as_str()), (1, id(3).to_string().as_str()));
}

#[test]
fn a_hundred_thousand_faults_are_counted_and_a_few_are_kept() {
    let lines = std::iter::repeat_n(line(9, "mailed", 3), 100_000);
    let reconciliation = told(&[receipt(1, 4, lines)]);
    let extra = reconciliation.exceptions.of(ExceptionKind::Extra).unwrap();
    assert_eq!((extra.count, extra.cases.len()), (100_000, KEPT_CASES));
}

fn any_line() -> impl Strategy<Value = Line> {
    let event = prop::sample::select(vec!["printed", "mailed", "spoiled", "remade", "rejected", "pulled", "returned"]);
    (0u8..6, event, 1u32..10, any::<bool>(), 0u32..5).prop_map(|(place, event, day, is_held, sheets)| Line {
        held_because: is_held.then(|| "held".to_owned()),
        sheets: Some(if sheets == 4 { 9 } else { u32::from(place) }),
        ..line(place, event, day)
    })
}

fn any_receipts() -> impl Strategy<Value = Vec<Receipt>> {
    prop::collection::vec((2u32..10, prop::collection::vec(any_line(), 0..12)), 0..5).prop_map(|receipts| {
        (1..).zip(receipts).map(|(number, (read_on, lines))| receipt(number, read_on, lines)).collect()
    })
}

proptest! {
    #[test]
    fn every_piece_is_accounted_for_exactly_once(receipts in any_receipts(), today in 2u32..20) {
        let due = Due { today: on(today), pieces_on: Some(on(5)) };
        let reconciliation = reconcile(&pieces(), TERMS, &receipts, &BTreeSet::new(), due);
        let ids: Vec<LetterId> = reconciliation.accounts.iter().map(|account| account.piece.letter_id).collect();
        prop_assert_eq!(ids, pieces().iter().map(|piece| piece.letter_id).collect::<Vec<_>>());
        let manifest = Count { pieces: 3, sheets: 6 };
        prop_assert!(reconciliation.totals.tie(manifest));
        let out = reconciliation.still_out().count() as u64;
        prop_assert_eq!(reconciliation.exceptions.count(ExceptionKind::Missing), if today > 5 { out } else { 0 });
        prop_assert_eq!(reconciliation.is_complete(), out == 0);
        for account in &reconciliation.accounts {
            let Story { printed_on, mailed_on, returned_on, .. } = account.story;
            prop_assert!(mailed_on.is_none() || printed_on <= mailed_on, "{:?}", account);
            prop_assert!(returned_on.is_none() || (mailed_on.is_some() && mailed_on <= returned_on), "{:?}", account);
        }
    }

    #[test]
    fn receipts_that_speak_of_different_pieces_may_come_in_any_order(
        first in prop::collection::vec(any_line(), 0..12),
        second in prop::collection::vec(any_line(), 0..12),
    ) {
        let of_odd = |lines: &[Line], odd: u8| -> Vec<Line> {
            let mine = |line: &&Line| (0..6).any(|place| place % 2 == odd && id(place).to_string() == line.letter);
            lines.iter().filter(mine).cloned().collect()
        };
        let (first, second) = (of_odd(&first, 1), of_odd(&second, 0));
        let one = told(&[receipt(1, 7, first.clone()), receipt(2, 7, second.clone())]);
        let other = told(&[receipt(1, 7, second), receipt(2, 7, first)]);
        prop_assert_eq!(&one.accounts, &other.accounts);
        prop_assert_eq!(&one.totals, &other.totals);
        prop_assert_eq!(exceptions(&one), exceptions(&other));
    }
}
