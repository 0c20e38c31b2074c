//! From blocks to ink: text shaped and broken into lines, blocks set at their size and stacked on pages.

pub(in crate::letter) mod block;
pub(in crate::letter) mod characters;
pub(in crate::letter) mod compose;
pub(in crate::letter) mod extents;
pub(in crate::letter) mod fonts;
pub(in crate::letter) mod form;
pub(in crate::letter) mod layout;
pub(in crate::letter) mod lexicon;
pub(in crate::letter) mod paragraph;
pub(in crate::letter) mod stack;
pub(in crate::letter) mod type_scale;
