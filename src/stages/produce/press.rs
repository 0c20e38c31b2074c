//! Press: the pages of a batch are laid out, and read again from the finished file.

use super::mint::Minted;
use crate::letter::{DocumentInfo, LetterError, Misprint, Piece, PrintedLetters};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::world::Press;

/// Prints the letters of a batch; and says which did not read back as they should.
///
/// # Errors
/// [`StageError::Alarm`] where a letter cannot be printed that could be when it was tried on its sheet.
pub(super) fn print(press: &Press, minted: &Minted) -> StageResult<(PrintedLetters, Vec<Misprint>)> {
    let document = DocumentInfo { package: minted.batch.name.clone(), made_at: minted.made_at, mode: minted.mode };
    let pieces: Vec<Piece<'_>> = minted
        .pieces
        .iter()
        .zip(1u32..)
        .map(|(piece, sequence)| Piece {
            recipient: &piece.member.recipient,
            letter_id: piece.letter_id,
            password: &piece.password,
            sequence,
            made_on: minted.made_on,
            use_by_on: piece.window.use_by_on,
            zone_name: &piece.zone_name,
            requested_on: piece.requested_on,
            barcode: piece.imb.as_ref(),
        })
        .collect();
    // Every letter was tried on its sheet before: what fails now is the program's fault, not the record's.
    let failed = |error: LetterError| StageError::Alarm(format!("package {}: {error}", document.package));
    let letters = press.stationery.print(&document, minted.layout, &pieces).map_err(failed)?;
    let misprints = (press.proofread)(&press.stationery, &document, &pieces, &letters).map_err(failed)?;
    Ok((letters, misprints))
}
