//! Names of a function that nothing reads: parameters and variables.

use std::collections::BTreeSet;

use problem::{Place, Problem, code};
use rhai::{ASTNode, Expr as Tree, Position, Stmt};

use crate::rule_file::{Function, place_of};
use crate::spans;

/// Reports the parameters and variables of a function that nothing reads. `text`: that of its file.
pub fn check(function: &Function, text: &str, problems: &mut Vec<Problem>) {
    let mut read: Vec<(String, Position)> = Vec::new();
    let mut declared: Vec<(String, Position)> = Vec::new();
    let mut see = |path: &[ASTNode<'_>]| {
        match path.last() {
            Some(ASTNode::Expr(Tree::Variable(variable, _, position))) => {
                read.push((variable.1.to_string(), *position));
            }
            Some(ASTNode::Stmt(Stmt::Var(variable, ..))) => {
                declared.push((variable.0.name.to_string(), variable.0.pos));
            }
            Some(ASTNode::Stmt(Stmt::Share(shared))) => {
                read.extend(shared.iter().map(|(name, _)| (name.name.to_string(), name.pos)));
            }
            _ => {}
        }
        true
    };
    for statement in function.tree.statements() {
        statement.walk(&mut Vec::new(), &mut see);
    }
    let names: BTreeSet<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
    for parameter in function.parameters.iter().filter(|parameter| !parameter.starts_with('_')) {
        if !names.contains(parameter.as_str())
            && let Some((line, column)) = place_of_parameter(text, &function.name, parameter)
        {
            let place = Place::new(function.file.clone(), line, column, small(parameter.chars().count()));
            let help =
                if function.name == "value" { "take it out" } else { "take it out, here and where it is called" };
            problems.push(unread("parameter", parameter, place).help(help));
        }
    }
    for (name, position) in declared.iter().filter(|(name, _)| !name.starts_with('_')) {
        if !read.iter().any(|(other, at)| other == name && at > position) {
            let (line, column) = place_of(*position);
            let place = Place::new(function.file.clone(), line, column, small(name.chars().count()));
            problems.push(unread("variable", name, place).help("take the `let` out"));
        }
    }
}

fn unread(what: &str, name: &str, place: Place) -> Problem {
    Problem::new(code::UNUSED_NAME, format!("nothing reads the {what} `{name}`")).at(place)
}

/// Where a function's name stands in its file.
pub fn place_of_function(text: &str, function: &str) -> Option<(u32, u32)> {
    header(text, function).map(|(start, _)| line_and_column(text, start))
}

/// Where a parameter of a function stands in its file.
pub fn place_of_parameter(text: &str, function: &str, parameter: &str) -> Option<(u32, u32)> {
    let (start, end) = header(text, function)?;
    let mut at = start + function.len();
    while at < end {
        let word = spans::word(text, at);
        if word == parameter {
            return Some(line_and_column(text, at));
        }
        at += word.len().max(text[at..].chars().next().map_or(1, char::len_utf8));
    }
    None
}

/// From a function's name to its brace.
fn header(text: &str, function: &str) -> Option<(usize, usize)> {
    let (_, _, body) = spans::functions(text).into_iter().find(|(name, ..)| name == function)?;
    let before = &text[..body.start];
    let keyword = before.rfind("fn ")?;
    let start = keyword + before[keyword..].find(function)?;
    Some((start, body.start))
}

fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..at];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (small(before.matches('\n').count() + 1), small(column))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
