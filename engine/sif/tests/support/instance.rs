//! Makes instances from the schema: everything required, and one chosen path.

use std::fmt::Write as _;

use sif::schema::{ElementSchema, ObjectSchema, SimpleType};

/// What stands at the chosen path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant<'v> {
    /// A value that its type takes.
    Good,
    /// This value, already escaped.
    Value(&'v str),
    /// The nil mark.
    Nil,
    /// The element twice.
    Twice,
    /// Nothing, although it may be required.
    Without,
}

/// An instance of `object` with what is required and `variant` at `path`, on one line.
pub fn instance(object: &ObjectSchema, path: &str, variant: Variant<'_>) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let mut out = String::new();
    element(&mut out, &object.root, Some(&steps), variant);
    out
}

fn element(out: &mut String, schema: &ElementSchema, steps: Option<&[&str]>, variant: Variant<'_>) {
    let target = steps.is_some_and(<[_]>::is_empty);
    if target && variant == Variant::Without {
        return;
    }
    let next = |child: &ElementSchema| -> Option<Vec<&str>> {
        let (first, rest) = steps?.split_first()?;
        (child.step() == *first).then(|| rest.to_vec())
    };
    let _ = write!(out, "<{}", schema.name);
    for attribute in schema.attributes() {
        let chosen = next(attribute).is_some();
        let value = match (chosen, variant) {
            (true, Variant::Without) => continue,
            (true, Variant::Value(value)) => value.to_owned(),
            (true, _) => good(attribute),
            (false, _) if attribute.required => good(attribute),
            (false, _) => continue,
        };
        let _ = write!(out, " {}=\"{value}\"", attribute.name);
    }
    if target && variant == Variant::Nil {
        out.push_str(" xsi:nil=\"true\"/>");
        return;
    }
    out.push('>');
    match variant {
        Variant::Value(value) if target => out.push_str(value),
        _ if schema.value.is_some() => out.push_str(&good(schema)),
        _ => {}
    }
    for child in schema.elements() {
        let below = next(child);
        if below.is_none() && !child.required {
            continue;
        }
        element(out, child, below.as_deref(), variant);
        if variant == Variant::Twice && below.is_some_and(|rest| rest.is_empty()) {
            element(out, child, None, variant);
        }
    }
    let _ = write!(out, "</{}>", schema.name);
}

/// A value that the type takes.
pub fn good(schema: &ElementSchema) -> String {
    if let Some(fixed) = schema.fixed {
        return fixed.to_owned();
    }
    if let Some(code) = schema.code_set().and_then(|set| set.codes().first()) {
        return (*code).to_owned();
    }
    if schema.facets.guid {
        return "0123456789ABCDEF0123456789ABCDEF".to_owned();
    }
    let value = match schema.value {
        Some(SimpleType::Date | SimpleType::PartialDate) => "2026-01-31",
        Some(SimpleType::Year) => "2026",
        Some(SimpleType::Time) => "13:05:00",
        Some(SimpleType::DateTime) => "2026-01-31T13:05:00Z",
        Some(SimpleType::Decimal | SimpleType::UnsignedInt | SimpleType::Boolean) => "1",
        Some(SimpleType::AnyUri) => "http://example.org/",
        Some(SimpleType::Text | SimpleType::Normalized | SimpleType::Token) => "A",
        None => "",
    };
    value.to_owned()
}
