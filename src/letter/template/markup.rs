//! Markup: a rendered template's front matter and Markdown, read into the blocks of a letter.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::letter::template::slot::{Slot, WHOLE_CLOSE, WHOLE_OPEN};
use crate::letter::typeset::fonts::Style;

/// A passage of one style: text, or the place of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) struct Inline {
    pub content: Content,
    pub style: Style,
}

/// What a passage holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) enum Content {
    /// Words of the template.
    Text(String),
    /// Words of the template that stay on one line.
    Whole(String),
    /// A person's data, which stays on one line.
    Slot(Slot),
}

/// A paragraph's passages.
pub(in crate::letter) type Line = Vec<Inline>;

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) enum Block {
    /// Agency and return address, a line each.
    Letterhead(Vec<Line>),
    /// The date line.
    Date(Line),
    /// A heading; level 1 is the letter's own.
    Heading(u8, Line),
    /// A paragraph.
    Paragraph(Line),
    /// A numbered step.
    Step(u64, Line),
    /// A point of a list without numbers.
    Point(Line),
    /// A note that stands out.
    Note(Vec<Line>),
    /// The box of the password, a line each.
    PasswordBox(Vec<Line>),
}

impl Block {
    /// The block's lines of text.
    pub(in crate::letter) fn lines(&self) -> &[Line] {
        match self {
            Self::Letterhead(lines) | Self::Note(lines) | Self::PasswordBox(lines) => lines,
            Self::Date(line)
            | Self::Heading(_, line)
            | Self::Paragraph(line)
            | Self::Step(_, line)
            | Self::Point(line) => std::slice::from_ref(line),
        }
    }

    /// Whether the block differs from letter to letter.
    pub(in crate::letter) fn has_slots(&self) -> bool {
        self.slots().next().is_some()
    }

    /// The slots of the block.
    pub(in crate::letter) fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.lines().iter().flatten().filter_map(|inline| match inline.content {
            Content::Slot(slot) => Some(slot),
            _ => None,
        })
    }
}

/// A template, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) struct Sheet {
    /// The title of the document.
    pub title: String,
    /// The last line of each page.
    pub footer: Line,
    /// The first line of each page after the first.
    pub continuation: Line,
    /// What the letter says.
    pub blocks: Vec<Block>,
}

/// Reads a rendered template.
///
/// # Errors
///
/// What the markup does not know, in words for the person who writes templates.
pub(in crate::letter) fn read(rendered: &str) -> Result<Sheet, String> {
    let body = rendered
        .trim_start()
        .strip_prefix("---\n")
        .ok_or("it must begin with a line ---, then title:, footer: and continuation:")?;
    let (front, body) = body.split_once("\n---\n").ok_or("the front matter must end with a line ---")?;
    let (mut title, mut footer, mut continuation) = (None, None, None);
    for entry in front.lines().filter(|entry| !entry.trim().is_empty()) {
        let (key, value) =
            entry.split_once(':').ok_or_else(|| format!("'{entry}' in the front matter has no colon"))?;
        let place = match key.trim() {
            "title" => &mut title,
            "footer" => &mut footer,
            "continuation" => &mut continuation,
            other => return Err(format!("the front matter knows title, footer and continuation, not '{other}'")),
        };
        *place = Some(one_line(value.trim())?);
    }
    let missing = |key: &'static str| move || format!("the front matter has no {key}:");
    let title = title.ok_or_else(missing("title"))?;
    Ok(Sheet {
        title: plain(&title).ok_or("the title cannot hold a slot")?,
        footer: footer.ok_or_else(missing("footer"))?,
        continuation: continuation.ok_or_else(missing("continuation"))?,
        blocks: Reader::default().read(body)?,
    })
}

/// The text of a line without slots.
fn plain(line: &Line) -> Option<String> {
    line.iter()
        .map(|inline| match &inline.content {
            Content::Text(text) | Content::Whole(text) => Some(text.as_str()),
            Content::Slot(_) => None,
        })
        .collect()
}

/// One line of Markdown as one paragraph.
fn one_line(text: &str) -> Result<Line, String> {
    match Reader::default().read(text)?.as_slice() {
        [Block::Paragraph(line)] => Ok(line.clone()),
        [] => Err("a line is empty".to_owned()),
        _ => Err(format!("'{}' must be plain text on one line", shown(text))),
    }
}

/// A text to quote in an error: without sentinels, and not for ever.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{E000}'..='\u{F8FF}')).take(60).collect()
}

/// Reads Markdown events into blocks.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    line: Line,
    style: Vec<Style>,
    whole: bool,
    /// The number of the next step; `Some(None)` in a list without numbers.
    list: Option<Option<u64>>,
    fence: Option<(String, String)>,
}

impl Reader {
    fn read(mut self, markdown: &str) -> Result<Vec<Block>, String> {
        for event in Parser::new(markdown) {
            self.take(event)?;
        }
        Ok(self.blocks)
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => {
                match &mut self.fence {
                    Some((_, body)) => body.push_str(&text),
                    None => self.text(&text),
                }
                Ok(())
            }
            Event::SoftBreak => {
                self.text(" ");
                Ok(())
            }
            Event::HardBreak => Err("a line cannot be broken by hand; write two paragraphs".to_owned()),
            Event::Code(text) => Err(format!("`{}`: code is not supported; use **bold**", shown(&text))),
            Event::Html(text) | Event::InlineHtml(text) => Err(format!("'{}': HTML is not supported", shown(&text))),
            other => Err(format!("{} is not supported", shown(&format!("{other:?}")))),
        }
    }

    fn open(&mut self, tag: Tag<'_>) -> Result<(), String> {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::Item => {}
            Tag::Strong => self.style.push(Style::Bold),
            Tag::List(_) if self.list.is_some() => return Err("a list within a list is not supported".to_owned()),
            Tag::List(first) => self.list = Some(first),
            Tag::CodeBlock(CodeBlockKind::Fenced(name)) => self.fence = Some((name.to_string(), String::new())),
            Tag::CodeBlock(CodeBlockKind::Indented) => {
                return Err("a line begins with four spaces; remove them".to_owned());
            }
            Tag::Emphasis => return Err("*emphasis* is not supported; use **bold**".to_owned()),
            other => return Err(format!("{} is not supported", shown(&format!("{other:?}")))),
        }
        Ok(())
    }

    fn close(&mut self, tag: TagEnd) -> Result<(), String> {
        match tag {
            TagEnd::Paragraph if self.list.is_some() => {}
            TagEnd::Paragraph => self.finish(Block::Paragraph),
            TagEnd::Heading(level) => self.finish(|line| Block::Heading(level as u8, line)),
            TagEnd::Item => match self.list.as_mut() {
                Some(Some(number)) => {
                    let step = *number;
                    *number = number.saturating_add(1);
                    self.finish(|line| Block::Step(step, line));
                }
                _ => self.finish(Block::Point),
            },
            TagEnd::Strong => {
                self.style.pop();
            }
            TagEnd::List(_) => self.list = None,
            TagEnd::CodeBlock => {
                if let Some((name, body)) = self.fence.take() {
                    self.blocks.push(fenced(&name, &body)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, block: impl FnOnce(Line) -> Block) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.blocks.push(block(line));
        }
    }

    /// Adds text, with sentinels turned into what they stand for.
    fn text(&mut self, text: &str) {
        let style = self.style.last().copied().unwrap_or(Style::Regular);
        for character in text.chars() {
            match character {
                WHOLE_OPEN => self.whole = true,
                WHOLE_CLOSE => self.whole = false,
                _ => match Slot::of_sentinel(character) {
                    Some(slot) => self.line.push(Inline { content: Content::Slot(slot), style }),
                    None => self.push(character, style),
                },
            }
        }
    }

    fn push(&mut self, character: char, style: Style) {
        let whole = self.whole;
        match self.line.last_mut() {
            Some(Inline { content: Content::Text(text), style: last }) if *last == style && !whole => {
                text.push(character)
            }
            Some(Inline { content: Content::Whole(text), style: last }) if *last == style && whole => {
                text.push(character)
            }
            _ => {
                let content = if whole { Content::Whole(character.into()) } else { Content::Text(character.into()) };
                self.line.push(Inline { content, style });
            }
        }
    }
}

/// The block of a fence: each of its lines, or for a note each of its paragraphs, is Markdown of its own.
fn fenced(name: &str, body: &str) -> Result<Block, String> {
    let lines =
        || body.lines().map(str::trim).filter(|line| !line.is_empty()).map(one_line).collect::<Result<Vec<_>, _>>();
    match name.trim() {
        "letterhead" => Ok(Block::Letterhead(lines()?)),
        "password" => Ok(Block::PasswordBox(lines()?)),
        "date" => match <[Line; 1]>::try_from(lines()?) {
            Ok([line]) => Ok(Block::Date(line)),
            Err(_) => Err("a date block has one line".to_owned()),
        },
        "note" => {
            let paragraphs = Reader::default().read(body)?.into_iter().map(|block| match block {
                Block::Paragraph(line) => Ok(line),
                _ => Err("a note holds paragraphs only".to_owned()),
            });
            Ok(Block::Note(paragraphs.collect::<Result<_, _>>()?))
        }
        other => Err(format!("the blocks are letterhead, date, password and note, not '{other}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, style: Style) -> Inline {
        Inline { content: Content::Text(text.to_owned()), style }
    }

    const FRONT: &str = "---\ntitle: T\nfooter: F\ncontinuation: C\n---\n";

    #[test]
    fn markdown_becomes_blocks() {
        let name = Slot::FullName.sentinel();
        let source = format!(
            "{FRONT}\n# Hello\n\nDear {name},\nwelcome **all**\\*.\n\n3. one\n4. two\n\n```password\n{}\n```\n",
            Slot::Password.sentinel()
        );
        let blocks = read(&source).unwrap().blocks;
        let slot = |slot, style| Inline { content: Content::Slot(slot), style };
        assert_eq!(
            blocks,
            [
                Block::Heading(1, vec![text("Hello", Style::Regular)]),
                Block::Paragraph(vec![
                    text("Dear ", Style::Regular),
                    slot(Slot::FullName, Style::Regular),
                    text(", welcome ", Style::Regular),
                    text("all", Style::Bold),
                    text("*.", Style::Regular),
                ]),
                Block::Step(3, vec![text("one", Style::Regular)]),
                Block::Step(4, vec![text("two", Style::Regular)]),
                Block::PasswordBox(vec![vec![slot(Slot::Password, Style::Regular)]]),
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for body in
            ["*soft*", "`code`", "<b>x</b>", "[a](b)", "> quote", "```poem\nx\n```", "- a\n  - b", "a  \nb", "---"]
        {
            assert!(read(&format!("{FRONT}{body}\n")).is_err(), "{body}");
        }
        for source in
            ["", "title: T\n", "---\ntitle: T\n---\n", "---\ntitle: T\nfooter: F\ncontinuation: C\nx: y\n---\n"]
        {
            assert!(read(source).is_err(), "{source}");
        }
    }
}
