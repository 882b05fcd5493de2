//! SIF_Ack from an agent.

use sif::message::{Ack, Message, Outcome, Status, error};

use crate::zone::{Fault, Moment, Step, Zone};

/// What an acknowledgement does to the sender's queue: the table of behaviour.md 4.11.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let agent = message.header.source_id.as_str();
    let ack = Ack::read(message);
    let is_final = ack.outcome == Some(Outcome::Status(Status::Final));
    let Some(state) = zone.agents.get(agent) else { return Err(error::NOT_REGISTERED.into()) };
    // The other answers of an agent in push mode come where it was called.
    if state.is_push() && !is_final {
        return Err(error::BLOCKING_FINAL_EXPECTED.into());
    }
    let blocked = state.record.blocked;
    let original = ack.original_source_id.as_deref().zip(ack.original_message_id.as_deref());
    let key = original.and_then(|(source, id)| zone.find_key(source, id));
    let queue = zone.agents.get(agent).map(|state| &state.queue);
    let number = key.and_then(|key| queue?.find(&key));
    let missing = || Fault::from(error::NO_SUCH_MESSAGE);
    match ack.outcome {
        Some(Outcome::Error { code, .. }) => {
            match number {
                Some(number) if code.category == error::TRANSPORT.category => {
                    zone.push_failed(agent, number, (code, "the agent reports a transport error"), now, step);
                }
                Some(number) => zone.refused(agent, number, code, now, step),
                None => {}
            }
            Ok(())
        }
        Some(Outcome::Status(Status::Immediate)) => {
            zone.dequeue(agent, number.ok_or_else(missing)?, ("acknowledged", "1", ""), now, step);
            Ok(())
        }
        Some(Outcome::Status(Status::AlreadyReceived)) => {
            if let Some(number) = number {
                zone.dequeue(agent, number, ("acknowledged", "7", ""), now, step);
            }
            Ok(())
        }
        Some(Outcome::Status(Status::Intermediate)) => {
            let number = number.ok_or_else(missing)?;
            let is_event = queue_entry_is_event(zone, agent, number);
            if !is_event {
                return Err(error::BLOCKING_NO_EVENT.into());
            }
            match blocked {
                Some(other) if other != number => {
                    Err(Fault::because(error::BLOCKING, "another event is being worked on already"))
                }
                Some(_) => Ok(()),
                None => {
                    zone.block(agent, number, now, step);
                    Ok(())
                }
            }
        }
        Some(Outcome::Status(Status::Final)) => match number {
            Some(number) if blocked == Some(number) => {
                zone.dequeue(agent, number, ("acknowledged", "3", ""), now, step);
                step.wake.push(agent.to_owned());
                Ok(())
            }
            _ => Err(error::BLOCKING_WRONG_ID.into()),
        },
        Some(Outcome::Status(Status::Sleeping)) => Ok(()),
        Some(Outcome::Status(Status::Success | Status::NoMessage)) | None => Err(error::PROTOCOL.into()),
    }
}

fn queue_entry_is_event(zone: &Zone, agent: &str, number: store::Number) -> bool {
    let entry = zone.agents.get(agent).and_then(|state| state.queue.get(number));
    entry.is_some_and(|entry| entry.is_event())
}
