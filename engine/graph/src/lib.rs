//! The student graph: entities, their fields and how they join; rows in columns; nothing of SIF, SQL or the rule language.
//!
//! * [`schema`]: what `objects/graph.yaml` declares, checked.
//! * [`cell`]: one value of the source, and how text becomes one.
//! * [`table`]: the rows of one entity, in columns.
//! * [`store`]: tables joined into a [`Graph`]; a [`Row`] is an entity and an index.
//! * [`days`]: sets of dates with counts, such as the instructional days of a calendar.
#![forbid(unsafe_code)]

pub mod cell;
pub mod days;
pub mod schema;
pub mod store;
pub mod table;

pub use cell::{BadValue, Cell, DateTime, Time};
pub use chrono::NaiveDate as Date;
pub use days::Days;
pub use rust_decimal::Decimal;
pub use schema::{
    Entity, EntityId, Field, FieldId, FieldType, Order, Period, ReadSet, Relation, RelationId, Schema, Scope, Source,
};
pub use store::{Graph, LinkProblem, Row};
pub use table::{Table, TableBuilder};
