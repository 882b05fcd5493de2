//! Changes, and how they are made: on a copy of the plan, never in files.

use std::sync::Arc;

use graph::Date;
use rulebook::plan::{
    Arithmetic, At, Body, Compare, Const, Expr, Node, Op, Plan, Ranking, Select, Statement, TableCell, Value,
};
use rulebook::types::{Kind, Type};

/// A change of a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Of every step of this form at a place: a function is compiled for each place that calls it.
    Step(Arc<str>, At, Edit),
    /// Of the selection of a fact, and of those that share it.
    Selection(usize, SelectionEdit),
    /// Of a ranking, by the fact that declares it.
    Ranking(usize, RankingEdit),
    /// Of an element: the object's number and the place and path of the element.
    Element(usize, Arc<str>, NodeEdit),
    /// A population rule is dropped: the object's and the rule's number.
    Population(usize, usize),
    /// Of a value set.
    ValueSet(usize, CodeEdit),
    /// A value of a parameter: the parameter's number, the value's, and the new one.
    Parameter(usize, usize, Const),
    /// The first day of a parameter's value.
    From(usize, usize, Date),
}

/// A change of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A comparison becomes another.
    Compare(Compare, Compare),
    /// A constant becomes another.
    Constant(Const, Const),
    /// The condition of an `if` always comes to this.
    Condition(bool),
    /// One of so many operands of `&&` or `||` is dropped.
    Operand(bool, usize, usize),
    /// One of so many operands of `??` is dropped.
    Default(usize, usize),
    /// `!` is dropped.
    Not,
    /// A constant of a list is dropped: its number, and the list.
    Item(usize, Vec<Const>),
    /// A row of a table is dropped, of so many.
    Row(usize, usize),
    /// The result of a row of a table becomes another.
    Result(usize, Const, Const),
    /// A condition of a row of a table becomes another: the row, the input.
    Cell(usize, usize, TableCell),
    /// An operation becomes another.
    Arithmetic(Arithmetic, Arithmetic),
}

/// A change of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionEdit {
    /// A condition is dropped.
    Condition(usize),
    /// An order is turned round.
    Turn(usize),
    /// An order is dropped.
    Order(usize),
    /// Rows that agree count each.
    Distinct,
    /// The rows that are taken instead of none are not.
    Otherwise,
    /// Without the further rows of `also`.
    Also,
}

/// A change of a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RankingEdit {
    /// Everybody is ranked.
    Who,
    /// Those who differ in this are ranked together.
    By(usize),
}

/// A change of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeEdit {
    /// Its condition is dropped.
    When,
    /// What is sent instead of nothing is not.
    Otherwise,
    /// Its value set is not used.
    Codes,
    /// As many as there are, instead of so many at most.
    Take,
    /// So many decimals instead.
    Decimals(u32),
}

/// A change of a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeEdit {
    /// An entry is dropped.
    Drop(usize),
    /// An entry maps to another code.
    To(usize, Arc<str>),
    /// `otherwise` is dropped.
    Otherwise,
    /// `blank` is dropped.
    Blank,
    /// `dictionary_default` is dropped.
    Default,
}

impl Change {
    /// A copy of the plan with the change made.
    #[must_use]
    pub fn made(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        match self {
            Self::Step(file, at, edit) => each_step(&mut plan, &mut |expr, of| {
                if expr.at == *at && of == &**file {
                    edit.make(expr);
                }
            }),
            Self::Selection(fact, edit) => {
                let place = plan.facts[*fact].place.clone();
                for fact in plan.facts.iter_mut().filter(|fact| fact.place == place) {
                    if let Value::Select(select) = &mut fact.value {
                        edit.make(select);
                    }
                }
            }
            Self::Ranking(fact, edit) => {
                for declared in &mut plan.facts {
                    if let Value::Ranking(ranking) = &mut declared.value
                        && ranking.of_fact == *fact
                    {
                        edit.make(ranking);
                    }
                }
            }
            Self::Element(object, path, edit) => edit.make(&mut plan.objects[*object].root, path),
            Self::Population(object, rule) => {
                plan.objects[*object].population.remove(*rule);
            }
            Self::ValueSet(set, edit) => {
                let set = &mut plan.value_sets[*set];
                match edit {
                    CodeEdit::Drop(entry) => {
                        let (local, ..) = set.entries.remove(*entry);
                        set.codes.remove(&local);
                    }
                    CodeEdit::To(entry, to) => {
                        let (local, mapped, _) = &mut set.entries[*entry];
                        *mapped = Arc::clone(to);
                        set.codes.insert(Arc::clone(local), Arc::clone(to));
                    }
                    CodeEdit::Otherwise => set.otherwise = None,
                    CodeEdit::Blank => set.blank = None,
                    CodeEdit::Default => set.dictionary_default = None,
                }
            }
            Self::Parameter(parameter, value, to) => plan.parameters[*parameter].values[*value].value = to.clone(),
            Self::From(parameter, value, from) => plan.parameters[*parameter].values[*value].from = *from,
        }
        plan
    }
}

impl Edit {
    fn make(&self, expr: &mut Expr) {
        match (self, &mut expr.op) {
            (Self::Compare(from, to), Op::Compare(compare, ..)) if compare == from => *compare = *to,
            (Self::Constant(from, to), Op::Const(constant)) if constant == from => *constant = to.clone(),
            (Self::Condition(to), Op::If(condition, ..)) => {
                condition.op = Op::Const(Const::Bool(*to));
                condition.ty = Type::of(Kind::Bool);
            }
            (Self::Operand(true, at, of), Op::And(all)) | (Self::Operand(false, at, of), Op::Or(all))
                if all.len() == *of =>
            {
                all.remove(*at);
            }
            (Self::Default(at, of), Op::Coalesce(all)) if all.len() == *of => {
                all.remove(*at);
            }
            (Self::Not, Op::Not(inner)) => {
                let inner = (**inner).clone();
                *expr = inner;
            }
            (Self::Item(at, list), Op::OneOf(_, constants)) if constants == list => {
                constants.remove(*at);
            }
            (Self::Row(at, of), Op::Switch(_, arms)) if arms.len() == *of => {
                arms.remove(*at);
            }
            (Self::Row(at, of), Op::Table(_, rows)) if rows.len() == *of => {
                rows.remove(*at);
            }
            (Self::Result(at, from, to), Op::Table(_, rows)) if rows[*at].result == *from => {
                rows[*at].result = to.clone();
            }
            (Self::Cell(row, input, to), Op::Table(_, rows)) => rows[*row].cells[*input] = to.clone(),
            (Self::Arithmetic(from, to), Op::Arithmetic(operation, ..)) if operation == from => *operation = *to,
            _ => {}
        }
    }
}

impl SelectionEdit {
    fn make(&self, select: &mut Select) {
        match self {
            Self::Condition(at) => {
                select.conditions.remove(*at);
            }
            Self::Turn(at) => select.order[*at].1 = !select.order[*at].1,
            Self::Order(at) => {
                select.order.remove(*at);
            }
            Self::Distinct => select.distinct = None,
            Self::Otherwise => select.otherwise = None,
            Self::Also => select.also = None,
        }
    }
}

impl RankingEdit {
    fn make(&self, ranking: &mut Ranking) {
        match self {
            Self::Who => ranking.who.expr.op = Op::Const(Const::Bool(true)),
            Self::By(at) => {
                ranking.by.remove(*at);
            }
        }
    }
}

impl NodeEdit {
    fn make(&self, node: &mut Node, path: &str) {
        if &*node.path != path {
            node.children.iter_mut().for_each(|child| self.make(child, path));
            return;
        }
        match self {
            Self::When => node.when = None,
            Self::Take => node.each.iter_mut().for_each(|each| each.take = None),
            Self::Otherwise | Self::Codes | Self::Decimals(_) => {
                let Some(leaf) = &mut node.leaf else { return };
                match self {
                    Self::Otherwise => leaf.otherwise = None,
                    Self::Codes => leaf.codes = None,
                    Self::Decimals(places) => leaf.decimals = Some(*places),
                    Self::When | Self::Take => {}
                }
            }
        }
    }
}

/// Calls `each` for every step of a plan, with its file. What is inside a step comes first, so that a change is not met twice.
fn each_step(plan: &mut Plan, each: &mut dyn FnMut(&mut Expr, &str)) {
    for fact in &mut plan.facts {
        let file = Arc::clone(&fact.place.file);
        of_value(&mut fact.value, &file, each);
    }
    for object in &mut plan.objects {
        object.population.iter_mut().for_each(|(_, keep)| of_body(keep, each));
        object.remarks.iter_mut().for_each(|remark| of_body(&mut remark.when, each));
        of_node(&mut object.root, each);
    }
}

fn of_node(node: &mut Node, each: &mut dyn FnMut(&mut Expr, &str)) {
    let bodies = node.when.iter_mut().chain(node.each.iter_mut().map(|each| &mut each.rows));
    bodies.chain(node.remarks.iter_mut().map(|remark| &mut remark.when)).for_each(|body| of_body(body, each));
    if let Some(leaf) = &mut node.leaf {
        of_value(&mut leaf.value, &node.place.file, each);
    }
    node.children.iter_mut().for_each(|child| of_node(child, each));
}

fn of_value(value: &mut Value, file: &str, each: &mut dyn FnMut(&mut Expr, &str)) {
    match value {
        Value::Body(body) => of_body(body, each),
        Value::Script(_, inputs, _) => inputs.iter_mut().for_each(|input| of_step(input, file, each)),
        Value::Ranking(ranking) => ranking.bodies_mut().for_each(|body| of_body(body, each)),
        Value::Select(select) => {
            let file = Arc::clone(&select.file);
            of_step(&mut select.path.start, &file, each);
            select.path.steps.iter_mut().for_each(|step| of_step(&mut step.expr, &file, each));
            select.conditions.iter_mut().for_each(|condition| of_step(&mut condition.expr, &file, each));
            select.order.iter_mut().for_each(|(by, ..)| of_step(by, &file, each));
            let rest =
                [&mut select.distinct, &mut select.of, &mut select.then, &mut select.otherwise, &mut select.also];
            rest.into_iter().flatten().for_each(|expr| of_step(expr, &file, each));
        }
    }
}

fn of_body(body: &mut Body, each: &mut dyn FnMut(&mut Expr, &str)) {
    let file = Arc::clone(&body.file);
    of_step(&mut body.expr, &file, each);
}

fn of_step(expr: &mut Expr, file: &str, each: &mut dyn FnMut(&mut Expr, &str)) {
    match &mut expr.op {
        Op::Const(_) | Op::Local(_) | Op::AsOf | Op::Zone(_) | Op::Parameter(_) => {}
        Op::Field(inner, ..)
        | Op::One(inner, ..)
        | Op::Many(inner, ..)
        | Op::Not(inner)
        | Op::OneOf(inner, _)
        | Op::Return(inner)
        | Op::Lookup(_, inner) => of_step(inner, file, each),
        Op::Fact(row, _, arguments) => {
            of_step(row, file, each);
            arguments.iter_mut().for_each(|argument| of_step(argument, file, each));
        }
        Op::IfPresent(a, _, b)
        | Op::ActiveOn(a, _, b)
        | Op::Compare(_, a, b)
        | Op::Arithmetic(_, a, b)
        | Op::InList(a, b) => {
            of_step(a, file, each);
            of_step(b, file, each);
        }
        Op::And(all) | Op::Or(all) | Op::Coalesce(all) | Op::Call(_, all) | Op::Table(all, _) => {
            all.iter_mut().for_each(|inner| of_step(inner, file, each));
        }
        Op::If(condition, then, otherwise) => {
            for inner in [condition, then, otherwise] {
                of_step(inner, file, each);
            }
        }
        Op::Switch(subject, arms) => {
            of_step(subject, file, each);
            for arm in arms {
                arm.guard.iter_mut().for_each(|guard| of_step(guard, file, each));
                of_step(&mut arm.then, file, each);
            }
        }
        Op::Block(statements) => {
            for statement in statements {
                match statement {
                    Statement::Let(_, inner) | Statement::Expr(inner) => of_step(inner, file, each),
                }
            }
        }
        Op::Shared(body, arguments) => {
            of_body(Arc::make_mut(body), each);
            arguments.iter_mut().for_each(|argument| of_step(argument, file, each));
        }
    }
    each(expr, file);
}
