//! A letter in a file of its own, tagged so that it can be read aloud. Files of one layout begin alike: the beginning is
//! put together once, and each letter adds what is its own.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::LetterError;
use crate::letter::pdf::assembly::{Assembly, ObjectNumber, Trailer};
use crate::letter::pdf::content::Manner;
use crate::letter::pdf::font_objects::FontObjects;
use crate::letter::pdf::glyph_map::Faces;
use crate::letter::pdf::print_stream::{Imprint, put_catalog, put_content, put_information, put_page, put_tree};
use crate::letter::pdf::structure::Structure;
use crate::letter::typeset::form::Form;
use crate::letter::typeset::layout::Layout;

/// How the files of one layout begin.
struct Beginning {
    assembly: Assembly,
    /// The digest of it.
    digest: Sha256,
    /// The numbers of each page's own content.
    own: Vec<ObjectNumber>,
    catalog: ObjectNumber,
    information: ObjectNumber,
}

/// Bytes of a stream's own objects beside its content, and of all that ends a file, generously.
const STREAM_OVERHEAD: usize = 80;
const TRAILER: usize = 1_000;

/// Everything that a layout gives to its files.
pub(in crate::letter) struct LayoutParts<'a> {
    pub form: &'a Form,
    pub layout: &'a Layout,
    /// The shared content of each page.
    pub shared: &'a [Vec<u8>],
    pub imprint: &'a Imprint<'a>,
}

/// A finished file with its SHA-256.
pub(in crate::letter) struct FinishedFile {
    pub pdf: Zeroizing<Vec<u8>>,
    pub sha256: [u8; 32],
}

/// Writes files whose marks number at most `blocks` blocks, with the beginnings that were put together before.
pub(in crate::letter) struct LetterFileWriter<'a> {
    geometry: &'a SheetGeometry,
    duplex: bool,
    blocks: usize,
    beginnings: HashMap<(usize, Faces), Beginning>,
}

impl<'a> LetterFileWriter<'a> {
    pub(in crate::letter) fn new(geometry: &'a SheetGeometry, duplex: bool, blocks: usize) -> Self {
        Self { geometry, duplex, blocks, beginnings: HashMap::new() }
    }

    /// Writes the file of one letter of the layout `number`, which uses these faces.
    pub(in crate::letter) fn write(
        &mut self,
        (number, faces): (usize, Faces),
        parts: &LayoutParts<'_>,
        fonts: impl FnOnce() -> Result<FontObjects, LetterError>,
        own: &[Zeroizing<Vec<u8>>],
    ) -> Result<FinishedFile, LetterError> {
        if !self.beginnings.contains_key(&(number, faces)) {
            let beginning = self.begin(parts, &fonts()?)?;
            self.beginnings.insert((number, faces), beginning);
        }
        let missing = || LetterError::Pdf("a letter's file has no beginning".to_owned());
        let beginning = self.beginnings.get(&(number, faces)).ok_or_else(missing)?;
        let room = own.iter().map(|page| page.len() + STREAM_OVERHEAD).sum::<usize>() + TRAILER;
        let mut file = beginning.assembly.copy_with_room(room);
        let begun = file.len();
        let mut identity = Sha256::new();
        for (number, content) in beginning.own.iter().zip(own) {
            identity.update(content.as_slice());
            file.put_stream(*number, "", content);
        }
        let mut id = [0; 16];
        id.copy_from_slice(identity.finalize().split_at(16).0);
        let (catalog, information) = (beginning.catalog, beginning.information);
        let pdf = file.finish(&Trailer { catalog, information, identity: id, compressed: false })?;
        let rest = pdf.get(begun..).unwrap_or_default();
        let sha256 = beginning.digest.clone().chain_update(rest).finalize().into();
        Ok(FinishedFile { pdf, sha256 })
    }

    fn begin(&self, parts: &LayoutParts<'_>, fonts: &FontObjects) -> Result<Beginning, LetterError> {
        let mut file = fonts.assembly.clone();
        let tree = file.reserve();
        let (mut own, mut pages) = (Vec::new(), Vec::new());
        for (number, content) in parts.shared.iter().enumerate() {
            let under = put_content(&mut file, content)?;
            let over = file.reserve();
            let entries = format!("/Contents[{under} 0 R {over} 0 R]/StructParents {number}/Tabs/S");
            pages.push(put_page(&mut file, tree, &entries)?);
            own.push(over);
        }
        let mut all = pages.clone();
        if self.duplex && pages.len() % 2 == 1 {
            all.push(put_page(&mut file, tree, "")?);
        }
        put_tree(&mut file, tree, &all, self.geometry, &fonts.resources)?;
        let manner = Manner::Tagged { blocks: self.blocks };
        let structure = Structure { form: parts.form, layout: parts.layout, pages: &pages, manner };
        let entries = structure.write(&mut file)?;
        let catalog = put_catalog(&mut file, tree, parts.imprint, &entries)?;
        let information = put_information(&mut file, parts.imprint)?;
        file.flush()?;
        let digest = Sha256::new().chain_update(file.bytes());
        Ok(Beginning { assembly: file, digest, own, catalog, information })
    }
}
