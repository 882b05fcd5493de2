//! What is wrong, where, why, and what to do: one type for every crate.
//!
//! A [`Problem`] is data. It never holds a person's value: keys and row ids only. [`render`] draws it for people,
//! [`Problem::to_json`] and [`Problem::to_json_line`] write it for programs, [`sarif`] for code scanners and [`github`] for
//! the log of a CI job. [`code`] keeps the codes and their explanations.
#![forbid(unsafe_code)]

pub mod code;
pub mod github;
mod nearest;
pub mod render;
pub mod sarif;
mod settle;

use std::fmt;
use std::sync::Arc;

pub use code::Code;
pub use nearest::nearest;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something may be wrong; what was made stands.
    Warning,
    /// Something is wrong; what could not be made was left out.
    Error,
}

impl Severity {
    /// The lower-case word that problem files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A place in a text file: where a problem stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path of the file, relative to the rulebook's folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters; 0 where only the start is known.
    pub length: u32,
}

impl Place {
    /// A place in `file`.
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32, length: u32) -> Self {
        Self { file: file.into(), line, column, length }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A change that mends a problem: what stands at a place, and what should stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Where the text is replaced, over its whole length; a length of 0 is an insertion.
    pub place: Place,
    /// The text that is replaced. A tool replaces nothing if it does not stand there any more.
    pub find: String,
    /// What is put in its stead.
    pub put: String,
}

/// What a problem is about: the SIF side and the source side. Keys and row ids, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// SIF object name, such as `StudentPersonal`.
    pub object: Option<Arc<str>>,
    /// Primary key of the instance's row.
    pub key: Option<String>,
    /// Element path inside the object.
    pub path: Option<Arc<str>>,
    /// Rule, fact or step that failed.
    pub rule: Option<Arc<str>>,
    /// Source table.
    pub table: Option<Arc<str>>,
    /// Primary key of the source row.
    pub row: Option<String>,
    /// Source column.
    pub column: Option<Arc<str>>,
}

/// So many names are listed where none is near.
const MOST_NAMES: usize = 15;

/// Something that a person should know or mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong and why, in the reader's words; lower case, names in backticks.
    pub message: String,
    /// Where in the rulebook it stands.
    pub place: Option<Place>,
    /// Other places that belong to it, each with what it shows.
    pub related: Vec<(Place, String)>,
    /// What to do.
    pub help: Option<String>,
    /// The change that does it, where one is sure enough to be made by a tool.
    pub suggestion: Option<Suggestion>,
    /// What it is about.
    pub subject: Subject,
}

impl Problem {
    /// A problem with the severity that its code has by default.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            place: None,
            related: Vec::new(),
            help: None,
            suggestion: None,
            subject: Subject::default(),
        }
    }

    /// The same problem, standing at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same problem, with another place that belongs to it.
    #[must_use]
    pub fn and_at(mut self, place: Place, shows: impl Into<String>) -> Self {
        self.related.push((place, shows.into()));
        self
    }

    /// The same problem, with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, with "did you mean" when one of `names` is near to `name`, which stands at the problem's place; with all
    /// names where none is near and they are few.
    #[must_use]
    pub fn did_you_mean<'n>(self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => {
                let help = format!("did you mean `{near}`?");
                self.help(help).replacing(name, near)
            }
            None if self.help.is_none() && (1..=MOST_NAMES).contains(&names.len()) => {
                let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let words = if names.len() == 1 { "the only name is" } else { "the names are" };
                self.help(format!("{words} {}", listed.join(", ")))
            }
            None => self,
        }
    }

    /// The same problem, mended by putting `put` where `find` stands, at the problem's place or within it.
    #[must_use]
    pub fn replacing(mut self, find: &str, put: &str) -> Self {
        if let Some(place) = &self.place {
            self.suggestion = Some(Suggestion { place: place.clone(), find: find.to_owned(), put: put.to_owned() });
        }
        self
    }

    /// The same problem, about `table`, a row of it and a column of it.
    #[must_use]
    pub fn about_row(mut self, table: impl Into<Arc<str>>, row: impl ToString, column: Option<&str>) -> Self {
        self.subject.table = Some(table.into());
        self.subject.row = Some(row.to_string());
        self.subject.column = column.map(Arc::from);
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// One line of `problems.jsonl`, without the line end.
    ///
    /// ```
    /// use problem::{Problem, code};
    /// let problem = Problem::new(code::BAD_VALUE, "is no date").about_row("enrollment", 17, Some("startDate"));
    /// assert_eq!(
    ///     problem.to_json_line(),
    ///     r#"{"code":"S301","severity":"error","object":null,"key":null,"path":null,"rule":null,"table":"enrollment","row":"17","column":"startDate","message":"is no date"}"#
    /// );
    /// ```
    #[must_use]
    pub fn to_json_line(&self) -> String {
        let subject = &self.subject;
        serde_json::json!({
            "code": self.code.name(),
            "severity": self.severity.word(),
            "object": subject.object.as_deref(),
            "key": subject.key,
            "path": subject.path.as_deref(),
            "rule": subject.rule.as_deref(),
            "table": subject.table.as_deref(),
            "row": subject.row,
            "column": subject.column.as_deref(),
            "message": self.message,
        })
        .to_string()
    }

    /// The problem as a JSON object with its places, for `check --format json`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let place = |place: &Place| {
            serde_json::json!({
                "file": &*place.file, "line": place.line, "column": place.column, "length": place.length,
            })
        };
        serde_json::json!({
            "code": self.code.name(),
            "severity": self.severity.word(),
            "message": self.message,
            "place": self.place.as_ref().map(place),
            "related": self.related.iter().map(|(at, shows)| {
                let mut value = place(at);
                value["shows"] = shows.clone().into();
                value
            }).collect::<Vec<_>>(),
            "help": self.help,
            "suggestion": self.suggestion.as_ref().map(|suggestion| serde_json::json!({
                "file": &*suggestion.place.file,
                "range": {
                    "line": suggestion.place.line, "column": suggestion.place.column, "length": suggestion.place.length,
                },
                "find": suggestion.find,
                "text": suggestion.put,
            })),
            "object": self.subject.object.as_deref(),
            "path": self.subject.path.as_deref(),
            "table": self.subject.table.as_deref(),
            "row": self.subject.row,
            "column": self.subject.column.as_deref(),
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "{place}: ")?;
        }
        write!(formatter, "{}[{}]: {}", self.severity, self.code.name(), self.message)?;
        let subject = &self.subject;
        if let (Some(table), Some(row)) = (&subject.table, &subject.row) {
            write!(formatter, " ({table} {row}")?;
            if let Some(column) = &subject.column {
                write!(formatter, ", column {column}")?;
            }
            formatter.write_str(")")?;
        }
        if let Some(help) = &self.help {
            write!(formatter, "; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
