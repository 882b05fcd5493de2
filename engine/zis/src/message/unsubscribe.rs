//! SIF_Unsubscribe.

use sif::message::Message;

use super::items;
use crate::Right;
use crate::zone::{Fault, Step, Zone};

/// The sender gets no new events of the objects that are named. What it does not subscribe to is no fault, and events that wait
/// for it are delivered.
pub(crate) fn receive(zone: &mut Zone, message: &Message, step: &mut Step) -> Result<(), Fault> {
    let agent = &message.header.source_id;
    let items = items::of_message(message)?;
    let mut provision = zone.provision(agent);
    for item in &items {
        items::withdraw(&mut provision, Right::Subscribe, item);
    }
    zone.set_provision(agent, provision, step);
    Ok(())
}
