//! Names of elements and attributes as numbers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::schema::schema;

/// A name, as a number that a [`Names`] turns back into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub(crate) u32);

/// The names that trees use. Every one starts with the names of the schema, which so have the same id everywhere;
/// other names (those of SIF_ExtendedElement's content, of messages) get the next ids.
#[derive(Clone, Debug, Default)]
pub struct Names {
    markup: Vec<Markup>,
    ids: HashMap<Arc<str>, NameId>,
}

impl Names {
    /// The names of the schema.
    #[must_use]
    pub fn new() -> Self {
        schema().names().clone()
    }

    /// No names at all: only for the schema itself.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// The id of `name`, a new one where it has none.
    pub fn intern(&mut self, name: &str) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = NameId(u32::try_from(self.markup.len()).unwrap_or(u32::MAX));
        self.markup.push(Markup::new(name));
        self.ids.insert(name.into(), id);
        id
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.markup.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.markup.is_empty()
    }

    /// The id of `name`, where it has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// How many names there are.
    pub(crate) fn count(&self) -> usize {
        self.markup.len()
    }

    /// The name of `id`; empty for an id of other names.
    #[must_use]
    pub fn text(&self, id: NameId) -> &str {
        self.markup(id).name()
    }

    /// The name of `id` as the writer needs it; empty for an id of other names.
    pub(crate) fn markup(&self, id: NameId) -> &Markup {
        static NAMELESS: LazyLock<Markup> = LazyLock::new(|| Markup::new(""));
        self.markup.get(id.0 as usize).unwrap_or_else(|| &NAMELESS)
    }
}

/// A name with the markup that it stands in, so that each piece is written in one step.
#[derive(Clone, Debug)]
pub(crate) struct Markup {
    /// `<Name></Name> Name="`
    all: Arc<str>,
    /// Length of the name.
    name: usize,
}

impl Markup {
    fn new(name: &str) -> Self {
        Self { all: format!("<{name}></{name}> {name}=\"").into(), name: name.len() }
    }

    fn name(&self) -> &str {
        self.all.get(1..=self.name).unwrap_or_default()
    }

    /// `<Name`
    pub(crate) fn start(&self) -> &[u8] {
        self.part(0, self.name + 1)
    }

    /// `<Name>`
    pub(crate) fn whole_start(&self) -> &[u8] {
        self.part(0, self.name + 2)
    }

    /// `</Name>`
    pub(crate) fn end(&self) -> &[u8] {
        self.part(self.name + 2, self.name + 3)
    }

    /// ` Name="`
    pub(crate) fn attribute(&self) -> &[u8] {
        self.part(2 * self.name + 5, self.name + 3)
    }

    fn part(&self, start: usize, length: usize) -> &[u8] {
        self.all.as_bytes().get(start..start + length).unwrap_or_default()
    }
}
