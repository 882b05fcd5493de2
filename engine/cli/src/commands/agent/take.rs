//! What is told of a delivered message: ids, kinds and sizes, never what it holds.

use std::path::Path;

use serde_json::{Map, Value, json};
use sif::message::{Message, MessageKind, Outcome};

use super::connection::Format;
use super::report;
use crate::exit::Exit;
use crate::output::{WholeFile, cannot_write};
use crate::terminal;

/// What is known of a message without looking at its data.
pub fn summary(message: &Message) -> Map<String, Value> {
    let mut known = Map::new();
    let header = &message.header;
    known.insert("kind".to_owned(), message.kind.name().into());
    known.insert("message_id".to_owned(), header.message_id.as_str().into());
    known.insert("from".to_owned(), header.source_id.as_str().into());
    known.insert("version".to_owned(), message.version.to_string().into());
    known.insert("timestamp".to_owned(), header.timestamp.as_str().into());
    known.insert("contexts".to_owned(), header.contexts_or_default().into());
    known.insert("bytes".to_owned(), message.document.len().into());
    let mut add = |key: &str, path: &str| {
        if let Some(value) = message.value(path) {
            known.insert(key.to_owned(), value.into());
        }
    };
    match message.kind {
        MessageKind::Event => {
            add("object", "SIF_ObjectData/SIF_EventObject/@ObjectName");
            add("action", "SIF_ObjectData/SIF_EventObject/@Action");
        }
        MessageKind::Request => {
            add("object", "SIF_Query/SIF_QueryObject/@ObjectName");
            add("object", "SIF_ExtendedQuery/SIF_From/@ObjectName");
        }
        MessageKind::Response => {
            add("request_id", "SIF_RequestMsgId");
            add("packet", "SIF_PacketNumber");
            add("more", "SIF_MorePackets");
            add("error_category", "SIF_Error/SIF_Category");
            add("error_code", "SIF_Error/SIF_Code");
            add("error_description", "SIF_Error/SIF_Desc");
        }
        _ => {}
    }
    known
}

/// A message in one line for people.
pub fn line(known: &Map<String, Value>) -> String {
    let text = |key: &str| match known.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let mut line = format!("{} {} from {}", text("kind"), text("message_id"), text("from"));
    if known.contains_key("object") {
        line.push_str(format!(", {} {}", text("object"), text("action")).trim_end());
    }
    if known.contains_key("request_id") {
        line.push_str(&format!(", packet {} of request {}", text("packet"), text("request_id")));
    }
    if known.contains_key("error_category") {
        line.push_str(&format!(", error {}/{}", text("error_category"), text("error_code")));
    }
    line.push_str(&format!(", {} bytes", text("bytes")));
    line
}

/// Writes a message into a folder, readable by its owner only, and gives the file's name.
pub fn write(folder: &Path, number: u64, message: &Message) -> Result<String, Exit> {
    // An id that is none may hold anything, so it is no part of a name.
    let id = &message.header.message_id;
    let id = if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) { id } else { "without-id" };
    let name = format!("{number:06}-{}-{id}.xml", message.kind.name());
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        let mut file = WholeFile::create(folder, &name)?;
        std::io::Write::write_all(&mut file, &message.document)?;
        file.finish()
    });
    match written {
        Ok(()) => Ok(name),
        Err(error) => {
            let problem = cannot_write(&folder.join(&name).display().to_string(), &error);
            Err(terminal::end(&problem, &rulebook::Files::new()))
        }
    }
}

/// Prints a message that was taken.
pub fn print(format: Format, mut known: Map<String, Value>, reply: Option<&Outcome>, file: Option<&str>) {
    match format {
        Format::Human => {
            let file = file.map(|file| format!(" -> {file}")).unwrap_or_default();
            anstream::println!("{}{file}", line(&known));
        }
        Format::Json => {
            known.insert("acknowledged".to_owned(), reply.map_or(Value::Null, report::outcome));
            known.insert("file".to_owned(), json!(file));
            report::json_line(&known.into());
        }
    }
}
