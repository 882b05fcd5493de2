//! SIF_Provide and SIF_Unprovide: the agent becomes, or no longer is, the provider of objects.

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;
use crate::provision::Offered;

impl Agent {
    /// Becomes the provider of objects, besides those that it provides already.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn provide(&self, objects: &[Offered]) -> Result<Answer, AgentFault> {
        self.offer("SIF_Provide", objects).await
    }

    /// Is no longer the provider of objects.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn unprovide(&self, objects: &[Offered]) -> Result<Answer, AgentFault> {
        self.offer("SIF_Unprovide", objects).await
    }

    pub(crate) async fn offer(&self, kind: &'static str, objects: &[Offered]) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        self.send(offer(kind, self.version(), &header, objects), &header.message_id).await
    }
}

fn offer(kind: &'static str, version: Version, header: &Header, objects: &[Offered]) -> Bytes {
    let mut writer = MessageWriter::new(version, kind, header);
    objects.iter().for_each(|object| object.write(&mut writer, kind == "SIF_Provide"));
    writer.finish().into()
}
