//! Press: pages are laid out on one core while all the others, and then that one too, compute verifiers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::mint::{Minted, MintedPiece};
use crate::domain::verifier::{Bound, Cost, Hasher, VerifierError};
use crate::letter::{DocumentInfo, LetterError, Misprint, Piece, PrintedLetters};
use crate::ports::Progress;
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::world::Press;

/// A batch whose pages and verifiers exist, in memory. The passwords are in its pages only.
pub(super) struct Printed {
    pub(super) minted: Minted,
    pub(super) letters: PrintedLetters,
    /// The letters that did not read back as they should.
    pub(super) misprints: Vec<Misprint>,
    /// One a letter, in the order of the package.
    pub(super) verifiers: Vec<String>,
}

/// Prints the letters and computes their verifiers on `workers` threads.
pub(super) fn print(
    press: &Press,
    minted: Minted,
    cost: Cost,
    workers: usize,
    progress: &dyn Progress,
) -> StageResult<Printed> {
    progress.begin(&minted.batch.name, minted.pieces.len() as u64);
    let queue = Queue::new(press, &minted.pieces, cost, progress);
    let (printed, verified) = thread::scope(|scope| {
        let others: Vec<_> = (1..workers.max(1)).map(|_| scope.spawn(|| queue.work())).collect();
        let printed = lay_out(press, &minted);
        let mut results = vec![queue.work()];
        results.extend(others.into_iter().map(|other| other.join().unwrap_or(Ok(()))));
        (printed, results.into_iter().collect::<Result<(), _>>())
    });
    progress.end();
    verified.map_err(|error| StageError::Refused(error.to_string()))?;
    let (letters, misprints) = printed?;
    let verifiers =
        queue.finish().ok_or_else(|| StageError::Retry("a worker died while it made verifiers".to_owned()))?;
    Ok(Printed { minted, letters, misprints, verifiers })
}

/// Prints the letters, and reads them again from the finished bytes.
fn lay_out(press: &Press, minted: &Minted) -> StageResult<(PrintedLetters, Vec<Misprint>)> {
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

/// Verifiers to be made: workers take the next piece until none is left.
struct Queue<'a> {
    press: &'a Press,
    pieces: &'a [MintedPiece],
    cost: Cost,
    progress: &'a dyn Progress,
    next: AtomicUsize,
    made: Mutex<Vec<Option<String>>>,
}

impl<'a> Queue<'a> {
    fn new(press: &'a Press, pieces: &'a [MintedPiece], cost: Cost, progress: &'a dyn Progress) -> Self {
        let made = Mutex::new(vec![None; pieces.len()]);
        Self { press, pieces, cost, progress, next: AtomicUsize::new(0), made }
    }

    fn work(&self) -> Result<(), VerifierError> {
        let mut hasher = Hasher::new(&self.press.pepper);
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = self.pieces.get(place) else { return Ok(()) };
            let bound = Bound { account: &piece.member.username, letter: piece.letter_id };
            let verifier = hasher.make(&piece.password, bound, self.cost, piece.salt)?;
            let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(slot) = made.get_mut(place) {
                *slot = Some(verifier);
            }
            self.progress.advance(1);
        }
    }

    /// All verifiers in order; `None` where one is missing.
    fn finish(self) -> Option<Vec<String>> {
        self.made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_iter().collect()
    }
}
