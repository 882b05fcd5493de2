//! What can be wrong with a value.

use super::SimpleType;

/// What is wrong with a value. Never holds the value: values are personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueFault {
    /// Not written as the type asks.
    Form(SimpleType),
    /// Not 32 upper-case hexadecimal digits.
    Guid,
    /// Not in the code set of this name.
    CodeSet(&'static str),
    /// Not the only value that is taken, which is this.
    Fixed(&'static str),
    /// Below this smallest value.
    TooSmall(i64),
    /// Above this greatest value.
    TooLarge(i64),
    /// More digits after the point than these.
    FractionDigits(u8),
    /// A value where only elements may stand.
    NoValue,
}

impl ValueFault {
    /// Why the value cannot stand, in the reader's words; follows "the value".
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Form(kind) => format!("is not {}", kind.describe()),
            Self::Guid => "is not a GUID of 32 upper-case hexadecimal digits without dashes".to_owned(),
            Self::CodeSet(set) => match set.strip_prefix("inline:") {
                Some(place) => format!("is not one of the codes of `{place}`"),
                None => format!("is not in the code set `{set}`"),
            },
            Self::Fixed(value) => format!("is not `{value}`, the only value that may stand here"),
            Self::TooSmall(least) => format!("is less than {least}"),
            Self::TooLarge(greatest) => format!("is greater than {greatest}"),
            Self::FractionDigits(1) => "has more than 1 digit after the point".to_owned(),
            Self::FractionDigits(digits) => {
                format!("has more than {digits} digits after the point")
            }
            Self::NoValue => "stands where only elements may stand".to_owned(),
        }
    }
}
