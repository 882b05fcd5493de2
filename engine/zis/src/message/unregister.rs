//! SIF_Unregister.

use sif::message::Message;

use crate::zone::{Moment, Step, Zone};

/// The sender leaves: its provisions and subscriptions end, its queue is emptied, and what it asked and was asked ends. Registering
/// again does not bring them back.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) {
    zone.leave(&message.header.source_id, now, step);
}
