//! Who may do what.

use std::collections::BTreeSet;

use sif::message::DEFAULT_CONTEXT;

use super::Zone;
use crate::config::AgentConfig;
use crate::{Right, ZoneOptions};

impl AgentConfig {
    /// Whether it has a right for an object, in whatever context.
    #[must_use]
    pub fn may(&self, right: Right, object: &str) -> bool {
        has(&self.rights, right, object)
    }

    /// Whether it has a right for a service, in whatever context.
    #[must_use]
    pub fn may_service(&self, right: Right, service: &str) -> bool {
        has(&self.services, right, service)
    }

    /// Whether its rights hold in a context. An agent without contexts has the default one.
    #[must_use]
    pub fn in_context(&self, context: &str) -> bool {
        if self.contexts.is_empty() {
            context == DEFAULT_CONTEXT
        } else {
            self.contexts.iter().any(|own| own == context)
        }
    }
}

/// What is named itself wins over `*`.
fn has(rights: &std::collections::BTreeMap<String, BTreeSet<Right>>, right: Right, name: &str) -> bool {
    rights.get(name).or_else(|| rights.get("*")).is_some_and(|rights| rights.contains(&right))
}

/// What every agent may ask for: the zone tells it by SIF_GetZoneStatus and SIF_GetAgentACL too.
pub(crate) const OF_THE_ZONE: [&str; 2] = ["SIF_ZoneStatus", "SIF_AgentACL"];

impl Zone {
    /// The configuration of an agent that may register.
    pub(crate) fn approved(&self, agent: &str) -> Option<&AgentConfig> {
        self.config.agents.get(agent).filter(|config| config.approved)
    }

    /// Whether an agent may register at all.
    pub(crate) fn may_register(&self, agent: &str) -> bool {
        let ZoneOptions { accept_unknown_agents, .. } = self.config.options;
        self.config.agents.get(agent).map_or(accept_unknown_agents, |config| config.approved)
    }

    /// Whether an agent has a right for an object in whatever context. Asked anew for every message, so a change holds at once.
    pub(crate) fn may(&self, agent: &str, right: Right, object: &str) -> bool {
        if right == Right::Request && OF_THE_ZONE.contains(&object) && self.may_register(agent) {
            return true;
        }
        // Nobody else provides or reports what the zone itself provides.
        if !matches!(right, Right::Subscribe | Right::Request) && OF_THE_ZONE.contains(&object) {
            return false;
        }
        self.approved(agent).is_some_and(|config| config.may(right, object))
    }

    /// Whether the agent's rights hold in a context.
    pub(crate) fn in_context(&self, agent: &str, context: &str) -> bool {
        match self.approved(agent) {
            Some(config) => config.in_context(context),
            None => self.may_register(agent) && context == DEFAULT_CONTEXT,
        }
    }

    /// Whether an agent has a right for an object in a context.
    pub(crate) fn may_in(&self, agent: &str, right: Right, object: &str, context: &str) -> bool {
        self.may(agent, right, object) && self.in_context(agent, context)
    }

    /// Whether an agent has a right for a service in a context.
    pub(crate) fn may_service_in(&self, agent: &str, right: Right, service: &str, context: &str) -> bool {
        self.approved(agent).is_some_and(|config| config.may_service(right, service) && config.in_context(context))
    }

    /// Whether the zone has a context.
    pub(crate) fn has_context(&self, context: &str) -> bool {
        context == DEFAULT_CONTEXT || self.config.contexts.iter().any(|own| own == context)
    }
}
