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
    let declared = &schema[entity];
    let mut database = source.database();
    let table = declared.table_name();
    let Some(table) = resolve(table, &database.tables()?).cloned() else {
        return Err(Problem::new(code::NO_TABLE, format!("the source has no table `{table}`")));
    };
    let names = database.columns(&table)?;
    let mut columns = Vec::new();
    for field in [declared.key, field] {
        let name = &declared[field].column;
        let column = resolve(name, &names)
            .ok_or_else(|| Problem::new(code::NO_TABLE, format!("table `{table}` has no column `{name}`")))?;
        columns.push(column.clone());
    }
    let mut search = Search { field: &declared[field], value, guid: guid(value), found: None };
    database.scan(&table, &columns, &mut search)?;
    Ok(search.found)
}

struct Search<'s> {
    field: &'s Field,
    value: &'s str,
    guid: Option<u128>,
    found: Option<i64>,
}

impl Sink for Search<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        let mut scratch = String::new();
        let is_it = match value::read(self.field, cells.cell(1), &mut scratch) {
            Ok(Cell::Text(text)) => text == self.value || (self.guid.is_some() && guid(text) == self.guid),
            Ok(cell) if !cell.is_absent() => Cell::parse(&self.field.field_type, self.value) == Ok(cell),
            _ => false,
        };
        if is_it && let Some(key) = value::key(cells.cell(0)) {
            self.found = Some(self.found.map_or(key, |found| found.min(key)));
        }
        Ok(())
    }

    fn malformed(&mut self, _: u64, _: &'static str) {}
}
