//! The print vendor's commands on real files: the register, the receipts that GnuPG and the site check, the refusals.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "vendor/guide.rs"]
mod guide;
#[path = "vendor/hostile.rs"]
mod hostile;
#[path = "support/letters.rs"]
mod letters;
#[path = "vendor/marks.rs"]
mod marks;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "vendor/pressed.rs"]
mod pressed;
#[path = "vendor/pulling.rs"]
mod pulling;
#[path = "vendor/receipts.rs"]
mod receipts;
#[path = "package/sample.rs"]
#[allow(dead_code, reason = "shared with the tests of packages")]
mod sample;
#[path = "vendor/shop.rs"]
mod shop;
#[path = "vendor/site_keys.rs"]
mod site_keys;
#[path = "vendor/standing_in.rs"]
mod standing_in;
#[path = "package/tools.rs"]
#[allow(dead_code, reason = "shared with the tests of packages")]
mod tools;
#[path = "vendor/verifying.rs"]
mod verifying;
#[path = "conformance/zipped.rs"]
mod zipped;
