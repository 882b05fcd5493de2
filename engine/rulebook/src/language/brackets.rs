//! Operators whose order readers and the rule language may see differently: brackets must say what is meant.
//!
//! The syntax tree knows no brackets, so whether they are there is read from the text between two operators.

use problem::{Place, Problem, Suggestion, code};
use rhai::{Expr as Tree, Position};

use super::{Compiler, Result, Stop};
use crate::rule_file::place_of;
use crate::spans;

const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
const ARITHMETIC: [&str; 5] = ["+", "-", "*", "/", "%"];

impl Compiler<'_, '_> {
    /// Where a position stands in the text, in bytes.
    pub(super) fn offset(&self, position: Position) -> Option<usize> {
        if position.is_none() {
            return None;
        }
        let (line, column) = place_of(position);
        let mut start = 0;
        for (number, written) in (1..).zip(self.text.split_inclusive('\n')) {
            if number == line {
                let inside = written.char_indices().nth(column as usize - 1).map_or(written.len(), |(at, _)| at);
                return Some(start + inside);
            }
            start += written.len();
        }
        None
    }

    /// How many brackets are opened, less those closed, in a range of the text.
    fn depth_between(&self, from: usize, to: usize) -> i32 {
        let mut depth = 0;
        let mut at = from;
        while at < to {
            if let Some(end) = spans::past(&self.text, at) {
                at = end;
                continue;
            }
            let character = self.text[at..].chars().next().unwrap_or(' ');
            match character {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            at += character.len_utf8();
        }
        depth
    }

    /// Whether the operand whose operator stands at `inner` is taken by the operator at `outer` without brackets around it.
    fn is_bare(&self, inner: Position, outer: Position) -> bool {
        match (self.offset(inner), self.offset(outer)) {
            (Some(inner), Some(outer)) => self.depth_between(inner.min(outer), inner.max(outer)) == 0,
            _ => false,
        }
    }

    /// Where a text or number that starts here has ended.
    pub(super) fn end_of_literal(&self, start: usize) -> usize {
        spans::past(&self.text, start).unwrap_or_else(|| {
            let rest = &self.text[start..];
            let sign = usize::from(rest.starts_with('-'));
            let length = rest[sign..].find(|c: char| !spans::is_word(c) && c != '.').unwrap_or(rest.len() - sign);
            start + sign + length
        })
    }

    fn end_of(&self, tree: &Tree) -> Option<usize> {
        match tree {
            Tree::FnCall(call, _) | Tree::MethodCall(call, _) if !is_operator(&call.name) => {
                let start = self.offset(tree.position())?;
                let open = start + self.text[start..].find('(')?;
                Some(self.past_brackets(open))
            }
            Tree::FnCall(call, _) => {
                // `x in list` is `contains(list, x)` in the tree.
                let last = if call.name == "contains" { call.args.first() } else { call.args.last() };
                self.end_of(last?)
            }
            Tree::Dot(dot, ..) | Tree::Index(dot, ..) => self.end_of(&dot.rhs),
            Tree::Coalesce(all, _) | Tree::And(all, _) | Tree::Or(all, _) => self.end_of(all.last()?),
            Tree::Array(..) | Tree::Unit(_) => Some(self.past_brackets(self.offset(tree.position())?)),
            Tree::Stmt(_) => None,
            _ => Some(self.end_of_literal(self.offset(tree.position())?)),
        }
    }

    fn past_brackets(&self, open: usize) -> usize {
        let mut at = open;
        while at < self.text.len() {
            at += spans::past(&self.text, at)
                .map_or_else(|| self.text[at..].chars().next().map_or(1, char::len_utf8), |end| end - at);
            if self.depth_between(open, at) == 0 {
                break;
            }
        }
        at
    }

    /// Where the text of an expression stands, in bytes.
    pub(super) fn range_of(&self, tree: &Tree) -> Option<(usize, usize)> {
        let (mut start, mut end) = (self.offset(starts_at(tree))?, self.end_of(tree)?);
        // Brackets around a part belong to it.
        while self.depth_between(start, end) < 0 {
            start = self.text[..start].rfind('(')?;
        }
        while self.depth_between(start, end) > 0 {
            end += self.text[end..].find(')')? + 1;
        }
        let joins = matches!(tree, Tree::And(..) | Tree::Or(..) | Tree::Coalesce(..));
        let operator = matches!(tree, Tree::FnCall(call, _) if is_operator(&call.name) && call.args.len() == 2);
        let before = self.text[..start].trim_end();
        let after = self.text[end..].trim_start();
        if (joins || operator) && before.ends_with('(') && after.starts_with(')') {
            start = before.len() - 1;
            end = self.text.len() - after.len() + 1;
        }
        self.text.get(start..end).map(|_| (start, end))
    }

    /// The text of an expression, in one line.
    pub(super) fn written(&self, tree: &Tree) -> Option<String> {
        let (start, end) = self.range_of(tree)?;
        let words: Vec<&str> = self.text[start..end].split_whitespace().collect();
        Some(words.join(" "))
    }

    /// The place of an expression: all of it, where it stands in one line.
    pub(super) fn place_of(&self, tree: &Tree) -> Place {
        let range = self.range_of(tree).map(|(start, end)| &self.text[start..end]);
        let length = range.filter(|text| !text.contains('\n')).map_or(0, |text| text.chars().count());
        self.place(starts_at(tree), length)
    }

    /// The last problem is mended by writing something else for the text from `start` to `end`, if that is one line.
    fn instead_of(&mut self, start: usize, end: usize, put: String) {
        let find = self.text[start..end].to_owned();
        if find.contains('\n') {
            return;
        }
        let place = self.place(self.position_of(start), find.chars().count());
        if let Some(problem) = self.problems.last_mut() {
            problem.suggestion = Some(Suggestion { place, find, put });
        }
    }

    /// The last problem is mended by brackets around an expression.
    fn in_brackets(&mut self, tree: &Tree) {
        if let Some((start, end)) = self.range_of(tree) {
            let put = format!("({})", &self.text[start..end]);
            self.instead_of(start, end, put);
        }
    }

    fn unclear<T>(&mut self, position: Position, length: usize, message: String, instead: Option<String>) -> Result<T> {
        let place = self.place(position, length);
        let help = instead.map_or_else(
            || "put brackets around what is meant to be taken first".to_owned(),
            |instead| format!("write `{instead}`"),
        );
        self.problems.push(Problem::new(code::UNCLEAR_ORDER, message).at(place).help(help));
        Err(Stop::Wrong)
    }

    /// The operands of an operator.
    pub(super) fn check_order(&mut self, name: &str, operands: &[Tree], position: Position) -> Result<()> {
        let compares = COMPARISONS.contains(&name) || name == "contains";
        if let ("&" | "|" | "^", [_, _]) = (name, operands) {
            let instead = if name == "|" { "||" } else { "&&" };
            let message = format!("`{name}` works on bits, which rules do not have");
            let place = self.place(position, name.len());
            let help = format!("write `{instead}` to join conditions, and compare numbers with `==`, `<` or `%`");
            self.problems.push(Problem::new(code::UNCLEAR_ORDER, message).at(place).help(help));
            return Err(Stop::Wrong);
        }
        if !compares {
            return Ok(());
        }
        let word = if name == "contains" { "in" } else { name };
        for operand in operands {
            match operand {
                Tree::Coalesce(_, inner) if self.is_bare(*inner, position) => {
                    let instead = self.written(operand).map(|text| format!("({text})"));
                    let message = format!("`??` is taken before `{word}`; without brackets it reads as if it were not");
                    let stop = self.unclear(*inner, 2, message, instead);
                    self.in_brackets(operand);
                    return stop;
                }
                Tree::FnCall(call, inner) if call.name == "!" && call.args.len() == 1 => {
                    let (Some(bang), Some(outer)) = (self.offset(*inner), self.offset(position)) else { continue };
                    if bang > outer || !self.text[bang..].starts_with('!') || !self.is_bare(*inner, position) {
                        continue;
                    }
                    let value = self.written(&call.args[0]);
                    let other = operands.iter().find(|other| !std::ptr::eq(*other, operand));
                    let end = other.and_then(|other| self.range_of(other)).map(|(_, end)| end);
                    let other = other.and_then(|other| self.written(other));
                    let instead = value.zip(other).map(|(value, other)| format!("!({value} {word} {other})"));
                    let message = format!("`!` is taken before `{word}`, so it turns only what stands next to it");
                    let stop = self.unclear(*inner, 1, message, instead.clone());
                    if let (Some(end), Some(put)) = (end, instead) {
                        self.instead_of(bang, end, put);
                    }
                    return stop;
                }
                Tree::FnCall(call, inner)
                    if COMPARISONS.contains(&&*call.name)
                        && call.args.len() == 2
                        && COMPARISONS.contains(&name)
                        && self.is_bare(*inner, position) =>
                {
                    let both = (self.written(&operands[0]), self.written(&operands[1]));
                    let instead = match (both, std::ptr::eq(operand, &raw const operands[0])) {
                        ((Some(left), Some(right)), true) => {
                            self.written(&call.args[1]).map(|middle| format!("{left} && {middle} {name} {right}"))
                        }
                        ((Some(left), Some(right)), false) => Some(format!("{left} {name} ({right})")),
                        _ => None,
                    };
                    let message = format!("`{}` gives true or false, and `{name}` then compares that", call.name);
                    return self.unclear(position, name.len(), message, instead);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The operands of `??`, which takes less than arithmetic does.
    pub(super) fn check_order_of_default(&mut self, operands: &[Tree], position: Position) -> Result<()> {
        for (at, operand) in operands.iter().enumerate() {
            let Tree::FnCall(call, inner) = operand else { continue };
            if !ARITHMETIC.contains(&&*call.name) || call.args.len() != 2 || !self.is_bare(*inner, position) {
                continue;
            }
            let instead = if at == 0 {
                let default = operands.get(1).and_then(|default| self.written(default));
                let parts = (self.written(&call.args[0]), self.written(&call.args[1]), default);
                match parts {
                    (Some(left), Some(right), Some(default)) => {
                        Some(format!("{left} {} ({right} ?? {default})", call.name))
                    }
                    _ => None,
                }
            } else {
                self.written(operand).map(|text| format!("({text})"))
            };
            let message = format!("`{}` is taken before `??`; without brackets it reads as if it were not", call.name);
            let stop = self.unclear(*inner, call.name.len(), message, instead);
            if at > 0 {
                self.in_brackets(operand);
            }
            return stop;
        }
        Ok(())
    }
}

/// Where an expression starts, operands included.
pub(super) fn starts_at(tree: &Tree) -> Position {
    match tree {
        Tree::FnCall(call, position) if is_operator(&call.name) => match &call.args[..] {
            // `x in list` is `contains(list, x)` in the tree.
            [_, value] if call.name == "contains" => starts_at(value),
            [left, _] => starts_at(left),
            _ => *position,
        },
        Tree::And(all, _) | Tree::Or(all, _) | Tree::Coalesce(all, _) => {
            all.first().map_or_else(|| tree.start_position(), starts_at)
        }
        Tree::Dot(dot, ..) | Tree::Index(dot, ..) => starts_at(&dot.lhs),
        _ => tree.start_position(),
    }
}

fn is_operator(name: &str) -> bool {
    COMPARISONS.contains(&name)
        || ARITHMETIC.contains(&name)
        || matches!(name, "!" | "contains" | "&" | "|" | "^" | "..")
}
