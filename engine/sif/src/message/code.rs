//! Status codes, error categories and error codes of the infrastructure.

/// What a SIF_Ack says when there is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: done; SIF_Data may carry more.
    Success,
    /// 1: the delivered message was taken; it may leave the queue.
    Immediate,
    /// 2: the delivered event is being worked on; no further events until the final acknowledgement.
    Intermediate,
    /// 3: the event of an intermediate acknowledgement is done.
    Final,
    /// 7: a message with this id was received before.
    AlreadyReceived,
    /// 8: the receiver is asleep.
    Sleeping,
    /// 9: no message is waiting.
    NoMessage,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Immediate,
        Self::Intermediate,
        Self::Final,
        Self::AlreadyReceived,
        Self::Sleeping,
        Self::NoMessage,
    ];

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Immediate => 1,
            Self::Intermediate => 2,
            Self::Final => 3,
            Self::AlreadyReceived => 7,
            Self::Sleeping => 8,
            Self::NoMessage => 9,
        }
    }

    /// The status with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// A category and a code of SIF_Error, such as 4/9: the sender is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode {
    /// SIF_Category.
    pub category: u8,
    /// SIF_Code.
    pub code: u8,
}

impl ErrorCode {
    /// The code of a category.
    #[must_use]
    pub const fn new(category: u8, code: u8) -> Self {
        Self { category, code }
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.category, self.code)
    }
}

/// The names of the codes that are used: each is its category and its meaning.
pub mod error {
    use super::ErrorCode;

    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $category:literal / $code:literal, $meaning:literal;)*) => {
            $($(#[$doc])* #[doc = $meaning] pub const $name: ErrorCode = ErrorCode::new($category, $code);)*

            /// What a code means, in a few words that serve as SIF_Desc.
            #[must_use]
            pub const fn meaning(code: ErrorCode) -> &'static str {
                match (code.category, code.code) {
                    $(($category, $code) => $meaning,)*
                    _ => "error",
                }
            }

            /// All codes that have a name.
            pub const ALL: &[ErrorCode] = &[$($name),*];
        };
    }

    codes! {
        XML_GENERIC = 1/1, "the XML is not taken";
        XML_NOT_WELL_FORMED = 1/2, "the message is not well-formed XML";
        XML_VALIDATION = 1/3, "the message is not valid";
        XML_VALUE = 1/4, "a value of the message is not valid";
        XML_MISSING = 1/6, "a mandatory element or attribute is missing";
        ENCRYPTION = 2/1, "encryption error";
        AUTHENTICATION = 3/1, "the connection is not authenticated";
        AUTHENTICATION_MISSING = 3/3, "the sender's certificate is missing";
        AUTHENTICATION_INVALID = 3/4, "the sender's certificate is not valid";
        AUTHENTICATION_UNTRUSTED = 3/5, "the sender's certificate is not trusted";
        AUTHENTICATION_EXPIRED = 3/6, "the sender's certificate has expired";
        ACCESS = 4/1, "access denied";
        MAY_NOT_REGISTER = 4/2, "no permission to register";
        MAY_NOT_PROVIDE = 4/3, "no permission to provide this object";
        MAY_NOT_SUBSCRIBE = 4/4, "no permission to subscribe to this object";
        MAY_NOT_REQUEST = 4/5, "no permission to request this object";
        MAY_NOT_RESPOND = 4/6, "no permission to respond to requests for this object";
        MAY_NOT_PUBLISH = 4/7, "no permission to publish this event";
        MAY_NOT_ADMINISTER = 4/8, "no permission to administer policies";
        NOT_REGISTERED = 4/9, "SIF_SourceId is not registered";
        MAY_NOT_PUBLISH_ADD = 4/10, "no permission to publish Add events of this object";
        MAY_NOT_PUBLISH_CHANGE = 4/11, "no permission to publish Change events of this object";
        MAY_NOT_PUBLISH_DELETE = 4/12, "no permission to publish Delete events of this object";
        MAY_NOT_NOTIFY = 4/13, "no permission to publish this service's notices";
        MAY_NOT_INVOKE = 4/14, "no permission to invoke this service";
        MAY_NOT_PROVIDE_SERVICE = 4/15, "no permission to provide this service";
        REGISTRATION = 5/1, "the registration is not taken";
        SOURCE_ID_INVALID = 5/2, "the SIF_SourceId is invalid";
        PROTOCOL_UNSUPPORTED = 5/3, "the transport protocol is not supported";
        VERSIONS_UNSUPPORTED = 5/4, "none of the SIF_Versions is supported";
        BUFFER_TOO_SMALL = 5/6, "the SIF_MaxBufferSize is too small";
        SECURE_TRANSPORT_REQUIRED = 5/7, "the zone requires a secure transport";
        REGISTERED_FOR_PUSH = 5/9, "the agent is registered for push mode";
        ENCODING_UNSUPPORTED = 5/10, "the Accept-Encoding is not supported";
        PROVISION = 6/1, "the provision is not taken";
        PROVISION_INVALID_OBJECT = 6/3, "the object is not known";
        ALREADY_PROVIDED = 6/4, "the object already has a provider";
        SUBSCRIPTION = 7/1, "the subscription is not taken";
        SUBSCRIPTION_INVALID_OBJECT = 7/3, "the object is not known";
        REQUEST_GENERIC = 8/1, "request or response error";
        REQUEST_INVALID_OBJECT = 8/3, "the object is not known";
        NO_PROVIDER = 8/4, "the object has no provider";
        RESPONDER_VERSION = 8/7, "the responder does not support the SIF_Version";
        RESPONDER_BUFFER = 8/8, "the responder does not support the SIF_MaxBufferSize";
        UNSUPPORTED_QUERY = 8/9, "the query is not supported";
        INVALID_REQUEST_ID = 8/10, "the SIF_RequestMsgId is not one of an open request";
        RESPONSE_TOO_LARGE = 8/11, "the response is larger than the requested SIF_MaxBufferSize";
        PACKET_NUMBER = 8/12, "the SIF_PacketNumber is not the one that is due";
        RESPONSE_VERSION = 8/13, "the version of the response is none of those requested";
        RESPONSE_DESTINATION = 8/14, "the SIF_DestinationId is not the requester";
        NO_EXTENDED_QUERY = 8/15, "SIF_ExtendedQuery is not supported";
        REQUEST_TIMED_OUT = 8/16, "the request has timed out";
        REQUEST_REMOVED = 8/17, "the request was removed by an administrator";
        REQUEST_CANCELLED = 8/18, "the request was cancelled by the requester";
        EVENT = 9/1, "event error";
        EVENT_INVALID = 9/3, "the event is not valid";
        TRANSPORT = 10/1, "transport error";
        TRANSPORT_PROTOCOL = 10/2, "the protocol is not supported";
        NO_SECURE_CHANNEL = 10/3, "a secure channel is requested and none exists";
        CANNOT_CONNECT = 10/4, "no connection could be made";
        SYSTEM = 11/1, "system error";
        MESSAGE_GENERIC = 12/1, "the message is not taken";
        MESSAGE_UNSUPPORTED = 12/2, "the message is not supported";
        VERSION_UNSUPPORTED = 12/3, "the version is not supported";
        CONTEXT_UNSUPPORTED = 12/4, "the context is not supported";
        PROTOCOL = 12/5, "protocol error";
        NO_SUCH_MESSAGE = 12/6, "there is no such message";
        SEVERAL_CONTEXTS = 12/7, "several contexts are not supported here";
        BLOCKING = 13/1, "selective message blocking error";
        BLOCKING_NO_EVENT = 13/2, "only an event can be acknowledged so";
        BLOCKING_FINAL_EXPECTED = 13/3, "a final SIF_Ack is expected from an agent in push mode";
        BLOCKING_WRONG_ID = 13/4, "the SIF_OriginalMsgId of the final SIF_Ack is not that of the blocked event";
        SERVICE = 14/1, "service error";
        SERVICE_INVALID = 14/2, "the service is not known";
        SERVICE_NO_PROVIDER = 14/3, "the service has no provider";
        SERVICE_VERSION = 14/4, "the version is not supported by the service's provider";
        SERVICE_BUFFER = 14/5, "the SIF_MaxBufferSize is not supported by the service's provider";
        SERVICE_OPERATION = 14/6, "the operation is not supported";
        SERVICE_MESSAGE_ID = 14/8, "the SIF_ServiceMsgId is not one of an open invocation";
        SERVICE_TOO_LARGE = 14/9, "the output is larger than the requested SIF_MaxBufferSize";
        SERVICE_PACKET_NUMBER = 14/10, "the SIF_PacketNumber is not the one that is due";
        SERVICE_OUTPUT_VERSION = 14/11, "the version of the output is none of those requested";
        SERVICE_DESTINATION = 14/12, "the SIF_DestinationId is not the invoker";
        SERVICE_TIMED_OUT = 14/13, "the invocation has timed out";
        SERVICE_REMOVED = 14/14, "the invocation was removed by an administrator";
        SERVICE_CANCELLED = 14/15, "the invocation was cancelled by the invoker";
        SERVICE_DENIED = 14/16, "no permission for this service";
        SERVICE_NOT_PROVIDER = 14/17, "the sender is not the provider of this service";
    }
}
