//! Templates: Tera puts the organisation's words in, and a sentinel for each slot; what comes out is Markdown.

use std::collections::BTreeMap;
use std::io::Write;

use tera::{Context, Tera};

use crate::domain::request::{Format, Language};
use crate::letter::error::LetterError;
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::slot::{Slot, WHOLE_CLOSE, WHOLE_OPEN};

/// The texts of the templates by name. `docs/templates.md` describes the markup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateSet(pub BTreeMap<String, String>);

impl TemplateSet {
    /// The templates that come with letterpost.
    #[must_use]
    pub fn builtin() -> Self {
        let texts = [
            ("letterhead.md", include_str!("../../../templates/letterhead.md")),
            ("temporary-password/en.md", include_str!("../../../templates/temporary-password/en.md")),
            ("temporary-password/es.md", include_str!("../../../templates/temporary-password/es.md")),
        ];
        Self(texts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// The name of the template for a letter: the one for its format where the set has it.
    pub(in crate::letter) fn name_for(&self, language: Language, format: Format) -> String {
        let own = format!("temporary-password/{language}.{format}.md");
        if self.0.contains_key(&own) { own } else { format!("temporary-password/{language}.md") }
    }

    /// Parses every template, so that an error in any of them is found before the first letter.
    pub(in crate::letter) fn parse(&self) -> Result<Tera, LetterError> {
        for (name, text) in &self.0 {
            if let Some(character) = text.chars().find(|c| matches!(c, '\u{E000}'..='\u{F8FF}')) {
                let reason = format!("U+{:04X} is a private-use character; remove it", u32::from(character));
                return Err(LetterError::Template { name: name.clone(), reason });
            }
        }
        let mut tera = Tera::new();
        tera.set_escape_fn(escape_markdown);
        tera.autoescape_on([".md"]);
        let texts = self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        tera.add_raw_templates(texts)
            .map_err(|error| LetterError::Template { name: "the set".to_owned(), reason: told(&error) })?;
        Ok(tera)
    }
}

/// Renders one template to Markdown.
pub(in crate::letter) fn render(
    tera: &Tera,
    name: &str,
    letterhead: &Letterhead,
    language: Language,
    format: Format,
) -> Result<String, LetterError> {
    tera.render(name, &context(letterhead, language, format))
        .map_err(|error| LetterError::Template { name: name.to_owned(), reason: told(&error) })
}

/// What a template can use.
fn context(letterhead: &Letterhead, language: Language, format: Format) -> Context {
    let slots: BTreeMap<&str, String> = Slot::ALL.iter().map(|(slot, name)| (*name, slot.sentinel().into())).collect();
    let hours = match language {
        Language::En => &letterhead.help_hours_en,
        Language::Es => &letterhead.help_hours_es,
    };
    let whole = |text: &str| format!("{WHOLE_OPEN}{text}{WHOLE_CLOSE}");
    let mut organisation: BTreeMap<&str, String> = BTreeMap::new();
    organisation.insert("agency", letterhead.agency.clone());
    organisation.insert("help_phone", whole(&letterhead.help_phone));
    organisation.insert("help_hours", hours.clone());
    organisation.insert("sign_in_address", whole(&letterhead.sign_in_address));
    let mut context = Context::new();
    context.insert("slot", &slots);
    context.insert("letterhead", &organisation);
    context.insert("return_address", &letterhead.return_address);
    context.insert("large_print", &(format == Format::LargePrint));
    context
}

/// Keeps the organisation's words plain text: a backslash before each character that Markdown could read.
fn escape_markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mut utf8 = [0; 4];
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            out.write_all(b"\\")?;
        }
        out.write_all(character.encode_utf8(&mut utf8).as_bytes())?;
    }
    Ok(())
}

/// An error with its causes, on one line.
fn told(error: &tera::Error) -> String {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        reason = format!("{reason}: {inner}");
        cause = inner.source();
    }
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}
