//! From ink to bytes: content streams, fonts, pages, the file.

pub(in crate::letter) mod assembly;
pub(in crate::letter) mod bar_font;
pub(in crate::letter) mod content;
pub(in crate::letter) mod font_objects;
pub(in crate::letter) mod font_program;
pub(in crate::letter) mod glyph_array;
pub(in crate::letter) mod glyph_map;
pub(in crate::letter) mod letter_file;
pub(in crate::letter) mod numbers;
pub(in crate::letter) mod print_stream;
pub(in crate::letter) mod structure;
