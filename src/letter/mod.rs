//! Letters: from a recipient, a temporary password and dates to pages that can be printed.
//!
//! ```text
//! template ──► Markdown ──► blocks ──► lines ──► ink on pages ──► content streams ──► file
//! └─────── template/ ──────┘ └──────── typeset/, envelope/ ────────┘ └───────── pdf/ ──────────┘
//! ```
//!
//! [`Stationery`] goes all the way once for each language and format. A letter then goes only from its slots
//! onwards: its own lines are set and stamped over the pages that all letters of its form share. A person's data
//! enters after the template is parsed, as plain text, so that it can never become markup.
//!
//! Nothing here reads a file, a clock or a source of randomness: the same input gives the same bytes.

pub mod enclosed;
mod envelope;
mod error;
pub mod parts;
mod pdf;
pub mod picture;
mod piece;
pub mod proof;
pub mod samples;
pub mod specimen;
mod stationery;
mod template;
mod typeset;

pub use envelope::geometry::{Rect, SheetGeometry};
pub use error::{LetterError, Unprintable};
pub use piece::{DocumentInfo, Piece, PrintStream, PrintedPiece};
pub use stationery::Stationery;
pub use template::letterhead::Letterhead;
pub use template::render::TemplateSet;
