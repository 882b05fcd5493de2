//! SIF_Response.

use sif::message::{ErrorCode, Message, error};

use super::{number, one_context, required, yes_or_no};
use crate::zone::record::RequestRecord;
use crate::zone::{Content, Ending, Fault, Moment, RESPONSE, Step, View, Zone, matches};

/// A packet of an answer goes to the requester if it is what was asked for and the one that is due.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let id = required(message, "SIF_RequestMsgId")?;
    let packet = number(message, "SIF_PacketNumber")?;
    let more = yes_or_no(message, "SIF_MorePackets")?;
    let last = !more || message.body().children().any(|child| child.name() == "SIF_Error");
    one_context(zone, &message.header)?;
    let Some(request) = zone.requests.get(&id).cloned() else {
        return Err(error::INVALID_REQUEST_ID.into());
    };
    if let Some(closed) = request.closed {
        return Err(closed.code().into());
    }
    let is_responder = message.header.source_id == request.responder;
    if let Some(code) = wrong(message, &request) {
        // Only the responder's own mistake ends the request.
        if is_responder {
            reject(zone, message, &id, code, now, step);
        }
        return Err(code.into());
    }
    if packet != request.next_packet {
        return Err(Fault {
            code: error::PACKET_NUMBER,
            description: None,
            extended: Some(format!("got packet {packet}, expected packet {}", request.next_packet)),
        });
    }
    if !is_responder {
        return Err(Fault::because(error::MAY_NOT_RESPOND, "the request went to another agent"));
    }
    deliver(zone, message, &id, request, last, now, step)
}

/// What is wrong with the stream as a whole.
fn wrong(message: &Message, request: &RequestRecord) -> Option<ErrorCode> {
    if message.document.len() as u64 > request.buffer {
        Some(error::RESPONSE_TOO_LARGE)
    } else if message.header.destination_id.as_deref() != Some(request.requester.as_str()) {
        Some(error::RESPONSE_DESTINATION)
    } else if !matches(&request.versions, message.version) {
        Some(error::RESPONSE_VERSION)
    } else {
        None
    }
}

/// The answer is not what was asked for: the requester gets a last packet that says so.
fn reject(zone: &mut Zone, message: &Message, id: &str, code: ErrorCode, now: Moment, step: &mut Step) {
    let description = format!("a response of {} is refused: {}", message.header.source_id, error::meaning(code));
    zone.log_entry(RESPONSE, &message.header, &description, now, step);
    let ending = Ending { code, description: error::meaning(code), closed: None, tell: true, drop_packets: false };
    zone.end_request(id, ending, now, step);
}

fn deliver(
    zone: &mut Zone,
    message: &Message,
    id: &str,
    mut request: RequestRecord,
    last: bool,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    let requester = request.requester.clone();
    let misfit = zone.takes(&requester, message).err();
    if misfit.is_none() && zone.is_full(&requester) {
        return Err(Fault::because(error::SYSTEM, "the queue of the requester is full; send again later"));
    }
    let parcel = zone.keep(message, Some(&request.object), Some(id), now, step);
    if let Some(misfit) = misfit {
        zone.skip(&requester, parcel.number, misfit, now, step);
        let description = format!("a response is not delivered to {requester}: {}", misfit.why());
        zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
        let code = match misfit {
            crate::zone::Misfit::Buffer => error::RESPONSE_TOO_LARGE,
            crate::zone::Misfit::Security => error::NO_SECURE_CHANNEL,
            crate::zone::Misfit::Version => error::RESPONSE_VERSION,
        };
        let ending = Ending { code, description: misfit.why(), closed: None, tell: true, drop_packets: false };
        zone.end_request(id, ending, now, step);
        return Ok(());
    }
    let mut last = last;
    match zone.view(&requester, message) {
        View::Whole => zone.enqueue(&requester, &parcel, None, step),
        View::Part(document) => zone.enqueue(&requester, &parcel, Some(document), step),
        // A packet is never left out, or the requester would wait for it: an empty one ends the answer.
        View::Nothing => {
            zone.respond(id, &request, &Content::Objects(""), now, step);
            last = true;
        }
    }
    if last {
        zone.drop_request(id, step);
    } else {
        request.next_packet += 1;
        zone.put_request(id, request, step);
    }
    Ok(())
}
