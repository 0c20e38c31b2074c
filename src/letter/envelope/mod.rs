//! The sheet in its envelope: fold, window, and the address that shows through it.

pub(in crate::letter) mod address;
pub(in crate::letter) mod countries;
pub(in crate::letter) mod geometry;
pub(in crate::letter) mod window;
