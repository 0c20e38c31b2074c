//! Letters: from a recipient, a temporary password and dates to pages that can be printed.
//!
//! ```text
//! template ──► Markdown ──► blocks ──► lines ──► ink on pages ──► content streams ──► PDF
//!  template.rs   markup.rs    block.rs   paragraph.rs  form.rs, stack.rs  content.rs    document.rs
//! ```
//!
//! [`Stationery`] goes all the way once for each language and format. A letter then goes only from its slots
//! onwards: its own lines are set and stamped over the pages that all letters of its form share. A person's data
//! enters after the template is parsed, as plain text, so that it can never become markup.
//!
//! Nothing here reads a file, a clock or a source of randomness: the same input gives the same bytes.

mod address;
mod block;
mod characters;
mod content;
mod countries;
mod dates;
mod document;
mod error;
mod fonts;
mod form;
mod geometry;
mod letterhead;
mod markup;
mod paragraph;
mod piece;
mod slot;
mod stack;
mod stationery;
mod template;
mod type_scale;
mod window;

pub use error::{LetterError, Unprintable};
pub use geometry::{Rect, SheetGeometry};
pub use letterhead::Letterhead;
pub use piece::{DocumentInfo, Piece, PrintStream, PrintedPiece};
pub use stationery::Stationery;
pub use template::TemplateSet;
