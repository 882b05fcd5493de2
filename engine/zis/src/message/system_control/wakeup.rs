//! SIF_Wakeup.

use crate::zone::{Step, Zone};

/// The sender is awake, whether it slept or not; an event that held back others does so no longer.
pub(super) fn receive(zone: &mut Zone, agent: &str, step: &mut Step) {
    let Some(state) = zone.agents.get_mut(agent) else { return };
    if state.wake() {
        zone.put_agent(agent, step);
    }
    step.wake.push(agent.to_owned());
}
