//! Addresses: what each tries, the fields, and what becomes of it.

use super::Outcome::{self, Printed, Refused};

/// The usual place with another first line.
macro_rules! street {
    ($line:expr) => {
        [$line, "", "Springfield", "IL", "62701", "US"]
    };
}

/// The usual block with another line for the street.
macro_rules! block {
    ($($line:literal),+) => {
        Printed(&["ANN EXAMPLE", $($line),+])
    };
}

pub(super) const PLACES: &[(&str, [&str; 6], Outcome)] = &[
    ("a template", street!("{{ city }} Street"), block!("{{ CITY }} STREET", "SPRINGFIELD IL 62701")),
    ("a formula", street!("=2+3"), block!("=2+3", "SPRINGFIELD IL 62701")),
    ("HTML", street!("<i>1</i> A St"), block!("<I>1</I> A ST", "SPRINGFIELD IL 62701")),
    ("a fraction", street!("12 1/2 Elm St"), block!("12 1/2 ELM ST", "SPRINGFIELD IL 62701")),
    ("a fraction of one character", street!("12½ Elm St"), block!("12½ ELM ST", "SPRINGFIELD IL 62701")),
    ("a hyphened number", street!("112-10 Elm St"), block!("112-10 ELM ST", "SPRINGFIELD IL 62701")),
    ("a grid", street!("N6W23001 Bluemound Rd"), block!("N6W23001 BLUEMOUND RD", "SPRINGFIELD IL 62701")),
    ("a number sign", street!("1 Elm St # 4"), block!("1 ELM ST # 4", "SPRINGFIELD IL 62701")),
    ("a comma", street!("1 Elm St, Apt 4"), block!("1 ELM ST, APT 4", "SPRINGFIELD IL 62701")),
    ("care of", street!("c/o Bo Sample"), block!("C/O BO SAMPLE", "SPRINGFIELD IL 62701")),
    ("general delivery", street!("General Delivery"), block!("GENERAL DELIVERY", "SPRINGFIELD IL 62701")),
    ("a box", street!("PO Box 12"), block!("PO BOX 12", "SPRINGFIELD IL 62701")),
    ("a box in points", street!("P.O. Box 12"), block!("P.O. BOX 12", "SPRINGFIELD IL 62701")),
    ("a rural route", street!("RR 2 Box 18"), block!("RR 2 BOX 18", "SPRINGFIELD IL 62701")),
    ("a sharp s", street!("5 Strauß Weg"), block!("5 STRAUSS WEG", "SPRINGFIELD IL 62701")),
    ("an accent", street!("5 Cañón Ave"), block!("5 CAÑÓN AVE", "SPRINGFIELD IL 62701")),
    ("a decomposed accent", street!("5 Can\u{303}on Ave"), block!("5 CAÑON AVE", "SPRINGFIELD IL 62701")),
    ("two faces", street!("5 Ểxample Ω St"), block!("5 ỂXAMPLE Ω ST", "SPRINGFIELD IL 62701")),
    // Too wide: smaller, then abbreviated, then smaller yet, then refused.
    (
        "a wide street",
        street!("12345 Peachtree Industrial Boulevard Northwest"),
        block!("12345 PEACHTREE INDUSTRIAL BLVD NW", "SPRINGFIELD IL 62701"),
    ),
    (
        "a wide street with directions",
        street!("12345 Southwest Example Sample Parkway Northeast"),
        block!("12345 SW EXAMPLE SAMPLE PKWY NE", "SPRINGFIELD IL 62701"),
    ),
    (
        "a wide unit",
        ["1 Elm St", "Building 12, Department of Samples, Suite 1200", "Springfield", "IL", "62701", "US"],
        block!("BUILDING 12 DEPARTMENT OF SAMPLES STE 1200", "1 ELM ST", "SPRINGFIELD IL 62701"),
    ),
    (
        "a street too wide for its short form",
        street!("12345 Peachtree Industrial Commercial Residential Boulevard"),
        Refused(&["address_line_1", "in on the address block, and the window shows 3.25 in"]),
    ),
    (
        "one long word",
        street!("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"),
        Refused(&["address_line_1", "shorten it"]),
    ),
    ("a street of spaces", street!("   "), Refused(&["address_line_1"])),
    ("an empty street", street!(""), Refused(&["address_line_1"])),
    ("an override", street!("1 Elm\u{202E}tS"), Refused(&["address_line_1", "U+202E"])),
    ("a line feed", street!("1 Elm St\nApt 4"), Refused(&["address_line_1", "U+000A"])),
    ("Chinese", street!("1 王 St"), Refused(&["address_line_1", "U+738B"])),
    ("Arabic", street!("1 شارع"), Refused(&["address_line_1", "U+0634"])),
    ("an emoji", street!("1 🏠 St"), Refused(&["address_line_1", "U+1F3E0"])),
    ("a pile of marks", street!("1 E\u{301}\u{302}\u{303}\u{304}\u{306}lm"), Refused(&["address_line_1", "U+"])),
    (
        "a unit with a NUL",
        ["1 Elm St", "Apt\0 4", "Springfield", "IL", "62701", "US"],
        Refused(&["address_line_2", "U+0000"]),
    ),
    (
        "a unit in Thai",
        ["1 Elm St", "ห้อง 4", "Springfield", "IL", "62701", "US"],
        Refused(&["address_line_2", "U+0E2B"]),
    ),
    (
        "a unit",
        ["1 Elm St", "Apt 4", "Springfield", "IL", "62701", "US"],
        block!("APT 4", "1 ELM ST", "SPRINGFIELD IL 62701"),
    ),
    (
        "a unit of spaces",
        ["1 Elm St", "  ", "Springfield", "IL", "62701", "US"],
        block!("1 ELM ST", "SPRINGFIELD IL 62701"),
    ),
    (
        "a city with a point",
        ["1 Elm St", "", "St. Louis", "MO", "63101", "US"],
        block!("1 ELM ST", "ST. LOUIS MO 63101"),
    ),
    (
        "an apostrophe in a city",
        ["1 Elm St", "", "Coeur d'Alene", "ID", "83814", "US"],
        block!("1 ELM ST", "COEUR D'ALENE ID 83814"),
    ),
    (
        "a city with an accent",
        ["1 Elm St", "", "Cañon City", "CO", "81212", "US"],
        block!("1 ELM ST", "CAÑON CITY CO 81212"),
    ),
    ("a city in emoji", ["1 Elm St", "", "🏙", "IL", "62701", "US"], Refused(&["city", "U+1F3D9"])),
    (
        "a city with a bidi control",
        ["1 Elm St", "", "Spring\u{2066}field", "IL", "62701", "US"],
        Refused(&["city", "U+2066"]),
    ),
    ("no city", ["1 Elm St", "", "", "IL", "62701", "US"], Refused(&["city"])),
    (
        "a city too wide",
        ["1 Elm St", "", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysilio", "IL", "62701", "US"],
        Refused(&["city", "shorten it"]),
    ),
    (
        "nine digits",
        ["1 Elm St", "", "Springfield", "IL", "627010001", "US"],
        block!("1 ELM ST", "SPRINGFIELD IL 62701-0001"),
    ),
    (
        "a lower case state",
        ["1 Elm St", "", "Springfield", "il", "62701", ""],
        block!("1 ELM ST", "SPRINGFIELD IL 62701"),
    ),
    ("full width digits", ["1 Elm St", "", "Springfield", "IL", "６２７０１", "US"], Refused(&["postal_code"])),
    (
        "another state's ZIP code",
        ["1 Elm St", "", "Springfield", "OH", "62701", "US"],
        Refused(&["postal_code", "is in IL"]),
    ),
    ("no such state", ["1 Elm St", "", "Springfield", "ZZ", "62701", "US"], Refused(&["state"])),
    // The military and the territories.
    (
        "an army post office",
        ["PSC 802 Box 74", "", "APO", "AE", "09499", "US"],
        block!("PSC 802 BOX 74", "APO AE 09499"),
    ),
    (
        "a fleet post office",
        ["Unit 100100 Box 4120", "", "FPO", "AP", "96691", "US"],
        block!("UNIT 100100 BOX 4120", "FPO AP 96691"),
    ),
    (
        "a diplomatic post office",
        ["Unit 8400 Box 0000", "", "DPO", "AE", "09498", "US"],
        block!("UNIT 8400 BOX 0000", "DPO AE 09498"),
    ),
    (
        "a community mail room",
        ["CMR 1250 Box 5", "", "APO", "AE", "09045", "US"],
        block!("CMR 1250 BOX 5", "APO AE 09045"),
    ),
    ("a military area in a town", ["PSC 1 Box 2", "", "Springfield", "AE", "09012", "US"], Refused(&["city"])),
    (
        "an urbanization",
        ["Urb Las Gladiolas", "150 Calle A", "San Juan", "PR", "00926", "US"],
        block!("URB LAS GLADIOLAS", "150 CALLE A", "SAN JUAN PR 00926"),
    ),
    (
        "an urbanization given last",
        ["150 Calle A", "Urb. Las Gladiolas", "San Juan", "PR", "00926", "US"],
        block!("URB. LAS GLADIOLAS", "150 CALLE A", "SAN JUAN PR 00926"),
    ),
    (
        "an avenue of Puerto Rico",
        ["1234 Avenida Ponce de León", "", "San Juan", "PR", "00907", "US"],
        block!("1234 AVENIDA PONCE DE LEÓN", "SAN JUAN PR 00907"),
    ),
    (
        "Guam",
        ["1 Marine Corps Dr", "", "Hagåtña", "GU", "96910", "US"],
        block!("1 MARINE CORPS DR", "HAGÅTÑA GU 96910"),
    ),
    (
        "the Virgin Islands",
        ["1 Kronprindsens Gade", "", "Charlotte Amalie", "VI", "00802", "US"],
        block!("1 KRONPRINDSENS GADE", "CHARLOTTE AMALIE VI 00802"),
    ),
    ("American Samoa", ["PO Box 1", "", "Pago Pago", "AS", "96799", "US"], block!("PO BOX 1", "PAGO PAGO AS 96799")),
    ("a freely associated state", ["PO Box 1", "", "Koror", "PW", "96940", "US"], block!("PO BOX 1", "KOROR PW 96940")),
    ("Hawaii", ["1 Kalākaua Ave", "", "Honolulu", "HI", "96815", "US"], block!("1 KALĀKAUA AVE", "HONOLULU HI 96815")),
    ("a territory as a country", ["1 A St", "", "San Juan", "", "00926", "PR"], Refused(&["country"])),
    // Abroad.
    (
        "Canada",
        ["10 King St W", "Unit 3", "Toronto", "ON", "M5H 1A1", "CA"],
        block!("10 KING ST W", "UNIT 3", "TORONTO ON M5H 1A1", "CANADA"),
    ),
    ("Germany", ["Lindenstraße 5", "", "Köln", "", "50667", "DE"], block!("LINDENSTRASSE 5", "50667 KÖLN", "GERMANY")),
    (
        "France",
        ["5 bis, rue de l'Œuvre", "", "Nîmes", "", "30000", "FR"],
        block!("5 BIS, RUE DE L'ŒUVRE", "30000 NÎMES", "FRANCE"),
    ),
    (
        "Ireland without a code",
        ["1 Main Street", "", "Inis Meáin", "Co. Galway", "", "IE"],
        block!("1 MAIN STREET", "INIS MEÁIN CO. GALWAY", "IRELAND"),
    ),
    ("Ivory Coast", ["BP 12", "", "Abidjan", "", "01", "CI"], block!("BP 12", "ABIDJAN 01", "COTE D'IVOIRE")),
    ("Turkey", ["Işıklar Cd. 5", "", "İzmir", "", "35000", "TR"], block!("IŞIKLAR CD. 5", "35000 İZMIR", "TURKIYE")),
    ("Greece", ["Οδός Ερμού 5", "", "Αθήνα", "", "105 63", "GR"], block!("ΟΔΌΣ ΕΡΜΟΎ 5", "105 63 ΑΘΉΝΑ", "GREECE")),
    (
        "a wide street abroad, never abbreviated",
        ["12345 Peachtree Industrial Commercial Boulevard Northwest", "", "Toronto", "ON", "M5H 1A1", "CA"],
        Refused(&["address_line_1", "shorten it"]),
    ),
    ("Chinese abroad", ["北京路 1", "", "Beijing", "", "100000", "CN"], Refused(&["address_line_1", "U+5317"])),
    ("no such country", ["1 A St", "", "Town", "", "1", "XX"], Refused(&["country"])),
    ("a country in full", ["1 A St", "", "Town", "", "1", "Canada"], Refused(&["country"])),
    ("a postal code in emoji", ["1 A St", "", "Town", "", "😀", "GB"], Refused(&["postal_code", "U+1F600"])),
    ("a region in Arabic", ["1 A St", "", "Town", "دبي", "", "AE"], Refused(&["state", "U+062F"])),
    ("a region with an override", ["1 A St", "", "Town", "On\u{202D}tario", "", "CA"], Refused(&["state", "U+202D"])),
];
