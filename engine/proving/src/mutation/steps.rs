//! The changes of a step.

use std::collections::BTreeMap;
use std::sync::Arc;

use rulebook::places::{Outcome, Step};
use rulebook::plan::{Arithmetic, Compare, Const, Expr, Op, TableCell, TableRow};
use rulebook::types::{Kind, Type};

use super::Notice;
use super::change::Edit;
use crate::wants::{moved, yaml};

/// The texts that the rules of each file compare with and give: a text is swapped with one beside it.
pub type Texts = BTreeMap<Arc<str>, Vec<Arc<str>>>;

/// An edit, what it says, and what a case must do to notice it. The step to look at, if it is not the step itself, comes last.
pub type Found<'p> = (Edit, String, Notice, Option<&'p Expr>);

/// The changes of a step.
pub fn edits<'p>(step: &Step<'_, 'p>, texts: &Texts) -> Vec<Found<'p>> {
    let mut found = Vec::new();
    match &step.expr.op {
        Op::Compare(compare, a, b) => comparisons(*compare, a, b, &mut found),
        Op::Const(constant) if step.expr.at.line > 0 => constants(constant, step, texts, &mut found),
        Op::If(_, then, otherwise) if !same(then, otherwise) => {
            for (to, notice) in [(false, Outcome::Held), (true, Outcome::DidNotHold)] {
                let arm = if to { "what stands behind `else` (or after the `if`)" } else { "what the `if` does" };
                let condition = condition_of(step.expr);
                found.push((
                    Edit::Condition(to),
                    format!("{arm} was dropped: its condition is always {to}"),
                    Notice::Outcome(notice),
                    condition,
                ));
            }
        }
        Op::And(all) => operands(true, all, &mut found),
        Op::Or(all) => operands(false, all, &mut found),
        Op::Coalesce(all) => defaults(all, &mut found),
        Op::Not(inner) => {
            found.push((Edit::Not, "`!` was dropped".to_owned(), Notice::Outcome(Outcome::Held), Some(inner)));
        }
        Op::OneOf(value, list) => {
            for (at, constant) in list.iter().enumerate() {
                let says = format!("{} was dropped from the list", yaml(constant));
                found.push((Edit::Item(at, list.clone()), says, Notice::Reach, Some(value)));
            }
        }
        Op::Table(inputs, rows) => table(inputs, rows, &mut found),
        Op::Switch(_, arms) => {
            for (number, arm) in arms.iter().enumerate() {
                // Without a last arm that gives nothing, nothing is given all the same.
                if number + 1 == arms.len() && matches!(arm.then.op, Op::Const(Const::Absent)) {
                    continue;
                }
                let outcome = Outcome::Row(u32::try_from(number).unwrap_or(u32::MAX));
                let says = "this arm of the `switch` was dropped".to_owned();
                found.push((Edit::Row(number, arms.len()), says, Notice::Outcome(outcome), None));
            }
        }
        Op::Arithmetic(operation, ..) => {
            let (to, from, word) = match operation {
                Arithmetic::Add => (Arithmetic::Subtract, "+", "-"),
                Arithmetic::Subtract => (Arithmetic::Add, "-", "+"),
                Arithmetic::AddDays => (Arithmetic::SubtractDays, "+", "-"),
                Arithmetic::SubtractDays => (Arithmetic::AddDays, "-", "+"),
                Arithmetic::Multiply => (Arithmetic::Add, "*", "+"),
                _ => return found,
            };
            found.push((Edit::Arithmetic(*operation, to), format!("`{from}` became `{word}`"), Notice::Reach, None));
        }
        _ => {}
    }
    found
}

fn condition_of(expr: &Expr) -> Option<&Expr> {
    match &expr.op {
        Op::If(condition, ..) => Some(condition),
        _ => None,
    }
}

/// Whether two steps are written alike; their places do not matter.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.op, &b.op) {
        (Op::Const(a), Op::Const(b)) => a == b,
        (Op::Return(a), Op::Return(b)) => same(a, b),
        _ => false,
    }
}

const fn sign(compare: Compare) -> &'static str {
    match compare {
        Compare::Equal => "==",
        Compare::NotEqual => "!=",
        Compare::Less => "<",
        Compare::LessOrEqual => "<=",
        Compare::Greater => ">",
        Compare::GreaterOrEqual => ">=",
    }
}

fn comparisons<'p>(compare: Compare, a: &'p Expr, b: &'p Expr, found: &mut Vec<Found<'p>>) {
    let (flipped, border) = match compare {
        Compare::Equal => (Compare::NotEqual, None),
        Compare::NotEqual => (Compare::Equal, None),
        Compare::Less => (Compare::GreaterOrEqual, Some(Compare::LessOrEqual)),
        Compare::LessOrEqual => (Compare::Greater, Some(Compare::Less)),
        Compare::Greater => (Compare::LessOrEqual, Some(Compare::GreaterOrEqual)),
        Compare::GreaterOrEqual => (Compare::Less, Some(Compare::Greater)),
    };
    let says = |to: Compare| format!("`{}` became `{}`", sign(compare), sign(to));
    found.push((Edit::Compare(compare, flipped), says(flipped), Notice::Outcome(Outcome::Held), None));
    // Next to a whole number the border is the number itself, one more or one less: that is a change of its own.
    let whole = |expr: &Expr| matches!(expr.op, Op::Const(Const::Int(_) | Const::Date(_)));
    if let Some(border) = border
        && !whole(a)
        && !whole(b)
    {
        found.push((Edit::Compare(compare, border), says(border), Notice::Border, None));
    }
}

fn constants<'p>(constant: &Const, step: &Step<'_, 'p>, texts: &Texts, found: &mut Vec<Found<'p>>) {
    let mut to = Vec::new();
    match constant {
        Const::Absent => {}
        Const::Bool(yes) => to.push(Const::Bool(!yes)),
        Const::Int(_) | Const::Decimal(_) | Const::Date(_) => {
            to.extend([1, -1].into_iter().filter_map(|by| moved(constant, by)))
        }
        Const::Text(text) => {
            let siblings = texts.get(step.file).map_or(&[][..], Vec::as_slice);
            let at = siblings.iter().position(|other| other == text).unwrap_or_default();
            let next = siblings.iter().cycle().skip(at + 1).take(siblings.len()).find(|other| *other != text);
            to.push(
                next.map_or_else(|| Const::Text(format!("not {text}").into()), |next| Const::Text(Arc::clone(next))),
            );
        }
    }
    for to in to {
        let says = format!("{} became {}", yaml(constant), yaml(&to));
        found.push((Edit::Constant(constant.clone(), to), says, Notice::Reach, None));
    }
}

fn operands<'p>(and: bool, all: &'p [Expr], found: &mut Vec<Found<'p>>) {
    let (word, notice) = if and { ("&&", Outcome::DidNotHold) } else { ("||", Outcome::Held) };
    for (at, operand) in all.iter().enumerate() {
        let says = format!("operand {} of `{word}` was dropped", at + 1);
        found.push((Edit::Operand(and, at, all.len()), says, Notice::Outcome(notice), Some(operand)));
    }
}

fn defaults<'p>(all: &'p [Expr], found: &mut Vec<Found<'p>>) {
    for (at, operand) in all.iter().enumerate() {
        // What stands behind something that is always there is never asked.
        if at > 0 && !all[at - 1].ty.optional {
            break;
        }
        let (says, notice) = if at == 0 {
            ("what stands before `??` was dropped".to_owned(), Outcome::Present)
        } else {
            ("what stands behind `??` was dropped".to_owned(), Outcome::Absent)
        };
        let look_at = if at == 0 { operand } else { &all[at - 1] };
        found.push((Edit::Default(at, all.len()), says, Notice::Outcome(notice), Some(look_at)));
    }
}

fn table<'p>(inputs: &[Expr], rows: &'p [TableRow], found: &mut Vec<Found<'p>>) {
    for (number, row) in rows.iter().enumerate() {
        let notice = Notice::Outcome(Outcome::Row(u32::try_from(number).unwrap_or(u32::MAX)));
        // Without a last row that gives nothing, nothing is given all the same.
        let says_nothing = number + 1 == rows.len() && row.result == Const::Absent;
        let like_the_next = rows
            .get(number + 1)
            .is_some_and(|next| next.result == row.result && next.cells.iter().all(|cell| *cell == TableCell::Any));
        if !says_nothing && !like_the_next {
            let says = format!("row {} of the table was dropped", number + 1);
            found.push((Edit::Row(number, rows.len()), says, notice, None));
        }
        if let Some(other) =
            rows.iter().cycle().skip(number + 1).take(rows.len()).find(|other| other.result != row.result)
        {
            let says = format!("row {}: {} became {}", number + 1, yaml(&row.result), yaml(&other.result));
            found.push((Edit::Result(number, row.result.clone(), other.result.clone()), says, notice, None));
        }
        for (input, cell) in row.cells.iter().enumerate() {
            // Where an earlier row takes all that this condition keeps out, the condition says nothing.
            if inputs.get(input).is_some_and(|of| of.ty == Type::of(Kind::Bool))
                && is_taken(&rows[..number], row, input)
            {
                continue;
            }
            for (to, says) in cells(cell, input + 1) {
                found.push((Edit::Cell(number, input, to), format!("row {}: {says}", number + 1), notice, None));
            }
        }
    }
}

/// Whether an earlier row fits everything that a row would fit besides, if its condition on a yes-or-no input were dropped.
fn is_taken(earlier: &[TableRow], row: &TableRow, input: usize) -> bool {
    let TableCell::OneOf(kept) = &row.cells[input] else { return false };
    earlier.iter().any(|other| {
        other.cells.iter().zip(&row.cells).enumerate().all(|(at, (theirs, own))| match theirs {
            TableCell::Any => true,
            TableCell::OneOf(taken) if at == input => [true, false]
                .into_iter()
                .map(Const::Bool)
                .filter(|value| !kept.contains(value))
                .all(|value| taken.contains(&value)),
            theirs => at != input && theirs == own,
        })
    })
}

fn cells(cell: &TableCell, number: usize) -> Vec<(TableCell, String)> {
    match cell {
        TableCell::Any => Vec::new(),
        TableCell::OneOf(list) if list.len() > 1 => (0..list.len())
            .map(|at| {
                let mut rest = list.clone();
                let dropped = rest.remove(at);
                (TableCell::OneOf(rest), format!("{} was dropped", yaml(&dropped)))
            })
            .collect(),
        TableCell::OneOf(_) => vec![(TableCell::Any, format!("condition {number} was dropped"))],
        TableCell::Range(from, to) => {
            let mut found = Vec::new();
            for by in [1, -1] {
                if let Some(number) = from {
                    let moved = number.saturating_add(by);
                    found.push((TableCell::Range(Some(moved), *to), format!("from {number} became from {moved}")));
                }
                if let Some(number) = to {
                    let moved = number.saturating_add(by);
                    found.push((TableCell::Range(*from, Some(moved)), format!("to {number} became to {moved}")));
                }
            }
            found
        }
    }
}
