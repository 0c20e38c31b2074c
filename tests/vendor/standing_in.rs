//! The stand-in vendor in this process, under a clock that the test moves: calendar, restarts, orders, bad packages.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use letterpost::cli::vendor::simulate::{Delay, Hours, Manners, Mistake, Percent, PieceStatus, Place, StandIn};
use letterpost::cli::vendor::{VendorError, VendorSettings};
use letterpost::package::pull::{FORMAT_VERSION, PullOrder};
use letterpost::package::receipt::parse_receipt;
use letterpost::package::void::VoidNotice;

use crate::pressed::{archive, archive_of_files, print_stream_rows};
use crate::sample::{NAME, at, key, name, rng, seal_as, sealed, site_key, vendor_key};
use crate::shop::Shop;

/// The package is a Monday's (04:00 in UTC is 23:00 on Sunday where the site is); it may be mailed until Thursday.
fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn open(shop: &Shop, manners: &Manners) -> Result<StandIn, VendorError> {
    let place =
        Place { inbox: shop.path("inbox"), folder: shop.path("stand-in"), time_zone: chrono_tz::America::New_York };
    let settings = VendorSettings::read(&shop.path("vendor.toml"))?;
    StandIn::open(place, &settings, manners.clone(), rng(31))
}

fn stand_in(shop: &Shop, manners: &Manners) -> StandIn {
    open(shop, manners).unwrap()
}

/// The receipts in the outbox, without signatures, by name.
fn receipts(shop: &Shop) -> Vec<(String, String)> {
    let names = shop.list("outbox").into_iter().filter(|name| name.ends_with(".csv"));
    names.map(|name| (name.clone(), shop.read(&format!("outbox/{name}")))).collect()
}

fn statuses(stand_in: &StandIn) -> Vec<PieceStatus> {
    stand_in.state().jobs.values().flat_map(|job| &job.pieces).map(|piece| piece.status).collect()
}

#[test]
fn a_package_goes_by_the_print_days() {
    let shop = Shop::new();
    let mut stand_in = stand_in(&shop, &Manners::default());
    let looked = stand_in.look(at()).unwrap();
    assert!(looked.said.contains(&format!("{NAME}: taken, 3 pieces")), "{looked:?}");
    assert!(shop.list("inbox").is_empty());
    assert_eq!(shop.read("register.txt").lines().count(), 1);
    // Eight o'clock on Monday, then five o'clock.
    assert_eq!(stand_in.next_due_at(), Some(time("2026-03-02T08:00:00-05:00")));
    assert_eq!(stand_in.look(time("2026-03-02T07:59:59-05:00")).unwrap().said, Vec::<String>::new());
    stand_in.look(time("2026-03-02T08:00:00-05:00")).unwrap();
    assert_eq!(statuses(&stand_in), [PieceStatus::Printed; 3]);
    assert_eq!(stand_in.next_due_at(), Some(time("2026-03-02T17:00:00-05:00")));
    stand_in.look(time("2026-03-02T17:00:00-05:00")).unwrap();
    assert_eq!(statuses(&stand_in), [PieceStatus::Mailed; 3]);
    assert_eq!(stand_in.next_due_at(), None);
    let told: Vec<(String, usize)> = receipts(&shop)
        .iter()
        .map(|(_, csv)| parse_receipt(csv.as_bytes()).unwrap())
        .map(|receipt| (receipt.package_row.event_on.to_string(), receipt.letter_rows.len()))
        .collect();
    assert_eq!(told, [("2026-03-01".to_owned(), 0), ("2026-03-02".to_owned(), 3), ("2026-03-02".to_owned(), 3)]);
}

#[test]
fn weekends_holidays_and_the_cut_off_are_kept() {
    let next_due = |from: &str, manners: &Manners| {
        let shop = Shop::new();
        let mut stand_in = stand_in(&shop, manners);
        stand_in.look(time(from)).unwrap();
        stand_in.next_due_at().unwrap()
    };
    let usual = Manners::default();
    // A minute before the cut-off, and at it.
    assert_eq!(next_due("2026-03-02T05:59:00-05:00", &usual), time("2026-03-02T08:00:00-05:00"));
    assert_eq!(next_due("2026-03-02T06:00:00-05:00", &usual), time("2026-03-03T08:00:00-05:00"));
    let later = Manners { print_after: Delay::PrintDays(1), ..usual.clone() };
    assert_eq!(next_due("2026-03-02T06:00:00-05:00", &later), time("2026-03-04T08:00:00-05:00"));
    // Friday after the cut-off: not on the weekend. Its letters end with Thursday, so all but printing comes too late.
    let friday = time("2026-03-06T07:00:00-05:00");
    let hours = Hours::new(usual.print_days, usual.cut_off, chrono_tz::America::New_York).unwrap();
    assert_eq!(hours.prints_at(friday, Delay::PrintDays(0)).unwrap(), time("2026-03-09T08:00:00-04:00"));
    // Memorial Day is a Monday.
    let before = time("2026-05-22T12:00:00-04:00");
    assert_eq!(hours.prints_at(before, Delay::PrintDays(0)).unwrap(), time("2026-05-26T08:00:00-04:00"));
    assert_eq!(hours.mails_at(before, Delay::PrintDays(1)).unwrap(), time("2026-05-26T17:00:00-04:00"));
    assert_eq!(hours.after(before, Delay::PrintDays(2)).unwrap(), time("2026-05-27T12:00:00-04:00"));
    let soon = Manners { accept_after: Delay::Minutes(5), print_after: Delay::Minutes(30), ..usual };
    assert_eq!(next_due("2026-03-02T06:00:00-05:00", &soon), time("2026-03-02T06:05:00-05:00"));
}

/// Whether looks are an hour or a week apart, and however often it is stopped between them, it says the same.
#[test]
fn what_it_says_does_not_depend_on_when_it_looks() {
    let manners = Manners {
        spoil: Percent::of(30),
        reject: Percent::of(20),
        returned: Percent::of(50),
        late_receipts: Percent::of(40),
        mistakes: Mistake::all().to_vec(),
        mistaken: Percent::of(40),
        ..Manners::default()
    };
    for seed in 1..=4 {
        let manners = Manners { seed, ..manners.clone() };
        let end = time("2026-03-20T12:00:00-04:00");
        let hourly = {
            let shop = Shop::new();
            let mut now = at();
            while now < end {
                // A new one each time: it has nothing but its folder to go by.
                stand_in(&shop, &manners).look(now).unwrap();
                now += TimeDelta::hours(1);
            }
            (receipts(&shop), statuses(&stand_in(&shop, &manners)))
        };
        let shop = Shop::new();
        let mut one = stand_in(&shop, &manners);
        while let Some(due_at) = one.next_due_at().or(one.state().jobs.is_empty().then_some(at())) {
            one.look(due_at).unwrap();
        }
        assert_eq!(statuses(&one), hourly.1, "seed {seed}");
        assert_eq!(shop.list("outbox").len(), receipts(&shop).len() * 2, "all is set right in the end: seed {seed}");
        assert_eq!(receipts(&shop), hourly.0, "seed {seed}");
    }
}

#[test]
fn a_crash_between_two_steps_is_made_good() {
    // 1. Moved, and not known yet.
    let shop = Shop::new();
    fs::create_dir_all(shop.path("stand-in/taken")).unwrap();
    let moved = |file: &str| {
        fs::rename(shop.path(&format!("inbox/{file}")), shop.path(&format!("stand-in/taken/{file}"))).unwrap();
    };
    moved(&format!("{NAME}.zip.pgp"));
    let mut one = stand_in(&shop, &Manners::default());
    one.look(at()).unwrap();
    assert_eq!((one.summary().packages, one.summary().packages_repeated), (1, 0));
    assert!(shop.list("inbox").is_empty(), "the marker follows");
    // 2. A receipt that was written, and is not known yet: it is written again under its number, and says the same.
    let first = receipts(&shop);
    let state = fs::read(shop.path("stand-in/state.json")).unwrap();
    one.look(time("2026-03-02T18:00:00-05:00")).unwrap();
    let all = receipts(&shop);
    assert_eq!((first.len(), all.len()), (1, 3));
    drop(one);
    fs::write(shop.path("stand-in/state.json"), state).unwrap();
    stand_in(&shop, &Manners::default()).look(time("2026-03-02T18:00:00-05:00")).unwrap();
    assert_eq!(receipts(&shop), all);
    assert_eq!(shop.read("register.txt").lines().count(), 1);
}

#[test]
fn what_is_not_good_is_set_aside_and_stops_nothing() {
    let shop = Shop::new();
    let stranger = key("Stranger <x@example.invalid>", 3);
    let put = |number: u32, bytes: &[u8]| {
        let name: letterpost::domain::package_name::PackageName = format!("eba-test-acme-{number:06}").parse().unwrap();
        shop.write(&format!("inbox/{name}.zip.pgp"), bytes);
        let marker = letterpost::package::ready::ReadyMarker::for_sealed(&name, bytes, "").to_json().unwrap();
        shop.write(&format!("inbox/{name}.ready"), marker.as_bytes());
    };
    put(121, &seal_as(&archive(), &stranger, vendor_key().certificate()));
    put(122, b"not sealed at all");
    put(124, &sealed(&archive()));
    // Still arriving: never touched.
    shop.write("inbox/eba-test-acme-000125.zip.pgp", b"x");
    shop.write("inbox/eba-test-acme-000126.zip.pgp.part", b"x");
    shop.write("inbox/notes.txt", b"x");
    let mut one = stand_in(&shop, &Manners::default());
    let looked = one.look(at()).unwrap();
    let summary = one.summary();
    assert_eq!((summary.packages, summary.packages_not_good), (1, 3), "{looked:?}");
    for reason in ["not by the pinned key", "the seal is not good", "renamed or swapped"] {
        assert!(looked.said.iter().any(|said| said.contains(reason)), "{reason}: {looked:?}");
    }
    assert_eq!(shop.list("inbox"), ["eba-test-acme-000125.zip.pgp", "eba-test-acme-000126.zip.pgp.part", "notes.txt"]);
    assert_eq!(shop.read("register.txt").lines().count(), 1);
    assert!(receipts(&shop).iter().all(|(file, _)| file.starts_with(NAME)), "nothing is said of the others");
    // Said once.
    assert_eq!(one.look(at()).unwrap().said, Vec::<String>::new());
}

#[test]
fn a_name_that_comes_again_is_acknowledged_and_never_worked_on() {
    let shop = Shop::new();
    let mut one = stand_in(&shop, &Manners::default());
    one.look(at()).unwrap();
    shop.receive(&sealed(&archive()));
    one.look(at()).unwrap();
    assert_eq!((one.summary().packages, one.summary().packages_repeated, one.summary().pieces), (1, 1, 3));
    assert_eq!(receipts(&shop).len(), 2, "acknowledged");
    shop.receive(&sealed(&archive_of_files()));
    let looked = one.look(at()).unwrap();
    assert!(looked.said.iter().any(|said| said.contains("with other bytes")), "{looked:?}");
    assert_eq!(receipts(&shop).len(), 2);
    // A name that the register knows from somewhere else is not worked on either.
    let shop = Shop::new();
    shop.verify(&["--take"]).unwrap();
    let mut one = stand_in(&shop, &Manners::default());
    one.look(at()).unwrap();
    assert_eq!((one.summary().packages, one.summary().packages_not_good), (0, 1));
}

fn order(number: u32, letters: &[usize]) -> PullOrder {
    PullOrder {
        format_version: FORMAT_VERSION,
        package: name(),
        number,
        letters: letters.iter().map(|place| print_stream_rows()[*place].letter_id).collect(),
        reason: "the address is under review".into(),
        made_at: at(),
        contact: "ops@eba.invalid".into(),
    }
}

fn send(shop: &Shop, order: &PullOrder) {
    let sealed = order.seal(&site_key(), &[vendor_key().certificate()], at(), &mut rng(8)).unwrap();
    shop.write(&format!("inbox/{}", order.file_name()), &sealed);
}

#[test]
fn pull_orders_are_followed_while_they_can_be() {
    let shop = Shop::new();
    let mut one = stand_in(&shop, &Manners::default());
    // It came before its package's marker: it waits.
    let marker = shop.path(&format!("inbox/{NAME}.ready"));
    fs::rename(&marker, shop.path("marker")).unwrap();
    send(&shop, &order(1, &[0]));
    one.look(at()).unwrap();
    assert_eq!(one.summary().pull_orders, 0);
    fs::rename(shop.path("marker"), &marker).unwrap();
    one.look(at()).unwrap();
    assert_eq!(statuses(&one), [PieceStatus::Pulled, PieceStatus::Waiting, PieceStatus::Waiting]);
    one.look(time("2026-03-02T12:00:00-05:00")).unwrap();
    send(&shop, &order(2, &[1]));
    one.look(time("2026-03-02T13:00:00-05:00")).unwrap();
    one.look(time("2026-03-02T18:00:00-05:00")).unwrap();
    send(&shop, &order(3, &[1, 2]));
    one.look(time("2026-03-03T18:00:00-05:00")).unwrap();
    assert_eq!(statuses(&one), [PieceStatus::Pulled, PieceStatus::Pulled, PieceStatus::Mailed]);
    let lines: Vec<String> = receipts(&shop)
        .iter()
        .flat_map(|(_, csv)| parse_receipt(csv.as_bytes()).unwrap().letter_rows)
        .map(|line| format!("{} {}", line.event, line.event_on))
        .collect();
    // The last order came too late for the third piece: it is reported as mailed, on its day.
    let expected = [
        "pulled 2026-03-01",
        "printed 2026-03-02",
        "printed 2026-03-02",
        "pulled 2026-03-02",
        "mailed 2026-03-02",
        "mailed 2026-03-02",
    ];
    assert_eq!(lines, expected);
    assert_eq!(one.summary().pull_orders, 3);
    assert!(shop.list("inbox").is_empty());
}

#[test]
fn an_order_that_is_not_the_sites_or_is_overlooked_pulls_nothing() {
    let shop = Shop::new();
    let stranger = key("Stranger <x@example.invalid>", 3);
    let forged = order(1, &[0]).seal(&stranger, &[vendor_key().certificate()], at(), &mut rng(8)).unwrap();
    shop.write(&format!("inbox/{NAME}.pull-1.json.pgp"), &forged);
    let mut one = stand_in(&shop, &Manners::default());
    let looked = one.look(at()).unwrap();
    assert!(looked.said.iter().any(|said| said.contains("must not be followed")), "{looked:?}");
    assert_eq!(statuses(&one), [PieceStatus::Waiting; 3]);
    let shop = Shop::new();
    send(&shop, &order(1, &[0]));
    let mut one = stand_in(&shop, &Manners { mistakes: vec![Mistake::IgnoredPull], ..Manners::default() });
    one.look(at()).unwrap();
    one.look(time("2026-03-02T18:00:00-05:00")).unwrap();
    assert_eq!(statuses(&one), [PieceStatus::Mailed; 3]);
    assert_eq!(one.summary().receipts.mistaken, 1);
}

#[test]
fn void_notices_and_missing_numbers_are_told_apart() {
    let shop = Shop::new();
    let mut one = stand_in(&shop, &Manners::default());
    let (site, vendor) = (site_key(), vendor_key());
    let void = |number: u32, signer| {
        let name: letterpost::domain::package_name::PackageName = format!("eba-test-acme-{number:06}").parse().unwrap();
        let notice = VoidNotice { name: name.clone(), reason: "no letter was left in it".into(), at: at() };
        shop.write(&format!("inbox/{name}.void"), notice.sign(signer, at()).unwrap().as_bytes());
    };
    (1..=121).for_each(|number| void(number, &site));
    void(122, &vendor);
    let looked = one.look(at()).unwrap();
    assert_eq!(one.summary().voided, 121);
    let missing: Vec<String> = one.summary().missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["eba-test-acme-000122"]);
    assert!(looked.said.iter().any(|said| said.contains("cannot be trusted")), "{looked:?}");
    assert!(looked.said.iter().any(|said| said.contains("a lost file")), "{looked:?}");
}

#[test]
fn nothing_is_mailed_after_its_last_day() {
    let shop = Shop::new();
    let slow = Manners { mail_after: Delay::PrintDays(4), ..Manners::default() };
    let mut one = stand_in(&shop, &slow);
    one.look(at()).unwrap();
    one.look(time("2026-03-06T18:00:00-05:00")).unwrap();
    assert_eq!(statuses(&one), [PieceStatus::Rejected; 3]);
    assert!(receipts(&shop)[2].1.contains("rejected,2026-03-06,1,past its last mailing day"), "{:?}", receipts(&shop));
    // Its copy is destroyed on the day that the ticket says.
    assert!(shop.path(&format!("stand-in/taken/{NAME}.zip.pgp")).exists());
    one.look(time("2026-04-02T18:00:00-04:00")).unwrap();
    assert!(!shop.path(&format!("stand-in/taken/{NAME}.zip.pgp")).exists());
    assert_eq!(shop.read("register.txt").lines().count(), 1, "the register is kept");
}

#[test]
fn one_works_in_a_folder_at_a_time_and_settings_are_needed() {
    let shop = Shop::new();
    let one = stand_in(&shop, &Manners::default());
    assert_eq!(open(&shop, &Manners::default()).err().unwrap().exit_code(), 3);
    drop(one);
    shop.write("stand-in/state.json", b"{}");
    assert_eq!(open(&shop, &Manners::default()).err().unwrap().exit_code(), 2);
    fs::remove_file(shop.path("stand-in/state.json")).unwrap();
    let mut one = stand_in(&shop, &Manners::default());
    fs::remove_dir_all(shop.path("inbox")).unwrap();
    assert_eq!(one.look(at()).unwrap_err().exit_code(), 2, "an inbox that is not there is no empty one");
    assert!(Path::new(&shop.path("stand-in/taken")).exists());
}
