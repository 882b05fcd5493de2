//! Assignments in scripts: what a variable holds after one.

use problem::code;
use rhai::{BinaryExpr, Expr as Tree, OpAssignment, Position};

use super::Compiler;
use crate::language::Result;
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    pub(super) fn look_at_assignment(&mut self, operation: &OpAssignment, sides: &BinaryExpr) {
        let Tree::Variable(variable, _, position) = &sides.lhs else {
            self.look_at(&sides.lhs);
            let ty = self.look_at(&sides.rhs);
            if let Tree::Index(index, ..) = &sides.lhs
                && let Tree::Variable(list, ..) = &index.lhs
            {
                self.put_into(&list.1, Some(ty));
            }
            return;
        };
        let name = variable.1.to_string();
        let before = self.look_at(&sides.lhs);
        let mut ty = self.look_at(&sides.rhs);
        let is_list = self.script.as_ref().is_some_and(|script| script.items.contains_key(&name));
        let other = self.items_of(&sides.rhs);
        if other.is_some() || (is_list && operator_of(operation).is_none()) {
            self.put_into(&name, other);
        } else if is_list {
            self.put_into(&name, Some(ty));
        }
        if let Some(operator) = operator_of(operation) {
            ty = self.look_at_step(operator, before, ty, sides, *position);
        }
        if let Some(script) = &mut self.script
            && !script.shared.contains(&name)
        {
            script.holds(&name, ty);
        }
        self.known.renew(&name);
        if operator_of(operation).is_none() && !ty.optional && ty.kind != Kind::Any {
            self.known.learn_path(&sides.lhs);
        }
    }

    /// `x += y` and the like: what `x` then holds.
    fn look_at_step(&mut self, operator: &str, a: Type, b: Type, sides: &BinaryExpr, position: Position) -> Type {
        let help = "write `??` with a default, or test it with `!= ()` first";
        for (ty, tree) in [(a, &sides.lhs), (b, &sides.rhs)] {
            // Nothing can be added to a text or a list, and changes neither.
            if !matches!(a.kind, Kind::Text | Kind::Any) {
                self.check_presence(ty, tree, help);
            }
        }
        if matches!(operator, "/" | "%") && !self.is_not_zero(&sides.rhs, None) {
            // It has been reported; there is nothing to stop.
            let _: Result<()> = self.may_be_zero(&sides.rhs, position);
        }
        let kind = match (operator, a.kind, b.kind) {
            (_, Kind::Any, _) | (_, _, Kind::Any) => return Type::ANY,
            ("+", Kind::Text, _) => Kind::Text,
            ("+" | "-", Kind::Date, Kind::Int) => Kind::Date,
            (_, Kind::Int, Kind::Int) => Kind::Int,
            (_, Kind::Int | Kind::Decimal, Kind::Int | Kind::Decimal) => Kind::Decimal,
            (_, Kind::Nothing, _) | (_, _, Kind::Nothing) => return Type::ANY,
            _ => {
                let (x, y) = (self.words(a), self.words(b));
                // It has been reported; there is nothing to stop.
                let _: Result<()> =
                    self.wrong(code::WRONG_TYPE, position, format!("`{operator}=` does not work on {x} and {y}"));
                return a;
            }
        };
        Type::of(kind)
    }
}

/// The operator of `x += y`; none of `x = y`.
fn operator_of(operation: &OpAssignment) -> Option<&'static str> {
    let (.., operator) = operation.get_op_assignment_info()?;
    Some(match operator {
        "+" => "+",
        "-" => "-",
        "*" => "*",
        "/" => "/",
        "%" => "%",
        _ => return None,
    })
}
