//! What is kept of an instance.

use std::sync::Arc;

use problem::Problem;
use rulebook::plan::Plan;
use sif::prune::{Visibility, Visible};
use sif::query::{Comparable, Condition};
use sif::tree::{Element, Names, Tree};

use super::columns::cell;
use super::shape::{Shape, Side};
use crate::mapping::{Given, Position, Take};

/// An instance, as far as a query looks at it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub position: Position,
    /// For each condition of the query whether it holds of the instance; of other objects' conditions it does not.
    pub holds: Vec<bool>,
    /// For each side of a join the values; none of other objects' sides.
    pub sides: Vec<Vec<Comparable>>,
    /// For each order the value.
    pub order: Vec<Option<Comparable>>,
    /// For each column the cell; empty where the column is another object's.
    pub cells: Vec<String>,
}

impl Kept {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let cells: usize = self.cells.iter().map(String::len).sum();
        let values = self.sides.iter().map(Vec::len).sum::<usize>() + self.order.len();
        size_of::<Self>() + cells + self.cells.len() * size_of::<String>() + values * 48 + self.holds.len()
    }
}

/// Keeps what a query looks at of the instances that may be in its rows.
pub(super) struct Keeping<'q> {
    shape: &'q Shape<'q>,
    visible: Vec<Option<&'q Visible>>,
    names: Arc<Names>,
}

impl<'q> Keeping<'q> {
    pub(super) fn new(shape: &'q Shape<'q>, plan: &Plan, visibility: &'q Visibility) -> Self {
        let mut names = Names::clone(&plan.names);
        names.intern("C");
        let visible = shape.objects.iter().map(|object| visibility.of(object)).collect();
        Self { shape, visible, names: Arc::new(names) }
    }

    /// What is kept of an instance that stands whole in `whole`, and as it may be seen in `seen`.
    pub(super) fn keep(&self, object: usize, position: Position, whole: Element<'_>, seen: Element<'_>) -> Kept {
        let shape = self.shape;
        let is_own = |of: usize| of == object;
        Kept {
            position,
            holds: shape.conditions.iter().map(|(of, condition)| is_own(*of) && condition.holds(whole)).collect(),
            sides: shape
                .sides
                .iter()
                .map(|side| if is_own(side.object) { values(side, whole) } else { vec![] })
                .collect(),
            order: shape
                .order
                .iter()
                .map(|(side, _)| if is_own(side.object) { values(side, whole).into_iter().next() } else { None })
                .collect(),
            cells: shape
                .columns
                .iter()
                .map(|column| if is_own(column.object) { cell(column, seen, &self.names) } else { String::new() })
                .collect(),
        }
    }

    /// Whether an instance may be in a row at all.
    pub(super) fn may_be_in_a_row(&self, object: usize, whole: Element<'_>) -> bool {
        let holds = |(of, condition): &(usize, &Condition)| *of != object || condition.holds(whole);
        self.shape.required.iter().all(holds)
    }
}

impl Take for Keeping<'_> {
    type Kept = Vec<Kept>;

    fn take(&self, given: &Given<'_, '_>, kept: &mut Vec<Kept>, _: &mut Vec<Problem>) {
        let whole = given.instance.tree;
        let Some(root) = whole.root().filter(|root| self.may_be_in_a_row(given.object, *root)) else { return };
        let mut pruned = Tree::new(Arc::clone(whole.names()));
        if let Some(visible) = self.visible.get(given.object).copied().flatten() {
            visible.prune_element(root, &mut pruned);
        }
        let seen = pruned.root().unwrap_or(root);
        kept.push(self.keep(given.object, given.position(), root, seen));
    }
}

/// The values at a side; what is not of its type is equal to nothing.
fn values(side: &Side<'_>, instance: Element<'_>) -> Vec<Comparable> {
    side.path.values(instance).iter().filter_map(|value| side.comparison.read(value)).collect()
}
