//! Which parts of an object are seen, as a tree beside its schema.

use std::collections::BTreeMap;

use super::PruneFaultKind;
use crate::schema::{ElementSchema, Presence};
use crate::xml::{is_name_char, is_name_start};

/// What is seen of an element or attribute that is seen at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// It and everything below it.
    Whole,
    /// Some of it.
    Part(Part),
}

/// What is seen of an element that is seen in part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Whether its own text is seen. A container's text is only the space between its elements.
    pub(super) value: bool,
    /// Whether it stays when nothing is left in it.
    pub(super) stays: bool,
    /// What is seen below it, by step: `@Type` or `Name`.
    pub(super) below: BTreeMap<String, View>,
}

impl View {
    /// An element with nothing below it.
    pub(super) fn container(schema: &ElementSchema, stays: bool) -> Self {
        let value = schema.value.is_none() && !schema.any_content;
        Self::Part(Part { value, stays, below: BTreeMap::new() })
    }

    /// Makes everything at a path seen.
    pub(super) fn name(&mut self, schema: &ElementSchema, path: &str) -> Result<(), PruneFaultKind> {
        let mut view = self;
        let mut schema = Some(schema);
        let mut known = String::new();
        let mut steps = path.split('/').peekable();
        while let Some(step) = steps.next() {
            let below = schema.and_then(|schema| schema.child(step));
            let free = schema.is_none_or(|schema| schema.any_content);
            let last = steps.peek().is_none();
            let right = below.is_some() || (free && is_name(step.strip_prefix('@').unwrap_or(step)));
            if !right || (step.starts_with('@') && !last) {
                let meant = schema.and_then(|schema| nearest(schema, step)).map(|step| join(&known, &step));
                return Err(PruneFaultKind::Unknown { known, step: step.to_owned(), meant });
            }
            known = join(&known, step);
            let Self::Part(part) = view else {
                // What is above is seen whole already; the rest is only looked at.
                schema = below;
                continue;
            };
            let new = || below.map_or_else(|| Self::Part(Part::default()), |schema| Self::container(schema, false));
            view = part.below.entry(step.to_owned()).or_insert_with(new);
            if last {
                *view = Self::Whole;
            }
            schema = below;
        }
        Ok(())
    }

    /// Makes everything seen that is mandatory in what is seen.
    pub(super) fn keep_mandatory(&mut self, schema: &ElementSchema) {
        let Self::Part(part) = self else {
            return;
        };
        for child in &schema.children {
            let mandatory = child.characteristic.presence == Presence::Mandatory;
            if mandatory {
                let view = part.below.entry(child.step()).or_insert_with(|| Self::container(child, true));
                if let Self::Part(part) = view {
                    part.stays = true;
                    // The content of what is free is never mandatory.
                    part.value |= !child.any_content;
                }
            }
            if let Some(view) = part.below.get_mut(&child.step()) {
                view.keep_mandatory(child);
            }
        }
    }

    /// What is seen at a path; none for what is hidden.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').filter(|step| !step.is_empty()).try_fold(self, |view, step| view.below(step))
    }

    /// What is seen of a part; none for what is hidden.
    pub(super) fn below(&self, step: &str) -> Option<&Self> {
        match self {
            Self::Whole => Some(self),
            Self::Part(part) => part.below.get(step),
        }
    }

    pub(super) fn shows_value(&self) -> bool {
        match self {
            Self::Whole => true,
            Self::Part(part) => part.value,
        }
    }

    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    /// The element of an attribute that would be sent without its element's value. The content of what is free may be
    /// left out.
    pub(super) fn attribute_without_value<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (element, attribute) = path.rsplit_once('/')?;
        if !attribute.starts_with('@') || element.split('/').any(|step| step == FREE) {
            return None;
        }
        let view = self.at(element)?;
        (!view.shows_value()).then_some(element)
    }
}

/// The only element whose content the standard leaves free.
const FREE: &str = "SIF_ExtendedElement";

fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") }
}

/// A name with at most one prefix.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        part.chars().next().is_some_and(is_name_start) && !part.contains(':') && part.chars().all(is_name_char)
    };
    match name.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(name),
    }
}

/// The step of an element that is written most like `step`.
fn nearest(schema: &ElementSchema, step: &str) -> Option<String> {
    let steps: Vec<String> = schema.children.iter().map(ElementSchema::step).collect();
    // An element may be meant where an attribute was written, and the other way round.
    let other = step.strip_prefix('@').map_or_else(|| format!("@{step}"), str::to_owned);
    if steps.contains(&other) {
        return Some(other);
    }
    problem::nearest(step, steps.iter().map(String::as_str)).map(str::to_owned)
}
