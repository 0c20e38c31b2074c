//! The structure of a letter's own file: what each part of the page is, in the order in which it is read aloud
//! (ISO 32000-1, 14.7 and 14.8).

use crate::letter::error::LetterError;
use crate::letter::pdf::assembly::{Assembly, ObjectNumber};
use crate::letter::pdf::content::Manner;
use crate::letter::template::markup::Block;
use crate::letter::typeset::form::Form;
use crate::letter::typeset::layout::{Element, Layout};

/// What a file's structure is made of.
pub(in crate::letter) struct Structure<'a> {
    pub form: &'a Form,
    pub layout: &'a Layout,
    pub pages: &'a [ObjectNumber],
    pub manner: Manner,
}

/// A part of the letter: its role, and what of which page belongs to it.
struct Part {
    role: &'static str,
    content: Vec<(usize, usize)>,
}

impl Structure<'_> {
    /// Writes the structure, and gives the entries that the catalog has of it. Page `n` is the `n`th of the parent tree.
    pub(in crate::letter) fn write(&self, file: &mut Assembly) -> Result<String, LetterError> {
        let (root, document) = (file.reserve(), file.reserve());
        let mut parents: Vec<Vec<(usize, ObjectNumber)>> = vec![Vec::new(); self.pages.len()];
        let mut kids = String::new();
        let mut list: Option<(ObjectNumber, String)> = None;
        for part in self.parts() {
            // Points of a list stand together in it.
            let parent = match (&mut list, part.role) {
                (Some((list, _)), "LI") => *list,
                (none @ None, "LI") => {
                    let number = file.reserve();
                    kids.push_str(&format!("{number} 0 R "));
                    none.replace((number, String::new()));
                    number
                }
                _ => {
                    end_list(file, list.take(), document)?;
                    document
                }
            };
            let number = self.part(file, &part, parent, &mut parents)?;
            let siblings = list.as_mut().filter(|_| part.role == "LI").map_or(&mut kids, |(_, items)| items);
            siblings.push_str(&format!("{number} 0 R "));
        }
        end_list(file, list, document)?;
        file.put(document, format!("<</Type/StructElem/S/Document/P {root} 0 R/K[{kids}]>>"))?;
        let tree = parent_tree(&parents);
        file.put(
            root,
            format!(
                "<</Type/StructTreeRoot/K {document} 0 R/ParentTree<</Nums[{tree}]>>/ParentTreeNextKey {}>>",
                parents.len()
            ),
        )?;
        Ok(format!("/MarkInfo<</Marked true>>/StructTreeRoot {root} 0 R"))
    }

    /// The parts in the order in which they are read: the address comes after the letterhead.
    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.form.entries.len() + 1);
        let mark = |element| self.manner.mark(element).unwrap_or_default();
        for (number, (entry, place)) in self.form.entries.iter().zip(&self.layout.places).enumerate() {
            let mut content = vec![(place.page, mark(Element::Block(number)))];
            if matches!(entry.block, Block::PasswordBox(_)) {
                content.insert(0, (place.page, mark(Element::Password)));
            }
            parts.push(Part { role: role(&entry.block), content });
            if matches!(entry.block, Block::Letterhead(_)) {
                parts.push(Part { role: "P", content: vec![(0, mark(Element::Address))] });
            }
        }
        parts
    }

    fn part(
        &self,
        file: &mut Assembly,
        part: &Part,
        parent: ObjectNumber,
        parents: &mut [Vec<(usize, ObjectNumber)>],
    ) -> Result<ObjectNumber, LetterError> {
        let number = file.reserve();
        // What a list's point says is its body, an element within it.
        let holder = if part.role == "LI" { file.reserve() } else { number };
        let mut kids = String::new();
        for (page, mark) in &part.content {
            let page_number = self.pages.get(*page).copied().unwrap_or_default();
            kids.push_str(&format!("<</Type/MCR/Pg {page_number} 0 R/MCID {mark}>>"));
            if let Some(parents) = parents.get_mut(*page) {
                parents.push((*mark, holder));
            }
        }
        if holder != number {
            file.put(holder, format!("<</Type/StructElem/S/LBody/P {number} 0 R/K[{kids}]>>"))?;
            kids = format!("{holder} 0 R");
        }
        file.put(number, format!("<</Type/StructElem/S/{}/P {parent} 0 R/K[{kids}]>>", part.role))?;
        Ok(number)
    }
}

fn end_list(
    file: &mut Assembly,
    list: Option<(ObjectNumber, String)>,
    parent: ObjectNumber,
) -> Result<(), LetterError> {
    match list {
        Some((number, items)) => file.put(number, format!("<</Type/StructElem/S/L/P {parent} 0 R/K[{items}]>>")),
        None => Ok(()),
    }
}

/// For each page, the element that each of its marks belongs to, in the order of the marks.
fn parent_tree(parents: &[Vec<(usize, ObjectNumber)>]) -> String {
    let mut tree = String::new();
    for (page, marks) in parents.iter().enumerate() {
        let count = marks.iter().map(|(mark, _)| mark + 1).max().unwrap_or(0);
        let element = |mark: usize| marks.iter().find(|(known, _)| *known == mark).map(|(_, element)| *element);
        let elements: String = (0..count)
            .map(|mark| element(mark).map_or_else(|| "null ".to_owned(), |found| format!("{found} 0 R ")))
            .collect();
        tree.push_str(&format!("{page}[{elements}]"));
    }
    tree
}

fn role(block: &Block) -> &'static str {
    match block {
        Block::Heading(1, _) => "H1",
        Block::Heading(..) => "H2",
        Block::Step(..) | Block::Point(_) => "LI",
        _ => "P",
    }
}
