//! SIF_Unprovide.

use sif::message::Message;

use super::items;
use crate::Right;
use crate::zone::{Fault, Step, Zone};

/// The sender gets no new requests for the objects that are named. What it does not provide is no fault, and requests that wait
/// for it are delivered.
pub(crate) fn receive(zone: &mut Zone, message: &Message, step: &mut Step) -> Result<(), Fault> {
    let agent = &message.header.source_id;
    let items = items::of_message(message)?;
    let mut provision = zone.provision(agent);
    for item in &items {
        items::withdraw(&mut provision, Right::Provide, item);
    }
    zone.set_provision(agent, provision, step);
    Ok(())
}
