//! What can be wrong with a row, in a form small enough to keep by the million, and the problems made of it.

use std::collections::HashSet;
use std::sync::Arc;

use graph::{EntityId, FieldId, LinkProblem, Schema, Source};
use problem::{Problem, code};

/// What is wrong with a row or one of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// The row has no key.
    NoKey,
    /// Another row has the same key.
    KeyTwice,
    /// The cell is no value of its type.
    BadValue,
    /// The cell must not be empty.
    Empty,
    /// The cell is not UTF-8.
    BadText,
    /// Another row has the same value in a column where no two may.
    ValueTwice,
    /// The row that the cell refers to does not exist.
    Dangling,
}

/// Something wrong with a row. Ordered, so that problems come in the same order whatever the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowFault {
    pub entity: EntityId,
    pub key: Option<i64>,
    pub field: FieldId,
    pub fault: Fault,
}

impl RowFault {
    /// The faults of references that the graph could not follow. A group's row stands for rows of the entity that it groups.
    pub(crate) fn of_links(schema: &Schema, links: &[LinkProblem]) -> impl Iterator<Item = Self> {
        links.iter().filter_map(|link| Self::of_link(schema, link))
    }

    fn of_link(schema: &Schema, link: &LinkProblem) -> Option<Self> {
        let entity = &schema[link.entity];
        let key = entity.key;
        let relation = &entity[link.relation];
        let field = relation.by.first().map_or(key, |(own, _)| *own);
        if relation.optional && field == key {
            // The other row has this row's own key, if it is there at all: a person need not have a row of contacts.
            return None;
        }
        let (entity, field) = match &entity.source {
            Source::Table(_) => (link.entity, field),
            Source::Group { of, .. } => (*of, schema[*of].field(&entity[field].name).unwrap_or(schema[*of].key)),
        };
        Some(Self { entity, key: Some(link.key), field, fault: Fault::Dangling })
    }

    fn problem(&self, schema: &Schema) -> Problem {
        let entity = &schema[self.entity];
        let table = entity.table_name();
        let column = &entity[self.field].column;
        let (code, message) = match self.fault {
            Fault::NoKey => (code::NO_KEY, format!("a row of `{table}` has no whole number in `{column}`, its key")),
            Fault::KeyTwice => {
                (code::DUPLICATE_KEY, format!("several rows of `{table}` have this `{column}`, its key"))
            }
            Fault::BadValue => {
                (code::BAD_VALUE, format!("`{column}` holds no value of type {}", entity[self.field].field_type.word()))
            }
            Fault::Empty => (code::BAD_VALUE, format!("`{column}` is empty, and must not be")),
            Fault::BadText => (code::BAD_TEXT, format!("`{column}` holds bytes that are not UTF-8 text")),
            Fault::ValueTwice => {
                (code::DUPLICATE_KEY, format!("another row of `{table}` has the same `{column}`, which must differ"))
            }
            Fault::Dangling => (code::DANGLING, format!("`{column}` refers to a row that does not exist")),
        };
        let mut problem = Problem::new(code, message);
        problem.subject.table = Some(table.into());
        problem.subject.row = self.key.map(|key| key.to_string());
        problem.subject.column = Some(Arc::from(column.as_str()));
        problem
    }
}

/// The faults as problems, in order. A table that several entities read, and a reference that both the loader and the graph
/// found wrong, give one problem each; what was `told` gives none.
pub(crate) fn problems(schema: &Schema, mut faults: Vec<RowFault>, told: &[RowFault]) -> Vec<Problem> {
    faults.sort_unstable();
    let seen_as = |fault: &RowFault| {
        let entity = &schema[fault.entity];
        (entity.table_name(), fault.key, &entity[fault.field].column, fault.fault)
    };
    let mut seen: HashSet<_> = told.iter().map(seen_as).collect();
    faults.retain(|fault| fault.key.is_none() || seen.insert(seen_as(fault)));
    faults.iter().map(|fault| fault.problem(schema)).collect()
}
