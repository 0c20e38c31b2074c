//! A site's own templates: the files of its folder, in the place of the built-in ones of the same names.

use std::path::Path;

use crate::adapters::files;
use crate::cli::exit::{CliResult, Failure};
use crate::letter::TemplateSet;
use crate::letter::preview::proof;

/// The folder of the letter's own templates; what lies elsewhere is included by them.
const LETTERS: &str = "temporary-password/";

/// The templates of a site: those built in, and in their place those of the folder, if there is one.
///
/// # Errors
/// Where the folder cannot be read, or holds a file that no letter uses: a name that is misspelled would otherwise
/// leave the built-in text in force unseen.
pub fn read(folder: Option<&Path>) -> CliResult<TemplateSet> {
    let mut templates = TemplateSet::builtin();
    let Some(folder) = folder else { return Ok(templates) };
    let found = files::list_tree(folder, "md").map_err(|error| {
        Failure::usage(format!(
            "{error}; make the folder, or take 'templates' out of [folders] for the built-in letter"
        ))
    })?;
    let mut names = Vec::new();
    for path in found {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        templates.0.insert(name.clone(), files::read_text(&path)?);
        names.push(name);
    }
    match names.iter().find_map(|name| unused(name, &templates)) {
        Some(fault) => Err(Failure::usage(fault)),
        None => Ok(templates),
    }
}

/// What is wrong with a template that no letter uses.
fn unused(name: &str, templates: &TemplateSet) -> Option<String> {
    let known = proof::template_names();
    if known.iter().any(|known| known == name) {
        return None;
    }
    if name.starts_with(LETTERS) {
        return Some(format!(
            "template '{name}' is of no letter, and would never be used; its name must be one of {}",
            known.join(", ")
        ));
    }
    let quoted = [format!("\"{name}\""), format!("'{name}'")];
    let is_included = templates.0.values().any(|text| quoted.iter().any(|quoted| text.contains(quoted)));
    (!is_included).then(|| {
        format!("template '{name}' is included by no other, and would never be used; include it, or take it away")
    })
}
