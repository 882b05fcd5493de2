//! SIF_Provision.

use sif::message::Message;

use super::items;
use crate::Right;
use crate::zone::record::Provision;
use crate::zone::{Fault, Step, Zone};

/// The lists of objects, in order.
const OBJECTS: [(Right, &str); 7] = [
    (Right::Provide, "SIF_ProvideObjects/SIF_Object"),
    (Right::Subscribe, "SIF_SubscribeObjects/SIF_Object"),
    (Right::PublishAdd, "SIF_PublishAddObjects/SIF_Object"),
    (Right::PublishChange, "SIF_PublishChangeObjects/SIF_Object"),
    (Right::PublishDelete, "SIF_PublishDeleteObjects/SIF_Object"),
    (Right::Request, "SIF_RequestObjects/SIF_Object"),
    (Right::Respond, "SIF_RespondObjects/SIF_Object"),
];

/// The lists of services, in order.
const SERVICES: [(Right, &str); 4] = [
    (Right::Provide, "SIF_ProvideService/SIF_Service"),
    (Right::Respond, "SIF_RespondService/SIF_Service"),
    (Right::Request, "SIF_RequestService/SIF_Service"),
    (Right::Subscribe, "SIF_SubscribeService/SIF_Service"),
];

/// All that the sender provides, subscribes to, publishes, requests and responds for takes the place of what it said before. If
/// anything of it is refused, nothing changes.
pub(crate) fn receive(zone: &mut Zone, message: &Message, step: &mut Step) -> Result<(), Fault> {
    let agent = &message.header.source_id;
    let mut provision = Provision::default();
    for (right, path) in OBJECTS {
        for item in items::read(message.body().at(path), "ObjectName")? {
            items::check(zone, agent, right, &item, message.version)?;
            items::announce(&mut provision, right, item);
        }
    }
    for (right, path) in SERVICES {
        for item in items::read(message.body().at(path), "ServiceName")? {
            items::check_service(zone, agent, right, &item, message.version)?;
            items::announce_service(&mut provision, right, item);
        }
    }
    zone.set_provision(agent, provision, step);
    Ok(())
}
