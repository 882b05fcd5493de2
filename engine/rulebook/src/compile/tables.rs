//! Decision tables.

use std::sync::Arc;

use problem::{Problem, code};

use super::cover::Cover;
use crate::language::{Compiler, Context, Scope};
use crate::parameters::constant;
use crate::plan::{At, Const, Expr, Op, TableCell, TableRow};
use crate::types::{Kind, Type};
use crate::yaml::{Kind as Yaml, Node, Reader, Scalar};

/// Compiles a decision table: `given` (expressions) and `rows` (a cell for each, then the result).
pub fn compile(context: &Context<'_>, node: &Node, scope: &Scope, problems: &mut Vec<Problem>) -> Option<(Expr, u16)> {
    let mut reader = Reader::new(node, "a decision table", problems);
    let given = reader.need("given", problems).map(|node| node.texts("expressions", problems));
    let rows = reader.need("rows", problems);
    reader.finish(problems);
    let before = problems.len();
    let mut inner = scope.clone();
    let mut inputs = Vec::new();
    for scalar in given? {
        let (expr, needs) = Compiler::expression(context, scalar, inner.clone(), problems)?;
        inner.at_least(needs);
        inputs.push(expr);
    }
    let mut compiled = Vec::new();
    let mut places = Vec::new();
    let mut ty: Option<Type> = None;
    let mut one_type = true;
    let rows = rows?;
    for row in rows.list("rows", problems)? {
        let cells = row.list("cells", problems)?;
        if cells.len() != inputs.len() + 1 {
            problems.push(
                Problem::new(
                    code::BAD_TABLE,
                    format!(
                        "the row has {} cells and needs {}: one for each input, and the result",
                        cells.len(),
                        inputs.len() + 1
                    ),
                )
                .at(row.place.clone())
                .help("write `any` for an input that does not matter"),
            );
            return None;
        }
        let mut conditions = Vec::new();
        for (cell, input) in cells.iter().zip(&inputs) {
            conditions.push(condition(context, cell, input, problems)?);
        }
        let result = result(&cells[inputs.len()], problems)?;
        let joined = ty.map_or(Some(result.ty()), |ty| ty.join(result.ty()));
        if joined.is_none() {
            one_type = false;
            problems.push(
                Problem::new(code::BAD_TABLE, "the results of a table have one type")
                    .at(cells[inputs.len()].place.clone())
                    .help("put quotes around a number that is meant as a text"),
            );
        }
        ty = joined;
        places.push(cells.iter().map(|cell| cell.place.clone()).collect());
        compiled.push(TableRow {
            cells: conditions,
            result,
            at: At { line: row.place.line, column: row.place.column },
        });
    }
    if !one_type {
        return None;
    }
    let at = At { line: node.place.line, column: node.place.column };
    let cover = Cover { context, inputs: &inputs, rows: &compiled, places: &places };
    // What follows from a mistake in the table itself is not looked at.
    let surely = problems.len() > before || cover.check(&rows.place, problems);
    let ty = ty.unwrap_or(Type::NOTHING).or_absent(!surely);
    Some((Expr { op: Op::Table(inputs, compiled), ty, at }, inner.locals()))
}

fn result(node: &Node, problems: &mut Vec<Problem>) -> Option<Const> {
    let scalar = node.scalar("a value", problems)?;
    if !scalar.plain {
        return Some(Const::Text(Arc::from(scalar.text.as_str())));
    }
    Some(match scalar.text.as_str() {
        "()" => Const::Absent,
        "true" => Const::Bool(true),
        "false" => Const::Bool(false),
        text => match text.parse() {
            Ok(number) => Const::Int(number),
            Err(_) => Const::Text(Arc::from(text)),
        },
    })
}

fn condition(context: &Context<'_>, node: &Node, expr: &Expr, problems: &mut Vec<Problem>) -> Option<TableCell> {
    let input = expr.ty;
    let codes = context.codes_of(expr, &[]).filter(|codes| !codes.of.is_empty());
    let one = |scalar: &Scalar, problems: &mut Vec<Problem>| {
        if scalar.plain && scalar.text == "()" {
            return Some(Const::Absent);
        }
        let value = constant(scalar, input.kind);
        if let (Some(codes), Some(Const::Text(text))) = (&codes, &value)
            && !codes.codes.contains(text)
        {
            problems.push(codes.not_a_code(text, scalar.start.clone()));
        }
        if value.is_none() {
            problems.push(
                Problem::new(code::BAD_TABLE, format!("`{}` is not of the input's type", scalar.text))
                    .at(node.place.clone()),
            );
        }
        value
    };
    match &node.kind {
        Yaml::Scalar(scalar) if scalar.plain && scalar.text == "any" => Some(TableCell::Any),
        Yaml::Scalar(scalar) => Some(TableCell::OneOf(vec![one(scalar, problems)?])),
        Yaml::List(items) => {
            let mut values = Vec::new();
            for item in items {
                let scalar = item.scalar("a value", problems)?;
                values.push(one(scalar, problems)?);
            }
            Some(TableCell::OneOf(values))
        }
        Yaml::Map(_) => {
            if input.kind != Kind::Int {
                let words = input.words(context.schema);
                problems.push(
                    Problem::new(code::BAD_TABLE, format!("a range is of whole numbers, and the input is {words}"))
                        .at(node.place.clone())
                        .help("list the values, or take a rule"),
                );
                return None;
            }
            let mut reader = Reader::new(node, "a range", problems);
            let mut bound = |key: &'static str, problems: &mut Vec<Problem>| match reader.text(key, problems) {
                None => Some(None),
                Some(scalar) => match one(scalar, problems)? {
                    Const::Int(number) => Some(Some(number)),
                    _ => {
                        problems.push(
                            Problem::new(code::BAD_TABLE, "`()` is no end of a range")
                                .at(scalar.start.clone())
                                .help("leave `from` or `to` out where there is no end"),
                        );
                        None
                    }
                },
            };
            let (from, to) = (bound("from", problems)?, bound("to", problems)?);
            reader.finish(problems);
            Some(TableCell::Range(from, to))
        }
        Yaml::Null => {
            problems.push(
                Problem::new(code::BAD_TABLE, "an empty cell")
                    .at(node.place.clone())
                    .help("write `any` for anything, `()` for nothing"),
            );
            None
        }
    }
}
