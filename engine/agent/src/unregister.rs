//! SIF_Unregister: the agent leaves the zone; its provisions, subscriptions and waiting messages go.

use sif::message::MessageWriter;

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

impl Agent {
    /// Leaves the zone.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn unregister(&self) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        let document = MessageWriter::new(self.version(), "SIF_Unregister", &header).finish();
        self.send(document.into(), &header.message_id).await
    }
}
