//! How many letters a package of a limited size can hold, from what earlier packages of the same kind came to.
//!
//! This only spares a batch that would have to be cut: the size of a sealed package is known when it is sealed, and what
//! is too large then is never sent.

/// Letters and bytes of a package that was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Letters in it.
    pub letters: u32,
    /// Its length when sealed.
    pub bytes: u64,
}

/// The part of the limit that is filled, in percent: letters differ.
const FILLED_PERCENT: u64 = 90;

/// The most letters that should go into a package of at most `limit_bytes`; `None` where nothing was measured.
///
/// A package is something that it has anyway, such as its fonts, and something for each letter. Two packages of different
/// numbers of letters tell both; one alone is taken to be letters only, which errs on the safe side.
#[must_use]
pub fn most_letters(measured: &[Measured], limit_bytes: u64) -> Option<u32> {
    let largest = measured.iter().filter(|package| package.letters > 0).max_by_key(|package| package.letters)?;
    let smallest = measured.iter().filter(|package| package.letters > 0).min_by_key(|package| package.letters)?;
    let filled = limit_bytes / 100 * FILLED_PERCENT;
    let alone = (0, largest.bytes.div_ceil(u64::from(largest.letters)).max(1));
    let (anyway, each) = line_through(*smallest, *largest).unwrap_or(alone);
    let letters = filled.saturating_sub(anyway) / each;
    Some(u32::try_from(letters).unwrap_or(u32::MAX).max(1))
}

/// The bytes that a package has anyway, and those of each letter; `None` where the two packages do not tell.
fn line_through(smaller: Measured, larger: Measured) -> Option<(u64, u64)> {
    let letters = u64::from(larger.letters.checked_sub(smaller.letters)?);
    let each = larger.bytes.checked_sub(smaller.bytes)?.checked_div(letters)?.checked_add(1)?;
    let anyway = larger.bytes.checked_sub(each.checked_mul(u64::from(larger.letters))?)?;
    (each > 1).then_some((anyway, each))
}

/// How many of `letters` to keep of a package that came to `bytes` and may have `limit_bytes`: fewer than before, and
/// one at least. Every turn after the first halves, so that there are few.
#[must_use]
pub fn cut(letters: u32, bytes: u64, limit_bytes: u64, is_first: bool) -> u32 {
    let most = letters.saturating_sub(1);
    let in_proportion = u64::from(letters).saturating_mul(limit_bytes / 100 * FILLED_PERCENT) / bytes.max(1);
    let in_proportion = u32::try_from(in_proportion).unwrap_or(most).min(most);
    if is_first { in_proportion } else { in_proportion.min(letters / 2) }.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(packages: &[(u32, u64)]) -> Vec<Measured> {
        packages.iter().map(|(letters, bytes)| Measured { letters: *letters, bytes: *bytes }).collect()
    }

    #[test]
    fn nine_tenths_of_the_limit_are_filled() {
        // 50,000 bytes anyway and 2,000 a letter.
        let packages = measured(&[(10, 70_000), (100, 250_000), (40, 130_000)]);
        assert_eq!(most_letters(&packages, 1_000_000), Some((900_000 - 50_000) / 2_000 - 1));
        assert_eq!(most_letters(&[], 1_000_000), None);
    }

    #[test]
    fn one_package_is_taken_to_be_letters_only() {
        assert_eq!(most_letters(&measured(&[(10, 70_000)]), 1_000_000), Some(900_000 / 7_000));
        assert_eq!(most_letters(&measured(&[(1, 2_000_000)]), 1_000_000), Some(1), "one is always tried");
    }

    #[test]
    fn packages_that_contradict_each_other_are_taken_by_the_largest() {
        let shrunk = measured(&[(10, 300_000), (100, 200_000)]);
        assert_eq!(most_letters(&shrunk, 1_000_000), Some(900_000 / 2_000));
        // More a letter than there is: nothing is left that the package has anyway.
        assert_eq!(most_letters(&measured(&[(10, 10_000), (11, 40_000)]), 900_000), Some(810_000 / 3_637));
    }

    #[test]
    fn a_cut_ends_whatever_the_letters_are_like() {
        for anyway in [0, 100_000, 999_000, 2_000_000] {
            let (mut letters, mut turns) = (1_000, 0);
            while anyway + u64::from(letters) * 2_000 > 1_000_000 && letters > 1 {
                letters = cut(letters, anyway + u64::from(letters) * 2_000, 1_000_000, turns == 0);
                turns += 1;
            }
            assert!(turns <= 11, "{anyway}: {turns}");
        }
        assert_eq!(cut(1000, 2_000_000, 1_000_000, true), 450);
        assert_eq!(cut(450, 1_010_000, 1_000_000, false), 225);
        assert_eq!(cut(2, 9_000_000, 1_000_000, true), 1);
    }
}
