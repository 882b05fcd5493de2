//! What the rule language's own library can do with values whose type is known. A rule that uses it is a script.

use problem::{Problem, code};
use rhai::{ASTFlags, Expr as Tree, Position};

use super::brackets::starts_at;
use super::calls::is_library_function;
use super::{At, Compiler, Result, Stop};
use crate::functions::FUNCTIONS;
use crate::plan::{Const, Expr, Op};
use crate::types::{Kind, Type};

/// Functions of texts.
const OF_TEXTS: &[&str] = &[
    "len",
    "is_empty",
    "contains",
    "split",
    "to_upper",
    "to_lower",
    "sub_string",
    "index_of",
    "starts_with",
    "ends_with",
    "replace",
    "chars",
    "crop",
    "pad",
    "truncate",
    "chop",
    "remove",
    "clear",
    "pop",
    "to_string",
    "type_of",
];
/// Functions of numbers.
const OF_NUMBERS: &[&str] = &[
    "abs",
    "sign",
    "round",
    "floor",
    "ceiling",
    "to_int",
    "to_string",
    "min",
    "max",
    "is_odd",
    "is_even",
    "type_of",
    "range",
];

/// Whether the library has this function for a value of this kind.
pub(super) fn library_has(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Any => true,
        Kind::Text => OF_TEXTS.contains(&name),
        Kind::Int | Kind::Decimal => OF_NUMBERS.contains(&name),
        Kind::Bool => matches!(name, "to_string" | "type_of"),
        _ => name == "type_of",
    }
}

impl Compiler<'_, '_> {
    /// Whether the library has this function for a value of this type.
    pub(super) fn check_library(
        &mut self,
        receiver: Type,
        tree: Option<&Tree>,
        name: &str,
        position: Position,
    ) -> Result<()> {
        if !library_has(receiver.kind, name) {
            let words = self.words(receiver);
            let place = self.place(position, name.chars().count());
            let help = match receiver.kind {
                Kind::Rows(_) => "go through the rows with `for`, or let a fact of graph.yaml select them",
                _ => "take a function that works on it",
            };
            let problem = Problem::new(code::UNKNOWN_FUNCTION, format!("`{name}` does not work on {words}"));
            self.problems.push(problem.at(place).help(help));
            return Err(Stop::Wrong);
        }
        if receiver.optional
            && let Some(tree) = tree
        {
            return self
                .may_be_absent(tree, "write `?.` to go on only when it is there, or test it with `!= ()` first");
        }
        Ok(())
    }

    /// What follows a value and a dot, step by step as far as its type is known.
    pub(super) fn look_along(&mut self, receiver: Type, value: &Tree, follows: &Tree, safe: bool) {
        let (first, rest) = match follows {
            Tree::Dot(dot, flags, _) => (&dot.lhs, Some((&dot.rhs, flags.intersects(ASTFlags::NEGATED)))),
            only => (only, None),
        };
        if receiver.kind == Kind::Any {
            return self.look_right_of_dot(follows);
        }
        if let Tree::MethodCall(call, position) = first
            && is_library_function(&call.name)
            && self.function_called(&call.name).is_none()
            && !FUNCTIONS.iter().any(|function| function.name == call.name.as_str())
        {
            let receiver = if safe { receiver.present() } else { receiver };
            // It has been reported; there is nothing to stop.
            let _: Result<()> = self.check_library(receiver, Some(value), &call.name, *position);
            return self.look_right_of_dot(follows);
        }
        let start = Expr { op: Op::Const(Const::Absent), ty: receiver, at: At::default() };
        let position = starts_at(value);
        let next = self.steps_or_none(|compiler| compiler.chain(start, None, position, first, safe));
        match (next, rest) {
            (Some(next), Some((rest, safe))) => self.look_along(next, value, rest, safe),
            (None, _) => self.look_right_of_dot(follows),
            (Some(_), None) => {}
        }
    }
}
