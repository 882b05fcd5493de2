//! An instance as the mapper gives it, and what is kept of it.

use std::cell::OnceCell;

use graph::{Graph, Row, Scope};
use mapper::Instance;
use problem::Problem;
use rulebook::plan::ObjectPlan;
use serde::{Deserialize, Serialize};

/// Where an instance stands among all of its object: a total order that depends on neither batches nor threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The key of the student whose it is; 0 for the organisation's.
    pub owner: i64,
    /// Which of the object's variants made it.
    pub variant: u16,
    /// The primary key of its row.
    pub key: i64,
}

/// Keeps what is wanted of each instance, in the thread that mapped it.
pub trait Take: Sync {
    /// What is kept of the instances of one object and year of a piece.
    type Kept: Default + Send;

    /// Keeps what is wanted of an instance, in the order of the piece's rows; what is wrong with it goes to `problems`.
    fn take(&self, given: &Given<'_, '_>, kept: &mut Self::Kept, problems: &mut Vec<Problem>);
}

/// An instance, and where it comes from.
pub struct Given<'g, 't> {
    /// Which object, by its place in the run.
    pub object: usize,
    /// The object's plan, or that of its variant.
    pub plan: &'g ObjectPlan,
    /// The school year.
    pub school_year: i32,
    /// The instance, with its tree.
    pub instance: &'g Instance<'t>,
    pub(super) graph: &'g Graph,
    /// For each variant the owners of its rows, once somebody has asked.
    pub(super) owners: &'g [OnceCell<Vec<u32>>],
}

impl Given<'_, '_> {
    /// The source table of its row.
    #[must_use]
    pub fn table(&self) -> &str {
        self.graph.schema()[self.plan.entity].table_name()
    }

    /// Where the instance stands among all of its object.
    #[must_use]
    pub fn position(&self) -> Position {
        let Instance { variant, row, key, .. } = self.instance;
        Position { owner: self.owner(*row), variant: u16::try_from(*variant).unwrap_or(u16::MAX), key: *key }
    }

    /// The key of the student whose row it is.
    fn owner(&self, row: Row) -> i64 {
        let schema = self.graph.schema();
        if schema[row.entity].scope == Scope::Organisation {
            return 0;
        }
        let Some(owners) = self.owners.get(self.instance.variant) else { return 0 };
        let owners = owners.get_or_init(|| self.graph.owners(row.entity));
        let index = owners.get(row.index as usize).copied().unwrap_or(0);
        self.graph.key(Row { entity: schema.root(), index })
    }
}
