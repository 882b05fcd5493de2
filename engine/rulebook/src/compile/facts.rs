//! Compiles the facts.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::EntityId;
use problem::{Place, Problem, code};

use super::rankings;
use super::rules::Rules;
use super::split::outside_of_brackets;
use super::tables;
use crate::graph_file::{FactDeclaration, FactTier, SelectWord, Selection};
use crate::language::{Compiler, Context, Scope};
use crate::plan::{Body, Condition, Expr, Fact, Op, Path, PathStep, Select, Value};
use crate::types::{Kind, Type};
use crate::yaml::Scalar;

/// Compiles every fact. A fact that is wrong gets a placeholder, so that the others keep their numbers. Those that give another
/// type than they say are added to `misdeclared`, with those that cannot be shared.
pub fn compile(
    context: &Context<'_>,
    declared: &[FactDeclaration],
    rules: &mut Rules<'_>,
    misdeclared: &mut BTreeSet<(EntityId, String)>,
    problems: &mut Vec<Problem>,
) -> Vec<Fact> {
    // The originals of facts that are shared come before them.
    let mut wrong = BTreeSet::new();
    let (outer_problems, outer_misdeclared) = (problems, misdeclared);
    declared
        .iter()
        .zip(context.facts)
        .enumerate()
        .map(|(number, (fact, signature))| {
            let (mut found, mut misdeclared) = (Vec::new(), BTreeSet::new());
            let problems = &mut found;
            let mut scope = Scope::new();
            scope.bind(row_name(context, fact.entity, fact), Type::of(Kind::Row(fact.entity)));
            for (name, ty) in &signature.given {
                scope.bind(name, *ty);
            }
            let compiled = if context.broken.has_member(fact.entity, &fact.name) {
                if matches!(fact.tier, FactTier::Rule) {
                    rules.mark(&rule_path(context, fact));
                }
                None
            } else {
                match &fact.tier {
                    FactTier::Rank(ranking) => rankings::rank(context, ranking, number, &scope, problems)
                        .map(|ranking| (Value::Ranking(Box::new(ranking)), RANKED, "rank")),
                    FactTier::Size(named) => rankings::size(context, declared, fact.entity, named, &scope, problems)
                        .map(|ranking| (Value::Ranking(Box::new(ranking)), RANKED, "size")),
                    _ => value(context, fact, &scope, rules, problems),
                }
            };
            let (value, tier) = match compiled {
                Some((value, ty, tier)) => {
                    if !ty.fits(signature.ty) {
                        misdeclared.insert((fact.entity, fact.name.clone()));
                        let (found, wanted) = (ty.words(context.schema), signature.ty.words(context.schema));
                        let found = found.to_string();
                        let problem = Problem::new(
                            code::WRONG_TYPE,
                            format!("the fact is declared as {wanted} and gives {found}"),
                        );
                        // Some types have no word in graph.yaml.
                        let problem = problem.at(fact.type_word.1.clone());
                        let problem = if Type::parse(&found, context.schema) == Some(ty) {
                            problem
                                .help(format!("declare it as `{found}`, or give {wanted}"))
                                .replacing(&fact.type_word.0, &found)
                        } else {
                            problem.help(format!("give {wanted}"))
                        };
                        problems.push(problem.and_at(given_by(&value, rule_path(context, fact)), "what gives it"));
                    }
                    (value, tier)
                }
                None => {
                    let expr =
                        Expr { op: Op::Const(crate::plan::Const::Absent), ty: Type::NOTHING, at: Default::default() };
                    (Value::Body(Body { locals: 1, expr, file: Arc::clone(&fact.place.file) }), "value")
                }
            };
            let error = found.iter().find(|problem| problem.is_error());
            match &fact.shared_at {
                // What is remarkable about a shared fact is so of the original.
                Some(place) => {
                    if let Some(error) = error {
                        misdeclared.insert((fact.entity, fact.name.clone()));
                        if !wrong.contains(&fact.place) {
                            outer_problems.push(cannot_share(context, fact, place, error));
                        }
                    }
                }
                None => {
                    if error.is_some() {
                        wrong.insert(fact.place.clone());
                    }
                    outer_problems.append(&mut found);
                }
            }
            outer_misdeclared.append(&mut misdeclared);
            Fact {
                entity: fact.entity,
                name: Arc::from(fact.name.as_str()),
                doc: fact.doc.clone(),
                ty: signature.ty,
                given: signature.given.clone(),
                value,
                tier,
                place: fact.place.clone(),
            }
        })
        .collect()
}

/// What a row goes by inside a fact: its entity's name. In a fact that is shared, that is the name of the entity that it is like.
fn row_name<'c>(context: &Context<'c>, entity: EntityId, fact: &FactDeclaration) -> &'c str {
    let declared = &context.schema[entity];
    let original = declared.like.filter(|_| fact.shared_at.is_some());
    original.map_or(&declared.name, |original| &context.schema[original].name)
}

fn cannot_share(context: &Context<'_>, fact: &FactDeclaration, place: &Place, error: &Problem) -> Problem {
    let entity = &context.schema[fact.entity].name;
    let message = format!("`{entity}` cannot share `{}`: {}", fact.name, error.message);
    Problem::new(code::CANNOT_SHARE, message)
        .at(place.clone())
        .and_at(fact.place.clone(), "declared here")
        .help(format!("give `{entity}` what the fact reads under the same names, or a fact of its own"))
}

fn value(
    context: &Context<'_>,
    fact: &FactDeclaration,
    scope: &Scope,
    rules: &mut Rules<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(Value, Type, &'static str)> {
    let body = |(expr, locals): (Expr, u16), file: &Arc<str>| {
        let ty = expr.ty;
        (Value::Body(Body { locals, expr, file: Arc::clone(file) }), ty)
    };
    match &fact.tier {
        FactTier::Value(scalar) => {
            let (value, ty) = body(Compiler::expression(context, scalar, scope.clone(), problems)?, &scalar.start.file);
            Some((value, ty, "value"))
        }
        FactTier::Table(node) => {
            let (value, ty) = body(tables::compile(context, node, scope, problems)?, &node.place.file);
            Some((value, ty, "table"))
        }
        FactTier::Codes { from, set } => {
            let (expr, locals) = Compiler::expression(context, from, scope.clone(), problems)?;
            let found = value_set(context, set, problems)?;
            if expr.ty.kind != Kind::Text {
                problems.push(
                    Problem::new(code::WRONG_TYPE, "a local code is a text")
                        .at(from.start.clone())
                        .help("to_text(…) makes a text of a number"),
                );
                return None;
            }
            let declared = &context.value_sets[found];
            let always = declared.otherwise.is_some() && (declared.blank.is_some() || !expr.ty.optional);
            let ty = Type { kind: Kind::Text, optional: !always };
            let at = expr.at;
            let expr = Expr { op: Op::Lookup(found, Box::new(expr)), ty, at };
            let (value, ty) = body((expr, locals), &from.start.file);
            Some((value, ty, "codes"))
        }
        FactTier::Rule => {
            let entity = row_name(context, fact.entity, fact);
            let path = rule_path(context, fact);
            let (value, ty) =
                rules.compile(context, &path, &format!("{entity}.{}", fact.name), scope, &fact.place, problems)?;
            Some((value, ty, "rule"))
        }
        FactTier::Select(selection) => {
            let (select, ty) = select(context, fact, selection, scope, problems)?;
            Some((Value::Select(Box::new(select)), ty, "rows"))
        }
        // They are compiled apart, since one names the other.
        FactTier::Rank(_) | FactTier::Size(_) => None,
    }
}

/// What a place among all students is, and how many share the group: nothing for who is not ranked.
const RANKED: Type = Type::maybe(Kind::Int);

/// Where the value of a fact stands.
fn given_by(value: &Value, rule: String) -> Place {
    match value {
        Value::Body(Body { expr: Expr { at, .. }, file, .. }) => {
            Place::new(Arc::clone(file), at.line.max(1), at.column.max(1), 0)
        }
        Value::Select(select) => {
            let at = select.path.start.at;
            Place::new(Arc::clone(&select.file), at.line.max(1), at.column.max(1), 0)
        }
        Value::Script(..) => Place::new(format!("rules/{rule}.rhai"), 1, 1, 0),
        Value::Ranking(ranking) => {
            let at = ranking.of.expr.at;
            Place::new(Arc::clone(&ranking.of.file), at.line.max(1), at.column.max(1), 0)
        }
    }
}

/// The path of the rule that computes a fact, without `rules/` and `.rhai`.
fn rule_path(context: &Context<'_>, fact: &FactDeclaration) -> String {
    format!("facts/{}/{}", row_name(context, fact.entity, fact), fact.name)
}

/// The value set that a scalar names.
pub fn value_set(context: &Context<'_>, set: &Scalar, problems: &mut Vec<Problem>) -> Option<usize> {
    context.value_set(&set.text, &set.start).map_err(|problem| problems.extend(problem)).ok()
}

fn select(
    context: &Context<'_>,
    fact: &FactDeclaration,
    selection: &Selection,
    scope: &Scope,
    problems: &mut Vec<Problem>,
) -> Option<(Select, Type)> {
    let (path, mut inner) = path(context, fact, &selection.path, scope, selection.alias.as_ref(), problems)?;
    let mut locals = inner.locals();
    let mut compile = |scalar: &Scalar, problems: &mut Vec<Problem>| {
        let (expr, needs) = Compiler::expression(context, scalar, inner.clone(), problems)?;
        locals = locals.max(needs);
        // Each expression gets locals of its own, so that none overwrites another's.
        inner.at_least(needs);
        Some(expr)
    };
    let filter = match &selection.filter {
        Some(scalar) => {
            let expr = compile(scalar, problems)?;
            if expr.ty != Type::of(Kind::Bool) {
                problems.push(
                    Problem::new(code::WRONG_TYPE, "a condition is true or false, and never absent")
                        .at(scalar.start.clone())
                        .help("compare it with something; `?? false` takes an absent one as false"),
                );
                return None;
            }
            Some(expr)
        }
        None => None,
    };
    let distinct = selection.distinct.as_ref().map(|scalar| compile(scalar, problems));
    let mut order = Vec::new();
    for item in &selection.order {
        order.push((compile(&item.by, problems)?, item.descending, item.absent_first));
    }
    let of = selection.of.as_ref().map(|scalar| compile(scalar, problems));
    let then = selection.then.as_ref().map(|scalar| compile(scalar, problems));
    let mut outside = |scalar: &Option<Scalar>| match scalar {
        Some(scalar) => Some(Some(Compiler::expression(context, scalar, scope.clone(), problems)?.0)),
        None => Some(None),
    };
    let (otherwise, also) = (outside(&selection.otherwise)?, outside(&selection.also)?);
    let (distinct, of, then) = (transpose(distinct)?, transpose(of)?, transpose(then)?);
    let ty = match selection.what {
        SelectWord::First => match &then {
            Some(then) => then.ty.or_absent(true),
            None => Type::maybe(Kind::Row(path.target)),
        },
        SelectWord::Rows => Type::of(Kind::Rows(path.target)),
        SelectWord::Count => Type::of(Kind::Int),
        SelectWord::Any | SelectWord::Every => Type::of(Kind::Bool),
        SelectWord::Sum => {
            let kind = of.as_ref().map(|of| of.ty);
            let number = kind.is_some_and(|ty| matches!(ty.kind, Kind::Int | Kind::Decimal) && !ty.optional);
            if !number {
                let place = selection.of.as_ref().map_or(&selection.path.start, |of| &of.start);
                problems.push(Problem::new(code::WRONG_TYPE, "a sum adds numbers that are there").at(place.clone()));
                return None;
            }
            kind?
        }
        SelectWord::Days => {
            if let (Some(of), Some(date)) = (&selection.of, &of)
                && !date.ty.fits(Type::maybe(Kind::Date))
                && date.ty != Type::of(Kind::Days)
            {
                let words = date.ty.words(context.schema);
                let message = format!("a set of days is made of dates; this is {words}");
                problems.push(Problem::new(code::WRONG_TYPE, message).at(of.start.clone()));
                return None;
            }
            Type::of(Kind::Days)
        }
    };
    check_comparable(context, selection, &order, distinct.as_ref(), problems)?;
    let further = [("otherwise", &otherwise, &selection.otherwise), ("also", &also, &selection.also)];
    for (key, expr, scalar) in further {
        if let (Some(expr), Some(scalar)) = (expr, scalar)
            && expr.ty != Type::of(Kind::Rows(path.target))
        {
            let problem = Problem::new(code::WRONG_TYPE, format!("`{key}` gives other rows than the path"));
            problems.push(
                problem
                    .at(scalar.start.clone())
                    .help("name a relation or a fact that leads to rows of the path's entity"),
            );
            return None;
        }
    }
    let file = Arc::clone(&selection.path.start.file);
    let conditions = filter.map_or_else(Vec::new, |filter| conditions(selection.what, &path, filter));
    let select =
        Select { what: selection.what, path, conditions, distinct, order, of, then, otherwise, also, locals, file };
    Some((select, ty))
}

/// What rows are ordered by has an order, and what tells them apart can be equal.
fn check_comparable(
    context: &Context<'_>,
    selection: &Selection,
    order: &[(Expr, bool, bool)],
    distinct: Option<&Expr>,
    problems: &mut Vec<Problem>,
) -> Option<()> {
    let by = selection.order.iter().map(|item| &item.by).zip(order.iter().map(|(by, ..)| by));
    let apart = selection.distinct.iter().zip(distinct);
    let without_order =
        |kind: Kind| matches!(kind, Kind::Row(_) | Kind::Rows(_) | Kind::Days | Kind::Texts | Kind::Ints);
    let without_equality = |kind: Kind| matches!(kind, Kind::Rows(_) | Kind::Texts | Kind::Ints);
    let wrong =
        by.filter(|(_, expr)| without_order(expr.ty.kind)).map(|(scalar, expr)| (scalar, expr, "has no order")).chain(
            apart
                .filter(|(_, expr)| without_equality(expr.ty.kind))
                .map(|(scalar, expr)| (scalar, expr, "is a list, which equals nothing")),
        );
    let mut right = Some(());
    for (scalar, expr, why) in wrong {
        let message = format!("{} {why}", expr.ty.words(context.schema));
        let help = "name a field of it";
        problems.push(Problem::new(code::WRONG_TYPE, message).at(scalar.start.clone()).help(help));
        right = None;
    }
    right
}

/// The conditions that a filter joins, each with the rows of the path that it needs.
fn conditions(what: SelectWord, path: &Path, filter: Expr) -> Vec<Condition> {
    let rows: Vec<u16> = std::iter::once(path.start_local).chain(path.steps.iter().map(|step| step.local)).collect();
    let all = match filter.op {
        Op::And(all) => all,
        op => vec![Expr { op, ..filter }],
    };
    all.into_iter()
        .map(|expr| {
            let mut bound = 0;
            crate::steps::of(&expr, &mut |step| {
                if let Op::Local(local) = step.op
                    && let Some(at) = rows.iter().position(|row| *row == local)
                {
                    bound = bound.max(at + 1);
                }
            });
            // `every` is about the rows at the end of the path: where there are none, it holds.
            let bound = if what == SelectWord::Every { rows.len() } else { bound };
            Condition { expr, bound }
        })
        .collect()
}

fn transpose(compiled: Option<Option<Expr>>) -> Option<Option<Expr>> {
    match compiled {
        None => Some(None),
        Some(compiled) => compiled.map(Some),
    }
}

/// Compiles `student.rosters.section.placements`: each step that leads to rows binds them, by the name of their entity.
fn path(
    context: &Context<'_>,
    fact: &FactDeclaration,
    scalar: &Scalar,
    scope: &Scope,
    alias: Option<&Scalar>,
    problems: &mut Vec<Problem>,
) -> Option<(Path, Scope)> {
    let mut inner = scope.clone();
    let parts = outside_of_brackets(scalar.text.trim(), '.');
    let mut steps: Vec<PathStep> = Vec::new();
    let mut start = None;
    let mut current: Option<(u16, EntityId)> = None;
    let mut offset = 0;
    let mut prefix = String::new();
    for (at, part) in parts.iter().enumerate() {
        let place = Scalar {
            text: if at == 0 { part.clone() } else { format!("{}.{part}", marker(at)) },
            plain: true,
            cut: false,
            start: problem::Place::new(
                Arc::clone(&scalar.start.file),
                scalar.start.line,
                (scalar.start.column + offset).saturating_sub(if at == 0 { 0 } else { small(marker(at).len()) + 1 }),
                0,
            ),
        };
        offset += small(part.chars().count()) + 1;
        let mut step_scope = inner.clone();
        let expr = match (&current, at) {
            (_, 0) => {
                // The first parts are one expression as long as they lead to a single row.
                Compiler::expression(context, &place, step_scope, problems)?
            }
            (Some((local, entity)), _) => {
                step_scope.bind_to(&marker(at), *local, Type::of(Kind::Row(*entity)));
                Compiler::expression(context, &place, step_scope, problems)?
            }
            (None, _) => return None,
        };
        let (expr, needs) = expr;
        inner.at_least(needs);
        prefix.push_str(part);
        let entity = match expr.ty.kind {
            Kind::Rows(entity) | Kind::Row(entity) => entity,
            _ => {
                let words = expr.ty.words(context.schema).to_string();
                problems.push(
                    Problem::new(code::WRONG_TYPE, format!("a path leads to rows; `{part}` is {words}"))
                        .at(place.start.clone())
                        .help("name a relation or a fact that leads to rows"),
                );
                return None;
            }
        };
        let last = at + 1 == parts.len();
        let name = match alias {
            Some(alias) if last => alias.text.clone(),
            _ => row_name(context, entity, fact).to_owned(),
        };
        // The fact's own row keeps its name; a path that comes back to the same entity needs `as`.
        let local = if at == 0 && parts.len() > 1 && matches!(expr.ty.kind, Kind::Row(_)) {
            inner.unnamed(expr.ty)
        } else {
            inner.bind(&name, Type::of(Kind::Row(entity)))
        };
        current = Some((local, entity));
        if at == 0 {
            start = Some((expr, local));
        } else {
            steps.push(PathStep { expr, local });
        }
        prefix.push('.');
    }
    let (start, start_local) = start?;
    let (last, target) = current?;
    Some((Path { start, start_local, steps, target, last }, inner))
}

/// A name that no file can write, for the row that a step starts from.
fn marker(at: usize) -> String {
    format!("step_{at}_")
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
