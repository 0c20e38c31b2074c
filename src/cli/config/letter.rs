//! `[letterhead]` and `[envelope]`: what every letter says of its sender, and what it is folded into.

use super::kind::{inches, one_of, text, truth};
use super::section::Section;
use crate::letter::{Abbreviations, AddressStyle, Letterhead, SheetGeometry, Window};

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
    let (page_height, first_fold) = (length("page_height", usual.page_height), length("first_fold", usual.first_fold));
    SheetGeometry {
        page_width: length("page_width", usual.page_width),
        page_height,
        first_fold,
        // The two lower panels are as high as each other where nothing is said.
        second_fold: length("second_fold", (first_fold + page_height) / 2.0),
        envelope_width: length("envelope_width", usual.envelope_width),
        envelope_height: length("envelope_height", usual.envelope_height),
        window_left: length("window_left", usual.window_left),
        window_bottom: length("window_bottom", usual.window_bottom),
        window_width: length("window_width", usual.window_width),
        window_height: length("window_height", usual.window_height),
        return_window: return_window(section),
        margin_left: length("margin_left", usual.margin_left),
        margin_right: length("margin_right", usual.margin_right),
        margin_top: length("margin_top", usual.margin_top),
        margin_bottom: length("margin_bottom", usual.margin_bottom),
        address_style: address_style(section),
    }
}

/// The keys of the second window: all of them or none.
const RETURN_WINDOW: [&str; 4] =
    ["return_window_left", "return_window_bottom", "return_window_width", "return_window_height"];

fn return_window(section: &Section<'_>) -> Option<Window> {
    let lengths = RETURN_WINDOW.map(|key| section.optional(key, &inches()).map(|inches| inches * INCH));
    if let [Some(left), Some(bottom), Some(width), Some(height)] = lengths {
        return Some(Window { left, bottom, width, height });
    }
    let is_set = RETURN_WINDOW.map(|key| section.has(key));
    if let Some((key, _)) = RETURN_WINDOW.into_iter().zip(is_set).find(|(_, is_set)| !is_set)
        && is_set.contains(&true)
    {
        section.complain(key, "is missing; a window of the return address needs left, bottom, width and height");
    }
    None
}

fn address_style(section: &Section<'_>) -> AddressStyle {
    let usual = AddressStyle::default();
    AddressStyle {
        keyline: section.or("keyline", usual.keyline, &truth()),
        abbreviations: section.or("abbreviations", usual.abbreviations, &one_of(Abbreviations::ALL)),
    }
}
