//! Lines and their short forms, one a row.

use super::{Region, abbreviated};

/// Lines of the mainland.
const MAINLAND: &[(&str, &str)] = &[
    // The suffix, which is the last word of the street.
    ("12 ELM STREET", "12 ELM ST"),
    ("12 ELM AVENUE", "12 ELM AVE"),
    ("12 ELM BOULEVARD", "12 ELM BLVD"),
    ("12 ELM CIRCLE", "12 ELM CIR"),
    ("12 ELM CROSSING", "12 ELM XING"),
    ("12 ELM HEIGHTS", "12 ELM HTS"),
    ("12 ELM PARKWAY", "12 ELM PKWY"),
    ("12 ELM TERRACE", "12 ELM TER"),
    ("12 ELM TURNPIKE", "12 ELM TPKE"),
    ("12 ELM ST", "12 ELM ST"),
    ("12 ELM WAY", "12 ELM WAY"),
    ("12 ELM STREET.", "12 ELM ST"),
    ("12 1/2 ELM STREET", "12 1/2 ELM ST"),
    ("12-14 ELM STREET", "12-14 ELM ST"),
    ("N6W23001 BLUEMOUND ROAD", "N6W23001 BLUEMOUND RD"),
    ("12 OLD MILL ROAD EXTENSION", "12 OLD MILL ROAD EXT"),
    ("12 STREET ROAD", "12 STREET RD"),
    ("12 COURT STREET", "12 COURT ST"),
    ("12 PARK PLACE", "12 PARK PL"),
    ("12 SAINT CHARLES AVENUE", "12 SAINT CHARLES AVE"),
    ("12 ST CHARLES AVENUE", "12 ST CHARLES AVE"),
    ("12 MARTIN LUTHER KING JUNIOR BOULEVARD", "12 MARTIN LUTHER KING JUNIOR BLVD"),
    ("100 5TH AVENUE", "100 5TH AVE"),
    // A name that only looks like one.
    ("12 BROADWAY", "12 BROADWAY"),
    ("12 AVENUE C", "12 AVENUE C"),
    ("12 AVENUE", "12 AVENUE"),
    ("12 THE CIRCLE", "12 THE CIRCLE"),
    ("12 AVENUE OF THE AMERICAS", "12 AVENUE OF THE AMERICAS"),
    ("12 COUNTY ROAD 5", "12 COUNTY ROAD 5"),
    ("12 OCEAN FRONT", "12 OCEAN FRONT"),
    ("12 CALLE LARGA", "12 CALLE LARGA"),
    ("12 CAMINO DEL REY", "12 CAMINO DEL REY"),
    ("COURTHOUSE SQUARE CENTER", "COURTHOUSE SQUARE CENTER"),
    ("C/O 12 ELM STREET", "C/O 12 ELM STREET"),
    ("12 ELM STREET ATTN JO COURT", "12 ELM STREET ATTN JO COURT"),
    // Directions.
    ("12 NORTH ELM STREET", "12 N ELM ST"),
    ("12 ELM STREET NORTHWEST", "12 ELM ST NW"),
    ("12 SOUTHEAST ELM STREET", "12 SE ELM ST"),
    ("12 W. ELM STREET S.W.", "12 W ELM ST SW"),
    ("12 NORTH AVENUE", "12 NORTH AVE"),
    ("12 SOUTH STREET", "12 SOUTH ST"),
    ("12 WEST NORTH AVENUE", "12 W NORTH AVE"),
    ("12 EAST WEST HIGHWAY", "12 EAST WEST HWY"),
    ("12 BAY WEST DRIVE", "12 BAY WEST DR"),
    ("12 NORTHERN BOULEVARD", "12 NORTHERN BLVD"),
    ("12 AVENUE NORTH", "12 AVENUE NORTH"),
    ("12 NORTH", "12 NORTH"),
    ("12 NORTH BROADWAY", "12 N BROADWAY"),
    ("12345 EXCEEDINGLY LONG EXAMPLE BOULEVARD NORTHWEST", "12345 EXCEEDINGLY LONG EXAMPLE BLVD NW"),
    // Units.
    ("APARTMENT 4", "APT 4"),
    ("SUITE 500", "STE 500"),
    ("BUILDING 12, APARTMENT 1204", "BLDG 12 APT 1204"),
    ("2ND FLOOR", "2ND FL"),
    ("FLOOR 2", "FL 2"),
    ("BASEMENT", "BSMT"),
    ("PENTHOUSE", "PH"),
    ("UNIT B", "UNIT B"),
    ("# 4", "# 4"),
    ("#4", "#4"),
    ("12 ELM STREET APARTMENT 4", "12 ELM ST APT 4"),
    ("12 ELM STREET, APT. 4", "12 ELM ST APT 4"),
    ("12 ELM STREET , SUITE 4-B", "12 ELM ST STE 4-B"),
    ("12 ELM STREET #4", "12 ELM ST #4"),
    ("12 ELM STREET, REAR", "12 ELM ST REAR"),
    ("12 ELM STREET NORTHEAST BUILDING 3 ROOM 7", "12 ELM ST NE BLDG 3 RM 7"),
    ("12 KEY BISCAYNE", "12 KEY BISCAYNE"),
    // Boxes, routes and military addresses.
    ("P.O. BOX 12", "PO BOX 12"),
    ("P. O. BOX 12", "PO BOX 12"),
    ("POST OFFICE BOX 12", "PO BOX 12"),
    ("PO BOX #12", "PO BOX 12"),
    ("PO BOX # 12", "PO BOX 12"),
    ("PO BOX 12 ELM STREET", "PO BOX 12 ELM STREET"),
    ("RURAL ROUTE 2, BOX 18", "RR 2 BOX 18"),
    ("R.R. 2 BOX 18", "RR 2 BOX 18"),
    ("R.R. NO. 2 BOX 18", "RR 2 BOX 18"),
    ("HIGHWAY CONTRACT ROUTE 68 BOX 23A", "HC 68 BOX 23A"),
    ("STAR ROUTE 68 BOX 23A", "HC 68 BOX 23A"),
    ("P.S.C. 802, BOX 74", "PSC 802 BOX 74"),
    ("CMR 1250 BOX #5", "CMR 1250 BOX 5"),
    ("UNIT 2050, BOX 4190", "UNIT 2050 BOX 4190"),
    ("RURAL ROUTE", "RURAL ROUTE"),
    // Punctuation.
    ("39.2 ROAD", "39.2 ROAD"),
    ("1,200 ELM STREET", "1,200 ELM ST"),
    ("12 O'DAY STREET", "12 O'DAY ST"),
    ("12 ELM STREET/OAK AVENUE", "12 ELM STREET/OAK AVE"),
    ("12 ÉTOILE STREET", "12 ÉTOILE ST"),
    ("", ""),
    (" ,. ", ""),
];

/// Lines of Puerto Rico.
const PUERTO_RICO: &[(&str, &str)] = &[
    ("150 CALLE A", "150 CALLE A"),
    ("1234 AVENIDA PONCE DE LEON", "1234 AVENIDA PONCE DE LEON"),
    ("URB. LAS GLADIOLAS", "URB LAS GLADIOLAS"),
    ("150 CALLE SOL APARTAMENTO 3", "150 CALLE SOL APARTAMENTO 3"),
    ("150 CALLE SOL, APARTMENT 3", "150 CALLE SOL APT 3"),
    ("150 PASEO DEL PARK COURT", "150 PASEO DEL PARK COURT"),
    ("HC 1 BOX 5", "HC 1 BOX 5"),
    ("P.O. BOX 9", "PO BOX 9"),
];

#[test]
fn lines_and_their_short_forms() {
    for (region, table) in [(Region::Mainland, MAINLAND), (Region::PuertoRico, PUERTO_RICO)] {
        for (line, short) in table {
            assert_eq!(abbreviated(line, region), *short, "{line}");
            assert_eq!(abbreviated(short, region), *short, "a short form stays");
            assert!(short.chars().count() <= line.chars().count());
        }
    }
    assert!(MAINLAND.len() + PUERTO_RICO.len() >= 90);
}
