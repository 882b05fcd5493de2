//! What is declared but could not be read. It has been reported where it is declared, so what reads it is not reported again.

use std::collections::BTreeSet;

use graph::EntityId;

/// The names of what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    /// Fields, relations and facts.
    pub members: BTreeSet<(EntityId, String)>,
    /// Parameters by group and name.
    pub parameters: BTreeSet<(String, String)>,
    /// Files of parameters that could not be read at all.
    pub groups: BTreeSet<String>,
    /// Value sets.
    pub value_sets: BTreeSet<String>,
    /// Functions of `rules/shared/`.
    pub functions: BTreeSet<String>,
}

impl Broken {
    /// Whether this is a field, relation or fact that could not be read.
    #[must_use]
    pub fn has_member(&self, entity: EntityId, name: &str) -> bool {
        self.members.contains(&(entity, name.to_owned()))
    }

    /// Whether this is a parameter that could not be read, or may be one.
    #[must_use]
    pub fn has_parameter(&self, group: &str, name: &str) -> bool {
        self.groups.contains(group) || self.parameters.contains(&(group.to_owned(), name.to_owned()))
    }

    /// Whether this is a file of parameters.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        self.groups.contains(group) || self.parameters.iter().any(|(of, _)| of == group)
    }
}
