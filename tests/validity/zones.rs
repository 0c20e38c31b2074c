//! Which letters have the longer limits: by a list of every state, territory and military area that comes from elsewhere.

use letterpost::domain::address::{DeliveryZone, PostalAddress};

/// From Publication 28, appendix B, and two Python packages: see the script beside it.
const ZONES: &str = include_str!("../fixtures/delivery-zones.csv");

fn address(state: &str, city: &str, country: &str) -> PostalAddress {
    let [line, none, state, city, country] = ["1 Example Street", "", state, city, country].map(str::to_owned);
    PostalAddress { address_line_1: line, address_line_2: none, city, state, postal_code: String::new(), country }
}

#[test]
fn every_state_and_area_has_its_zone() {
    let mut contiguous = 0;
    for line in ZONES.lines() {
        let [code, name, zone] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected = if zone == "contiguous" { DeliveryZone::Contiguous } else { DeliveryZone::Outside };
        assert_eq!(address(code, "Example City", "US").delivery_zone(), expected, "{code} {name}");
        contiguous += u32::from(zone == "contiguous");
    }
    assert_eq!((ZONES.lines().count(), contiguous), (63, 49), "48 states and the District of Columbia, and 14 others");
}

#[test]
fn military_post_and_other_countries_are_outside_whatever_stands_in_the_line_of_the_state() {
    for (city, state) in [("APO", "AE"), ("FPO", "AP"), ("DPO", "AA")] {
        assert_eq!(address(state, city, "US").delivery_zone(), DeliveryZone::Outside, "{city} {state}");
    }
    for (state, country) in [("Ontario", "CA"), ("IL", "CA"), ("", "MX"), ("NY", "GB")] {
        assert_eq!(address(state, "Example City", country).delivery_zone(), DeliveryZone::Outside, "{state} {country}");
    }
}
