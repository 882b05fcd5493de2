//! Names of elements and attributes as numbers.

use std::collections::HashMap;
use std::sync::Arc;

use crate::schema::schema;

/// A name, as a number that a [`Names`] turns back into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub(crate) u32);

/// The names that trees use. Every one starts with the names of the schema, which so have the same id everywhere;
/// other names (those of SIF_ExtendedElement's content, of messages) get the next ids.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Arc<str>>,
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
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = name.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    /// The id of `name`, where it has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// The name of `id`; empty for an id of other names.
    #[must_use]
    pub fn text(&self, id: NameId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |text| text)
    }
}
