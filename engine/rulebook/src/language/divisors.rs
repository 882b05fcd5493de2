//! Division: a divisor must be known to be other than zero.

use graph::Decimal;
use problem::{Problem, code};
use rhai::{Expr as Tree, Position};

use super::brackets::starts_at;
use super::narrowing::{number_of, path_of};
use super::{Compiler, Result, Stop};
use crate::functions::Native;
use crate::plan::{Arithmetic, Const, Expr, Op, Statement};
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    pub(super) fn check_divisor(&mut self, tree: &Tree, expr: &Expr, position: Position) -> Result<()> {
        if self.is_not_zero(tree, Some(expr)) {
            return Ok(());
        }
        self.may_be_zero(tree, position)
    }

    pub(super) fn may_be_zero(&mut self, tree: &Tree, position: Position) -> Result<()> {
        let place = if starts_at(tree).is_none() { self.place(position, 0) } else { self.place_of(tree) };
        let problem = if number_of(tree).is_some() {
            Problem::new(code::MAY_BE_ZERO, "nothing can be divided by zero")
        } else {
            let what = path_of(tree).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
            let test = path_of(tree).map_or_else(
                || "give it a name with `let`, and test that: `if divisor == 0 { return (); }`".to_owned(),
                |path| format!("test it before: `if {path} == 0 {{ return (); }}`"),
            );
            Problem::new(code::MAY_BE_ZERO, format!("{what} may be zero here, and nothing can be divided by zero"))
                .help(test)
        };
        self.problems.push(problem.at(place));
        Err(Stop::Wrong)
    }

    /// Whether a divisor is other than zero whatever the source holds.
    pub(super) fn is_not_zero(&self, tree: &Tree, expr: Option<&Expr>) -> bool {
        if let Some(number) = number_of(tree) {
            return !number.is_zero();
        }
        if path_of(tree).is_some_and(|path| self.known.is_not_zero(&path) && !self.is_shared(&path)) {
            return true;
        }
        if let Some(Op::Parameter(parameter)) = expr.map(|expr| &expr.op) {
            let values = &self.context.parameters[*parameter].values;
            return !values.is_empty()
                && values.iter().all(|dated| match &dated.value {
                    Const::Int(number) => *number != 0,
                    Const::Decimal(number) => !number.is_zero(),
                    _ => false,
                });
        }
        match tree {
            Tree::FnCall(call, _) => match (call.name.as_str(), &call.args[..]) {
                ("to_decimal" | "-", [inner]) => self.is_not_zero(inner, None),
                ("greatest", all) => all.iter().any(|one| number_of(one).is_some_and(|number| number > Decimal::ZERO)),
                _ => false,
            },
            _ => false,
        }
    }

    /// A division whose result is declared a decimal number is one, also where both sides happen to be whole.
    pub(super) fn divided(operation: Arithmetic, a: Expr, b: &Expr, kind: Kind) -> Expr {
        if operation != Arithmetic::Divide || kind != Kind::Decimal || is_decimal(&a) || is_decimal(b) {
            return a;
        }
        let (ty, at) = (Type::of(Kind::Decimal), a.at);
        Self::make(Op::Call(Native::ToDecimal, vec![a]), ty, at)
    }
}

/// Whether the value is a decimal number in any case, and not a whole one that stands for it.
fn is_decimal(expr: &Expr) -> bool {
    match &expr.op {
        Op::Const(Const::Decimal(_)) => true,
        Op::Field(..) => expr.ty.kind == Kind::Decimal,
        Op::Parameter(_) => expr.ty.kind == Kind::Decimal,
        Op::Call(native, arguments) => match native {
            Native::ToDecimal | Native::ParseDecimal | Native::WeightedMean => true,
            Native::RoundHalfUp => arguments.len() == 2,
            _ => false,
        },
        Op::Arithmetic(_, a, b) => is_decimal(a) || is_decimal(b),
        Op::If(_, then, otherwise) => is_decimal(then) && is_decimal(otherwise),
        Op::Coalesce(all) => all.iter().all(is_decimal),
        Op::Block(statements) => {
            matches!(statements.last(), Some(Statement::Expr(last)) if is_decimal(last))
        }
        _ => false,
    }
}
