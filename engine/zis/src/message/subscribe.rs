//! SIF_Subscribe.

use sif::message::Message;

use super::items;
use crate::Right;
use crate::zone::{Fault, Step, Zone};

/// The sender gets the events of all objects that are named, or of none of them.
pub(crate) fn receive(zone: &mut Zone, message: &Message, step: &mut Step) -> Result<(), Fault> {
    let agent = &message.header.source_id;
    let items = items::of_message(message)?;
    for item in &items {
        items::check(zone, agent, Right::Subscribe, item, message.version)?;
    }
    let mut provision = zone.provision(agent);
    for item in items {
        items::announce(&mut provision, Right::Subscribe, item);
    }
    zone.set_provision(agent, provision, step);
    Ok(())
}
