//! What was published of an owner: a student, or a row of the organisation.

use std::fmt;

use sha2::{Digest, Sha256};
use sif::schema::ObjectSchema;
use sif::tree::Element;

use super::compact::{Packer, Unpacker};
use super::units::{Summer, Unit, place};

/// Whose instances are kept together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// `student`, or the label of an object of the organisation.
    pub kind: String,
    /// The key of the student, or of the object's row.
    pub key: i64,
}

impl Owner {
    /// The kind of owner that students are.
    pub const STUDENT: &str = "student";
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind, self.key)
    }
}

/// What was published of one instance. No value of it but those of its keys, which a Delete must name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceState {
    /// The label of the object.
    pub object: String,
    /// Tells which shape of the object the numbers of the units belong to.
    pub shape: u32,
    /// The attributes that every event about the instance has, by their place in the schema, and the elements of its key.
    pub fixed: Vec<(u32, String)>,
    /// The units in schema order.
    pub units: Vec<Unit>,
}

impl InstanceState {
    /// The state of an instance of the object `label`.
    #[must_use]
    pub fn of(label: &str, object: &ObjectSchema, root: Element<'_>, summer: &Summer) -> Self {
        let mut fixed = Vec::new();
        for attribute in object.root.attributes() {
            if (attribute.required || object.key.iter().any(|key| plain(key) == attribute.step()))
                && let Some(value) = root.attribute(attribute.name)
            {
                fixed.push((place(attribute), value.to_owned()));
            }
        }
        for key in object.key.iter().map(|key| plain(key)).filter(|key| !key.starts_with('@')) {
            if let Some((schema, value)) = object.find(key).zip(root.find(key).next()) {
                fixed.push((place(schema), value.into_owned()));
            }
        }
        Self { object: label.to_owned(), shape: shape(object), fixed, units: summer.units(object, root) }
    }

    /// The values of the instance's key, each ended by a mark.
    #[must_use]
    pub fn key(&self, object: &ObjectSchema) -> String {
        let mut text = String::new();
        for key in &object.key {
            let at = object.find(plain(key)).map(place);
            let value = self.fixed.iter().find(|(place, _)| Some(*place) == at);
            text.push_str(value.map_or("", |(_, value)| value));
            text.push('\u{1f}');
        }
        text
    }

    /// A sum over all of it.
    #[must_use]
    pub fn sum(&self, summer: &Summer) -> u64 {
        let bytes: Vec<u8> =
            self.units.iter().flat_map(|(at, sum)| at.to_le_bytes().into_iter().chain(sum.to_le_bytes())).collect();
        summer.of(&bytes)
    }
}

/// A path of a key as [`ObjectSchema::find`] takes it.
fn plain(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// A number for the object's elements and their order.
pub(super) fn shape(object: &ObjectSchema) -> u32 {
    let mut sum = Sha256::new();
    for (path, _) in object.paths() {
        sum.update(path);
        sum.update([0]);
    }
    sum.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// What was published of an owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerState {
    /// Its instances.
    pub instances: Vec<InstanceState>,
}

impl OwnerState {
    /// As a record holds it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut packer = Packer::default();
        for instance in &self.instances {
            packer.text(&instance.object);
            packer.number(u64::from(instance.shape));
            packer.number(instance.fixed.len() as u64);
            for (place, value) in &instance.fixed {
                packer.number(u64::from(*place));
                packer.text(value);
            }
            packer.number(instance.units.len() as u64);
            let mut before = 0;
            for (place, sum) in &instance.units {
                packer.number(u64::from(place - before));
                packer.sum(*sum);
                before = *place;
            }
        }
        packer.finish()
    }

    /// Reads it back; none if it is not what was written.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let mut unpacker = Unpacker::new(text)?;
        let mut instances = Vec::new();
        while !unpacker.is_done() {
            let object = unpacker.text()?;
            let small = |number: u64| u32::try_from(number).ok();
            let shape = small(unpacker.number()?)?;
            let mut fixed = Vec::new();
            for _ in 0..unpacker.number()? {
                fixed.push((small(unpacker.number()?)?, unpacker.text()?));
            }
            let mut units = Vec::new();
            let mut before = 0_u32;
            for _ in 0..unpacker.number()? {
                before = before.checked_add(small(unpacker.number()?)?)?;
                units.push((before, unpacker.sum()?));
            }
            instances.push(InstanceState { object, shape, fixed, units });
        }
        Some(Self { instances })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_state_comes_back(instances in prop::collection::vec(("[A-Za-z/]{1,20}", any::<u32>(), prop::collection::vec((0..400_u32, "[A-F0-9]{32}|.{0,20}"), 0..5), prop::collection::btree_map(0..400_u32, any::<u64>(), 0..30)), 0..4)) {
            let instances = instances.into_iter().map(|(object, shape, fixed, units)| InstanceState { object, shape, fixed, units: units.into_iter().collect() }).collect();
            let state = OwnerState { instances };
            prop_assert_eq!(OwnerState::decode(&state.encode()), Some(state));
        }
    }
}
