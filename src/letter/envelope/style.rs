//! How an address is set in the window: what a site chooses, beside where the window is.

use std::fmt;

/// When the words of a street are abbreviated as in Publication 28.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Abbreviations {
    /// Where the line would else be too wide for the window at a comfortable size.
    #[default]
    WhenNeeded,
    /// In every domestic address; punctuation that may be omitted is.
    Always,
    /// Not at all: a line that is too wide is set smaller, and then refused.
    Never,
}

impl Abbreviations {
    /// Every choice.
    pub const ALL: &'static [Self] = &[Self::WhenNeeded, Self::Always, Self::Never];
}

impl fmt::Display for Abbreviations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::WhenNeeded => "when-needed",
            Self::Always => "always",
            Self::Never => "never",
        })
    }
}

/// How an address is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressStyle {
    /// Whether the letter's id stands above the address, so that an envelope that comes back is known unopened.
    pub keyline: bool,
    /// When a street is abbreviated.
    pub abbreviations: Abbreviations,
}

impl Default for AddressStyle {
    fn default() -> Self {
        Self { keyline: true, abbreviations: Abbreviations::default() }
    }
}
