//! SIF_CancelServiceInputs.

use sif::message::{Message, error};
use sif::tree::Element;

use super::cancelled;
use crate::zone::record::Closed;
use crate::zone::{Fault, Moment, SERVICES, Step, Zone};

/// The sender does not want the output of services that it invoked any more: what waits of them is dropped, and packets that come
/// later are refused (14/15). Ids of others' invocations, and of none, are passed over.
pub(super) fn receive(
    zone: &mut Zone,
    message: &Message,
    control: Element<'_>,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    if message.version < SERVICES {
        return Err(error::MESSAGE_UNSUPPORTED.into());
    }
    let (tell, ids) = cancelled(control, "SIF_ServiceMsgIds/SIF_ServiceMsgId")?;
    let code = error::SERVICE_CANCELLED;
    for id in ids {
        let Some(own) = zone.services.get(&id) else { continue };
        let open = own.closed.is_none() && !own.provider.is_empty();
        if !open || own.invoker != message.header.source_id {
            continue;
        }
        let provider = own.provider.clone();
        if zone.config().options.forward_cancel {
            zone.forward_cancel(&provider, &id, true, now, step);
        }
        zone.end_service(&id, (code, error::meaning(code)), (Some(Closed::Cancelled), tell), now, step);
    }
    Ok(())
}
