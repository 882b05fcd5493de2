//! SIF_ServiceInput.

use sif::message::{Message, error};

use super::service_packet::{self, Packet};
use super::{number, versions};
use crate::Right;
use crate::zone::record::ServiceRecord;
use crate::zone::{Failure, Fault, Misfit, Moment, ServiceKind, Step, Zone};

/// A packet of a service's input goes to the agent that it names, or to the service's provider.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let sender = message.header.source_id.as_str();
    let (service, operation) = service_packet::service(message)?;
    let context = service_packet::context(zone, message)?;
    if !zone.may_service_in(sender, Right::Request, &service, &context) {
        return Err(error::SERVICE_DENIED.into());
    }
    let packet = service_packet::read(message)?;
    let mut record = match zone.services.get(&packet.id) {
        Some(record) if record.invoker != sender || record.provider.is_empty() => {
            return Err(Fault::because(error::SERVICE_DENIED, "the SIF_ServiceMsgId is that of another invocation"));
        }
        Some(record) => match record.closed {
            Some(closed) => return Err(closed.service_code().into()),
            None => record.clone(),
        },
        None if packet.number != 1 => return Err(service_packet::out_of_order(packet.number, Some(1))),
        None => open(zone, message, (service, operation, context), now)?,
    };
    if record.next_input != Some(packet.number) {
        return Err(service_packet::out_of_order(packet.number, record.next_input));
    }
    if record.provider.is_empty() {
        record.provider = provider(zone, message, &record)?;
    }
    let target = record.provider.clone();
    let misfit = zone.takes(&target, message).err();
    if !zone.is_registered(&target) {
        return Err(error::SERVICE_NO_PROVIDER.into());
    }
    if misfit == Some(Misfit::Version) {
        return Err(error::SERVICE_VERSION.into());
    }
    if misfit.is_none() && zone.is_full(&target) {
        return Err(Fault::because(error::SYSTEM, "the queue of the provider is full; send again later"));
    }
    let parcel = zone.keep(message, None, Some(&packet.id), now, step);
    match misfit {
        None => {
            zone.enqueue(&target, &parcel, None, step);
            record.next_input = (!packet.last).then_some(packet.number + 1);
            zone.put_service(&packet.id, record, step);
        }
        Some(misfit) => {
            zone.skip(&target, parcel.number, misfit, now, step);
            undeliverable(zone, message, &packet, &record, misfit, now, step);
        }
    }
    Ok(())
}

/// The first packet of an invocation: it says which output is wanted.
fn open(
    zone: &Zone,
    message: &Message,
    (service, operation, context): (String, String, String),
    now: Moment,
) -> Result<ServiceRecord, Fault> {
    let versions = versions(message)?;
    if versions.is_empty() {
        return Err(Fault::because(error::XML_MISSING, "SIF_Version is missing, which the first packet needs"));
    }
    let buffer = number(message, "SIF_MaxBufferSize")?;
    let own = zone.agents.get(&message.header.source_id).and_then(|agent| agent.registration());
    if own.is_none_or(|own| buffer > own.buffer) {
        let description = "the SIF_MaxBufferSize is larger than the one that the agent registered";
        return Err(Fault::because(error::SERVICE, description));
    }
    Ok(ServiceRecord {
        invoker: message.header.source_id.clone(),
        provider: String::new(),
        service,
        operation,
        context,
        versions,
        envelope: message.version.to_string(),
        buffer,
        next_input: Some(1),
        next_output: 1,
        opened: now.0,
        deadline: now.after(zone.config().options.request_seconds).0,
        closed: None,
    })
}

/// Who is invoked: nobody 14/3, one that does not do this service 14/17, or may not 14/16.
fn provider(zone: &Zone, message: &Message, record: &ServiceRecord) -> Result<String, Fault> {
    let (service, context) = (record.service.as_str(), record.context.as_str());
    let target = match message.header.destination_id.as_deref().filter(|id| !id.is_empty()) {
        None => zone.service_provider(service, context).ok_or(error::SERVICE_NO_PROVIDER)?,
        Some(agent) if !zone.is_registered(agent) => return Err(error::SERVICE_NO_PROVIDER.into()),
        Some(agent) => {
            let provision = zone.provision(agent);
            let does = |right| provision.service(right, service, context).is_some();
            if !does(Right::Provide) && !does(Right::Respond) {
                let description = "the SIF_DestinationId does not provide this service";
                return Err(Fault::because(error::SERVICE_NOT_PROVIDER, description));
            }
            agent
        }
    };
    let may = |right| zone.may_service_in(target, right, service, context);
    if may(Right::Provide) || may(Right::Respond) { Ok(target.to_owned()) } else { Err(error::SERVICE_DENIED.into()) }
}

/// The packet cannot be put into the provider's queue: the provider gets a last packet with the error instead, the invoker is told
/// by an output, and the invocation is over.
fn undeliverable(
    zone: &mut Zone,
    message: &Message,
    packet: &Packet,
    record: &ServiceRecord,
    misfit: Misfit,
    now: Moment,
    step: &mut Step,
) {
    let target = record.provider.clone();
    let description = format!("an input of {} is not delivered to {target}: {}", record.service, misfit.why());
    zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
    let code = if misfit == Misfit::Security { error::NO_SECURE_CHANNEL } else { error::SERVICE };
    let told =
        |kind, packet_number| Failure { kind, id: &packet.id, packet: packet_number, code, description: &description };
    let (input, output) = (told(ServiceKind::Input, packet.number + 1), told(ServiceKind::Output, record.next_output));
    zone.tell_service(&[target], record, &input, now, step);
    zone.tell_service(std::slice::from_ref(&record.invoker), record, &output, now, step);
    zone.drop_service(&packet.id, step);
}
