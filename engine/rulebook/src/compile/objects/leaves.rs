//! The value of an element: where it comes from, whether SIF can hold it, and what is sent when it is absent.

use std::sync::Arc;

use graph::{EntityId, FieldId};
use problem::{Place, Problem, code};
use sif::schema::{ElementSchema, Presence, SimpleType};

use super::Builder;
use super::nodes::Surroundings;
use super::path::rule_path;
use crate::compile::facts::value_set;
use crate::compile::results::problem_of_set;
use crate::compile::tables;
use crate::functions::Native;
use crate::language::{Compiler, Scope};
use crate::object_file::{ElementDefinition, Tier};
use crate::plan::{AbsentPolicy, At, Body, Const, Expr, Leaf, Op, Value};
use crate::types::{Kind, Type};

impl Builder<'_, '_, '_> {
    pub(super) fn leaf(
        &mut self,
        definition: &ElementDefinition,
        schema: Option<&ElementSchema>,
        scope: &Scope,
        surroundings: Surroundings,
        path: &str,
    ) -> Option<Leaf> {
        let place = &definition.path.place;
        let [tier] = &definition.tiers[..] else {
            if definition.tiers.is_empty() && !definition.whole {
                return None;
            }
            self.problems.push(
                Problem::new(code::CONTRADICTING_KEYS, format!("`{path}` has {} values", definition.tiers.len()))
                    .at(place.clone())
                    .help("keep one of from, const, table, rule, and take the others out"),
            );
            return None;
        };
        let before = self.problems.len();
        let (value, ty, tier_word) = self.value(tier, definition, schema, scope, path)?;
        let codes = match &definition.codes {
            Some(set) => {
                if !matches!(ty.kind, Kind::Text | Kind::Any) {
                    self.report(code::WRONG_TYPE, &set.start, "only a text goes through a value set".to_owned());
                }
                let found = value_set(self.context, set, self.problems)?;
                if let Some(schema) = schema {
                    let declared = &self.context.value_sets[found];
                    self.problems.extend(problem_of_set(declared, schema, path, &set.start));
                }
                Some(found)
            }
            None => None,
        };
        if let Value::Body(body) = &value {
            self.locals = self.locals.max(body.locals);
        }
        if let Value::Script(_, _, locals) = &value {
            self.locals = self.locals.max(*locals);
        }
        if let Some(schema) = schema {
            self.check_result(schema, ty, codes.is_some(), definition, path);
            if let Some(otherwise) = &definition.otherwise {
                self.check_constant(schema, &otherwise.text, &otherwise.start);
            }
        }
        let known_wrong = self.problems.len() > before;
        if codes.is_none() && !known_wrong {
            self.check_writable(ty, definition, path);
        }
        let decimals = match &definition.decimals {
            Some(scalar) => match scalar.text.parse() {
                Ok(places) => Some(places),
                Err(_) => {
                    self.report(
                        code::WRONG_KIND,
                        &scalar.start,
                        "expected a whole number of decimal places".to_owned(),
                    );
                    return None;
                }
            },
            None => None,
        };
        let absent = self.absent_policy(definition, schema, surroundings);
        let mandatory = schema.is_some_and(|schema| schema.characteristic.presence == Presence::Mandatory);
        Some(Leaf {
            source: match &value {
                Value::Body(body) => source_of(&body.expr),
                _ => None,
            },
            value,
            ty,
            tier: if codes.is_some() { "codes" } else { tier_word },
            codes,
            otherwise: definition.otherwise.as_ref().map(|scalar| Arc::from(scalar.text.as_str())),
            absent,
            decimals,
            strippable: !mandatory && !definition.required,
        })
    }

    fn value(
        &mut self,
        tier: &Tier,
        definition: &ElementDefinition,
        schema: Option<&ElementSchema>,
        scope: &Scope,
        path: &str,
    ) -> Option<(Value, Type, &'static str)> {
        Some(match tier {
            Tier::From(scalar) => {
                let (expr, locals) = Compiler::expression(self.context, scalar, scope.clone(), self.problems)?;
                let ty = expr.ty;
                (Value::Body(Body { locals, expr, file: Arc::clone(&scalar.start.file) }), ty, "from")
            }
            Tier::Const(scalar) => {
                if let Some(schema) = schema {
                    self.check_constant(schema, &scalar.text, &scalar.start);
                }
                let ty = Type::of(Kind::Text);
                let at = At { line: scalar.start.line, column: scalar.start.column };
                let expr = Expr { op: Op::Const(Const::Text(Arc::from(scalar.text.as_str()))), ty, at };
                (Value::Body(Body { locals: 0, expr, file: Arc::clone(&scalar.start.file) }), ty, "const")
            }
            Tier::Table(node) => {
                let (expr, locals) = tables::compile(self.context, node, scope, self.problems)?;
                if let (Some(schema), Op::Table(_, rows)) = (schema, &expr.op) {
                    for row in rows {
                        if let Const::Text(text) = &row.result {
                            let place = Place::new(Arc::clone(&node.place.file), row.at.line, row.at.column, 1);
                            self.check_constant(schema, text, &place);
                        }
                    }
                }
                let ty = expr.ty;
                (Value::Body(Body { locals, expr, file: Arc::clone(&node.place.file) }), ty, "table")
            }
            Tier::Rule => {
                let name = format!("{}/{path}", self.label);
                let file = rule_path(&self.label, path);
                let (value, ty) =
                    self.rules.compile(self.context, &file, &name, scope, &definition.path.place, self.problems)?;
                (value, ty, "rule")
            }
            Tier::Omitted(_) => return None,
        })
    }

    pub(super) fn check_constant(&mut self, schema: &ElementSchema, value: &str, place: &Place) {
        if let Err(fault) = schema.check_value(value) {
            let mut problem =
                Problem::new(code::NOT_IN_CODE_SET, format!("`{value}` {} for `{}`", fault.why(), schema.step()))
                    .at(place.clone());
            if let Some(set) = schema.code_set() {
                problem = problem.did_you_mean(value, set.codes().iter().copied());
            }
            self.problems.push(problem);
        }
    }

    fn check_result(
        &mut self,
        schema: &ElementSchema,
        ty: Type,
        through_codes: bool,
        definition: &ElementDefinition,
        path: &str,
    ) {
        let Some(simple) = schema.value else {
            self.problems.push(
                Problem::new(code::WRONG_RESULT, format!("`{path}` holds elements, not a value"))
                    .at(definition.path.place.clone())
                    .help("take the value out here, and give the elements inside it theirs"),
            );
            return;
        };
        let fits = match ty.kind {
            Kind::Any | Kind::Nothing | Kind::Text => true,
            Kind::Int => {
                !matches!(simple, SimpleType::Date | SimpleType::Time | SimpleType::DateTime | SimpleType::Boolean)
            }
            Kind::Decimal => !matches!(
                simple,
                SimpleType::Date
                    | SimpleType::Time
                    | SimpleType::DateTime
                    | SimpleType::Boolean
                    | SimpleType::UnsignedInt
                    | SimpleType::Year
            ),
            Kind::Date => matches!(
                simple,
                SimpleType::Date
                    | SimpleType::PartialDate
                    | SimpleType::Normalized
                    | SimpleType::Text
                    | SimpleType::Token
            ),
            Kind::Time => simple == SimpleType::Time,
            Kind::DateTime => simple == SimpleType::DateTime,
            _ => false,
        };
        if !fits && !through_codes {
            let words = ty.words(self.context.schema).to_string();
            let place = match definition.tiers.first() {
                Some(Tier::From(scalar)) => scalar.start.clone(),
                _ => definition.path.place.clone(),
            };
            self.problems.push(
                Problem::new(
                    code::WRONG_RESULT,
                    format!("`{path}` holds {}, and the value is {words}", simple.describe()),
                )
                .at(place)
                .help(match ty.kind {
                    Kind::Bool => "write `const: \"Yes\"` with `when:` and `otherwise: \"No\"`",
                    Kind::Decimal => "round it to a whole number: `round_half_up(…)`",
                    _ => "give it a value of the element's type",
                }),
            );
        } else if let (Kind::Decimal, Some(most), false) = (ty.kind, schema.facets.fraction_digits, through_codes) {
            self.check_digits(definition, most, path);
        }
    }

    /// A decimal number must be cut to the digits that the element has room for.
    fn check_digits(&mut self, definition: &ElementDefinition, most: u8, path: &str) {
        let given = definition.decimals.as_ref();
        if given.is_some_and(|scalar| scalar.text.parse::<u8>().map_or(true, |places| places <= most)) {
            return;
        }
        let place = given.map_or(&definition.path.place, |scalar| &scalar.start).clone();
        self.problems.push(
            Problem::new(
                code::WRONG_RESULT,
                format!("`{path}` has room for {most} digits after the point, and the value may have more"),
            )
            .at(place)
            .help(format!("write `decimals: {most}`")),
        );
    }

    /// Decimal places of what is no number, and values that have no text at all.
    fn check_writable(&mut self, ty: Type, definition: &ElementDefinition, path: &str) {
        if let Some(scalar) = definition.decimals.as_ref()
            && !matches!(ty.kind, Kind::Int | Kind::Decimal | Kind::Any)
        {
            let words = ty.words(self.context.schema).to_string();
            let message = format!("only numbers have decimals, and the value is {words}");
            self.problems.push(Problem::new(code::WRONG_RESULT, message).at(scalar.start.clone()).help("take it out"));
        }
        if matches!(ty.kind, Kind::Row(_) | Kind::Rows(_) | Kind::Days | Kind::Texts | Kind::Ints) {
            let words = ty.words(self.context.schema).to_string();
            let place = match definition.tiers.first() {
                Some(Tier::From(scalar)) => scalar.start.clone(),
                _ => definition.path.place.clone(),
            };
            let message = format!("`{path}` holds a value, and this is {words}");
            self.problems
                .push(Problem::new(code::WRONG_RESULT, message).at(place).help("name the field of it that is meant"));
        }
    }

    fn absent_policy(
        &mut self,
        definition: &ElementDefinition,
        schema: Option<&ElementSchema>,
        surroundings: Surroundings,
    ) -> AbsentPolicy {
        let Some(schema) = schema else {
            return definition.absent.as_ref().map_or(AbsentPolicy::Empty, |(policy, _)| *policy);
        };
        let mandatory = schema.characteristic.presence == Presence::Mandatory;
        let may_be_empty = !schema.attribute && schema.check_value("").is_ok();
        let Some((policy, place)) = &definition.absent else {
            return match (mandatory, may_be_empty && !surroundings.in_repeated) {
                (false, _) => AbsentPolicy::Omit,
                (true, true) => AbsentPolicy::Empty,
                (true, false) => AbsentPolicy::Reject,
            };
        };
        let allowed = match policy {
            AbsentPolicy::Omit => !mandatory,
            AbsentPolicy::Empty => may_be_empty,
            AbsentPolicy::Nil => schema.nillable,
            AbsentPolicy::Reject => true,
        };
        if !allowed {
            let mut words = vec!["reject"];
            if !mandatory {
                words.push("omit");
            }
            if may_be_empty {
                words.push("empty");
            }
            if schema.nillable {
                words.push("nil");
            }
            let message = format!("SIF 2.4 does not allow that here; it allows {}", words.join(", "));
            let place = place.clone();
            self.problems.push(
                Problem::new(code::BAD_POLICY, message)
                    .at(place)
                    .help("write one of these, or leave `absent` out: then the schema decides"),
            );
        }
        *policy
    }
}

/// The value of an element that SIF needs, always the same text.
pub fn constant(text: &str, place: &Place) -> Leaf {
    let ty = Type::of(Kind::Text);
    let expr = Expr { op: Op::Const(Const::Text(Arc::from(text))), ty, at: At::default() };
    Leaf {
        value: Value::Body(Body { locals: 0, expr, file: Arc::clone(&place.file) }),
        ty,
        tier: "const",
        codes: None,
        otherwise: None,
        absent: AbsentPolicy::Reject,
        decimals: None,
        strippable: false,
        source: None,
    }
}

/// The field that a value is, if it is nothing but a field.
fn source_of(expr: &Expr) -> Option<(EntityId, FieldId)> {
    match &expr.op {
        Op::Field(_, entity, field) => Some((*entity, *field)),
        Op::IfPresent(_, _, then) => source_of(then),
        Op::Coalesce(all) => all.first().and_then(source_of),
        Op::Call(Native::RefId, arguments) => arguments.first().and_then(source_of),
        _ => None,
    }
}
