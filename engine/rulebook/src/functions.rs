//! The functions that rules and expressions may call: names, types, and what they do in a sentence.

use crate::types::{Kind, Type};

/// A function of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described in FUNCTIONS")]
pub enum Native {
    Count,
    Any,
    Earliest,
    Latest,
    Least,
    Greatest,
    Join,
    Left,
    Right,
    Before,
    After,
    LastWord,
    AllButLastWord,
    HasText,
    MinutesBetween,
    AddDays,
    AddMonths,
    DateOf,
    TimeOf,
    YearOf,
    MonthOf,
    ParseInt,
    ParseDecimal,
    ToText,
    ToDecimal,
    RoundHalfUp,
    FixedDecimals,
    Padded,
    AtLeast,
    ListHasCode,
    ListHasOther,
    WeightedMean,
    RefId,
    NameRefId,
    Guid,
    DaysCount,
    DaysFirst,
    DaysLast,
    DaysWithin,
    DaysContains,
    DaysOrdinal,
    DaysSize,
    DaysBeyondRuns,
}

/// A function's name with what it does.
pub struct Function {
    /// The function.
    pub native: Native,
    /// The name that rules call it by.
    pub name: &'static str,
    /// Its parameters in words.
    pub parameters: &'static str,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! functions {
    ($($native:ident $name:literal ($parameters:literal) $doc:literal;)*) => {
        /// Every function.
        pub const FUNCTIONS: &[Function] = &[$(Function { native: Native::$native, name: $name, parameters: $parameters, doc: $doc }),*];
    };
}

functions! {
    Count "count" ("rows") "How many rows there are.";
    Any "any" ("rows") "Whether there is a row.";
    Earliest "earliest" ("date?, …") "The earliest of the dates that are there.";
    Latest "latest" ("date?, …") "The latest of the dates that are there.";
    Least "least" ("number?, …") "The smallest of the numbers that are there.";
    Greatest "greatest" ("number?, …") "The largest of the numbers that are there.";
    Join "join" ("separator, text?, …") "The texts that are there, with the separator between them; absent if none is.";
    Left "left" ("text?, count") "The first characters of a text.";
    Right "right" ("text?, count") "The last characters of a text.";
    Before "before" ("text?, separator") "What stands before the first separator, trimmed; absent if there is no separator.";
    After "after" ("text?, separator") "What stands after the first separator, trimmed; absent if there is no separator.";
    LastWord "last_word" ("text?") "The last word of a text.";
    AllButLastWord "all_but_last_word" ("text?") "A text without its last word; absent if there is only one.";
    HasText "has_text" ("text?, part") "Whether a text has the other in it.";
    MinutesBetween "minutes_between" ("time?, time?") "Minutes from one time of day to another; absent if one is absent or the second is not later.";
    AddDays "add_days" ("date?, days") "A date so many days later; absent if the date is.";
    AddMonths "add_months" ("date?, months") "A date so many months later, the last day of the month if the month is shorter; absent if the date is.";
    DateOf "date_of" ("datetime?") "The date of a date and time; absent if that is.";
    TimeOf "time_of" ("datetime?") "The time of day of a date and time; absent if that is.";
    YearOf "year_of" ("date") "The year of a date.";
    MonthOf "month_of" ("date") "The month of a date, 1 to 12.";
    ParseInt "parse_int" ("text?") "The whole number that a text is; absent if it is none.";
    ParseDecimal "parse_decimal" ("text?") "The decimal number that a text is; absent if it is none.";
    ToText "to_text" ("number?") "A number as text, without trailing zeros; absent if the number is.";
    ToDecimal "to_decimal" ("number?") "A whole number as a decimal number.";
    RoundHalfUp "round_half_up" ("decimal[, places]") "A number rounded, halves away from zero; a whole number without places.";
    FixedDecimals "fixed_decimals" ("decimal?, places") "A number as text with exactly so many decimals, rounded half up.";
    Padded "padded" ("int, width") "A number as text with leading zeros.";
    AtLeast "at_least" ("number?, number?") "Whether both are there and the first is not smaller.";
    ListHasCode "list_has_code" ("text?, \"value set\", code") "Whether one of the codes of a comma-separated list maps to the code.";
    ListHasOther "list_has_other" ("text?, \"value set\"") "Whether one of the codes of a comma-separated list maps to nothing.";
    WeightedMean "weighted_mean" ("rows, \"value\", \"weight\"") "The mean of a field or fact of rows, each weighted by another; absent if the weights add up to nothing.";
    RefId "refid" ("text?") "A GUID as SIF writes it: 32 capital hexadecimal digits.";
    NameRefId "name_refid" ("text?, name?") "The RefId of what has no GUID, made of a district's GUID and a name; absent if either is.";
    Guid "guid" ("text?") "A GUID as it stands in a name: small hexadecimal digits with dashes.";
    DaysCount "count" ("days, from, to") "How many dates of the set lie in a span, both ends included.";
    DaysFirst "first" ("days, from, to") "The first date of the set in a span.";
    DaysLast "last" ("days, from, to") "The last date of the set in a span.";
    DaysWithin "within" ("days, from, to") "The dates of the set that lie in a span, both ends included.";
    DaysContains "contains" ("days, date") "Whether a date is in the set.";
    DaysOrdinal "ordinal" ("days, date?") "Which date of the set it is, from 1; absent if it is not in it.";
    DaysSize "size" ("days") "How many dates the set has.";
    DaysBeyondRuns "beyond_runs" ("days, some of them, limit") "The dates of the second set after the first so many of an unbroken run, where the first set says what is unbroken.";
}

/// Finds the function that takes arguments of these types.
///
/// # Errors
/// Whether a function of this name exists at all, with what it wants.
pub fn find(name: &str, arguments: &[Type]) -> Result<(Native, Type), Option<String>> {
    let mut wanted = Vec::new();
    for function in FUNCTIONS.iter().filter(|function| function.name == name) {
        if let Some(result) = result(function.native, arguments) {
            return Ok((function.native, result));
        }
        wanted.push(format!("{}({})", function.name, function.parameters));
    }
    Err((!wanted.is_empty()).then(|| wanted.join(" or ")))
}

fn result(native: Native, arguments: &[Type]) -> Option<Type> {
    use Kind::{Bool, Date, DateTime, Days, Decimal, Int, Rows, Text, Time};
    let is = |at: usize, kind: Kind| arguments.get(at).is_some_and(|ty| ty.fits(Type::of(kind)));
    let may = |at: usize, kind: Kind| arguments.get(at).is_some_and(|ty| ty.fits(Type::maybe(kind)));
    let exactly = |count: usize| arguments.len() == count;
    let number = |ty: &Type| matches!(ty.kind, Int | Decimal | Kind::Any | Kind::Nothing);
    let optional = |at: usize| arguments.get(at).is_some_and(|ty| ty.optional);
    let all_optional = arguments.iter().all(|ty| ty.optional);
    let joined = || arguments.iter().skip(1).try_fold(*arguments.first()?, |a, b| a.join(*b));
    let ok = |condition: bool, ty: Type| condition.then_some(ty);
    match native {
        Native::Count => ok(exactly(1) && matches!(arguments[0].kind, Rows(_) | Kind::Any), Type::of(Int)),
        Native::Any => ok(exactly(1) && matches!(arguments[0].kind, Rows(_) | Kind::Any), Type::of(Bool)),
        Native::Earliest | Native::Latest => ok(
            !arguments.is_empty() && (0..arguments.len()).all(|at| may(at, Date)),
            Type { kind: Date, optional: all_optional },
        ),
        Native::Least | Native::Greatest => {
            let kind = joined()?.kind;
            ok(arguments.iter().all(number), Type { kind, optional: all_optional })
        }
        Native::Join => ok(
            arguments.len() > 1 && is(0, Text) && (1..arguments.len()).all(|at| may(at, Text)),
            Type { kind: Text, optional: arguments[1..].iter().all(|ty| ty.optional) },
        ),
        Native::Left | Native::Right => {
            ok(exactly(2) && may(0, Text) && is(1, Int), Type { kind: Text, optional: optional(0) })
        }
        Native::Before | Native::After => ok(exactly(2) && may(0, Text) && is(1, Text), Type::maybe(Text)),
        Native::LastWord | Native::AllButLastWord => ok(exactly(1) && may(0, Text), Type::maybe(Text)),
        Native::HasText => ok(exactly(2) && may(0, Text) && is(1, Text), Type::of(Bool)),
        Native::MinutesBetween => ok(exactly(2) && may(0, Time) && may(1, Time), Type::maybe(Int)),
        Native::AddDays => ok(exactly(2) && may(0, Date) && is(1, Int), Type { kind: Date, optional: optional(0) }),
        Native::AddMonths => ok(exactly(2) && may(0, Date) && is(1, Int), Type { kind: Date, optional: optional(0) }),
        Native::DateOf => ok(exactly(1) && may(0, DateTime), Type { kind: Date, optional: optional(0) }),
        Native::TimeOf => ok(exactly(1) && may(0, DateTime), Type { kind: Time, optional: optional(0) }),
        Native::YearOf | Native::MonthOf => ok(exactly(1) && is(0, Date), Type::of(Int)),
        Native::ParseInt => ok(exactly(1) && may(0, Text), Type::maybe(Int)),
        Native::ParseDecimal => ok(exactly(1) && may(0, Text), Type::maybe(Decimal)),
        Native::ToText => ok(
            exactly(1) && number(&arguments[0]) && arguments[0].kind != Kind::Nothing,
            Type { kind: Text, optional: optional(0) },
        ),
        Native::ToDecimal => ok(exactly(1) && may(0, Decimal), Type { kind: Decimal, optional: optional(0) }),
        Native::RoundHalfUp => match arguments.len() {
            1 => ok(is(0, Decimal), Type::of(Int)),
            2 => ok(may(0, Decimal) && is(1, Int), Type { kind: Decimal, optional: optional(0) }),
            _ => None,
        },
        Native::FixedDecimals => {
            ok(exactly(2) && may(0, Decimal) && is(1, Int), Type { kind: Text, optional: optional(0) })
        }
        Native::Padded => ok(exactly(2) && is(0, Int) && is(1, Int), Type::of(Text)),
        Native::AtLeast => ok(exactly(2) && arguments.iter().all(number), Type::of(Bool)),
        Native::ListHasCode => ok(exactly(3) && may(0, Text) && is(1, Text) && is(2, Text), Type::of(Bool)),
        Native::ListHasOther => ok(exactly(2) && may(0, Text) && is(1, Text), Type::of(Bool)),
        Native::WeightedMean => ok(
            exactly(3) && matches!(arguments[0].kind, Rows(_) | Kind::Any) && is(1, Text) && is(2, Text),
            Type::maybe(Decimal),
        ),
        Native::RefId | Native::Guid => ok(exactly(1) && may(0, Text), Type { kind: Text, optional: optional(0) }),
        Native::NameRefId => {
            ok(exactly(2) && may(0, Text) && may(1, Text), Type { kind: Text, optional: optional(0) || optional(1) })
        }
        Native::DaysCount => ok(exactly(3) && is(0, Days) && is(1, Date) && is(2, Date), Type::of(Int)),
        Native::DaysFirst | Native::DaysLast => {
            ok(exactly(3) && is(0, Days) && is(1, Date) && is(2, Date), Type::maybe(Date))
        }
        Native::DaysWithin => ok(exactly(3) && is(0, Days) && is(1, Date) && is(2, Date), Type::of(Days)),
        Native::DaysContains => ok(exactly(2) && is(0, Days) && is(1, Date), Type::of(Bool)),
        Native::DaysOrdinal => ok(exactly(2) && is(0, Days) && may(1, Date), Type::maybe(Int)),
        Native::DaysSize => ok(exactly(1) && is(0, Days), Type::of(Int)),
        Native::DaysBeyondRuns => ok(exactly(3) && is(0, Days) && is(1, Days) && is(2, Int), Type::of(Days)),
    }
}
