//! What to do about an error that a zone answers with.

use sif::message::{ErrorCode, error};

/// What helps against an error; none where only its description can say.
pub fn of(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        error::XML_VALIDATION | error::XML_VALUE | error::XML_MISSING => {
            "compare the message with the schema of its version; --version says which is written"
        }
        error::AUTHENTICATION_MISSING => "show the agent's certificate with --certificate and --key",
        error::AUTHENTICATION_INVALID | error::AUTHENTICATION_UNTRUSTED | error::AUTHENTICATION_EXPIRED => {
            "the zone does not take this certificate for this agent: ask its administrator which one it expects"
        }
        error::MAY_NOT_REGISTER => {
            "the zone does not know the agent, or it waits for approval: ask the zone's administrator"
        }
        error::NOT_REGISTERED => "register first: sifter agent register; the case of --id matters",
        error::MAY_NOT_PROVIDE
        | error::MAY_NOT_SUBSCRIBE
        | error::MAY_NOT_REQUEST
        | error::MAY_NOT_RESPOND
        | error::MAY_NOT_PUBLISH
        | error::MAY_NOT_PUBLISH_ADD
        | error::MAY_NOT_PUBLISH_CHANGE
        | error::MAY_NOT_PUBLISH_DELETE => {
            "sifter agent acl shows what the agent may do; the zone's administrator gives rights"
        }
        error::SOURCE_ID_INVALID => "an id has 1 to 64 characters without space at its ends",
        error::PROTOCOL_UNSUPPORTED => {
            "the zone calls agents at HTTP and HTTPS addresses that its configuration allows"
        }
        error::VERSIONS_UNSUPPORTED | error::VERSION_UNSUPPORTED => {
            "sifter agent status lists the zone's versions under SIF_SupportedVersions"
        }
        error::BUFFER_TOO_SMALL => "give a larger --max-buffer",
        error::SECURE_TRANSPORT_REQUIRED => "use an https:// address",
        error::REGISTERED_FOR_PUSH => {
            "the zone calls this agent by itself; register without --push to ask for messages"
        }
        error::ALREADY_PROVIDED => {
            "sifter agent status shows who provides the object; only one agent can, in each context"
        }
        error::PROVISION_INVALID_OBJECT | error::SUBSCRIPTION_INVALID_OBJECT | error::REQUEST_INVALID_OBJECT => {
            "check the spelling of the object: SIF names such as StudentPersonal"
        }
        error::NO_PROVIDER => "nobody answers for the object now: sifter agent status lists the providers",
        error::RESPONDER_BUFFER | error::RESPONSE_TOO_LARGE => {
            "ask with a larger --max-buffer; not more than was registered"
        }
        error::UNSUPPORTED_QUERY => "ask in simpler words: fewer conditions, or other elements",
        error::NO_EXTENDED_QUERY => "ask with --where instead of --extended",
        error::INVALID_REQUEST_ID => "the request was answered, cancelled or never made",
        error::CONTEXT_UNSUPPORTED => {
            "sifter agent status lists the zone's contexts; without --context it is SIF_Default"
        }
        error::SEVERAL_CONTEXTS => "name one --context",
        error::NO_SUCH_MESSAGE => {
            "name the id and the sender of the message itself; it may have been acknowledged already"
        }
        error::BLOCKING_NO_EVENT => "only an event can be acknowledged with 2",
        error::BLOCKING_WRONG_ID => "only the event that was acknowledged with 2 can be acknowledged with 3",
        error::EVENT_INVALID => "the object in the file must be the one that --object names",
        error::SYSTEM => "the zone cannot take it now; try again later, or ask its administrator",
        _ => return None,
    })
}
