//! Messages that the zone sends itself.

use bytes::Bytes;
use sif::message::{ErrorCode, Header, MessageKind, MessageWriter, Version, write_error};

use super::Zone;
use super::agent::matches;
use super::receive::known;
use super::record::{RequestRecord, ServiceRecord};
use super::types::{Moment, Step};

/// A message of the zone.
pub(crate) struct Own {
    pub message_id: String,
    pub kind: MessageKind,
    pub version: Version,
    pub object: Option<String>,
    pub document: Bytes,
    pub about: Option<String>,
}

/// What an answer of the zone's holds.
pub(crate) enum Content<'c> {
    /// SIF_Error.
    Error(ErrorCode, &'c str),
    /// SIF_ObjectData with this in it.
    Objects(&'c str),
}

/// What an agent is told of a stream of a service's packets that has failed.
pub(crate) struct Failure<'f> {
    pub kind: ServiceKind,
    /// SIF_ServiceMsgId.
    pub id: &'f str,
    /// The number of the packet that tells it.
    pub packet: u64,
    pub code: ErrorCode,
    pub description: &'f str,
}

/// Which of the three messages of a service tells that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServiceKind {
    Input,
    Output,
    Notify,
}

impl Zone {
    /// The version that a message of the zone's to an agent has: one that the agent takes and, where it asked, asked for.
    pub(crate) fn version_for(
        &self,
        agent: &str,
        wanted: &[sif::message::VersionPattern],
        fallback: Version,
    ) -> Version {
        let takes = |version: &Version| {
            self.agents.get(agent).is_some_and(|agent| agent.takes(*version))
                && (wanted.is_empty() || matches(wanted, *version))
        };
        let own = self.own_version();
        let mut versions: Vec<_> = self.config.versions.iter().copied().filter(takes).collect();
        versions.sort_unstable();
        if versions.contains(&own) { own } else { versions.last().copied().unwrap_or(fallback) }
    }

    /// Sends a SIF_Response of one packet to a requester: the last of its request.
    pub(crate) fn respond(
        &mut self,
        id: &str,
        request: &RequestRecord,
        content: &Content<'_>,
        now: Moment,
        step: &mut Step,
    ) {
        self.respond_packet(id, request, content, false, now, step);
    }

    /// Sends the packet of a SIF_Response that is due; `more`: others follow.
    pub(crate) fn respond_packet(
        &mut self,
        id: &str,
        request: &RequestRecord,
        content: &Content<'_>,
        more: bool,
        now: Moment,
        step: &mut Step,
    ) {
        if !self.is_registered(&request.requester) {
            return;
        }
        let fallback = Version::parse(&request.envelope).unwrap_or(Version::V2_4);
        let version = self.version_for(&request.requester, &request.versions, fallback);
        let mut header = self.header(now);
        header.destination_id = Some(request.requester.clone());
        header.contexts = vec![request.context.clone()];
        let mut writer = MessageWriter::new(version, "SIF_Response", &header);
        writer.leaf("SIF_RequestMsgId", id).leaf("SIF_PacketNumber", &request.next_packet.to_string());
        writer.leaf("SIF_MorePackets", if more { "Yes" } else { "No" });
        match content {
            Content::Error(code, description) => write_error(&mut writer, known(*code, version), description, None),
            Content::Objects(objects) => {
                writer.open("SIF_ObjectData").raw(objects).close();
            }
        }
        let own = Own {
            message_id: header.message_id,
            kind: MessageKind::Response,
            version,
            object: Some(request.object.clone()),
            document: writer.finish().into(),
            about: Some(id.to_owned()),
        };
        let parcel = self.keep_own(&own, now, step);
        self.enqueue(&request.requester, &parcel, None, step);
    }

    /// Tells an agent that a stream of a service's packets has failed: a message without SIF_Body, with SIF_Error, as the last packet.
    pub(crate) fn tell_service(
        &mut self,
        to: &[String],
        service: &ServiceRecord,
        failure: &Failure<'_>,
        now: Moment,
        step: &mut Step,
    ) {
        let Failure { kind, id, packet, code, description } = *failure;
        let to: Vec<&String> = to.iter().filter(|agent| self.is_registered(agent)).collect();
        let Some(first) = to.first() else { return };
        let fallback = Version::parse(&service.envelope).unwrap_or(Version::V2_4);
        let version = self.version_for(first, &[], fallback).max(super::receive::SERVICES);
        let mut header: Header = self.header(now);
        header.contexts = vec![service.context.clone()];
        let (message, message_kind) = match kind {
            ServiceKind::Input => ("SIF_ServiceInput", MessageKind::ServiceInput),
            ServiceKind::Output => ("SIF_ServiceOutput", MessageKind::ServiceOutput),
            ServiceKind::Notify => ("SIF_ServiceNotify", MessageKind::ServiceNotify),
        };
        if kind != ServiceKind::Notify {
            header.destination_id = Some((*first).clone());
        }
        let mut writer = MessageWriter::new(version, message, &header);
        if kind != ServiceKind::Output {
            writer.leaf("SIF_Service", &service.service).leaf("SIF_Operation", &service.operation);
        }
        writer.leaf("SIF_ServiceMsgId", id).leaf("SIF_PacketNumber", &packet.to_string()).leaf("SIF_MorePackets", "No");
        write_error(&mut writer, code, description, None);
        let own = Own {
            message_id: header.message_id,
            kind: message_kind,
            version,
            object: None,
            document: writer.finish().into(),
            about: Some(id.to_owned()),
        };
        let parcel = self.keep_own(&own, now, step);
        for agent in to {
            self.enqueue(agent, &parcel, None, step);
        }
    }

    /// Tells an agent in push mode, which works on a request or a service's input already, that nobody waits for the answer any more.
    /// It may not know the message (12/2), which is no harm.
    pub(crate) fn forward_cancel(&mut self, responder: &str, id: &str, service: bool, now: Moment, step: &mut Step) {
        let version = self.version_for(responder, &[], Version::V2_4);
        let since = if service { super::receive::SERVICES } else { super::receive::CANCEL };
        if version < since || !self.agents.get(responder).is_some_and(super::agent::Agent::is_push) {
            return;
        }
        let (control, list, item) = if service {
            ("SIF_CancelServiceInputs", "SIF_ServiceMsgIds", "SIF_ServiceMsgId")
        } else {
            ("SIF_CancelRequests", "SIF_RequestMsgIds", "SIF_RequestMsgId")
        };
        let mut header = self.header(now);
        header.destination_id = Some(responder.to_owned());
        let mut writer = MessageWriter::new(version, "SIF_SystemControl", &header);
        writer.open("SIF_SystemControlData").open(control).leaf("SIF_NotificationType", "None");
        writer.open(list).leaf(item, id);
        let own = Own {
            message_id: header.message_id,
            kind: MessageKind::SystemControl,
            version,
            object: None,
            document: writer.finish().into(),
            about: None,
        };
        let parcel = self.keep_own(&own, now, step);
        self.enqueue(responder, &parcel, None, step);
    }
}
