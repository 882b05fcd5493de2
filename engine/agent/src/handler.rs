//! What becomes of a delivered message.

use std::future::Future;
use std::pin::Pin;

use sif::message::{ErrorCode, Message, Outcome, Status};

/// A handler's answer in the making.
pub type Handled<'h> = Pin<Box<dyn Future<Output = Reply> + Send + 'h>>;

/// Does what a delivered message asks for. A message may come twice, with the same SIF_MsgId, if its acknowledgement was lost.
pub trait Handler: Send + Sync + 'static {
    /// Handles a message. What is [`Reply::Done`] must be safe already: the zone forgets the message.
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h>;
}

/// What the zone is told of a delivered message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 1: done, the zone may forget it.
    Done,
    /// 2: an event is being worked on. No further events come until [`crate::Agent::acknowledge`] says 3 of it.
    Working,
    /// 7: this one came before.
    Again,
    /// 8: not now; it comes again after a wake-up.
    Asleep,
    /// An error. The zone forgets the message, unless the category is 10: then it comes again.
    Error {
        /// Category and code.
        code: ErrorCode,
        /// SIF_Desc, without personal data.
        description: String,
    },
}

impl Reply {
    /// What an acknowledgement says for it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Done => Outcome::Status(Status::Immediate),
            Self::Working => Outcome::Status(Status::Intermediate),
            Self::Again => Outcome::Status(Status::AlreadyReceived),
            Self::Asleep => Outcome::Status(Status::Sleeping),
            Self::Error { code, description } => Outcome::error_because(*code, description.clone()),
        }
    }
}
