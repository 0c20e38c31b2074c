//! A reader of finished files, of its own and only as clever as they need: it shares no code with what wrote them.

use std::collections::HashMap;
use std::rc::Rc;

use flate2::read::ZlibDecoder;
use std::io::Read as _;

use crate::letter::proofread::lexer::{Lexer, Token};

/// What a stream, or all object streams of a file, may unfold to at most, in bytes.
const MOST_UNFOLDED: u64 = 64 * 1024 * 1024;
/// The widest row of a cross-reference table, in bytes: three numbers of eight bytes are more than any file needs.
const WIDEST_ROW: usize = 24;
/// How deep brackets may stand within brackets.
const DEEPEST: usize = 64;

/// A value of a PDF.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) enum Value {
    Null,
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Self>),
    Dictionary(Entries),
    Reference(u32),
}

/// The entries of a dictionary, in their order: most have a few, so they are looked through.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::letter) struct Entries(Vec<(Vec<u8>, Value)>);

impl Entries {
    pub(in crate::letter) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == key.as_bytes()).map(|(_, value)| value)
    }

    pub(in crate::letter) fn iter(&self) -> impl Iterator<Item = (&[u8], &Value)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value))
    }
}

impl Value {
    pub(in crate::letter) fn entries(&self) -> Option<&Entries> {
        match self {
            Self::Dictionary(entries) => Some(entries),
            _ => None,
        }
    }

    pub(in crate::letter) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(in crate::letter) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn whole(&self) -> Option<usize> {
        self.number().filter(|number| *number >= 0.0).map(|number| number as usize)
    }
}

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(usize),
    Within(u32, usize),
}

/// A finished file, opened.
pub(in crate::letter) struct PdfFile<'a> {
    bytes: &'a [u8],
    places: Vec<Option<Place>>,
    trailer: Entries,
    /// The object streams, unfolded, with where each of their objects begins.
    unfolded: Rc<Unfolded>,
}

type Unfolded = HashMap<u32, (Vec<u8>, Vec<usize>)>;

impl<'a> PdfFile<'a> {
    /// Opens a file.
    pub(in crate::letter) fn open(bytes: &'a [u8]) -> Option<Self> {
        let mut file = Self::open_table(bytes)?;
        file.unfolded = file.unfold()?.into();
        Some(file)
    }

    /// Opens a file that begins as another does: byte for byte up to `end`, before which all its object streams lie, and
    /// with the same objects there. `None` where it does not.
    pub(in crate::letter) fn open_like(bytes: &'a [u8], other: &Self, end: usize) -> Option<Self> {
        let mut file = Self::open_table(bytes)?;
        let alike = |pair: (&Option<Place>, &Option<Place>)| match pair {
            (Some(Place::At(one)), Some(Place::At(another))) => one == another || (*one >= end && *another >= end),
            (one, another) => one == another,
        };
        let begins_alike = bytes.get(..end)? == other.bytes.get(..end)?
            && file.places.len() == other.places.len()
            && file.places.iter().zip(&other.places).all(alike)
            && file.trailer.get("Root") == other.trailer.get("Root");
        file.unfolded = Rc::clone(&other.unfolded);
        begins_alike.then_some(file)
    }

    /// Where a stream lies, in bytes.
    pub(in crate::letter) fn offset(&self, number: u32) -> Option<usize> {
        match self.place(number)? {
            Place::At(at) => Some(at),
            Place::Within(..) => None,
        }
    }

    /// Reads the trailer and the places of all objects.
    fn open_table(bytes: &'a [u8]) -> Option<Self> {
        let tail = bytes.get(bytes.len().saturating_sub(64)..).filter(|tail| tail.ends_with(b"%%EOF\n"))?;
        let at = tail.windows(9).rposition(|word| word == b"startxref")?;
        let start = match Lexer::new(tail.get(at + 9..)?).next()? {
            Token::Number(number) if number >= 0.0 => number as usize,
            _ => return None,
        };
        let mut file = Self { bytes, places: Vec::new(), trailer: Entries::default(), unfolded: Rc::default() };
        let (trailer, table) = file.stream_at(start)?;
        file.places = places(&trailer, &table)?;
        file.trailer = trailer;
        Some(file)
    }

    /// Unfolds every object stream.
    fn unfold(&self) -> Option<Unfolded> {
        let mut unfolded = Unfolded::new();
        let mut room = MOST_UNFOLDED;
        let mut streams: Vec<u32> = self
            .places
            .iter()
            .flatten()
            .filter_map(|place| if let Place::Within(stream, _) = place { Some(*stream) } else { None })
            .collect();
        streams.dedup();
        for stream in streams {
            if unfolded.contains_key(&stream) {
                continue;
            }
            let (entries, content) = self.stream(stream)?;
            room = room.checked_sub(content.len() as u64)?;
            let (count, first) = (entries.get("N")?.whole()?, entries.get("First")?.whole()?);
            let mut lexer = Lexer::new(&content);
            let mut starts = Vec::new();
            for _ in 0..count {
                lexer.next()?;
                starts.push(first.checked_add(lexer.value()?.whole()?)?);
            }
            unfolded.insert(stream, (content, starts));
        }
        Some(unfolded)
    }

    /// An object that is no stream.
    pub(in crate::letter) fn object(&self, number: u32) -> Option<Value> {
        match self.place(number)? {
            Place::At(at) => self.lexer_at(at)?.value(),
            Place::Within(stream, index) => {
                let (content, starts) = self.unfolded.get(&stream)?;
                Lexer::new(content.get(*starts.get(index)?..)?).value()
            }
        }
    }

    /// A stream's dictionary and its content, unfolded.
    pub(in crate::letter) fn stream(&self, number: u32) -> Option<(Entries, Vec<u8>)> {
        match self.place(number)? {
            Place::At(at) => self.stream_at(at),
            Place::Within(..) => None,
        }
    }

    /// The content of a stream that is not compressed, as it lies in the file.
    pub(in crate::letter) fn plain_stream(&self, number: u32) -> Option<&'a [u8]> {
        let Place::At(at) = self.place(number)? else { return None };
        let (entries, raw) = self.raw_stream(at)?;
        if entries.get("Filter").is_none() { Some(raw) } else { None }
    }

    fn place(&self, number: u32) -> Option<Place> {
        self.places.get(usize::try_from(number).ok()?).copied().flatten()
    }

    /// What stands after the words that open an object.
    fn lexer_at(&self, at: usize) -> Option<Lexer<'a>> {
        let mut lexer = Lexer::new(self.bytes.get(at..)?);
        for _ in 0..2 {
            lexer.next()?;
        }
        (lexer.next()? == Token::Word(b"obj")).then_some(lexer)
    }

    fn raw_stream(&self, at: usize) -> Option<(Entries, &'a [u8])> {
        let mut lexer = self.lexer_at(at)?;
        let Value::Dictionary(entries) = lexer.value()? else { return None };
        if lexer.next()? != Token::Word(b"stream") {
            return None;
        }
        let rest = lexer.rest();
        let raw = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
        let length = entries.get("Length")?.whole()?;
        Some((entries, raw.get(..length)?))
    }

    fn stream_at(&self, at: usize) -> Option<(Entries, Vec<u8>)> {
        let (entries, raw) = self.raw_stream(at)?;
        let content = match entries.get("Filter") {
            None => raw.to_vec(),
            Some(Value::Name(name)) if name == b"FlateDecode" => unfold(raw)?,
            Some(_) => return None,
        };
        Some((entries, content))
    }

    /// A value, or the object that it refers to.
    pub(in crate::letter) fn resolved(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Reference(number) => self.object(*number),
            other => Some(other.clone()),
        }
    }

    /// The dictionary of the tree of pages, and each page's own dictionary in order.
    pub(in crate::letter) fn pages(&self) -> Option<(Entries, Vec<Entries>)> {
        let entries = |value: &Value| match self.resolved(value)? {
            Value::Dictionary(entries) => Some(entries),
            _ => None,
        };
        let catalog = entries(self.trailer.get("Root")?)?;
        let tree = entries(catalog.get("Pages")?)?;
        let pages = tree.get("Kids")?.items()?.iter().map(entries).collect::<Option<Vec<_>>>()?;
        (tree.get("Count")?.whole()? == pages.len()).then_some((tree, pages))
    }
}

/// The places that a cross-reference stream gives, by number.
fn places(trailer: &Entries, table: &[u8]) -> Option<Vec<Option<Place>>> {
    let widths: Vec<usize> = trailer.get("W")?.items()?.iter().map(Value::whole).collect::<Option<_>>()?;
    let [kind, place, index] = widths.try_into().ok()?;
    let width = kind.checked_add(place)?.checked_add(index)?;
    if width > WIDEST_ROW {
        return None;
    }
    let rows = match trailer.get("DecodeParms") {
        None => table.to_vec(),
        Some(_) => undo_differences(table, width),
    };
    let number = |bytes: &[u8]| bytes.iter().fold(0usize, |number, byte| number << 8 | usize::from(*byte));
    let read = |row: &[u8]| {
        let (first, rest) = row.split_at_checked(kind)?;
        let (second, third) = rest.split_at_checked(place)?;
        match number(first) {
            1 => Some(Place::At(number(second))),
            2 => Some(Place::Within(u32::try_from(number(second)).ok()?, number(third))),
            _ => None,
        }
    };
    Some(rows.chunks(width.max(1)).map(read).collect())
}

/// Adds each row to the one above; each begins with the number of its filter.
fn undo_differences(table: &[u8], width: usize) -> Vec<u8> {
    let mut above = vec![0u8; width];
    let mut rows = Vec::with_capacity(table.len());
    for row in table.chunks(width + 1) {
        for (above, byte) in above.iter_mut().zip(row.iter().skip(1)) {
            *above = above.wrapping_add(*byte);
        }
        rows.extend_from_slice(&above);
    }
    rows
}

fn unfold(raw: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    ZlibDecoder::new(raw).take(MOST_UNFOLDED).read_to_end(&mut content).ok()?;
    Some(content)
}

impl Lexer<'_> {
    /// The next value: a reference is two numbers and the word `R`.
    pub(in crate::letter) fn value(&mut self) -> Option<Value> {
        self.value_within(DEEPEST)
    }

    fn value_within(&mut self, room: usize) -> Option<Value> {
        let token = self.next()?;
        self.value_of(token, room)
    }

    /// The value that begins with this word; `room` is how deep brackets may still go.
    fn value_of(&mut self, token: Token<'_>, room: usize) -> Option<Value> {
        Some(match token {
            Token::Number(number) => self.reference(number).unwrap_or(Value::Number(number)),
            Token::Name(name) => Value::Name(name.to_vec()),
            Token::Text(text) => Value::Text(text),
            Token::Word(_) => Value::Null,
            Token::Open(_) if room == 0 => return None,
            Token::Open(b'[') => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Token::Close(b']') => return Some(Value::Array(items)),
                        token => items.push(self.value_of(token, room - 1)?),
                    }
                }
            }
            Token::Open(_) => {
                let mut entries = Entries::default();
                loop {
                    match self.next()? {
                        Token::Close(b'>') => return Some(Value::Dictionary(entries)),
                        Token::Name(key) => entries.0.push((key.to_vec(), self.value_within(room - 1)?)),
                        _ => return None,
                    }
                }
            }
            Token::Close(_) => return None,
        })
    }

    /// The reference that begins with this number, if it does.
    fn reference(&mut self, number: f64) -> Option<Value> {
        let mut ahead = self.clone();
        let is_reference = matches!(ahead.next(), Some(Token::Number(_))) && ahead.next() == Some(Token::Word(b"R"));
        is_reference.then(|| {
            *self = ahead;
            Value::Reference(number as u32)
        })
    }
}
