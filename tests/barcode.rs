//! The Intelligent Mail barcode, against bars that other programs drew.
//!
//! `tests/fixtures/imb-vectors.csv` has 411 barcodes, the worked examples of USPS-B-3200 among them, on which the
//! encoders zint and bwip-js and a third one, written apart from both, agree bar by bar.
// A test runs other programs, and what it sets up must be there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/zint.rs"]
mod zint;

use letterpost::domain::imb::{BARS, Bar, Imb};
use zint::{drawn_by_zint, letters};

const VECTORS: &str = include_str!("fixtures/imb-vectors.csv");

fn bars(letters: &str) -> [Bar; BARS] {
    let bars: Vec<Bar> = letters.chars().map(|letter| Bar::from_char(letter).unwrap()).collect();
    bars.try_into().unwrap()
}

#[test]
fn every_vector_is_drawn_and_read() {
    let mut rows = 0;
    for row in VECTORS.lines().skip(1) {
        let [tracking, routing, expected] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
        let digits = format!("{tracking}{routing}");
        let imb: Imb = digits.parse().unwrap();
        assert_eq!(letters(&imb), expected, "{digits}");
        assert_eq!(Imb::decode(&bars(expected)).unwrap().digits(), digits);
        rows += 1;
    }
    assert_eq!(rows, 411);
}

#[test]
fn zint_draws_the_same_bars() {
    for (tracking, routing) in [
        ("00340567094000000000", ""),
        ("00340567094000000001", "00501"),
        ("00342567094999999999", "123456789"),
        ("00310900000000000000", "99999"),
        ("00040999999999999999", "999999999"),
        ("94999999999999999999", "99999999999"),
        ("00000000000000000000", "00000"),
        ("00000000000000000000", "000000000"),
        ("53379777234994544928", "51135759461"),
    ] {
        let imb: Imb = format!("{tracking}{routing}").parse().unwrap();
        assert_eq!(letters(&imb), drawn_by_zint(tracking, routing), "{tracking} {routing}");
    }
}
