//! What scripts may read and call.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, DateTime, Time};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString};
use rulebook::functions::{FUNCTIONS, Native};
use rulebook::plan::{Plan, ZoneField};

use super::Slot;
use super::convert::{Group, Handle, RowsHandle, ZoneHandle, ZoneList, from_dynamic, to_dynamic};
use crate::evaluation::Evaluation;
use crate::fault::{Fault, Stop};
use crate::natives;
use crate::value::{Rows, Value};

type Result<T = Dynamic> = std::result::Result<T, Box<EvalAltResult>>;

/// A fault on its way through the script engine.
fn raise<T>(fault: Rc<Fault>) -> Result<T> {
    Err(EvalAltResult::ErrorRuntime(Dynamic::from(fault), rhai::Position::NONE).into())
}

fn operation<T>(why: &'static str) -> Result<T> {
    raise(Rc::new(Fault::Operation(why)))
}

fn current(slot: &Slot) -> Result<Rc<Evaluation>> {
    match &*slot.borrow() {
        Some(evaluation) => Ok(Rc::clone(evaluation)),
        None => operation("nothing is being mapped"),
    }
}

fn finish(evaluation: &Evaluation, step: crate::fault::Step<Value>) -> Result {
    match evaluation.settled(step) {
        Ok(value) => Ok(to_dynamic(evaluation, value)),
        Err(fault) => raise(fault),
    }
}

/// Registers the members of rows, the functions, the operators of dates, and the fences that cannot be set as limits.
pub fn everything(engine: &mut Engine, plan: &Arc<Plan>, slot: &Slot) {
    members(engine, plan, slot);
    functions(engine, slot);
    zone_and_parameters(engine, plan, slot);
    order::<Date>(engine);
    order::<Time>(engine);
    order::<DateTime>(engine);
    engine.register_fn("+", |date: Date, days: i64| shift(date, Some(days)));
    engine.register_fn("-", |date: Date, days: i64| shift(date, days.checked_neg()));
    engine.register_fn("-", |a: Date, b: Date| (a - b).num_days());
    engine.register_fn("==", |a: Handle, b: Handle| a == b);
    engine.register_fn("!=", |a: Handle, b: Handle| a != b);
    engine.register_iterator::<RowsHandle>();
    // `sleep` cannot be disabled as a word; it blocks the thread, so it is replaced by an error.
    engine.register_fn("sleep", |_: i64| -> Result { operation("`sleep` is not available to rules") });
    engine.register_fn("sleep", |_: rhai::Dynamic| -> Result { operation("`sleep` is not available to rules") });
}

fn shift(date: Date, days: Option<i64>) -> Result<Date> {
    let moved = days.and_then(chrono::TimeDelta::try_days).and_then(|days| date.checked_add_signed(days));
    moved.map_or_else(|| raise(Rc::new(Fault::Data("a date is too far away"))), Ok)
}

fn order<T: Clone + Ord + 'static>(engine: &mut Engine) {
    engine.register_fn("==", |a: T, b: T| a == b);
    engine.register_fn("!=", |a: T, b: T| a != b);
    engine.register_fn("<", |a: T, b: T| a < b);
    engine.register_fn("<=", |a: T, b: T| a <= b);
    engine.register_fn(">", |a: T, b: T| a > b);
    engine.register_fn(">=", |a: T, b: T| a >= b);
}

/// A getter for every name of a field, relation or fact; which entity is meant shows when it is read.
fn members(engine: &mut Engine, plan: &Arc<Plan>, slot: &Slot) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (_, entity) in plan.schema.entities() {
        names.extend(entity.fields.iter().map(|field| field.name.as_str()));
        names.extend(entity.relations.iter().map(|relation| relation.name.as_str()));
    }
    names.extend(plan.facts.iter().filter(|fact| fact.given.is_empty()).map(|fact| &*fact.name));
    for name in names {
        let (slot, own) = (Rc::clone(slot), Arc::<str>::from(name));
        engine.register_get(name, move |row: &mut Handle| member(&slot, *row, &own));
    }
    let with_arguments: BTreeSet<&str> =
        plan.facts.iter().filter(|fact| !fact.given.is_empty()).map(|fact| &*fact.name).collect();
    for name in with_arguments {
        let (slot_one, own) = (Rc::clone(slot), Arc::<str>::from(name));
        engine.register_fn(name, move |row: &mut Handle, a: Dynamic| fact_with(&slot_one, *row, &own, vec![a]));
        let (slot_two, own) = (Rc::clone(slot), Arc::<str>::from(name));
        engine.register_fn(name, move |row: &mut Handle, a: Dynamic, b: Dynamic| {
            fact_with(&slot_two, *row, &own, vec![a, b])
        });
    }
    let slot = Rc::clone(slot);
    engine.register_fn("active_on", move |row: &mut Handle, date: Date| -> Result<bool> {
        let evaluation = current(&slot)?;
        let Some(period) = evaluation.plan.schema[row.0.entity].period else {
            return operation("the row declares no period");
        };
        let field = |field| evaluation.settled(evaluation.field(row.0, field)).or_else(raise);
        let started = match field(period.start)? {
            Value::Date(start) => start <= date,
            _ => period.open_start,
        };
        let ended = match field(period.end)? {
            Value::Date(end) => end < date,
            _ => false,
        };
        Ok(started && !ended)
    });
}

fn member(slot: &Slot, row: Handle, name: &str) -> Result {
    let evaluation = current(slot)?;
    let entity = &evaluation.plan.schema[row.0.entity];
    if let Some(field) = entity.field(name) {
        return finish(&evaluation, evaluation.field(row.0, field));
    }
    if let Some(relation) = entity.relation(name) {
        let linked = &entity[relation];
        if linked.many {
            return Ok(to_dynamic(&evaluation, Value::Rows(Rows::Of(row.0, relation, linked.target))));
        }
        return match evaluation.graph.one(row.0, relation) {
            Some(found) => Ok(Dynamic::from(Handle(found))),
            None if linked.optional => Ok(Dynamic::UNIT),
            None => raise(Rc::new(Fault::Dangling(row.0, relation))),
        };
    }
    match evaluation.plan.fact_names.get(&(row.0.entity, name.to_owned())) {
        Some(fact) => finish(&evaluation, evaluation.fact(*fact, row.0)),
        None => Err(EvalAltResult::ErrorPropertyNotFound(name.to_owned(), rhai::Position::NONE).into()),
    }
}

fn fact_with(slot: &Slot, row: Handle, name: &str, arguments: Vec<Dynamic>) -> Result {
    let evaluation = current(slot)?;
    let fact = evaluation.plan.fact_names.get(&(row.0.entity, name.to_owned())).copied();
    let values: Option<Vec<Value>> = arguments.into_iter().map(from_dynamic).collect();
    match (fact, values) {
        (Some(fact), Some(values)) if evaluation.plan.facts[fact].given.len() == values.len() => {
            finish(&evaluation, evaluation.fact_with(fact, row.0, &values))
        }
        _ => Err(EvalAltResult::ErrorPropertyNotFound(name.to_owned(), rhai::Position::NONE).into()),
    }
}

fn functions(engine: &mut Engine, slot: &Slot) {
    let names: BTreeSet<&'static str> = FUNCTIONS.iter().map(|function| function.name).collect();
    for name in names {
        let natives: Rc<[Native]> =
            FUNCTIONS.iter().filter(|function| function.name == name).map(|function| function.native).collect();
        macro_rules! arities {
            ($(($($argument:ident),*)),*) => {$({
                let (slot, natives) = (Rc::clone(slot), Rc::clone(&natives));
                engine.register_fn(name, move |$($argument: Dynamic),*| call(&slot, &natives, vec![$($argument),*]));
            })*};
        }
        arities!((a), (a, b), (a, b, c), (a, b, c, d), (a, b, c, d, e), (a, b, c, d, e, f));
    }
    let lookup_slot = Rc::clone(slot);
    engine.register_fn("lookup", move |set: ImmutableString, code: Dynamic| -> Result {
        let evaluation = current(&lookup_slot)?;
        let Some(found) = evaluation.plan.value_sets.iter().position(|known| known.name == set.as_str()) else {
            return operation("the value set does not exist");
        };
        let code = code.read_lock::<ImmutableString>().map(|code| code.to_string());
        Ok(evaluation
            .lookup(found, code.as_deref())
            .map_or(Dynamic::UNIT, |mapped| Dynamic::from(ImmutableString::from(mapped))))
    });
    let list_slot = Rc::clone(slot);
    engine.register_fn("contains", move |list: &mut ZoneList, value: Dynamic| -> Result<bool> {
        let evaluation = current(&list_slot)?;
        Ok(match (&list.0, from_dynamic(value)) {
            (Value::Schools, Some(Value::Text(text))) => {
                let text = evaluation.str(&text);
                evaluation.zone.schools.as_ref().is_some_and(|schools| schools.iter().any(|school| school == text))
            }
            (Value::ExcludedCalendars, Some(Value::Int(number))) => {
                evaluation.zone.excluded_calendars.contains(&number)
            }
            _ => false,
        })
    });
}

/// Calls the function of this name that takes these values.
fn call(slot: &Slot, natives: &[Native], arguments: Vec<Dynamic>) -> Result {
    let evaluation = current(slot)?;
    let Some(values) = arguments.into_iter().map(from_dynamic).collect::<Option<Vec<Value>>>() else {
        return operation("a function was given something that is no value");
    };
    let mut last = None;
    for native in natives {
        match natives::call(&evaluation, *native, &values) {
            Ok(value) => return Ok(to_dynamic(&evaluation, value)),
            Err(stop) => last = Some(stop),
        }
    }
    match last {
        Some(Stop::Fault(fault)) => raise(fault),
        _ => operation("no function of this name takes these values"),
    }
}

fn zone_and_parameters(engine: &mut Engine, plan: &Arc<Plan>, slot: &Slot) {
    for (name, field, _) in ZoneField::ALL {
        let slot = Rc::clone(slot);
        engine.register_get(name, move |_: &mut ZoneHandle| -> Result {
            let evaluation = current(&slot)?;
            let value = evaluation.zone_field(field);
            Ok(to_dynamic(&evaluation, value))
        });
    }
    let names: BTreeSet<&str> = plan.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    for name in names {
        let (slot, own) = (Rc::clone(slot), name.to_owned());
        engine.register_get(name, move |group: &mut Group| -> Result {
            let evaluation = current(&slot)?;
            let found = evaluation
                .plan
                .parameters
                .iter()
                .position(|parameter| parameter.group == *group.0 && parameter.name == own);
            match found {
                Some(found) => finish(&evaluation, evaluation.parameter(found)),
                None => Err(EvalAltResult::ErrorPropertyNotFound(own.clone(), rhai::Position::NONE).into()),
            }
        });
    }
}
