//! Finished files as other programs read them: text and pictures by poppler, structure by qpdf.
// What other programs write is read from files.
#![allow(dead_code, clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Points in an inch.
pub const INCH: f64 = 72.0;

/// What a program says of a file, which stands for `FILE` among its arguments. It may complain of nothing.
pub fn run(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let path = file.path().to_str().unwrap();
    let arguments = arguments.iter().map(|argument| if *argument == "FILE" { path } else { argument });
    told(Command::new(program).args(arguments))
}

/// What a command says on its standard output. It may complain of nothing.
pub fn told(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stderr.is_empty(), "{command:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// The text of these pages.
pub fn text_of(pdf: &[u8], first: u32, last: u32) -> String {
    run("pdftotext", &["-f", &first.to_string(), "-l", &last.to_string(), "FILE", "-"], pdf)
}

/// The text on one line, as a reader hears it.
pub fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words of a page with their boxes in points: text, left, top, right, bottom.
pub fn words(pdf: &[u8], page: u32) -> Vec<(String, [f64; 4])> {
    let page = page.to_string();
    let boxes = run("pdftotext", &["-bbox", "-f", &page, "-l", &page, "FILE", "-"], pdf);
    let number = |line: &str, key: &str| -> f64 {
        let rest = &line[line.find(key).unwrap() + key.len() + 2..];
        rest[..rest.find('"').unwrap()].parse().unwrap()
    };
    let read = |line: &str| {
        let word = &line[line.find('>').unwrap() + 1..line.rfind("</word>").unwrap()];
        (word.to_owned(), ["xMin", "yMin", "xMax", "yMax"].map(|key| number(line, key)))
    };
    boxes.lines().filter(|line| line.contains("<word")).map(read).collect()
}

/// A grey picture: a byte a pixel, row by row from the top, 0 is black.
pub struct Picture {
    pub path: PathBuf,
    pub width: usize,
    pub height: usize,
    pub shades: Vec<u8>,
}

impl Picture {
    /// The shade of a pixel; white beyond the picture.
    pub fn shade(&self, x: usize, y: usize) -> u8 {
        if x < self.width { self.shades.get(y * self.width + x).copied().unwrap_or(255) } else { 255 }
    }

    /// Whether a pixel is nearer to black.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.shade(x, y) < 128
    }

    /// Whether nothing at all is on it.
    pub fn is_blank(&self) -> bool {
        self.shades.iter().all(|shade| *shade == 255)
    }

    /// Reads what poppler wrote (PGM: `P5`, width, height, 255, a byte a pixel).
    fn open(path: PathBuf) -> Self {
        let bytes = std::fs::read(&path).unwrap();
        let head: Vec<&[u8]> = bytes.splitn(4, |byte| byte.is_ascii_whitespace()).collect();
        let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<usize>().unwrap();
        let (width, height, shades) = (number(head[1]), number(head[2]), head[3].strip_prefix(b"255\n").unwrap());
        assert_eq!((head[0], shades.len()), (&b"P5"[..], width * height));
        Self { shades: shades.to_vec(), path, width, height }
    }
}

/// Draws every page of a file into a folder, with so many dots an inch.
pub fn draw(pdf: &[u8], dots: u32, folder: &Path) -> Vec<Picture> {
    draw_with(pdf, &["-r", &dots.to_string()], folder)
}

/// Draws a part of one page: left, top, width and height in pixels.
pub fn draw_part(pdf: &[u8], (dots, page): (u32, u32), part: [u32; 4], folder: &Path) -> Picture {
    let [dots, page] = [dots, page].map(|number| number.to_string());
    let [x, y, width, height] = part.map(|number| number.to_string());
    let part = ["-x", &x, "-y", &y, "-W", &width, "-H", &height];
    draw_with(pdf, &[&["-r", &dots, "-f", &page, "-l", &page][..], &part].concat(), folder).remove(0)
}

fn draw_with(pdf: &[u8], arguments: &[&str], folder: &Path) -> Vec<Picture> {
    let folder = tempfile::Builder::new().prefix("drawn-").disable_cleanup(true).tempdir_in(folder).unwrap();
    let stem = folder.path().join("page");
    run("pdftoppm", &[&["-gray"], arguments, &["FILE", stem.to_str().unwrap()]].concat(), pdf);
    let mut drawn: Vec<PathBuf> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    drawn.sort();
    drawn.into_iter().map(Picture::open).collect()
}
