//! Reads the schema data that `cargo xtask schema` writes.

use std::collections::HashMap;
use std::sync::Arc;

use super::value::Shortcut;
use super::{Characteristic, CodeSet, ElementSchema, Facets, ListKey, ObjectSchema, Presence, Schema, SimpleType};
use crate::tree::Names;

const OBJECTS: &str = include_str!("../../data/objects.txt");
const CODE_SETS: &str = include_str!("../../data/code_sets.txt");

/// The element whose children are written once, in a block of their own.
const METADATA: &str = "SIF_Metadata";

type CodeSets = HashMap<&'static str, Arc<CodeSet>>;

/// A block of the data: an object or what objects have in common.
struct Block {
    common: bool,
    name: &'static str,
    key: &'static str,
    raises_events: bool,
    lines: Vec<&'static str>,
}

/// Builds the schema. The data is our own and a test compares it with its source, so what cannot be read is left out.
pub(super) fn load() -> Schema {
    let code_sets = code_sets();
    let by_name: CodeSets = code_sets.iter().map(|set| (set.name(), Arc::clone(set))).collect();
    let blocks = blocks();
    let metadata = blocks.iter().find(|block| block.common && block.name == METADATA);
    let mut names = Names::empty();
    let mut objects = Vec::new();
    let mut count = 0;
    for block in blocks.iter().filter(|block| !block.common) {
        let mut builder = Builder { names: &mut names, code_sets: &by_name, order: 0, count: &mut count, metadata };
        let mut root = ElementSchema::container(block.name, builder.names);
        root.children = builder.children(&block.lines, 1);
        root.index_children();
        count += 1;
        root.number = count;
        objects.push(ObjectSchema {
            name: block.name,
            raises_events: block.raises_events,
            key: block.key.split(',').collect(),
            root,
        });
    }
    objects.sort_unstable_by_key(|object| object.name);
    Schema { objects, code_sets, names }
}

fn code_sets() -> Vec<Arc<CodeSet>> {
    let mut sets: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for line in CODE_SETS.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix('\t'), sets.last_mut()) {
            (Some(code), Some((_, codes))) => codes.push(code),
            (Some(_), None) => {}
            (None, _) => sets.push((line, Vec::new())),
        }
    }
    sets.into_iter().map(|(name, codes)| Arc::new(CodeSet::new(name, codes))).collect()
}

fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in OBJECTS.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            if let Some(block) = blocks.last_mut() {
                block.lines.push(line);
            }
            continue;
        }
        let mut words = line.split(' ');
        let common = words.next() == Some("common");
        let name = words.next().unwrap_or_default();
        let key = words.next().unwrap_or_default();
        blocks.push(Block { common, name, key, raises_events: words.next() == Some("events"), lines: Vec::new() });
    }
    blocks
}

struct Builder<'b> {
    names: &'b mut Names,
    code_sets: &'b CodeSets,
    order: usize,
    /// How many elements and attributes all objects have so far.
    count: &'b mut u32,
    metadata: Option<&'b Block>,
}

impl Builder<'_> {
    /// The elements of `lines` that stand at `depth`, with what stands below each.
    fn children(&mut self, lines: &[&'static str], depth: usize) -> Vec<ElementSchema> {
        let mut children = Vec::new();
        let mut index = 0;
        while let Some(line) = lines.get(index) {
            let below = lines.get(index + 1..).unwrap_or_default();
            let count = below.iter().take_while(|line| indent(line) > depth).count();
            let mut element = self.element(line.trim_start());
            self.order += 1;
            let inside = match self.metadata {
                Some(block) if element.name == METADATA => self.children(&block.lines, 1),
                _ => self.children(below.get(..count).unwrap_or_default(), depth + 1),
            };
            element.children = inside;
            element.index_children();
            children.push(element);
            index += 1 + count;
        }
        children
    }

    /// One line: name, characteristic, type, then the rest.
    fn element(&mut self, line: &'static str) -> ElementSchema {
        let mut words = line.split(' ');
        let step = words.next().unwrap_or_default();
        let name = step.trim_start_matches('@');
        let mut element = ElementSchema::container(name, self.names);
        element.attribute = step.starts_with('@');
        element.order = self.order;
        element.characteristic = characteristic(words.next().unwrap_or_default());
        element.required = element.characteristic.presence == Presence::Mandatory && !element.characteristic.repeatable;
        let kind = words.next().unwrap_or_default();
        element.any_content = kind == "any";
        element.value = simple_type(kind);
        for word in words {
            self.apply(&mut element, word);
        }
        element.shortcut = Shortcut::of(&element);
        *self.count += 1;
        element.number = *self.count;
        element
    }

    fn apply(&self, element: &mut ElementSchema, word: &'static str) {
        let (word, value) = word.split_once('=').unwrap_or((word, ""));
        match word {
            "nil" => element.nillable = true,
            "empty" => element.may_be_empty = true,
            "open" => element.open = true,
            "guid" => element.facets.guid = true,
            "unenforced" => element.required = false,
            "min" => element.facets.minimum = value.parse().ok(),
            "max" => element.facets.maximum = value.parse().ok(),
            "fraction" => element.facets.fraction_digits = value.parse().ok(),
            "fixed" => element.fixed = Some(value),
            "codes" => element.codes = self.code_sets.get(value).map(Arc::clone),
            "unique" => element.list_key = value.split_once('/').map(|(child, key)| ListKey { child, key }),
            _ => {}
        }
    }
}

impl ElementSchema {
    /// An element without a value, before its line is read.
    fn container(name: &'static str, names: &mut Names) -> Self {
        Self {
            name,
            attribute: false,
            characteristic: Characteristic { presence: Presence::Mandatory, repeatable: false },
            required: true,
            value: None,
            facets: Facets::default(),
            nillable: false,
            may_be_empty: false,
            open: false,
            any_content: false,
            fixed: None,
            list_key: None,
            children: Vec::new(),
            codes: None,
            name_id: names.intern(name),
            order: 0,
            attribute_count: 0,
            shortcut: Shortcut::None,
            number: 0,
            child_names: Box::default(),
            next_required: Box::default(),
            required_attributes: 0,
        }
    }

    /// Takes in what the check asks of the children.
    fn index_children(&mut self) {
        self.attribute_count = self.children.iter().filter(|child| child.attribute).count();
        self.child_names = self.children.iter().map(|child| child.name_id).collect();
        let attributes = self.attributes().iter().enumerate().filter(|(_, attribute)| attribute.required);
        self.required_attributes = attributes.fold(0, |all, (position, _)| all | 1 << position);
        let mut next = self.elements().len();
        let mut all = vec![next; next + 1];
        for (position, place) in all.iter_mut().enumerate().rev() {
            if self.elements().get(position).is_some_and(|element| element.required) {
                next = position;
            }
            *place = next;
        }
        self.next_required = all.into();
    }
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

fn characteristic(letters: &str) -> Characteristic {
    let presence = match letters.bytes().next() {
        Some(b'M') => Presence::Mandatory,
        Some(b'C') => Presence::Conditional,
        _ => Presence::Optional,
    };
    Characteristic { presence, repeatable: letters.ends_with('R') }
}

fn simple_type(word: &str) -> Option<SimpleType> {
    Some(match word {
        "text" => SimpleType::Text,
        "normalized" => SimpleType::Normalized,
        "token" => SimpleType::Token,
        "date" => SimpleType::Date,
        "year" => SimpleType::Year,
        "partial_date" => SimpleType::PartialDate,
        "time" => SimpleType::Time,
        "date_time" => SimpleType::DateTime,
        "decimal" => SimpleType::Decimal,
        "unsigned" => SimpleType::UnsignedInt,
        "boolean" => SimpleType::Boolean,
        "uri" => SimpleType::AnyUri,
        _ => return None,
    })
}
