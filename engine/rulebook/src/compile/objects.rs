//! Compiles object definitions against the SIF schema.

use std::sync::Arc;

use graph::{EntityId, FieldId};
use problem::{Code, Place, Problem, code};
use sif::schema::{ElementSchema, ObjectSchema, Presence, SimpleType};
use sif::tree::Names;

use super::facts::value_set;
use super::rules::Rules;
use super::tables;
use crate::functions::Native;
use crate::language::{Compiler, Context, Scope};
use crate::object_file::{ElementDefinition, Extension, ExtensionFile, Group, ObjectDefinition, Tier};
use crate::plan::{AbsentPolicy, At, Body, Const, Each, Expr, Leaf, Node, ObjectPlan, Omission, Op, Remark, Value};
use crate::types::{Kind, Type};
use crate::yaml::{Key, Scalar};

/// A step of an element path: `PhoneNumber[@Type=0096]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// As written.
    text: String,
    /// `PhoneNumber` or `@Type`.
    plain: String,
    /// What the brackets say: a child's step and its constant value.
    fixed: Option<(String, String)>,
}

/// An element in the making.
struct Draft<'d> {
    step: Step,
    path: String,
    schema: Option<&'static ElementSchema>,
    definition: Option<&'d ElementDefinition>,
    children: Vec<Self>,
    place: Place,
    /// Elements in it that do not exist: another one is meant, and only seems to be missing.
    misnamed: Vec<String>,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Surroundings {
    in_repeated: bool,
}

pub struct Builder<'b, 'c, 'f> {
    context: &'b Context<'c>,
    groups: &'b [Group],
    extension: &'b ExtensionFile,
    names: &'b mut Names,
    rules: &'b mut Rules<'f>,
    problems: &'b mut Vec<Problem>,
    object: String,
    locals: u16,
    omissions: Vec<Omission>,
    /// Elements whose shared group could not be read.
    unread: Vec<String>,
}

impl<'b, 'c, 'f> Builder<'b, 'c, 'f> {
    pub const fn new(
        context: &'b Context<'c>,
        groups: &'b [Group],
        extension: &'b ExtensionFile,
        names: &'b mut Names,
        rules: &'b mut Rules<'f>,
        problems: &'b mut Vec<Problem>,
    ) -> Self {
        Self {
            context,
            groups,
            extension,
            names,
            rules,
            problems,
            object: String::new(),
            locals: 0,
            omissions: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn report(&mut self, code: Code, place: &Place, message: String) {
        self.problems.push(Problem::new(code, message).at(place.clone()));
    }

    pub fn object(&mut self, file_name: &str, definition: &ObjectDefinition) -> Option<ObjectPlan> {
        let name = definition.object.text.as_str();
        self.object = name.to_owned();
        let Some(schema) = sif::schema().object(name) else {
            self.problems.push(
                Problem::new(code::UNKNOWN_OBJECT, format!("SIF 2.4 has no object `{name}`"))
                    .at(definition.object.start.clone())
                    .did_you_mean(name, sif::schema().object_names()),
            );
            return None;
        };
        if file_name != name {
            let message = format!("the file of {name} is called objects/{name}.yaml");
            self.report(code::UNKNOWN_OBJECT, &definition.object.start, message);
        }
        let Some(entity) = self.context.schema.entity(&definition.of.text) else {
            let names = self.context.schema.entities().map(|(_, entity)| entity.name.as_str());
            let problem = Problem::new(code::UNKNOWN_ENTITY, format!("no entity is called `{}`", definition.of.text))
                .at(definition.of.start.clone())
                .did_you_mean(&definition.of.text, names);
            self.problems.push(problem);
            return None;
        };
        self.check_key_and_events(schema, definition);
        let mut expanded: Vec<ElementDefinition> = Vec::new();
        for element in &definition.elements {
            self.expand(element, &mut expanded);
        }
        self.mark_rules(definition, &expanded);
        let mut scope = Scope::new();
        scope.bind(&definition.of.text, Type::of(Kind::Row(entity)));
        self.locals = scope.locals();
        let mut population = Vec::new();
        for (rows, keep) in &definition.population {
            if let Some(keep) = self.condition(keep, &scope) {
                population.push((rows.clone(), keep));
            }
        }
        let remarks = self.remarks(&definition.remarks, &scope);
        let mut root = Draft {
            step: step(name),
            path: String::new(),
            schema: Some(&schema.root),
            definition: None,
            children: Vec::new(),
            place: definition.place.clone(),
            misnamed: Vec::new(),
        };
        for element in &expanded {
            self.insert(&mut root, element);
        }
        let node = self.node(&root, &scope, Surroundings { in_repeated: false });
        let extension = self.extension(name, definition, schema, &scope);
        let mut node = node?;
        node.children.extend(extension);
        Some(ObjectPlan {
            name: Arc::from(name),
            entity,
            population,
            remarks,
            schema,
            root: node,
            key: schema.key.iter().map(|path| Arc::from(*path)).collect(),
            raises_events: schema.raises_events,
            omissions: std::mem::take(&mut self.omissions),
            locals: self.locals,
            reads: graph::ReadSet::default(),
            place: definition.place.clone(),
        })
    }

    fn check_key_and_events(&mut self, schema: &ObjectSchema, definition: &ObjectDefinition) {
        if let Some((events, place)) = &definition.events
            && *events != schema.raises_events
        {
            let word = if schema.raises_events { "is" } else { "is never" };
            self.report(code::WRONG_CHARACTERISTIC, place, format!("{} {word} reported in events", schema.name));
        }
        if let Some(node) = &definition.key {
            let key: Vec<String> =
                node.texts("key paths", self.problems).iter().map(|scalar| scalar.text.clone()).collect();
            let normal = |path: &str| path.trim_start_matches("./").to_owned();
            let wanted: Vec<String> = schema.key.iter().map(|path| normal(path)).collect();
            if key != wanted {
                let message = format!("the key of {} is {}", schema.name, wanted.join(", "));
                self.report(code::WRONG_CHARACTERISTIC, &node.place, message);
            }
        }
    }

    /// A rule that an element asks for is used, whatever else is wrong.
    fn mark_rules(&mut self, definition: &ObjectDefinition, expanded: &[ElementDefinition]) {
        let asks = |element: &&ElementDefinition| element.tiers.iter().any(|tier| matches!(tier, Tier::Rule));
        for element in expanded.iter().filter(asks) {
            self.rules.mark(&rule_path(&self.object, &element.path.text));
        }
        if let ExtensionFile::Read(extension) = self.extension {
            for element in definition.extension.iter().filter(asks) {
                let path = format!("{}/{}", extension.name, element.path.text);
                self.rules.mark(&rule_path(&self.object, &path));
            }
        }
    }

    /// A shared group becomes elements below the path that uses it.
    fn expand(&mut self, element: &ElementDefinition, into: &mut Vec<ElementDefinition>) {
        let Some(group) = &element.group else {
            into.push(element.clone());
            return;
        };
        let mut own = element.clone();
        own.group = None;
        into.push(own);
        let Some(found) = self.groups.iter().find(|known| known.name == group.text) else {
            let problem = Problem::new(code::UNKNOWN_GROUP, format!("objects/common/ has no {}.yaml", group.text))
                .at(group.start.clone())
                .did_you_mean(&group.text, self.groups.iter().map(|known| known.name.as_str()));
            self.problems.push(problem);
            return;
        };
        let Some(members) = &found.elements else {
            self.unread.push(element.path.text.clone());
            return;
        };
        for (path, _) in &element.group_rows {
            if !members.iter().any(|member| member.path.text == path.text) {
                self.problems.push(
                    Problem::new(code::UNKNOWN_PATH, format!("the group has no element `{}`", path.text))
                        .at(path.place.clone())
                        .did_you_mean(&path.text, members.iter().map(|member| member.path.text.as_str())),
                );
            }
        }
        for member in members {
            let mut member = member.clone();
            if let Some((_, rows)) = element.group_rows.iter().find(|(path, _)| path.text == member.path.text) {
                member.rows.clone_from(rows);
            }
            member.path.text = format!("{}/{}", element.path.text, member.path.text);
            into.push(member);
        }
    }

    /// Puts an element at its path, with the containers on the way.
    fn insert<'d>(&mut self, root: &mut Draft<'d>, element: &'d ElementDefinition) {
        let omitted = element.tiers.iter().find_map(|tier| match tier {
            Tier::Omitted(reason) => Some(reason.clone()),
            _ => None,
        });
        let mut at = root;
        for part in split_path(&element.path.text) {
            let step = step(&part);
            let path = if at.path.is_empty() { part.clone() } else { format!("{}/{part}", at.path) };
            if let Some(found) = at.children.iter().position(|child| child.step == step) {
                at = &mut at.children[found];
                continue;
            }
            let schema = at.schema.and_then(|schema| schema.child(&step.plain));
            let Some(schema) = schema else {
                if at.misnamed.contains(&step.plain) {
                    return;
                }
                let names: Vec<String> = at
                    .schema
                    .map(|schema| schema.children.iter().map(ElementSchema::step).collect())
                    .unwrap_or_default();
                let inside =
                    if at.path.is_empty() { self.object.clone() } else { format!("{}/{}", self.object, at.path) };
                let problem = Problem::new(code::UNKNOWN_PATH, format!("SIF 2.4 has no `{}` in {inside}", step.plain))
                    .at(element.path.place.clone())
                    .did_you_mean(&step.plain, names.iter().map(String::as_str));
                self.problems.push(problem);
                at.misnamed.push(step.plain);
                return;
            };
            if omitted.is_none() {
                if let Some(last) = at.children.last().and_then(|child| child.schema)
                    && last.order() > schema.order()
                {
                    let message = format!("`{}` stands before `{}` in SIF 2.4", step.plain, last.step());
                    self.problems.push(
                        Problem::new(code::WRONG_ORDER, message)
                            .at(element.path.place.clone())
                            .help("move it up, so that the elements stand in schema order"),
                    );
                }
                let twin = at
                    .children
                    .last()
                    .is_some_and(|child| child.schema.is_some_and(|other| other.order() == schema.order()));
                if twin && schema.max() == Some(1) {
                    let message = format!("`{}` stands only once in SIF 2.4", step.plain);
                    self.report(code::WRONG_ORDER, &element.path.place, message);
                }
                at.children.push(Draft {
                    step,
                    path,
                    schema: Some(schema),
                    definition: None,
                    children: Vec::new(),
                    place: element.path.place.clone(),
                    misnamed: Vec::new(),
                });
                let last = at.children.len() - 1;
                at = &mut at.children[last];
            } else {
                // An omitted element needs no place in the tree, but its path must exist.
                let whole: Vec<String> =
                    split_path(&element.path.text).iter().map(|part| self::step(part).plain).collect();
                if sif::schema().object(&self.object).is_some_and(|object| object.find(&whole.join("/")).is_none()) {
                    let message = format!("SIF 2.4 has no `{}` in {}", element.path.text, self.object);
                    self.report(code::UNKNOWN_PATH, &element.path.place, message);
                }
                break;
            }
        }
        if let Some(reason) = omitted {
            self.omissions.push(Omission {
                path: element.path.text.clone(),
                reason,
                rows: element.rows.clone(),
                place: element.path.place.clone(),
            });
            return;
        }
        at.definition = Some(element);
        at.place = element.path.place.clone();
        if let (Some(is), Some(schema)) = (&element.is, at.schema)
            && is.text != schema.characteristic.letters()
        {
            let message = format!("SIF 2.4 says {}, not {}", schema.characteristic.letters(), is.text);
            self.report(code::WRONG_CHARACTERISTIC, &is.start, message);
        }
    }

    fn node(&mut self, draft: &Draft<'_>, scope: &Scope, surroundings: Surroundings) -> Option<Node> {
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

    fn each(&mut self, definition: &ElementDefinition, each: &Scalar, inner: &mut Scope) -> Option<Each> {
        let (expr, locals) = Compiler::expression(self.context, each, inner.clone(), self.problems)?;
        let entity = match expr.ty.kind {
            Kind::Rows(entity) | Kind::Row(entity) => entity,
            _ => {
                let words = expr.ty.words(self.context.schema).to_string();
                self.report(code::WRONG_TYPE, &each.start, format!("`each` takes rows; this is {words}"));
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
        let expr = Expr { op: Op::Const(Const::Text(Arc::from(value))), ty: Type::of(Kind::Text), at: At::default() };
        let path = format!("{}/{fixed}", draft.path);
        Some(Node {
            name: self.names.intern(child.name),
            schema: Some(child),
            path: Arc::from(path),
            attribute: child.attribute,
            mandatory: child.characteristic.presence == Presence::Mandatory,
            may_be_left_out: false,
            when: None,
            each: None,
            remarks: Vec::new(),
            leaf: Some(Leaf {
                value: Value::Body(Body { locals: 0, expr, file: Arc::clone(&draft.place.file) }),
                ty: Type::of(Kind::Text),
                tier: "const",
                codes: None,
                otherwise: None,
                absent: AbsentPolicy::Reject,
                decimals: None,
                strippable: false,
                source: None,
            }),
            children: Vec::new(),
            rows: Vec::new(),
            place: draft.place.clone(),
        })
    }

    fn check_constant(&mut self, schema: &ElementSchema, value: &str, place: &Place) {
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
                    .at(draft.place.clone()),
                );
            }
        }
    }

    fn condition(&mut self, scalar: &Scalar, scope: &Scope) -> Option<Body> {
        let (expr, locals) = Compiler::expression(self.context, scalar, scope.clone(), self.problems)?;
        self.locals = self.locals.max(locals);
        if expr.ty != Type::of(Kind::Bool) {
            let words = expr.ty.words(self.context.schema).to_string();
            let message = format!("a condition is true or false, and never absent; this is {words}");
            self.report(code::WRONG_TYPE, &scalar.start, message);
            return None;
        }
        Some(Body { locals, expr, file: Arc::clone(&scalar.start.file) })
    }

    fn remarks(&mut self, remarks: &[(Scalar, Scalar)], scope: &Scope) -> Vec<Remark> {
        remarks
            .iter()
            .filter_map(|(when, say)| {
                Some(Remark { when: self.condition(when, scope)?, say: say.text.trim().to_owned() })
            })
            .collect()
    }

    fn leaf(
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
            self.report(
                code::CONTRADICTING_KEYS,
                place,
                format!("`{path}` has {} values; keep one of from, const, table, rule", definition.tiers.len()),
            );
            return None;
        };
        let (value, ty, tier_word) = self.value(tier, definition, schema, scope, path)?;
        let codes = match &definition.codes {
            Some(set) => {
                if !matches!(ty.kind, Kind::Text | Kind::Any) {
                    self.report(code::WRONG_TYPE, &set.start, "only a text goes through a value set".to_owned());
                }
                Some(value_set(self.context, set, self.problems)?)
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
                let name = format!("{}/{path}", self.object);
                let file = rule_path(&self.object, path);
                let (value, ty) =
                    self.rules.compile(self.context, &file, &name, scope, &definition.path.place, self.problems)?;
                (value, ty, "rule")
            }
            Tier::Omitted(_) => return None,
        })
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
            self.report(code::WRONG_RESULT, &definition.path.place, format!("`{path}` holds elements, not a value"));
            return;
        };
        let fits = match ty.kind {
            Kind::Any | Kind::Nothing => true,
            Kind::Text => true,
            Kind::Int | Kind::Decimal => !matches!(simple, SimpleType::Date | SimpleType::Time | SimpleType::DateTime),
            Kind::Date => matches!(
                simple,
                SimpleType::Date
                    | SimpleType::PartialDate
                    | SimpleType::Normalized
                    | SimpleType::Text
                    | SimpleType::Token
            ),
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
                .help(if ty.kind == Kind::Bool {
                    "write `const: \"Yes\"` with `when:` and `otherwise: \"No\"`"
                } else {
                    "give it a value of the element's type"
                }),
            );
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
            self.report(code::BAD_POLICY, &place, message);
        }
        *policy
    }

    fn wrapping(&mut self, place: &Place) -> Option<&'b Extension> {
        match self.extension {
            ExtensionFile::Read(extension) => Some(extension),
            ExtensionFile::Unreadable => None,
            ExtensionFile::Missing => {
                self.problems.push(
                    Problem::new(
                        code::UNKNOWN_GROUP,
                        "there is no objects/common/extension.yaml, which says how an extension is named",
                    )
                    .at(place.clone())
                    .help(
                        "write one with `name`, the Name of the SIF_ExtendedElement, and `wrapper`, the element around \
                         what is in it",
                    ),
                );
                None
            }
        }
    }

    /// SIF_ExtendedElements with the extension's elements.
    fn extension(
        &mut self,
        object: &str,
        definition: &ObjectDefinition,
        schema: &ObjectSchema,
        scope: &Scope,
    ) -> Option<Node> {
        let place = definition.extension.first()?.path.place.clone();
        let wrapping = self.wrapping(&place)?;
        schema.root.child("SIF_ExtendedElements")?;
        let mut leaves = Vec::new();
        let mut seen: Vec<&Key> = Vec::new();
        for element in &definition.extension {
            if let Some(first) = seen.iter().find(|key| key.text == element.path.text) {
                let problem = Problem::new(code::NAME_TWICE, "the extension has this element twice")
                    .at(element.path.place.clone())
                    .and_at(first.place.clone(), "the other one");
                self.problems.push(problem);
            }
            seen.push(&element.path);
            let path = format!("{}/{}", wrapping.name, element.path.text);
            if let Some(Tier::Omitted(reason)) = element.tiers.first() {
                self.omissions.push(Omission {
                    path,
                    reason: reason.clone(),
                    rows: element.rows.clone(),
                    place: element.path.place.clone(),
                });
                continue;
            }
            if !is_name(&element.path.text) {
                self.report(code::UNKNOWN_PATH, &element.path.place, format!("`{}` is no XML name", element.path.text));
                continue;
            }
            let surroundings = Surroundings { in_repeated: false };
            let when = element.when.as_ref().map(|when| self.condition(when, scope));
            let remarks = self.remarks(&element.remarks, scope);
            // One that is wrong has been reported; the others are looked at all the same.
            let leaf = self.leaf(element, None, scope, surroundings, &path);
            let (Some(leaf), false) = (leaf, matches!(when, Some(None))) else { continue };
            let when = when.flatten();
            leaves.push(Node {
                name: self.names.intern(&element.path.text),
                path: Arc::from(path),
                attribute: false,
                mandatory: false,
                may_be_left_out: true,
                schema: None,
                when,
                each: None,
                remarks,
                leaf: Some(leaf),
                children: Vec::new(),
                rows: element.rows.clone(),
                place: element.path.place.clone(),
            });
        }
        let container = |name, path: &str, children| Node {
            name,
            path: Arc::from(path),
            attribute: false,
            mandatory: false,
            may_be_left_out: true,
            schema: None,
            when: None,
            each: None,
            remarks: Vec::new(),
            leaf: None,
            children,
            rows: Vec::new(),
            place: place.clone(),
        };
        let mut inside = leaves;
        if let Some(wrapper) = &wrapping.wrapper {
            let wrapper = wrapper.replace("{object}", object);
            if !is_name(&wrapper) {
                self.report(code::UNKNOWN_PATH, &place, format!("`{wrapper}` is no XML name"));
                return None;
            }
            inside = vec![container(self.names.intern(&wrapper), &wrapping.name, inside)];
        }
        let expr = Expr {
            op: Op::Const(Const::Text(Arc::from(wrapping.name.as_str()))),
            ty: Type::of(Kind::Text),
            at: At::default(),
        };
        let mut name =
            container(self.names.intern("Name"), "SIF_ExtendedElements/SIF_ExtendedElement/@Name", Vec::new());
        name.attribute = true;
        name.may_be_left_out = false;
        name.leaf = Some(Leaf {
            value: Value::Body(Body { locals: 0, expr, file: Arc::clone(&place.file) }),
            ty: Type::of(Kind::Text),
            tier: "const",
            codes: None,
            otherwise: None,
            absent: AbsentPolicy::Reject,
            decimals: None,
            strippable: false,
            source: None,
        });
        let mut children = vec![name];
        children.extend(inside);
        let element =
            container(self.names.intern("SIF_ExtendedElement"), "SIF_ExtendedElements/SIF_ExtendedElement", children);
        Some(container(self.names.intern("SIF_ExtendedElements"), "SIF_ExtendedElements", vec![element]))
    }
}

fn has_value(definition: &ElementDefinition) -> bool {
    !definition.tiers.is_empty()
}

fn step(text: &str) -> Step {
    let (plain, fixed) = match text.split_once('[') {
        Some((plain, rest)) => {
            let inside = rest.trim_end_matches(']');
            let fixed = inside
                .split_once('=')
                .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()));
            (plain.to_owned(), fixed)
        }
        None => (text.to_owned(), None),
    };
    Step { text: text.to_owned(), plain, fixed }
}

/// Splits at slashes outside of brackets.
fn split_path(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in path.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            '/' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

/// The path of the rule that gives an element its value, without `rules/` and `.rhai`.
fn rule_path(object: &str, path: &str) -> String {
    format!("{object}/{}", plain_path(path).replace('@', ""))
}

/// The path without brackets.
pub fn plain_path(path: &str) -> String {
    split_path(path).iter().map(|part| step(part).plain).collect::<Vec<_>>().join("/")
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
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
