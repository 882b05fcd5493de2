//! Compiles the facts of the whole population, and sees that none needs another.

use std::sync::Arc;

use graph::EntityId;
use problem::{Problem, code};

use super::reads;
use crate::graph_file::{self, FactTier};
use crate::language::{Compiler, Context, Scope};
use crate::plan::{Body, Plan, RankWord, Ranking, Value};
use crate::types::{Kind, Type};
use crate::yaml::Scalar;

/// Compiles `rank`. `fact` is the fact's number.
pub fn rank(
    context: &Context<'_>,
    declared: &graph_file::Ranking,
    fact: usize,
    scope: &Scope,
    problems: &mut Vec<Problem>,
) -> Option<Ranking> {
    let mut body = |scalar: &Scalar| {
        let (expr, locals) = Compiler::expression(context, scalar, scope.clone(), problems)?;
        Some(Body { locals, expr, file: Arc::clone(&scalar.start.file) })
    };
    let who = body(&declared.who);
    let by: Vec<Option<Body>> = declared.by.iter().map(&mut body).collect();
    let of = body(&declared.of);
    let by: Option<Vec<Body>> = by.into_iter().collect();
    let (who, by, of) = (who?, by?, of?);
    let mut right = Some(());
    let mut wrong = |scalar: &Scalar, message: &str, help: &str| {
        problems.push(Problem::new(code::WRONG_TYPE, message).at(scalar.start.clone()).help(help));
        right = None;
    };
    if who.expr.ty != Type::of(Kind::Bool) {
        let help = "compare it with something; `?? false` takes an absent one as false";
        wrong(&declared.who, "a condition is true or false, and never absent", help);
    }
    for (scalar, body) in declared.by.iter().zip(&by) {
        if !matches!(body.expr.ty.kind, Kind::Int | Kind::Text | Kind::Bool | Kind::Date | Kind::Decimal) {
            let words = body.expr.ty.words(context.schema);
            wrong(scalar, &format!("a group is told by single values; this is {words}"), "name a field of it");
        }
    }
    if !matches!(of.expr.ty.kind, Kind::Int | Kind::Decimal) {
        let words = of.expr.ty.words(context.schema);
        wrong(&declared.of, &format!("students are ranked by a number; this is {words}"), "name a number");
    }
    right.map(|()| Ranking { gives: RankWord::Rank, of_fact: fact, who, by, of })
}

/// Compiles `size`, which counts whom another fact ranks.
pub fn size(
    context: &Context<'_>,
    declared: &[graph_file::FactDeclaration],
    entity: EntityId,
    named: &Scalar,
    scope: &Scope,
    problems: &mut Vec<Problem>,
) -> Option<Ranking> {
    let ranks = |fact: &&graph_file::FactDeclaration| fact.entity == entity && matches!(fact.tier, FactTier::Rank(_));
    let found = context.fact_names.get(&(entity, named.text.clone())).copied();
    match found.map(|fact| (fact, &declared[fact].tier)) {
        // What is wrong with it is told where it is declared.
        Some((fact, FactTier::Rank(ranking))) => {
            let ranking = rank(context, ranking, fact, scope, &mut Vec::new())?;
            Some(Ranking { gives: RankWord::Size, ..ranking })
        }
        found => {
            if found.is_none() && context.broken.has_member(entity, &named.text) {
                return None;
            }
            let message = match found {
                None => format!("`size` names the fact that ranks; there is none called `{}`", named.text),
                Some(_) => format!("`size` names the fact that ranks; `{}` ranks nobody", named.text),
            };
            let names = declared.iter().filter(ranks).map(|fact| fact.name.as_str());
            let problem = Problem::new(code::UNKNOWN_FIELD, message).at(named.start.clone());
            problems.push(problem.did_you_mean(&named.text, names));
            None
        }
    }
}

/// Reports each fact of the whole population that another is needed for: all of them are computed in one pass.
pub fn check(plan: &Plan, problems: &mut Vec<Problem>) {
    for (fact, declared) in plan.facts.iter().enumerate() {
        let Value::Ranking(ranking) = &declared.value else { continue };
        if ranking.of_fact != fact {
            continue;
        }
        let needed = reads::of_value(plan, &declared.value).rankings;
        // One that needs itself is a circle, which is reported as such.
        if needed.contains(&fact) {
            continue;
        }
        for other in needed {
            let (name, other) = (&declared.name, &plan.facts[other]);
            let message = format!("`{name}` is of the whole population, and needs `{}`, which is too", other.name);
            problems.push(
                Problem::new(code::NEEDS_POPULATION, message)
                    .at(declared.place.clone())
                    .and_at(other.place.clone(), "declared here")
                    .help("rank by something that is known of each student alone"),
            );
        }
    }
}
