//! `switch`: its arms as steps, and whether they are reached and say what to do in every case.
//!
//! The syntax tree keeps only hashes of what an arm takes, so that is read from the text: arm by arm, in the order of the tree.

use std::sync::Arc;

use problem::{Place, Problem, code};
use rhai::{Expr as Tree, Position, Stmt, SwitchCasesCollection};

use super::narrowing::number_of;
use super::{Compiler, Result, Stop};
use crate::plan::{Const, Expr, Op, SwitchArm, TableCell};
use crate::spans;
use crate::types::{Kind, Type};

/// A value that an arm takes, and where it stands in the text.
struct Label {
    cell: TableCell,
    start: usize,
    end: usize,
}

impl Compiler<'_, '_> {
    pub(super) fn switch(&mut self, subject: &Tree, cases: &SwitchCasesCollection, position: Position) -> Result<Expr> {
        let value = self.lower(subject)?;
        if value.ty.kind == Kind::Any {
            return Err(Stop::Script);
        }
        let Some(labels) = self.labels(position) else { return Err(Stop::Script) };
        if labels.len() != cases.expressions.len() {
            return Err(Stop::Script);
        }
        let mark = self.known.mark();
        let mut arms = Vec::new();
        let mut ty: Option<Type> = None;
        let mut taken: Vec<TableCell> = Vec::new();
        for (labels, case) in labels.iter().zip(&cases.expressions) {
            let bare = matches!(case.lhs, Tree::BoolConstant(true, _));
            for label in labels {
                self.check_label(&value, label, &taken)?;
            }
            let named_nothing = |cells: &[TableCell]| cells.contains(&TableCell::OneOf(vec![Const::Absent]));
            let values: Vec<TableCell> = labels.iter().map(|label| label.cell.clone()).collect();
            if !named_nothing(&values) && (!values.is_empty() || named_nothing(&taken)) {
                self.known.learn_path(subject);
            }
            let guard = if bare { None } else { Some(self.bool_operand(&case.lhs)?) };
            if !bare {
                self.known.learn(&case.lhs, true);
            }
            let then = self.lower(&case.rhs);
            self.known.back_to(mark);
            let then = then?;
            let joined = ty.map_or(Some(then.ty), |ty| ty.join(then.ty));
            if joined.is_none() {
                self.only_with_steps()?;
                let (a, b) = (ty.map(|ty| self.words(ty)).unwrap_or_default(), self.words(then.ty));
                let message = format!("the arms before give {a}, this one {b}");
                return self.wrong(code::WRONG_TYPE, case.rhs.start_position(), message);
            }
            ty = joined;
            let start = labels.first().map_or_else(|| case.rhs.start_position(), |label| self.position_of(label.start));
            if bare {
                taken.extend(values.iter().cloned());
            }
            arms.push(SwitchArm { values, guard, then, at: self.at(start) });
        }
        let open = cases.def_case.is_none();
        let surely = if open { self.check_every_case(&value, &taken, position)? } else { true };
        let ty = ty.unwrap_or(Type::NOTHING).or_absent(!surely);
        let at = self.at(position);
        Ok(Self::make(Op::Switch(Box::new(value), arms), ty, at))
    }

    pub(super) fn position_of(&self, at: usize) -> Position {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Position::new(u16::try_from(line).unwrap_or(u16::MAX), u16::try_from(column).unwrap_or(u16::MAX))
    }

    fn place_of_label(&self, label: &Label) -> Place {
        let length = self.text[label.start..label.end].chars().count();
        self.place(self.position_of(label.start), length)
    }

    /// What an arm takes must be something that the value can be, and that no arm before it takes.
    fn check_label(&mut self, value: &Expr, label: &Label, taken: &[TableCell]) -> Result<()> {
        let place = self.place_of_label(label);
        let fits = match &label.cell {
            TableCell::OneOf(constants) => constants
                .iter()
                .all(|constant| constant.ty().kind == Kind::Nothing || constant.ty().kind == value.ty.kind),
            _ => value.ty.kind == Kind::Int,
        };
        if !fits {
            let words = self.words(value.ty);
            let message = format!("the value is {words}, which this never equals");
            self.problems.push(Problem::new(code::SILENT_COMPARISON, message).at(place).help("take the arm out"));
            return Err(Stop::Wrong);
        }
        if label.cell == TableCell::OneOf(vec![Const::Absent]) && !value.ty.optional && !self.may_differ() {
            let message = "the value is never absent here, so this arm is never taken";
            self.problems.push(Problem::new(code::NEVER_REACHED, message).at(place).help("take the arm out"));
            return Err(Stop::Wrong);
        }
        if let TableCell::OneOf(constants) = &label.cell
            && let [Const::Text(text)] = &constants[..]
            && let Some(codes) = self.context.codes_of(value, &self.local_codes)
            && !codes.of.is_empty()
            && !codes.codes.contains(text)
        {
            self.problems.push(codes.not_a_code(text, place));
            return Err(Stop::Wrong);
        }
        if taken.iter().any(|before| contains(before, &label.cell)) {
            let message = "an arm before this one takes this already";
            self.problems.push(Problem::new(code::NEVER_REACHED, message).at(place).help("take one of them out"));
            return Err(Stop::Wrong);
        }
        Ok(())
    }

    /// Without `_`, every value must have its arm. Whether no other value can come.
    fn check_every_case(&mut self, value: &Expr, taken: &[TableCell], position: Position) -> Result<bool> {
        let takes =
            |constant: Const| taken.iter().any(|cell| contains(cell, &TableCell::OneOf(vec![constant.clone()])));
        let mut missing: Vec<String> = Vec::new();
        let mut surely = true;
        match value.ty.kind {
            Kind::Bool => missing.extend(
                [true, false].into_iter().filter(|value| !takes(Const::Bool(*value))).map(|value| value.to_string()),
            ),
            Kind::Text => match self.context.codes_of(value, &self.local_codes).filter(|codes| !codes.of.is_empty()) {
                Some(codes) => {
                    surely = codes.closed;
                    let forgotten = codes.codes.iter().filter(|code| !takes(Const::Text(Arc::clone(code))));
                    missing.extend(forgotten.map(|code| format!("\"{code}\"")));
                }
                None => missing.push("_".to_owned()),
            },
            _ => missing.push("_".to_owned()),
        }
        if value.ty.optional && !takes(Const::Absent) {
            missing.push("()".to_owned());
        }
        if missing.is_empty() {
            return Ok(surely);
        }
        let place = self.place(position, "switch".len());
        let shown = missing.iter().take(8).map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        let more = if missing.len() > 8 { ", …" } else { "" };
        let other = missing.iter().any(|one| one == "_");
        let message = if other {
            "the arms do not name every value that there can be".to_owned()
        } else {
            format!("no arm says what to do for {shown}{more}")
        };
        let help = if missing.len() == 1 && !other {
            format!("add an arm: `{} => …`", missing[0])
        } else {
            "add an arm for the rest: `_ => ()` gives nothing".to_owned()
        };
        self.problems.push(Problem::new(code::FORGOTTEN_CASE, message).at(place).help(help));
        Err(Stop::Wrong)
    }

    /// What each arm takes, in the order of the text; none where the text is not plain enough to read.
    fn labels(&self, position: Position) -> Option<Vec<Vec<Label>>> {
        let start = self.offset(position)? + "switch".len();
        let mut at = self.find(start, |rest| rest.starts_with('{') || rest.starts_with("if "))?;
        if !self.text[at..].starts_with('{') {
            return None;
        }
        at += 1;
        let mut arms = Vec::new();
        loop {
            at = self.past_space(at);
            if self.text[at..].starts_with('}') {
                return Some(arms);
            }
            let arrow = self.find(at, |rest| rest.starts_with("=>"))?;
            arms.push(self.labels_of_arm(at, arrow)?);
            at = self.past_space(arrow + 2);
            at = if self.text[at..].starts_with('{') {
                spans::past_block(&self.text, at)
            } else {
                self.find(at, |rest| rest.starts_with([',', '}']))?
            };
            at = self.past_space(at);
            if self.text[at..].starts_with(',') {
                at += 1;
            }
        }
    }

    fn labels_of_arm(&self, start: usize, arrow: usize) -> Option<Vec<Label>> {
        let mut labels = Vec::new();
        let mut from = start;
        let guard = |rest: &str| rest.strip_prefix("if").is_some_and(|rest| !rest.starts_with(spans::is_word));
        loop {
            from = self.past_space(from);
            let end = self.find(from, |rest| rest.starts_with(['|']) || rest.starts_with("=>") || guard(rest))?;
            let written = self.text[from..end].trim_end();
            if written != "_" {
                labels.push(Label { cell: self.label(written)?, start: from, end: from + written.len() });
            }
            if end >= arrow || !self.text[end..].starts_with('|') {
                return Some(labels);
            }
            from = end + 1;
        }
    }

    /// A value or range that an arm takes, as it is written.
    fn label(&self, written: &str) -> Option<TableCell> {
        let tree = self.context.engine.compile(written).ok()?;
        let one = match tree.statements() {
            [Stmt::Expr(tree)] => (**tree).clone(),
            [Stmt::FnCall(call, position)] => Tree::FnCall(call.clone(), *position),
            _ => return None,
        };
        let whole = |tree: &Tree| {
            number_of(tree).filter(|number| number.is_integer()).and_then(|number| i64::try_from(number).ok())
        };
        let constant = |constant| Some(TableCell::OneOf(vec![constant]));
        match &one {
            Tree::Unit(_) => constant(Const::Absent),
            Tree::BoolConstant(value, _) => constant(Const::Bool(*value)),
            Tree::StringConstant(text, _) => constant(Const::Text(Arc::from(text.as_str()))),
            Tree::IntegerConstant(number, _) => constant(Const::Int(*number)),
            Tree::FnCall(call, _) => match (call.name.as_str(), &call.args[..]) {
                ("..=", [from, to]) => Some(TableCell::Range(Some(whole(from)?), Some(whole(to)?))),
                ("..", [from, to]) => Some(TableCell::Range(Some(whole(from)?), Some(whole(to)?.checked_sub(1)?))),
                _ => whole(&one).and_then(|number| constant(Const::Int(number))),
            },
            _ => None,
        }
    }

    fn past_space(&self, mut at: usize) -> usize {
        loop {
            let rest = &self.text[at..];
            let space = rest.len() - rest.trim_start().len();
            if space > 0 {
                at += space;
            } else if rest.starts_with("//") || rest.starts_with("/*") {
                at = spans::past(&self.text, at).unwrap_or(self.text.len());
            } else {
                return at;
            }
        }
    }

    /// The first place from here on, outside of brackets, texts and comments, where `wanted` holds of the rest of the text.
    fn find(&self, from: usize, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let mut depth = 0_i32;
        let mut at = from;
        let mut in_word = false;
        while at < self.text.len() {
            if let Some(end) = spans::past(&self.text, at) {
                at = end;
                in_word = false;
                continue;
            }
            let rest = &self.text[at..];
            if depth == 0 && !(in_word && rest.starts_with(spans::is_word)) && wanted(rest) {
                return Some(at);
            }
            let character = rest.chars().next()?;
            match character {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                return None;
            }
            in_word = spans::is_word(character);
            at += character.len_utf8();
        }
        None
    }
}

/// Whether what one cell takes, another does wholly.
fn contains(cell: &TableCell, other: &TableCell) -> bool {
    match (cell, other) {
        (TableCell::Any, _) => true,
        (TableCell::OneOf(taken), TableCell::OneOf(others)) => others.iter().all(|other| taken.contains(other)),
        (TableCell::Range(from, to), TableCell::OneOf(others)) => others.iter().all(|other| {
            matches!(other, Const::Int(number)
                if from.is_none_or(|from| from <= *number) && to.is_none_or(|to| *number <= to))
        }),
        (TableCell::Range(from, to), TableCell::Range(other_from, other_to)) => {
            from.is_none_or(|from| other_from.is_some_and(|other| from <= other))
                && to.is_none_or(|to| other_to.is_some_and(|other| other <= to))
        }
        _ => false,
    }
}

impl Compiler<'_, '_> {
    /// Whether a closure may change the value at a path.
    pub(super) fn is_shared(&self, path: &str) -> bool {
        let name = path.split('.').next().unwrap_or(path);
        self.script.as_ref().is_some_and(|script| script.is_shared(name))
    }
}
