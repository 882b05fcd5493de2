//! Why a document is refused, and where.

use std::fmt;

/// Why a document is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// Not UTF-8, or declared to be something else.
    NotUtf8,
    /// A character that XML does not take.
    Character,
    /// A document type: we take none, since entities and external files come with it.
    DocumentType,
    /// An entity that is not predefined.
    Entity,
    /// A reference to a character that XML does not take, or one that is not written as such.
    CharacterReference,
    /// Not well-formed: what is there.
    Malformed(&'static str),
    /// A prefix or namespace that is not declared, or declared as it may not be.
    Namespace(&'static str),
    /// Over a limit: what is too large.
    TooLarge(&'static str),
}

impl fmt::Display for ReadFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => formatter.write_str("the document is not in UTF-8"),
            Self::Character => formatter.write_str("a character that XML does not take"),
            Self::DocumentType => formatter.write_str("a document type, which is not taken"),
            Self::Entity => formatter.write_str("an entity that is not one of the five predefined ones"),
            Self::CharacterReference => formatter.write_str("a reference to a character that XML does not take"),
            Self::Malformed(what) | Self::Namespace(what) => formatter.write_str(what),
            Self::TooLarge(what) => write!(formatter, "{what} is over the limit"),
        }
    }
}

/// A document that is refused. Never holds values of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: ReadFault,
}

impl ReadError {
    /// What is wrong at the byte `at` of `text`.
    pub(super) fn new(text: &str, at: usize, fault: ReadFault) -> Self {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = text.get(..at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |position| position + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column, fault }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for ReadError {}

/// A fault at a byte of the document.
pub(super) struct Located {
    pub at: usize,
    pub fault: ReadFault,
}
