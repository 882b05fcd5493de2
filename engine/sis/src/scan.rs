//! Reads one entity's table once, in the order in which the source keeps it, and puts each row into its batches.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::Datelike;
use graph::{Cell, Entity, Field, FieldId, Schema};
use problem::{Problem, code};

use crate::batches::{Recorder, RouteMap, Routes};
use crate::census::{Census, Counter, Keys, Values};
use crate::codec;
use crate::database::{Cells, Database, Sink};
use crate::fault::{Fault, RowFault};
use crate::projection::{EntityPlan, Reach};
use crate::selection::Selection;
use crate::spill::Spill;
use crate::value;

/// What is known of an entity's table after its scan.
pub(crate) struct Known {
    pub keys: Arc<Keys>,
    /// By place in the plan's fields.
    pub values: Vec<(usize, Arc<Values>)>,
}

/// What all scans share.
pub(crate) struct Scans<'s> {
    pub schema: &'s Schema,
    pub selection: &'s Selection,
    pub census: Census,
    pub routes: RouteMap,
    /// Faults of rows that belong to no batch.
    pub strays: Vec<RowFault>,
    /// Lines that are no rows.
    pub malformed: Vec<Problem>,
    pub rows: u64,
}

impl Scans<'_> {
    /// Reads the table of `plan` into `spill`.
    pub(crate) fn scan(
        &mut self,
        plan: &EntityPlan,
        database: &mut dyn Database,
        spill: &mut Spill,
    ) -> Result<Known, Problem> {
        let declared = &self.schema[plan.entity];
        let fields: Vec<&Field> = plan.fields.iter().map(|field| &declared[*field]).collect();
        // Counts go by the declared names, which are there even when a folder lacks the file.
        let table = declared.table_name();
        let column = |at: usize| fields[at].column.as_str();
        let unique: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].unique).collect();
        let counted = unique.iter().filter(|at| self.census.values(table, column(**at)).is_none());
        let parent = match plan.reach {
            Reach::By { from, own, .. } if own == self.schema[from].key => {
                self.census.keys(self.schema[from].table_name(), &self.schema[from][own].column)
            }
            _ => None,
        };
        spill.begin(plan.entity);
        let mut scan = EntityScan {
            declared,
            plan,
            keys: self.census.keys(table, column(plan.key_at)).is_none().then(Keys::default),
            values: counted.map(|at| (*at, Counter::new(&self.census.fingerprint))).collect(),
            routes: self.routes.get(&plan.reached_by(self.schema)),
            parent,
            recorded: plan.recorded.iter().map(|at| (*at, Recorder::default())).collect(),
            selection: self.selection,
            strays: Vec::new(),
            malformed: Vec::new(),
            rows: 0,
            spill,
            fields: &fields,
            batches: Vec::new(),
            encoded: Vec::new(),
            scratch: String::new(),
        };
        if let Some(table) = &plan.table {
            database.scan(table, &plan.columns, &mut scan)?;
        }
        let EntityScan { keys, values, recorded, strays, malformed, rows, .. } = scan;
        self.rows += rows;
        self.strays.extend(strays);
        self.report_malformed(table, &malformed);
        for (at, recorder) in recorded {
            self.routes.insert((plan.entity, plan.fields[at]), recorder.close());
        }
        for (at, counter) in values {
            let values = counter.close().map_err(|error| spilled(&error))?;
            self.census.keep_values(table, column(at), values);
        }
        if let Some(keys) = keys {
            self.census.keep_keys(table, column(plan.key_at), keys);
        }
        let keys = self.census.keys(table, column(plan.key_at)).unwrap_or_default();
        let values = unique.iter().filter_map(|at| Some((*at, self.census.values(table, column(*at))?))).collect();
        Ok(Known { keys, values })
    }
}

impl Scans<'_> {
    /// Lines that are no rows have no key, so they belong to the first shard. Several entities may read one table.
    fn report_malformed(&mut self, table: &str, lines: &[(u64, &'static str)]) {
        if !self.selection.in_shard(None) {
            return;
        }
        for (line, what) in lines {
            let mut problem = Problem::new(code::BAD_VALUE, format!("line {line} of table `{table}`: {what}"));
            problem.subject.table = Some(table.into());
            if !self.malformed.contains(&problem) {
                self.malformed.push(problem);
            }
        }
    }
}

struct EntityScan<'s> {
    declared: &'s Entity,
    plan: &'s EntityPlan,
    fields: &'s [&'s Field],
    /// Counted here, unless another entity's scan of the same table did.
    keys: Option<Keys>,
    values: Vec<(usize, Counter)>,
    /// From the value that says where a row belongs to batches; none where all rows are read.
    routes: Option<&'s Routes>,
    /// The keys of the table that rows refer to, if they refer to it by its key.
    parent: Option<Arc<Keys>>,
    recorded: Vec<(usize, Recorder)>,
    selection: &'s Selection,
    strays: Vec<RowFault>,
    malformed: Vec<(u64, &'static str)>,
    rows: u64,
    spill: &'s mut Spill,
    // Kept from row to row, so that a row costs no allocation.
    batches: Vec<usize>,
    encoded: Vec<u8>,
    scratch: String,
}

impl EntityScan<'_> {
    fn stray(&mut self, key: Option<i64>, field: FieldId, fault: Fault) {
        // With named students only their own rows matter.
        if self.selection.students.is_none() && self.selection.in_shard(key) {
            self.strays.push(RowFault { entity: self.plan.entity, key, field, fault });
        }
    }

    /// Rows without a key cannot be told apart, so only the first entity that reads the table reports them.
    fn stray_without_key(&mut self) {
        if self.keys.is_some() {
            self.stray(None, self.declared.key, Fault::NoKey);
        }
    }

    /// Finds the batches of a row.
    fn place(&mut self, key: i64, cells: &dyn Cells) {
        self.batches.clear();
        match self.plan.reach {
            Reach::All => self.batches.push(0),
            Reach::Root => self.batches.extend(self.routes.into_iter().flat_map(|routes| routes.of(key))),
            Reach::By { at, .. } => {
                let field = self.plan.fields[at];
                match value::read(self.fields[at], cells.cell(at), &mut self.scratch).map(|cell| join_value(&cell)) {
                    Err(fault) => self.stray(Some(key), field, fault),
                    Ok(None) => {}
                    Ok(Some(value)) => {
                        if let Some(routes) = self.routes {
                            self.batches.extend(routes.of(value));
                        }
                        let dangling = self.batches.is_empty()
                            && self.parent.as_ref().is_some_and(|parent| !parent.all.contains(value));
                        if dangling {
                            self.stray(Some(key), field, Fault::Dangling);
                        }
                    }
                }
            }
        }
    }

    fn encode(&mut self, key: i64, cells: &dyn Cells) {
        self.encoded.clear();
        codec::put_key(&mut self.encoded, key);
        for (at, field) in self.fields.iter().enumerate() {
            if at != self.plan.key_at {
                codec::put_cell(&mut self.encoded, value::read(field, cells.cell(at), &mut self.scratch));
            }
        }
    }

    fn count(&mut self, key: i64, cells: &dyn Cells) -> Result<(), Problem> {
        if let Some(keys) = &mut self.keys {
            keys.add(key);
        }
        for (at, values) in &mut self.values {
            if let Ok(cell) = value::read(self.fields[*at], cells.cell(*at), &mut self.scratch) {
                values.add(&cell).map_err(|error| spilled(&error))?;
            }
        }
        Ok(())
    }
}

impl Sink for EntityScan<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        self.rows += 1;
        let Some(key) = value::key(cells.cell(self.plan.key_at)) else {
            // What belongs to such a row is lost with it.
            self.stray_without_key();
            return Ok(());
        };
        self.count(key, cells)?;
        self.place(key, cells);
        if self.batches.is_empty() {
            return Ok(());
        }
        self.encode(key, cells);
        for batch in &self.batches {
            self.spill.add(*batch, &self.encoded).map_err(|error| spilled(&error))?;
        }
        for (at, recorder) in &mut self.recorded {
            let value = if *at == self.plan.key_at {
                Some(key)
            } else {
                let cell = value::read(self.fields[*at], cells.cell(*at), &mut self.scratch);
                cell.ok().and_then(|cell| join_value(&cell))
            };
            if let Some(value) = value {
                for batch in &self.batches {
                    recorder.add(value, u32::try_from(*batch).unwrap_or(u32::MAX));
                }
            }
        }
        Ok(())
    }

    fn malformed(&mut self, line: u64, what: &'static str) {
        self.malformed.push((line, what));
    }
}

/// The problem of a temporary file that failed.
pub(crate) fn spilled(error: &std::io::Error) -> Problem {
    Problem::new(code::SOURCE_LOST, format!("the temporary file for rows failed: {}", error.kind()))
        .help("make room in the folder for temporary files, or name another in TMPDIR")
}

/// What rows are joined by, as a number. Texts may share one by chance, which only puts a row into a batch that does not need it.
pub(crate) fn join_value(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Absent | Cell::Bad => None,
        Cell::Int(number) => Some(*number),
        Cell::Bool(yes) => Some(i64::from(*yes)),
        Cell::Date(date) => Some(i64::from(date.num_days_from_ce())),
        other => {
            // This hasher has no random start, so that two scans agree.
            let mut hasher = DefaultHasher::new();
            match other {
                Cell::Text(text) => text.hash(&mut hasher),
                other => format!("{other:?}").hash(&mut hasher),
            }
            Some(hasher.finish().cast_signed())
        }
    }
}
