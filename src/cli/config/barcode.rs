//! `imb` and `[vendor.barcode]`: who puts the Intelligent Mail barcode on a vendor's letters, and what it says.

use super::kind::{one_of, text, truth, whole};
use super::section::Section;
use crate::domain::imb::serials::{NotASerialRange, SerialRange};
use crate::domain::imb::{Ancillary, MailerId, ServiceType};
use crate::stages::site::{AgencyBarcode, ImbMode};

/// The words for [`ImbMode`]; the first is that of a vendor that says nothing else.
const MODES: [&str; 3] = ["vendor", "agency", "none"];
/// The mailer id of the postal service's published examples: no site's own.
const EXAMPLE_MAILER_ID: &str = "567094";
/// The highest serial number of any mailer id.
const HIGHEST_SERIAL: u32 = 999_999_999;

/// Who puts the barcode on the letters of a vendor; `None` where it cannot be read, which is reported.
pub(super) fn imb(vendor: &Section<'_>, is_live: bool) -> Option<ImbMode> {
    let mode = vendor.or("imb", MODES[0], &one_of(&MODES));
    if mode == "agency" {
        return vendor.section("barcode", |section| agency(section, is_live)).map(ImbMode::Agency);
    }
    if vendor.has("barcode") {
        vendor.complain("barcode", "says what the agency's barcodes are; write imb = \"agency\", or remove it");
        return None;
    }
    Some(if mode == "none" { ImbMode::None } else { ImbMode::Vendor })
}

fn agency(section: &Section<'_>, is_live: bool) -> Option<AgencyBarcode> {
    let id = text("your mailer id between quotes: six digits, or nine that begin with 9")
        .then(|text| text.parse::<MailerId>().ok());
    let mailer_id = section.required("mailer_id", &id);
    if is_live && mailer_id.is_some_and(|id| id.to_string() == EXAMPLE_MAILER_ID) {
        section.refuse("mailer_id", "it is the example of the postal service's papers; write your own");
    }
    let service = service(section);
    let from = section.or("serials_from", 0, &whole(0..=HIGHEST_SERIAL));
    let to = section.optional("serials_to", &whole(0..=HIGHEST_SERIAL));
    let mailer_id = mailer_id?;
    let serials = SerialRange::new(mailer_id, from, to.unwrap_or(mailer_id.serials() - 1));
    if let Err(error) = &serials {
        let key = match error {
            NotASerialRange::Backwards { .. } => "serials_from",
            NotASerialRange::TooHigh { .. } => "serials_to",
        };
        section.complain(key, &format!("cannot be: {error}"));
    }
    Some(AgencyBarcode { service: service?, serials: serials.ok()? })
}

fn service(section: &Section<'_>) -> Option<ServiceType> {
    let ancillary = section.or("service", Ancillary::ReturnService, &one_of(Ancillary::ALL));
    let full_service = section.or("full_service", false, &truth());
    let tracing = section.or("tracing", true, &truth());
    let service = ServiceType::first_class(ancillary, full_service, tracing);
    if let Err(error) = service {
        section.complain("service", &format!("cannot be: {error}"));
    }
    service.ok()
}
