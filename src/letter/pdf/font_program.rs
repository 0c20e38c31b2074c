//! A font program without the tables that a PDF has no use for: names and glyph names take a third of a small subset.
//! What an embedded TrueType font needs is listed in ISO 32000-1, 9.9.

/// Tables that are left out.
const IDLE: [&[u8]; 2] = [b"name", b"post"];
/// Bytes of the header, and of each entry of the table of tables.
const HEADER: usize = 12;
const ENTRY: usize = 16;
/// The place of the checksum of the whole font in its table `head`.
const CHECKSUM_PLACE: usize = 8;
/// What the words of a font and its checksum add up to (OpenType, table `head`).
const CHECKSUM_SUM: u32 = 0xB1B0_AFBA;

/// The program without its idle tables; `None` where it is no TrueType font.
pub(in crate::letter) fn slim(program: &[u8]) -> Option<Vec<u8>> {
    let count = usize::from(u16::from_be_bytes(program.get(4..6)?.try_into().ok()?));
    let entries = program.get(HEADER..HEADER + count * ENTRY)?.chunks(ENTRY);
    let mut kept = Vec::with_capacity(count);
    for entry in entries {
        let (tag, checksum) = (entry.get(..4)?, entry.get(4..8)?);
        let (offset, length) = (number(entry.get(8..12)?)?, number(entry.get(12..16)?)?);
        if !IDLE.contains(&tag) {
            kept.push((tag, checksum, program.get(offset..offset + length)?));
        }
    }
    let mut out = program.get(..4)?.to_vec();
    out.extend(search_fields(kept.len())?);
    let mut offset = HEADER + kept.len() * ENTRY;
    let mut head = None;
    for (tag, checksum, table) in &kept {
        if *tag == b"head" {
            head = Some(offset);
        }
        out.extend_from_slice(tag);
        out.extend_from_slice(checksum);
        out.extend(u32::try_from(offset).ok()?.to_be_bytes());
        out.extend(u32::try_from(table.len()).ok()?.to_be_bytes());
        offset += table.len().next_multiple_of(4);
    }
    for (_, _, table) in kept {
        out.extend_from_slice(table);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let place = head? + CHECKSUM_PLACE;
    out.get_mut(place..place + 4)?.fill(0);
    let checksum = CHECKSUM_SUM.wrapping_sub(sum(&out));
    out.get_mut(place..place + 4)?.copy_from_slice(&checksum.to_be_bytes());
    Some(out)
}

fn number(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
}

/// The number of tables, and what a binary search among them needs.
fn search_fields(count: usize) -> Option<[u8; 8]> {
    let count = u16::try_from(count).ok().filter(|count| *count > 0)?;
    let power = count.ilog2();
    let range = (1u16 << power) * 16;
    let [[a, b], [c, d], [e, f], [g, h]] =
        [count, range, u16::try_from(power).ok()?, count * 16 - range].map(u16::to_be_bytes);
    Some([a, b, c, d, e, f, g, h])
}

/// The sum of the words of a font.
fn sum(font: &[u8]) -> u32 {
    font.chunks(4)
        .map(|word| word.iter().zip([24, 16, 8, 0]).map(|(byte, shift)| u32::from(*byte) << shift).sum::<u32>())
        .fold(0, u32::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::typeset::fonts::Face;
    use skrifa::{FontRef, MetadataProvider as _, raw::TableProvider as _};

    #[test]
    fn a_slim_font_draws_the_same_glyphs() {
        for face in Face::ALL {
            let slim = slim(face.bytes()).unwrap();
            assert!(slim.len() < face.bytes().len());
            assert_eq!(sum(&slim), CHECKSUM_SUM);
            let (whole, slim) = (FontRef::new(face.bytes()).unwrap(), FontRef::new(&slim).unwrap());
            assert_eq!(whole.glyf().unwrap().offset_data().as_bytes(), slim.glyf().unwrap().offset_data().as_bytes());
            assert_eq!(whole.charmap().map('Q'), slim.charmap().map('Q'));
            assert!(slim.name().is_err() && slim.post().is_err());
        }
        assert_eq!(slim(b"not a font"), None);
        assert_eq!(slim(&Face::Text.bytes()[..400]), None);
    }
}
