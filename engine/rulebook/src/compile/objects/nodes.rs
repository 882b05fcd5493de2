//! From a draft of an element to its node: repetition, condition, value and children.

use std::sync::Arc;

use problem::{Problem, code};
use sif::schema::{ElementSchema, Presence};

use super::Builder;
use super::drafts::Draft;
use super::leaves::constant;
use crate::language::{Compiler, Scope};
use crate::object_file::ElementDefinition;
use crate::plan::{AbsentPolicy, Body, Each, Node};
use crate::types::{Kind, Type};
use crate::yaml::Scalar;

/// Where a node stands.
#[derive(Clone, Copy)]
pub struct Surroundings {
    pub in_repeated: bool,
}

impl Builder<'_, '_, '_> {
    pub(super) fn node(&mut self, draft: &Draft<'_>, scope: &Scope, surroundings: Surroundings) -> Option<Node> {
        let schema = draft.schema?;
        let definition = draft.definition;
        let mut inner = scope.clone();
        let each = definition.and_then(|definition| definition.each.as_ref().map(|each| (definition, each)));
        let each = match each {
            Some((definition, each)) => Some(self.each(definition, each, &mut inner)?),
            None => None,
        };
        let when = match definition.and_then(|definition| definition.when.as_ref()) {
            Some(when) => Some(self.condition(when, &inner)?),
            None => None,
        };
        let remarks = definition.map(|definition| self.remarks(&definition.remarks, &inner)).unwrap_or_default();
        let repeatable = schema.characteristic.repeatable;
        let mandatory = schema.characteristic.presence == Presence::Mandatory;
        let inside = Surroundings { in_repeated: surroundings.in_repeated || repeatable };
        let mut children = Vec::new();
        let mut right = true;
        for child in &draft.children {
            match self.node(child, &inner, inside) {
                Some(child) => children.push(child),
                None => right = false,
            }
        }
        if let Some((fixed, value)) = &draft.step.fixed {
            match self.fixed_child(schema, fixed, value, draft) {
                Some(child) => {
                    let order = schema.child(fixed).map(ElementSchema::order);
                    let at = children
                        .iter()
                        .position(|other: &Node| {
                            draft.children.iter().any(|draft| {
                                draft.path == *other.path && draft.schema.map(ElementSchema::order) > order
                            })
                        })
                        .unwrap_or(children.len());
                    children.insert(at, child);
                }
                None => right = false,
            }
        }
        if self.unread.contains(&draft.path) {
            return None;
        }
        let leaf = match definition {
            Some(definition) if has_value(definition) => {
                Some(self.leaf(definition, Some(schema), &inner, inside, &draft.path)?)
            }
            Some(definition) if !definition.whole => return None,
            _ => {
                if draft.children.is_empty() && !draft.path.is_empty() && draft.misnamed.is_empty() {
                    self.problems.push(
                        Problem::new(code::NO_VALUE_GIVEN, format!("nothing gives `{}` a value", draft.path))
                            .at(draft.place.clone())
                            .help("write one of from, const, table, rule, omitted; or elements inside it"),
                    );
                    return None;
                }
                None
            }
        };
        self.check_mandatory(draft, schema);
        right.then(|| Node {
            name: self.names.intern(schema.name),
            path: Arc::from(draft.path.as_str()),
            attribute: schema.attribute,
            mandatory,
            may_be_left_out: !draft.path.is_empty() && (!mandatory || repeatable),
            sent_empty: definition.is_some_and(|definition| self.is_sent_empty(definition, schema)),
            schema: Some(schema),
            when,
            each,
            remarks,
            leaf,
            children,
            rows: definition.map(|definition| definition.rows.clone()).unwrap_or_default(),
            place: draft.place.clone(),
        })
    }

    /// Whether a part is sent though nothing but constants is in it: it says `absent: empty`, and SIF needs no element in it.
    fn is_sent_empty(&mut self, definition: &ElementDefinition, schema: &ElementSchema) -> bool {
        let Some((policy, place)) = definition.absent.as_ref().filter(|_| !has_value(definition)) else { return false };
        let needed = schema
            .children
            .iter()
            .find(|child| !child.attribute && child.characteristic.presence == Presence::Mandatory);
        let message = match (policy, needed) {
            (AbsentPolicy::Empty, None) => return true,
            (AbsentPolicy::Empty, Some(needed)) => format!("SIF 2.4 needs `{}` in it", needed.name),
            _ => "a part with elements may only be sent `empty` where there is nothing in it".to_owned(),
        };
        self.problems.push(
            Problem::new(code::BAD_POLICY, message)
                .at(place.clone())
                .help("leave `absent` out: then the part is left out where there is nothing in it"),
        );
        false
    }

    fn each(&mut self, definition: &ElementDefinition, each: &Scalar, inner: &mut Scope) -> Option<Each> {
        let (expr, locals) = Compiler::expression(self.context, each, inner.clone(), self.problems)?;
        let entity = match expr.ty.kind {
            Kind::Rows(entity) | Kind::Row(entity) => entity,
            _ => {
                let words = expr.ty.words(self.context.schema).to_string();
                self.problems.push(
                    Problem::new(code::WRONG_TYPE, format!("`each` takes rows; this is {words}"))
                        .at(each.start.clone())
                        .help("name a relation or a fact that leads to rows"),
                );
                return None;
            }
        };
        inner.at_least(locals);
        let name = definition.alias.as_ref().map_or(&self.context.schema[entity].name, |alias| &alias.text);
        let local = inner.bind(name, Type::of(Kind::Row(entity)));
        self.locals = self.locals.max(inner.locals());
        let take = match &definition.take {
            Some(take) => match take.text.parse() {
                Ok(number) => Some(number),
                Err(_) => {
                    self.report(code::WRONG_KIND, &take.start, "expected a whole number".to_owned());
                    return None;
                }
            },
            None => None,
        };
        let rows = Body { locals, expr, file: Arc::clone(&each.start.file) };
        Some(Each { rows, local, entity, take })
    }

    fn fixed_child(
        &mut self,
        schema: &'static ElementSchema,
        fixed: &str,
        value: &str,
        draft: &Draft<'_>,
    ) -> Option<Node> {
        let Some(child) = schema.child(fixed) else {
            let names: Vec<String> = schema.children.iter().map(ElementSchema::step).collect();
            self.problems.push(
                Problem::new(code::UNKNOWN_PATH, format!("SIF 2.4 has no `{fixed}` in `{}`", draft.step.plain))
                    .at(draft.place.clone())
                    .did_you_mean(fixed, names.iter().map(String::as_str)),
            );
            return None;
        };
        self.check_constant(child, value, &draft.place);
        let path = format!("{}/{fixed}", draft.path);
        Some(Node {
            name: self.names.intern(child.name),
            schema: Some(child),
            path: Arc::from(path),
            attribute: child.attribute,
            mandatory: child.characteristic.presence == Presence::Mandatory,
            may_be_left_out: false,
            sent_empty: false,
            when: None,
            each: None,
            remarks: Vec::new(),
            leaf: Some(constant(value, &draft.place)),
            children: Vec::new(),
            rows: Vec::new(),
            place: draft.place.clone(),
        })
    }

    fn check_mandatory(&mut self, draft: &Draft<'_>, schema: &ElementSchema) {
        for child in &schema.children {
            let given = draft.children.iter().any(|given| given.step.plain == child.step())
                || draft.step.fixed.as_ref().is_some_and(|(fixed, _)| *fixed == child.step());
            if child.characteristic.presence == Presence::Mandatory && !given && draft.misnamed.is_empty() {
                let whole =
                    if draft.path.is_empty() { child.step() } else { format!("{}/{}", draft.path, child.step()) };
                self.problems.push(
                    Problem::new(
                        code::MISSING_MANDATORY,
                        format!("SIF 2.4 makes `{whole}` mandatory, and nothing gives it"),
                    )
                    .at(draft.place.clone())
                    .help(format!("add the element `{whole}` at its place in schema order, with a value")),
                );
            }
        }
    }
}

fn has_value(definition: &ElementDefinition) -> bool {
    !definition.tiers.is_empty()
}
