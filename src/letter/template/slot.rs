//! Slots: the places of a letter that a recipient's own data fills, after the template is parsed.
//!
//! A template sees a slot as one private-use character, so that nothing a person writes can become markup.

use zeroize::Zeroizing;

/// A place that is filled for each letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::letter) enum Slot {
    FullName,
    Password,
    UseByOn,
    ZoneName,
    MadeOn,
    RequestedOn,
    LetterId,
    Page,
    Pages,
}

/// The first sentinel; the slots follow in the order of [`Slot::ALL`].
const FIRST_SENTINEL: u32 = 0xE000;
/// Opens a passage that is never broken over lines.
pub(in crate::letter) const WHOLE_OPEN: char = '\u{E0F0}';
/// Closes a passage that is never broken over lines.
pub(in crate::letter) const WHOLE_CLOSE: char = '\u{E0F1}';

impl Slot {
    /// Every slot with its name in templates.
    pub(in crate::letter) const ALL: [(Self, &'static str); 9] = [
        (Self::FullName, "full_name"),
        (Self::Password, "password"),
        (Self::UseByOn, "use_by_on"),
        (Self::ZoneName, "zone_name"),
        (Self::MadeOn, "made_on"),
        (Self::RequestedOn, "requested_on"),
        (Self::LetterId, "letter_id"),
        (Self::Page, "page"),
        (Self::Pages, "pages"),
    ];

    /// The character that stands for this slot in a rendered template.
    pub(in crate::letter) fn sentinel(self) -> char {
        char::from_u32(FIRST_SENTINEL + self as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Whether what fills the slot is one letter's own, and not the same for all letters of a night.
    pub(in crate::letter) fn is_personal(self) -> bool {
        matches!(self, Self::FullName | Self::Password | Self::LetterId | Self::Page | Self::Pages)
    }

    /// The slot that this character stands for.
    pub(in crate::letter) fn of_sentinel(character: char) -> Option<Self> {
        let place = u32::from(character).checked_sub(FIRST_SENTINEL)?;
        Self::ALL.get(usize::try_from(place).ok()?).map(|(slot, _)| *slot)
    }
}

/// What fills the slots of one letter.
pub(in crate::letter) struct SlotTexts {
    pub full_name: String,
    pub password: Zeroizing<String>,
    pub use_by_on: String,
    pub zone_name: String,
    pub made_on: String,
    pub requested_on: String,
    pub letter_id: String,
    pub page: String,
    pub pages: String,
}

impl SlotTexts {
    /// The texts that many letters of a night share, in one.
    pub(in crate::letter) fn dates(&self) -> String {
        [self.made_on.as_str(), &self.use_by_on, &self.zone_name, &self.requested_on].join("\n")
    }

    /// The text of a slot.
    pub(in crate::letter) fn get(&self, slot: Slot) -> &str {
        match slot {
            Slot::FullName => &self.full_name,
            Slot::Password => &self.password,
            Slot::UseByOn => &self.use_by_on,
            Slot::ZoneName => &self.zone_name,
            Slot::MadeOn => &self.made_on,
            Slot::RequestedOn => &self.requested_on,
            Slot::LetterId => &self.letter_id,
            Slot::Page => &self.page,
            Slot::Pages => &self.pages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_its_own_sentinel() {
        for (slot, name) in Slot::ALL {
            assert_eq!(Slot::of_sentinel(slot.sentinel()), Some(slot), "{name}");
        }
        assert_eq!(Slot::of_sentinel('a'), None);
        assert_eq!(Slot::of_sentinel(WHOLE_OPEN), None);
    }
}
