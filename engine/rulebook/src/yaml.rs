//! YAML with a place for every node. The only module that parses the rulebook's YAML.
//!
//! Scalars stay text: `09` is not nine and `no` is not false until something that knows the type reads them.

use std::sync::Arc;

use problem::{Place, Problem, code};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

/// A YAML node with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nothing.
    Null,
    /// A text, number or word.
    Scalar(Scalar),
    /// Keys and values, in the order of the file.
    Map(Vec<(Key, Node)>),
    /// A list.
    List(Vec<Node>),
}

/// A scalar's text.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text that it means.
    pub text: String,
    /// Whether it stands in the file without quotes, so that `true` or `5` may be meant as such.
    pub plain: bool,
    /// Where the text's first character stands, and whether each line of the text is a line of the file.
    pub start: Place,
    /// Whether a comma in braces has cut it off: what follows was read as a key. It is reported as such, and as nothing else.
    pub cut: bool,
}

/// A key of a map.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Reads a YAML document.
///
/// # Errors
/// A problem at the place where the parser could not read on.
pub fn parse(file: &str, text: &str) -> Result<Node, Problem> {
    let file: Arc<str> = Arc::from(file);
    let mut options = serde_yaml::Options::default();
    options.with_snippet = false;
    let raw: Spanned<Raw> = serde_yaml::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or_else(
            || Place::new(Arc::clone(&file), 1, 1, 0),
            |location| Place::new(Arc::clone(&file), small(location.line()), small(location.column()), 0),
        );
        let message = error.to_string();
        let message = message.trim_start_matches("error: ");
        // The library says the place in words too; ours is beside the message already.
        let message =
            message.split_once(": ").filter(|(head, _)| head.starts_with("line ")).map_or(message, |(_, rest)| rest);
        let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(message);
        let message = message
            .strip_prefix("line ")
            .and_then(|rest| rest.split_once(' '))
            .and_then(|(_, rest)| rest.strip_prefix("column "))
            .and_then(|rest| rest.split_once(' '))
            .map_or(message, |(_, rest)| rest.trim_start_matches(": "));
        let problem = Problem::new(code::BAD_YAML, message.trim().to_owned()).at(place);
        match how_to_mend(message) {
            Some(help) => problem.help(help),
            None => problem,
        }
    })?;
    Ok(build(&file, text, raw))
}

/// What to do about a message of the parser.
fn how_to_mend(message: &str) -> Option<&'static str> {
    const HELP: [(&str, &str); 4] = [
        ("duplicate mapping key", "take one of the two out, or give it another name"),
        ("tab", "indent with spaces"),
        ("flow mapping", "close the brace `{` that stands before"),
        ("flow sequence", "close the bracket `[` that stands before"),
    ];
    HELP.iter().find(|(part, _)| message.contains(part)).map(|(_, help)| *help)
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

enum Raw {
    Null,
    Text(String),
    Word(String),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
    List(Vec<Spanned<Self>>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a YAML node")
            }
            fn visit_unit<E: Error>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_none<E: Error>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_i128<E: Error>(self, value: i128) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_u128<E: Error>(self, value: u128) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
                Ok(Raw::Word(value.to_string()))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
                Ok(Raw::Text(value.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = access.next_key::<Spanned<String>>()? {
                    entries.push((key, access.next_value::<Spanned<Raw>>()?));
                }
                Ok(Raw::Map(entries))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element::<Spanned<Raw>>()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }
        }
        deserializer.deserialize_any(RawVisitor)
    }
}

fn build(file: &Arc<str>, text: &str, raw: Spanned<Raw>) -> Node {
    let at = raw.referenced;
    let written = source_of(text, &raw.defined);
    let mut place = Place::new(Arc::clone(file), small(at.line()), small(at.column()), 0);
    let length = |text: &str| small(text.lines().next().map_or(0, |line| line.chars().count()) as u64);
    let kind = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Text(value) => {
            let quoted = written.starts_with(['"', '\'']);
            let mut start = Place::new(Arc::clone(file), small(raw.defined.line()), small(raw.defined.column()), 0);
            if quoted {
                start.column += 1;
            }
            start.length = length(&value);
            place.length = length(written);
            // Of a text of several lines that ends the file, what is written may be all that it means.
            let plain = !quoted && written == value && !value.ends_with('\n');
            Kind::Scalar(Scalar { plain, text: value, start, cut: false })
        }
        // The value as the file writes it: `09` must not become `9`.
        Raw::Word(value) => {
            let text = if written.is_empty() { value } else { written.to_owned() };
            place.length = length(&text);
            Kind::Scalar(Scalar { text, plain: true, start: place.clone(), cut: false })
        }
        Raw::Map(entries) => Kind::Map(mark_cut(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let place = Place::new(
                        Arc::clone(file),
                        small(key.referenced.line()),
                        small(key.referenced.column()),
                        small(source_of(text, &key.referenced).chars().count() as u64),
                    );
                    let mut value = build(file, text, value);
                    if matches!(value.kind, Kind::Null) {
                        value.place = place.clone();
                    }
                    (Key { text: key.value, place }, value)
                })
                .collect(),
        )),
        Raw::List(items) => Kind::List(items.into_iter().map(|item| build(file, text, item)).collect()),
    };
    Node { kind, place }
}

/// Marks the texts with an open bracket that a comma ends: in braces, `from: least(a, b)` is two entries, the second without
/// a value.
fn mark_cut(mut entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    for at in 1..entries.len() {
        let (before, after) = entries.split_at_mut(at);
        if let (Some((_, Node { kind: Kind::Scalar(scalar), .. })), Some((key, Node { kind: Kind::Null, .. }))) =
            (before.last_mut(), after.first())
        {
            scalar.cut = scalar.plain && open(&scalar.text) && key.text.contains(')');
        }
    }
    entries
}

fn source_of<'t>(text: &'t str, location: &serde_yaml::Location) -> &'t str {
    let span = location.span();
    let start = span.byte_offset().and_then(|offset| usize::try_from(offset).ok());
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
    match (start, length) {
        (Some(start), Some(length)) => text.get(start..start.saturating_add(length)).unwrap_or_default(),
        _ => "",
    }
}

impl Node {
    /// What the node is, for a message.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::Map(_) => "keys and values",
            Kind::List(_) => "a list",
        }
    }

    /// The scalar, or a problem that says what was expected.
    pub fn scalar<'n>(&'n self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => self.wrong_kind(expected, problems),
        }
    }

    /// The items of a list, or a problem that says what was expected.
    pub fn list<'n>(&'n self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n [Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => self.wrong_kind(expected, problems),
        }
    }

    /// The entries of a map, or a problem that says what was expected.
    pub fn map<'n>(&'n self, expected: &str, problems: &mut Vec<Problem>) -> Option<&'n [(Key, Self)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => self.wrong_kind(expected, problems),
        }
    }

    /// The entries of a map; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// A list of texts; a single text is a list of one.
    pub fn texts<'n>(&'n self, expected: &str, problems: &mut Vec<Problem>) -> Vec<&'n Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => vec![scalar],
            Kind::List(items) => items.iter().filter_map(|item| item.scalar(expected, problems)).collect(),
            _ => {
                self.wrong_kind::<()>(expected, problems);
                Vec::new()
            }
        }
    }

    /// `true` or `false`, or a problem.
    pub fn flag(&self, problems: &mut Vec<Problem>) -> Option<bool> {
        match &self.kind {
            Kind::Scalar(Scalar { text, plain: true, .. }) if text == "true" => Some(true),
            Kind::Scalar(Scalar { text, plain: true, .. }) if text == "false" => Some(false),
            _ => self.wrong_kind("true or false", problems),
        }
    }

    fn wrong_kind<T>(&self, expected: &str, problems: &mut Vec<Problem>) -> Option<T> {
        problems.push(
            Problem::new(code::WRONG_KIND, format!("expected {expected}, found {}", self.describe()))
                .at(self.place.clone())
                .help(format!("write {expected} here")),
        );
        None
    }
}

/// Reads the keys of a map one by one and reports those that nobody asked for.
pub struct Reader<'n> {
    entries: &'n [(Key, Node)],
    place: Place,
    asked: Vec<&'static str>,
    what: &'static str,
}

impl<'n> Reader<'n> {
    /// A reader of `node`, which should be a map; `what` names it in messages.
    pub fn new(node: &'n Node, what: &'static str, problems: &mut Vec<Problem>) -> Self {
        let entries = match &node.kind {
            Kind::Null => &[],
            _ => node.map(what, problems).unwrap_or_default(),
        };
        Self { entries, place: node.place.clone(), asked: Vec::new(), what }
    }

    /// The value of a key that may be missing.
    pub fn get(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(found, _)| found.text == key).map(|(_, value)| value)
    }

    /// The key and value of a key that may be missing.
    pub fn entry(&mut self, key: &'static str) -> Option<(&'n Key, &'n Node)> {
        self.asked.push(key);
        self.entries.iter().find(|(found, _)| found.text == key).map(|(found, value)| (found, value))
    }

    /// The value of a key that must be there.
    pub fn need(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.push(self.missing(key));
        }
        found
    }

    fn missing(&self, key: &str) -> Problem {
        Problem::new(code::MISSING_KEY, format!("{} needs the key `{key}`", self.what))
            .at(self.place.clone())
            .help(format!("add `{key}: …`"))
    }

    /// The text of a key that may be missing.
    pub fn text(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<&'n Scalar> {
        self.get(key).and_then(|node| node.scalar("a text", problems))
    }

    /// The flag of a key; false when it is missing.
    pub fn flag(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> bool {
        self.get(key).and_then(|node| node.flag(problems)).unwrap_or(false)
    }

    /// The text that a comma has cut off before a key, if one has.
    fn cut_before(&self, key: &Key) -> Option<&'n Scalar> {
        let at = self.entries.iter().position(|(other, _)| other.place == key.place)?;
        match &self.entries.get(at.checked_sub(1)?)?.1.kind {
            Kind::Scalar(scalar) if scalar.cut => Some(scalar),
            _ => None,
        }
    }

    /// Reports every key that nobody asked for; a key that is only mistyped is not missing too. Whether all were asked for.
    pub fn finish(self, problems: &mut Vec<Problem>) -> bool {
        let mut known_all = true;
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.text.as_str())) {
            known_all = false;
            if let Some(meant) = problem::nearest(&key.text, self.asked.iter().copied()) {
                let missing = self.missing(meant);
                problems.retain(|problem| *problem != missing);
            }
            if let Some(scalar) = self.cut_before(key) {
                let whole = format!("{}, {}", scalar.text, key.text);
                problems.push(
                    Problem::new(
                        code::UNKNOWN_KEY,
                        "the comma ends the text, since it stands in braces without quotes",
                    )
                    .at(Place { length: 0, ..scalar.start.clone() })
                    .help(format!("write \"{whole}\" with quotes"))
                    .replacing(&whole, &format!("\"{whole}\"")),
                );
                continue;
            }
            let known = self.asked.join(", ");
            let problem = Problem::new(
                code::UNKNOWN_KEY,
                format!("unknown key `{}` in {}; the keys are {known}", key.text, self.what),
            )
            .at(key.place.clone())
            .did_you_mean(&key.text, self.asked.iter().copied());
            problems.push(problem);
        }
        known_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_what_the_file_writes() {
        let node = parse("f", "a: 09\nb: no\nc: \"0765\"\nd: |\n  one\n  two\n").unwrap();
        let entries = node.map("", &mut Vec::new()).unwrap();
        let text = |at: usize| match &entries[at].1.kind {
            Kind::Scalar(scalar) => (scalar.text.as_str(), scalar.plain, scalar.start.line, scalar.start.column),
            _ => ("", false, 0, 0),
        };
        assert_eq!(text(0), ("09", true, 1, 4));
        assert_eq!(text(1), ("no", true, 2, 4));
        assert_eq!(text(2), ("0765", false, 3, 5));
        assert_eq!(text(3), ("one\ntwo\n", false, 5, 3));
    }

    #[test]
    fn a_text_below_its_mark_that_ends_the_file_is_not_plain() {
        let node = parse("f", "a: |\n  true\n").unwrap();
        let entries = node.map("", &mut Vec::new()).unwrap();
        assert!(matches!(&entries[0].1.kind, Kind::Scalar(scalar) if !scalar.plain && scalar.text == "true\n"));
    }

    #[test]
    fn a_key_given_twice_is_a_problem_at_its_second_place() {
        let problem = parse("f", "a: 1\na: 2\n").unwrap_err();
        assert_eq!((problem.place.as_ref().map(|place| place.line), problem.code), (Some(2), code::BAD_YAML));
        assert_eq!(problem.message, "duplicate mapping key: a");
    }

    #[test]
    fn an_unknown_key_is_reported_with_the_nearest_right_one() {
        let node = parse("f", "tabel: person\n").unwrap();
        let mut problems = Vec::new();
        let mut reader = Reader::new(&node, "an entity", &mut problems);
        reader.get("table");
        reader.finish(&mut problems);
        assert_eq!(problems[0].help.as_deref(), Some("did you mean `table`?"));
    }
}
