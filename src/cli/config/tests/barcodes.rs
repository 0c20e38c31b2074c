//! `imb` and `[vendor.barcode]`.

use super::super::Config;
use super::{LEAST, SAMPLE};
use crate::domain::imb::serials::SerialRange;
use crate::stages::site::{AgencyBarcode, ImbMode};

fn imb(vendor: &str) -> ImbMode {
    let config = Config::from_toml(&format!("{LEAST}{vendor}")).unwrap_or_else(|error| panic!("{error}"));
    config.vendors[0].imb
}

/// What is said of a vendor with these lines more, the first of which is line 23.
fn told(vendor: &str) -> String {
    Config::from_toml(&format!("{LEAST}{vendor}")).map_or_else(|error| error.to_string(), |_| String::new())
}

fn agency(service: &str, mailer_id: &str, from: u32, to: u32) -> ImbMode {
    let serials = SerialRange::new(mailer_id.parse().unwrap(), from, to).unwrap();
    ImbMode::Agency(AgencyBarcode { service: service.parse().unwrap(), serials })
}

#[test]
fn the_vendor_adds_the_barcode_unless_something_else_is_said() {
    assert_eq!(imb(""), ImbMode::Vendor);
    assert_eq!(imb("imb = \"vendor\""), ImbMode::Vendor);
    assert_eq!(imb("imb = \"none\""), ImbMode::None);
    let sample = Config::from_toml(SAMPLE).unwrap();
    assert_eq!(sample.vendors[0].imb, agency("340", "567094", 0, 999_999_999));
}

#[test]
fn the_agencys_barcode_says_what_is_configured() {
    let section = "imb = \"agency\"\n[vendor.barcode]\nmailer_id = \"987654321\"\n";
    assert_eq!(imb(section), agency("340", "987654321", 0, 999_999), "returned, never forwarded, traced");
    for (lines, service, from, to) in [
        ("full_service = true", "342", 0, 999_999),
        ("tracing = false", "341", 0, 999_999),
        ("service = \"none\"\nserials_from = 500000", "310", 500_000, 999_999),
        ("service = \"address-service-requested-option-2\"\ntracing = false\nserials_to = 9", "080", 0, 9),
        ("service = \"manual-corrections\"", "040", 0, 999_999),
    ] {
        assert_eq!(imb(&format!("{section}{lines}")), agency(service, "987654321", from, to), "{lines}");
    }
}

#[test]
fn barcodes_that_cannot_be_are_refused() {
    let id = "write your mailer id between quotes: six digits, or nine that begin with 9";
    let section = "imb = \"agency\"\n[vendor.barcode]\n";
    let barcode = "[[vendor]] acme barcode";
    for (vendor, expected) in [
        ("imb = \"agency\"".to_owned(), format!("{barcode} mailer_id is missing; {id}")),
        (format!("{section}mailer_id = 567094"), format!("line 25: {barcode} mailer_id is 567094; {id}")),
        (format!("{section}mailer_id = \"900000\""), format!("line 25: {barcode} mailer_id is \"900000\"; {id}")),
        (
            format!("{section}mailer_id = \"987654321\"\nserials_to = 1000000"),
            format!(
                "line 26: {barcode} serials_to cannot be: mailer id 987654321 has no serial number 1000000; its highest \
                 is 999999"
            ),
        ),
        (
            format!("{section}mailer_id = \"987654321\"\nserials_from = 2\nserials_to = 1"),
            format!(
                "line 26: {barcode} serials_from cannot be: the serial numbers run from 2 to 1; let the first be the \
                 lower one"
            ),
        ),
        (
            format!("{section}mailer_id = \"987654321\"\nservice = \"manual-corrections\"\nfull_service = true"),
            format!(
                "line 26: {barcode} service cannot be: 'manual-corrections' does not come with full service; write \
                 full_service = false or another service"
            ),
        ),
        (
            format!("{section}mailer_id = \"987654321\"\nserial_from = 1"),
            format!("line 26: unknown key 'serial_from' in {barcode}; did you mean 'serials_from'?"),
        ),
        (
            "[vendor.barcode]\nmailer_id = \"987654321\"".to_owned(),
            "line 23: [[vendor]] acme barcode says what the agency's barcodes are; write imb = \"agency\", or remove it"
                .to_owned(),
        ),
        (
            "imb = true".to_owned(),
            "line 23: [[vendor]] acme imb is true; write \"vendor\" or \"agency\" or \"none\"".to_owned(),
        ),
    ] {
        assert_eq!(told(&vendor), expected);
    }
}

#[test]
fn a_live_site_has_a_mailer_id_of_its_own() {
    let live = |id: &str| {
        let section = format!("imb = \"agency\"\n[vendor.barcode]\nmailer_id = \"{id}\"");
        let text = format!("{}{section}", LEAST.replace("\"test\"", "\"live\""));
        Config::from_toml(&text).map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(live("123456"), "");
    assert!(live("567094").contains("it is the example of the postal service's papers; write your own"));
}
