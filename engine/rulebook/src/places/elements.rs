//! Elements, and whether they may be left out.

use std::sync::Arc;

use super::{At, Outcome, Places, Spot, What};
use crate::plan::{AbsentPolicy, Const, Expr, Leaf, Node, ObjectPlan, Plan, TableCell, TableRow};

/// Adds the elements and attributes of an object.
pub(super) fn add(plan: &Plan, object: &ObjectPlan, places: &mut Places) {
    for node in object.nodes() {
        let is_root = std::ptr::eq(node, &object.root);
        let both = [Outcome::Sent, Outcome::NotSent];
        let outcomes = if !is_root && may_be_nothing(plan, node) { &both[..] } else { &both[..1] };
        let name = if is_root { object.label.to_string() } else { format!("{}/{}", object.label, node.path) };
        let at = At { line: node.place.line, column: node.place.column };
        // Elements that the schema needs and the definition does not mention share a place: each is one of its own.
        let what = What::Element;
        places.add_element(Spot::of_element(node), (&node.place.file, at, what), &name, outcomes);
    }
}

impl Places {
    fn add_element(&mut self, spot: Spot, key: (&Arc<str>, At, What), name: &str, outcomes: &[Outcome]) {
        let (file, at, what) = key;
        let same = self.known.get(&(Arc::clone(file), at, what)).is_none_or(|found| &*self.list[*found].name == name);
        if same {
            self.add(spot, file, at, what, name, outcomes);
            return;
        }
        self.list.push(super::Decision {
            file: Arc::clone(file),
            at,
            what,
            name: Arc::from(name),
            outcomes: outcomes.to_vec(),
        });
        for outcome in outcomes {
            self.found.insert((spot, *outcome), self.list.len() - 1);
        }
    }
}

/// Whether an element may have nothing in it.
fn may_be_nothing(plan: &Plan, node: &Node) -> bool {
    let leaf = node.leaf.as_ref().is_some_and(|leaf| may_lack_value(plan, node, leaf));
    if node.each.is_some() || leaf {
        return true;
    }
    if node.leaf.is_some() {
        return node.when.is_some() && !node.children.is_empty();
    }
    let elements: Vec<&Node> = node.children.iter().filter(|child| !child.attribute).collect();
    let rejected = node.may_be_left_out && node.children.iter().any(|child| rejects(plan, child));
    node.when.is_some()
        || rejected
        || (!elements.is_empty() && elements.iter().all(|child| !always_stands(child) && may_be_nothing(plan, child)))
}

/// Whether an element stands there even where it has no value: nil, or empty and never stripped.
fn always_stands(node: &Node) -> bool {
    let kept = node.leaf.as_ref().is_some_and(|leaf| match leaf.absent {
        AbsentPolicy::Nil => true,
        AbsentPolicy::Empty => !leaf.strippable,
        AbsentPolicy::Omit | AbsentPolicy::Reject => false,
    });
    kept && node.each.is_none() && node.when.is_none()
}

/// Whether the value of an element may be missing, with nothing to say instead.
fn may_lack_value(plan: &Plan, node: &Node, leaf: &Leaf) -> bool {
    if leaf.otherwise.is_some() {
        return false;
    }
    let mapped = leaf.codes.map(|set| &plan.value_sets[set]);
    let optional = match mapped {
        Some(set) => set.otherwise.is_none() || (leaf.ty.optional && set.blank.is_none()),
        None => leaf.ty.optional,
    };
    node.when.is_some() || optional
}

/// Whether a part takes with it what it is a part of.
fn rejects(plan: &Plan, node: &Node) -> bool {
    let own =
        node.leaf.as_ref().is_some_and(|leaf| leaf.absent == AbsentPolicy::Reject && may_lack_value(plan, node, leaf));
    own || (!node.may_be_left_out && node.children.iter().any(|child| rejects(plan, child)))
}

/// Whether there are inputs that no row of a table fits.
pub(super) fn may_fit_no_row(table: &Expr, rows: &[TableRow]) -> bool {
    let open = rows.iter().any(|row| row.cells.iter().all(|cell| *cell == TableCell::Any));
    table.ty.optional && !open && !rows.iter().any(|row| row.result == Const::Absent)
}
