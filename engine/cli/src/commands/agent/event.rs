//! `sifter agent event`.

use std::path::PathBuf;

use agent::{Action, Event as Said};
use clap::Args;

use super::connection::{Connection, read_element};
use super::report;
use crate::exit::Exit;

/// Arguments of `event`.
#[derive(Args, Debug)]
pub struct Event {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// A file that holds the object's element
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What happened: Add, Change or Delete
    #[arg(long, value_name = "ACTION", value_parser = action)]
    pub action: Action,
    /// The object's name; the default is that of the element
    #[arg(long, value_name = "OBJECT")]
    pub object: Option<String>,
    /// The contexts; without any it is SIF_Default
    #[arg(long = "context", value_name = "CONTEXT", value_delimiter = ',')]
    pub contexts: Vec<String>,
    /// SIF_MsgId; the default is a random one. An event that is sent twice with one id happens once
    #[arg(long, value_name = "MSGID")]
    pub message_id: Option<String>,
}

fn action(text: &str) -> Result<Action, String> {
    Action::from_name(text).ok_or_else(|| "an event is Add, Change or Delete".to_owned())
}

/// Runs the command.
pub async fn run(arguments: &Event) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let xml = read_element(&arguments.file)?;
    let named = xml.trim_start_matches('<').split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
    let object = arguments.object.clone().unwrap_or_else(|| named.unwrap_or_default().to_owned());
    let event = Said {
        contexts: arguments.contexts.clone(),
        message_id: arguments.message_id.clone(),
        ..Said::new(object.clone(), arguments.action, xml)
    };
    let answer = report::accepted(to, to.agent()?.publish(&event).await)?;
    let what = format!("the zone has the {} event of {object} as {}", arguments.action, answer.message_id);
    report::print(to, &answer, &what, serde_json::Map::new());
    Ok(Exit::Well)
}
