//! Typed reading of the graph. What is bad counts as absent: this program reports nothing.

use graph::{Cell, Date, Decimal, FieldId, Graph, RelationId, Row, Time};

pub trait Read {
    fn text(&self, row: Row, field: FieldId) -> Option<&str>;
    fn int(&self, row: Row, field: FieldId) -> Option<i64>;
    fn flag(&self, row: Row, field: FieldId) -> Option<bool>;
    fn date(&self, row: Row, field: FieldId) -> Option<Date>;
    fn time(&self, row: Row, field: FieldId) -> Option<Time>;
    fn decimal(&self, row: Row, field: FieldId) -> Option<Decimal>;
    fn linked(&self, row: Row, relation: RelationId) -> impl Iterator<Item = Row> + '_;

    /// Whether the flag is set.
    fn is(&self, row: Row, field: FieldId) -> bool {
        self.flag(row, field).unwrap_or(false)
    }
}

macro_rules! read {
    ($($name:ident $kind:ident $type:ty),*) => {
        $(fn $name(&self, row: Row, field: FieldId) -> Option<$type> {
            match self.cell(row, field) {
                Cell::$kind(value) => Some(value),
                _ => None,
            }
        })*
    };
}

impl Read for Graph {
    read!(text Text &str, int Int i64, flag Bool bool, date Date Date, time Time Time, decimal Decimal Decimal);

    fn linked(&self, row: Row, relation: RelationId) -> impl Iterator<Item = Row> + '_ {
        let entity = self.schema()[row.entity][relation].target;
        self.many(row, relation).iter().map(move |index| Row { entity, index: *index })
    }
}

/// When a row holds.
#[derive(Clone, Copy)]
pub struct Period {
    pub start: FieldId,
    pub end: FieldId,
    /// Whether a row without a start counts as started.
    pub open_start: bool,
}

impl Period {
    pub fn holds(&self, graph: &Graph, row: Row, date: Date) -> bool {
        graph.date(row, self.start).map_or(self.open_start, |start| start <= date)
            && graph.date(row, self.end).is_none_or(|end| end >= date)
    }
}
