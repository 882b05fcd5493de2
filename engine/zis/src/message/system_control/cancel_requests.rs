//! SIF_CancelRequests.

use sif::message::{Message, error};
use sif::tree::Element;

use super::cancelled;
use crate::zone::record::Closed;
use crate::zone::{CANCEL, Ending, Fault, Moment, Step, Zone};

/// The sender does not want the answers to its requests any more: they leave the responders' queues, packets that wait for the sender are
/// dropped, and packets that come later are refused (8/18). Ids of others' requests, and of none, are passed over.
pub(super) fn receive(
    zone: &mut Zone,
    message: &Message,
    control: Element<'_>,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    if message.version < CANCEL {
        return Err(error::MESSAGE_UNSUPPORTED.into());
    }
    let (tell, ids) = cancelled(control, "SIF_RequestMsgIds/SIF_RequestMsgId")?;
    for id in ids {
        if zone.open_request(&id).is_none_or(|request| request.requester != message.header.source_id) {
            continue;
        }
        let request = zone.open_request(&id).map(|request| (request.responder.clone(), request.number));
        let ending = Ending {
            code: error::REQUEST_CANCELLED,
            description: error::meaning(error::REQUEST_CANCELLED),
            closed: Some(Closed::Cancelled),
            tell,
            drop_packets: true,
        };
        let forward = zone.config().options.forward_cancel;
        let working = request.filter(|(responder, number)| forward && !zone.waits(responder, *number));
        zone.end_request(&id, ending, now, step);
        if let Some((responder, _)) = working {
            zone.forward_cancel(&responder, &id, false, now, step);
        }
    }
    Ok(())
}
