//! Reads a rule file: its header, its function `value`, and its syntax tree.

use std::ops::Range;
use std::sync::Arc;

use problem::{Place, Problem, code};
use rhai::{AST, Engine, ParseError, Position};

use crate::plan::{Header, Rule};
use crate::script::FORBIDDEN;
use crate::spans;

const FIELDS: [&str; 4] = ["Reports:", "Source:", "Inputs:", "Absent:"];

/// A function of a file, with a syntax tree of its body alone.
///
/// The tree is made from the file's text with everything but the body blanked out, so every place in it is the file's own.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<String>,
    /// The file.
    pub file: Arc<str>,
    /// Where its name stands.
    pub place: Place,
    /// The file's text with everything but the body blanked out.
    pub text: String,
    /// The body's statements.
    pub tree: AST,
}

/// The functions of a file. What is wrong is added to `problems`.
pub fn functions(engine: &Engine, file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Vec<Function>> {
    let whole = match engine.compile(text) {
        Ok(tree) => tree,
        Err(error) => {
            let first = parse_problem(&error, file, text);
            let others = errors_of_other_functions(engine, file, text, &first);
            problems.push(first);
            problems.extend(others);
            return None;
        }
    };
    if !whole.statements().is_empty() {
        problems.push(
            Problem::new(code::NO_VALUE_FUNCTION, "statements outside of a function never run")
                .at(place_of_first_statement(&whole, file))
                .help("move them into the function"),
        );
    }
    let mut functions = Vec::new();
    for (name, parameters, span) in spans::functions(text) {
        let blanked = only(text, &span);
        match engine.compile(&blanked) {
            Ok(tree) => {
                let place = place_of_name(file, text, &name, span.start);
                functions.push(Function { name, parameters, file: Arc::from(file), place, text: blanked, tree });
            }
            Err(error) => {
                problems.push(parse_problem(&error, file, text));
                return None;
            }
        }
    }
    Some(functions)
}

fn place_of_first_statement(tree: &AST, file: &str) -> Place {
    let (line, column) = tree.statements().first().map_or((1, 1), |statement| place_of(statement.position()));
    Place::new(file, line, column, 0)
}

/// Where the name of a function stands whose body starts at `body`.
fn place_of_name(file: &str, text: &str, name: &str, body: usize) -> Place {
    let at = text[..body].rfind("fn ").map_or(0, |at| at + 3);
    let at = text[at..body].find(name).map_or(at, |within| at + within);
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[..at].matches('\n').count() + 1;
    let column = text[line_start..at].chars().count() + 1;
    Place::new(file, small(line), small(column), small(name.chars().count()))
}

/// The text with everything but a part of it blanked out, so that every place in it is the file's own.
fn only(text: &str, span: &Range<usize>) -> String {
    let kept = |(at, character)| if span.contains(&at) || character == '\n' { character } else { ' ' };
    text.char_indices().map(kept).collect()
}

/// The parser stops at the first error of a text. The functions that it does not stand in are parsed one by one.
fn errors_of_other_functions(engine: &Engine, file: &str, text: &str, first: &Problem) -> Vec<Problem> {
    let line = first.place.as_ref().map_or(0, |place| place.line as usize);
    let lines = |span: &Range<usize>| {
        let before = |to: usize| text[..to].matches('\n').count() + 1;
        before(span.start)..=before(span.end)
    };
    let others = spans::functions(text).into_iter().filter(|(.., span)| !lines(span).contains(&line));
    others
        .filter_map(|(.., span)| engine.compile(only(text, &span)).err())
        .map(|error| parse_problem(&error, file, text))
        .collect()
}

/// The names of the functions of a file, also of one that cannot be parsed.
pub fn names(text: &str) -> impl Iterator<Item = String> {
    spans::functions(text).into_iter().map(|(name, ..)| name)
}

/// Reads a rule; `name` is what it gives the value of. The file's other functions come with it.
pub fn read(
    engine: &Engine,
    name: &str,
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<(Rule, Function, Vec<Function>)> {
    let header = header(name, file, text, problems);
    let functions = functions(engine, file, text, problems)?;
    let (mut values, helpers): (Vec<Function>, Vec<Function>) =
        functions.into_iter().partition(|function| function.name == "value");
    if values.len() != 1 {
        problems.push(
            Problem::new(
                code::NO_VALUE_FUNCTION,
                format!("the file has {} functions `value`, and needs one", values.len()),
            )
            .at(Place::new(file, 1, 1, 0))
            .help("write `fn value(...)` with the rule's inputs as parameters"),
        );
        return None;
    }
    let value = values.remove(0);
    let rule = Rule {
        name: Arc::from(name),
        file: Arc::from(file),
        text: Arc::from(text),
        header,
        parameters: value.parameters.clone(),
    };
    Some((rule, value, helpers))
}

/// The header: lines that start with `//!`. The path, then four fields, each of which may go on over several lines.
fn header(name: &str, file: &str, text: &str, problems: &mut Vec<Problem>) -> Header {
    let mut header = Header::default();
    let mut at = None;
    let mut lines = 0;
    let mut out_of_order = false;
    for line in text.lines().map_while(|line| line.strip_prefix("//!")) {
        lines += 1;
        let line = line.trim();
        if lines == 1 {
            line.clone_into(&mut header.path);
            continue;
        }
        if let Some(field) = FIELDS.iter().position(|field| line.starts_with(field)) {
            let expected = at.map_or(0, |at: usize| at + 1);
            if field != expected && !out_of_order {
                out_of_order = true;
                problems.push(
                    Problem::new(code::BAD_HEADER, format!("`{}` is out of order", FIELDS[field]))
                        .at(Place::new(file, lines, 5, small(FIELDS[field].len())))
                        .help("the order is path, Reports, Source, Inputs, Absent"),
                );
            }
            at = Some(field);
        }
        let Some(field) = at else { continue };
        let part = line.strip_prefix(FIELDS[field]).unwrap_or(line).trim();
        let to = match field {
            0 => &mut header.reports,
            1 => &mut header.source,
            2 => &mut header.inputs,
            _ => &mut header.absent,
        };
        if !part.is_empty() {
            if !to.is_empty() {
                to.push(' ');
            }
            to.push_str(part);
        }
    }
    let missing: Vec<&str> = [&header.reports, &header.source, &header.inputs, &header.absent]
        .into_iter()
        .zip(FIELDS)
        .filter(|(text, _)| text.is_empty())
        .map(|(_, field)| field)
        .collect();
    if !missing.is_empty() {
        problems.push(
            Problem::new(code::BAD_HEADER, format!("the header lacks {}", missing.join(", ")))
                .at(Place::new(file, 1, 1, 0))
                .help(format!("start the file with `//! {name}`, then lines `//! Reports: …`, `//! Source: …`, `//! Inputs: …`, `//! Absent: …`")),
        );
    } else if header.path != name {
        problems.push(
            Problem::new(code::BAD_HEADER, format!("the header names `{}`, the file stands for `{name}`", header.path))
                .at(Place::new(file, 1, 5, small(header.path.chars().count())))
                .help(format!("write `//! {name}`"))
                .replacing(&header.path, name),
        );
    }
    header
}

/// A parse error of the rule language, in the reader's words and place.
pub fn parse_problem(error: &ParseError, file: &str, text: &str) -> Problem {
    let (line, column) = place_of(error.position());
    let message = error.err_type().to_string();
    let word = word_at(text, line, column);
    if let Some(forbidden) = FORBIDDEN.iter().find(|forbidden| **forbidden == word) {
        return Problem::new(code::FORBIDDEN, format!("`{forbidden}` is not allowed in rules"))
            .at(Place::new(file, line, column, small(word.chars().count())))
            .help("a rule may only read its inputs and give a value");
    }
    let length = small(word.chars().count()).max(1);
    let mut message = message;
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let problem = Problem::new(code::BAD_SCRIPT, message).at(Place::new(file, line, column, length));
    if problem.message.contains("typo of '=='") {
        return Problem { message: "one `=` compares nothing".to_owned(), ..problem }
            .help("write `==` to compare")
            .replacing("=", "==");
    }
    if problem.message.contains("incomplete")
        || problem.message.contains("to terminate")
        || problem.message.contains("to close")
    {
        return problem.help("close the bracket that stands open before this place");
    }
    problem
}

/// Line and column of a position; the start of the file if it has none.
pub fn place_of(position: Position) -> (u32, u32) {
    (small(position.line().unwrap_or(1)), small(position.position().unwrap_or(1).max(1)))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The word of `text` that starts at a place.
pub fn word_at(text: &str, line: u32, column: u32) -> String {
    let Some(line) = text.lines().nth(line.saturating_sub(1) as usize) else { return String::new() };
    line.chars().skip(column.saturating_sub(1) as usize).take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
