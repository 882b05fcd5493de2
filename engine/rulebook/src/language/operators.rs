//! Comparisons and arithmetic.

use problem::{Problem, code};
use rhai::{Expr as Tree, Position};

use super::{Compiler, Result, Stop};
use crate::plan::{Arithmetic, Compare, Const, Expr, Op};
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    pub(super) fn operator(&mut self, name: &str, arguments: &[Tree], position: Position) -> Option<Result<Expr>> {
        let compare = match name {
            "==" => Some(Compare::Equal),
            "!=" => Some(Compare::NotEqual),
            "<" => Some(Compare::Less),
            "<=" => Some(Compare::LessOrEqual),
            ">" => Some(Compare::Greater),
            ">=" => Some(Compare::GreaterOrEqual),
            _ => None,
        };
        if let Err(stop) = self.check_order(name, arguments, position) {
            return Some(Err(stop));
        }
        if let (Some(compare), [left, right]) = (compare, arguments) {
            return Some(self.compare(compare, left, right, position));
        }
        match (name, arguments) {
            ("!", [operand]) => Some(self.bool_operand(operand).map(|expr| {
                let at = expr.at;
                Self::make(Op::Not(Box::new(expr)), Type::of(Kind::Bool), at)
            })),
            ("-", [operand]) => Some(self.negate(operand, position)),
            ("+" | "-" | "*" | "/" | "%", [left, right]) => Some(self.arithmetic(name, left, right, position)),
            _ => None,
        }
    }

    pub(super) fn negate(&mut self, operand: &Tree, position: Position) -> Result<Expr> {
        let expr = self.lower(operand)?;
        let at = self.at(position);
        match expr.op {
            Op::Const(Const::Int(number)) if number != i64::MIN => {
                Ok(Self::make(Op::Const(Const::Int(-number)), expr.ty, at))
            }
            Op::Const(Const::Decimal(number)) => Ok(Self::make(Op::Const(Const::Decimal(-number)), expr.ty, at)),
            _ => {
                let zero = Self::make(Op::Const(Const::Int(0)), Type::of(Kind::Int), at);
                self.arithmetic_of("-", zero, expr, operand, operand, position)
            }
        }
    }

    pub(super) fn compare(&mut self, compare: Compare, left: &Tree, right: &Tree, position: Position) -> Result<Expr> {
        let (a, b) = (self.lower(left)?, self.lower(right)?);
        let at = a.at;
        let equality = matches!(compare, Compare::Equal | Compare::NotEqual);
        let comparable = a.ty.join(b.ty).is_some();
        if !comparable {
            let (x, y) = (self.words(a.ty), self.words(b.ty));
            let code = if equality { code::SILENT_COMPARISON } else { code::WRONG_TYPE };
            let stop =
                self.wrong(code, position, format!("{x} and {y} cannot be compared; the comparison is always false"));
            let stop = self.with_help(stop, "write both sides as the same type");
            return self.with_declarations(stop, &[&a, &b]);
        }
        if equality {
            self.check_equality(&a, &b, left, right, position)?;
        } else {
            for (expr, tree) in [(&a, left), (&b, right)] {
                if expr.ty.optional && expr.ty.kind != Kind::Any {
                    let stop = self.may_be_absent(tree, "test it with `!= ()` first, or write `??` with a default");
                    return self.with_declarations(stop, &[expr]);
                }
                let ordered = matches!(
                    expr.ty.kind,
                    Kind::Int | Kind::Decimal | Kind::Date | Kind::Time | Kind::DateTime | Kind::Text | Kind::Any
                );
                if !ordered {
                    let words = self.words(expr.ty);
                    let stop = self.wrong(code::WRONG_TYPE, tree.start_position(), format!("{words} has no order"));
                    return self.with_declarations(stop, &[expr]);
                }
            }
        }
        Ok(Self::make(Op::Compare(compare, Box::new(a), Box::new(b)), Type::of(Kind::Bool), at))
    }

    pub(super) fn arithmetic(&mut self, name: &str, left: &Tree, right: &Tree, position: Position) -> Result<Expr> {
        let (a, b) = (self.lower(left)?, self.lower(right)?);
        self.arithmetic_of(name, a, b, left, right, position)
    }

    pub(super) fn arithmetic_of(
        &mut self,
        name: &str,
        a: Expr,
        b: Expr,
        left: &Tree,
        right: &Tree,
        position: Position,
    ) -> Result<Expr> {
        for (expr, tree) in [(&a, left), (&b, right)] {
            if expr.ty.optional && expr.ty.kind != Kind::Any {
                let stop = self.may_be_absent(tree, "write `??` with a default, or test it with `!= ()` first");
                return self.with_declarations(stop, &[expr]);
            }
        }
        let at = a.at;
        let (kind, operation) = match (name, a.ty.kind, b.ty.kind) {
            ("+", Kind::Text, Kind::Text) => (Kind::Text, Arithmetic::Concatenate),
            ("+", Kind::Date, Kind::Int) => (Kind::Date, Arithmetic::AddDays),
            ("-", Kind::Date, Kind::Int) => (Kind::Date, Arithmetic::SubtractDays),
            ("-", Kind::Date, Kind::Date) => (Kind::Int, Arithmetic::DaysBetween),
            (_, Kind::Int | Kind::Decimal, Kind::Int | Kind::Decimal) => {
                let whole = a.ty.kind == Kind::Int && b.ty.kind == Kind::Int;
                let operation = match name {
                    "+" => Arithmetic::Add,
                    "-" => Arithmetic::Subtract,
                    "*" => Arithmetic::Multiply,
                    "/" => Arithmetic::Divide,
                    _ => Arithmetic::Remainder,
                };
                if whole && name == "/" {
                    let place = self.place(position, 1);
                    self.problems.push(
                        Problem::new(code::INTEGER_DIVISION, "both numbers are whole, so the rest is dropped")
                            .at(place)
                            .help("write one of them as a decimal: to_decimal(x)"),
                    );
                }
                (if whole { Kind::Int } else { Kind::Decimal }, operation)
            }
            (_, Kind::Any, _) | (_, _, Kind::Any) => return Err(Stop::Script),
            ("+", Kind::Text, _) | ("+", _, Kind::Text) if self.script.is_some() => return Err(Stop::Script),
            _ => {
                let (x, y) = (self.words(a.ty), self.words(b.ty));
                let stop = self.wrong(code::WRONG_TYPE, position, format!("`{name}` does not work on {x} and {y}"));
                let stop = self.with_help(stop, "to_text, parse_int and parse_decimal make one of the other");
                return self.with_declarations(stop, &[&a, &b]);
            }
        };
        if matches!(operation, Arithmetic::Divide | Arithmetic::Remainder) {
            self.check_divisor(right, &b, position)?;
        }
        let a = Self::divided(operation, a, &b, kind);
        Ok(Self::make(Op::Arithmetic(operation, Box::new(a), Box::new(b)), Type::of(kind), at))
    }
}
