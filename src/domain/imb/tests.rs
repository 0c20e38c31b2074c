use proptest::prelude::*;

use super::bars::check_sequence;
use super::*;

/// The four worked examples of USPS-B-3200: digits, number in hexadecimal, frame check sequence.
const WORKED: [(&str, u128, u16); 4] = [
    ("01234567094987654321", 0x1122103B5C2004B1, 0x051),
    ("0123456709498765432101234", 0xD138A87BAB5CF3804B1, 0x065),
    ("01234567094987654321012345678", 0x202BDC097711204D21804B1, 0x606),
    ("0123456709498765432101234567891", 0x16907B2A24ABC16A2E5C004B1, 0x751),
];

#[test]
fn the_worked_examples_have_the_number_and_the_check_sequence_of_the_specification() {
    for (digits, value, check) in WORKED {
        let imb: Imb = digits.parse().unwrap();
        assert_eq!(imb.value(), value, "{digits}");
        assert_eq!(check_sequence(value), check, "{digits}");
        assert_eq!(Imb::from_value(value), Some(imb));
    }
}

#[test]
fn the_fields_are_where_they_belong() {
    let imb: Imb = WORKED[2].0.parse().unwrap();
    assert_eq!(imb.service().to_string(), "234");
    assert_eq!(imb.mailer_id().to_string(), "567094");
    assert_eq!(imb.serial(), 987_654_321);
    assert_eq!(imb.routing(), Routing::of_postal_code("01234-5678").unwrap());
    let long: Imb = "00340987654321000017".parse().unwrap();
    assert_eq!((long.mailer_id().to_string().as_str(), long.serial()), ("987654321", 17));
    let service = "340".parse().unwrap();
    assert_eq!(Imb::new(service, "987654321".parse().unwrap(), 17, Routing::NONE), Ok(long));
}

#[test]
fn a_serial_number_fits_its_mailer_id() {
    let service = "340".parse().unwrap();
    for (mailer_id, highest) in [("567094", 999_999_999), ("987654321", 999_999)] {
        let mailer_id: MailerId = mailer_id.parse().unwrap();
        assert_eq!(Imb::new(service, mailer_id, highest, Routing::NONE).unwrap().serial(), highest);
        let refused = Imb::new(service, mailer_id, highest + 1, Routing::NONE).unwrap_err();
        assert!(refused.to_string().contains(&format!("the highest is {highest}")), "{refused}");
    }
}

#[test]
fn digits_that_are_no_barcode_are_refused_with_a_reason() {
    let parse = |text: &str| text.parse::<Imb>().unwrap_err();
    for length in (0..40).filter(|length| ![20, 25, 29, 31].contains(length)) {
        assert_eq!(parse(&"0".repeat(length)), ImbError::Length(length));
    }
    for second in 5..=9 {
        assert_eq!(parse(&format!("9{second}34056709400000000101234")), ImbError::SecondDigit(second));
    }
    assert_eq!(parse("0034056709400000000x"), ImbError::NotADigit { place: 20, found: 'x' });
    assert_eq!(parse("٠0340567094000000001"), ImbError::NotADigit { place: 1, found: '٠' });
    assert_eq!(parse("00340567094000000001-01234"), ImbError::NotADigit { place: 21, found: '-' });
}

#[test]
fn a_postal_code_is_a_zip_or_a_zip_plus_4() {
    for (postal_code, digits) in [("00501", "00501"), ("12345-6789", "123456789")] {
        assert_eq!(Routing::of_postal_code(postal_code).unwrap().to_string(), digits);
    }
    for postal_code in ["", "-", "1234", "123456789", "12345-", "1234-56789", "12345-678x", "K1A 0B1", "12345-6789-1"] {
        assert!(Routing::of_postal_code(postal_code).is_err(), "{postal_code}");
    }
}

/// Every other bar that could stand in each place, one at a time.
fn with_one_bar_changed(bars: [Bar; BARS]) -> impl Iterator<Item = [Bar; BARS]> {
    const ALL: [Bar; 4] = [Bar::Full, Bar::Ascender, Bar::Descender, Bar::Tracker];
    (0..BARS).flat_map(move |place| {
        ALL.into_iter().filter(move |bar| *bar != bars[place]).map(move |bar| {
            let mut changed = bars;
            changed[place] = bar;
            changed
        })
    })
}

#[test]
fn every_single_changed_bar_is_noticed() {
    for (digits, ..) in WORKED {
        let bars = digits.parse::<Imb>().unwrap().bars();
        let mut changes = 0;
        for changed in with_one_bar_changed(bars) {
            assert!(matches!(Imb::decode(&changed), Err(Misread::Character(_))), "{digits}");
            changes += 1;
        }
        assert_eq!(changes, 3 * BARS);
    }
}

#[test]
fn two_changed_bars_never_pass_for_the_same_barcode_and_hardly_ever_for_another() {
    let imb: Imb = WORKED[3].0.parse().unwrap();
    let (mut pairs, mut misread) = (0, 0);
    for once in with_one_bar_changed(imb.bars()) {
        for twice in with_one_bar_changed(once).filter(|bars| *bars != imb.bars()) {
            pairs += 1;
            match Imb::decode(&twice) {
                Ok(other) => {
                    misread += 1;
                    assert_ne!(other, imb);
                }
                Err(fault) => assert_ne!(fault.to_string(), ""),
            }
        }
    }
    assert!(misread * 100_000 < pairs, "{misread} of {pairs} read as another barcode");
}

#[test]
fn an_upside_down_barcode_is_refused() {
    let mut bars = WORKED[3].0.parse::<Imb>().unwrap().bars();
    bars.reverse();
    let turned = bars.map(|bar| Bar::of(bar.ascends(), bar.descends()));
    assert!(Imb::decode(&turned).is_err());
}

proptest! {
    #[test]
    fn digits_read_back_from_their_bars(
        first in 0..10u8, second in 0..5u8, rest in "[0-9]{18}", routing in "|[0-9]{5}|[0-9]{9}|[0-9]{11}"
    ) {
        let digits = format!("{first}{second}{rest}{routing}");
        let imb: Imb = digits.parse().unwrap();
        prop_assert_eq!(imb.digits(), digits);
        prop_assert_eq!(Imb::decode(&imb.bars()), Ok(imb));
    }

    #[test]
    fn any_bars_are_read_or_refused(parts in prop::collection::vec(any::<(bool, bool)>(), BARS)) {
        let mut bars = [Bar::Tracker; BARS];
        for (bar, (descends, ascends)) in bars.iter_mut().zip(parts) {
            *bar = Bar::of(descends, ascends);
        }
        if let Ok(imb) = Imb::decode(&bars) {
            prop_assert_eq!(imb.bars(), bars);
        }
    }

    #[test]
    fn any_number_is_read_or_refused(value in 0..1u128 << 102) {
        if let Some(imb) = Imb::from_value(value) {
            prop_assert_eq!(imb.value(), value);
        }
    }
}
