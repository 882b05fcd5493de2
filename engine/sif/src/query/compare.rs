//! Values as they are compared: by what their type means, not by how they are written.

mod number;
mod time;

use std::cmp::Ordering;

use self::number::Number;
use crate::schema::{ElementSchema, SimpleType};

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// EQ
    Equal,
    /// LT
    Less,
    /// GT
    Greater,
    /// LE
    LessOrEqual,
    /// GE
    GreaterOrEqual,
    /// NE
    NotEqual,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::Less, Self::Greater, Self::LessOrEqual, Self::GreaterOrEqual, Self::NotEqual];

    /// Its word in SIF_Operator.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Equal => "EQ",
            Self::Less => "LT",
            Self::Greater => "GT",
            Self::LessOrEqual => "LE",
            Self::GreaterOrEqual => "GE",
            Self::NotEqual => "NE",
        }
    }

    /// The operator with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.word() == word)
    }

    /// Whether it holds of a value that stands so to the condition's.
    #[must_use]
    pub const fn takes(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::Greater => ordering.is_gt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::NotEqual => ordering.is_ne(),
        }
    }
}

/// How the values at a path are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// As texts, by Unicode code points; case counts.
    Text,
    /// As texts whose white space at the ends and in runs does not count: codes, ids.
    Token,
    /// As numbers: `2` is `2.0`.
    Number,
    /// As a date, perhaps of a month or year only, which comes before the days in it: `2026` before `2026-01`.
    Date,
    /// As a time of day.
    Time,
    /// As a moment; without an offset it is taken as UTC.
    DateTime,
    /// As true or false: `1` is `true`.
    Boolean,
}

impl Comparison {
    /// How the values of an element or attribute are compared.
    #[must_use]
    pub fn of(schema: &ElementSchema) -> Self {
        match schema.value {
            Some(SimpleType::Token | SimpleType::AnyUri) => Self::Token,
            Some(SimpleType::Date | SimpleType::PartialDate | SimpleType::Year) => Self::Date,
            Some(SimpleType::Time) => Self::Time,
            Some(SimpleType::DateTime) => Self::DateTime,
            Some(SimpleType::Decimal | SimpleType::UnsignedInt) => Self::Number,
            Some(SimpleType::Boolean) => Self::Boolean,
            Some(SimpleType::Text | SimpleType::Normalized) | None => Self::Text,
        }
    }

    /// Reads a value; none where it is not of the type.
    #[must_use]
    pub fn read(self, value: &str) -> Option<Comparable> {
        let comparable = match self {
            Self::Text => Inner::Text(value.to_owned()),
            Self::Token => Inner::Text(value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
            Self::Number => Inner::Number(Number::parse(value.trim())?),
            Self::Date => Inner::Date(time::date(value.trim())?),
            Self::Time => Inner::Moment(time::time(value.trim())?),
            Self::DateTime => Inner::Moment(time::date_time(value.trim())?),
            Self::Boolean => Inner::Flag(match value.trim() {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return None,
            }),
        };
        Some(Comparable(comparable))
    }

    /// What a value of it is, with its article.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Text | Self::Token => "a text",
            Self::Number => "a number",
            Self::Date => "a date (YYYY-MM-DD), a month or a year",
            Self::Time => "a time (hh:mm:ss)",
            Self::DateTime => "a date and time (YYYY-MM-DDThh:mm:ss)",
            Self::Boolean => "`true` or `false`",
        }
    }
}

/// A value that was read to be compared with others of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparable(Inner);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner {
    Text(String),
    Number(Number),
    /// Year, month, day; 0 where none is given.
    Date((i64, u8, u8)),
    /// Seconds, and their fraction in digits without zeros at the end.
    Moment((i64, String)),
    Flag(bool),
}
