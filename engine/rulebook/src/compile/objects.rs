//! Compiles object definitions against the SIF schema.
//!
//! `drafts` puts the elements of a file into a tree, `nodes` makes the plan's nodes of it, `leaves` their values,
//! `extension` what is added to SIF.

mod drafts;
mod extension;
mod leaves;
mod nodes;
mod path;

use std::collections::BTreeSet;
use std::sync::Arc;

use problem::{Code, Place, Problem, code};
use sif::schema::ObjectSchema;
use sif::tree::Names;

use super::rules::Rules;
use crate::language::{Compiler, Context, Scope};
use crate::object_file::{ElementDefinition, ExtensionFile, Group, ObjectDefinition, Tier};
use crate::plan::{Body, ObjectPlan, Omission, Remark};
use crate::types::{Kind, Type};
use crate::yaml::Scalar;
use drafts::Draft;
use nodes::Surroundings;
pub use path::rule_path;
use path::step;

pub struct Builder<'b, 'c, 'f> {
    context: &'b Context<'c>,
    groups: &'b [Group],
    extension: &'b ExtensionFile,
    names: &'b mut Names,
    rules: &'b mut Rules<'f>,
    problems: &'b mut Vec<Problem>,
    /// The SIF object.
    object: String,
    /// What the object, or its variant, is called: its rules stand in a folder of this name.
    label: String,
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
            label: String::new(),
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
        self.label = definition.label();
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
            // What follows is of one object or of the other; nobody knows of which.
            self.problems.push(
                Problem::new(code::UNKNOWN_OBJECT, message)
                    .at(definition.object.start.clone())
                    .help(format!("call the file so, or write `object: {file_name}`"))
                    .replacing(name, file_name),
            );
            return None;
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
            variant: definition.variant.as_ref().map(|variant| Arc::from(variant.text.as_str())),
            label: Arc::from(self.label.as_str()),
            entity,
            population,
            remarks,
            schema,
            root: node,
            key: schema.key.iter().map(|path| Arc::from(*path)).collect(),
            raises_events: definition.events.as_ref().map_or(schema.raises_events, |(events, _)| *events)
                && schema.raises_events,
            omissions: std::mem::take(&mut self.omissions),
            locals: self.locals,
            reads: graph::ReadSet::default(),
            rankings: BTreeSet::new(),
            place: definition.place.clone(),
        })
    }

    fn check_key_and_events(&mut self, schema: &ObjectSchema, definition: &ObjectDefinition) {
        if let Some((events, place)) = &definition.events
            && *events
            && !schema.raises_events
        {
            // What SIF reports a state need not.
            self.problems.push(
                Problem::new(code::WRONG_CHARACTERISTIC, format!("{} is never reported in events", schema.name))
                    .at(place.clone())
                    .help("write `events: false`")
                    .replacing("true", "false"),
            );
        }
        if let Some(node) = &definition.key {
            let key: Vec<String> =
                node.texts("key paths", self.problems).iter().map(|scalar| scalar.text.clone()).collect();
            let normal = |path: &str| path.trim_start_matches("./").to_owned();
            let wanted: Vec<String> = schema.key.iter().map(|path| normal(path)).collect();
            if key != wanted {
                let message = format!("the key of {} is {}", schema.name, wanted.join(", "));
                let wanted: Vec<String> = wanted.iter().map(|path| format!("\"{path}\"")).collect();
                self.problems.push(
                    Problem::new(code::WRONG_CHARACTERISTIC, message)
                        .at(node.place.clone())
                        .help(format!("write `key: [{}]`", wanted.join(", "))),
                );
            }
        }
    }

    /// A rule that an element asks for is used, whatever else is wrong.
    fn mark_rules(&mut self, definition: &ObjectDefinition, expanded: &[ElementDefinition]) {
        let asks = |element: &&ElementDefinition| element.tiers.iter().any(|tier| matches!(tier, Tier::Rule));
        for element in expanded.iter().filter(asks) {
            self.rules.mark(&rule_path(&self.label, &element.path.text));
        }
        if let ExtensionFile::Read(extension) = self.extension {
            for element in definition.extension.iter().filter(asks) {
                let path = format!("{}/{}", extension.name, element.path.text);
                self.rules.mark(&rule_path(&self.label, &path));
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
}
