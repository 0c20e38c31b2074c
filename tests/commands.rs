//! Every command that the documents and the messages name is one, by its words and its options.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that reads files, and may fail loudly"
)]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use letterpost::cli::args::Cli;

/// A command as some text names it, whole or only by its first words.
struct Mention {
    file: PathBuf,
    words: Vec<String>,
}

#[test]
fn the_documents_name_commands_that_there_are() {
    let mut mentions = Vec::new();
    for file in files(&["docs", "."], "md") {
        let text = fs::read_to_string(&file).unwrap();
        mentions.extend(of_document(&text).into_iter().map(|words| Mention { file: file.clone(), words }));
    }
    check(&mentions, 100);
}

#[test]
fn the_messages_name_commands_that_there_are() {
    let mut mentions = Vec::new();
    for file in files(&["src"], "rs") {
        let text = joined(&fs::read_to_string(&file).unwrap());
        let quoted = between(&text, "'letterpost ", '\'').chain(between(&text, "`letterpost ", '`'));
        // A command that is put in when the message is made is not known here, and what has line ends, or goes on, is none.
        let whole = quoted.filter(|typed| !typed.starts_with('{') && !typed.contains("\\n") && !typed.ends_with(' '));
        mentions.extend(whole.map(|typed| Mention { file: file.clone(), words: words(typed) }));
    }
    check(&mentions, 50);
}

#[test]
fn a_command_that_is_none_is_found() {
    let program = program();
    for typed in ["requests list", "request lists", "request list --state held", "deliver --now-or-never"] {
        assert!(fault(&program, &words(typed)).is_some(), "{typed}");
    }
    for typed in ["request", "request list --status held", "letter correct L --mailed-on D --reason …", "deliver"] {
        assert_eq!(fault(&program, &words(typed)), None, "{typed}");
    }
}

/// Fails with every mention that is wrong. Fewer than `least` mentions mean that the reading of the texts is broken.
fn check(mentions: &[Mention], least: usize) {
    assert!(mentions.len() >= least, "only {} commands were found", mentions.len());
    let program = program();
    let wrong: Vec<String> = mentions
        .iter()
        .filter_map(|Mention { file, words }| {
            fault(&program, words).map(|fault| format!("{}: {}: {fault}", file.display(), words.join(" ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn program() -> Command {
    let mut program = Cli::command();
    program.build();
    program
}

/// What is wrong with a command, if anything is. A command may be named without what must follow it.
fn fault(program: &Command, words: &[String]) -> Option<String> {
    let mut command = program;
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap_or_default();
            match command.get_arguments().find(|argument| argument.get_long() == Some(name)) {
                Some(argument) if argument.get_action().takes_values() && !option.contains('=') => drop(words.next()),
                Some(_) => {}
                None if matches!(name, "help" | "version") => {}
                None => return Some(format!("there is no option --{name}")),
            }
        } else if command.has_subcommands() && !word.starts_with('-') && !is_placeholder(word) {
            match command.find_subcommand(word) {
                Some(found) => command = found,
                None => return Some(format!("there is no command '{word}'")),
            }
        }
    }
    None
}

/// Whether a word stands for what a person puts in its place.
fn is_placeholder(word: &str) -> bool {
    !word.chars().any(|c| c.is_ascii_lowercase()) || word.contains(['{', '}', '…', '[', '<'])
}

/// The commands of a document: lines of its blocks, and what stands between backticks.
fn of_document(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut prose = String::new();
    let mut is_block = false;
    for line in text.replace("\\\n", " ").lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            prose.push_str(line);
            prose.push(' ');
        } else if let Some(typed) = command_of(line.split('#').next().unwrap_or_default()) {
            found.push(words(typed));
        }
    }
    for (place, span) in prose.split('`').enumerate() {
        let typed = span.strip_prefix("letterpost ").or_else(|| is_command(span).then_some(span));
        if place % 2 == 1
            && let Some(typed) = typed
        {
            found.push(words(typed));
        }
    }
    found
}

/// What follows the program's name on a line of a block, whatever stands before it.
fn command_of(line: &str) -> Option<&str> {
    let is_start = |at: usize| line[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '/');
    ["letterpost ", "lp "].into_iter().find_map(|name| {
        let at = line.match_indices(name).map(|(at, _)| at).find(|at| is_start(*at))?;
        Some(&line[at + name.len()..])
    })
}

/// Whether a span is a command without the program's name, and not a message, which has a colon, nor a single word.
fn is_command(span: &str) -> bool {
    let mut words = span.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_message = span.contains(": ") || second.is_empty();
    let is_named = Cli::command().get_subcommands().any(|command| command.get_name() == first);
    is_named && !is_message && second.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// The words of a command up to where another program's begin.
fn words(typed: &str) -> Vec<String> {
    let typed = typed.trim_end_matches(['.', ',', ';']);
    let own = typed.split_whitespace().take_while(|word| !matches!(*word, "<" | ">" | "|" | "&&" | "||" | ";" | ">>"));
    own.map(|word| word.trim_matches(['"', '\'', '(', ')', '\\']).to_owned()).filter(|word| !word.is_empty()).collect()
}

/// What stands in a text between an opening, which is left out, and the character that closes it.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.match_indices(open).filter_map(move |(at, _)| text[at + open.len()..].split(close).next())
}

/// A source text with the lines of its long strings and comments put together.
fn joined(text: &str) -> String {
    let mut whole = String::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches("///").trim_start_matches("//!").trim_start();
        whole.push_str(line.strip_suffix('\\').unwrap_or(line));
        whole.push(if line.ends_with('\\') { '\u{0}' } else { '\n' });
    }
    whole.replace('\u{0}', "")
}

fn files(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        collect(&root, ending, *folder == ".", &mut found);
    }
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, is_flat: bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !is_flat {
            collect(&path, ending, false, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}
