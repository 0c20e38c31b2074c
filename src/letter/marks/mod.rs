//! Marks for machines: the inserter's on every sheet, the postal service's in the window.

pub(in crate::letter) mod matrix;
pub(in crate::letter) mod sheet_mark;
