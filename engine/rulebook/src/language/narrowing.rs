//! What is known to be present: after `x != ()`, the value at `x` is there.

use rhai::{ASTFlags, Expr as Tree};

/// The paths that are known to be present, innermost last.
#[derive(Clone, Debug, Default)]
pub struct Known {
    present: Vec<String>,
}

impl Known {
    /// How much is known, to come back to.
    pub const fn mark(&self) -> usize {
        self.present.len()
    }

    /// Forgets what was learnt since.
    pub fn back_to(&mut self, mark: usize) {
        self.present.truncate(mark);
    }

    /// Whether the value at a path is known to be there.
    pub fn is_present(&self, path: &str) -> bool {
        self.present.iter().any(|known| known == path)
    }

    /// Learns from a condition that is known to hold, or not to.
    pub fn learn(&mut self, condition: &Tree, holds: bool) {
        match condition {
            Tree::And(operands, _) if holds => operands.iter().for_each(|operand| self.learn(operand, true)),
            Tree::Or(operands, _) if !holds => operands.iter().for_each(|operand| self.learn(operand, false)),
            Tree::FnCall(call, _) => match (call.name.as_str(), &call.args[..]) {
                ("!", [operand]) => self.learn(operand, !holds),
                ("!=", [left, right]) if holds => self.learn_from_unit(left, right),
                ("==", [left, right]) if !holds => self.learn_from_unit(left, right),
                // What equals a constant is there.
                ("==", [left, right]) if holds => {
                    for (value, other) in [(left, right), (right, left)] {
                        if is_constant(other)
                            && let Some(path) = path_of(value)
                        {
                            self.add(&path);
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Learns that the value at a path is there.
    pub fn learn_path(&mut self, tree: &Tree) {
        if let Some(path) = path_of(tree) {
            self.add(&path);
        }
    }

    fn learn_from_unit(&mut self, left: &Tree, right: &Tree) {
        for (value, other) in [(left, right), (right, left)] {
            if matches!(other, Tree::Unit(_))
                && let Some(path) = path_of(value)
            {
                self.add(&path);
            }
        }
    }

    /// If the end of a path is there, so is everything on the way.
    fn add(&mut self, path: &str) {
        let mut end = path.len();
        loop {
            self.present.push(path[..end].to_owned());
            match path[..end].rfind('.') {
                Some(dot) => end = dot,
                None => break,
            }
        }
    }
}

const fn is_constant(tree: &Tree) -> bool {
    matches!(
        tree,
        Tree::BoolConstant(..) | Tree::IntegerConstant(..) | Tree::StringConstant(..) | Tree::DynamicConstant(..)
    )
}

/// `a.b.c` as text, if the expression is nothing but names and dots. `?.` counts as a dot: the path is the same.
pub fn path_of(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Variable(variable, ..) => Some(variable.1.to_string()),
        Tree::Property(property, _) => Some(property.2.to_string()),
        Tree::Dot(dot, flags, _) => {
            let _ = flags.contains(ASTFlags::NEGATED);
            Some(format!("{}.{}", path_of(&dot.lhs)?, path_of(&dot.rhs)?))
        }
        _ => None,
    }
}
