//! What is declared and never read: facts, what they are given, parameters, value sets, shared functions.
//!
//! Only what nothing at all mentions is reported. What is read by an unused fact alone is not: that would be an echo.

use std::collections::BTreeSet;

use problem::{Place, Problem, code};

use super::reads::mentions;
use super::{Files, in_folder};
use crate::functions::Native;
use crate::graph_file::FactDeclaration;
use crate::language::{Context, unused};
use crate::plan::{Const, Expr, Op, Plan, RankWord, Value};
use crate::steps;
use crate::types::Kind;

/// What is read somewhere.
#[derive(Default)]
struct Read {
    facts: BTreeSet<usize>,
    parameters: BTreeSet<usize>,
    sets: BTreeSet<usize>,
}

impl Read {
    fn add(&mut self, plan: &Plan, value: &Value) {
        steps::of_value(value, &mut |expr| self.add_step(plan, expr));
        if let Value::Ranking(ranking) = value
            && ranking.gives == RankWord::Size
        {
            self.facts.insert(ranking.of_fact);
        }
        if let Value::Script(rule, ..) = value {
            // What a script reads is known only by the names that it mentions.
            let text = &plan.rules[*rule].text;
            let facts = plan.facts.iter().enumerate().filter(|(_, fact)| mentions(text, &fact.name));
            self.facts.extend(facts.map(|(at, _)| at));
            let parameters = plan.parameters.iter().enumerate().filter(|(_, known)| mentions(text, &known.name));
            self.parameters.extend(parameters.map(|(at, _)| at));
            let sets = plan.value_sets.iter().enumerate().filter(|(_, set)| mentions(text, &set.name));
            self.sets.extend(sets.map(|(at, _)| at));
        }
    }

    fn add_step(&mut self, plan: &Plan, expr: &Expr) {
        match &expr.op {
            Op::Fact(_, fact, _) => {
                self.facts.insert(*fact);
            }
            Op::Parameter(parameter) => {
                self.parameters.insert(*parameter);
            }
            Op::Lookup(set, _) => {
                self.sets.insert(*set);
            }
            Op::Call(Native::ListHasCode | Native::ListHasOther, arguments) => {
                if let Some(Op::Const(Const::Text(name))) = arguments.get(1).map(|argument| &argument.op) {
                    self.sets.extend(plan.value_sets.iter().position(|set| set.name == **name));
                }
            }
            Op::Call(Native::WeightedMean, arguments) => {
                let Some(Kind::Rows(entity)) = arguments.first().map(|rows| rows.ty.kind) else { return };
                for argument in &arguments[1..] {
                    if let Op::Const(Const::Text(name)) = &argument.op {
                        self.facts.extend(plan.fact_names.get(&(entity, name.to_string())));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reports what nothing reads.
pub fn check(
    plan: &Plan,
    context: &Context<'_>,
    declared: &[FactDeclaration],
    files: &Files,
    problems: &mut Vec<Problem>,
) {
    let mut read = Read::default();
    for fact in &plan.facts {
        read.add(plan, &fact.value);
    }
    for object in &plan.objects {
        steps::of_object(object, &mut |value| read.add(plan, value));
        read.sets.extend(object.nodes().iter().filter_map(|node| node.leaf.as_ref()?.codes));
    }
    // A fact that only another view of the entity's table needs is declared all the same.
    let read_at: BTreeSet<&Place> = read.facts.iter().map(|fact| &plan.facts[*fact].place).collect();
    for (at, (fact, written)) in plan.facts.iter().zip(declared).enumerate() {
        if !read.facts.contains(&at) {
            let place = match &written.shared_at {
                None if read_at.contains(&fact.place) => continue,
                None => &fact.place,
                Some(place) => place,
            };
            let entity = &plan.schema[fact.entity].name;
            problems.push(
                Problem::new(code::UNUSED_FACT, format!("nothing reads the fact `{entity}.{}`", fact.name))
                    .at(place.clone())
                    .help("take it out, or read it where it was meant"),
            );
            continue;
        }
        let mut locals = BTreeSet::new();
        steps::of_value(&fact.value, &mut |expr| {
            if let Op::Local(local) = expr.op {
                locals.insert(usize::from(local));
            }
        });
        for (given, (name, _, place)) in written.given.iter().enumerate() {
            if !locals.contains(&(given + 1)) {
                problems.push(
                    Problem::new(code::UNUSED_FACT, format!("the fact does not read `{name}`, which it is given"))
                        .at(place.clone())
                        .help("take it out, here and where the fact is asked for"),
                );
            }
        }
    }
    for (at, parameter) in plan.parameters.iter().enumerate() {
        if !read.parameters.contains(&at) {
            problems.push(
                Problem::new(
                    code::UNUSED_PARAMETER,
                    format!("nothing reads the parameter `{}.{}`", parameter.group, parameter.name),
                )
                .at(parameter.place.clone())
                .help("take it out, or read it where it was meant"),
            );
        }
    }
    let coded: BTreeSet<&str> = context.coded_sets().collect();
    for (at, set) in plan.value_sets.iter().enumerate() {
        if !read.sets.contains(&at) && !coded.contains(set.name.as_str()) {
            problems.push(
                Problem::new(code::UNUSED_VALUE_SET, format!("nothing uses the value set `{}`", set.name))
                    .at(set.place.clone())
                    .help("take the file out, or name it in `codes:` where it was meant"),
            );
        }
    }
    for (_, path, text) in in_folder(files, "rules/shared/", ".rhai") {
        for function in context.shared.iter().filter(|function| *function.file == *path) {
            let called = (function.file.clone(), function.name.clone());
            if context.called.borrow().contains(&called) {
                continue;
            }
            let (line, column) = unused::place_of_function(text, &function.name).unwrap_or((1, 1));
            let length = u32::try_from(function.name.chars().count()).unwrap_or(0);
            problems.push(
                Problem::new(code::UNUSED_NAME, format!("nothing calls the function `{}`", function.name))
                    .at(Place::new(path, line, column, length))
                    .help("take it out, or call it where it was meant"),
            );
        }
    }
}

/// Takes back remarks about unread names of files in which something is wrong: what would read them may be mistyped.
pub fn keep_causes(problems: &mut Vec<Problem>) {
    let wrong: BTreeSet<_> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .filter_map(|problem| problem.place.as_ref().map(|place| place.file.clone()))
        .collect();
    problems.retain(|problem| {
        problem.code != code::UNUSED_NAME || problem.place.as_ref().is_none_or(|place| !wrong.contains(&place.file))
    });
}
