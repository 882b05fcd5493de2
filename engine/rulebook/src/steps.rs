//! Walks over the steps of a plan.

use crate::plan::{Body, Expr, Node, ObjectPlan, Op, Select, Statement, Value};

/// Calls `each` for every step of a value.
pub fn of_value(value: &Value, each: &mut dyn FnMut(&Expr)) {
    match value {
        Value::Body(body) => of(&body.expr, each),
        Value::Select(select) => of_select(select, each),
        Value::Script(_, inputs, _) => inputs.iter().for_each(|input| of(input, each)),
        Value::Ranking(ranking) => ranking.bodies().for_each(|body| of(&body.expr, each)),
    }
}

fn of_select(select: &Select, each: &mut dyn FnMut(&Expr)) {
    of(&select.path.start, each);
    select.path.steps.iter().for_each(|step| of(&step.expr, each));
    select.conditions.iter().for_each(|condition| of(&condition.expr, each));
    let rest = [&select.distinct, &select.of, &select.then, &select.otherwise, &select.also];
    rest.into_iter().flatten().for_each(|expr| of(expr, each));
    select.order.iter().for_each(|(expr, ..)| of(expr, each));
}

/// Calls `each` for a step and every step inside it.
pub fn of(expr: &Expr, each: &mut dyn FnMut(&Expr)) {
    each(expr);
    inside(expr, &mut |inner| of(inner, each));
}

/// Calls `each` for the steps right inside a step.
pub fn inside<'e>(expr: &'e Expr, each: &mut dyn FnMut(&'e Expr)) {
    match &expr.op {
        Op::Const(_) | Op::Local(_) | Op::AsOf | Op::Zone(_) | Op::Parameter(_) => {}
        Op::Field(row, ..) | Op::One(row, ..) | Op::Many(row, ..) => each(row),
        Op::Fact(row, _, arguments) => {
            each(row);
            arguments.iter().for_each(each);
        }
        Op::IfPresent(value, _, then) => {
            each(value);
            each(then);
        }
        Op::ActiveOn(row, _, date) => {
            each(row);
            each(date);
        }
        Op::Not(inner) | Op::OneOf(inner, _) | Op::Return(inner) | Op::Lookup(_, inner) => each(inner),
        Op::And(all) | Op::Or(all) | Op::Coalesce(all) | Op::Call(_, all) | Op::Table(all, _) => {
            all.iter().for_each(each);
        }
        Op::Compare(_, a, b) | Op::Arithmetic(_, a, b) | Op::InList(a, b) => {
            each(a);
            each(b);
        }
        Op::If(condition, then, otherwise) => {
            each(condition);
            each(then);
            each(otherwise);
        }
        Op::Switch(subject, arms) => {
            each(subject);
            for arm in arms {
                arm.guard.iter().for_each(&mut *each);
                each(&arm.then);
            }
        }
        Op::Block(statements) => statements.iter().for_each(|statement| match statement {
            Statement::Let(_, inner) | Statement::Expr(inner) => each(inner),
        }),
        Op::Shared(body, arguments) => {
            each(&body.expr);
            arguments.iter().for_each(each);
        }
    }
}

/// Calls `each` for every value that an object's plan holds: its population, its remarks, and those of its elements.
pub fn of_object(object: &ObjectPlan, each: &mut dyn FnMut(&Value)) {
    let mut body = |body: &Body| each(&Value::Body(body.clone()));
    object.population.iter().for_each(|(_, keep)| body(keep));
    object.remarks.iter().for_each(|remark| body(&remark.when));
    for node in object.nodes() {
        of_node(node, each);
    }
}

/// Calls `each` for every value of an element: when it is sent, its rows, its remarks, its own value.
pub fn of_node(node: &Node, each: &mut dyn FnMut(&Value)) {
    let mut body = |body: &Body| each(&Value::Body(body.clone()));
    node.when.iter().for_each(&mut body);
    node.each.iter().for_each(|rows| body(&rows.rows));
    node.remarks.iter().for_each(|remark| body(&remark.when));
    node.leaf.iter().for_each(|leaf| each(&leaf.value));
}
