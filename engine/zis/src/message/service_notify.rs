//! SIF_ServiceNotify.

use sif::message::{Message, error};

use super::service_packet::{self, Packet};
use super::unknown_context;
use crate::Right;
use crate::zone::record::ServiceRecord;
use crate::zone::{Failure, Fault, Moment, RESPONSE, ServiceKind, Step, Zone, objects};

/// A packet of a service's notice goes to all that subscribe to it. Only the service's provider may send one.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let sender = message.header.source_id.as_str();
    let (service, operation) = service_packet::service(message)?;
    let contexts = message.header.contexts_or_default();
    for context in &contexts {
        if !zone.has_context(context) {
            return Err(unknown_context(context));
        }
        let may = |right| zone.may_service_in(sender, right, &service, context);
        if !may(Right::Provide) && !may(Right::Respond) {
            return Err(error::SERVICE_DENIED.into());
        }
        if zone.service_provider(&service, context) != Some(sender) {
            return Err(error::MAY_NOT_PROVIDE_SERVICE.into());
        }
    }
    let packet = service_packet::read(message)?;
    let known = zone.services.get(&packet.id).cloned();
    if known.as_ref().is_some_and(|record| record.invoker != sender || !record.provider.is_empty()) {
        return Err(Fault::because(error::SERVICE_DENIED, "the SIF_ServiceMsgId is that of another invocation"));
    }
    let record = known.clone().unwrap_or_else(|| ServiceRecord {
        invoker: sender.to_owned(),
        provider: String::new(),
        service,
        operation,
        context: contexts.first().copied().unwrap_or_default().to_owned(),
        versions: Vec::new(),
        envelope: message.version.to_string(),
        buffer: 0,
        next_input: Some(1),
        next_output: 1,
        opened: now.0,
        deadline: now.after(zone.config().options.request_seconds).0,
        closed: None,
    });
    let recipients = recipients(zone, message, &record, &contexts)?;
    if record.next_input != Some(packet.number) {
        if known.is_some() {
            terminate(zone, message, &packet, &record, &recipients, now, step);
        }
        return Err(service_packet::out_of_order(packet.number, record.next_input));
    }
    deliver(zone, message, &packet, record, recipients, now, step)
}

fn recipients(zone: &Zone, message: &Message, record: &ServiceRecord, contexts: &[&str]) -> Result<Vec<String>, Fault> {
    let follows = zone.config().options.directed_events && message.version >= objects::OPEN_NAMES;
    let subscribers = zone.service_subscribers(&record.service, &record.operation, contexts);
    match message.header.destination_id.as_ref().filter(|id| follows && !id.is_empty()) {
        None => Ok(subscribers),
        Some(agent) if subscribers.contains(agent) => Ok(vec![agent.clone()]),
        Some(_) => Err(Fault::because(error::SERVICE, "the SIF_DestinationId does not subscribe to this notice")),
    }
}

fn deliver(
    zone: &mut Zone,
    message: &Message,
    packet: &Packet,
    mut record: ServiceRecord,
    recipients: Vec<String>,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    let (fitting, misfits): (Vec<_>, Vec<_>) = recipients
        .into_iter()
        .map(|agent| {
            let misfit = zone.takes(&agent, message).err();
            (agent, misfit)
        })
        .partition(|(_, misfit)| misfit.is_none());
    if fitting.iter().any(|(agent, _)| zone.is_full(agent)) {
        return Err(Fault::because(error::SYSTEM, "the queue of a subscriber is full; send again later"));
    }
    let parcel = zone.keep(message, None, Some(&packet.id), now, step);
    for (agent, _) in fitting {
        zone.enqueue(&agent, &parcel, None, step);
    }
    for (agent, misfit) in misfits {
        let Some(misfit) = misfit else { continue };
        zone.skip(&agent, parcel.number, misfit, now, step);
        let description = format!("a notice of {} is not delivered to {agent}: {}", record.service, misfit.why());
        zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
    }
    if packet.last {
        zone.drop_service(&packet.id, step);
    } else {
        record.next_input = Some(packet.number + 1);
        zone.put_service(&packet.id, record, step);
    }
    Ok(())
}

/// A packet is not the one that is due: those who have the first ones get a last one with the error.
fn terminate(
    zone: &mut Zone,
    message: &Message,
    packet: &Packet,
    record: &ServiceRecord,
    recipients: &[String],
    now: Moment,
    step: &mut Step,
) {
    let code = error::SERVICE_PACKET_NUMBER;
    let packet_number = record.next_input.unwrap_or(packet.number);
    let failure = Failure {
        kind: ServiceKind::Notify,
        id: &packet.id,
        packet: packet_number,
        code,
        description: "a packet of the notice was refused",
    };
    zone.tell_service(recipients, record, &failure, now, step);
    let description = format!("a notice of {} is refused: {}", record.service, error::meaning(code));
    zone.log_entry(RESPONSE, &message.header, &description, now, step);
    zone.drop_service(&packet.id, step);
}
