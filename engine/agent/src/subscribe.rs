//! SIF_Subscribe and SIF_Unsubscribe: the agent wants, or no longer wants, the events of objects.

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;
use crate::provision::Offered;

impl Agent {
    /// Wants the events of objects, besides those that it wants already.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn subscribe(&self, objects: &[Offered]) -> Result<Answer, AgentFault> {
        self.offer("SIF_Subscribe", objects).await
    }

    /// No longer wants the events of objects. Those that wait already still come.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn unsubscribe(&self, objects: &[Offered]) -> Result<Answer, AgentFault> {
        self.offer("SIF_Unsubscribe", objects).await
    }
}
