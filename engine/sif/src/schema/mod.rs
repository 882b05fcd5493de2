//! The SIF US 2.4 object schema as data: names, order, characteristics, types, code sets.

mod fault;
mod lexical;
mod load;
mod text;
mod value;

use std::sync::{Arc, OnceLock};

pub use fault::ValueFault;
pub(crate) use text::RightFor;
pub use text::ValueText;
pub use value::{CodeSet, Facets, SimpleType};

use crate::tree::{NameId, Names};

/// The schema, read once from the data that was compiled in.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(load::load)
}

/// All objects and code sets.
#[derive(Debug)]
pub struct Schema {
    objects: Vec<ObjectSchema>,
    code_sets: Vec<Arc<CodeSet>>,
    names: Names,
}

impl Schema {
    /// An object by its name, such as `StudentPersonal`.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&ObjectSchema> {
        self.objects.iter().find(|object| object.name == name)
    }

    /// The objects in alphabetical order.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectSchema> {
        self.objects.iter()
    }

    /// The names of the objects in alphabetical order.
    pub fn object_names(&self) -> impl Iterator<Item = &'static str> {
        self.objects.iter().map(|object| object.name)
    }

    /// A code set by its name, such as `GenderType`.
    #[must_use]
    pub fn code_set(&self, name: &str) -> Option<&CodeSet> {
        self.code_sets.iter().find(|set| set.name() == name).map(Arc::as_ref)
    }

    /// All code sets.
    pub fn code_sets(&self) -> impl Iterator<Item = &CodeSet> {
        self.code_sets.iter().map(Arc::as_ref)
    }

    /// The interner that holds every name of the schema.
    pub(crate) const fn names(&self) -> &Names {
        &self.names
    }
}

/// One SIF object.
#[derive(Debug)]
pub struct ObjectSchema {
    /// Its name.
    pub name: &'static str,
    /// Whether it may be reported in a SIF_Event.
    pub raises_events: bool,
    /// The paths that together name one instance, such as `@RefId`.
    pub key: Vec<&'static str>,
    /// The object's own element.
    pub root: ElementSchema,
}

impl ObjectSchema {
    /// An element or attribute by its path in the object: `Name/@Type`, `Demographics/RaceList/Race/Code`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&ElementSchema> {
        path.split('/').try_fold(&self.root, |element, step| element.child(step))
    }

    /// Where a path stands in schema order, from 0; to sort by.
    #[must_use]
    pub fn position(&self, path: &str) -> Option<usize> {
        self.find(path).map(|element| element.order)
    }

    /// Every path with its element or attribute, in schema order.
    #[must_use]
    pub fn paths(&self) -> Vec<(String, &ElementSchema)> {
        let mut paths = Vec::new();
        let mut waiting: Vec<(String, &ElementSchema)> = Vec::new();
        waiting.extend(self.root.children.iter().rev().map(|child| (child.step(), child)));
        while let Some((path, element)) = waiting.pop() {
            waiting.extend(element.children.iter().rev().map(|child| (format!("{path}/{}", child.step()), child)));
            paths.push((path, element));
        }
        paths
    }
}

/// How often the standard wants an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// M: in every whole object.
    Mandatory,
    /// O: where there is something to say.
    Optional,
    /// C: under conditions that the standard puts in words.
    Conditional,
}

/// M, O or C, and R.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Characteristic {
    /// M, O or C.
    pub presence: Presence,
    /// R: any number of times.
    pub repeatable: bool,
}

impl Characteristic {
    /// The letters of the standard: `M`, `O`, `C`, `MR`, `OR`.
    #[must_use]
    pub const fn letters(self) -> &'static str {
        match (self.presence, self.repeatable) {
            (Presence::Mandatory, false) => "M",
            (Presence::Mandatory, true) => "MR",
            (Presence::Optional, false) => "O",
            (Presence::Optional, true) => "OR",
            (Presence::Conditional, false) => "C",
            (Presence::Conditional, true) => "CR",
        }
    }
}

/// Which children of a list must differ, and in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey {
    /// The list's child element.
    pub child: &'static str,
    /// The child's attribute (`@Type`) or element (`Code`).
    pub key: &'static str,
}

/// An element or attribute.
#[derive(Debug)]
pub struct ElementSchema {
    /// Its name, without `@`.
    pub name: &'static str,
    /// Whether it is an attribute.
    pub attribute: bool,
    /// M, O, C, and R.
    pub characteristic: Characteristic,
    /// Whether a whole instance without it is invalid. Mandatory, but for lists' members (an empty list is valid) and
    /// the inside of SIF_Metadata.
    pub required: bool,
    /// The type of its value; none for a container.
    pub value: Option<SimpleType>,
    /// What else the type asks.
    pub facets: Facets,
    /// Whether `xsi:nil="true"` may stand for the value.
    pub nillable: bool,
    /// Whether the type takes the empty text besides its values.
    pub may_be_empty: bool,
    /// Whether values outside the code set are taken too.
    pub open: bool,
    /// Whether it holds any text and any elements, as SIF_ExtendedElement does.
    pub any_content: bool,
    /// The only value that is taken.
    pub fixed: Option<&'static str>,
    /// For a list whose members must differ.
    pub list_key: Option<ListKey>,
    /// Attributes, then child elements, in schema order.
    pub children: Vec<ElementSchema>,
    codes: Option<Arc<CodeSet>>,
    name_id: NameId,
    order: usize,
    attribute_count: usize,
    shortcut: value::Shortcut,
    /// A number of its own among all elements and attributes of all objects, from 1.
    number: u32,
    /// The names of its children, in a row so that looking for one is quick.
    child_names: Box<[NameId]>,
    /// For each child element, and past the last: the next one that is required, from there on.
    next_required: Box<[usize]>,
    /// A bit for each attribute that is required.
    required_attributes: u64,
}

impl ElementSchema {
    /// The code set that its value comes from.
    #[must_use]
    pub fn code_set(&self) -> Option<&CodeSet> {
        self.codes.as_deref()
    }

    /// The greatest number of times it may stand; none where there is no limit.
    #[must_use]
    pub const fn max(&self) -> Option<u32> {
        if self.characteristic.repeatable { None } else { Some(1) }
    }

    /// The path step that names it: `@Type` or `Name`.
    #[must_use]
    pub fn step(&self) -> String {
        if self.attribute { format!("@{}", self.name) } else { self.name.to_owned() }
    }

    /// A child by its path step: `@Type` or `Name`.
    #[must_use]
    pub fn child(&self, step: &str) -> Option<&Self> {
        let (attribute, name) = step.strip_prefix('@').map_or((false, step), |name| (true, name));
        self.children.iter().find(|child| child.attribute == attribute && child.name == name)
    }

    /// Its attributes.
    #[must_use]
    pub fn attributes(&self) -> &[Self] {
        self.children.get(..self.attribute_count).unwrap_or_default()
    }

    /// Its child elements in schema order.
    #[must_use]
    pub fn elements(&self) -> &[Self] {
        self.children.get(self.attribute_count..).unwrap_or_default()
    }

    /// The names of its attributes, in the order of [`ElementSchema::attributes`].
    pub(crate) fn attribute_names(&self) -> &[NameId] {
        self.child_names.get(..self.attribute_count).unwrap_or_default()
    }

    /// A bit for each of its attributes that is required, the first one's the lowest.
    pub(crate) const fn required_attributes(&self) -> u64 {
        self.required_attributes
    }

    /// The names of its child elements, in the order of [`ElementSchema::elements`].
    pub(crate) fn element_names(&self) -> &[NameId] {
        self.child_names.get(self.attribute_count..).unwrap_or_default()
    }

    /// The first child element from `position` on that is required; past the last one where there is none.
    pub(crate) fn next_required(&self, position: usize) -> usize {
        self.next_required.get(position).copied().unwrap_or(usize::MAX)
    }

    /// The id that its name has in every [`Names`].
    #[must_use]
    pub const fn name_id(&self) -> NameId {
        self.name_id
    }

    /// Where it stands in the object, in schema order.
    #[must_use]
    pub const fn order(&self) -> usize {
        self.order
    }

    /// Whether `value` may stand here, as the schema says; agrees with libxml2 on the strict schema.
    ///
    /// # Errors
    /// What is wrong with it, without the value.
    pub fn check_value(&self, value: &str) -> Result<(), ValueFault> {
        value::check(self, value)
    }
}

#[cfg(test)]
mod tests;
