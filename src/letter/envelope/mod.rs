//! The sheet in its envelope: folds, windows, and the address that shows through.

pub(in crate::letter) mod address;
pub(in crate::letter) mod countries;
pub(in crate::letter) mod geometry;
pub(in crate::letter) mod return_address;
pub(in crate::letter) mod style;
pub(in crate::letter) mod visibility;
pub(in crate::letter) mod window;
