//! What is known of values where an expression stands: after `x != ()`, the value at `x` is there; after `x != 0`, it may be
//! divided by.

use graph::Decimal;
use rhai::Expr as Tree;

/// What may be known of the value at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knowledge {
    /// It is there.
    Present,
    /// It is not zero.
    NotZero,
    /// The name stands for something new, of which nothing is known yet.
    Fresh,
}

/// What is known of the values at paths, innermost last.
#[derive(Clone, Debug, Default)]
pub struct Known {
    entries: Vec<(Knowledge, String)>,
}

impl Known {
    /// How much is known, to come back to.
    pub const fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Forgets what was learnt since.
    pub fn back_to(&mut self, mark: usize) {
        self.entries.truncate(mark);
    }

    /// Whether the value at a path is known to be there.
    pub fn is_present(&self, path: &str) -> bool {
        self.knows(Knowledge::Present, path)
    }

    /// Whether the value at a path is known to be other than zero.
    pub fn is_not_zero(&self, path: &str) -> bool {
        self.knows(Knowledge::NotZero, path)
    }

    fn knows(&self, knowledge: Knowledge, path: &str) -> bool {
        for (known, of) in self.entries.iter().rev() {
            if *known == Knowledge::Fresh {
                if path == of || path.strip_prefix(of.as_str()).is_some_and(|rest| rest.starts_with('.')) {
                    return false;
                }
            } else if *known == knowledge && of == path {
                return true;
            }
        }
        false
    }

    /// The name stands for another value from here on.
    pub fn renew(&mut self, name: &str) {
        self.entries.push((Knowledge::Fresh, name.to_owned()));
    }

    /// Learns from a condition that is known to hold, or not to.
    pub fn learn(&mut self, condition: &Tree, holds: bool) {
        match condition {
            Tree::And(operands, _) if holds => operands.iter().for_each(|operand| self.learn(operand, true)),
            Tree::Or(operands, _) if !holds => operands.iter().for_each(|operand| self.learn(operand, false)),
            Tree::FnCall(call, _) => match (call.name.as_str(), &call.args[..]) {
                ("!", [operand]) => self.learn(operand, !holds),
                (name, [left, right]) => {
                    self.learn_comparison(name, left, right, holds);
                    self.learn_comparison(turned(name), right, left, holds);
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn learn_comparison(&mut self, name: &str, value: &Tree, other: &Tree, holds: bool) {
        let equal = matches!((name, holds), ("==", true) | ("!=", false));
        let unequal = matches!((name, holds), ("==", false) | ("!=", true));
        // What equals a constant is there, and so is what is not nothing.
        if (equal && is_constant(other)) || (unequal && matches!(other, Tree::Unit(_))) {
            self.learn_path(value);
        }
        if let (Some(path), Some(number)) = (path_of(value), number_of(other))
            && excludes_zero(name, holds, number)
        {
            self.entries.push((Knowledge::NotZero, path));
        }
    }

    /// Learns that the value at a path is there.
    pub fn learn_path(&mut self, tree: &Tree) {
        if let Some(path) = path_of(tree) {
            self.add(&path);
        }
    }

    /// If the end of a path is there, so is everything on the way.
    fn add(&mut self, path: &str) {
        let mut end = path.len();
        loop {
            self.entries.push((Knowledge::Present, path[..end].to_owned()));
            match path[..end].rfind('.') {
                Some(dot) => end = dot,
                None => break,
            }
        }
    }
}

/// The comparison with its sides exchanged.
fn turned(name: &str) -> &str {
    match name {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// Whether a value that compares so with a number cannot be zero.
fn excludes_zero(name: &str, holds: bool, number: Decimal) -> bool {
    let (zero, below, above) = (number.is_zero(), number < Decimal::ZERO, number > Decimal::ZERO);
    match (name, holds) {
        ("==", true) | ("!=", false) => !zero,
        ("!=", true) | ("==", false) => zero,
        (">", true) | ("<=", false) => zero || above,
        (">=", true) | ("<", false) => above,
        ("<", true) | (">=", false) => zero || below,
        ("<=", true) | (">", false) => below,
        _ => false,
    }
}

/// The number that is written here, if it is one.
pub(super) fn number_of(tree: &Tree) -> Option<Decimal> {
    match tree {
        Tree::IntegerConstant(number, _) => Some(Decimal::from(*number)),
        Tree::DynamicConstant(value, _) => value.as_decimal().ok(),
        Tree::FnCall(call, _) if call.name == "-" => match &call.args[..] {
            [operand] => number_of(operand).map(|number| -number),
            _ => None,
        },
        _ => None,
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
        Tree::Dot(dot, ..) => Some(format!("{}.{}", path_of(&dot.lhs)?, path_of(&dot.rhs)?)),
        _ => None,
    }
}
