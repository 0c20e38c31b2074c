//! What a letter carries beside its words, as other programs read it from finished files: the inserter's Data Matrix by
//! dmtxread and zxing-cpp, the Intelligent Mail barcode from the bars as drawn, the structure by poppler and qpdf.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/letters.rs"]
mod letters;
#[path = "support/matrices.rs"]
mod matrices;
#[path = "support/readers.rs"]
mod readers;
#[path = "support/zint.rs"]
mod zint;

#[path = "marks/bars.rs"]
mod bars;
#[path = "marks/sheet_mark.rs"]
mod sheet_mark;
#[path = "marks/sides.rs"]
mod sides;
#[path = "marks/structure.rs"]
mod structure;
