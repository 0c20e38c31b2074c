//! From ink to bytes: content streams, fonts, pages, the file.

pub(in crate::letter) mod content;
pub(in crate::letter) mod document;
