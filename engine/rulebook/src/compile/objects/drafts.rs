//! From the list of elements that a file gives to a tree: groups take their places, and each path must exist, in schema order.

use problem::{Place, Problem, code};
use sif::schema::ElementSchema;

use super::Builder;
use super::path::{Step, step};
use crate::compile::split::outside_of_brackets;
use crate::object_file::{ElementDefinition, Tier};
use crate::plan::Omission;

/// An element in the making.
pub struct Draft<'d> {
    pub step: Step,
    pub path: String,
    pub schema: Option<&'static ElementSchema>,
    pub definition: Option<&'d ElementDefinition>,
    pub children: Vec<Self>,
    pub place: Place,
    /// Elements in it that do not exist: another one is meant, and only seems to be missing.
    pub misnamed: Vec<String>,
}

impl Builder<'_, '_, '_> {
    /// A shared group becomes elements below the path that uses it.
    pub(super) fn expand(&mut self, element: &ElementDefinition, into: &mut Vec<ElementDefinition>) {
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
            self.unread.push(element.path.text.clone());
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
    pub(super) fn insert<'d>(&mut self, root: &mut Draft<'d>, element: &'d ElementDefinition) {
        let omitted = element.tiers.iter().find_map(|tier| match tier {
            Tier::Omitted(reason) => Some(reason.clone()),
            _ => None,
        });
        let mut at = root;
        for part in outside_of_brackets(&element.path.text, '/') {
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
                    if at.path.is_empty() { self.label.clone() } else { format!("{}/{}", self.label, at.path) };
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
                    let problem = Problem::new(code::WRONG_ORDER, message).at(element.path.place.clone());
                    self.problems.push(problem.help("take one of them out, or give both their value in one"));
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
                let whole: Vec<String> = outside_of_brackets(&element.path.text, '/')
                    .iter()
                    .map(|part| super::path::step(part).plain)
                    .collect();
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
            let letters = schema.characteristic.letters();
            self.problems.push(
                Problem::new(code::WRONG_CHARACTERISTIC, message)
                    .at(is.start.clone())
                    .help(format!("write `is: {letters}`"))
                    .replacing(&is.text, letters),
            );
        }
    }
}
