//! SIF_ServiceOutput.

use sif::message::{ErrorCode, Message, error};

use super::service_packet::{self, Packet};
use crate::Right;
use crate::zone::record::ServiceRecord;
use crate::zone::{Failure, Fault, Misfit, Moment, RESPONSE, ServiceKind, Step, Zone, matches};

/// A packet of a service's output goes to the invoker if it is what was asked for and the one that is due.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let sender = message.header.source_id.as_str();
    let packet = service_packet::read(message)?;
    let provides = |rights: &std::collections::BTreeSet<Right>| {
        rights.contains(&Right::Provide) || rights.contains(&Right::Respond)
    };
    if !zone.approved(sender).is_some_and(|config| config.services.values().any(provides)) {
        return Err(error::SERVICE_DENIED.into());
    }
    service_packet::context(zone, message)?;
    let record = zone.services.get(&packet.id).filter(|record| !record.provider.is_empty()).cloned();
    let record = record.ok_or(error::SERVICE_MESSAGE_ID)?;
    if let Some(closed) = record.closed {
        return Err(closed.service_code().into());
    }
    let may = |right| zone.may_service_in(sender, right, &record.service, &record.context);
    if !may(Right::Provide) && !may(Right::Respond) {
        return Err(error::SERVICE_DENIED.into());
    }
    if record.provider != sender {
        return Err(error::SERVICE_NOT_PROVIDER.into());
    }
    if packet.number != record.next_output {
        return Err(service_packet::out_of_order(packet.number, Some(record.next_output)));
    }
    if let Some(code) = wrong(message, &record) {
        let description = format!("an output of {} is refused: {}", record.service, error::meaning(code));
        zone.log_entry(RESPONSE, &message.header, &description, now, step);
        fail(zone, &packet.id, &record, record.next_output, (code, error::meaning(code)), now, step);
        return Err(code.into());
    }
    deliver(zone, message, &packet, record, now, step)
}

/// What is wrong with the stream as a whole.
fn wrong(message: &Message, record: &ServiceRecord) -> Option<ErrorCode> {
    if message.document.len() as u64 > record.buffer {
        Some(error::SERVICE_TOO_LARGE)
    } else if message.header.destination_id.as_deref() != Some(record.invoker.as_str()) {
        Some(error::SERVICE_DESTINATION)
    } else if !matches(&record.versions, message.version) {
        Some(error::SERVICE_OUTPUT_VERSION)
    } else {
        None
    }
}

/// The invoker gets a last packet with the error, and the invocation is over.
fn fail(
    zone: &mut Zone,
    id: &str,
    record: &ServiceRecord,
    packet: u64,
    failure: (ErrorCode, &str),
    now: Moment,
    step: &mut Step,
) {
    let (code, description) = failure;
    let failure = Failure { kind: ServiceKind::Output, id, packet, code, description };
    zone.tell_service(std::slice::from_ref(&record.invoker), record, &failure, now, step);
    zone.drop_service(id, step);
}

fn deliver(
    zone: &mut Zone,
    message: &Message,
    packet: &Packet,
    mut record: ServiceRecord,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    let invoker = record.invoker.clone();
    let misfit = zone.takes(&invoker, message).err();
    if misfit.is_none() && zone.is_full(&invoker) {
        return Err(Fault::because(error::SYSTEM, "the queue of the invoker is full; send again later"));
    }
    let parcel = zone.keep(message, None, Some(&packet.id), now, step);
    if let Some(misfit) = misfit {
        zone.skip(&invoker, parcel.number, misfit, now, step);
        let description = format!("an output of {} is not delivered to {invoker}: {}", record.service, misfit.why());
        zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
        let code = match misfit {
            Misfit::Buffer => error::SERVICE_TOO_LARGE,
            Misfit::Security => error::NO_SECURE_CHANNEL,
            Misfit::Version => error::SERVICE_OUTPUT_VERSION,
        };
        fail(zone, &packet.id, &record, packet.number + 1, (code, &description), now, step);
        return Ok(());
    }
    zone.enqueue(&invoker, &parcel, None, step);
    if packet.last {
        zone.drop_service(&packet.id, step);
    } else {
        record.next_output += 1;
        zone.put_service(&packet.id, record, step);
    }
    Ok(())
}
