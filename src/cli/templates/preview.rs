//! `template preview`: one letter to an invented person, as a PDF and as pictures.

use chrono::Days;
use serde::Serialize;

use super::Desk;
use crate::adapters::files;
use crate::cli::args::PreviewArgs;
use crate::cli::config::VendorSection;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::domain::local_time;
use crate::letter::preview::enclosed::{self, Lies};
use crate::letter::preview::picture::Picture;
use crate::letter::preview::proof::{self, Occasion};
use crate::letter::preview::{samples, specimen};
use crate::letter::{LetterError, Stationery};

/// How long the sample's password lives, about as long as most.
const SAMPLE_DAYS: u64 = 14;

#[derive(Serialize)]
struct Previewed {
    template_version: String,
    pages: u32,
    sheets: u32,
    files: Vec<String>,
}

/// Prints the letter, and says which files show it.
pub fn preview(args: &PreviewArgs, at: &Opening) -> CliResult<Exit> {
    let desk = Desk::open(at)?;
    let (letterhead, geometry) = (&desk.config.letterhead, &desk.config.geometry);
    let stationery = Stationery::compile(&desk.templates, letterhead, geometry).map_err(failed)?;
    let made_at = at.clock().now();
    let today = local_time::date_at(made_at, desk.config.site.time_zone).ok_or_else(|| {
        Failure::usage(format!("the clock shows {made_at}, which cannot be; set the machine's clock"))
    })?;
    let vendor = desk.vendor(args.vendor.as_deref())?;
    let package = desk.package(vendor)?;
    let occasion = Occasion {
        package: &package,
        made_at,
        made_on: today,
        use_by_on: today.checked_add_days(Days::new(SAMPLE_DAYS)).unwrap_or(today),
        requested_on: today.pred_opt().unwrap_or(today),
        zone_names: desk.zone_names(),
        mode: vendor.map(VendorSection::print_mode).unwrap_or_default(),
        has_barcode: vendor.is_some_and(VendorSection::prints_barcode),
    };
    let stream = proof::print(&stationery, &samples::usual(args.language, args.format), &occasion).map_err(failed)?;
    let (pages, sheets) = stream.pieces.first().map_or((0, 0), |piece| (piece.pages, piece.sheets));
    if let Some(page) = args.pages.iter().find(|page| **page > pages) {
        return Err(Failure::usage(format!("there is no page {page}; this letter has {pages}")));
    }
    let pdf = specimen::mark(&stream.pdf).map_err(failed)?;
    let mut folder = Folder::make(args)?;
    folder.write(".pdf", &pdf)?;
    for page in (1..=pages).filter(|page| args.pages.is_empty() || args.pages.contains(page)) {
        folder.write_picture(&format!("-{page}.png"), &Picture::of_page(&pdf, page, folder.dots).map_err(failed)?)?;
    }
    if args.envelope {
        // Without the grey word: nothing but the letter may seem to show through the window.
        let page = Picture::of_page(&stream.pdf, 1, folder.dots).map_err(failed)?;
        for lies in Lies::ALL {
            let openings = enclosed::openings(geometry);
            let drawn = enclosed::draw(&page, geometry, &openings, lies, folder.dots);
            folder.write_picture(&format!("-envelope-{}.png", lies.as_str()), &drawn)?;
        }
    }
    let version = stationery.template_version().to_owned();
    let previewed = Previewed { template_version: version, pages, sheets, files: folder.written };
    at.report.show(&previewed, previewed.files.join("\n"));
    Ok(Exit::Done)
}

/// Where the files go.
struct Folder<'a> {
    args: &'a PreviewArgs,
    dots: f64,
    written: Vec<String>,
}

impl<'a> Folder<'a> {
    fn make(args: &'a PreviewArgs) -> CliResult<Self> {
        files::make_folder(&args.out)?;
        Ok(Self { args, dots: f64::from(args.dpi), written: Vec::new() })
    }

    fn write(&mut self, ending: &str, bytes: &[u8]) -> CliResult<()> {
        let path = self.args.out.join(format!("letter-{}-{}{ending}", self.args.language, self.args.format));
        files::replace(&path, bytes)?;
        self.written.push(path.display().to_string());
        Ok(())
    }

    fn write_picture(&mut self, ending: &str, picture: &Picture) -> CliResult<()> {
        let png = picture.to_png(self.dots).map_err(failed)?;
        self.write(ending, &png)
    }
}

/// A letter that cannot be printed yet is the editor's to mend.
fn failed(error: LetterError) -> Failure {
    Failure::usage(format!("{error}; 'letterpost template check' tells all that is to mend"))
}
