//! Finds a row by a value, for people who know a GUID or a number and not the key.

use graph::{Cell, EntityId, Field, FieldId, Schema};
use problem::{Problem, code};

use crate::census::guid;
use crate::database::{Cells, Sink};
use crate::names::resolve;
use crate::source::Source;
use crate::value;

/// The key of the row of `entity` whose `field` holds `value`; the lowest, if several do. GUIDs are the same whatever their case and
/// dashes.
///
/// # Errors
/// S201 if the source has no such table or column, S102 if reading fails.
pub fn find_key(
    source: &Source,
    schema: &Schema,
    entity: EntityId,
    field: FieldId,
    value: &str,
) -> Result<Option<i64>, Problem> {
    let declared = &schema[entity][field];
    let wanted = guid(value);
    let is_it = |cell: Cell<'_>| match cell {
        Cell::Text(text) => text == value || (wanted.is_some() && guid(text) == wanted),
        cell if !cell.is_absent() => Cell::parse(&declared.field_type, value) == Ok(cell),
        _ => false,
    };
    let found = find_numbers(source, schema, entity, schema[entity].key, (field, &is_it))?;
    Ok(found.into_iter().min())
}

/// What the rows of `entity` hold in the field `give`, a whole number, where the other field's value is wanted; in the order of
/// the source. A value that cannot be read is never wanted.
///
/// # Errors
/// S201 if the source has no such table or column, S102 if reading fails.
pub fn find_numbers(
    source: &Source,
    schema: &Schema,
    entity: EntityId,
    give: FieldId,
    (field, is_wanted): (FieldId, &dyn Fn(Cell<'_>) -> bool),
) -> Result<Vec<i64>, Problem> {
    let declared = &schema[entity];
    let mut database = source.database();
    let table = declared.table_name();
    let Some(table) = resolve(table, &database.tables()?).cloned() else {
        return Err(Problem::new(code::NO_TABLE, format!("the source has no table `{table}`")));
    };
    let names = database.columns(&table)?;
    let mut columns = Vec::new();
    for field in [give, field] {
        let name = &declared[field].column;
        let column = resolve(name, &names)
            .ok_or_else(|| Problem::new(code::NO_TABLE, format!("table `{table}` has no column `{name}`")))?;
        columns.push(column.clone());
    }
    let mut search = Search { field: &declared[field], is_wanted, found: Vec::new() };
    database.scan(&table, &columns, &mut search)?;
    Ok(search.found)
}

struct Search<'s> {
    field: &'s Field,
    is_wanted: &'s dyn Fn(Cell<'_>) -> bool,
    found: Vec<i64>,
}

impl Sink for Search<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        let mut scratch = String::new();
        let is_it = value::read(self.field, cells.cell(1), &mut scratch).is_ok_and(self.is_wanted);
        if is_it && let Some(number) = value::key(cells.cell(0)) {
            self.found.push(number);
        }
        Ok(())
    }

    fn malformed(&mut self, _: u64, _: &'static str) {}
}
