//! What the functions of rules do.

use std::rc::Rc;

use chrono::{Datelike, Months, TimeDelta};
use graph::{Date, Row};
use rulebook::functions::Native;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::evaluation::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::show::{write_decimal, write_int};
use crate::value::{Rows, Value};

fn wrong<T>() -> Step<T> {
    Err(Fault::Operation("a function was given values of other types than it takes").into())
}

fn text<'a>(evaluation: &'a Evaluation, value: &'a Value) -> Step<Option<&'a str>> {
    match value {
        Value::Text(text) => Ok(Some(evaluation.str(text))),
        Value::Absent => Ok(None),
        _ => wrong(),
    }
}

fn some_text<'a>(evaluation: &'a Evaluation, value: &'a Value) -> Step<&'a str> {
    match text(evaluation, value)? {
        Some(text) => Ok(text),
        None => wrong(),
    }
}

fn int(value: &Value) -> Step<i64> {
    match value {
        Value::Int(number) => Ok(*number),
        _ => wrong(),
    }
}

fn date(value: &Value) -> Step<Date> {
    match value {
        Value::Date(date) => Ok(*date),
        _ => wrong(),
    }
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn maybe(text: Option<&str>) -> Value {
    text.map(str::trim).filter(|text| !text.is_empty()).map_or(Value::Absent, Value::text)
}

/// Calls a function.
///
/// # Errors
/// A fault, if the values are not of the types that the function takes or a result is too large.
pub fn call(evaluation: &Evaluation, native: Native, values: &[Value]) -> Step<Value> {
    if puts(native) {
        let mut out = String::new();
        let put = put(evaluation, native, values, &mut out)?;
        return Ok(if put { Value::text(&out) } else { Value::Absent });
    }
    Ok(match (native, values) {
        (Native::Count, [Value::Rows(rows)]) => count(rows.indexes(&evaluation.graph).len()),
        (Native::Any, [Value::Rows(rows)]) => Value::Bool(!rows.indexes(&evaluation.graph).is_empty()),
        (Native::Earliest | Native::Latest, values) => {
            let mut best: Option<Date> = None;
            for value in values.iter().filter(|value| !value.is_absent()) {
                let date = date(value)?;
                let better = best.is_none_or(|best| if native == Native::Earliest { date < best } else { date > best });
                if better {
                    best = Some(date);
                }
            }
            best.map_or(Value::Absent, Value::Date)
        }
        (Native::Least | Native::Greatest, values) => {
            let mut best: Option<&Value> = None;
            for value in values.iter().filter(|value| !value.is_absent()) {
                let Some(ordering) =
                    best.map_or(Some(std::cmp::Ordering::Equal), |best| evaluation.ordering(value, best))
                else {
                    return wrong();
                };
                if best.is_none() || (if native == Native::Least { ordering.is_lt() } else { ordering.is_gt() }) {
                    best = Some(value);
                }
            }
            best.cloned().unwrap_or(Value::Absent)
        }
        (Native::Join, [separator, parts @ ..]) => {
            let separator = some_text(evaluation, separator)?;
            let mut joined = String::new();
            let mut any = false;
            for part in parts {
                if let Some(part) = text(evaluation, part)? {
                    if any {
                        joined.push_str(separator);
                    }
                    any = true;
                    joined.push_str(part);
                }
            }
            if any { Value::text(&joined) } else { Value::Absent }
        }
        (Native::Right, [value, length]) => {
            let length = usize::try_from(int(length)?).unwrap_or(0);
            match text(evaluation, value)? {
                Some(text) => {
                    let more = text.chars().count().saturating_sub(length);
                    let start = text.char_indices().nth(more).map_or(text.len(), |(at, _)| at);
                    Value::text(&text[start..])
                }
                None => Value::Absent,
            }
        }
        (Native::Before, [value, separator]) => {
            let separator = some_text(evaluation, separator)?;
            maybe(text(evaluation, value)?.and_then(|text| text.split_once(separator)).map(|(before, _)| before))
        }
        (Native::After, [value, separator]) => {
            let separator = some_text(evaluation, separator)?;
            maybe(text(evaluation, value)?.and_then(|text| text.split_once(separator)).map(|(_, after)| after))
        }
        (Native::LastWord, [value]) => {
            maybe(text(evaluation, value)?.and_then(|text| text.split_whitespace().next_back()))
        }
        (Native::AllButLastWord, [value]) => maybe(
            text(evaluation, value)?
                .and_then(|text| text.trim().rsplit_once(char::is_whitespace))
                .map(|(before, _)| before),
        ),
        (Native::HasText, [value, part]) => {
            let part = some_text(evaluation, part)?;
            Value::Bool(text(evaluation, value)?.is_some_and(|text| text.contains(part)))
        }
        (Native::MinutesBetween, [Value::Time(from), Value::Time(to)]) => {
            let minutes = (*to - *from).num_minutes();
            if minutes > 0 { Value::Int(minutes) } else { Value::Absent }
        }
        (Native::MinutesBetween, [_, _]) => Value::Absent,
        (Native::AddDays | Native::AddMonths, [Value::Absent, _]) => Value::Absent,
        (Native::AddDays, [start, days]) => {
            let later = TimeDelta::try_days(int(days)?).and_then(|days| date(start).ok()?.checked_add_signed(days));
            later.map(Value::Date).ok_or(Fault::Data("a date is too far away"))?
        }
        (Native::AddMonths, [start, months]) => {
            let (start, months) = (date(start)?, int(months)?);
            let size = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
            let later = if months < 0 { start.checked_sub_months(size) } else { start.checked_add_months(size) };
            later.map(Value::Date).ok_or(Fault::Data("a date is too far away"))?
        }
        (Native::DateOf | Native::TimeOf, [Value::Absent]) => Value::Absent,
        (Native::DateOf, [Value::DateTime(time)]) => Value::Date(time.date()),
        (Native::TimeOf, [Value::DateTime(time)]) => Value::Time(time.time()),
        (Native::YearOf, [value]) => Value::Int(i64::from(date(value)?.year())),
        (Native::MonthOf, [value]) => Value::Int(i64::from(date(value)?.month())),
        (Native::ParseInt, [value]) => {
            text(evaluation, value)?.and_then(|text| text.trim().parse().ok()).map_or(Value::Absent, Value::Int)
        }
        (Native::ParseDecimal, [value]) => text(evaluation, value)?
            .and_then(|text| Decimal::from_str_exact(text.trim()).ok())
            .map_or(Value::Absent, Value::Decimal),
        (Native::ToDecimal, [Value::Absent]) => Value::Absent,
        (Native::ToDecimal, [value]) => match number(value) {
            Some(number) => Value::Decimal(number),
            None => return wrong(),
        },
        (Native::RoundHalfUp, [value]) => {
            let rounded = number(value).map(|number| round(number, 0));
            match rounded.and_then(|rounded| {
                i64::try_from(rounded.trunc().mantissa() / 10_i128.pow(rounded.trunc().scale())).ok()
            }) {
                Some(whole) => Value::Int(whole),
                None if number(value).is_some() => return Err(Fault::Data("a number is too large").into()),
                None => return wrong(),
            }
        }
        (Native::RoundHalfUp, [Value::Absent, _]) | (Native::FixedDecimals, [Value::Absent, _]) => Value::Absent,
        (Native::RoundHalfUp, [value, places]) => match number(value) {
            Some(number) => Value::Decimal(round(number, places_of(places)?)),
            None => return wrong(),
        },
        (Native::FixedDecimals, [value, places]) => match number(value) {
            Some(number) => Value::text(&fixed(number, places_of(places)?)),
            None => return wrong(),
        },
        (Native::Padded, [value, width]) => {
            let width = usize::try_from(int(width)?).unwrap_or(0).min(64);
            Value::text(&format!("{:0width$}", int(value)?))
        }
        (Native::AtLeast, [value, limit]) => {
            Value::Bool(number(value).zip(number(limit)).is_some_and(|(value, limit)| value >= limit))
        }
        (Native::ListHasCode, [list, set, code]) => {
            let code = some_text(evaluation, code)?;
            list_has(evaluation, list, set, &|mapped| mapped.is_some_and(|mapped| mapped == code))?
        }
        (Native::ListHasOther, [list, set]) => list_has(evaluation, list, set, &|mapped| mapped.is_none())?,
        (Native::WeightedMean, [Value::Rows(rows), value, weight]) => {
            weighted_mean(evaluation, rows, some_text(evaluation, value)?, some_text(evaluation, weight)?)?
        }
        (Native::NameRefId, [district, name]) => match (text(evaluation, district)?, text(evaluation, name)?) {
            (Some(district), Some(name)) => evaluation.name_ref_id(district, name)?,
            _ => Value::Absent,
        },
        (Native::DaysCount, [Value::Days(days), from, to]) => Value::Int(i64::from(days.count(date(from)?, date(to)?))),
        (Native::DaysFirst, [Value::Days(days), from, to]) => {
            days.first(date(from)?, date(to)?).map_or(Value::Absent, Value::Date)
        }
        (Native::DaysLast, [Value::Days(days), from, to]) => {
            days.last(date(from)?, date(to)?).map_or(Value::Absent, Value::Date)
        }
        (Native::DaysWithin, [Value::Days(days), from, to]) => {
            Value::Days(Rc::new(days.within(date(from)?, date(to)?)))
        }
        (Native::DaysContains, [Value::Days(days), value]) => Value::Bool(days.contains(date(value)?)),
        (Native::DaysOrdinal, [Value::Days(_), Value::Absent]) => Value::Absent,
        (Native::DaysOrdinal, [Value::Days(days), value]) => {
            days.ordinal(date(value)?).map_or(Value::Absent, |ordinal| Value::Int(i64::from(ordinal)))
        }
        (Native::DaysSize, [Value::Days(days)]) => Value::Int(i64::from(days.len())),
        (Native::DaysBeyondRuns, [Value::Days(all), Value::Days(some), limit]) => {
            let limit = u32::try_from(int(limit)?).unwrap_or(0);
            Value::Days(Rc::new(all.beyond_runs(some, limit)))
        }
        _ => return wrong(),
    })
}

/// Whether [`put`] calls the function.
pub const fn puts(native: Native) -> bool {
    matches!(native, Native::ToText | Native::RefId | Native::Guid | Native::Left)
}

/// Calls a function that gives a text, and writes it where it is wanted. False where it gives nothing.
///
/// # Errors
/// A fault, if the values are not of the types that the function takes.
pub fn put(evaluation: &Evaluation, native: Native, values: &[Value], out: &mut String) -> Step<bool> {
    if let [Value::Absent] = values {
        return Ok(false);
    }
    match (native, values) {
        (Native::ToText, [Value::Int(number)]) => write_int(*number, out),
        (Native::ToText, [value]) => match number(value) {
            Some(number) => write_decimal(number.normalize(), out),
            None => return wrong(),
        },
        (Native::RefId, [value]) => guid(some_text(evaluation, value)?)?.write(out),
        (Native::Guid, [value]) => out.push_str(&guid(some_text(evaluation, value)?)?.canonical()),
        (Native::Left, [value, length]) => {
            let length = usize::try_from(int(length)?).unwrap_or(0);
            let Some(text) = text(evaluation, value)? else { return Ok(false) };
            let end = text.char_indices().nth(length).map_or(text.len(), |(at, _)| at);
            out.push_str(&text[..end]);
        }
        _ => return wrong(),
    }
    Ok(true)
}

fn guid(text: &str) -> Step<sif::RefId> {
    Ok(sif::RefId::parse(text).ok_or(Fault::Data("the text is no GUID"))?)
}

fn places_of(value: &Value) -> Step<u32> {
    Ok(u32::try_from(int(value)?).unwrap_or(0).min(20))
}

/// Rounded half up: halves go away from zero.
#[must_use]
pub fn round(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// A number with exactly so many decimals.
#[must_use]
pub fn fixed(number: Decimal, places: u32) -> String {
    with_decimals(number, places).to_string()
}

/// A number rounded to so many decimals, and with no fewer.
#[must_use]
pub fn with_decimals(number: Decimal, places: u32) -> Decimal {
    // Most numbers have no more decimals than are wanted.
    let mut rounded = if number.scale() > places { round(number, places) } else { number };
    rounded.rescale(places);
    rounded
}

/// Whether what one of the codes of a list maps to is what is looked for.
fn list_has(
    evaluation: &Evaluation,
    list: &Value,
    set: &Value,
    looked_for: &dyn Fn(Option<&str>) -> bool,
) -> Step<Value> {
    let set = some_text(evaluation, set)?;
    let Some(set) = evaluation.plan.value_sets.iter().position(|known| known.name == set) else {
        return Err(Fault::Operation("the value set does not exist").into());
    };
    let Some(list) = text(evaluation, list)? else {
        return Ok(Value::Bool(false));
    };
    let found = list
        .split(',')
        .map(str::trim)
        .filter(|local| !local.is_empty())
        .any(|local| looked_for(evaluation.lookup(set, Some(local))));
    Ok(Value::Bool(found))
}

/// Exact: the sum of value times weight by the sum of weights. Rows that lack either, or whose weight is not positive, do not
/// count.
fn weighted_mean(evaluation: &Evaluation, rows: &Rows, value: &str, weight: &str) -> Step<Value> {
    let entity = rows.entity();
    let declared = &evaluation.plan.schema[entity];
    let member = |name: &str| -> Step<Member> {
        if let Some(field) = declared.field(name) {
            return Ok(Member::Field(field));
        }
        match evaluation.plan.fact_names.get(&(entity, name.to_owned())) {
            Some(fact) => Ok(Member::Fact(*fact)),
            None => Err(Fault::Operation("the rows have no such field").into()),
        }
    };
    let (value, weight) = (member(value)?, member(weight)?);
    let read = |member: &Member, row: Row| match member {
        Member::Field(field) => evaluation.field(row, *field),
        Member::Fact(fact) => evaluation.fact(*fact, row),
    };
    let too_large = Fault::Data("a sum is too large");
    let (mut sum, mut weights) = (Decimal::ZERO, Decimal::ZERO);
    for index in rows.indexes(&evaluation.graph) {
        let row = Row { entity, index: *index };
        let (Some(value), Some(weight)) = (number(&read(&value, row)?), number(&read(&weight, row)?)) else {
            continue;
        };
        if weight <= Decimal::ZERO {
            continue;
        }
        sum =
            value.checked_mul(weight).and_then(|product| sum.checked_add(product)).ok_or_else(|| too_large.clone())?;
        weights = weights.checked_add(weight).ok_or_else(|| too_large.clone())?;
    }
    if weights.is_zero() {
        return Ok(Value::Absent);
    }
    Ok(Value::Decimal(sum.checked_div(weights).ok_or(too_large)?))
}

enum Member {
    Field(graph::FieldId),
    Fact(usize),
}
