//! Why an operation of an agent did not succeed.

use std::fmt;

use sif::message::ErrorCode;

use crate::transport::TransportFault;

/// Why an operation did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentFault {
    /// No answer came, however often the message was sent. It is not known whether the zone has it.
    Transport(TransportFault),
    /// An answer came that is no SIF_Ack about the message.
    Answer {
        /// What is wrong with it, without values of it.
        why: String,
    },
    /// The zone answered with an error.
    Refused {
        /// Its category and code.
        code: ErrorCode,
        /// Its SIF_Desc.
        description: String,
        /// Its SIF_ExtendedDesc.
        extended: Option<String>,
    },
    /// The zone is asleep: it takes messages again when it has been woken.
    Asleep,
    /// The agent was set up in a way that cannot work.
    Setup {
        /// What is wrong.
        why: String,
    },
}

impl fmt::Display for AgentFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(fault) => write!(formatter, "no answer: {fault}"),
            Self::Answer { why } => write!(formatter, "the answer is not understood: {why}"),
            Self::Refused { code, description, .. } => write!(formatter, "the zone refuses with {code}: {description}"),
            Self::Asleep => formatter.write_str("the zone is asleep"),
            Self::Setup { why } => formatter.write_str(why),
        }
    }
}

impl std::error::Error for AgentFault {}

impl From<TransportFault> for AgentFault {
    fn from(fault: TransportFault) -> Self {
        Self::Transport(fault)
    }
}
