//! What an element is given, against what SIF lets it hold: every constant that a value can be, by whatever path it comes.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::Decimal;
use problem::{Place, Problem, code};
use sif::schema::{ElementSchema, SimpleType};

use crate::functions::Native;
use crate::language::codes::near_code;
use crate::plan::{At, Body, Const, Expr, Leaf, Node, Op, Plan, Statement, Value};
use crate::steps::inside;
use crate::types::Kind;

/// Facts in facts are followed so far; beyond, nothing is said.
const DEEPEST: usize = 12;

/// What a value can be.
#[derive(Default)]
struct Results {
    /// The constants, with their places.
    constants: Vec<(Const, Arc<str>, At)>,
    /// Value sets whose results it can be, with the place of the look-up.
    sets: Vec<(usize, Arc<str>, At)>,
    /// Whether it can be a text of the source, or one made of such.
    unknown: bool,
}

/// Reports what elements cannot hold.
pub fn check(plan: &Plan, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for object in &plan.objects {
        for node in object.nodes() {
            if let Some(leaf) = &node.leaf {
                check_leaf(plan, node, leaf, &mut seen, problems);
            }
        }
    }
}

fn check_leaf(plan: &Plan, node: &Node, leaf: &Leaf, seen: &mut BTreeSet<(Arc<str>, At)>, problems: &mut Vec<Problem>) {
    let mut results = Results::default();
    results.of_value(plan, &leaf.value, 0);
    let nothing = leaf.ty.kind == Kind::Nothing && leaf.ty.optional && leaf.codes.is_none();
    if nothing {
        problems.push(
            Problem::new(code::NEVER_A_VALUE, format!("`{}` is always given nothing", node.path))
                .at(node.place.clone())
                .help("give it a value, or say `omitted:` with the reason"),
        );
        return;
    }
    let Some(schema) = node.schema else { return };
    if leaf.codes.is_some() {
        return;
    }
    let mut wrong: Option<Problem> = None;
    let mut others = 0;
    for (constant, file, at) in &results.constants {
        // Constants of the definition itself have been looked at where they were read.
        if matches!(leaf.tier, "const" | "table") && **file == *node.place.file {
            continue;
        }
        let Some(text) = text_of(constant, leaf.decimals) else { continue };
        let Err(fault) = schema.check_value(&text) else { continue };
        if !seen.insert((Arc::clone(file), *at)) {
            continue;
        }
        let quotes = if matches!(constant, Const::Text(_)) { 2 } else { 0 };
        let length = u32::try_from(text.chars().count() + quotes).unwrap_or(1);
        let place = Place::new(Arc::clone(file), at.line, at.column, length);
        if let Some(first) = wrong {
            others += 1;
            wrong = Some(first.and_at(place, "so is this"));
            continue;
        }
        let mut problem = Problem::new(code::NOT_IN_CODE_SET, format!("`{text}` {} for `{}`", fault.why(), node.path))
            .at(place)
            .and_at(node.place.clone(), "the element is given this");
        if let Some(set) = schema.code_set() {
            problem = with_code(problem, &text, schema, set.codes());
        }
        wrong = Some(problem);
    }
    if let Some(mut problem) = wrong {
        match others {
            0 => {}
            1 => problem.message.push_str("; so is 1 other"),
            _ => problem.message.push_str(&format!("; so are {others} others")),
        }
        problems.push(problem);
    }
    for (set, file, at) in &results.sets {
        let place = Place::new(Arc::clone(file), at.line, at.column, 1);
        if let Some(problem) = wrong_set(plan, *set, schema, &node.path, &place)
            && seen.insert((Arc::clone(file), *at))
        {
            problems.push(problem.and_at(node.place.clone(), "the element is given this"));
        }
    }
    if leaf.ty.kind == Kind::Text
        && results.unknown
        && let Some(simple) = schema.value
        && let Some(help) = not_from_text(simple)
    {
        problems.push(
            Problem::new(
                code::WRONG_RESULT,
                format!("`{}` holds {}, and the value may be any text", node.path, simple.describe()),
            )
            .at(node.place.clone())
            .help(help),
        );
    }
}

/// The problem with a code that is not in a code set, with the nearest that is.
fn with_code(problem: Problem, text: &str, schema: &ElementSchema, codes: &[&'static str]) -> Problem {
    let near = near_code(text, codes);
    match near {
        Some(near) => problem.help(format!("did you mean `{near}`?")).replacing(text, near),
        None if codes.len() <= 12 => problem.help(format!("the codes are `{}`", codes.join("`, `"))),
        None => problem.help(format!("take one of the {} codes of `{}`", codes.len(), schema.step())),
    }
}

/// What a value set gives must be what an element takes. Codes of another code set are reported together: the set is the mistake.
pub fn wrong_set(plan: &Plan, set: usize, schema: &ElementSchema, path: &str, place: &Place) -> Option<Problem> {
    let set = plan.value_sets.get(set)?;
    problem_of_set(set, schema, path, place)
}

/// The same of a value set by itself.
pub fn problem_of_set(
    set: &crate::value_sets::ValueSet,
    schema: &ElementSchema,
    path: &str,
    place: &Place,
) -> Option<Problem> {
    // Codes outside of the set's own code set are reported there.
    let own = set.code_set.as_deref().and_then(|name| sif::schema().code_set(name));
    let fits = |code: &str| schema.check_value(code).is_ok() || own.is_some_and(|own| !own.contains(code));
    let written = set.entries.iter().map(|(_, to, _)| &**to);
    let others = set.otherwise.iter().chain(&set.blank).map(|code| &**code);
    let passed = set.passes.iter().flat_map(|set| set.codes()).copied();
    let wrong = written.chain(others).chain(passed).find(|code| !fits(code))?;
    let why = schema.check_value(wrong).err()?.why();
    let message = format!("the value set `{}` gives `{wrong}`, which {why} for `{path}`", set.name);
    let at_entry = set.entries.iter().find(|(_, to, _)| **to == *wrong).map_or(&set.place, |(.., place)| place);
    let problem =
        Problem::new(code::NOT_IN_CODE_SET, message).at(place.clone()).and_at(at_entry.clone(), "it is given here");
    Some(match schema.code_set() {
        Some(codes) => problem.help(format!("take a value set with `code_set: {}`", codes.name())),
        None => problem,
    })
}

fn text_of(constant: &Const, decimals: Option<u32>) -> Option<String> {
    Some(match constant {
        Const::Absent => return None,
        Const::Bool(value) => value.to_string(),
        Const::Int(number) => match decimals {
            Some(_) => return None,
            None => number.to_string(),
        },
        Const::Decimal(number) => decimal(*number, decimals),
        Const::Text(text) => text.to_string(),
        Const::Date(date) => date.to_string(),
    })
}

fn decimal(number: Decimal, decimals: Option<u32>) -> String {
    match decimals {
        Some(places) => number.round_dp(places).to_string(),
        None => number.normalize().to_string(),
    }
}

/// What to do where a text of the source is given to an element of another type; none where any text will do.
const fn not_from_text(simple: SimpleType) -> Option<&'static str> {
    match simple {
        SimpleType::Date | SimpleType::Time | SimpleType::DateTime => {
            Some("declare the field as date or time in graph.yaml, so that a wrong one is found in the source")
        }
        SimpleType::UnsignedInt => Some("read it with `parse_int`, or declare the field as int in graph.yaml"),
        SimpleType::Decimal => Some("read it with `parse_decimal`, or declare the field as decimal in graph.yaml"),
        SimpleType::Boolean => Some("give it `\"true\"` or `\"false\"`"),
        _ => None,
    }
}

impl Results {
    fn of_value(&mut self, plan: &Plan, value: &Value, depth: usize) {
        match value {
            Value::Body(body) => self.of_body(plan, body, depth),
            Value::Select(select) => match &select.then {
                Some(then) => self.of_expr(plan, then, then, &select.file, depth),
                None => self.unknown = true,
            },
            Value::Script(..) | Value::Ranking(_) => self.unknown = true,
        }
    }

    fn of_body(&mut self, plan: &Plan, body: &Body, depth: usize) {
        self.of_expr(plan, &body.expr, &body.expr, &body.file, depth);
        self.of_returns(plan, &body.expr, body, depth);
    }

    fn of_returns(&mut self, plan: &Plan, expr: &Expr, body: &Body, depth: usize) {
        match &expr.op {
            Op::Return(value) => self.of_expr(plan, value, &body.expr, &body.file, depth),
            // What a function returns is its own value.
            Op::Shared(_, arguments) => {
                arguments.iter().for_each(|argument| self.of_returns(plan, argument, body, depth));
            }
            _ => inside(expr, &mut |child| self.of_returns(plan, child, body, depth)),
        }
    }

    /// What a step can give; `whole` is the body that it stands in.
    fn of_expr(&mut self, plan: &Plan, expr: &Expr, whole: &Expr, file: &Arc<str>, depth: usize) {
        if depth > DEEPEST {
            self.unknown = true;
            return;
        }
        match &expr.op {
            Op::Const(constant) => self.constants.push((constant.clone(), Arc::clone(file), expr.at)),
            Op::If(_, then, otherwise) => {
                self.of_expr(plan, then, whole, file, depth);
                self.of_expr(plan, otherwise, whole, file, depth);
            }
            Op::Switch(_, arms) => arms.iter().for_each(|arm| self.of_expr(plan, &arm.then, whole, file, depth)),
            Op::Coalesce(all) => all.iter().for_each(|one| self.of_expr(plan, one, whole, file, depth)),
            Op::IfPresent(_, _, then) => self.of_expr(plan, then, whole, file, depth),
            Op::Block(statements) => {
                if let Some(Statement::Expr(last)) = statements.last() {
                    self.of_expr(plan, last, whole, file, depth);
                }
            }
            Op::Table(_, rows) => {
                self.constants.extend(rows.iter().map(|row| (row.result.clone(), Arc::clone(file), row.at)));
            }
            Op::Lookup(set, _) => self.sets.push((*set, Arc::clone(file), expr.at)),
            Op::Shared(body, _) => self.of_body(plan, body, depth + 1),
            Op::Fact(_, fact, _) => self.of_value(plan, &plan.facts[*fact].value, depth + 1),
            Op::Local(local) => match value_of_local(whole, *local) {
                Some(value) => self.of_expr(plan, value, whole, file, depth + 1),
                None => self.unknown = true,
            },
            Op::Return(_) => {}
            // Texts that are numbers.
            Op::Call(Native::ToText | Native::FixedDecimals | Native::Padded, _) => {}
            _ => self.unknown = true,
        }
    }
}

/// What a variable of a body is given.
fn value_of_local(whole: &Expr, local: u16) -> Option<&Expr> {
    if let Op::Block(statements) = &whole.op {
        for statement in statements {
            if let Statement::Let(of, value) = statement
                && *of == local
            {
                return Some(value);
            }
        }
    }
    let mut found = None;
    let mut inner: Vec<&Expr> = Vec::new();
    inside(whole, &mut |child| inner.push(child));
    for child in inner {
        found = found.or_else(|| value_of_local(child, local));
    }
    found
}
