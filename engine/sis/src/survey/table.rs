//! Counts what one table holds.

use std::collections::HashMap;
use std::sync::Arc;

use graph::{Cell, EntityId, Field, FieldId, Schema};
use problem::Problem;

use super::{EntityCount, FieldCount, MOST_CODES, Tally, references};
use crate::census::Keys;
use crate::database::{Cells, Sink};
use crate::fault::Fault;
use crate::projection::EntityPlan;
use crate::value;

/// The most different keys that are kept of a column whose target is read later.
const MOST_WAITING: usize = 1_000_000;

/// References whose target is not known yet.
pub(super) struct Waiting {
    at: usize,
    pub field: FieldId,
    pub target: EntityId,
    rows: HashMap<i64, u64>,
    /// There were too many to be kept, so they are not counted.
    given_up: bool,
}

impl Waiting {
    /// How many rows refer to none of these keys.
    pub(super) fn dangling(&self, keys: &Keys) -> Option<u64> {
        let dangling = || self.rows.iter().filter(|(key, _)| !keys.all.contains(**key)).map(|(_, rows)| rows).sum();
        (!self.given_up).then(dangling)
    }
}

/// What came of a table.
pub(super) struct Done {
    pub count: EntityCount,
    pub keys: Arc<Keys>,
    pub tallies: Vec<(usize, Tally)>,
    pub waiting: Vec<Waiting>,
}

pub(super) struct TableSurvey<'s> {
    plan: &'s EntityPlan,
    fields: Vec<&'s Field>,
    keys: Keys,
    count: EntityCount,
    /// Columns with the keys of the table that they refer to.
    known: Vec<(usize, Arc<Keys>)>,
    waiting: Vec<Waiting>,
    /// What was asked, by its number, with the places of the columns.
    asked: Vec<(usize, Vec<usize>, Tally)>,
    scratch: String,
}

impl<'s> TableSurvey<'s> {
    pub(super) fn new(
        schema: &'s Schema,
        plan: &'s EntityPlan,
        all: &HashMap<EntityId, Arc<Keys>>,
        asked: &[(EntityId, Vec<FieldId>)],
    ) -> Self {
        let declared = &schema[plan.entity];
        let place = |field: &FieldId| plan.fields.iter().position(|other| other == field);
        let (mut known, mut waiting) = (Vec::new(), Vec::new());
        let count = |field: &FieldId| FieldCount { field: *field, empty: 0, unreadable: 0, dangling: None };
        let mut fields: Vec<FieldCount> = plan.fields.iter().map(count).collect();
        for (at, target) in references(schema, plan) {
            match all.get(&target) {
                Some(keys) => {
                    fields[at].dangling = Some((target, 0));
                    known.push((at, Arc::clone(keys)));
                }
                None => {
                    waiting.push(Waiting { at, field: plan.fields[at], target, rows: HashMap::new(), given_up: false })
                }
            }
        }
        let of_this = asked.iter().enumerate().filter(|(_, (entity, _))| *entity == plan.entity);
        let asked = of_this.filter_map(|(number, (_, fields))| {
            Some((number, fields.iter().map(place).collect::<Option<Vec<_>>>()?, Tally::default()))
        });
        Self {
            plan,
            fields: plan.fields.iter().map(|field| &declared[*field]).collect(),
            keys: Keys::default(),
            count: EntityCount { entity: plan.entity, rows: 0, without_key: 0, keys_twice: 0, malformed: 0, fields },
            known,
            waiting,
            asked: asked.collect(),
            scratch: String::new(),
        }
    }

    pub(super) fn finish(mut self) -> Done {
        self.count.keys_twice = self.keys.twice.len() as u64;
        Done {
            count: self.count,
            keys: Arc::new(self.keys),
            tallies: self.asked.into_iter().map(|(number, _, tally)| (number, tally)).collect(),
            waiting: self.waiting,
        }
    }

    fn count_cells(&mut self, cells: &dyn Cells) {
        for (at, field) in self.fields.iter().enumerate() {
            let counted = &mut self.count.fields[at];
            match value::read(field, cells.cell(at), &mut self.scratch) {
                Ok(Cell::Absent) | Err(Fault::Empty) => counted.empty += 1,
                Err(_) => counted.unreadable += 1,
                Ok(Cell::Int(key)) => {
                    if let Some((_, keys)) = self.known.iter().find(|(known, _)| *known == at)
                        && !keys.all.contains(key)
                        && let Some((_, rows)) = &mut counted.dangling
                    {
                        *rows += 1;
                    }
                    if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.at == at) {
                        waiting.given_up |= waiting.rows.len() >= MOST_WAITING;
                        if !waiting.given_up {
                            *waiting.rows.entry(key).or_default() += 1;
                        }
                    }
                }
                Ok(_) => {}
            }
        }
    }

    fn tally(&mut self, cells: &dyn Cells) {
        for (_, places, tally) in &mut self.asked {
            let mut values = Vec::with_capacity(places.len());
            for at in places.iter() {
                values.push(match value::read(self.fields[*at], cells.cell(*at), &mut self.scratch) {
                    Ok(Cell::Text(text)) => text.to_owned(),
                    _ => String::new(),
                });
            }
            let full = tally.counts.len() >= MOST_CODES;
            match tally.counts.get_mut(&values) {
                Some(count) => *count += 1,
                None if full => tally.others += 1,
                None => {
                    tally.counts.insert(values, 1);
                }
            }
        }
    }
}

impl Sink for TableSurvey<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        self.count.rows += 1;
        match value::key(cells.cell(self.plan.key_at)) {
            Some(key) => self.keys.add(key),
            None => self.count.without_key += 1,
        }
        self.count_cells(cells);
        self.tally(cells);
        Ok(())
    }

    fn malformed(&mut self, _: u64, _: &'static str) {
        self.count.malformed += 1;
    }
}
