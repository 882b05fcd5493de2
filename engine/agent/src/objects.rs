//! The data of a message as its sender wrote it.

use bytes::Bytes;
use sif::message::{Message, MessageKind};
use sif::{INSTANCE_NAMESPACE, NAMESPACE};

use crate::inner;

/// The texts of the objects in a response or event; none in any other message. They can stand in a document whose default namespace
/// is that of SIF and in which `xsi` is declared.
#[must_use]
pub fn objects(message: &Message) -> Vec<Bytes> {
    match message.kind {
        MessageKind::Response => children(message, &["SIF_Message", "SIF_Response", "SIF_ObjectData"]),
        MessageKind::Event => children(message, &["SIF_Message", "SIF_Event", "SIF_ObjectData", "SIF_EventObject"]),
        _ => Vec::new(),
    }
}

/// What a response to SIF_ExtendedQuery holds: the texts of its column headers and of its rows, under the same terms.
#[must_use]
pub fn rows(message: &Message) -> (Vec<Bytes>, Vec<Bytes>) {
    let part = |name| children(message, &["SIF_Message", "SIF_Response", "SIF_ExtendedQueryResults", name]);
    (part("SIF_ColumnHeaders"), part("SIF_Rows"))
}

fn children(message: &Message, path: &[&str]) -> Vec<Bytes> {
    let (default, instance) = (format!("\"{NAMESPACE}\""), format!("\"{INSTANCE_NAMESPACE}\""));
    let declared: [(&[u8], &[u8]); 2] = [(b"xmlns", default.as_bytes()), (b"xmlns:xsi", instance.as_bytes())];
    inner::children(&message.document, path, &declared)
}
