//! From the agency's words to blocks: Tera renders organisation text and slots, and what comes out is read as Markdown.

pub(in crate::letter) mod dates;
pub(in crate::letter) mod letterhead;
pub(in crate::letter) mod markup;
pub(in crate::letter) mod render;
pub(in crate::letter) mod slot;
