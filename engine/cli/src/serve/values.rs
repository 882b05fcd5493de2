//! Values of a configuration: texts in which `${NAME}` stands for a variable of the environment, numbers, addresses, files.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use problem::{Problem, code};
use rulebook::yaml::{Node, Reader, Scalar};

/// Gives the variables of the environment.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Reads values, and gathers what is wrong. No message has the value of a variable in it: it may be a password.
pub struct Values<'e> {
    environment: Environment<'e>,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl<'e> Values<'e> {
    /// A reader with an environment.
    pub const fn new(environment: Environment<'e>) -> Self {
        Self { environment, problems: Vec::new() }
    }

    /// Notes that a scalar cannot be used.
    pub fn wrong(&mut self, at: &Scalar, why: impl Into<String>) {
        self.problems.push(Problem::new(code::BAD_CONFIGURATION, why).at(at.start.clone()));
    }

    /// Notes what is wrong with the address of a database of PostgreSQL; of another it knows nothing.
    pub fn database(&mut self, at: &Scalar, url: &str) {
        if !["postgres://", "postgresql://"].iter().any(|start| url.starts_with(start)) {
            return;
        }
        if let Err(fault) = postgresql::connection(url) {
            let problem = Problem::new(code::BAD_CONFIGURATION, fault.message).help(fault.help);
            self.problems.push(problem.at(at.start.clone()));
        }
    }

    /// A text with its variables replaced. `$${` stands for `${` itself.
    pub fn text_of(&mut self, scalar: &Scalar) -> Option<String> {
        let mut text = String::new();
        let mut rest = scalar.text.as_str();
        while let Some(at) = rest.find("${") {
            let (before, found) = rest.split_at_checked(at)?;
            let after = found.get(2..)?;
            if let Some(before) = before.strip_suffix('$') {
                text.push_str(before);
                text.push_str("${");
                rest = after;
                continue;
            }
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                self.wrong(scalar, "`${` has no `}`; write `$${` where no variable is meant");
                return None;
            };
            let Some(value) = (self.environment)(name) else {
                self.wrong(scalar, format!("the environment has no variable `{name}`"));
                return None;
            };
            text.push_str(&value);
            rest = after;
        }
        text.push_str(rest);
        Some(text)
    }

    /// The text of a key that may be missing.
    pub fn text(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<String> {
        let scalar = reader.text(key, &mut self.problems)?;
        self.text_of(scalar)
    }

    /// The text of a key that must be there, with its place.
    pub fn need<'n>(&mut self, reader: &mut Reader<'n>, key: &'static str) -> Option<(String, &'n Scalar)> {
        let scalar = reader.need(key, &mut self.problems)?.scalar("a text", &mut self.problems)?;
        Some((self.text_of(scalar)?, scalar))
    }

    /// The flag of a key that may be missing.
    pub fn flag(&mut self, reader: &mut Reader<'_>, key: &'static str, into: &mut bool) {
        if let Some(flag) = reader.get(key).and_then(|node| node.flag(&mut self.problems)) {
            *into = flag;
        }
    }

    /// The whole number of a key that may be missing, within a range.
    pub fn number<N: TryFrom<u64>>(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        range: RangeInclusive<u64>,
        into: &mut N,
    ) {
        let Some(scalar) = reader.text(key, &mut self.problems) else { return };
        let Some(text) = self.text_of(scalar) else { return };
        match text.parse().ok().filter(|number| range.contains(number)).and_then(|number| N::try_from(number).ok()) {
            Some(number) => *into = number,
            None => {
                let why = format!("`{key}` is a whole number from {} to {}", range.start(), range.end());
                self.wrong(scalar, why);
            }
        }
    }

    /// The time of a key that may be missing, in seconds, from 1 to a day.
    pub fn seconds(&mut self, reader: &mut Reader<'_>, key: &'static str, into: &mut Duration) {
        let mut seconds = into.as_secs();
        self.number(reader, key, 1..=86_400, &mut seconds);
        *into = Duration::from_secs(seconds);
    }

    /// The texts of a key that may be missing.
    pub fn texts(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<Vec<String>> {
        let scalars = reader.get(key)?.texts("texts", &mut self.problems);
        Some(scalars.into_iter().filter_map(|scalar| self.text_of(scalar)).collect())
    }

    /// The address of a key that must be there, such as `127.0.0.1:7080`.
    pub fn address(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<SocketAddr> {
        let (text, scalar) = self.need(reader, key)?;
        let address = text.parse().ok();
        if address.is_none() {
            self.wrong(scalar, format!("`{key}` is an address and a port, such as 127.0.0.1:7080 or 0.0.0.0:7080"));
        }
        address
    }

    /// The bytes of the file that a key names, if there is the key.
    pub fn file(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<Vec<u8>> {
        let scalar = reader.text(key, &mut self.problems)?;
        self.file_of(scalar)
    }

    /// The bytes of the file that a key must name.
    pub fn need_file(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<Vec<u8>> {
        let scalar = reader.need(key, &mut self.problems)?.scalar("a file", &mut self.problems)?;
        self.file_of(scalar)
    }

    fn file_of(&mut self, scalar: &Scalar) -> Option<Vec<u8>> {
        let path = PathBuf::from(self.text_of(scalar)?);
        match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.wrong(scalar, format!("{} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    /// The part of the configuration below a key, if it is there.
    pub fn part<'n>(&mut self, reader: &mut Reader<'n>, key: &'static str, what: &'static str) -> Option<Reader<'n>> {
        let node: &Node = reader.get(key)?;
        Some(Reader::new(node, what, &mut self.problems))
    }

    /// Ends a part: reports keys that nobody asked for.
    pub fn finish(&mut self, reader: Reader<'_>) {
        reader.finish(&mut self.problems);
    }
}
