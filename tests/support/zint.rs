//! The Intelligent Mail barcode as zint draws it.

use std::process::Command;

use letterpost::domain::imb::{BARS, Bar, Imb};

/// The bars of a barcode as letters.
pub fn letters(imb: &Imb) -> String {
    imb.bars().iter().map(|bar| bar.as_char()).collect()
}

/// The bars as zint draws them. Its dump has three rows of modules in hexadecimal, the upper, middle and lower part;
/// every second module is a bar.
pub fn drawn_by_zint(tracking: &str, routing: &str) -> String {
    let hyphen = if routing.is_empty() { "" } else { "-" };
    let digits = format!("{tracking}{hyphen}{routing}");
    let output = Command::new("zint").args(["-b", "USPS_IMAIL", "--dump", "-d", &digits]).output().expect("zint runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let [upper, middle, lower] = text.lines().map(modules).collect::<Vec<_>>().try_into().unwrap();
    let bar_places = (0..2 * BARS).step_by(2);
    assert!(bar_places.clone().all(|place| middle[place]));
    bar_places.map(|place| Bar::of(lower[place], upper[place]).as_char()).collect()
}

fn modules(row: &str) -> Vec<bool> {
    let nibbles = row.chars().filter_map(|digit| digit.to_digit(16));
    nibbles.flat_map(|nibble| (0..4).rev().map(move |bit| nibble >> bit & 1 == 1)).collect()
}
