//! Element paths, as definitions write them.

use crate::compile::split::outside_of_brackets;

/// A step of an element path: `PhoneNumber[@Type=0096]`, or `SchoolAttended#outside`, where the label tells two repetitions of
/// one element apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// As written.
    pub text: String,
    /// `PhoneNumber` or `@Type`.
    pub plain: String,
    /// What the brackets say: a child's step and its constant value.
    pub fixed: Option<(String, String)>,
}

pub fn step(text: &str) -> Step {
    let (plain, fixed) = match text.split_once('[') {
        Some((plain, rest)) => {
            let inside = rest.trim_end_matches(']');
            let fixed = inside
                .split_once('=')
                .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()));
            (plain.to_owned(), fixed)
        }
        None => (text.split_once('#').map_or(text, |(plain, _)| plain).to_owned(), None),
    };
    Step { text: text.to_owned(), plain, fixed }
}

/// The path of the rule that gives an element its value, without `rules/` and `.rhai`.
pub fn rule_path(object: &str, path: &str) -> String {
    format!("{object}/{}", plain_path(path).replace('@', ""))
}

/// The path without brackets.
fn plain_path(path: &str) -> String {
    outside_of_brackets(path, '/').iter().map(|part| step(part).plain).collect::<Vec<_>>().join("/")
}

pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
