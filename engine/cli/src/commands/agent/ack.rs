//! `sifter agent ack`.

use agent::Delivered;
use clap::Args;
use sif::message::{ErrorCode, Outcome, Status};

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `ack`.
#[derive(Args, Debug)]
pub struct Ack {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// SIF_MsgId of the message that was delivered
    #[arg(value_name = "MSGID")]
    pub message_id: String,
    /// Its SIF_SourceId: who sent it
    #[arg(long, value_name = "ID")]
    pub from: String,
    /// 1 taken, 2 an event is being worked on, 3 that event is done, 7 had before, 8 not now
    #[arg(long, value_name = "CODE", default_value = "1", value_parser = status)]
    pub status: Status,
    /// An error instead: its category and code, such as 10/1, after which the message comes again
    #[arg(long, value_name = "CATEGORY/CODE", conflicts_with = "status", value_parser = error_code)]
    pub error: Option<ErrorCode>,
    /// What is said of the error; no personal data
    #[arg(long, value_name = "TEXT", requires = "error")]
    pub description: Option<String>,
}

fn status(text: &str) -> Result<Status, String> {
    let known = text.parse().ok().and_then(Status::from_code);
    known.ok_or_else(|| "a status is 1, 2, 3, 7 or 8; 0 and 9 are only a zone's to say".to_owned())
}

/// Reads a category and a code.
pub fn error_code(text: &str) -> Result<ErrorCode, String> {
    let parts = text.split_once('/').and_then(|(category, code)| Some((category.parse().ok()?, code.parse().ok()?)));
    parts
        .map(|(category, code)| ErrorCode::new(category, code))
        .ok_or_else(|| "an error is written 10/1: its category and its code".to_owned())
}

/// Runs the command.
pub async fn run(arguments: &Ack) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let outcome = match arguments.error {
        None => Outcome::Status(arguments.status),
        Some(code) => match &arguments.description {
            Some(description) => Outcome::error_because(code, description.clone()),
            None => Outcome::error(code),
        },
    };
    let delivered = Delivered::new(&arguments.from, &arguments.message_id);
    let answer = to.agent()?.acknowledge(&delivered, &outcome).await;
    report::done(to, answer, "the zone has taken the acknowledgement")
}
