//! SIF_GetZoneStatus.

use sif::message::Version;

use crate::zone::{AnswerData, Reply, Zone};

/// Tells who is in the zone and does what.
pub(super) fn receive(zone: &Zone, version: Version) -> Reply {
    Reply::Data(AnswerData::ZoneStatus(zone.zone_status(version)))
}
