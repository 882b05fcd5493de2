//! From encoded rows to tables.

use std::collections::HashMap;

use graph::{Cell, EntityId, ReadSet, Schema, Table, TableBuilder};
use problem::{Problem, code};

use crate::codec::Reader;
use crate::fault::{Fault, RowFault};
use crate::projection::EntityPlan;
use crate::scan::{Known, spilled};
use crate::spill::Batches;

/// A plan with what its scan found out.
pub(crate) type Scanned = (EntityPlan, Known);

/// The tables of a batch, and what is wrong with their rows.
type Assembled = (Vec<(EntityId, Table)>, Vec<RowFault>);

/// Makes the tables of a batch.
pub(crate) fn tables(
    schema: &Schema,
    reads: &ReadSet,
    scanned: &[Scanned],
    batches: &Batches,
    batch: usize,
) -> Result<Assembled, Problem> {
    let mut tables: HashMap<EntityId, Assembly<'_>> = scanned
        .iter()
        .map(|(plan, known)| {
            (plan.entity, Assembly { schema, plan, known, builder: TableBuilder::new(schema, plan.entity, reads) })
        })
        .collect();
    let mut faults = Vec::new();
    for (entity, block) in batches.of(batch) {
        let block = block.map_err(|error| spilled(&error))?;
        if let Some(table) = tables.get_mut(&entity) {
            table.add(&block, &mut faults)?;
        }
    }
    let mut finished = Vec::with_capacity(tables.len());
    for (plan, _) in scanned {
        if let Some(table) = tables.remove(&plan.entity) {
            let (table, twice) = table.builder.finish();
            let field = schema[plan.entity].key;
            // The scan counted every key, so the rows of such keys were left out before; this is the second lock on the door.
            faults.extend(twice.iter().map(|key| RowFault {
                entity: plan.entity,
                key: Some(*key),
                field,
                fault: Fault::KeyTwice,
            }));
            finished.push((plan.entity, table));
        }
    }
    Ok((finished, faults))
}

struct Assembly<'s> {
    schema: &'s Schema,
    plan: &'s EntityPlan,
    known: &'s Known,
    builder: TableBuilder,
}

impl Assembly<'_> {
    fn add(&mut self, rows: &[u8], faults: &mut Vec<RowFault>) -> Result<(), Problem> {
        let mut reader = Reader::new(rows);
        let mut cells = Vec::with_capacity(self.plan.fields.len());
        while !reader.is_done() {
            self.row(&mut reader, &mut cells, faults)
                .ok_or_else(|| spilled(&std::io::ErrorKind::InvalidData.into()))??;
        }
        Ok(())
    }

    /// None if the bytes are no row.
    fn row<'b>(
        &mut self,
        reader: &mut Reader<'b>,
        cells: &mut Vec<Cell<'b>>,
        faults: &mut Vec<RowFault>,
    ) -> Option<Result<(), Problem>> {
        let entity = self.plan.entity;
        let declared = &self.schema[entity];
        let number = reader.key()?;
        let fault_of = |field, fault| RowFault { entity, key: Some(number), field, fault };
        let is_twice = !self.known.keys.twice.is_empty() && self.known.keys.twice.contains(&number);
        let before = faults.len();
        cells.clear();
        for (at, field) in self.plan.fields.iter().enumerate() {
            if at == self.plan.key_at {
                cells.push(Cell::Int(number));
                continue;
            }
            if let Some(fault) = reader.cell(&declared[*field].field_type, cells)? {
                faults.push(fault_of(*field, fault));
            }
        }
        if is_twice {
            // Nobody can tell which row is meant, so what else is wrong with either does not matter.
            faults.truncate(before);
            faults.push(fault_of(declared.key, Fault::KeyTwice));
            return Some(Ok(()));
        }
        for (at, values) in &self.known.values {
            if values.any_twice() && values.is_twice(&cells[*at]) {
                cells[*at] = Cell::Bad;
                faults.push(fault_of(self.plan.fields[*at], Fault::ValueTwice));
            }
        }
        Some(self.builder.push(number, cells.iter().copied()).map_err(|_| {
            let message =
                format!("a batch has more rows or text of table `{}` than can be held", declared.table_name());
            Problem::new(code::SOURCE_LOST, message).help("take fewer students per batch")
        }))
    }
}
