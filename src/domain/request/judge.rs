//! Judging a row: every rule that it can break by itself, and all its faults at once.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::super::address_key::address_sha256;
use super::content::Content;
use super::place::judge_address;
use super::text::{clean, shown};
use super::{AddressBasis, FieldProblem, Format, Language, NewRequest, RawRequest, Recipient, SecondFactor};

/// Characters in a reference, at most.
const REFERENCE_LIMIT: usize = 64;
/// Characters in a username, at most.
const USERNAME_LIMIT: usize = 128;
/// Characters in a name, at most.
pub const NAME_LIMIT: usize = 100;
/// Characters in a telephone number with its punctuation and extension, at most.
const PHONE_LIMIT: usize = 40;
/// Characters in a code word or a date, at most.
const WORD_LIMIT: usize = 40;
/// No portal asked for letters before this year: an earlier one is a clock that was never set.
const FIRST_YEAR: i32 = 2000;

/// The request that a row makes.
///
/// A date in the future is not a fault here, for the caller owns the clock: see [`NewRequest::is_from_the_future`].
/// Text such as `{{ name }}` or an emoji is no fault either: it is only ever text, and the letter decides what it can
/// print.
///
/// # Errors
/// Everything that is wrong with the row, in the order in which the columns were judged.
pub fn judge(raw: &RawRequest) -> Result<NewRequest, Vec<FieldProblem>> {
    let mut findings = Findings::default();
    let request = judge_columns(raw, &mut findings);
    let problems = findings.into_problems();
    match request {
        Some(request) if problems.is_empty() => Ok(request),
        _ => Err(problems),
    }
}

/// Judges every column before the first `?`, so that one fault does not hide another.
fn judge_columns(raw: &RawRequest, findings: &mut Findings) -> Option<NewRequest> {
    let reference = judge_reference(raw, findings);
    let username = judge_username(raw, findings);
    let full_name = findings.required("full_name", raw.full_name.as_deref(), NAME_LIMIT);
    let address = judge_address(raw, findings);
    judge_phone(raw, findings);
    let second_factor = findings
        .required("second_factor", raw.second_factor.as_deref(), WORD_LIMIT)
        .and_then(|word| findings.named("second_factor", &word, SecondFactor::from_name, "email or phone"));
    let language = findings
        .optional("language", raw.language.as_deref(), WORD_LIMIT)
        .and_then(|word| findings.named("language", or(&word, "en"), Language::from_name, "en or es"));
    let format = findings
        .optional("format", raw.format.as_deref(), WORD_LIMIT)
        .and_then(|word| findings.named("format", or(&word, "standard"), Format::from_name, "standard or large-print"));
    let requested_at = judge_requested_at(raw, findings);
    let address_basis = judge_address_basis(raw, findings);
    let address_since = judge_address_since(raw, findings);

    let recipient = Recipient { full_name: full_name?, address: address?, language: language?, format: format? };
    let (reference, username) = (reference?, username?);
    let (second_factor, requested_at) = (second_factor?, requested_at?);
    let content = Content {
        reference: &reference,
        username: &username,
        recipient: &recipient,
        second_factor,
        requested_at,
        address_basis,
        address_since,
    };
    let content_sha256 = content.sha256();
    let address_sha256 = address_sha256(&recipient.address);
    Some(NewRequest {
        reference,
        username,
        recipient,
        second_factor,
        requested_at,
        address_basis,
        address_since,
        address_sha256,
        content_sha256,
    })
}

/// The word, or what an empty one stands for.
fn or<'a>(word: &'a str, default: &'a str) -> &'a str {
    if word.is_empty() { default } else { word }
}

/// A reference is copied into files, tickets and conversations, so it is visible ASCII without spaces.
fn judge_reference(raw: &RawRequest, findings: &mut Findings) -> Option<String> {
    let reference = findings.required("reference", raw.reference.as_deref(), REFERENCE_LIMIT)?;
    if reference.bytes().all(|b| b.is_ascii_graphic()) {
        return Some(reference);
    }
    findings.add(
        "reference",
        "has a space or a character beyond ASCII".to_owned(),
        "use letters, digits and punctuation without spaces, as in EBA-2026-000123".to_owned(),
    );
    None
}

/// A username names an account exactly. Composing it to normal form C is harmless; turning a typographic space into
/// a plain one would name another account, so such a space is refused.
fn judge_username(raw: &RawRequest, findings: &mut Findings) -> Option<String> {
    let username = findings.required("username", raw.username.as_deref(), USERNAME_LIMIT)?;
    let found = raw.username.as_deref().unwrap_or_default().trim();
    if found.chars().any(|c| c.is_whitespace() && c != ' ') {
        findings.add(
            "username",
            "has a space of an unusual kind".to_owned(),
            "write the username as the account has it".to_owned(),
        );
        return None;
    }
    Some(username)
}

/// A telephone number is checked for its shape, so that a shifted column shows, and then forgotten.
fn judge_phone(raw: &RawRequest, findings: &mut Findings) {
    let Some(phone) = findings.optional("phone", raw.phone.as_deref(), PHONE_LIMIT) else { return };
    if !phone.is_empty() && !phone.bytes().any(|b| b.is_ascii_digit()) {
        findings.add(
            "phone",
            "has no digit".to_owned(),
            "write a telephone number, or leave it empty; check that no column has shifted".to_owned(),
        );
    }
}

/// The instant of the request.
fn judge_requested_at(raw: &RawRequest, findings: &mut Findings) -> Option<DateTime<Utc>> {
    let found = findings.required("requested_at", raw.requested_at.as_deref(), WORD_LIMIT)?;
    let Ok(requested_at) = DateTime::parse_from_rfc3339(&found) else {
        findings.add(
            "requested_at",
            "is not an RFC 3339 date and time with an offset".to_owned(),
            "write it as in 2026-03-02T09:30:00-05:00".to_owned(),
        );
        return None;
    };
    let requested_at = requested_at.to_utc();
    if requested_at.year() < FIRST_YEAR {
        findings.add(
            "requested_at",
            format!("is before the year {FIRST_YEAR}"),
            "check the clock of the portal".to_owned(),
        );
        return None;
    }
    Some(requested_at)
}

/// Where the address is from; `None` both where it is not said and where it is wrong.
fn judge_address_basis(raw: &RawRequest, findings: &mut Findings) -> Option<AddressBasis> {
    let word = findings.optional("address_basis", raw.address_basis.as_deref(), WORD_LIMIT)?;
    if word.is_empty() {
        return None;
    }
    findings.named("address_basis", &word, AddressBasis::from_name, "of-record or supplied")
}

/// Since when the address is known; `None` both where it is not said and where it is wrong.
fn judge_address_since(raw: &RawRequest, findings: &mut Findings) -> Option<NaiveDate> {
    let found = findings.optional("address_since", raw.address_since.as_deref(), WORD_LIMIT)?;
    if found.is_empty() {
        return None;
    }
    let plain = found.len() == 10 && found.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = found.parse::<NaiveDate>().ok().filter(|_| plain);
    if date.is_none() {
        findings.add(
            "address_since",
            "is not a calendar date".to_owned(),
            "write it as in 2026-03-02, or leave it empty".to_owned(),
        );
    }
    date
}

/// What has been found wrong with one row so far.
#[derive(Default)]
pub(super) struct Findings(Vec<FieldProblem>);

impl Findings {
    /// Notes one problem.
    pub(super) fn add(&mut self, column: &'static str, problem: String, remedy: String) {
        self.0.push(FieldProblem { column, problem, remedy });
    }

    /// All problems, in the order in which they were found.
    pub(super) fn into_problems(self) -> Vec<FieldProblem> {
        self.0
    }

    /// The clean text of a column that may be empty: empty where it is absent, `None` where it is wrong.
    pub(super) fn optional(&mut self, column: &'static str, found: Option<&str>, limit: usize) -> Option<String> {
        clean(found.unwrap_or_default(), limit).map_err(|wrong| self.add(column, wrong.problem, wrong.remedy)).ok()
    }

    /// The clean text of a column that may not be empty.
    pub(super) fn required(&mut self, column: &'static str, found: Option<&str>, limit: usize) -> Option<String> {
        let text = self.optional(column, found, limit)?;
        if text.is_empty() {
            self.add(column, "is missing".to_owned(), "every request needs it".to_owned());
            return None;
        }
        Some(text)
    }

    /// The value with this name, case aside.
    fn named<T>(
        &mut self,
        column: &'static str,
        word: &str,
        from_name: impl Fn(&str) -> Option<T>,
        known: &str,
    ) -> Option<T> {
        let value = from_name(&word.to_ascii_lowercase());
        if value.is_none() {
            self.add(column, format!("{} is unknown", shown(word)), format!("write {known}"));
        }
        value
    }
}

#[cfg(test)]
mod tests;
