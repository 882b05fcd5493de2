//! Evaluates queries for the objects that the zone itself provides.

use sif::query::Query;
use sif::tree::Tree;
use sif::{INSTANCE_NAMESPACE, NAMESPACE};

use super::Zone;
use crate::Right;

impl Zone {
    /// What a query wants of one of the zone's own objects: nothing, if its conditions do not hold.
    pub(crate) fn select(&self, query: &Query, object: &str) -> String {
        let document =
            format!("<SIF_Message xmlns=\"{NAMESPACE}\" xmlns:xsi=\"{INSTANCE_NAMESPACE}\">{object}</SIF_Message>");
        let Ok(tree) = sif::xml::read::read(document.as_bytes(), sif::message::names()) else { return String::new() };
        let Some(instance) = tree.root().and_then(|root| root.children().next()) else { return String::new() };
        if !query.takes(instance) {
            return String::new();
        }
        if query.elements.is_empty() {
            return object.to_owned();
        }
        let mut wanted = Tree::new(std::sync::Arc::clone(tree.names()));
        query.select(instance, &mut wanted);
        let mut out = Vec::new();
        sif::xml::write::write_tree(&wanted, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Whether an agent said that it answers a SIF_ExtendedQuery for an object.
    pub(crate) fn supports_extended(&self, agent: &str, right: Right, object: &str, context: &str) -> bool {
        let contexts = self.agents.get(agent).and_then(|state| state.record.provision.contexts(right, object));
        contexts.and_then(|contexts| contexts.get(context)).is_some_and(|extended| *extended)
    }
}
