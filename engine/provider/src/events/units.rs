//! The units of an instance: the smallest parts of it that an event sends by themselves, each with a sum over what it holds.
//!
//! A unit is an element with a value, an attribute of an element that holds others, all members of a list together, or the mere
//! presence of an element that holds others. The sums are keyed, so that nobody who reads them can try which value gives one.

use sha2::{Digest, Sha256};
use sif::schema::{ElementSchema, ObjectSchema};
use sif::tree::{Content, Element};

/// Where a unit's element stands in its object, in schema order, and the sum over the unit.
pub type Unit = (u32, u64);

/// Makes sums.
#[derive(Clone)]
pub struct Summer(Sha256);

impl Summer {
    /// Sums that only who knows the secret can make.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(secret))
    }

    /// A sum over some bytes.
    #[must_use]
    pub fn of(&self, bytes: &[u8]) -> u64 {
        let all = self.0.clone().chain_update(bytes).finalize();
        all.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A sum over some bytes, too wide for two to have the same by chance.
    #[must_use]
    pub fn wide(&self, bytes: &[u8]) -> [u64; 4] {
        let all = self.0.clone().chain_update(bytes).finalize();
        let mut sums = [0; 4];
        for (sum, part) in sums.iter_mut().zip(all.chunks(8)) {
            *sum = part.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        }
        sums
    }

    /// The units of an instance, in schema order.
    #[must_use]
    pub fn units(&self, object: &ObjectSchema, root: Element<'_>) -> Vec<Unit> {
        let mut units = Vec::with_capacity(32);
        self.inside(&object.root, root, &mut units, &mut Vec::new());
        units.sort_unstable();
        units
    }

    fn inside(&self, schema: &ElementSchema, element: Element<'_>, units: &mut Vec<Unit>, scratch: &mut Vec<u8>) {
        for attribute in schema.attributes() {
            if let Some(value) = element.attribute(attribute.name) {
                units.push((place(attribute), self.of(value.as_bytes())));
            }
        }
        let children: Vec<Element<'_>> = element.children().collect();
        for child in schema.elements() {
            let all = children.iter().filter(|element| element.name_id() == Some(child.name_id()));
            if sent_whole(child) {
                scratch.clear();
                all.for_each(|element| write(*element, scratch));
                if !scratch.is_empty() {
                    units.push((place(child), self.of(scratch)));
                }
            } else if let Some(element) = all.into_iter().next() {
                units.push((place(child), u64::from(element.is_nil())));
                self.inside(child, *element, units, scratch);
            }
        }
    }
}

/// Where an element or attribute stands in its object.
pub(super) fn place(schema: &ElementSchema) -> u32 {
    u32::try_from(schema.order()).unwrap_or(u32::MAX)
}

/// Whether an element is sent with all that is in it, or not at all. One that only holds others is sent in parts.
pub(super) fn sent_whole(schema: &ElementSchema) -> bool {
    schema.characteristic.repeatable || schema.value.is_some() || schema.any_content || schema.elements().is_empty()
}

/// Writes an element so that two that differ give different bytes.
fn write(element: Element<'_>, out: &mut Vec<u8>) {
    let text = |out: &mut Vec<u8>, mark: u8, text: &str| {
        out.push(mark);
        out.extend_from_slice(&(text.len() as u64).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    text(out, if element.is_nil() { b'0' } else { b'<' }, element.name());
    for (name, value) in element.attributes() {
        text(out, b'@', name);
        text(out, b'=', value);
    }
    for content in element.contents() {
        match content {
            Content::Text(value) => text(out, b't', value),
            Content::Element(inner) => write(inner, out),
        }
    }
    out.push(b'>');
}
