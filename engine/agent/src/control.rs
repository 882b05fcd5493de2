//! SIF_SystemControl: what the agent asks of the zone itself.

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// A message to the zone itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Is the zone there?
    Ping,
    /// The agent sleeps: nothing is delivered until it wakes.
    Sleep,
    /// The agent is awake. An event that it blocked is delivered again.
    Wakeup,
    /// The next message, in pull mode.
    GetMessage,
    /// What the zone is, who is in it, who provides what.
    GetZoneStatus,
    /// What the agent may do.
    GetAgentAcl,
    /// Requests of the agent that it wants no answer to any more.
    CancelRequests(Notify, Vec<String>),
    /// Service inputs of the agent that it wants no output of any more (SIF 2.4).
    CancelServiceInputs(Notify, Vec<String>),
}

/// SIF_NotificationType: whether a cancelled request is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// By a last packet with the error 8/18.
    #[default]
    Standard,
    /// Not at all.
    None,
}

impl Control {
    /// The message.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let mut writer = MessageWriter::new(version, "SIF_SystemControl", header);
        writer.open("SIF_SystemControlData");
        match self {
            Self::Ping => writer.leaf("SIF_Ping", ""),
            Self::Sleep => writer.leaf("SIF_Sleep", ""),
            Self::Wakeup => writer.leaf("SIF_Wakeup", ""),
            Self::GetMessage => writer.leaf("SIF_GetMessage", ""),
            Self::GetZoneStatus => writer.leaf("SIF_GetZoneStatus", ""),
            Self::GetAgentAcl => writer.leaf("SIF_GetAgentACL", ""),
            Self::CancelRequests(notify, ids) => {
                let names = ("SIF_CancelRequests", "SIF_RequestMsgIds", "SIF_RequestMsgId");
                cancel(&mut writer, names, *notify, ids)
            }
            Self::CancelServiceInputs(notify, ids) => {
                let names = ("SIF_CancelServiceInputs", "SIF_ServiceMsgIds", "SIF_ServiceMsgId");
                cancel(&mut writer, names, *notify, ids)
            }
        };
        writer.finish().into()
    }
}

fn cancel<'w>(
    writer: &'w mut MessageWriter,
    (name, list, item): (&'static str, &'static str, &'static str),
    notify: Notify,
    ids: &[String],
) -> &'w mut MessageWriter {
    let notify = match notify {
        Notify::Standard => "Standard",
        Notify::None => "None",
    };
    writer.open(name).leaf("SIF_NotificationType", notify).open(list);
    for id in ids {
        writer.leaf(item, id);
    }
    writer
}

impl Agent {
    /// Sends any of these messages.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn control(&self, control: &Control) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        self.send(control.write(self.version(), &header), &header.message_id).await
    }

    /// Asks whether the zone is there: 0, or 8 where it sleeps.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn ping(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::Ping).await
    }

    /// Has the zone hold the agent's messages.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn sleep(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::Sleep).await
    }

    /// Has the zone deliver again.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn wakeup(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::Wakeup).await
    }

    /// The next message of the agent's queue, in [`Answer::delivered`]; the same one again until it is acknowledged. Status 9 is none.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn get_message(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::GetMessage).await
    }

    /// The zone's SIF_ZoneStatus.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn zone_status(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::GetZoneStatus).await
    }

    /// The agent's SIF_AgentACL.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn agent_acl(&self) -> Result<Answer, AgentFault> {
        self.control(&Control::GetAgentAcl).await
    }

    /// Wants no answer any more to requests with these ids.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn cancel_requests(&self, notify: Notify, ids: Vec<String>) -> Result<Answer, AgentFault> {
        self.control(&Control::CancelRequests(notify, ids)).await
    }
}
