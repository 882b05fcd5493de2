//! Checks a message against its shape.

use super::load::shapes;
use super::{Content, Part, Shape, Slot};
use crate::message::{ErrorCode, MessageKind, Version, error};
use crate::tree::{Content as Inside, Element, is_declaration};

/// What is wrong with a message: the code to answer and what to say.
pub(in crate::message) struct Wrong {
    pub code: ErrorCode,
    pub description: String,
}

/// Finds the first thing that is wrong with a message. Of other versions than 2.4 only what is common to all is asked: no lengths, and in
/// later ones elements that 2.4 does not know are passed over.
pub(in crate::message) fn check(kind: MessageKind, version: Version, body: Element<'_>) -> Result<(), Wrong> {
    let Some(shape) = shapes().get(kind.name()) else {
        return Ok(());
    };
    let checker = Checker { lengths: version == Version::V2_4, unknown: version > Version::V2_4 };
    checker.attributes(shape, body, kind.name())?;
    checker.children(shape, body, kind.name())
}

struct Checker {
    /// Whether lengths are checked.
    lengths: bool,
    /// Whether unknown elements and attributes are passed over.
    unknown: bool,
}

impl Checker {
    fn attributes(&self, shape: &Shape, element: Element<'_>, path: &str) -> Result<(), Wrong> {
        for (name, value) in element.attributes() {
            match shape.attributes.iter().find(|part| part.name == name) {
                Some(part) => self.value(part, value, &format!("{path}/@{name}"))?,
                None if self.unknown || is_declaration(name) => {}
                None => return Err(invalid(format!("`{path}` has no attribute `{name}`"))),
            }
        }
        let missing = shape.attributes.iter().find(|part| part.mandatory && element.attribute(part.name).is_none());
        missing.map_or(Ok(()), |part| Err(missing_at(&format!("{path}/@{}", part.name))))
    }

    fn value(&self, part: &Part, value: &str, path: &str) -> Result<(), Wrong> {
        let Content::Value(kind) = part.content else {
            return Ok(());
        };
        let most = part.most.filter(|_| self.lengths);
        kind.fault(value, most).map_or(Ok(()), |why| Err(wrong_value(path, &why)))
    }

    /// Checks what stands in an element. As deep as the shape is, however deep the message.
    fn children(&self, shape: &Shape, element: Element<'_>, path: &str) -> Result<(), Wrong> {
        let mut slot = 0;
        let mut met = false;
        for inside in element.contents() {
            let child = match inside {
                Inside::Text(text) if text.trim().is_empty() => continue,
                Inside::Text(_) => return Err(invalid(format!("`{path}` has text where only elements may stand"))),
                Inside::Element(child) => child,
            };
            let name = child.name();
            let Some((found, part)) = find(shape, slot, child) else {
                if find(shape, 0, child).is_some() {
                    return Err(invalid(format!("`{path}/{name}` stands after an element that it must come before")));
                }
                if self.unknown {
                    continue;
                }
                return Err(invalid(format!("`{path}` has no element `{name}`")));
            };
            if found == slot && met && !shape.slots.get(slot).is_some_and(|slot| slot.repeatable) {
                return Err(invalid(format!("`{path}/{name}` stands where nothing more may stand")));
            }
            if found > slot {
                self.complete(shape, slot + usize::from(met)..found, element, path)?;
            }
            (slot, met) = (found, true);
            self.element(part, child, &format!("{path}/{name}"))?;
        }
        self.complete(shape, slot + usize::from(met)..shape.slots.len(), element, path)
    }

    fn element(&self, part: &Part, element: Element<'_>, path: &str) -> Result<(), Wrong> {
        self.attributes(&part.inside, element, path)?;
        if part.nil && (element.is_nil() || element.text().trim().is_empty()) && element.children().next().is_none() {
            return Ok(());
        }
        if element.is_nil() {
            return Err(wrong_value(path, "is nil, which it may not be"));
        }
        match part.content {
            Content::Any => Ok(()),
            Content::Value(_) if element.children().next().is_some() => {
                Err(invalid(format!("`{path}` has elements where only a value may stand")))
            }
            Content::Value(_) => self.value(part, &element.text(), path),
            Content::Elements => self.children(&part.inside, element, path),
        }
    }

    /// Whether nothing mandatory is missing in these slots.
    fn complete(
        &self,
        shape: &Shape,
        slots: std::ops::Range<usize>,
        element: Element<'_>,
        path: &str,
    ) -> Result<(), Wrong> {
        let slots = shape.slots.get(slots).unwrap_or_default();
        let Some(missing) = slots.iter().find(|slot| slot.mandatory) else {
            return Ok(());
        };
        // It may be there, but later than it must be.
        match element.children().find(|child| named(missing, *child).is_some()) {
            Some(child) => {
                let name = child.name();
                Err(invalid(format!("`{path}/{name}` stands after an element that it must come before")))
            }
            None => Err(match missing.parts.as_slice() {
                [only] => missing_at(&format!("{path}/{}", only.name)),
                parts => {
                    let names: Vec<String> = parts.iter().map(|part| format!("`{}`", part.name)).collect();
                    let names = names.join(", ");
                    Wrong { code: error::XML_MISSING, description: format!("`{path}` has none of {names}") }
                }
            }),
        }
    }
}

/// The first slot from `from` on that a child may stand in.
fn find<'s>(shape: &'s Shape, from: usize, child: Element<'_>) -> Option<(usize, &'s Part)> {
    let slots = shape.slots.iter().enumerate().skip(from);
    slots.filter_map(|(position, slot)| named(slot, child).map(|part| (position, part))).next()
}

fn named<'s>(slot: &'s Slot, child: Element<'_>) -> Option<&'s Part> {
    slot.parts.iter().find(|part| part.name == child.name() && !child.is_foreign())
}

fn invalid(description: String) -> Wrong {
    Wrong { code: error::XML_VALIDATION, description }
}

fn missing_at(path: &str) -> Wrong {
    Wrong { code: error::XML_MISSING, description: format!("`{path}` is mandatory and missing") }
}

fn wrong_value(path: &str, why: &str) -> Wrong {
    Wrong { code: error::XML_VALUE, description: format!("the value of `{path}` {why}") }
}
