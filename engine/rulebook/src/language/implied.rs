//! Conditions that have been decided already: by a constant, by a type, or by a condition around them.

use problem::{Problem, code};
use rhai::{Expr as Tree, Position};

use super::brackets::starts_at;
use super::narrowing::path_of;
use super::{Compiler, Result, Stop};
use crate::plan::{Compare, Const, Expr, Op};
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    fn always<T>(&mut self, tree: &Tree, message: String, help: &str) -> Result<T> {
        let place = self.place_of(tree);
        self.problems.push(Problem::new(code::ALWAYS_THE_SAME, message).at(place).help(help));
        Err(Stop::Wrong)
    }

    /// Whether what seems decided here need not be: for other arguments of the function, or where absence is not asked about.
    pub(super) const fn may_differ(&self) -> bool {
        self.callee || self.context.manner.unguarded
    }

    /// `==` and `!=`: what can never be equal, or always is.
    pub(super) fn check_equality(
        &mut self,
        a: &Expr,
        b: &Expr,
        left: &Tree,
        right: &Tree,
        position: Position,
    ) -> Result<()> {
        for (value, tree, other, other_tree) in [(a, left, b, right), (b, right, a, left)] {
            if let Op::Const(constant) = &other.op {
                self.check_code(value, constant, starts_at(other_tree))?;
            }
            let is_list = matches!(value.ty.kind, Kind::Rows(_) | Kind::Texts | Kind::Ints);
            if is_list {
                let what = path_of(tree).unwrap_or_else(|| "rows".to_owned());
                let place = self.place(position, 0);
                let words = self.words(value.ty);
                self.problems.push(
                    Problem::new(code::SILENT_COMPARISON, format!("{words} is a list, which equals nothing"))
                        .at(place)
                        .help(format!("write `any({what})` to ask whether there is one, `count({what})` for how many")),
                );
                return Err(Stop::Wrong);
            }
            if self.may_differ() {
                continue;
            }
            let nothing = matches!(other.op, Op::Const(Const::Absent));
            if nothing && !value.ty.optional && value.ty.kind != Kind::Any {
                let what = path_of(tree).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
                let message = format!("{what} is never absent here, so this is decided already");
                return self.always(tree, message, "take the test out");
            }
        }
        if !self.may_differ() && matches!((&a.op, &b.op), (Op::Const(_), Op::Const(_))) {
            let message = "both sides are constants, so this is always the same".to_owned();
            return self.always(left, message, "take the test out, or compare what was meant");
        }
        if !self.may_differ() && same(a, b, &mut Vec::new()) {
            let message = "both sides are the same".to_owned();
            return self.always(left, message, "take the test out, or compare what was meant");
        }
        Ok(())
    }

    /// A default behind what is always there.
    pub(super) fn check_defaults(&mut self, lowered: &[Expr], operands: &[Tree]) {
        if self.may_differ() {
            return;
        }
        let idle = |expr: &Expr| expr.ty.kind != Kind::Any && expr.ty != Type::NOTHING && !expr.ty.optional;
        let before_last = lowered.len().saturating_sub(1);
        if let Some(at) = lowered[..before_last].iter().position(idle) {
            let what = path_of(&operands[at]).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
            let place = self.place_of(&operands[at + 1]);
            self.problems.push(
                Problem::new(code::IDLE_DEFAULT, format!("{what} is always there, so this default is never used"))
                    .at(place)
                    .help("take `??` and the default out"),
            );
        }
    }

    /// A condition that stands by itself or is joined to others.
    pub(super) fn check_decided(&mut self, tree: &Tree, condition: &Expr) -> Result<()> {
        if self.may_differ() {
            return Ok(());
        }
        if let Op::Const(Const::Bool(value)) = &condition.op {
            let help = "take the condition out, or write what was meant";
            return self.always(tree, format!("this condition is always {value}"), help);
        }
        match self.answer(condition) {
            Some(answer) => {
                let message = format!("a condition before this one has decided it: here it is always {answer}");
                self.always(tree, message, "take the condition out, or write what was meant")
            }
            None => Ok(()),
        }
    }

    fn answer(&self, condition: &Expr) -> Option<bool> {
        if let Op::Not(inner) = &condition.op {
            return self.answer(inner).map(|answer| !answer);
        }
        self.decided.iter().rev().find_map(|(known, holds)| {
            if same(known, condition, &mut Vec::new()) {
                return Some(*holds);
            }
            let (value, constant, equal) = equality(known)?;
            let (other, other_constant, wanted) = equality(condition)?;
            if !same(value, other, &mut Vec::new()) {
                return None;
            }
            match (equal == *holds, constant == other_constant) {
                // The value is known.
                (true, is_it) => Some(is_it == wanted),
                // It is known not to be this.
                (false, true) => Some(!wanted),
                (false, false) => None,
            }
        })
    }

    /// Remembers that a condition holds, or does not.
    pub(super) fn decide(&mut self, condition: &Expr, holds: bool) {
        match (&condition.op, holds) {
            (Op::And(all), true) | (Op::Or(all), false) => all.iter().for_each(|one| self.decide(one, holds)),
            (Op::Not(inner), _) => self.decide(inner, !holds),
            _ => self.decided.push((condition.clone(), holds)),
        }
    }
}

/// A value that is compared with a constant, and whether it is to be equal.
fn equality(condition: &Expr) -> Option<(&Expr, &Const, bool)> {
    let Op::Compare(compare @ (Compare::Equal | Compare::NotEqual), a, b) = &condition.op else { return None };
    let equal = *compare == Compare::Equal;
    match (&a.op, &b.op) {
        (_, Op::Const(constant)) => Some((a, constant, equal)),
        (Op::Const(constant), _) => Some((b, constant, equal)),
        _ => None,
    }
}

/// Whether two steps are the same, so that they give the same value. `bound`: locals that stand for each other.
fn same(a: &Expr, b: &Expr, bound: &mut Vec<(u16, u16)>) -> bool {
    let mut all = |a: &[Expr], b: &[Expr]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, bound));
    match (&a.op, &b.op) {
        (Op::Const(a), Op::Const(b)) => a == b,
        (Op::Local(a), Op::Local(b)) => a == b || bound.contains(&(*a, *b)),
        (Op::AsOf, Op::AsOf) => true,
        (Op::Zone(a), Op::Zone(b)) => a == b,
        (Op::Parameter(a), Op::Parameter(b)) => a == b,
        (Op::Field(a, _, x), Op::Field(b, _, y)) => x == y && same(a, b, bound),
        (Op::One(a, _, x), Op::One(b, _, y)) | (Op::Many(a, _, x), Op::Many(b, _, y)) => x == y && same(a, b, bound),
        (Op::Fact(a, x, given), Op::Fact(b, y, others)) => x == y && all(given, others) && same(a, b, bound),
        (Op::IfPresent(a, x, then), Op::IfPresent(b, y, other)) => {
            if !same(a, b, bound) {
                return false;
            }
            bound.push((*x, *y));
            same(then, other, bound)
        }
        (Op::ActiveOn(a, _, x), Op::ActiveOn(b, _, y)) => same(a, b, bound) && same(x, y, bound),
        (Op::Not(a), Op::Not(b)) => same(a, b, bound),
        (Op::And(a), Op::And(b)) | (Op::Or(a), Op::Or(b)) | (Op::Coalesce(a), Op::Coalesce(b)) => all(a, b),
        (Op::Compare(x, a, c), Op::Compare(y, b, d)) => x == y && same(a, b, bound) && same(c, d, bound),
        (Op::Arithmetic(x, a, c), Op::Arithmetic(y, b, d)) => x == y && same(a, b, bound) && same(c, d, bound),
        (Op::OneOf(a, x), Op::OneOf(b, y)) => x == y && same(a, b, bound),
        (Op::InList(a, x), Op::InList(b, y)) => same(a, b, bound) && same(x, y, bound),
        (Op::Call(x, a), Op::Call(y, b)) => x == y && all(a, b),
        (Op::Lookup(x, a), Op::Lookup(y, b)) => x == y && same(a, b, bound),
        _ => false,
    }
}
