//! What a case must give so that a condition comes out as wanted, where that can be read from the condition itself.

use graph::{Date, Decimal};
use rulebook::functions::Native;
use rulebook::places::{Access, Frame, Outcome, Step, Way};
use rulebook::plan::{Compare, Const, Expr, Op, Plan, TableCell, ZoneField};
use rulebook::types::{Kind, Type};

/// What a case gives somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This value, as YAML.
    Value(String),
    /// Nothing.
    Absent,
    /// No rows.
    NoRows,
    /// A row, whatever it holds.
    Row,
}

/// The wants of a case.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    /// What is given, by the way to it.
    pub given: Vec<(Access, Wanted)>,
    /// Options of the zone.
    pub zone: Vec<(&'static str, String)>,
    /// What is read, and to be chosen by whoever writes the case.
    pub open: Vec<Access>,
}

/// Finds wants in conditions.
pub struct Finder<'p> {
    plan: &'p Plan,
    as_of: Date,
    wants: Wants,
    /// What is wanted only to be another value: anything that is wanted besides comes before it.
    weak: Vec<(Access, Wanted)>,
}

impl<'p> Finder<'p> {
    /// Of a plan, for a case of this date.
    pub fn new(plan: &'p Plan, as_of: Date) -> Self {
        Self { plan, as_of, wants: Wants::default(), weak: Vec::new() }
    }

    /// What was found.
    pub fn finish(mut self) -> Wants {
        self.wants.given.append(&mut self.weak);
        self.wants
    }

    /// Everything that leads to a step, what is nearest to it first.
    pub fn ways(&mut self, ways: &[Way<'_>]) {
        for way in ways.iter().rev() {
            self.outcome(way.expr, &way.frame, way.outcome);
        }
    }

    /// What makes this come of a step.
    pub fn of_step(&mut self, step: &Step<'_, '_>, outcome: Outcome) {
        self.outcome(step.expr, step.frame, outcome);
    }

    /// What makes this come of an expression.
    pub fn outcome(&mut self, expr: &Expr, frame: &Frame, outcome: Outcome) {
        match outcome {
            Outcome::Held => self.condition(expr, frame, true),
            Outcome::DidNotHold => self.condition(expr, frame, false),
            Outcome::Present => self.presence(expr, frame, true),
            Outcome::Absent => self.presence(expr, frame, false),
            Outcome::Row(row) => self.table_row(expr, frame, row),
            _ => {}
        }
    }

    /// That a step is reached: what it reads is for whoever writes the case to choose.
    pub fn reads(&mut self, expr: &Expr, frame: &Frame) {
        self.leave_open(expr, frame);
    }

    fn give(&mut self, access: Option<Access>, wanted: Wanted) -> bool {
        let Some(access) = access else { return false };
        self.wants.given.push((access, wanted));
        true
    }

    fn condition(&mut self, expr: &Expr, frame: &Frame, holds: bool) {
        let found = match &expr.op {
            Op::Not(inner) => {
                self.condition(inner, frame, !holds);
                true
            }
            Op::And(all) | Op::Or(all) => {
                // All of them, or the last alone: the others must not decide before it.
                let all_alike = matches!(expr.op, Op::And(_)) == holds;
                let last = all.len().saturating_sub(1);
                for (at, inner) in all.iter().enumerate() {
                    self.condition(inner, frame, if all_alike || at == last { holds } else { !holds });
                }
                true
            }
            Op::Compare(compare, a, b) => self.compare(*compare, a, b, frame, holds),
            Op::OneOf(value, constants) => {
                let chosen = if holds { constants.first().map(yaml) } else { Some(other_than(constants)) };
                let access = frame.access(self.plan, value);
                match chosen {
                    Some(text) => self.give(access, Wanted::Value(text)),
                    None => false,
                }
            }
            Op::Zone(option) => {
                if let Some((name, ..)) = ZoneField::ALL.iter().find(|(_, known, _)| known == option) {
                    let text = match option {
                        ZoneField::AllSchools => if holds { "all" } else { "[\"001\"]" }.to_owned(),
                        _ => holds.to_string(),
                    };
                    let name = if *option == ZoneField::AllSchools { "schools" } else { name };
                    self.wants.zone.push((name, text));
                }
                true
            }
            Op::Call(Native::Any, rows) => match rows.first() {
                Some(rows) => {
                    let wanted = if holds { Wanted::Row } else { Wanted::NoRows };
                    self.give(frame.access(self.plan, rows), wanted)
                }
                None => false,
            },
            Op::ActiveOn(row, entity, date) => self.active(row, *entity, date, frame, holds),
            Op::Field(..) | Op::Fact(..) | Op::Local(_) | Op::Coalesce(_) => {
                self.give(frame.access(self.plan, expr), Wanted::Value(holds.to_string()))
            }
            Op::Const(_) => true,
            _ => false,
        };
        if !found {
            self.leave_open(expr, frame);
        }
    }

    fn presence(&mut self, expr: &Expr, frame: &Frame, present: bool) {
        // Behind `?.` there is nothing where there is no row.
        if let (false, Op::IfPresent(row, ..)) = (present, &expr.op) {
            return self.presence(row, frame, false);
        }
        let access = frame.access(self.plan, expr);
        let wanted = match (present, expr.ty.kind) {
            (true, Kind::Row(_) | Kind::Rows(_)) => Wanted::Row,
            (true, _) => Wanted::Value(sample(expr.ty, self.as_of)),
            (false, Kind::Rows(_)) => Wanted::NoRows,
            (false, _) => Wanted::Absent,
        };
        if !self.give(access, wanted) {
            self.leave_open(expr, frame);
        }
    }

    fn compare(&mut self, compare: Compare, a: &Expr, b: &Expr, frame: &Frame, holds: bool) -> bool {
        // The side that a case can give, and the value of the other.
        let (access, compare, of, other) = match (frame.access(self.plan, a), self.known(b)) {
            (Some(access), Some(other)) => (access, compare, a, other),
            _ => match (frame.access(self.plan, b), self.known(a)) {
                (Some(access), Some(other)) => (access, turned(compare), b, other),
                _ => return false,
            },
        };
        if other == Const::Absent {
            self.presence(of, frame, (compare == Compare::NotEqual) == holds);
            return true;
        }
        let steps = match (compare, holds) {
            (Compare::Equal | Compare::LessOrEqual | Compare::GreaterOrEqual, true)
            | (Compare::NotEqual | Compare::Less | Compare::Greater, false) => 0,
            (Compare::Less, true) | (Compare::GreaterOrEqual, false) => -1,
            _ => 1,
        };
        let Some(value) = moved(&other, steps) else { return false };
        let wanted = Wanted::Value(yaml(&value));
        if matches!((compare, holds), (Compare::Equal, false) | (Compare::NotEqual, true)) {
            self.weak.push((access, wanted));
            return true;
        }
        self.give(Some(access), wanted)
    }

    /// The value of a step that no case gives: a constant, the date of the run, a parameter.
    fn known(&self, expr: &Expr) -> Option<Const> {
        match &expr.op {
            Op::Const(constant) => Some(constant.clone()),
            Op::AsOf => Some(Const::Date(self.as_of)),
            Op::Parameter(parameter) => self.plan.parameters[*parameter].on(self.as_of).cloned(),
            _ => None,
        }
    }

    fn active(&mut self, row: &Expr, entity: graph::EntityId, date: &Expr, frame: &Frame, holds: bool) -> bool {
        let (Some(period), Some(access)) = (self.plan.schema[entity].period, frame.access(self.plan, row)) else {
            return false;
        };
        let date = match self.known(date) {
            Some(Const::Date(date)) => date,
            _ => self.as_of,
        };
        let field = |field: graph::FieldId| {
            let mut access = access.clone();
            access.push(rulebook::places::Part { name: self.plan.schema[entity][field].name.clone(), many: false });
            access
        };
        let start = if holds { Some(date) } else { date.succ_opt() };
        let given = [(field(period.start), start)];
        for (access, date) in given {
            if let Some(date) = date {
                self.wants.given.push((access, Wanted::Value(date.to_string())));
            }
        }
        true
    }

    fn table_row(&mut self, expr: &Expr, frame: &Frame, row: u32) {
        if let Op::Switch(subject, arms) = &expr.op {
            let Some(arm) = arms.get(row as usize) else { return };
            let cell = arm.values.first().unwrap_or(&TableCell::Any);
            self.cell(subject, cell, frame);
            if let Some(guard) = &arm.guard {
                self.condition(guard, frame, true);
            }
            return;
        }
        let Op::Table(inputs, rows) = &expr.op else { return };
        let Some(row) = rows.get(row as usize) else { return };
        for (input, cell) in inputs.iter().zip(&row.cells) {
            self.cell(input, cell, frame);
        }
    }

    /// That a value is one that a cell takes.
    fn cell(&mut self, input: &Expr, cell: &TableCell, frame: &Frame) {
        let value = match cell {
            TableCell::Any => return,
            TableCell::OneOf(constants) => constants.first().cloned(),
            TableCell::Range(from, to) => from.or(*to).map(Const::Int),
        };
        match value {
            Some(Const::Absent) => self.presence(input, frame, false),
            Some(value) if self.give(frame.access(self.plan, input), Wanted::Value(yaml(&value))) => {}
            Some(_) => self.leave_open(input, frame),
            None => {}
        }
    }

    /// What a step reads is for whoever writes the case to choose.
    fn leave_open(&mut self, expr: &Expr, frame: &Frame) {
        if let Some(access) = frame.access(self.plan, expr)
            && access.len() > 1
        {
            if !self.wants.open.contains(&access) {
                self.wants.open.push(access.clone());
                let wanted = match expr.ty.kind {
                    Kind::Row(_) | Kind::Rows(_) => Wanted::Row,
                    _ => Wanted::Value(sample(expr.ty, self.as_of)),
                };
                self.wants.given.push((access, wanted));
            }
            return;
        }
        let plan = self.plan;
        let mut inner = Vec::new();
        children(expr, &mut inner);
        if let Op::IfPresent(value, local, _) = &expr.op {
            let frame = frame.with(plan, *local, value);
            inner.into_iter().for_each(|inner| self.leave_open(inner, &frame));
        } else {
            inner.into_iter().for_each(|inner| self.leave_open(inner, frame));
        }
    }
}

/// The steps right inside a step, but for the bodies of functions.
fn children<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.op {
        Op::Field(inner, ..)
        | Op::One(inner, ..)
        | Op::Many(inner, ..)
        | Op::Not(inner)
        | Op::OneOf(inner, _)
        | Op::Return(inner)
        | Op::Lookup(_, inner) => into.push(inner),
        Op::Fact(row, _, arguments) => {
            into.push(row);
            into.extend(arguments);
        }
        Op::IfPresent(a, _, b)
        | Op::ActiveOn(a, _, b)
        | Op::Compare(_, a, b)
        | Op::Arithmetic(_, a, b)
        | Op::InList(a, b) => into.extend([&**a, &**b]),
        Op::And(all) | Op::Or(all) | Op::Coalesce(all) | Op::Call(_, all) | Op::Table(all, _) | Op::Shared(_, all) => {
            into.extend(all);
        }
        Op::If(condition, ..) => into.push(condition),
        Op::Switch(subject, _) => into.push(subject),
        _ => {}
    }
}

/// The comparison with its sides turned round.
const fn turned(compare: Compare) -> Compare {
    match compare {
        Compare::Less => Compare::Greater,
        Compare::LessOrEqual => Compare::GreaterOrEqual,
        Compare::Greater => Compare::Less,
        Compare::GreaterOrEqual => Compare::LessOrEqual,
        other => other,
    }
}

/// A value next to another; `steps` 0 is the value itself.
pub fn moved(value: &Const, steps: i64) -> Option<Const> {
    Some(match value {
        Const::Absent => return None,
        Const::Bool(yes) => Const::Bool(*yes == (steps == 0)),
        Const::Int(number) => Const::Int(number.checked_add(steps)?),
        Const::Decimal(number) => Const::Decimal(number.checked_add(Decimal::from(steps))?),
        Const::Text(text) if steps == 0 => Const::Text(std::sync::Arc::clone(text)),
        Const::Text(text) => Const::Text(format!("not {text}").into()),
        Const::Date(date) => Const::Date(date.checked_add_signed(chrono::TimeDelta::try_days(steps)?)?),
    })
}

fn other_than(constants: &[Const]) -> String {
    match constants.first() {
        Some(Const::Int(_)) => {
            let most = constants.iter().filter_map(|constant| match constant {
                Const::Int(number) => Some(*number),
                _ => None,
            });
            most.max().map_or(0, |most| most.saturating_add(1)).to_string()
        }
        _ => "another".to_owned(),
    }
}

/// A value of a type.
pub fn sample(ty: Type, as_of: Date) -> String {
    match ty.kind {
        Kind::Bool => "true".to_owned(),
        Kind::Int => "1".to_owned(),
        Kind::Decimal => "1.0".to_owned(),
        Kind::Date => as_of.to_string(),
        Kind::Time => "\"08:00\"".to_owned(),
        Kind::DateTime => format!("{as_of}T08:00:00"),
        Kind::Days => format!("[{as_of}]"),
        _ => "some text".to_owned(),
    }
}

/// A constant as YAML.
pub fn yaml(constant: &Const) -> String {
    match constant {
        Const::Absent => "absent".to_owned(),
        Const::Bool(yes) => yes.to_string(),
        Const::Int(number) => number.to_string(),
        Const::Decimal(number) => number.to_string(),
        Const::Date(date) => date.to_string(),
        Const::Text(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '_')
                && !["true", "false", "null", "yes", "no", "absent", "present", "nil"]
                    .contains(&text.to_ascii_lowercase().as_str());
            if plain && !text.ends_with(' ') { text.to_string() } else { format!("{text:?}") }
        }
    }
}
