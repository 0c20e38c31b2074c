//! Proofs: letters printed to invented people, to see before a night whether every form holds what it must.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::domain::letter::named;
use crate::domain::password::TemporaryPassword;
use crate::domain::request::{Format, Language, Recipient};
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::piece::{DocumentInfo, Piece, PrintMode, PrintStream};
use crate::letter::preview::samples::{self, Sample};
use crate::letter::stationery::Stationery;
use crate::letter::template::dates;
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::render::TemplateSet;

named! {
    /// How a proof came out.
    Verdict {
        /// The letter can be printed.
        Fits = "fits",
        /// The person's data cannot be printed or shown in the window: such a request waits for a person.
        Held = "held",
        /// The template is at fault: it must be mended before a night.
        Fails = "fails",
    }
}

/// One sample in one form of the letter; without a sample, the form itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The form's language.
    pub language: Language,
    /// The form's format.
    pub format: Format,
    /// The template that it is made from.
    pub template: String,
    /// What the sample stands for.
    pub sample: Option<&'static str>,
    /// How many pages the letter has; 0 where it was not printed.
    pub pages: u32,
    /// How many sheets it has; 0 where it was not printed.
    pub sheets: u32,
    /// How it came out.
    pub verdict: Verdict,
    /// What does not fit and, where the template is at fault, what to do.
    pub reason: Option<String>,
}

/// What a sample letter says besides its recipient's own data. Dates are in the site's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion<'a> {
    /// The name of the package that it pretends to come from.
    pub package: &'a str,
    /// When it is made.
    pub made_at: DateTime<Utc>,
    /// The date of the letter.
    pub made_on: NaiveDate,
    /// The last day of the password.
    pub use_by_on: NaiveDate,
    /// When the letter was asked for.
    pub requested_on: NaiveDate,
    /// What readers call the time zone: English, Spanish.
    pub zone_names: [&'a str; 2],
    /// How its vendor prints.
    pub mode: PrintMode,
    /// Whether a sample of the barcode is printed.
    pub has_barcode: bool,
}

impl<'a> Occasion<'a> {
    /// The occasion whose dates take most room when they are written out.
    #[must_use]
    pub fn widest(package: &'a str, zone_names: [&'a str; 2]) -> Self {
        let date = dates::widest();
        let made_at = date.and_time(chrono::NaiveTime::MIN).and_utc();
        let mode = PrintMode { duplex: false, barcode_room: true };
        let (made_on, use_by_on, requested_on) = (date, date, date);
        Self { package, made_at, made_on, use_by_on, requested_on, zone_names, mode, has_barcode: true }
    }
}

/// Prints one letter to an invented person, with a password that is plainly nobody's.
///
/// # Errors
/// As [`Stationery::print_stream`].
pub fn print(
    stationery: &Stationery,
    recipient: &Recipient,
    occasion: &Occasion<'_>,
) -> Result<PrintStream, LetterError> {
    print_with(stationery, recipient, occasion, samples::password())
}

fn print_with(
    stationery: &Stationery,
    recipient: &Recipient,
    occasion: &Occasion<'_>,
    password: Option<TemporaryPassword>,
) -> Result<PrintStream, LetterError> {
    let unreadable = || LetterError::Pdf("the sample's password or id is none".to_owned());
    let password = password.ok_or_else(unreadable)?;
    let [english, spanish] = occasion.zone_names;
    let barcode = samples::barcode(recipient).filter(|_| occasion.has_barcode);
    let piece = Piece {
        recipient,
        barcode: barcode.as_ref(),
        letter_id: samples::letter_id().ok_or_else(unreadable)?,
        password: &password,
        sequence: 1,
        made_on: occasion.made_on,
        use_by_on: occasion.use_by_on,
        zone_name: match recipient.language {
            Language::En => english,
            Language::Es => spanish,
        },
        requested_on: occasion.requested_on,
    };
    let document =
        DocumentInfo { package: occasion.package.to_owned(), made_at: occasion.made_at, mode: occasion.mode };
    stationery.print_stream(&document, &[piece])
}

/// Every sample in every form.
#[must_use]
pub fn all(stationery: &Stationery, templates: &TemplateSet, occasion: &Occasion<'_>) -> Vec<Proof> {
    let mut proofs = Vec::new();
    for (language, format) in forms() {
        let form = Form { stationery, template: templates.name_for(language, format), occasion };
        let mut samples = samples::all(language, format);
        samples.insert(samples.len().saturating_sub(2), form.fullest(language, format));
        proofs.extend(samples.iter().map(|sample| form.prove(sample)));
    }
    proofs
}

/// What keeps each form from being compiled; empty where nothing does. Told for every form, where compiling the whole
/// stationery stops at the first.
#[must_use]
pub fn faults(templates: &TemplateSet, letterhead: &Letterhead, geometry: &SheetGeometry) -> Vec<Proof> {
    let Err(common) = Stationery::compile(templates, letterhead, geometry) else { return Vec::new() };
    let mut faults = Vec::new();
    for (language, format) in forms() {
        let alone = alone(templates, language, format);
        let template = templates.name_for(language, format);
        match Stationery::compile(&alone, letterhead, geometry) {
            Err(error) if is_of(&error, language, format) => faults.push(fault(language, format, template, error)),
            _ => {}
        }
    }
    if faults.is_empty() {
        // What all forms share is at fault: letterhead, geometry, the syntax of a template.
        let (language, format) = (Language::En, Format::Standard);
        let template = match &common {
            LetterError::Template { name, .. } => name.clone(),
            _ => templates.name_for(language, format),
        };
        faults.push(fault(language, format, template, common));
    }
    faults
}

/// The names that a template of a letter can have: for a language, and for one of its formats alone.
#[must_use]
pub fn template_names() -> Vec<String> {
    let for_language = Language::ALL.iter().map(|language| format!("temporary-password/{language}.md"));
    for_language.chain(forms().map(|(language, format)| own_name(language, format))).collect()
}

/// Every form of the letter.
fn forms() -> impl Iterator<Item = (Language, Format)> {
    Language::ALL.iter().flat_map(|language| Format::ALL.iter().map(|format| (*language, *format)))
}

/// The name under which a set can hold a template for one form only.
fn own_name(language: Language, format: Format) -> String {
    format!("temporary-password/{language}.{format}.md")
}

/// The set with one form's own template, and the built-in ones for all other forms.
fn alone(templates: &TemplateSet, language: Language, format: Format) -> TemplateSet {
    let (mut alone, builtin) = (templates.clone(), TemplateSet::builtin());
    for (other_language, other_format) in forms() {
        let source = if (other_language, other_format) == (language, format) { templates } else { &builtin };
        let text = source.0.get(&source.name_for(other_language, other_format));
        alone.0.extend(text.map(|text| (own_name(other_language, other_format), text.clone())));
    }
    alone
}

fn is_of(error: &LetterError, language: Language, format: Format) -> bool {
    match error {
        LetterError::Template { name, .. } => *name == own_name(language, format),
        LetterError::Layout { language: of, format: its, .. } => (*of, *its) == (language, format),
        _ => false,
    }
}

fn fault(language: Language, format: Format, template: String, error: LetterError) -> Proof {
    let (reason, remedy) = match error {
        LetterError::Template { reason, .. } => {
            (reason, "mend it there; docs/templates.md lists what a template can say")
        }
        LetterError::Layout { reason, .. } => (reason, "mend or shorten its text"),
        other => (other.to_string(), "mend it in the configuration"),
    };
    let reason = Some(format!("{reason}; {remedy}"));
    Proof { language, format, template, sample: None, pages: 0, sheets: 0, verdict: Verdict::Fails, reason }
}

/// A form to be proved.
struct Form<'a> {
    stationery: &'a Stationery,
    template: String,
    occasion: &'a Occasion<'a>,
}

impl Form<'_> {
    fn prove(&self, sample: &Sample) -> Proof {
        let Sample { name, recipient, must_fit } = sample;
        let mut proof = Proof {
            language: recipient.language,
            format: recipient.format,
            template: self.template.clone(),
            sample: Some(name),
            pages: 0,
            sheets: 0,
            verdict: Verdict::Fits,
            reason: None,
        };
        if let Err(refusal) = self.stationery.check(recipient) {
            (proof.verdict, proof.reason) = told(&refusal, *must_fit);
            return proof;
        }
        // The widest of everything, at once.
        match print_with(self.stationery, recipient, self.occasion, samples::widest_password()) {
            Ok(stream) => {
                (proof.pages, proof.sheets) = stream.pieces.first().map_or((0, 0), |piece| (piece.pages, piece.sheets));
            }
            Err(LetterError::Unprintable { reason, .. }) => {
                (proof.verdict, proof.reason) = told(&reason, *must_fit);
            }
            Err(error) => (proof.verdict, proof.reason) = (Verdict::Fails, Some(error.to_string())),
        }
        proof
    }

    /// The longest data of which the window shows every line: each line cut until it does.
    fn fullest(&self, language: Language, format: Format) -> Sample {
        let mut recipient = samples::longest(language, format);
        let mut checker = self.stationery.checker(self.occasion.mode);
        while let Err(refusal) = checker.check(&recipient) {
            let cut = match refusal.field {
                "full_name" => recipient.full_name.pop(),
                "address_line_1" => recipient.address.address_line_1.pop(),
                "address_line_2" | "address" => recipient.address.address_line_2.pop(),
                "city" => recipient.address.city.pop(),
                _ => None,
            };
            if cut.is_none() {
                break;
            }
        }
        Sample { name: "as long as fits", recipient, must_fit: true }
    }
}

/// What a refusal means. A letter that does not fit as a whole is the template's fault: its address did fit.
fn told(refusal: &Unprintable, must_fit: bool) -> (Verdict, Option<String>) {
    if refusal.field == "letter" {
        return (Verdict::Fails, Some(format!("{}; shorten the template's text", refusal.reason)));
    }
    if must_fit {
        let remedy = "no such letter could be mailed: give [envelope] a larger window or a lower fold";
        return (Verdict::Fails, Some(format!("{refusal}; {remedy}")));
    }
    (Verdict::Held, Some(refusal.to_string()))
}
