//! Letters: from a recipient, a temporary password and dates to pages that can be printed.
//!
//! ```text
//! template ──► Markdown ──► blocks ──► lines ──► ink on pages ──► content streams ──► file ──► proof
//! └─────── template/ ──────┘ └── typeset/, envelope/, marks/ ───┘ └───────── pdf/ ──────────┘ proofread/
//! ```
//!
//! [`Stationery`] goes all the way once for each language and format. A letter then goes only from its slots
//! onwards: its own lines are set and stamped over the pages that all letters of its form share. A person's data
//! enters after the template is parsed, as plain text, so that it can never become markup.
//!
//! Nothing here reads a file, a clock or a source of randomness: the same input gives the same bytes.

mod checker;
mod envelope;
mod error;
mod marks;
mod pdf;
mod piece;
pub mod preview;
mod printing;
mod proofread;
mod stationery;
mod template;
mod typeset;

pub use checker::Checker;
pub use envelope::geometry::{Rect, SheetGeometry, Window};
pub use envelope::style::{Abbreviations, AddressStyle};
pub use error::{LetterError, Unprintable};
pub use piece::{DocumentInfo, FileLayout, LetterFiles, Piece, PrintMode, PrintStream, PrintedLetters, PrintedPiece};
pub use proofread::{MarkReader, Misprint, PageMarks, marks_of_pages, sheet_mark_text};
pub use stationery::Stationery;
pub use template::letterhead::Letterhead;
pub use template::render::TemplateSet;
