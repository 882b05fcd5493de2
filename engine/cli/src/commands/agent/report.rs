//! Prints answers.

use agent::{AgentFault, Answer};
use serde_json::{Map, Value, json};
use sif::message::{ErrorCode, Outcome, Status, error};

use super::advice;
use super::connection::{Connection, Format};
use crate::exit::Exit;

/// What a status means, in a few words.
pub const fn meaning(status: Status) -> &'static str {
    match status {
        Status::Success => "done",
        Status::Immediate => "taken",
        Status::Intermediate => "an event is being worked on",
        Status::Final => "the event is done",
        Status::AlreadyReceived => "the zone has had this message before",
        Status::Sleeping => "the zone is asleep",
        Status::NoMessage => "nothing waits",
    }
}

/// The answer if the zone took the message; else it is said why not, and how the program ends.
pub fn accepted(to: &Connection, answer: Result<Answer, AgentFault>) -> Result<Answer, Exit> {
    answer.and_then(Answer::accepted).map_err(|fault| self::fault(to, &fault))
}

/// Prints the answer to a message that needs nothing but to be taken.
pub fn done(to: &Connection, answer: Result<Answer, AgentFault>, what: &str) -> Result<Exit, Exit> {
    let answer = accepted(to, answer)?;
    print(to, &answer, what, Map::new());
    Ok(Exit::Well)
}

/// Prints an answer that was accepted, with more that is known of it.
pub fn print(to: &Connection, answer: &Answer, what: &str, more: Map<String, Value>) {
    match to.format {
        Format::Human => {
            let status = answer.status().unwrap_or(Status::Success);
            let note = if status == Status::Success { String::new() } else { format!(" ({})", meaning(status)) };
            anstream::println!("{what}{note}");
        }
        Format::Json => {
            let mut object = Map::new();
            object.insert("status".to_owned(), answer.status().map(Status::code).into());
            object.insert("message_id".to_owned(), answer.message_id.clone().into());
            object.extend(more);
            json_line(&Value::Object(object));
        }
    }
}

/// Prints one JSON object on a line.
pub fn json_line(value: &Value) {
    anstream::println!("{value}");
}

/// Says why something did not succeed, and how the program ends: 1 if the zone said no, 3 if there was no answer.
pub fn fault(to: &Connection, fault: &AgentFault) -> Exit {
    let (exit, help) = match fault {
        AgentFault::Refused { code, .. } => (Exit::Found, advice::of(*code)),
        AgentFault::Asleep => (Exit::Found, Some("its administrator can wake it")),
        AgentFault::Transport(_) => (Exit::Usage, Some("check --url, and that the server runs and can be reached")),
        AgentFault::Answer { .. } => (Exit::Usage, Some("check that --url is the address of a zone")),
        AgentFault::Setup { .. } => (Exit::Usage, None),
    };
    match to.format {
        Format::Json => {
            let mut object = json!({ "error": fault.to_string() });
            if let AgentFault::Refused { code, description, extended } = fault {
                object["category"] = code.category.into();
                object["code"] = code.code.into();
                object["meaning"] = error::meaning(*code).into();
                object["description"] = description.as_str().into();
                object["extended"] = extended.as_deref().into();
            }
            if let Some(help) = help {
                object["help"] = help.into();
            }
            json_line(&object);
        }
        Format::Human => {
            anstream::eprintln!("error: {}", explained(fault));
            if let Some(help) = help {
                anstream::eprintln!("  help: {help}");
            }
        }
    }
    exit
}

fn explained(fault: &AgentFault) -> String {
    match fault {
        AgentFault::Refused { code, description, extended } => refused(*code, description, extended.as_deref()),
        other => other.to_string(),
    }
}

/// An error in words: the code, what it means, and what the other side adds.
pub fn refused(code: ErrorCode, description: &str, extended: Option<&str>) -> String {
    let meaning = error::meaning(code);
    let mut text = format!("{code}: {meaning}");
    if !description.is_empty() && description != meaning {
        text.push_str("\n  the zone says: ");
        text.push_str(description);
    }
    if let Some(extended) = extended.filter(|extended| !extended.is_empty()) {
        text.push_str("\n  ");
        text.push_str(extended);
    }
    text
}

/// What an acknowledgement says, in a word for programs.
pub fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Status(status) => status.code().into(),
        Outcome::Error { code, .. } => code.to_string().into(),
    }
}
