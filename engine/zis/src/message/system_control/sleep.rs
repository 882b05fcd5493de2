//! SIF_Sleep.

use crate::zone::{Step, Zone};

/// The sender gets nothing until it wakes; what comes for it waits.
pub(super) fn receive(zone: &mut Zone, agent: &str, step: &mut Step) {
    if let Some(state) = zone.agents.get_mut(agent).filter(|state| !state.record.sleeping) {
        state.record.sleeping = true;
        zone.put_agent(agent, step);
    }
}
