//! `[site]`: whose letters these are.

use chrono_tz::Tz;

use super::kind::{Kind, one_of, text, truth};
use super::section::Section;
use crate::domain::package_name::{Environment, is_code};

/// What readers call the zones of the United States, in English and Spanish.
const ZONE_NAMES: [(Tz, &str, &str); 8] = [
    (Tz::America__New_York, "Eastern Time", "hora del Este"),
    (Tz::America__Chicago, "Central Time", "hora del Centro"),
    (Tz::America__Denver, "Mountain Time", "hora de la Montaña"),
    (Tz::America__Phoenix, "Arizona Time", "hora de Arizona"),
    (Tz::America__Los_Angeles, "Pacific Time", "hora del Pacífico"),
    (Tz::America__Anchorage, "Alaska Time", "hora de Alaska"),
    (Tz::Pacific__Honolulu, "Hawaii Time", "hora de Hawái"),
    (Tz::America__Puerto_Rico, "Atlantic Time", "hora del Atlántico"),
];

/// `[site]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSection {
    /// The name that the vendor reads.
    pub name: String,
    /// One to eight lower-case letters and digits; part of each package's name.
    pub code: String,
    /// Whether letters go to people.
    pub environment: Environment,
    /// Whether time and chance may be simulated; never on a live site.
    pub is_rehearsal: bool,
    /// The origin of the audit log: one name for ever, without spaces.
    pub origin: String,
    /// The zone in which dates are dates.
    pub time_zone: Tz,
    /// What readers call the zone: English, Spanish.
    pub zone_names: [String; 2],
    /// Whom the vendor asks.
    pub contact: String,
}

impl SiteSection {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let name = section.required("name", &text("the name of the site between quotes: \"Example Benefits Agency\""));
        let code = section.required("code", &code());
        let environment = section.required("environment", &one_of(Environment::ALL));
        let is_rehearsal = section.or("rehearsal", false, &truth());
        if is_rehearsal && environment == Some(Environment::Live) {
            section.refuse("rehearsal", "a live site has no simulated time; take the line out");
        }
        let origin = section.required("origin", &origin());
        let time_zone = section.required("time_zone", &time_zone());
        let contact = section.required("contact", &text("whom the vendor asks, between quotes: a name and a number"));
        let zone_names = zone_names(section, time_zone);
        Some(Self {
            name: name?,
            code: code?,
            environment: environment?,
            is_rehearsal,
            origin: origin?,
            time_zone: time_zone?,
            zone_names: zone_names?,
            contact: contact?,
        })
    }
}

/// The code of a site or a vendor.
pub(super) fn code() -> Kind<String> {
    text("one to eight lower-case letters and digits between quotes: \"eba\"")
        .then(|code| Some(code).filter(|code| is_code(code)))
}

/// A name that a checkpoint's first line and its key can carry: no spaces, no plus sign.
fn origin() -> Kind<String> {
    text("a name that no other log has, without spaces or '+': \"letters.example.gov/eba\"")
        .then(|origin| Some(origin).filter(|origin| !origin.contains(|c: char| c.is_whitespace() || c == '+')))
}

fn time_zone() -> Kind<Tz> {
    text("a name of the time zone database: \"America/New_York\"").then(|name| name.parse().ok())
}

/// The names as written, or those that readers of this zone know; a zone that has none in the table needs both.
fn zone_names(section: &Section<'_>, zone: Option<Tz>) -> Option<[String; 2]> {
    let known = ZONE_NAMES.iter().find(|(known, ..)| Some(*known) == zone);
    let name = |key, in_table: Option<&str>, example: &str| {
        let kind = text(format!("what readers call the zone, between quotes: \"{example}\""));
        match (in_table, zone) {
            (None, Some(_)) => section.required(key, &kind),
            (in_table, _) => section.optional(key, &kind).or(in_table.map(str::to_owned)),
        }
    };
    let english = name("zone_name_en", known.map(|(_, english, _)| *english), "Eastern Time");
    let spanish = name("zone_name_es", known.map(|(.., spanish)| *spanish), "hora del Este");
    Some([english?, spanish?])
}
