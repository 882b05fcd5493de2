//! SIF_GetAgentACL.

use sif::message::Version;

use crate::zone::{AnswerData, Reply, Zone};

/// Tells the sender what it may do.
pub(super) fn receive(zone: &Zone, agent: &str, version: Version) -> Reply {
    Reply::Data(AnswerData::AgentAcl(zone.agent_acl(agent, version)))
}
