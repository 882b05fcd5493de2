//! SIF_SystemControl: messages to the zone itself. They are handled at once, and never queued.

mod cancel_requests;
mod cancel_service_inputs;
mod get_agent_acl;
mod get_message;
mod get_zone_status;
mod ping;
mod sleep;
mod wakeup;

use sif::message::{Message, Status, error};
use sif::tree::Element;

use crate::Channel;
use crate::zone::{Fault, Moment, Reply, Step, Zone};

/// Handles what is inside SIF_SystemControlData.
pub(crate) fn receive(
    zone: &mut Zone,
    message: &Message,
    channel: &Channel,
    now: Moment,
    step: &mut Step,
) -> Result<Reply, Fault> {
    let agent = message.header.source_id.as_str();
    let data = message.body().children().find(|child| child.name() == "SIF_SystemControlData");
    let control = data.and_then(|data| data.children().next());
    let control = control.ok_or_else(|| Fault::because(error::XML_MISSING, "SIF_SystemControlData is empty"))?;
    let done = Ok(Reply::Status(Status::Success));
    match control.name() {
        "SIF_Ping" => ping::receive(),
        "SIF_Sleep" => {
            sleep::receive(zone, agent, step);
            done
        }
        "SIF_Wakeup" => {
            wakeup::receive(zone, agent, step);
            done
        }
        "SIF_GetMessage" => get_message::receive(zone, agent, channel, now),
        "SIF_GetZoneStatus" => Ok(get_zone_status::receive(zone, message.version)),
        "SIF_GetAgentACL" => Ok(get_agent_acl::receive(zone, agent, message.version)),
        "SIF_CancelRequests" => cancel_requests::receive(zone, message, control, now, step).and(done),
        "SIF_CancelServiceInputs" => cancel_service_inputs::receive(zone, message, control, now, step).and(done),
        _ => Err(Fault::because(error::MESSAGE_UNSUPPORTED, "SIF_SystemControlData holds nothing that is known")),
    }
}

/// SIF_NotificationType (true for Standard), and the ids of a list.
fn cancelled(control: Element<'_>, list: &str) -> Result<(bool, Vec<String>), Fault> {
    let kind = control.find("SIF_NotificationType").next();
    let tell = match kind.as_deref().map(str::trim) {
        Some("Standard") => true,
        Some("None") => false,
        Some(_) => return Err(Fault::because(error::XML_VALUE, "SIF_NotificationType is neither Standard nor None")),
        None => return Err(Fault::because(error::XML_MISSING, "SIF_NotificationType is missing")),
    };
    let ids: Vec<String> = control.find(list).map(|id| id.trim().to_owned()).collect();
    if ids.is_empty() {
        return Err(Fault::because(error::XML_MISSING, format!("{list} is missing")));
    }
    Ok((tell, ids))
}
