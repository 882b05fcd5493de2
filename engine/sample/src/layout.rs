//! The tables to write, as the graph's schema declares them, and where the generator's columns lie in them.

use graph::{FieldType, Schema, Source};

use crate::tables::KNOWN;

/// A table of the source.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
}

/// A column of a table.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) field_type: FieldType,
    pub(crate) nullable: bool,
    pub(crate) key: bool,
    /// The place of the column in the generator's row; `None` where the generator has no idea for it.
    pub(crate) from: Option<usize>,
}

/// The tables to write.
pub(crate) struct Layout {
    pub(crate) tables: Vec<Table>,
    /// For each table of [`KNOWN`]: its place in `tables`; `None` where the schema does not have it.
    pub(crate) places: Vec<Option<usize>>,
}

impl Layout {
    /// The tables of the schema in its order. Entities that share a table (people are students, staff, and relatives)
    /// give it one set of columns together.
    pub(crate) fn of(schema: &Schema) -> Self {
        let mut tables: Vec<Table> = Vec::new();
        for (_, entity) in schema.entities() {
            let Source::Table(name) = &entity.source else { continue };
            let at = match tables.iter().position(|table| same(&table.name, name)) {
                Some(at) => at,
                None => {
                    tables.push(Table { name: name.clone(), columns: Vec::new() });
                    tables.len() - 1
                }
            };
            let known = KNOWN.iter().find(|known| same(known.name, name));
            for field in &entity.fields {
                let columns = &mut tables[at].columns;
                if let Some(column) = columns.iter_mut().find(|column| same(&column.name, &field.column)) {
                    column.nullable |= field.nullable;
                    continue;
                }
                let from =
                    known.and_then(|known| known.columns.iter().position(|column| same(plain(column), &field.column)));
                columns.push(Column {
                    name: field.column.clone(),
                    field_type: field.field_type.clone(),
                    // What the generator cannot fill must be allowed to be empty.
                    nullable: field.nullable || from.is_none(),
                    key: entity[entity.key].column == field.column,
                    from,
                });
            }
        }
        let places = KNOWN.iter().map(|known| tables.iter().position(|table| same(&table.name, known.name))).collect();
        Self { tables, places }
    }
}

/// Databases read names without regard to case.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The column's name without the mark that Rust wants on a name that it uses itself.
fn plain(column: &str) -> &str {
    column.strip_prefix("r#").unwrap_or(column)
}

impl Table {
    /// The statement that creates the table. `quote` writes a name as the database wants it.
    pub(crate) fn create(&self, quote: impl Fn(&str) -> String) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let constraint = if column.key {
                    " PRIMARY KEY"
                } else if column.nullable {
                    ""
                } else {
                    " NOT NULL"
                };
                format!("{} {}{constraint}", quote(&column.name), column.type_name())
            })
            .collect();
        format!("CREATE TABLE {} (\n  {}\n)", quote(&self.name), columns.join(",\n  "))
    }
}

impl Column {
    /// The SQL type.
    const fn type_name(&self) -> &'static str {
        match self.field_type {
            FieldType::Text | FieldType::Code(_) | FieldType::Time => "TEXT",
            FieldType::Int => "INTEGER",
            FieldType::Decimal => "NUMERIC",
            FieldType::Bool => "BOOLEAN",
            FieldType::Date => "DATE",
            FieldType::DateTime => "TIMESTAMP",
        }
    }
}
