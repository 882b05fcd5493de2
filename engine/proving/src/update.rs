//! Rewrites what the failing cases of a fixture expect, in the text of its file: nothing else of the file is touched.
//!
//! The edited text is read again, and is used only if it differs from the old one in what was expected and in nothing else.

mod span;

use problem::Place;
use rulebook::yaml::{self, Kind, Node};

use crate::fixture::Fixture;
use crate::run::{CaseResult, Replacement, Verdict};

/// What an update makes of a file.
#[derive(Clone, Debug, Default)]
pub struct Updated {
    /// The new text.
    pub text: String,
    /// What changed, from the top.
    pub changes: Vec<Change>,
    /// The failing cases that stay as they are.
    pub refused: Vec<Refused>,
}

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The line at which it begins, in the old text.
    pub line: u32,
    /// The lines that were there.
    pub old: String,
    /// The lines that are there now.
    pub new: String,
}

/// A failing case that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: u32,
    /// Why.
    pub why: String,
}

/// An edit of a text: from where to where, in bytes, and what stands there then.
struct Edit {
    from: usize,
    to: usize,
    new: String,
    /// The node that it replaces.
    at: Place,
}

/// Rewrites what the failing cases of a fixture expect. `results` are those of the fixture's run.
#[must_use]
pub fn rewrite(text: &str, fixture: &Fixture, results: &[CaseResult]) -> Updated {
    let mut updated = Updated { text: text.to_owned(), ..Updated::default() };
    let mut edits: Vec<Edit> = Vec::new();
    for result in results.iter().filter(|result| result.file == fixture.file) {
        let mut refuse = |why: &str| {
            updated.refused.push(Refused { name: result.name.clone(), line: result.line, why: why.to_owned() });
        };
        let replacement = match &result.verdict {
            Verdict::Passed => continue,
            Verdict::Broken(_) => {
                refuse("the case itself is wrong");
                continue;
            }
            Verdict::Failed(failure) => match &failure.replacement {
                Ok(replacement) => replacement,
                Err(why) => {
                    refuse(why);
                    continue;
                }
            },
        };
        let case = fixture.cases.iter().find(|case| case.name == result.name && case.place.line == result.line);
        let Some(node) = case.and_then(|case| case.expect_at.as_ref()) else {
            refuse("it expects no value");
            continue;
        };
        let of = |case: &&crate::Case| case.expect_at.as_ref().is_some_and(|other| other.place == node.place);
        if fixture.cases.iter().filter(of).count() > 1 {
            refuse("several lines share what is expected: make it a column of the table");
            continue;
        }
        match edit(text, node, replacement) {
            Ok(edit) => edits.push(edit),
            Err(why) => refuse(why),
        }
    }
    apply(text, edits, &mut updated);
    updated
}

fn edit(text: &str, node: &Node, replacement: &Replacement) -> Result<Edit, &'static str> {
    let span = span::of(text, node).ok_or("its layout is not one that can be rewritten; change it by hand")?;
    let written = &text[span.from..span.to];
    let new = match replacement {
        // A text keeps the quotes that it had.
        Replacement::Value(value)
            if written.starts_with('"') && !value.starts_with(['"', '[', '{']) && value != "absent" =>
        {
            crate::text::quoted(value)
        }
        Replacement::Value(value) => value.clone(),
        Replacement::Block(_) if span.inline => {
            return Err("XML needs lines of its own: write the case over several lines");
        }
        Replacement::Block(block) => {
            let indent = " ".repeat(span.indent + 2);
            let lines: Vec<String> = block.lines().map(|line| format!("{indent}{line}")).collect();
            format!("|\n{}", lines.join("\n"))
        }
    };
    Ok(Edit { from: span.from, to: span.to, new, at: node.place.clone() })
}

/// Applies edits, if what comes of them says the same but for what was expected.
fn apply(text: &str, mut edits: Vec<Edit>, updated: &mut Updated) {
    edits.sort_by_key(|edit| edit.from);
    let mut new = text.to_owned();
    for edit in edits.iter().rev() {
        new.replace_range(edit.from..edit.to, &edit.new);
    }
    let places: Vec<&Place> = edits.iter().map(|edit| &edit.at).collect();
    let same = match (yaml::parse("", text), yaml::parse("", &new)) {
        (Ok(old), Ok(new)) => same_but(&old, &new, &places),
        _ => false,
    };
    if !same {
        updated.refused.push(Refused {
            name: "the file".to_owned(),
            line: 1,
            why: "its layout is not one that can be rewritten; nothing was changed".to_owned(),
        });
        return;
    }
    for edit in &edits {
        let from = text[..edit.from].rfind('\n').map_or(0, |at| at + 1);
        let to = text[edit.to..].find('\n').map_or(text.len(), |at| edit.to + at);
        let (head, tail) = (&text[from..edit.from], &text[edit.to..to]);
        updated.changes.push(Change {
            line: u32::try_from(text[..from].matches('\n').count() + 1).unwrap_or(u32::MAX),
            old: text[from..to].to_owned(),
            new: format!("{head}{}{tail}", edit.new),
        });
    }
    updated.text = new;
}

/// Whether two documents say the same, but for the nodes at these places of the first.
fn same_but(old: &Node, new: &Node, places: &[&Place]) -> bool {
    let here = |place: &&Place| (place.line, place.column) == (old.place.line, old.place.column);
    if places.iter().any(here) {
        return true;
    }
    match (&old.kind, &new.kind) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Scalar(a), Kind::Scalar(b)) => a.text == b.text && a.plain == b.plain,
        (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_but(a, b, places)),
        (Kind::Map(a), Kind::Map(b)) => {
            let same =
                |((x, a), (y, b)): (&(yaml::Key, Node), &(yaml::Key, Node))| x.text == y.text && same_but(a, b, places);
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
        _ => false,
    }
}

impl Updated {
    /// The changes as people read them: `-` what was there, `+` what is there now.
    #[must_use]
    pub fn diff(&self, file: &str) -> String {
        let mut out = String::new();
        for change in &self.changes {
            let (old, new): (Vec<&str>, Vec<&str>) = (change.old.lines().collect(), change.new.lines().collect());
            let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let rest = old.len().min(new.len()) - head;
            let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
            let line = change.line + u32::try_from(head).unwrap_or(0);
            out.push_str(&format!("{file}:{line}\n"));
            for line in &old[head..old.len() - tail] {
                out.push_str(&format!("- {line}\n"));
            }
            for line in &new[head..new.len() - tail] {
                out.push_str(&format!("+ {line}\n"));
            }
        }
        out
    }
}
