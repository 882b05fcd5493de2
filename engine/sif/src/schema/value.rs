//! Simple types, code sets and the check of a value against them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::lexical::{self, Decimal};
use super::{ElementSchema, ValueFault};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SimpleType {
    /// Any text; white space counts.
    Text,
    /// Any text; line ends and tabs count as spaces.
    Normalized,
    /// Text whose white space at the ends and in runs does not count.
    Token,
    /// `2026-01-31`
    Date,
    /// `2026`
    Year,
    /// `2026-01-31`, `2026-01` or `2026`
    PartialDate,
    /// `13:05:00`
    Time,
    /// `2026-01-31T13:05:00Z`
    DateTime,
    /// A number with or without a point; no exponent.
    Decimal,
    /// A whole number from 0 to 4294967295.
    UnsignedInt,
    /// `true`, `false`, `1` or `0`
    Boolean,
    /// A URI or a reference to one.
    AnyUri,
}

impl SimpleType {
    /// With its article and form, in the reader's words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Text | Self::Normalized | Self::Token => "a text",
            Self::Date => "a date (YYYY-MM-DD)",
            Self::Year => "a year (YYYY)",
            Self::PartialDate => "a date, month or year (YYYY-MM-DD, YYYY-MM or YYYY)",
            Self::Time => "a time (hh:mm:ss)",
            Self::DateTime => "a date and time (YYYY-MM-DDThh:mm:ss)",
            Self::Decimal => "a decimal number",
            Self::UnsignedInt => "a whole number from 0 to 4294967295",
            Self::Boolean => "`true` or `false`",
            Self::AnyUri => "a web address (URI)",
        }
    }

    /// Whether a value without space around it is written as the type asks.
    pub(crate) fn takes(self, value: &str) -> bool {
        self.has_form(value)
    }

    const fn forgives_space(self) -> bool {
        matches!(self, Self::Token | Self::AnyUri | Self::PartialDate | Self::Boolean | Self::Decimal)
    }

    fn has_form(self, value: &str) -> bool {
        match self {
            Self::Text | Self::Normalized | Self::Token => true,
            Self::Date => lexical::date(value),
            Self::Year => lexical::year(value),
            Self::PartialDate => lexical::date(value) || lexical::year_month(value) || lexical::year(value),
            Self::Time => lexical::time(value),
            Self::DateTime => lexical::date_time(value),
            Self::Decimal => Decimal::parse(value).is_some(),
            Self::UnsignedInt => lexical::unsigned(value).is_some(),
            Self::Boolean => matches!(value, "true" | "false" | "1" | "0"),
            Self::AnyUri => lexical::any_uri(value),
        }
    }
}

/// What a type asks besides its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// 32 upper-case hexadecimal digits.
    pub guid: bool,
    /// Smallest value.
    pub minimum: Option<i64>,
    /// Greatest value.
    pub maximum: Option<i64>,
    /// Most digits after the point.
    pub fraction_digits: Option<u8>,
}

/// A list of codes.
#[derive(Debug)]
pub struct CodeSet {
    name: &'static str,
    codes: Vec<&'static str>,
    /// The codes at the places that their hashes name, or at the next free ones; at least half are free.
    slots: Box<[Option<&'static str>]>,
    /// Whether collapsing changes none of its codes.
    collapsed: bool,
}

impl CodeSet {
    pub(super) fn new(name: &'static str, codes: Vec<&'static str>) -> Self {
        let mut slots = vec![None; (2 * codes.len()).next_power_of_two()];
        for code in &codes {
            let mut place = hash(code) & (slots.len() - 1);
            while slots.get(place).is_some_and(Option::is_some) {
                place = (place + 1) & (slots.len() - 1);
            }
            if let Some(slot) = slots.get_mut(place) {
                *slot = Some(*code);
            }
        }
        let collapsed = codes.iter().all(|code| lexical::collapse(code) == *code);
        Self { name, codes, slots: slots.into(), collapsed }
    }

    /// Its name: a type's name, or `inline:` and the place for a list that has no type of its own.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its codes in the standard's order.
    #[must_use]
    pub fn codes(&self) -> &[&'static str] {
        &self.codes
    }

    /// Whether `code` is one of them.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        let mut place = hash(code);
        while let Some(Some(other)) = self.slots.get(place & (self.slots.len() - 1)) {
            if *other == code {
                return true;
            }
            place += 1;
        }
        false
    }
}

/// Of the last bytes, since long codes tend to begin alike.
fn hash(code: &str) -> usize {
    let bytes = code.bytes().rev().take(12);
    let hash = bytes.fold(code.len() as u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from((hash ^ (hash >> 32)) & 0xFFFF_FFFF).unwrap_or(0)
}

/// How the common values of an element are known to be right in one step. What the step does not take, the whole check
/// judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortcut {
    /// Every value is right.
    Any,
    /// 32 upper-case hexadecimal digits are.
    Guid,
    /// The codes of the code set are.
    Code,
    /// `2026-01-28` is.
    Date,
    /// There is none.
    None,
}

impl Shortcut {
    pub(super) fn of(element: &ElementSchema) -> Self {
        let Facets { guid, minimum, maximum, fraction_digits } = element.facets;
        let bounds = minimum.is_some() || maximum.is_some() || fraction_digits.is_some();
        let codes = element.code_set().filter(|_| !element.open);
        match element.value {
            Some(SimpleType::Text | SimpleType::Normalized) => Self::Any,
            _ if bounds || element.fixed.is_some() => Self::None,
            Some(SimpleType::Token) => match codes {
                Some(codes) if !guid && codes.collapsed => Self::Code,
                Some(_) => Self::None,
                None if guid => Self::Guid,
                None => Self::Any,
            },
            Some(SimpleType::Date | SimpleType::PartialDate) if codes.is_none() && !guid => Self::Date,
            _ => Self::None,
        }
    }
}

/// Checks `value` against everything that `element` asks.
pub(super) fn check(element: &ElementSchema, value: &str) -> Result<(), ValueFault> {
    let right = match element.shortcut {
        Shortcut::Any => true,
        Shortcut::Guid => lexical::guid(value),
        Shortcut::Code => element.code_set().is_some_and(|set| set.contains(value)),
        Shortcut::Date => lexical::is_common_date(value),
        Shortcut::None => false,
    };
    if right { Ok(()) } else { check_wholly(element, value) }
}

/// The same without a shortcut.
pub(super) fn check_wholly(element: &ElementSchema, value: &str) -> Result<(), ValueFault> {
    let Some(kind) = element.value else {
        let blank = element.any_content || value.bytes().all(lexical::is_space);
        return if blank { Ok(()) } else { Err(ValueFault::NoValue) };
    };
    if matches!(kind, SimpleType::Text | SimpleType::Normalized) || (element.may_be_empty && value.is_empty()) {
        return Ok(());
    }
    // By the standard white space at the ends does not count anywhere; libxml2 forgives it in some types only.
    let collapsed = if kind.forgives_space() { lexical::collapse(value) } else { Cow::Borrowed(value) };
    let value = &*collapsed;
    if !kind.has_form(value) {
        return Err(ValueFault::Form(kind));
    }
    if element.facets.guid && !lexical::guid(value) {
        return Err(ValueFault::Guid);
    }
    if let Some(set) = element.code_set()
        && !element.open
        && !set.contains(value)
    {
        return Err(ValueFault::CodeSet(set.name()));
    }
    if let Some(fixed) = element.fixed
        && fixed != value
    {
        return Err(ValueFault::Fixed(fixed));
    }
    check_bounds(&element.facets, value)
}

fn check_bounds(facets: &Facets, value: &str) -> Result<(), ValueFault> {
    if facets.minimum.is_none() && facets.maximum.is_none() && facets.fraction_digits.is_none() {
        return Ok(());
    }
    let Some(number) = Decimal::parse(value) else {
        return Err(ValueFault::Form(SimpleType::Decimal));
    };
    if let Some(least) = facets.minimum
        && number.compare(least) == Ordering::Less
    {
        return Err(ValueFault::TooSmall(least));
    }
    if let Some(greatest) = facets.maximum
        && number.compare(greatest) == Ordering::Greater
    {
        return Err(ValueFault::TooLarge(greatest));
    }
    match facets.fraction_digits {
        Some(digits) if number.fraction_digits() > usize::from(digits) => Err(ValueFault::FractionDigits(digits)),
        _ => Ok(()),
    }
}
