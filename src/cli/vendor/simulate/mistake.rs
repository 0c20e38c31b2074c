//! The mistakes that a vendor can make in a receipt, and what sets each right.

use chrono::{Days, NaiveDate};
use clap::ValueEnum;

use super::report::{Report, Told};
use crate::domain::letter::LetterId;
use crate::domain::receipt::{PackageEvent, ReceiptEvent};
use crate::package::digest::Sha256Digest;

/// How far from the truth a wrong date lies, in days.
const DAYS_OFF: u64 = 60;
/// The sequence of random bytes of a letter that no site has: zeros.
const NOBODYS: [u8; LetterId::ENTROPY_BYTES] = [0; LetterId::ENTROPY_BYTES];
/// What a vendor of another system might write.
const NO_EVENT: &str = "inserted";

/// A kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Mistake {
    /// No signature lies beside the receipt.
    Unsigned,
    /// Somebody else's key signed it.
    OtherKey,
    /// A line was added after it was signed.
    ChangedAfterSigning,
    /// Its last row is missing.
    NoTrailer,
    /// Its last row counts one letter more.
    WrongTotal,
    /// It speaks of a sealed package with other bytes.
    OtherDigest,
    /// It is written as UTF-16.
    NotUtf8,
    /// It says that the package was refused, after one that says accepted.
    Opposite,
    /// A number is left out.
    Gap,
    /// The receipt before it is written again with other contents.
    Replaced,
    /// A letter took one sheet more than the manifest says.
    WrongSheets,
    /// A line speaks of a letter that is not in the package.
    ForeignLetter,
    /// A line is dated in the future.
    FutureDate,
    /// A line is dated before the package was made.
    EarlyDate,
    /// A letter was mailed on two days.
    MailedTwice,
    /// A letter was printed after it was mailed.
    Backwards,
    /// A line has an event that none is.
    UnknownEvent,
    /// A pull order is not followed.
    IgnoredPull,
}

impl Mistake {
    /// Every kind, in the order of the declaration.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Its name, as typed.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether it can be made in this report, the `number`-th receipt of its package.
    pub(super) fn fits(self, report: &Report, number: u32) -> bool {
        let mails = || report.lines.iter().any(|line| line.event == ReceiptEvent::Mailed);
        match self {
            Self::IgnoredPull => false,
            Self::Opposite | Self::Replaced => number > 1,
            Self::WrongSheets | Self::FutureDate | Self::EarlyDate | Self::UnknownEvent => !report.lines.is_empty(),
            Self::MailedTwice | Self::Backwards => mails(),
            _ => true,
        }
    }

    /// The report with this mistake in it, where it is one of what the report says; with the lines that are thereby not
    /// said rightly.
    pub(super) fn garble(self, report: &Report) -> (Report, Vec<Told>) {
        let (mut wrong, mut unsaid) = (report.clone(), Vec::new());
        match self {
            Self::OtherDigest => wrong.sha256 = Sha256Digest::of(b"another package"),
            Self::Opposite => {
                wrong.event = PackageEvent::Refused;
                wrong.lines.clear();
            }
            Self::ForeignLetter => {
                let (letter_id, on) = (LetterId::from_entropy(NOBODYS), report.event_on);
                wrong.lines.push(Told {
                    letter_id,
                    event: ReceiptEvent::Printed,
                    on,
                    sheets: 1,
                    detail: String::new(),
                });
            }
            Self::WrongSheets | Self::FutureDate | Self::EarlyDate => {
                if let Some(line) = wrong.lines.first_mut() {
                    unsaid.push(line.clone());
                    self.garble_line(line);
                }
            }
            Self::MailedTwice | Self::Backwards => {
                let mailed = report.lines.iter().find(|line| line.event == ReceiptEvent::Mailed);
                wrong.lines.extend(mailed.map(|line| self.contradiction(line)));
            }
            Self::UnknownEvent => {
                wrong
                    .lines
                    .extend(report.lines.first().map(|line| Told { detail: NO_EVENT.to_owned(), ..line.clone() }));
            }
            _ => {}
        }
        (wrong, unsaid)
    }

    fn garble_line(self, line: &mut Told) {
        match self {
            Self::WrongSheets => line.sheets += 1,
            Self::FutureDate => line.on = days_after(line.on),
            _ => line.on = days_before(line.on, DAYS_OFF),
        }
    }

    /// A second line on a mailed letter, which cannot be so as well.
    fn contradiction(self, line: &Told) -> Told {
        match self {
            Self::MailedTwice => Told { on: days_before(line.on, 1), ..line.clone() },
            _ => Told { event: ReceiptEvent::Printed, ..line.clone() },
        }
    }

    /// The text of a receipt with this mistake in it, where it is one of how the receipt is written.
    pub(super) fn garble_text(self, csv: &str) -> Vec<u8> {
        let (head, trailer) = csv.trim_end().rsplit_once("\r\n").unwrap_or((csv, ""));
        match self {
            Self::NoTrailer => format!("{head}\r\n").into_bytes(),
            Self::WrongTotal => {
                let (sum, count) = trailer.rsplit_once(',').unwrap_or((trailer, "0"));
                let count = count.parse::<u64>().unwrap_or_default() + 1;
                format!("{head}\r\n{sum},{count}\r\n").into_bytes()
            }
            Self::NotUtf8 => csv.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::UnknownEvent => unknown_event(csv).into_bytes(),
            _ => csv.as_bytes().to_vec(),
        }
    }
}

/// The line that is marked for it gets an event that none is.
fn unknown_event(csv: &str) -> String {
    let garbled = |line: &str| {
        let mut fields: Vec<&str> = line.split(',').collect();
        if let (Some(NO_EVENT), Some(event)) = (fields.get(5).map(|detail| detail.trim_end()), fields.get_mut(2)) {
            *event = NO_EVENT;
        }
        fields.join(",")
    };
    csv.split_inclusive('\n').map(garbled).collect()
}

fn days_after(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(DAYS_OFF)).unwrap_or(date)
}

fn days_before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}
