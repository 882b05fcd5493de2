//! Evaluates the steps of a plan over one graph.
//!
//! An [`Evaluation`] belongs to one thread, one graph and one school year. It holds what was computed, so that a fact is computed
//! at most once a row.

mod arithmetic;
mod compare;
mod condition;
mod facts;
mod lookup;
mod memo;
mod named;
mod near;
mod population;
mod recorder;
mod room;
mod select;
mod text;
mod walk;

use std::cell::{Cell as MutCell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use graph::{Cell, Date, FieldId, Graph, Row};
use rulebook::functions::Native;
use rulebook::places::{Outcome as Taken, Spot};
use rulebook::plan::{Arithmetic, Body, Const, Expr, Op, Plan, Statement, SwitchArm, TableCell, TableRow, ZoneField};

pub use self::arithmetic::{number, number_kind};
use self::lookup::{Dictionary, Mapped, dictionary};
use self::memo::Memo;
use self::near::Near;
use crate::fault::{Fault, Outcome, Step, Stop};
use crate::natives;
use crate::population::Everybody;
use crate::script::Scripts;
use crate::trace::Trace;
use crate::value::{Rows, Text, Value};
use crate::zone::Zone;

/// What was computed of the organisation's rows: it holds for every batch.
#[derive(Default)]
pub struct Kept {
    facts: HashMap<usize, Memo>,
    /// Room that facts of students have left, by fact: it is as large as the next batch will need.
    room: Vec<Room>,
    dictionary: Option<Rc<Vec<Dictionary>>>,
}

/// Room for what a fact gives of each row.
type Room = Vec<OnceCell<Outcome>>;

/// Evaluates steps over one graph.
pub struct Evaluation {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The graph.
    pub graph: Arc<Graph>,
    /// The zone.
    pub zone: Arc<Zone>,
    /// The school year.
    pub school_year: i32,
    /// The date.
    pub as_of: Date,
    year: (Date, Date),
    parameters: Vec<Option<Const>>,
    /// What facts have given, by fact and row. Written once, so that it is read where it stands.
    memo: Vec<OnceCell<Memo>>,
    /// Room of an earlier graph, by fact.
    room: RefCell<Vec<Room>>,
    last: RefCell<Vec<Option<facts::Last>>>,
    frames: RefCell<Vec<Vec<Value>>>,
    /// What a `return` on its way out gives.
    returned: MutCell<Value>,
    /// Room for lists of rows, used again and again.
    indexes: RefCell<Vec<Vec<u32>>>,
    /// Room for a text in the making.
    making: RefCell<Vec<String>>,
    /// The RefIds that were made of names.
    named: RefCell<Option<named::Named>>,
    dictionary: Rc<Vec<Dictionary>>,
    /// Values that a fixture gives for facts.
    given: HashMap<(usize, u32), Value>,
    /// Whether reading a field that a fixture does not give is a fault: the fields that are given.
    only_given: Option<HashMap<Row, Vec<FieldId>>>,
    tracing: MutCell<bool>,
    /// Whether somebody watches what is read, so that every step must be taken in full.
    watched: MutCell<bool>,
    /// What was read, while tracing.
    pub trace: RefCell<Trace>,
    /// Whether decisions are recorded.
    recording: MutCell<bool>,
    recorder: RefCell<recorder::Recorder>,
    /// Where the whole population is found, and what was found of it in this graph, by ranking.
    everybody: Everybody,
    here: RefCell<BTreeMap<usize, population::Here>>,
    scripts: Rc<Scripts>,
}

impl Evaluation {
    /// An evaluation over `graph`; `kept` is what an earlier one over the same organisation has left.
    #[must_use]
    pub fn new(
        plan: Arc<Plan>,
        graph: Arc<Graph>,
        zone: Arc<Zone>,
        school_year: i32,
        as_of: Date,
        scripts: Rc<Scripts>,
        kept: Kept,
    ) -> Self {
        let year = zone.school_year_starts.span(school_year).unwrap_or((Date::MIN, Date::MAX));
        // A year that has ended is mapped by the parameters that held at its end, one that has not begun by those of its start.
        let in_year = as_of.clamp(year.0, year.1);
        let parameters = plan.parameters.iter().map(|parameter| parameter.on(in_year).cloned()).collect();
        let mut memo: Vec<OnceCell<Memo>> = (0..plan.facts.len()).map(|_| OnceCell::new()).collect();
        for (fact, values) in kept.facts {
            memo[fact] = OnceCell::from(values);
        }
        let dictionary = kept.dictionary.unwrap_or_else(|| Rc::new(dictionary(&plan, &graph)));
        Self {
            last: RefCell::new((0..plan.facts.len()).map(|_| None).collect()),
            plan,
            graph,
            zone,
            school_year,
            as_of,
            year,
            parameters,
            memo,
            room: RefCell::new(kept.room),
            frames: RefCell::default(),
            returned: MutCell::new(Value::Absent),
            indexes: RefCell::default(),
            making: RefCell::default(),
            named: RefCell::default(),
            dictionary,
            given: HashMap::new(),
            only_given: None,
            tracing: MutCell::new(false),
            watched: MutCell::new(false),
            trace: RefCell::default(),
            recording: MutCell::new(false),
            recorder: RefCell::default(),
            everybody: Everybody::default(),
            here: RefCell::default(),
            scripts,
        }
    }

    /// What holds for the next batch too.
    #[must_use]
    pub fn into_kept(self) -> Kept {
        let mut room = self.room.into_inner();
        room.resize_with(self.plan.facts.len(), Vec::new);
        let mut facts = HashMap::new();
        for (fact, memo) in self.memo.into_iter().enumerate() {
            match memo.into_inner() {
                Some(Memo::Whole(mut cells)) => {
                    cells.clear();
                    room[fact] = cells;
                }
                Some(paged) => {
                    facts.insert(fact, paged);
                }
                None => {}
            }
        }
        if memo::is_too_much(facts.values()) {
            facts.clear();
        }
        Kept { facts, room, dictionary: Some(self.dictionary) }
    }

    /// Uses `value` for a fact of a row instead of computing it.
    pub fn give(&mut self, fact: usize, row: Row, value: Value) {
        self.given.insert((fact, row.index), value);
    }

    /// From now on, reading a field that always has a value and is not among those given is a fault.
    pub fn only_given(&mut self, given: HashMap<Row, Vec<FieldId>>) {
        self.only_given = Some(given);
        self.watched.set(true);
    }

    /// Uses `value` for a parameter; none: it has no value.
    pub fn set_parameter(&mut self, parameter: usize, value: Option<Const>) {
        self.parameters[parameter] = value;
    }

    /// Starts or stops recording what is read.
    pub fn set_tracing(&self, on: bool) {
        self.tracing.set(on);
        self.watched.set(on || self.recording.get() || self.only_given.is_some());
    }

    /// A text's characters.
    #[must_use]
    pub fn str<'a>(&'a self, text: &'a Text) -> &'a str {
        match text {
            Text::Cell(row, field) => match self.graph.cell(*row, *field) {
                Cell::Text(text) => text,
                _ => "",
            },
            Text::Const(text) => text,
            Text::Made(text) => text,
        }
    }

    /// The value of a body, `return` included.
    ///
    /// # Errors
    /// Why there is none.
    pub fn body(&self, body: &Body, frame: &mut Vec<Value>) -> Outcome {
        if frame.len() < usize::from(body.locals) {
            frame.resize(usize::from(body.locals), Value::Absent);
        }
        self.outcome(&body.expr, frame)
    }

    /// The value of a step, `return` included.
    ///
    /// # Errors
    /// Why there is none.
    pub fn outcome(&self, expr: &Expr, frame: &mut [Value]) -> Outcome {
        let step = self.eval(expr, frame);
        if step.is_ok() {
            self.gave(expr);
        }
        self.settled(step)
    }

    /// A parameter's value.
    ///
    /// # Errors
    /// [`Fault::NoParameter`] if it has none on the date of the run.
    pub fn parameter(&self, parameter: usize) -> Step<Value> {
        match &self.parameters[parameter] {
            Some(value) => {
                if self.tracing.get() {
                    self.trace.borrow_mut().parameter(parameter);
                }
                self.used(parameter);
                Ok(Value::from(value))
            }
            None => Err(Fault::NoParameter(parameter).into()),
        }
    }

    /// An option of the zone.
    #[must_use]
    pub fn zone_field(&self, field: ZoneField) -> Value {
        match field {
            ZoneField::SchoolYear => Value::Int(i64::from(self.school_year)),
            ZoneField::YearStart => Value::Date(self.year.0),
            ZoneField::YearEnd => Value::Date(self.year.1),
            ZoneField::AllSchools => Value::Bool(self.zone.schools.is_none()),
            ZoneField::Schools => Value::Schools,
            ZoneField::ExcludedCalendars => Value::ExcludedCalendars,
            ZoneField::ExcludeNoShow => Value::Bool(self.zone.exclude_no_show),
            ZoneField::ExcludeStateExclude => Value::Bool(self.zone.exclude_state_exclude),
            ZoneField::ExcludeNonPrimary => Value::Bool(self.zone.exclude_non_primary),
            ZoneField::ExcludeSchoolsWithoutCalendar => Value::Bool(self.zone.exclude_schools_without_calendar),
            ZoneField::PublishSsn => Value::Bool(self.zone.publish_ssn),
        }
    }

    /// What a row holds in a field.
    ///
    /// # Errors
    /// [`Fault::Bad`] if the source holds something that is no value of the column's type.
    pub fn field(&self, row: Row, field: FieldId) -> Step<Value> {
        if self.tracing.get() {
            self.trace.borrow_mut().field(row, field);
        }
        Ok(match self.graph.cell(row, field) {
            Cell::Absent => {
                if let Some(given) = &self.only_given {
                    self.must_be_given(given, row, field)?;
                }
                Value::Absent
            }
            Cell::Bad => return Err(Fault::Bad(row, field).into()),
            Cell::Int(number) => Value::Int(number),
            Cell::Bool(yes) => Value::Bool(yes),
            Cell::Decimal(number) => Value::Decimal(number),
            Cell::Date(date) => Value::Date(date),
            Cell::Time(time) => Value::Time(time),
            Cell::DateTime(time) => Value::DateTime(time),
            Cell::Text(_) => Value::Text(Text::Cell(row, field)),
        })
    }

    fn must_be_given(&self, given: &HashMap<Row, Vec<FieldId>>, row: Row, field: FieldId) -> Step<()> {
        let declared = &self.plan.schema[row.entity];
        let known = given.get(&row).is_some_and(|fields| fields.contains(&field));
        if known || declared[field].nullable {
            return Ok(());
        }
        Err(Fault::NotGiven(format!("{}.{}", declared.name, declared[field].name)).into())
    }

    #[inline(never)]
    fn in_list(&self, value: &Expr, list: &Expr, frame: &mut [Value]) -> Step<bool> {
        let value = self.eval(value, frame)?;
        let list = self.eval(list, frame)?;
        Ok(match (list, value) {
            (Value::Schools, Value::Text(text)) => {
                let text = self.str(&text);
                self.zone.schools.as_ref().is_some_and(|schools| schools.iter().any(|school| school == text))
            }
            (Value::ExcludedCalendars, Value::Int(number)) => self.zone.excluded_calendars.contains(&number),
            _ => false,
        })
    }

    /// The value of a step.
    ///
    /// # Errors
    /// A fault, or a `return` on its way out.
    pub fn eval(&self, expr: &Expr, frame: &mut [Value]) -> Step<Value> {
        Ok(match &expr.op {
            Op::Field(row, _, field) => {
                return match self.near(row, frame) {
                    Near::Row(row) => self.field(row, *field),
                    _ => self.field(self.row_far(row, frame)?, *field),
                };
            }
            Op::Local(local) => frame[usize::from(*local)].clone(),
            Op::Const(constant) => Value::from(constant),
            Op::Many(row, entity, relation) => {
                let row = self.row(row, frame)?;
                Value::Rows(Rows::Of(row, *relation, self.plan.schema[*entity][*relation].target))
            }
            Op::One(row, entity, relation) => {
                let row = self.row(row, frame)?;
                match self.graph.one(row, *relation) {
                    Some(found) => Value::Row(found),
                    None if self.plan.schema[*entity][*relation].optional => Value::Absent,
                    None => return Err(Fault::Dangling(row, *relation).into()),
                }
            }
            Op::Fact(row, fact, arguments) => {
                if arguments.is_empty() {
                    let row = self.row(row, frame)?;
                    return self.fact(*fact, row);
                }
                return self.fact_of(row, *fact, arguments, frame);
            }
            Op::IfPresent(receiver, local, then) => {
                let value = match self.near(receiver, frame) {
                    Near::Row(row) => Value::Row(row),
                    Near::Absent => Value::Absent,
                    Near::Far => self.eval(receiver, frame)?,
                };
                self.found(receiver, !value.is_absent());
                if value.is_absent() {
                    return Ok(Value::Absent);
                }
                frame[usize::from(*local)] = value;
                return self.eval(then, frame);
            }
            Op::Coalesce(all) => {
                for inner in all {
                    let value = self.eval(inner, frame)?;
                    self.found(inner, !value.is_absent());
                    if !value.is_absent() {
                        return Ok(value);
                    }
                }
                Value::Absent
            }
            Op::If(condition, then, otherwise) => {
                let holds = self.bool(condition, frame)?;
                self.decided(condition, holds);
                return if holds { self.eval(then, frame) } else { self.eval(otherwise, frame) };
            }
            Op::ActiveOn(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Compare(..)
            | Op::OneOf(..)
            | Op::InList(..) => Value::Bool(self.bool(expr, frame)?),
            _ => return self.eval_other(expr, frame),
        })
    }

    /// The steps that are rarer, apart, so that the others need less of the stack.
    #[inline(never)]
    fn eval_other(&self, expr: &Expr, frame: &mut [Value]) -> Step<Value> {
        Ok(match &expr.op {
            Op::AsOf => Value::Date(self.as_of),
            Op::Zone(field) => self.zone_field(*field),
            Op::Parameter(parameter) => self.parameter(*parameter)?,
            Op::Arithmetic(Arithmetic::Concatenate, a, b) => self.concatenated(a, b, frame)?,
            Op::Arithmetic(operation, a, b) => {
                let a = self.eval(a, frame)?;
                let b = self.eval(b, frame)?;
                self.arithmetic(*operation, &a, &b)?
            }
            Op::Block(statements) => {
                let mut last = Value::Absent;
                for statement in statements {
                    match statement {
                        Statement::Let(local, value) => frame[usize::from(*local)] = self.eval(value, frame)?,
                        Statement::Expr(expr) => last = self.eval(expr, frame)?,
                    }
                }
                last
            }
            Op::Return(value) => {
                let value = self.eval(value, frame)?;
                self.gave(expr);
                self.returned.set(value);
                return Err(Stop::Return);
            }
            Op::Call(native, arguments) => self.call(*native, arguments, frame)?,
            Op::Shared(body, arguments) => self.shared(body, arguments, frame)?,
            Op::Lookup(set, code) => {
                let value = self.eval(code, frame)?;
                let code = match &value {
                    Value::Text(text) => Some(self.str(text)),
                    _ => None,
                };
                match self.mapped(&self.plan.value_sets[*set], *set, code) {
                    None => Value::Absent,
                    Some(Mapped::Itself) => value,
                    Some(Mapped::To(code)) => Value::Text(Text::Const(Arc::clone(code))),
                }
            }
            Op::Table(inputs, rows) => self.table(expr, inputs, rows, frame)?,
            Op::Switch(subject, arms) => return self.switch(expr, subject, arms, frame),
            // Every other step has been taken above.
            _ => Value::Absent,
        })
    }

    #[inline(never)]
    fn call(&self, native: Native, arguments: &[Expr], frame: &mut [Value]) -> Step<Value> {
        // A function of few values needs no list of its own.
        match arguments {
            [one] => natives::call(self, native, &[self.eval(one, frame)?]),
            [one, two] => natives::call(self, native, &[self.eval(one, frame)?, self.eval(two, frame)?]),
            [one, two, three] => {
                let values = [self.eval(one, frame)?, self.eval(two, frame)?, self.eval(three, frame)?];
                natives::call(self, native, &values)
            }
            _ => {
                let values = arguments.iter().map(|argument| self.eval(argument, frame)).collect::<Step<Vec<_>>>()?;
                natives::call(self, native, &values)
            }
        }
    }

    #[inline(never)]
    fn shared(&self, body: &Body, arguments: &[Expr], frame: &mut [Value]) -> Step<Value> {
        let mut inner = self.frame(0);
        for argument in arguments {
            inner.push(self.eval(argument, frame)?);
        }
        self.note(|| Spot::of_step(&body.expr), Taken::Entered);
        let value = self.body(body, &mut inner);
        self.done(inner);
        value.map_err(Stop::Fault)
    }

    #[inline(never)]
    fn table(&self, expr: &Expr, inputs: &[Expr], rows: &[TableRow], frame: &mut [Value]) -> Step<Value> {
        let mut values = self.frame(0);
        for input in inputs {
            values.push(self.eval(input, frame)?);
        }
        let takes = |row: &TableRow| row.cells.iter().zip(&values).all(|(cell, value)| self.takes(cell, value));
        let found = rows.iter().position(takes);
        let value = found.map_or(Value::Absent, |row| Value::from(&rows[row].result));
        let row = found.and_then(|row| u32::try_from(row).ok());
        self.note(|| Spot::of_step(expr), row.map_or(Taken::NoRow, Taken::Row));
        self.done(values);
        Ok(value)
    }

    /// Whether a cell of a table, or an arm, takes a value.
    fn takes(&self, cell: &TableCell, value: &Value) -> bool {
        match cell {
            TableCell::Any => true,
            TableCell::OneOf(constants) => constants.iter().any(|constant| self.equals_const(value, constant)),
            TableCell::Range(from, to) => match value {
                Value::Int(number) => from.is_none_or(|from| from <= *number) && to.is_none_or(|to| *number <= to),
                _ => false,
            },
        }
    }

    #[inline(never)]
    fn switch(&self, expr: &Expr, subject: &Expr, arms: &[SwitchArm], frame: &mut [Value]) -> Step<Value> {
        let value = self.eval(subject, frame)?;
        for (number, arm) in (0_u32..).zip(arms) {
            if !arm.values.is_empty() && !arm.values.iter().any(|cell| self.takes(cell, &value)) {
                continue;
            }
            if let Some(guard) = &arm.guard {
                let holds = self.bool(guard, frame)?;
                self.decided(guard, holds);
                if !holds {
                    continue;
                }
            }
            self.note(|| Spot::of_step(expr), Taken::Row(number));
            return self.eval(&arm.then, frame);
        }
        Ok(Value::Absent)
    }

    /// The scripts of this thread.
    #[must_use]
    pub fn scripts(&self) -> &Rc<Scripts> {
        &self.scripts
    }
}
