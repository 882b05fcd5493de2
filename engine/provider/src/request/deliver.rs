//! Brings a packet to the zone, however long the zone is away.

use std::time::Duration;

use agent::{Agent, AgentFault, Packet};
use sif::message::error;
use tokio::sync::watch;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The zone has it, now or since before.
    Taken,
    /// The zone waits for another number: one with this number was taken before.
    OtherNumber,
    /// The zone wants no more packets of the answer: the request is closed.
    Closed,
    /// The provider stops before the zone answered.
    Stopped,
}

/// The first pause after a zone did not take a packet; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Sends a packet until the zone takes or refuses it, or the provider stops.
pub(crate) async fn deliver(agent: &Agent, packet: &Packet, stop: &mut watch::Receiver<bool>) -> Delivery {
    let mut pause = PAUSE;
    loop {
        let answer = match agent.respond(packet).await {
            Ok(answer) => answer.accepted().map(|_| ()),
            Err(fault) => Err(fault),
        };
        let why = match answer {
            Ok(()) => return Delivery::Taken,
            Err(AgentFault::Refused { code, .. }) if code == error::PACKET_NUMBER => return Delivery::OtherNumber,
            Err(AgentFault::Refused { code, .. }) if is_final(code) => {
                tracing::info!(request = %packet.request_id, packet = packet.number, %code, "the zone wants no answer");
                return Delivery::Closed;
            }
            Err(fault) => fault,
        };
        tracing::warn!(request = %packet.request_id, packet = packet.number, %why, "the packet is sent again");
        tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return Delivery::Stopped,
            () = tokio::time::sleep(pause) => {}
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Whether an error will not go away: it is about the packet or its request, and not about the zone, the way there, the certificate
/// that was shown, or the provider's registration, which it renews.
fn is_final(code: sif::message::ErrorCode) -> bool {
    let passes = [error::TRANSPORT, error::SYSTEM, error::AUTHENTICATION_MISSING, error::REGISTRATION];
    let passes = passes.map(|code| code.category);
    !passes.contains(&code.category) && code != error::NOT_REGISTERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_up_for_what_is_wrong_with_it_only() {
        let codes = [error::AUTHENTICATION_EXPIRED, error::NOT_REGISTERED, error::REGISTERED_FOR_PUSH, error::SYSTEM];
        assert!(!codes.into_iter().any(is_final));
        assert!(
            [error::INVALID_REQUEST_ID, error::MAY_NOT_RESPOND, error::RESPONSE_TOO_LARGE].into_iter().all(is_final)
        );
    }
}
