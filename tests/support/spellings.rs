//! Finds passwords in bytes, in every spelling that a program might give them.

use std::collections::HashMap;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The spellings that begin alike are found by their first bytes.
const KEY_BYTES: usize = 4;

/// A password in every spelling: grouped or not, capitals or not; as it is, UTF-16, hexadecimal, base64.
pub fn spellings(password: &str) -> Vec<(String, Vec<u8>)> {
    let ungrouped = password.replace('-', "");
    let texts = [password.to_owned(), password.to_lowercase(), ungrouped.to_lowercase(), ungrouped];
    texts.iter().flat_map(|text| encodings(text)).collect()
}

fn encodings(text: &str) -> Vec<(String, Vec<u8>)> {
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let characters = [
        ("as it is", text.as_bytes().to_vec()),
        ("UTF-16LE", utf_16(u16::to_le_bytes)),
        ("UTF-16BE", utf_16(u16::to_be_bytes)),
    ];
    let mut all = Vec::new();
    for (name, bytes) in characters {
        all.push((format!("{text} hexadecimal of {name}"), hex::encode(&bytes).into_bytes()));
        all.push((format!("{text} HEXADECIMAL of {name}"), hex::encode_upper(&bytes).into_bytes()));
        for alignment in 0..3 {
            all.push((
                format!("{text} base64 at {alignment} of {name}"),
                inner_base64(&STANDARD_NO_PAD, &bytes, alignment),
            ));
            all.push((
                format!("{text} base64url at {alignment} of {name}"),
                inner_base64(&URL_SAFE_NO_PAD, &bytes, alignment),
            ));
        }
        all.push((format!("{text} {name}"), bytes));
    }
    all
}

/// The base64 of bytes that stand after `alignment` others: only the symbols that no neighbour has a part in.
fn inner_base64(engine: &impl base64::Engine, bytes: &[u8], alignment: usize) -> Vec<u8> {
    let mut shifted = vec![0; alignment];
    shifted.extend(bytes);
    let symbols = engine.encode(&shifted).into_bytes();
    let first = (alignment * 8).div_ceil(6);
    let last = shifted.len() * 8 / 6;
    symbols[first..last].to_vec()
}

/// Looks for many passwords in one pass.
pub struct Scanner(HashMap<[u8; KEY_BYTES], Vec<(String, Vec<u8>)>>);

impl Scanner {
    /// A scanner for these passwords in every spelling.
    pub fn for_passwords<'a>(passwords: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_start: HashMap<[u8; KEY_BYTES], Vec<(String, Vec<u8>)>> = HashMap::new();
        for (name, spelt) in passwords.into_iter().flat_map(spellings) {
            by_start.entry(*spelt.first_chunk().unwrap()).or_default().push((name, spelt));
        }
        Self(by_start)
    }

    /// The name of the first spelling that stands in these bytes.
    pub fn find(&self, bytes: &[u8]) -> Option<&str> {
        let starts = bytes.windows(KEY_BYTES).enumerate();
        starts.filter_map(|(at, start)| Some((at, self.0.get(start)?))).find_map(|(at, candidates)| {
            let found = candidates.iter().find(|(_, spelt)| bytes[at..].starts_with(spelt))?;
            Some(found.0.as_str())
        })
    }
}
