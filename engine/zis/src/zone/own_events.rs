//! Change events of what the zone itself provides: SIF_ZoneStatus to all that subscribe to it, SIF_AgentACL to each its own.

use std::collections::BTreeMap;

use sif::message::{DEFAULT_CONTEXT, MessageKind, MessageWriter, Security, Version};

use super::Zone;
use super::own::Own;
use super::types::{Moment, Step};

/// The object that tells who is in the zone.
const ZONE_STATUS: &str = "SIF_ZoneStatus";
/// The object that tells what an agent may do.
const AGENT_ACL: &str = "SIF_AgentACL";

impl Zone {
    /// Tells those that subscribe to SIF_ZoneStatus if it has changed: once for all that one step changed.
    pub(crate) fn announce_status(&mut self, now: Moment, step: &mut Step) {
        if !std::mem::take(&mut self.status_changed) {
            return;
        }
        let mut by_version: BTreeMap<Version, Vec<String>> = BTreeMap::new();
        for agent in self.subscribers_of(ZONE_STATUS, &[DEFAULT_CONTEXT]) {
            let version = self.version_for(&agent, &[], self.own_version());
            by_version.entry(version).or_default().push(agent);
        }
        for (version, agents) in by_version {
            let status = self.zone_status(version);
            self.change_event((ZONE_STATUS, &status), version, agents, now, step);
        }
    }

    /// Whether SIF_ZoneStatus has changed and its subscribers are not yet told.
    pub(crate) const fn is_status_due(&self) -> bool {
        self.status_changed
    }

    /// What those that subscribe to SIF_AgentACL know of their rights.
    pub(crate) fn known_rights(&self) -> BTreeMap<String, String> {
        let subscribers = self.subscribers_of(AGENT_ACL, &[DEFAULT_CONTEXT]);
        subscribers.into_iter().map(|agent| (agent.clone(), self.agent_acl(&agent, Version::V2_4))).collect()
    }

    /// Tells each of those that subscribe to SIF_AgentACL its rights, if they are others than it knew. Nobody is told another's.
    pub(crate) fn announce_rights(&mut self, known: &BTreeMap<String, String>, now: Moment, step: &mut Step) {
        for (agent, rights) in self.known_rights() {
            if known.get(&agent).is_some_and(|known| *known != rights) {
                let version = self.version_for(&agent, &[], self.own_version());
                let rights = self.agent_acl(&agent, version);
                self.change_event((AGENT_ACL, &rights), version, vec![agent], now, step);
            }
        }
    }

    /// Puts a Change event into queues. Those that cannot take it are left out: they can ask for the object.
    fn change_event(
        &mut self,
        (object, xml): (&str, &str),
        version: Version,
        mut agents: Vec<String>,
        now: Moment,
        step: &mut Step,
    ) {
        let header = self.header(now);
        let mut writer = MessageWriter::new(version, "SIF_Event", &header);
        writer.open("SIF_ObjectData").open_with("SIF_EventObject", &[("ObjectName", object), ("Action", "Change")]);
        writer.raw(xml);
        let own = Own {
            message_id: header.message_id,
            kind: MessageKind::Event,
            version,
            object: Some(object.to_owned()),
            document: writer.finish().into(),
            about: None,
        };
        let size = own.document.len() as u64;
        agents.retain(|agent| self.fits(agent, version, Security::default(), size).is_ok() && !self.is_full(agent));
        if agents.is_empty() {
            return;
        }
        let parcel = self.keep_own(&own, now, step);
        for agent in agents {
            self.enqueue(&agent, &parcel, None, step);
        }
    }
}
