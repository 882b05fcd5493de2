//! The insides of tags, references, comments and declarations.

use std::borrow::Cow;

use super::Limits;
use super::fault::ReadFault;
use crate::xml::characters::{is_char, is_name_char, is_name_start, is_space};

/// A start tag.
pub(super) struct Tag<'x> {
    pub name: &'x str,
    pub attributes: Vec<(&'x str, Cow<'x, str>)>,
}

/// Reads what stands between `<` and `>` or `/>`.
pub(super) fn tag<'x>(inside: &'x str, limits: &Limits) -> Result<Tag<'x>, ReadFault> {
    let (name, mut rest) = take_while(inside, |character| !is_space(character));
    qualified_name(name, limits.name)?;
    let mut attributes: Vec<(&str, Cow<'_, str>)> = Vec::new();
    loop {
        let (space, after) = take_while(rest, is_space);
        if after.is_empty() {
            return Ok(Tag { name, attributes });
        }
        if space.is_empty() {
            return Err(ReadFault::Malformed("attributes without a space between them"));
        }
        let (name, after) = take_while(after, |character| !is_space(character) && character != '=');
        qualified_name(name, limits.name)?;
        let (value, after) = attribute_value(after, limits.text)?;
        if attributes.iter().any(|(other, _)| *other == name) {
            return Err(ReadFault::Malformed("an attribute that stands twice"));
        }
        attributes.push((name, value));
        if attributes.len() > limits.attributes {
            return Err(ReadFault::TooLarge("the number of attributes"));
        }
        rest = after;
    }
}

/// `= "value"` and what follows.
fn attribute_value<'x>(text: &'x str, limit: usize) -> Result<(Cow<'x, str>, &'x str), ReadFault> {
    let (raw, rest) = quoted(text).ok_or(ReadFault::Malformed("an attribute without a value in quotes"))?;
    if raw.contains('<') {
        return Err(ReadFault::Malformed("`<` in an attribute"));
    }
    if raw.len() > limit {
        return Err(ReadFault::TooLarge("an attribute"));
    }
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Ok((Cow::Borrowed(raw), rest));
    }
    let mut value = String::with_capacity(raw.len());
    let normal = line_ends(raw);
    let mut left = &*normal;
    while let Some(at) = left.find(['&', '\t', '\n']) {
        let (before, special) = left.split_at_checked(at).unwrap_or((left, ""));
        value.push_str(before);
        match special.strip_prefix('&') {
            Some(after) => {
                let (inside, after) = after.split_once(';').ok_or(ReadFault::Entity)?;
                value.push(reference(inside)?);
                left = after;
            }
            None => {
                value.push(' ');
                left = special.get(1..).unwrap_or_default();
            }
        }
    }
    value.push_str(left);
    Ok((Cow::Owned(value), rest))
}

/// `= "raw"`: what stands in the quotes, and what follows them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (_, text) = take_while(text, is_space);
    let (_, text) = take_while(text.strip_prefix('=')?, is_space);
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    text.get(1..)?.split_once(quote)
}

/// The character that a reference means; `inside` stands between `&` and `;`.
pub(super) fn reference(inside: &str) -> Result<char, ReadFault> {
    match inside {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let number = inside.strip_prefix('#').ok_or(ReadFault::Entity)?;
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hexadecimal| (hexadecimal, 16));
    // `from_str_radix` takes a sign too.
    let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
    let code = if all_digits { u32::from_str_radix(digits, radix).ok() } else { None };
    code.and_then(char::from_u32).filter(|character| is_char(*character)).ok_or(ReadFault::CharacterReference)
}

/// `\r\n` and `\r` as `\n`.
pub(super) fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// Prefix (empty where there is none) and local part of a name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// A name with at most one colon, which parts two names.
fn qualified_name(name: &str, limit: usize) -> Result<(), ReadFault> {
    if name.len() > limit {
        return Err(ReadFault::TooLarge("a name"));
    }
    let (prefix, local) = match name.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, name),
    };
    if prefix.is_none_or(is_simple_name) && is_simple_name(local) {
        Ok(())
    } else {
        Err(ReadFault::Malformed("something that is no name where a name must stand"))
    }
}

/// A name without colon.
fn is_simple_name(name: &str) -> bool {
    !name.contains(':') && name.chars().next().is_some_and(is_name_start) && name.chars().all(is_name_char)
}

pub(super) fn comment(raw: &str) -> Result<(), ReadFault> {
    let inside = raw.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    match inside {
        Some(inside) if !inside.contains("--") && !inside.ends_with('-') => Ok(()),
        _ => Err(ReadFault::Malformed("`--` in a comment")),
    }
}

/// A processing instruction; it is checked and dropped.
pub(super) fn instruction(raw: &str, limit: usize) -> Result<(), ReadFault> {
    let inside = raw.strip_prefix("<?").and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
    let (target, _) = take_while(inside, |character| !is_space(character));
    if target.len() > limit {
        return Err(ReadFault::TooLarge("a name"));
    }
    if is_simple_name(target) && !target.eq_ignore_ascii_case("xml") {
        Ok(())
    } else {
        Err(ReadFault::Malformed("a processing instruction without a proper target"))
    }
}

/// The declaration `<?xml … ?>`: at the very start, and for UTF-8.
pub(super) fn declaration(raw: &str, at: usize) -> Result<(), ReadFault> {
    const FAULT: ReadFault = ReadFault::Malformed("an XML declaration that is not written or placed as it must be");
    let inside = raw.strip_prefix("<?xml").and_then(|rest| rest.strip_suffix("?>"));
    let Some(mut rest) = inside.filter(|_| at == 0) else {
        return Err(FAULT);
    };
    let mut expected: &[&str] = &["version", "encoding", "standalone"];
    loop {
        let (space, after) = take_while(rest, is_space);
        if after.is_empty() {
            break;
        }
        let (name, after) = take_while(after, |character| !is_space(character) && character != '=');
        let (value, after) = quoted(after).ok_or(FAULT)?;
        let place = expected.iter().position(|known| *known == name).ok_or(FAULT)?;
        let version_first = place == 0 || expected.len() < 3;
        if space.is_empty() || !version_first {
            return Err(FAULT);
        }
        match name {
            "version"
                if value
                    .strip_prefix("1.")
                    .is_none_or(|minor| minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit())) =>
            {
                return Err(FAULT);
            }
            "encoding" if !value.eq_ignore_ascii_case("utf-8") => return Err(ReadFault::NotUtf8),
            "standalone" if !matches!(value, "yes" | "no") => return Err(FAULT),
            _ => {}
        }
        expected = expected.get(place + 1..).unwrap_or_default();
        rest = after;
    }
    // The version must stand.
    if expected.len() < 3 { Ok(()) } else { Err(FAULT) }
}

fn take_while(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|character| !wanted(character)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
