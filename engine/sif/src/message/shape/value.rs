//! Values of messages.

use crate::message::VersionPattern;
use crate::schema::SimpleType;
use crate::xml::{is_name_char, is_name_start};

/// What a value of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// Any text.
    Text,
    /// Any text; line ends and tabs count as spaces.
    Normalized,
    /// Any text; white space at its ends and in runs does not count.
    Token,
    /// 32 upper-case hexadecimal digits.
    Guid,
    /// A date and time, with or without an offset: old agents write none.
    DateTime,
    /// A URI or a reference to one.
    Uri,
    /// A whole number from 0 to 4294967295.
    Unsigned,
    /// A whole number from 1 on.
    Positive,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A version or a pattern of versions.
    Version,
    /// A name without a prefix, of at most 64 characters.
    Name,
    /// A whole number from 1 on, or `All`.
    RowCount,
    /// One of these, separated by `|`.
    Words(&'static str),
}

impl ValueKind {
    pub(super) fn from_word(word: &'static str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "normalized" => Self::Normalized,
            "token" => Self::Token,
            "guid" => Self::Guid,
            "date_time" => Self::DateTime,
            "uri" => Self::Uri,
            "unsigned" => Self::Unsigned,
            "positive" => Self::Positive,
            "boolean" => Self::Boolean,
            "version" => Self::Version,
            "name" => Self::Name,
            "row_count" => Self::RowCount,
            _ => Self::Words(word.strip_prefix("words=")?),
        })
    }

    /// What is wrong with a value; follows "the value".
    pub(super) fn fault(self, value: &str, most: Option<usize>) -> Option<String> {
        let collapsed =
            value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let text = if matches!(self, Self::Text | Self::Normalized) { value } else { &collapsed };
        if let Some(most) = most
            && text.chars().count() > most
        {
            return Some(format!("has more than {most} characters"));
        }
        let right = match self {
            Self::Text | Self::Normalized | Self::Token => true,
            Self::Guid => text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')),
            Self::DateTime => SimpleType::DateTime.takes(text),
            Self::Uri => SimpleType::AnyUri.takes(text),
            Self::Unsigned => SimpleType::UnsignedInt.takes(text),
            Self::Positive => is_positive(text),
            Self::Boolean => SimpleType::Boolean.takes(text),
            Self::Version => text.len() <= 12 && VersionPattern::parse(text).is_some(),
            Self::Name => is_name(text),
            Self::RowCount => text == "All" || is_positive(text),
            Self::Words(words) => words.split('|').any(|word| word == text),
        };
        (!right).then(|| self.wrong())
    }

    fn wrong(self) -> String {
        let what = match self {
            Self::Text | Self::Normalized | Self::Token => "is not a text",
            Self::Guid => "is not a GUID of 32 upper-case hexadecimal digits without dashes",
            Self::DateTime => "is not a date and time (YYYY-MM-DDThh:mm:ss with an offset)",
            Self::Uri => "is not a web address (URI)",
            Self::Unsigned => "is not a whole number from 0 to 4294967295",
            Self::Positive => "is not a whole number from 1 on",
            Self::Boolean => "is not `true` or `false`",
            Self::Version => "is not a version such as `2.4` or `2.*`",
            Self::Name => "is not a name of at most 64 characters",
            Self::RowCount => "is not `All` or a whole number from 1 on",
            Self::Words(words) => return format!("is not one of {}", words.replace('|', ", ")),
        };
        what.to_owned()
    }
}

fn is_positive(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0')
}

fn is_name(text: &str) -> bool {
    text.chars().count() <= 64
        && text.chars().next().is_some_and(|first| first != ':' && is_name_start(first))
        && text.chars().all(|other| other != ':' && is_name_char(other))
}
