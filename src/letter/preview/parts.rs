//! What a version of the letter is made of, part by part, so that people can be told which part changed.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::render::TemplateSet;
use crate::letter::typeset::fonts::Face;

/// The SHA-256 of each part, in hexadecimal: each template under its name, `[letterhead]`, `[envelope]`, the fonts.
#[must_use]
pub fn digests(templates: &TemplateSet, letterhead: &Letterhead, geometry: &SheetGeometry) -> BTreeMap<String, String> {
    let texts = templates.0.iter().map(|(name, text)| (name.clone(), digest([text.as_bytes()])));
    let fields: Vec<&str> = letterhead.fields().flat_map(|(field, text)| [field, text]).collect();
    let others = [
        ("[letterhead]", digest(fields.iter().map(|text| text.as_bytes()))),
        ("[envelope]", digest([format!("{geometry:?}").as_bytes()])),
        ("fonts", digest(Face::ALL.map(Face::bytes))),
    ];
    texts.chain(others.map(|(name, digest)| (name.to_owned(), digest))).collect()
}

/// One digest over pieces, each after its length.
fn digest<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for piece in pieces {
        digest.update((piece.len() as u64).to_be_bytes());
        digest.update(piece);
    }
    hex::encode(digest.finalize())
}

/// The names of the parts that are new, changed or gone, in order.
#[must_use]
pub fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
