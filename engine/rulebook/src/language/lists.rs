//! Lists and closures of scripts: what the items of a list are, and so what a closure that goes through them is given.

use rhai::{ASTFlags, Expr as Tree, FnCallExpr, FnPtr, Position, Stmt};

use super::scripts::LEFT;
use super::{At, Compiler};
use crate::plan::{Const, Expr, Op};
use crate::types::{Kind, Type};

/// Functions of lists that give a list of the same items.
const SAME_ITEMS: [&str; 5] = ["filter", "drain", "retain", "extract", "split"];
/// Functions of lists that give one of the items, or nothing.
const AN_ITEM: [&str; 3] = ["find", "pop", "shift"];

impl Compiler<'_, '_> {
    /// What the items of a list are; none if it is no list, or one of unknown items. Reports nothing.
    pub(super) fn items_of(&mut self, tree: &Tree) -> Option<Type> {
        let before = self.problems.len();
        let items = self.items_inside(tree);
        self.problems.truncate(before);
        items.filter(|items| items.kind != Kind::Any)
    }

    fn items_inside(&mut self, tree: &Tree) -> Option<Type> {
        match tree {
            Tree::Variable(variable, ..) => self.script.as_ref()?.items_held(&variable.1),
            Tree::Array(items, _) => {
                let mut joined = LEFT;
                for item in items.iter() {
                    let ty = self.look_at(item);
                    joined = joined.join(ty)?;
                }
                Some(joined)
            }
            Tree::Dot(dot, ..) => {
                let items = self.items_inside(&dot.lhs)?;
                match &dot.rhs {
                    Tree::MethodCall(call, _) => self.items_after(items, call),
                    Tree::Dot(inner, ..) => match (&inner.lhs, &inner.rhs) {
                        (Tree::MethodCall(first, _), Tree::MethodCall(second, _)) => {
                            self.items_after(items, first).and_then(|items| self.items_after(items, second))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The items of the list that a function of a list gives.
    fn items_after(&mut self, items: Type, call: &FnCallExpr) -> Option<Type> {
        match call.name.as_str() {
            name if SAME_ITEMS.contains(&name) => Some(items),
            "map" => call.args.first().and_then(|closure| self.look_at_closure(closure, &[items])),
            _ => None,
        }
    }

    /// What follows a list and a dot.
    pub(super) fn look_along_list(&mut self, items: Type, tree: &Tree) -> Type {
        match tree {
            Tree::MethodCall(call, _) => self.look_at_list_call(items, call),
            Tree::Dot(dot, ..) => {
                let Tree::MethodCall(call, _) = &dot.lhs else {
                    self.look_right_of_dot(tree);
                    return Type::ANY;
                };
                self.look_at_list_call(items, call);
                let before = self.problems.len();
                let after = self.items_after(items, call);
                // The closure has been looked at.
                self.problems.truncate(before);
                match after {
                    Some(items) => self.look_along_list(items, &dot.rhs),
                    None => {
                        self.look_right_of_dot(&dot.rhs);
                        Type::ANY
                    }
                }
            }
            _ => {
                self.look_right_of_dot(tree);
                Type::ANY
            }
        }
    }

    /// A function of a list: its closure is given the items. What it gives.
    fn look_at_list_call(&mut self, items: Type, call: &FnCallExpr) -> Type {
        for argument in &call.args {
            let given: &[Type] = match call.name.as_str() {
                "filter" | "map" | "some" | "all" | "find" | "for_each" | "retain" | "drain" | "index_of" => &[items],
                "sort" => &[items, items],
                _ => &[],
            };
            if self.look_at_closure(argument, given).is_none() {
                self.look_at(argument);
            }
        }
        match call.name.as_str() {
            name if AN_ITEM.contains(&name) => items.or_absent(true),
            "len" | "index_of" => Type::of(Kind::Int),
            "some" | "all" | "contains" | "is_empty" => Type::of(Kind::Bool),
            _ => Type::ANY,
        }
    }

    /// A closure that is given values of these types. What it gives; none if it is no closure.
    pub(super) fn look_at_closure(&mut self, tree: &Tree, given: &[Type]) -> Option<Type> {
        let name = closure_name(tree)?;
        let (parameters, body) = self.script.as_ref()?.closure(&name)?;
        let captured = captured(tree);
        let (names, known, decided) = (self.scope.mark(), self.known.mark(), self.decided.len());
        for (at, parameter) in parameters.iter().skip(captured).enumerate() {
            let ty = given.get(at).copied().unwrap_or(Type::ANY);
            let ty = self.type_of_variable(parameter, ty);
            self.scope.bind(parameter, ty);
            self.known.renew(parameter);
        }
        let returned = std::mem::take(&mut self.returned);
        let mut ty = self.look_at_statements(&body);
        for own in std::mem::replace(&mut self.returned, returned) {
            ty = ty.join(own).unwrap_or(Type::ANY);
        }
        self.scope.back_to(names);
        self.known.back_to(known);
        self.decided.truncate(decided);
        Some(ty)
    }

    /// An item of a list, and what is read of it: `list[0].name`.
    pub(super) fn look_at_item(&mut self, items: Type, index: &Tree, ends: ASTFlags, position: Position) -> Type {
        let (Tree::Dot(dot, flags, _), false) = (index, ends.contains(ASTFlags::BREAK)) else {
            self.look_at(index);
            return items;
        };
        self.look_at(&dot.lhs);
        let item = Expr { op: Op::Const(Const::Absent), ty: items, at: At::default() };
        let safe = flags.intersects(ASTFlags::NEGATED);
        let steps = self.steps_or_none(|compiler| compiler.chain(item, None, position, &dot.rhs, safe));
        steps.unwrap_or_else(|| {
            self.look_right_of_dot(&dot.rhs);
            Type::ANY
        })
    }
}

/// The name that the parser has given to a closure.
fn closure_name(tree: &Tree) -> Option<String> {
    match tree {
        Tree::DynamicConstant(value, _) => value.read_lock::<FnPtr>().map(|closure| closure.fn_name().to_owned()),
        Tree::FnCall(call, _) if call.name == "curry" => call.args.first().and_then(closure_name),
        Tree::Stmt(block) => match block.statements().last()? {
            Stmt::Expr(tree) => closure_name(tree),
            Stmt::FnCall(call, _) if call.name == "curry" => call.args.first().and_then(closure_name),
            _ => None,
        },
        _ => None,
    }
}

/// How many variables around it a closure reads: they are its first parameters, and keep their names.
fn captured(tree: &Tree) -> usize {
    match tree {
        Tree::FnCall(call, _) if call.name == "curry" => call.args.len() - 1,
        Tree::Stmt(block) => match block.statements().last() {
            Some(Stmt::Expr(tree)) => captured(tree),
            Some(Stmt::FnCall(call, _)) if call.name == "curry" => call.args.len() - 1,
            _ => 0,
        },
        _ => 0,
    }
}
