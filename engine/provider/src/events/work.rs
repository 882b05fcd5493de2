//! The comparison of one owner: its instances as they were published, and as they are mapped now.

use std::sync::Arc;

use agent::Action;
use sif::schema::ObjectSchema;
use sif::tree::{Names, Tree};

use super::compare::{compare, deleted};
use super::state::{InstanceState, Owner, OwnerState};
use super::units::Summer;

/// An event that was found.
pub(super) struct Found {
    /// The label of the object.
    pub label: Arc<str>,
    pub action: Action,
    /// The key of the instance.
    pub key: String,
    pub xml: String,
    /// A sum over the instance's new state; that of the old one for a Delete.
    pub sum: u64,
}

/// An owner that is compared.
pub(super) struct Work {
    pub owner: Owner,
    /// What was published of it.
    pub old: OwnerState,
    seen: Vec<bool>,
    now: Vec<InstanceState>,
    pub found: Vec<Found>,
}

/// An object as the comparison knows it.
#[derive(Clone)]
pub(super) struct Kind {
    pub label: Arc<str>,
    pub schema: &'static ObjectSchema,
}

impl Work {
    pub(super) fn new(owner: Owner, old: OwnerState) -> Self {
        let seen = vec![false; old.instances.len()];
        Self { owner, old, seen, now: Vec::new(), found: Vec::new() }
    }

    /// Takes an instance as it is now.
    pub(super) fn take(&mut self, kind: &Kind, tree: &Tree, summer: &Summer) {
        let Some(root) = tree.root() else { return };
        let new = InstanceState::of(&kind.label, kind.schema, root, summer);
        let key = new.key(kind.schema);
        let same = |old: &InstanceState| *old.object == *kind.label && old.key(kind.schema) == key;
        let at = (0..self.seen.len()).find(|at| !self.seen[*at] && same(&self.old.instances[*at]));
        if let Some(seen) = at.and_then(|at| self.seen.get_mut(at)) {
            *seen = true;
        }
        let old = at.and_then(|at| self.old.instances.get(at));
        if let Some(difference) = compare(kind.schema, old, &new, tree) {
            if !difference.unsaid.is_empty() {
                let paths = difference.unsaid.join(", ");
                tracing::warn!(object = &*kind.label, owner = %self.owner, paths, "an event cannot say that these are gone");
            }
            let sum = new.sum(summer);
            let label = Arc::clone(&kind.label);
            self.found.push(Found { label, action: difference.action, key, xml: xml(&difference.tree), sum });
        }
        self.now.push(new);
    }

    /// Ends the comparison: what was published of the objects that `is_compared` and was not taken is gone. `kind` knows the objects that
    /// raise events; what was published of others is forgotten in silence. Gives the new state, if it is another.
    pub(super) fn finish(
        &mut self,
        kind: &dyn Fn(&str) -> Option<Kind>,
        is_compared: &dyn Fn(&str) -> bool,
        names: &Arc<Names>,
        summer: &Summer,
    ) -> Option<OwnerState> {
        for (old, seen) in self.old.instances.iter().zip(&self.seen) {
            if *seen {
                continue;
            }
            match kind(&old.object) {
                None => {}
                Some(kind) if is_compared(&old.object) => {
                    let xml = xml(&deleted(kind.schema, old, names));
                    let (key, sum) = (old.key(kind.schema), old.sum(summer));
                    self.found.push(Found { label: kind.label, action: Action::Delete, key, xml, sum });
                }
                Some(_) => self.now.push(old.clone()),
            }
        }
        let mut instances = std::mem::take(&mut self.now);
        instances.sort_by(|a, b| (&a.object, &a.fixed).cmp(&(&b.object, &b.fixed)));
        let state = OwnerState { instances };
        (state != self.old).then_some(state)
    }
}

fn xml(tree: &Tree) -> String {
    let mut out = Vec::new();
    sif::xml::write::write_tree(tree, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
