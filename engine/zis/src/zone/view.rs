//! What an agent may see of a message.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sif::message::Message;
use sif::prune::{Visibility, Visible};

use super::Zone;
use crate::ZoneConfig;
use crate::config::AgentConfig;

/// A message as one agent gets it.
pub(crate) enum View {
    /// As it was received.
    Whole,
    /// With elements left out.
    Part(Bytes),
    /// Nothing that it may see has changed.
    Nothing,
}

/// What agents may see, for those that do not see everything.
pub(super) fn of_zone(config: &ZoneConfig) -> BTreeMap<String, Visibility> {
    config.agents.values().filter_map(|agent| Some((agent.id.clone(), of_agent(agent)?))).collect()
}

/// What an agent may see; none if that is everything.
pub(super) fn of_agent(agent: &AgentConfig) -> Option<Visibility> {
    if agent.elements.is_empty() {
        return None;
    }
    // Paths are checked when a zone's file is read. One that is wrong all the same must not show more: of its object only what is
    // mandatory is seen.
    let safe = |(object, paths): (&String, &BTreeSet<String>)| {
        let right = Visible::new(object, paths).is_ok();
        (object.clone(), if right { paths.clone() } else { BTreeSet::new() })
    };
    let elements: BTreeMap<String, BTreeSet<String>> = agent.elements.iter().map(safe).collect();
    Visibility::new(&elements).ok().filter(|visibility| !visibility.is_everything())
}

impl Zone {
    /// What an agent gets of a message.
    pub(crate) fn view(&self, agent: &str, message: &Message) -> View {
        let Some(visibility) = self.visibilities.get(agent) else { return View::Whole };
        match visibility.prune(message) {
            None => View::Nothing,
            // The same bytes, not only equal ones, are given back where nothing is hidden.
            Some(document) if document.as_ptr() == message.document.as_ptr() => View::Whole,
            Some(document) => View::Part(document),
        }
    }

    /// What an agent may see; none if that is everything.
    pub(crate) fn visibility(&self, agent: &str) -> Option<&Visibility> {
        self.visibilities.get(agent)
    }
}
