//! Pull mode: ask for the next message, handle it, acknowledge it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sif::message::{Outcome, error};
use tokio::sync::Notify;

use crate::acknowledge::Delivered;
use crate::answer::Data;
use crate::client::Agent;
use crate::fault::AgentFault;
use crate::handler::{Handler, Reply};

/// Asks a zone for messages and hands them to a handler, one after the other.
pub struct Pull {
    agent: Agent,
    handler: Arc<dyn Handler>,
    every: Duration,
    wake: Arc<Notify>,
}

/// What came of asking once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// A message was handled, with this reply.
    Handled(Reply),
    /// Nothing waits.
    Nothing,
}

impl Pull {
    /// A pull loop that asks again every second when nothing waits.
    #[must_use]
    pub fn new(agent: Agent, handler: Arc<dyn Handler>) -> Self {
        Self { agent, handler, every: Duration::from_secs(1), wake: Arc::new(Notify::new()) }
    }

    /// How long it waits when nothing waits for it, or when the zone does not answer.
    #[must_use]
    pub const fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Who is in the same process as the zone may end the pause by `notify_one`.
    #[must_use]
    pub fn woken_by(mut self, wake: Arc<Notify>) -> Self {
        self.wake = wake;
        self
    }

    /// Asks once. A message that cannot be read is refused with the code that says why, so that it does not come for ever.
    ///
    /// # Errors
    /// If the zone does not answer, or refuses.
    pub async fn once(&self) -> Result<Pulled, AgentFault> {
        let answer = self.agent.get_message().await?.accepted()?;
        let (delivered, reply) = match &answer.data {
            Some(Data::Message(message)) => (Delivered::of(message), self.handler.handle(message).await),
            Some(Data::Unreadable(refusal, _)) => {
                let original = refusal.original.clone();
                let delivered = Delivered {
                    source_id: original.as_ref().and_then(|original| original.source_id.clone()),
                    message_id: original.and_then(|original| original.message_id),
                };
                (delivered, Reply::Error { code: refusal.error, description: refusal.description.clone() })
            }
            _ => return Ok(Pulled::Nothing),
        };
        let answer = self.agent.acknowledge(&delivered, &reply.outcome()).await?;
        match &answer.ack.outcome {
            // The zone took an earlier acknowledgement of it, whose answer was lost.
            Some(Outcome::Error { code, .. }) if *code == error::NO_SUCH_MESSAGE => {}
            _ => {
                answer.accepted()?;
            }
        }
        Ok(Pulled::Handled(reply))
    }

    /// Asks until `stop` is ready. Faults are logged, and the loop goes on after a pause: a zone may be away for a while.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let asked = tokio::select! {
                biased;
                () = &mut stop => return,
                asked = self.once() => asked,
            };
            match asked {
                // A message that comes again at once is not asked for at once.
                Ok(Pulled::Handled(Reply::Done | Reply::Again | Reply::Working)) => continue,
                Ok(Pulled::Handled(Reply::Error { code, .. })) if code.category != error::TRANSPORT.category => {
                    continue;
                }
                Ok(_) => {}
                Err(fault) => tracing::warn!(agent = %self.agent.id(), why = %fault, "the zone gives no message"),
            }
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.every) => {}
            }
        }
    }
}
