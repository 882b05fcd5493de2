//! The names that an expression may use.

use graph::EntityId;

use crate::types::{Kind, Type};

/// The names in scope: rows and values bound to locals, innermost last.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Vec<(String, u16, Type)>,
    locals: u16,
}

impl Scope {
    /// No names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds a name to a new local.
    pub fn bind(&mut self, name: &str, ty: Type) -> u16 {
        let local = self.unnamed(ty);
        self.names.push((name.to_owned(), local, ty));
        local
    }

    /// A new local without a name.
    pub fn unnamed(&mut self, _ty: Type) -> u16 {
        let local = self.locals;
        self.locals = self.locals.saturating_add(1);
        local
    }

    /// How many locals there are.
    #[must_use]
    pub const fn locals(&self) -> u16 {
        self.locals
    }

    /// Keeps the count of locals of another scope, where that is larger.
    pub fn at_least(&mut self, locals: u16) {
        self.locals = self.locals.max(locals);
    }

    /// The local and type of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(u16, Type)> {
        self.names.iter().rev().find(|(bound, ..)| bound == name).map(|(_, local, ty)| (*local, *ty))
    }

    /// The rows in scope, innermost first: local and entity.
    pub fn rows(&self) -> impl Iterator<Item = (u16, EntityId, &str)> {
        self.names.iter().rev().filter_map(|(name, local, ty)| match ty.kind {
            Kind::Row(entity) if !ty.optional => Some((*local, entity, name.as_str())),
            _ => None,
        })
    }

    /// Every name in scope.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, ..)| name.as_str())
    }

    /// How many names there are, to come back to.
    #[must_use]
    pub const fn mark(&self) -> usize {
        self.names.len()
    }

    /// Forgets the names bound since.
    pub fn back_to(&mut self, mark: usize) {
        self.names.truncate(mark);
    }
}

impl Scope {
    /// Keeps the locals but forgets the names: what a rule sees is its parameters alone.
    pub fn forget_names(&mut self) {
        self.names.clear();
    }
}

impl Scope {
    /// Binds a name to a local that exists.
    pub fn bind_to(&mut self, name: &str, local: u16, ty: Type) {
        self.names.push((name.to_owned(), local, ty));
    }
}
