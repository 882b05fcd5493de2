//! `sifter agent request`: asks, waits for the packets, writes what they hold.

mod objects;

use std::path::PathBuf;
use std::time::Duration;

use agent::{Agent, Condition, Data, Delivered, Group, Query, Question, Request as Said};
use clap::Args;
use serde_json::Map;
use sif::message::{ErrorCode, Message, MessageKind, Outcome, Status, VersionPattern};
use tokio::time::Instant;

use self::objects::Objects;
use super::connection::{Connection, Format, read_element};
use super::register::pattern;
use super::{advice, report, take};
use crate::exit::Exit;

/// Arguments of `request`.
#[derive(Args, Debug)]
pub struct Request {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// The object
    #[arg(value_name = "OBJECT", required_unless_present = "extended")]
    pub object: Option<String>,
    /// A condition: path, EQ NE LT GT LE or GE, value; all must hold
    #[arg(long = "where", value_name = "CONDITION", value_parser = Condition::parse)]
    pub conditions: Vec<Condition>,
    /// One of the conditions is enough
    #[arg(long)]
    pub any: bool,
    /// Only these elements
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub elements: Vec<String>,
    /// A file that holds a SIF_ExtendedQuery
    #[arg(long, value_name = "FILE", conflicts_with_all = ["object", "conditions", "any", "elements"])]
    pub extended: Option<PathBuf>,
    /// Who shall answer; the default is the object's provider
    #[arg(long, value_name = "ID")]
    pub from: Option<String>,
    /// The context; without it SIF_Default
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,
    /// The largest packet that is taken, in bytes; not more than was registered
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    pub max_buffer: u32,
    /// The versions in which the answer may be
    #[arg(long, value_name = "VERSION", value_delimiter = ',', default_value = "2.*", value_parser = pattern)]
    pub versions: Vec<VersionPattern>,
    /// How long to wait for each packet, in seconds; 0 does not wait
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub wait: u64,
    /// Other messages that come first are taken and dropped; by itself the command stops at them
    #[arg(long)]
    pub drop_others: bool,
    /// File for the objects, which only its owner may read; the default is standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(arguments: &Request) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let question = match &arguments.extended {
        Some(file) => Question::Extended(read_element(file)?),
        None => {
            let group = if arguments.any { Group::Or } else { Group::And };
            let query = Query::new(arguments.object.clone().unwrap_or_default());
            let query = query.such_that(group, arguments.conditions.clone());
            Question::Query(Query { elements: arguments.elements.clone(), ..query })
        }
    };
    let said = Said {
        versions: arguments.versions.clone(),
        max_buffer_size: arguments.max_buffer,
        destination: arguments.from.clone(),
        contexts: arguments.context.clone().into_iter().collect(),
        ..Said::asking(question)
    };
    let agent = to.agent()?;
    let asked = report::accepted(to, agent.request(&said).await)?;
    if arguments.wait == 0 {
        report::print(to, &asked, &format!("the zone has the request {}", asked.message_id), Map::new());
        return Ok(Exit::Well);
    }
    let mut waiting = Waiting { arguments, agent: &agent, request_id: &asked.message_id, due: 1, objects: None };
    let objects = waiting.packets().await?;
    let (packets, count) = (waiting.due - 1, objects.count());
    let is_file = objects.finish()?;
    let line = format!("{count} in {packets} packets, request {}", asked.message_id);
    let told = serde_json::json!({ "request_id": asked.message_id, "packets": packets, "count": count });
    // Standard output is the objects'.
    match (to.format, is_file) {
        (Format::Human, true) => anstream::println!("{line}"),
        (Format::Human, false) => anstream::eprintln!("{line}"),
        (Format::Json, true) => report::json_line(&told),
        (Format::Json, false) => anstream::eprintln!("{told}"),
    }
    Ok(Exit::Well)
}

/// The packets of one request as they come.
struct Waiting<'w> {
    arguments: &'w Request,
    agent: &'w Agent,
    request_id: &'w str,
    /// The number of the packet that is due.
    due: u64,
    objects: Option<Objects>,
}

/// What became of one message.
enum Next {
    Whole,
    More,
    Failed(Exit),
}

impl Waiting<'_> {
    async fn packets(&mut self) -> Result<Objects, Exit> {
        let to = &self.arguments.to;
        let patience = Duration::from_secs(self.arguments.wait);
        let mut until = Instant::now() + patience;
        let mut pause = Duration::from_millis(20);
        loop {
            let answer = report::accepted(to, self.agent.get_message().await)?;
            let message = match &answer.data {
                Some(Data::Message(message)) => message,
                Some(Data::Unreadable(refusal, _)) => {
                    return Err(stop(&format!(
                        "the next message cannot be read: {}\n  help: sifter agent pull refuses it, so that the next one comes",
                        refusal.description
                    )));
                }
                _ => {
                    if Instant::now() >= until {
                        let due = self.due;
                        return Err(stop(&format!(
                            "packet {due} of request {} did not come within {} seconds\n  help: it may still come: sifter \
                             agent pull takes it later; --wait waits longer",
                            self.request_id, self.arguments.wait
                        )));
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                    continue;
                }
            };
            until = Instant::now() + patience;
            pause = Duration::from_millis(20);
            match self.take(message).await? {
                Next::More => {}
                Next::Failed(exit) => return Err(exit),
                Next::Whole => break,
            }
        }
        self.objects.take().map_or_else(|| Objects::begin(self.arguments.out.as_deref(), None), Ok)
    }

    async fn take(&mut self, message: &Message) -> Result<Next, Exit> {
        let is_ours = message.kind == MessageKind::Response
            && message.value("SIF_RequestMsgId").as_deref() == Some(self.request_id);
        if !is_ours {
            let line = take::line(&take::summary(message));
            if !self.arguments.drop_others {
                return Err(stop(&format!(
                    "another message comes first: {line}\n  help: take it with sifter agent pull, or have it dropped with \
                     --drop-others"
                )));
            }
            anstream::eprintln!("dropped: {line}");
            self.acknowledge(message, Status::Immediate).await?;
            return Ok(Next::More);
        }
        let number: u64 = message.value("SIF_PacketNumber").and_then(|text| text.parse().ok()).unwrap_or(0);
        if number < self.due {
            // Its acknowledgement was lost.
            self.acknowledge(message, Status::AlreadyReceived).await?;
            return Ok(Next::More);
        }
        if number > self.due {
            let due = self.due;
            return Err(stop(&format!("packet {number} came where packet {due} was due; the answer is not whole")));
        }
        if let Some(category) = message.value("SIF_Error/SIF_Category") {
            let part = |path| message.value(path).unwrap_or_default();
            let code = ErrorCode::new(category.parse().unwrap_or(0), part("SIF_Error/SIF_Code").parse().unwrap_or(0));
            self.acknowledge(message, Status::Immediate).await?;
            let extended = message.value("SIF_Error/SIF_ExtendedDesc");
            let said = report::refused(code, &part("SIF_Error/SIF_Desc"), extended.as_deref());
            let help = advice::of(code).map(|help| format!("\n  help: {help}")).unwrap_or_default();
            let from = &message.header.source_id;
            return Ok(Next::Failed(stop(&format!("{from} answers with the error {said}{help}"))));
        }
        let objects = match &mut self.objects {
            Some(objects) => objects,
            none => none.insert(Objects::begin(self.arguments.out.as_deref(), Some(message))?),
        };
        objects.add(message)?;
        self.due += 1;
        self.acknowledge(message, Status::Immediate).await?;
        Ok(if message.value("SIF_MorePackets").as_deref() == Some("Yes") { Next::More } else { Next::Whole })
    }

    async fn acknowledge(&self, message: &Message, status: Status) -> Result<(), Exit> {
        let answer = self.agent.acknowledge(&Delivered::of(message), &Outcome::Status(status)).await;
        report::accepted(&self.arguments.to, answer).map(|_| ())
    }
}

/// Says why there is no whole answer.
fn stop(why: &str) -> Exit {
    anstream::eprintln!("error: {why}");
    Exit::Found
}
