//! What the three messages of services have in common: packets of a stream.

use sif::message::{Message, error};

use super::{number, one_context, required, yes_or_no};
use crate::zone::{Fault, Zone, objects};

/// A packet.
pub(super) struct Packet {
    /// SIF_ServiceMsgId.
    pub id: String,
    pub number: u64,
    /// Whether no other follows.
    pub last: bool,
}

/// Reads what every packet has.
pub(super) fn read(message: &Message) -> Result<Packet, Fault> {
    let more = yes_or_no(message, "SIF_MorePackets")?;
    let failed = message.body().children().any(|child| child.name() == "SIF_Error");
    Ok(Packet {
        id: required(message, "SIF_ServiceMsgId")?,
        number: number(message, "SIF_PacketNumber")?,
        last: !more || failed,
    })
}

/// Service and operation of an input or a notice: 14/2 and 14/6 where SIF 2.4 does not know them.
pub(super) fn service(message: &Message) -> Result<(String, String), Fault> {
    let service = required(message, "SIF_Service")?;
    let operation = required(message, "SIF_Operation")?;
    if !objects::is_service(&service, message.version) {
        return Err(error::SERVICE_INVALID.into());
    }
    if !objects::is_operation(&operation, message.version) {
        return Err(error::SERVICE_OPERATION.into());
    }
    Ok((service, operation))
}

/// The context, which the sender's rights must hold in.
pub(super) fn context(zone: &Zone, message: &Message) -> Result<String, Fault> {
    one_context(zone, &message.header).map(str::to_owned)
}

/// A packet is not the one that is due.
pub(super) fn out_of_order(got: u64, expected: Option<u64>) -> Fault {
    let expected =
        expected.map_or_else(|| "none, since the last one was received".to_owned(), |number| number.to_string());
    Fault {
        code: error::SERVICE_PACKET_NUMBER,
        description: None,
        extended: Some(format!("got packet {got}, expected packet {expected}")),
    }
}
