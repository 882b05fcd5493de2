//! Makes instances of an object by chance: what is required, and some of the rest.

use std::fmt::Write as _;

use sif::schema::{ElementSchema, ObjectSchema};

use super::instance::good;

/// Numbers that follow from a seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    /// Whether something happens that happens once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// An instance as XML with its namespaces. With `whole` it has what is required, else perhaps.
pub fn instance(object: &ObjectSchema, whole: bool, chance: &mut Chance) -> String {
    let mut out = String::new();
    element(&mut out, &object.root, whole, chance);
    let (start, rest) = out.split_at(object.name.len() + 1);
    format!("{start} xmlns=\"{}\" xmlns:xsi=\"{}\"{rest}", sif::NAMESPACE, sif::INSTANCE_NAMESPACE)
}

fn element(out: &mut String, schema: &ElementSchema, whole: bool, chance: &mut Chance) {
    let wanted = |child: &ElementSchema, chance: &mut Chance| {
        (child.required && (whole || !chance.once_in(4))) || chance.once_in(3)
    };
    let _ = write!(out, "<{}", schema.name);
    for attribute in schema.attributes() {
        if wanted(attribute, chance) {
            let _ = write!(out, " {}=\"{}\"", attribute.name, value(attribute, chance));
        }
    }
    if schema.nillable && chance.once_in(12) {
        out.push_str(" xsi:nil=\"true\"/>");
        return;
    }
    out.push('>');
    if schema.any_content {
        out.push_str("free<X a=\"1\"><Y>y</Y><Z/></X><x:X xmlns:x=\"urn:x\">x</x:X>");
    } else if schema.value.is_some() {
        out.push_str(&value(schema, chance));
    }
    for child in schema.elements() {
        if wanted(child, chance) {
            let times = if child.characteristic.repeatable { 1 + chance.below(3) } else { 1 };
            (0..times).for_each(|_| element(out, child, whole, chance));
        }
    }
    let _ = write!(out, "</{}>", schema.name);
}

fn value(schema: &ElementSchema, chance: &mut Chance) -> String {
    match schema.code_set() {
        Some(set) if schema.fixed.is_none() => set.codes()[chance.below(set.codes().len())].replace('&', "&amp;"),
        _ => good(schema),
    }
}
