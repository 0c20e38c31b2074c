//! Data Matrix symbols on drawn pages, as two programs read them that know nothing of letterpost.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::readers::{Picture, told};

/// A symbol on a picture: what it says, and its corners in pixels: top left, top right, bottom right, bottom left.
#[derive(Debug)]
pub struct Symbol {
    pub text: String,
    pub corners: [[i32; 2]; 4],
}

/// The symbols on each picture, as zxing-cpp finds them.
pub fn read_by_zxing(pictures: &[Picture]) -> Vec<Vec<Symbol>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/read_matrices.py");
    let paths = pictures.iter().map(|picture| &picture.path);
    let read = told(Command::new(python()).arg(script).args(paths));
    let mut symbols: Vec<Vec<Symbol>> = pictures.iter().map(|_| Vec::new()).collect();
    for line in read.lines() {
        let [place, text, corners @ ..] = &line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let corner = |corner: &&str| -> [i32; 2] {
            corner.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<_>>().try_into().unwrap()
        };
        let corners = corners.iter().map(corner).collect::<Vec<_>>().try_into().unwrap();
        symbols[place.parse::<usize>().unwrap()].push(Symbol { text: (*text).to_owned(), corners });
    }
    symbols
}

/// The Python in which `tests/run` has installed zxing-cpp.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("readers/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run once, which installs zxing-cpp there", python.display());
    python
}

/// The first symbol on a picture as dmtxread finds it, which gives up after eight seconds.
pub fn read_by_dmtxread(picture: &Picture) -> String {
    told(Command::new("dmtxread").args(["-N1", "-m", "8000"]).arg(&picture.path))
}
