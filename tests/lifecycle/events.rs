//! What can happen, in any order.

use letterpost::domain::receipt::ReceiptEvent;
use proptest::prelude::*;
use proptest::sample::Index;

/// Accounts that ask.
pub const ACCOUNTS: usize = 4;

/// Something that happens. An index picks among what there is at that moment; where there is nothing, nothing happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody asks for a letter.
    Ask { account: usize },
    /// The same request comes again.
    Repeat { request: Index },
    /// The stages of a night, whole.
    Night,
    /// One stage of it.
    Produce,
    /// One stage of it.
    Deliver,
    /// One stage of it.
    Ingest,
    /// One stage of it.
    Expire,
    /// The vendor moves everything out of its inbox.
    Take,
    /// The vendor says something of a package.
    Receipt(Said),
    /// A receipt of before comes again under the same name.
    Replay { receipt: Index },
    /// Somebody uses their temporary password.
    Redeem { letter: Index },
    /// Days pass.
    Days(u8),
    /// A person of operations decides about a request.
    Request { request: Index, what: Deed },
    /// A person of operations decides about a letter.
    Letter { letter: Index, what: LetterDeed },
    /// A person of operations decides about a package.
    Package { package: Index, what: PackageDeed },
}

/// What a person does about a letter.
#[derive(Debug, Clone, Copy)]
pub enum LetterDeed {
    Reissue,
    /// So many days ago.
    Returned(u8),
    /// To so many days from what is recorded.
    Correct(i8),
    Pull,
}

/// What a person does about a package.
#[derive(Debug, Clone, Copy)]
pub enum PackageDeed {
    Hold,
    Release,
    Settle { is_taken: bool },
}

/// What a person does about a request.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    Cancel,
    Hold,
    Release,
}

/// A receipt as the vendor writes it.
#[derive(Debug, Clone)]
pub struct Said {
    pub package: Index,
    pub is_accepted: bool,
    /// How far its number is from the right one.
    pub number_off: u8,
    pub lines: Vec<SaidLine>,
}

/// A line of it.
#[derive(Debug, Clone)]
pub struct SaidLine {
    /// Among all letters, so that it can be another package's.
    pub letter: Index,
    pub is_own: bool,
    pub event: ReceiptEvent,
    pub is_remade: bool,
    /// Days from today.
    pub days_off: i64,
    pub sheets_off: u32,
}

/// Any event; what moves a letter on is likelier than what does not.
pub fn event() -> impl Strategy<Value = Event> {
    let index = any::<Index>;
    let package_deed = prop_oneof![
        Just(PackageDeed::Hold),
        Just(PackageDeed::Release),
        any::<bool>().prop_map(|is_taken| PackageDeed::Settle { is_taken })
    ];
    let deed = prop_oneof![Just(Deed::Cancel), Just(Deed::Hold), Just(Deed::Release)];
    prop_oneof![
        6 => (0..ACCOUNTS).prop_map(|account| Event::Ask { account }),
        1 => index().prop_map(|request| Event::Repeat { request }),
        6 => Just(Event::Night),
        1 => Just(Event::Produce),
        1 => Just(Event::Deliver),
        1 => Just(Event::Ingest),
        1 => Just(Event::Expire),
        3 => Just(Event::Take),
        8 => said().prop_map(Event::Receipt),
        1 => index().prop_map(|receipt| Event::Replay { receipt }),
        2 => index().prop_map(|letter| Event::Redeem { letter }),
        4 => (1..9u8).prop_map(Event::Days),
        3 => (index(), deed).prop_map(|(request, what)| Event::Request { request, what }),
        4 => (index(), letter_deed()).prop_map(|(letter, what)| Event::Letter { letter, what }),
        2 => (index(), package_deed).prop_map(|(package, what)| Event::Package { package, what }),
    ]
}

fn letter_deed() -> impl Strategy<Value = LetterDeed> {
    prop_oneof![
        3 => Just(LetterDeed::Reissue),
        2 => (0..4u8).prop_map(LetterDeed::Returned),
        1 => (-3..4i8).prop_map(LetterDeed::Correct),
        2 => Just(LetterDeed::Pull),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let number_off = prop_oneof![9 => Just(0u8), 1 => 1..3u8];
    let lines = prop::collection::vec(line(), 0..6);
    (any::<Index>(), prop::bool::weighted(0.9), number_off, lines)
        .prop_map(|(package, is_accepted, number_off, lines)| Said { package, is_accepted, number_off, lines })
}

fn line() -> impl Strategy<Value = SaidLine> {
    let event = prop::sample::select(ReceiptEvent::ALL);
    let days_off = prop_oneof![8 => Just(0i64), 2 => -6..3i64];
    let sheets_off = prop_oneof![9 => Just(0u32), 1 => 1..3u32];
    let usual = prop::bool::weighted(0.9);
    (any::<Index>(), usual, event, any::<bool>(), days_off, sheets_off).prop_map(
        |(letter, is_own, event, is_remade, days_off, sheets_off)| SaidLine {
            letter,
            is_own,
            event,
            is_remade,
            days_off,
            sheets_off,
        },
    )
}
