//! `template preview`: the letter as others see it, and nothing that could be taken for a real one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::nightly::TestSite;

const NOW: &str = "2026-03-02T22:30:00-05:00";

/// A picture: width, height, and red, green and blue of each pixel from the top left.
struct Pixels(u32, u32, Vec<u8>);

impl Pixels {
    fn read(path: &Path) -> Self {
        let mut reader =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let shown = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(shown.color_type, png::ColorType::Rgb);
        Self(shown.width, shown.height, pixels)
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let place = ((y * self.0 + x) * 3) as usize;
        self.2[place..place + 3].try_into().unwrap()
    }

    /// The mean red of five by five pixels.
    fn block(&self, x: u32, y: u32) -> f64 {
        let all = (y..y + 5).flat_map(|y| (x..x + 5).map(move |x| (x, y)));
        all.map(|(x, y)| f64::from(self.at(x, y)[0])).sum::<f64>() / 25.0
    }

    /// How many pixels of a rectangle are darker than this.
    fn darker(&self, [left, top, right, bottom]: [u32; 4], than: u8) -> usize {
        let all = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        all.filter(|(x, y)| self.at(*x, *y).iter().all(|part| *part < than)).count()
    }
}

fn tool(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(program).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn preview(arguments: &[&str]) -> (TestSite, PathBuf, Vec<String>) {
    let site = TestSite::before_the_night(NOW);
    let out = site.path("look");
    let mut all = vec!["template", "preview", "--out", out.to_str().unwrap()];
    all.extend(arguments);
    let files =
        site.json(&all)["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().to_owned()).collect();
    (site, out, files)
}

#[test]
fn every_page_says_specimen_and_names_nobody() {
    let (_site, out, files) = preview(&["--language", "es", "--format", "large-print"]);
    let pdf = out.join("letter-es-large-print.pdf");
    assert_eq!(files.len(), 3, "{files:?}");
    let text = tool("pdftotext", &["-layout", pdf.to_str().unwrap(), "-"]);
    assert!(
        text.contains("Sample Person") && text.contains("SAMP-1E00-0000") && text.contains("SAMP1-E0000"),
        "{text}"
    );
    assert!(text.contains("eba-test-acme-999999"), "{text}");
    assert!(!text.contains("SPECIMEN"), "the word is drawn, and gets into no text: {text}");
    tool("qpdf", &["--check", pdf.to_str().unwrap()]);
    for page in 1..=2 {
        let picture = Pixels::read(&out.join(format!("letter-es-large-print-{page}.png")));
        assert_eq!((picture.0, picture.1), (1275, 1650), "a page of US Letter at 150 dots an inch");
        // Light grey covers a good part of the page, and is the only ink beside black.
        let grey = picture.2.chunks(3).filter(|pixel| **pixel == [219, 219, 219]).count();
        let part = grey as f64 / (1275.0 * 1650.0);
        assert!((0.05..0.25).contains(&part), "page {page}: {part}");
        assert!(picture.2.chunks(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]), "one ink");
    }
}

#[test]
fn the_picture_is_what_poppler_draws() {
    let (_site, out, _) = preview(&["--dpi", "100"]);
    let (ours, theirs) = (out.join("letter-en-standard-1.png"), out.join("poppler"));
    let pdf = out.join("letter-en-standard.pdf");
    tool("pdftoppm", &["-r", "100", "-png", "-singlefile", pdf.to_str().unwrap(), theirs.to_str().unwrap()]);
    let (ours, theirs) = (Pixels::read(&ours), Pixels::read(&theirs.with_extension("png")));
    assert_eq!((ours.0, ours.1), (theirs.0, theirs.1));
    // Two rasterizers place edges within a pixel as each likes; over five by five pixels that evens out.
    let (columns, rows) = (ours.0 / 5, ours.1 / 5);
    let blocks = (0..rows).flat_map(|y| (0..columns).map(move |x| (x * 5, y * 5)));
    let apart: f64 = blocks.map(|(x, y)| (ours.block(x, y) - theirs.block(x, y)).abs()).sum();
    let mean = apart / f64::from(columns * rows);
    // A page that is moved by a single pixel gives more than twelve shades.
    assert!(mean < 3.0, "{mean}");
}

#[test]
fn only_the_pages_that_were_asked_for() {
    let (site, out, files) = preview(&["--format", "large-print", "--page", "2", "--dpi", "40"]);
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(out.join("letter-en-large-print-2.png").exists() && !out.join("letter-en-large-print-1.png").exists());
    let again = ["template", "preview", "--out", out.to_str().unwrap(), "--format", "large-print", "--dpi", "40"];
    site.run(&again).expect(0);
    let ran = site.run(&["template", "preview", "--page", "4"]).expect(2);
    assert!(ran.stderr.contains("there is no page 4; this letter has 1"), "{}", ran.text());
    let ran = site.run(&["template", "preview", "--vendor", "nobody"]).expect(2);
    assert!(ran.stderr.contains("acme"), "{}", ran.text());
}

/// The default envelope at 144 dots an inch, two pixels a point, after a quarter of an inch of table.
#[test]
fn the_envelope_shows_the_address_at_both_ends_of_its_travel() {
    let (_site, out, files) = preview(&["--envelope", "--dpi", "144"]);
    assert_eq!(files.len(), 4, "{files:?}");
    for lies in ["lower-left", "upper-right"] {
        let picture = Pixels::read(&out.join(format!("letter-en-standard-envelope-{lies}.png")));
        assert_eq!((picture.0, picture.1), (36 * 2 + 1368, 36 * 2 + 594), "9 1/2 by 4 1/8 in, and the table");
        // The window: 7/8 in from the left, 1/2 in from the bottom, 4 1/2 by 1 1/8 in.
        let (left, bottom) = (36 + 126, 36 + 594 - 72);
        let window = [left + 2, bottom - 162 + 2, left + 648 - 2, bottom - 2];
        assert!(picture.darker(window, 60) > 1500, "{lies}: the address is in the window, as black as on the page");
        // Left of the window and right of it, nothing is black: what is covered is dimmed.
        for covered in
            [[40, 40, left - 2, bottom], [left + 660, 40, 1368, bottom], [left, 40, left + 648, bottom - 170]]
        {
            assert_eq!(picture.darker(covered, 60), 0, "{lies}: {covered:?}");
        }
        // In both ends the window keeps 0.028 in free below the address and above the barcode.
        for clear in
            [[left + 2, bottom - 160, left + 640, bottom - 158], [left + 2, bottom - 4, left + 640, bottom - 2]]
        {
            assert_eq!(picture.darker(clear, 60), 0, "{lies}: {clear:?}");
        }
    }
}
