//! What a zone lets the provider do, as its SIF_AgentACL says it.

use std::collections::{BTreeMap, BTreeSet};

use sif::message::DEFAULT_CONTEXT;
use sif::tree::Element;
use sif::xml::read::read;

use super::offer::Part;

/// What a SIF_AgentACL names in the default context. What it does not name the agent may not do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rights(BTreeMap<Part, BTreeSet<String>>);

impl Rights {
    /// Reads a SIF_AgentACL; none if it cannot be read.
    pub(super) fn read(acl: &str) -> Option<Self> {
        let tree = read(acl.as_bytes(), sif::message::names()).ok()?;
        let root = tree.root().filter(|root| root.name() == "SIF_AgentACL")?;
        let of = |part: Part| {
            let objects = root.at(&format!("{}/SIF_Object", part.access()));
            let named = objects.into_iter().filter(|object| is_default(*object));
            (part, named.filter_map(|object| object.attribute("ObjectName")).map(str::to_owned).collect())
        };
        Some(Self(Part::ALL.into_iter().map(of).collect()))
    }

    pub(super) fn may(&self, part: Part, object: &str) -> bool {
        self.0.get(&part).is_some_and(|objects| objects.contains(object))
    }
}

/// Whether an object is named in the default context, which is also meant where none is.
fn is_default(object: Element<'_>) -> bool {
    let contexts = object.at("SIF_Contexts/SIF_Context");
    contexts.is_empty() || contexts.iter().any(|context| context.text().trim() == DEFAULT_CONTEXT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn an_acl_gives_what_it_names_in_the_default_context_and_nothing_else() {
        let acl = "<SIF_AgentACL xmlns=\"http://www.sifinfo.org/infrastructure/2.x\"><SIF_ProvideAccess>\
            <SIF_Object ObjectName=\"A\"><SIF_Contexts><SIF_Context>Other</SIF_Context><SIF_Context>SIF_Default</SIF_Context></SIF_Contexts></SIF_Object>\
            <SIF_Object ObjectName=\"B\"><SIF_Contexts><SIF_Context>Other</SIF_Context></SIF_Contexts></SIF_Object>\
            <SIF_Object ObjectName=\"C\"/></SIF_ProvideAccess>\
            <SIF_PublishAddAccess><SIF_Object ObjectName=\"B\"/></SIF_PublishAddAccess></SIF_AgentACL>";
        let rights = Rights::read(acl).unwrap();
        let may = |part| ["A", "B", "C"].map(|object| rights.may(part, object));
        assert_eq!(may(Part::Provide), [true, false, true]);
        assert_eq!(may(Part::PublishAdd), [false, true, false]);
        assert_eq!(may(Part::Respond), [false; 3]);
        assert_eq!(Rights::read("<SIF_ZoneStatus/>"), None);
    }
}
