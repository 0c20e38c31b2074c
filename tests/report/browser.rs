//! The page in a real browser: it is drawn, it fits a phone and a desk, and it asks nobody for anything.

use std::fs;
use std::path::{Path, PathBuf};

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, run_limited};
use super::page::page;

/// The browser, with everything off that talks to others, and no name that resolves.
const QUIET: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--hide-scrollbars",
];

/// A browser of its own, with the page beside what looks at it.
struct Browser {
    folder: PathBuf,
}

impl Browser {
    fn with(site: &TestSite, html: &str) -> Self {
        let folder = site.outside();
        fs::write(folder.join("report.html"), html).unwrap();
        Self { folder }
    }

    fn run(&self, arguments: &[&str], file: &str) -> String {
        let profile = format!("--user-data-dir={}", self.folder.join("profile").display());
        let address = format!("file://{}", self.folder.join(file).display());
        let mut all = QUIET.to_vec();
        all.extend([profile.as_str()]);
        all.extend(arguments);
        all.push(&address);
        run_limited("chromium", &all, &[], "").expect(0).stdout
    }

    /// How wide and how high the page is in a window of this width.
    fn size_at(&self, width: u32) -> (u32, u32) {
        // The report has no script. A page around it has one, and measures it from outside.
        let around = format!(
            "<!doctype html><body><iframe src=\"report.html\" style=\"width:{width}px;height:800px;border:0\"></iframe><script>\
             onload = () => {{ const page = document.querySelector('iframe').contentDocument.documentElement; \
             document.title = page.scrollWidth + ' ' + page.scrollHeight; }}</script>"
        );
        fs::write(self.folder.join("around.html"), around).unwrap();
        let dom = self.run(&["--allow-file-access-from-files", "--dump-dom"], "around.html");
        let title = dom.split("<title>").nth(1).unwrap_or_else(|| panic!("{dom}")).split("</title>").next().unwrap();
        let (width, height) = title.split_once(' ').unwrap();
        (width.parse().unwrap(), height.parse().unwrap())
    }

    /// A picture of the page in a window of this size.
    fn picture(&self, width: u32, height: u32, dark: bool) -> Picture {
        let path = self.folder.join("picture.png");
        let scheme = format!("--blink-settings=preferredColorScheme={}", u8::from(!dark));
        let size = format!("--window-size={width},{height}");
        let to = format!("--screenshot={}", path.display());
        self.run(&[&scheme, &size, &to], "report.html");
        Picture::read(&path)
    }
}

/// The colours of a picture, in rows.
struct Picture {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn read(path: &Path) -> Self {
        let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let samples = info.color_type.samples();
        let pixels = bytes[..info.buffer_size()].chunks(samples).map(|p| [p[0], p[1], p[2]]).collect();
        Self { width: info.width as usize, pixels }
    }

    /// How many pixels have this colour, give or take what smoothing does.
    fn count(&self, colour: [u8; 3]) -> usize {
        self.pixels.iter().filter(|pixel| pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 2)).count()
    }

    /// The colour of the upper left corner.
    fn paper(&self) -> [u8; 3] {
        self.pixels[self.width + 1]
    }
}

/// The blue of letters that may arrive and passwords that end, on a light page and on a dark one.
const BLUE: [u8; 3] = [0x00, 0x72, 0xb2];
const BLUE_IN_THE_DARK: [u8; 3] = [0x4a, 0xa8, 0xe0];

fn morning() -> (TestSite, String) {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let html = page(&site, "2026-03-03T08:00:00-05:00");
    (site, html)
}

#[test]
fn nothing_is_wider_than_a_phone_or_a_desk() {
    let (site, html) = morning();
    let browser = Browser::with(&site, &html);
    for width in [320, 360, 800, 1280] {
        let (wide, high) = browser.size_at(width);
        assert!(wide <= width, "{wide} in a window of {width}");
        assert!(high > 800, "a page of {high} is no report");
    }
    // With every table open, as a printer or a reader of tables has it.
    let open = Browser::with(&site, &html.replace("<details>", "<details open>"));
    assert!(open.size_at(360).0 <= 360);
    assert!(open.size_at(360).1 > browser.size_at(360).1 + 1000, "the tables can be opened");
    // The measure sees what is too wide.
    let wide = html
        .replace("<main>", "<main><svg width=\"500\" height=\"9\"></svg>")
        .replace("svg { display: block; width: 100%", "svg { display: block");
    assert!(Browser::with(&site, &wide).size_at(360).0 > 360);
}

#[test]
fn the_pictures_are_drawn_by_day_and_by_night() {
    let (site, html) = morning();
    let browser = Browser::with(&site, &html);
    let light = browser.picture(1280, 2400, false);
    assert_eq!(light.paper(), [0xff, 0xff, 0xff]);
    assert!(light.count(BLUE) > 2000, "{} pixels of bars", light.count(BLUE));
    let dark = browser.picture(1280, 2400, true);
    assert_eq!(dark.paper(), [0x15, 0x18, 0x1c]);
    assert!(dark.count(BLUE_IN_THE_DARK) > 2000 && dark.count(BLUE) == 0);
    // A style sheet that is not the one the policy names is not used: then nothing has its colours.
    let other = Browser::with(&site, &html.replace("--paper: #ffffff", "--paper: #fffffe"));
    assert_eq!(other.picture(1280, 2400, false).count(BLUE), 0, "the policy holds");
}

#[test]
fn no_request_leaves_and_the_page_prints() {
    let (site, html) = morning();
    let browser = Browser::with(&site, &html);
    let log = browser.folder.join("net.json");
    browser.run(&[&format!("--log-net-log={}", log.display()), "--dump-dom"], "report.html");
    let requests = asked_for(&fs::read_to_string(&log).unwrap());
    assert!(requests.is_empty(), "{requests:?}");
    // The log does see a request where there is one.
    let asking = Browser::with(&site, "<!doctype html><img src=\"http://picture.invalid/x.png\">");
    let log = asking.folder.join("net.json");
    asking.run(&[&format!("--log-net-log={}", log.display()), "--dump-dom"], "report.html");
    assert_eq!(asked_for(&fs::read_to_string(&log).unwrap()), ["http://picture.invalid/x.png"]);
    let paper = browser.folder.join("report.pdf");
    browser.run(&[&format!("--print-to-pdf={}", paper.display()), "--no-pdf-header-footer"], "report.html");
    let text = run_limited("pdftotext", &["-layout", paper.to_str().unwrap(), "-"], &[], "").expect(0).stdout;
    assert!(text.contains("letterpost request cancel --reason '…' EBA-2026-000114"), "{text}");
    assert!(!text.contains("The same as a table"), "{text}");
}

/// The addresses on the network that the page asked for, by the browser's log. The browser asks its makers for the time
/// and for news of itself, whatever it shows, and gets no answer.
fn asked_for(log: &str) -> Vec<String> {
    let of_the_browser = [".google.com/", ".googleapis.com/", ".gvt1.com/"];
    let mut found: Vec<String> = log
        .match_indices("\"url\":\"http")
        .map(|(at, _)| log[at + 7..].split('"').next().unwrap().to_owned())
        .collect();
    found.retain(|address| !of_the_browser.iter().any(|host| address.contains(host)));
    found.sort();
    found.dedup();
    found
}
