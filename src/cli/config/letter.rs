//! `[letterhead]` and `[envelope]`: what every letter says of its sender, and what it is folded into.

use super::kind::{inches, text};
use super::section::Section;
use crate::letter::{Letterhead, SheetGeometry};

/// Points in an inch.
const INCH: f64 = 72.0;

/// `[letterhead]`.
pub(super) fn letterhead(section: &Section<'_>) -> Option<Letterhead> {
    let agency = section.required("agency", &text("the name of the agency between quotes"));
    let lines = text("").list("a list of lines: [\"PO Box 100\", \"Springfield, NY 12345\"]");
    let return_address = section.required("return_address", &lines);
    let help_phone = section.required("help_phone", &text("the number as printed, between quotes: \"1-800-555-0142\""));
    let hours = "when the help desk answers, between quotes";
    let help_hours_en = section.required("help_hours_en", &text(format!("in English {hours}")));
    let help_hours_es = section.required("help_hours_es", &text(format!("in Spanish {hours}")));
    let address = "what a person types to sign in, without https://: \"example.gov/account\"";
    let sign_in_address = section
        .required("sign_in_address", &text(address).then(|typed| Some(typed).filter(|typed| !typed.contains("://"))));
    Some(Letterhead {
        agency: agency?,
        return_address: return_address?,
        help_phone: help_phone?,
        help_hours_en: help_hours_en?,
        help_hours_es: help_hours_es?,
        sign_in_address: sign_in_address?,
    })
}

/// `[envelope]`, in inches; the geometry itself is in points.
pub(super) fn geometry(section: &Section<'_>) -> SheetGeometry {
    let usual = SheetGeometry::default();
    let length = |key, usual_points| section.optional(key, &inches()).map_or(usual_points, |inches| inches * INCH);
    SheetGeometry {
        page_width: length("page_width", usual.page_width),
        page_height: length("page_height", usual.page_height),
        first_fold: length("first_fold", usual.first_fold),
        envelope_width: length("envelope_width", usual.envelope_width),
        envelope_height: length("envelope_height", usual.envelope_height),
        window_left: length("window_left", usual.window_left),
        window_bottom: length("window_bottom", usual.window_bottom),
        window_width: length("window_width", usual.window_width),
        window_height: length("window_height", usual.window_height),
        margin_left: length("margin_left", usual.margin_left),
        margin_right: length("margin_right", usual.margin_right),
        margin_top: length("margin_top", usual.margin_top),
        margin_bottom: length("margin_bottom", usual.margin_bottom),
    }
}
