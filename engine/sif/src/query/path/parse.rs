//! Reads paths.

use super::{Operand, Path, PathFault, Predicate, Step};
use crate::xml::{is_name_char, is_name_start};

/// Bytes of a path; ours are shorter than 200.
const LONGEST: usize = 1024;

const NO_PATH: PathFault = PathFault { why: "is no path of names that are separated by `/`" };
const PREDICATE: PathFault = PathFault {
    why: "has a predicate other than comparisons by `=` of paths and texts in quotes, joined by `and` and `or`",
};

pub(super) fn path(text: &str) -> Result<Path, PathFault> {
    if text.len() > LONGEST {
        return Err(PathFault { why: "is longer than any path" });
    }
    let mut reader = Reader { rest: text };
    let mut steps = Vec::new();
    loop {
        reader.space();
        let attribute = reader.take("@");
        let name = reader.name().ok_or(NO_PATH)?.to_owned();
        reader.space();
        let mut predicates = Vec::new();
        while reader.take("[") {
            if attribute {
                return Err(PREDICATE);
            }
            predicates.push(reader.any()?);
            reader.space();
            if !reader.take("]") {
                return Err(PREDICATE);
            }
            reader.space();
        }
        steps.push(Step { name, attribute, predicates });
        if reader.rest.is_empty() {
            return Ok(Path { steps });
        }
        if attribute || !reader.take("/") {
            return Err(NO_PATH);
        }
    }
}

struct Reader<'p> {
    rest: &'p str,
}

impl<'p> Reader<'p> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A name with at most one prefix.
    fn name(&mut self) -> Option<&'p str> {
        let end = self.rest.find(|character| !is_name_char(character)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        let simple = |part: &str| part.chars().next().is_some_and(|first| first != ':' && is_name_start(first));
        let right = match name.split_once(':') {
            Some((prefix, local)) => simple(prefix) && simple(local) && !local.contains(':'),
            None => simple(name),
        };
        self.rest = rest;
        right.then_some(name)
    }

    /// A word that joins comparisons.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let ends = |rest: &str| rest.chars().next().is_none_or(|next| !is_name_char(next));
        match self.rest.strip_prefix(word).filter(|rest| ends(rest)) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<Predicate, PathFault> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Predicate::Any))
    }

    fn all(&mut self) -> Result<Predicate, PathFault> {
        let mut parts = vec![self.equal()?];
        while self.word("and") {
            parts.push(self.equal()?);
        }
        Ok(one_or(parts, Predicate::All))
    }

    fn equal(&mut self) -> Result<Predicate, PathFault> {
        let left = self.operand()?;
        self.space();
        if !self.take("=") {
            return Err(PREDICATE);
        }
        Ok(Predicate::Equal(left, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, PathFault> {
        self.space();
        for quote in ["'", "\""] {
            if self.take(quote) {
                let (text, rest) = self.rest.split_once(quote).ok_or(PREDICATE)?;
                self.rest = rest;
                return Ok(Operand::Text(text.to_owned()));
            }
        }
        let mut path = String::new();
        loop {
            let attribute = self.take("@");
            if attribute {
                path.push('@');
            }
            path.push_str(self.name().ok_or(PREDICATE)?);
            if attribute || !self.take("/") {
                return Ok(Operand::Path(path));
            }
            path.push('/');
        }
    }
}

fn one_or(mut parts: Vec<Predicate>, many: impl FnOnce(Vec<Predicate>) -> Predicate) -> Predicate {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
