//! A print stream: all letters of a package one after another in one file.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::LetterError;
use crate::letter::pdf::assembly::{Assembly, ObjectNumber, Trailer, date_string, text_string};
use crate::letter::pdf::font_objects::FontObjects;
use crate::letter::pdf::glyph_map::Faces;

/// What a file says of itself.
pub(in crate::letter) struct Imprint<'a> {
    pub title: String,
    pub author: &'a str,
    /// BCP 47.
    pub language: &'static str,
    pub made_at: DateTime<Utc>,
    /// What makes this file itself; its identifier is the beginning of it.
    pub identity: [u8; 32],
}

/// One letter's own content, page by page, and the number of its layout. Wiped when dropped, for the password is in it.
pub(in crate::letter) struct WrittenLetter {
    pub layout: usize,
    pub own: Vec<Zeroizing<Vec<u8>>>,
    /// The faces that it uses.
    pub faces: Faces,
}

/// Bytes of a page's objects beside its content, generously.
const PAGE_OVERHEAD: usize = 100;
const CREATOR: &str = concat!("letterpost ", env!("CARGO_PKG_VERSION"));

/// Writes the file. `shared` holds the content of the pages of each layout; in duplex a letter of an odd number of pages
/// ends with a blank back, so that the next begins on a front.
pub(in crate::letter) fn write(
    fonts: &FontObjects,
    imprint: &Imprint<'_>,
    geometry: &SheetGeometry,
    shared: &[Vec<Vec<u8>>],
    letters: &[WrittenLetter],
    duplex: bool,
) -> Result<Zeroizing<Vec<u8>>, LetterError> {
    let own: usize = letters.iter().flat_map(|letter| &letter.own).map(|page| page.len() + PAGE_OVERHEAD).sum();
    let under: usize = shared.iter().flatten().map(|page| page.len()).sum();
    let mut file = fonts.assembly.copy_with_room(own + under + 10_000);
    let tree = file.reserve();
    let mut layouts: Vec<Vec<ObjectNumber>> = Vec::with_capacity(shared.len());
    for pages in shared {
        layouts.push(pages.iter().map(|content| put_content(&mut file, content)).collect::<Result<_, _>>()?);
    }
    let mut kids = Vec::with_capacity(letters.len());
    for letter in letters {
        let under = layouts.get(letter.layout).map_or(&[][..], Vec::as_slice);
        for (page, content) in letter.own.iter().enumerate() {
            let own = file.reserve();
            file.put_stream(own, "", content);
            let contents = under.get(page).map_or_else(String::new, |under| format!("{under} 0 R "));
            kids.push(put_page(&mut file, tree, &format!("/Contents[{contents}{own} 0 R]"))?);
        }
        if duplex && letter.own.len() % 2 == 1 {
            kids.push(put_page(&mut file, tree, "")?);
        }
    }
    put_tree(&mut file, tree, &kids, geometry, &fonts.resources)?;
    let catalog = put_catalog(&mut file, tree, imprint, "")?;
    let information = put_information(&mut file, imprint)?;
    let mut identity = [0; 16];
    identity.copy_from_slice(imprint.identity.split_at(16).0);
    file.finish(&Trailer { catalog, information, identity, compressed: true })
}

pub(in crate::letter) fn put_content(file: &mut Assembly, content: &[u8]) -> Result<ObjectNumber, LetterError> {
    let number = file.reserve();
    file.put_packed(number, "", content)?;
    Ok(number)
}

pub(in crate::letter) fn put_page(
    file: &mut Assembly,
    tree: ObjectNumber,
    entries: &str,
) -> Result<ObjectNumber, LetterError> {
    let number = file.reserve();
    file.put(number, format!("<</Type/Page/Parent {tree} 0 R{entries}>>"))?;
    Ok(number)
}

/// The tree of pages, from which each inherits its size and its resources.
pub(in crate::letter) fn put_tree(
    file: &mut Assembly,
    number: ObjectNumber,
    pages: &[ObjectNumber],
    geometry: &SheetGeometry,
    resources: &str,
) -> Result<(), LetterError> {
    let kids: String = pages.iter().map(|page| format!("{page} 0 R ")).collect();
    let (width, height) = (geometry.page_width, geometry.page_height);
    let count = pages.len();
    file.put(
        number,
        format!("<</Type/Pages/Count {count}/MediaBox[0 0 {width} {height}]/Resources {resources}/Kids[{kids}]>>"),
    )
}

/// The catalog, with the language of the file.
pub(in crate::letter) fn put_catalog(
    file: &mut Assembly,
    tree: ObjectNumber,
    imprint: &Imprint<'_>,
    entries: &str,
) -> Result<ObjectNumber, LetterError> {
    let number = file.reserve();
    let language = text_string(imprint.language);
    file.put(
        number,
        format!(
            "<</Type/Catalog/Pages {tree} 0 R/Lang{language}/ViewerPreferences<</DisplayDocTitle true>>{entries}>>"
        ),
    )?;
    Ok(number)
}

/// Title, author and dates.
pub(in crate::letter) fn put_information(
    file: &mut Assembly,
    imprint: &Imprint<'_>,
) -> Result<ObjectNumber, LetterError> {
    let number = file.reserve();
    let (title, author) = (text_string(&imprint.title), text_string(imprint.author));
    let (at, creator) = (date_string(imprint.made_at), text_string(CREATOR));
    file.put(
        number,
        format!("<</Title{title}/Author{author}/Creator{creator}/Producer{creator}/CreationDate{at}/ModDate{at}>>"),
    )?;
    Ok(number)
}
