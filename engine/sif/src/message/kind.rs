//! The kinds of message that SIF 2.4 knows.

/// What a message is: the name of the element inside `SIF_Message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// An answer to a message, or to one that was delivered.
    Ack,
    /// An agent joins the zone.
    Register,
    /// An agent leaves the zone.
    Unregister,
    /// An agent says all that it provides, subscribes to, publishes, requests and responds to.
    Provision,
    /// An agent becomes the provider of objects.
    Provide,
    /// An agent is no longer the provider of objects.
    Unprovide,
    /// An agent wants the events of objects.
    Subscribe,
    /// An agent no longer wants the events of objects.
    Unsubscribe,
    /// Something was added, changed or deleted.
    Event,
    /// A question to the provider of an object.
    Request,
    /// A packet of the answer to a request.
    Response,
    /// A message to the zone itself: ping, sleep, wake-up, the next message, its status, rights, cancelling.
    SystemControl,
    /// A packet of the input of a service.
    ServiceInput,
    /// A packet of the output of a service.
    ServiceOutput,
    /// A packet of a service's notice.
    ServiceNotify,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Ack,
        Self::Register,
        Self::Unregister,
        Self::Provision,
        Self::Provide,
        Self::Unprovide,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::Event,
        Self::Request,
        Self::Response,
        Self::SystemControl,
        Self::ServiceInput,
        Self::ServiceOutput,
        Self::ServiceNotify,
    ];

    /// The element's name.
    ///
    /// ```
    /// use sif::message::MessageKind;
    /// assert_eq!(MessageKind::Event.name(), "SIF_Event");
    /// assert_eq!(MessageKind::from_name("SIF_Event"), Some(MessageKind::Event));
    /// assert_eq!(MessageKind::from_name("SIF_Evnt"), None);
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ack => "SIF_Ack",
            Self::Register => "SIF_Register",
            Self::Unregister => "SIF_Unregister",
            Self::Provision => "SIF_Provision",
            Self::Provide => "SIF_Provide",
            Self::Unprovide => "SIF_Unprovide",
            Self::Subscribe => "SIF_Subscribe",
            Self::Unsubscribe => "SIF_Unsubscribe",
            Self::Event => "SIF_Event",
            Self::Request => "SIF_Request",
            Self::Response => "SIF_Response",
            Self::SystemControl => "SIF_SystemControl",
            Self::ServiceInput => "SIF_ServiceInput",
            Self::ServiceOutput => "SIF_ServiceOutput",
            Self::ServiceNotify => "SIF_ServiceNotify",
        }
    }

    /// The kind with this element's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
