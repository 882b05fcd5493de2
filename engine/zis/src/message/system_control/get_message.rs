//! SIF_GetMessage.

use sif::message::{Status, error};

use crate::Channel;
use crate::zone::{AnswerData, Fault, Moment, Reply, Zone};

/// The first message that waits for the sender, again and again until it is acknowledged. Messages that ask for more than this
/// connection reaches are passed over, and so are events while one is being worked on.
pub(super) fn receive(zone: &mut Zone, agent: &str, channel: &Channel, now: Moment) -> Result<Reply, Fault> {
    let state = zone.agents.get(agent).ok_or(error::NOT_REGISTERED)?;
    if state.is_push() {
        return Err(error::REGISTERED_FOR_PUSH.into());
    }
    let number = if state.record.sleeping { None } else { zone.next_for(agent, crate::zone::levels(channel)) };
    let Some(number) = number else { return Ok(Reply::Status(Status::NoMessage)) };
    if let Some(entry) = zone.agents.get_mut(agent).and_then(|state| state.queue.get_mut(number)) {
        entry.delivered = now.0.max(1);
    }
    Ok(Reply::Data(AnswerData::Deliver(number)))
}
