//! Runs everything that a plan holds over some rows, and finds a fault that blames the rule.

use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, Graph, Row};
use mapper::fault::{Fault, Outcome};
use mapper::value::Value;
use mapper::{Evaluation, Scripts, Zone};
use rulebook::plan::{Fact, Leaf, Node, ObjectPlan, Plan};
use rulebook::script::Limits;
use rulebook::types::{Kind, Type};

use super::rows::Rows;
use super::words::Words;

/// A fault that the checker should have excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// The fact, element or condition.
    pub what: String,
    /// The fault, or how the value differs from its declared type.
    pub why: String,
}

/// Computes every fact of every row, every condition, every list of rows and every value of every object, over these rows. None: all went well,
/// or the rows do not fit the schema.
#[must_use]
pub fn judge(plan: &Arc<Plan>, words: &Words, rows: &Rows) -> Option<Unsound> {
    let graph = rows.graph()?;
    let draw =
        |bound: usize, salt: u32| usize::try_from(rows.seed.rotate_left(salt) % bound.max(1) as u64).unwrap_or(0);
    let as_of = words.dates.get(draw(words.dates.len(), 7)).copied().unwrap_or_default();
    let mut zone = Zone::of_year("any", 2026);
    let year = zone.school_year_starts.year_of(as_of).clamp(1, 9998);
    zone.school_years = vec![year];
    zone.schools = (draw(3, 11) == 0).then(|| words.texts.iter().take(5).cloned().collect());
    zone.excluded_calendars = if draw(2, 13) == 0 { vec![1] } else { Vec::new() };
    zone.exclude_no_show = draw(2, 17) == 0;
    zone.exclude_state_exclude = draw(2, 19) == 0;
    zone.exclude_non_primary = draw(2, 23) == 0;
    zone.exclude_schools_without_calendar = draw(2, 29) == 0;
    zone.publish_ssn = draw(2, 31) == 0;
    let scripts = Scripts::new(plan, Limits::default());
    let kept = mapper::evaluation::Kept::default();
    let evaluation =
        Rc::new(Evaluation::new(Arc::clone(plan), Arc::clone(&graph), Arc::new(zone), year, as_of, scripts, kept));
    evaluation.scripts().begin(&evaluation);
    let judge = Judge { plan, words, graph: &graph, evaluation: &evaluation, as_of };
    let found = judge.facts().and_then(|()| judge.objects()).err();
    evaluation.scripts().end();
    found
}

struct Judge<'j> {
    plan: &'j Plan,
    words: &'j Words,
    graph: &'j Graph,
    evaluation: &'j Evaluation,
    as_of: Date,
}

/// How many ways a fact of a row and something else is asked.
const WAYS: usize = 3;

impl Judge<'_> {
    fn facts(&self) -> Result<(), Unsound> {
        for (id, fact) in self.plan.facts.iter().enumerate() {
            let what = || format!("{}.{}", self.plan.schema[fact.entity].name, fact.name);
            for row in self.graph.each(fact.entity) {
                for way in 0..if fact.given.is_empty() { 1 } else { WAYS } {
                    let Some(given) = self.arguments(fact, way) else { break };
                    let outcome = self.evaluation.settled(self.evaluation.fact_with(id, row, &given));
                    self.outcome(&what, &outcome, fact.ty)?;
                }
            }
        }
        Ok(())
    }

    /// Values for what a fact needs besides its row; none if there is no row to give.
    fn arguments(&self, fact: &Fact, way: usize) -> Option<Vec<Value>> {
        fact.given
            .iter()
            .enumerate()
            .map(|(at, (_, ty))| {
                let turn = way + at;
                Some(match ty.kind {
                    _ if ty.optional && turn == WAYS => Value::Absent,
                    Kind::Row(entity) => self.graph.each(entity).nth(way).map(Value::Row)?,
                    Kind::Date if way == 0 => Value::Date(self.as_of),
                    Kind::Date => Value::Date(*self.words.dates.get(turn)?),
                    Kind::Int => Value::Int(*self.words.ints.get(turn)?),
                    Kind::Decimal => Value::Decimal(*self.words.decimals.get(turn)?),
                    Kind::Bool => Value::Bool(way.is_multiple_of(2)),
                    Kind::Text => Value::text(self.words.texts.get(turn * 7)?),
                    _ => return None,
                })
            })
            .collect()
    }

    fn objects(&self) -> Result<(), Unsound> {
        for object in &self.plan.objects {
            for row in self.graph.each(object.entity) {
                let mut frame = self.evaluation.frame(object.locals);
                frame[0] = Value::Row(row);
                let judged = self.object(object, &mut frame);
                self.evaluation.done(frame);
                judged?;
            }
        }
        Ok(())
    }

    fn object(&self, object: &ObjectPlan, frame: &mut Vec<Value>) -> Result<(), Unsound> {
        for (_, keep) in &object.population {
            let what = || format!("the population of {}", object.label);
            self.condition(&what, &self.evaluation.body(keep, frame))?;
        }
        for remark in &object.remarks {
            let what = || format!("a remark of {}", object.label);
            self.condition(&what, &self.evaluation.body(&remark.when, frame))?;
        }
        self.node(object, &object.root, frame)
    }

    fn node(&self, object: &ObjectPlan, node: &Node, frame: &mut Vec<Value>) -> Result<(), Unsound> {
        let Some(each) = &node.each else { return self.one(object, node, frame) };
        let what = || format!("the rows of {}/{}", object.label, node.path);
        let rows = self.evaluation.body(&each.rows, frame);
        self.fault(&what, &rows)?;
        let rows = match rows {
            Ok(Value::Row(row)) => vec![row],
            Ok(Value::Rows(rows)) => {
                let entity = rows.entity();
                rows.indexes(self.graph).iter().map(|index| Row { entity, index: *index }).collect()
            }
            _ => Vec::new(),
        };
        for row in rows {
            frame[usize::from(each.local)] = Value::Row(row);
            self.one(object, node, frame)?;
        }
        Ok(())
    }

    fn one(&self, object: &ObjectPlan, node: &Node, frame: &mut Vec<Value>) -> Result<(), Unsound> {
        let what = || format!("{}/{}", object.label, node.path);
        for remark in &node.remarks {
            self.condition(&what, &self.evaluation.body(&remark.when, frame))?;
        }
        // What stands under a condition may rely on it.
        let holds = match &node.when {
            None => true,
            Some(when) => {
                let outcome = self.evaluation.body(when, frame);
                self.condition(&what, &outcome)?;
                matches!(outcome, Ok(Value::Bool(true)))
            }
        };
        if !holds {
            return Ok(());
        }
        if let Some(leaf) = &node.leaf {
            self.outcome(&what, &self.evaluation.value(&leaf.value, frame), of_leaf(leaf))?;
        }
        node.children.iter().try_for_each(|child| self.node(object, child, frame))
    }

    fn condition(&self, what: &dyn Fn() -> String, outcome: &Outcome) -> Result<(), Unsound> {
        self.outcome(what, outcome, Type::maybe(Kind::Bool))
    }

    fn outcome(&self, what: &dyn Fn() -> String, outcome: &Outcome, ty: Type) -> Result<(), Unsound> {
        self.fault(what, outcome)?;
        match outcome {
            Ok(value) if !is_of(value, ty) => Err(Unsound {
                what: what(),
                why: format!("it gives {} where {} is declared", value.describe(), ty.words(&self.plan.schema)),
            }),
            _ => Ok(()),
        }
    }

    fn fault(&self, what: &dyn Fn() -> String, outcome: &Outcome) -> Result<(), Unsound> {
        match outcome {
            Err(fault) if !fault.is_of_data() => Err(Unsound { what: what(), why: self.why(fault) }),
            _ => Ok(()),
        }
    }

    fn why(&self, fault: &Fault) -> String {
        match fault {
            Fault::Operation(why) => (*why).to_owned(),
            Fault::Script(_, why, line) => format!("line {line}: {why}"),
            Fault::Dangling(row, relation) => {
                let declared = &self.plan.schema[row.entity];
                format!(
                    "`{}.{}` leads nowhere, and is declared to lead to a row",
                    declared.name, declared[*relation].name
                )
            }
            other => format!("{other:?}"),
        }
    }
}

/// The type of an element's value: a code on its way through a value set is a text.
fn of_leaf(leaf: &Leaf) -> Type {
    if leaf.codes.is_some() { Type::maybe(Kind::Text) } else { leaf.ty }
}

/// Whether a value is of a type.
fn is_of(value: &Value, ty: Type) -> bool {
    match (value, ty.kind) {
        (_, Kind::Any) => true,
        (Value::Absent, _) => ty.optional,
        (Value::Bool(_), Kind::Bool)
        | (Value::Int(_), Kind::Int | Kind::Decimal)
        | (Value::Decimal(_), Kind::Decimal)
        | (Value::Text(_), Kind::Text)
        | (Value::Date(_), Kind::Date)
        | (Value::Time(_), Kind::Time)
        | (Value::DateTime(_), Kind::DateTime)
        | (Value::Days(_), Kind::Days)
        | (Value::Schools, Kind::Texts)
        | (Value::ExcludedCalendars, Kind::Ints) => true,
        (Value::Row(row), Kind::Row(entity)) => row.entity == entity,
        (Value::Rows(rows), Kind::Rows(entity)) => rows.entity() == entity,
        _ => false,
    }
}
