//! What is added to SIF: SIF_ExtendedElements with the extension's elements.

use std::sync::Arc;

use problem::{Place, Problem, code};
use sif::schema::ObjectSchema;

use super::Builder;
use super::leaves::constant;
use super::nodes::Surroundings;
use super::path::is_name;
use crate::language::Scope;
use crate::object_file::{Extension, ExtensionFile, ObjectDefinition, Tier};
use crate::plan::{Node, Omission};
use crate::yaml::Key;

impl<'b> Builder<'b, '_, '_> {
    /// SIF_ExtendedElements with the extension's elements.
    pub(super) fn extension(
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
                self.problems.push(
                    Problem::new(code::UNKNOWN_PATH, format!("`{}` is no XML name", element.path.text))
                        .at(element.path.place.clone())
                        .help("a name has letters, digits, `_`, `-` and `.`, and starts with a letter"),
                );
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
                sent_empty: false,
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
            sent_empty: false,
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
        let mut name =
            container(self.names.intern("Name"), "SIF_ExtendedElements/SIF_ExtendedElement/@Name", Vec::new());
        name.attribute = true;
        name.may_be_left_out = false;
        name.leaf = Some(constant(&wrapping.name, &place));
        let mut children = vec![name];
        children.extend(inside);
        let element =
            container(self.names.intern("SIF_ExtendedElement"), "SIF_ExtendedElements/SIF_ExtendedElement", children);
        Some(container(self.names.intern("SIF_ExtendedElements"), "SIF_ExtendedElements", vec![element]))
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
}
