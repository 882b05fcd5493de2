//! `sifter agent pull`: takes what waits, by asking or by being called.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{AgentFault, Delivered, Handled, Handler, Listener, ListenerBuilder, Pull as Loop, Pulled, Reply};
use clap::Args;
use sif::message::{Message, error};
use tokio::time::Instant;

use super::connection::{Connection, Format, read};
use super::{ack, report, take};
use crate::exit::Exit;

/// Arguments of `pull`.
#[derive(Args, Debug)]
pub struct Pull {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// Takes so many messages at most
    #[arg(long, value_name = "N")]
    pub max: Option<u64>,
    /// Only looks at the first message, and leaves it where it is
    #[arg(long, conflicts_with_all = ["max", "listen", "reply", "wait"])]
    pub leave: bool,
    /// What each message is acknowledged with: 1, 2 (events), 7, 8 or an error such as 10/1
    #[arg(long, value_name = "CODE", default_value = "1", value_parser = reply)]
    pub reply: Reply,
    /// How long to wait for messages, in seconds
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub wait: u64,
    /// Push mode: takes what the zone delivers at this address, until --wait is over
    #[arg(long, value_name = "ADDRESS:PORT", requires = "wait")]
    pub listen: Option<SocketAddr>,
    /// Listens with HTTPS, and shows the agent's certificate there too
    #[arg(long, requires_all = ["listen", "certificate"])]
    pub secure: bool,
    /// Only who shows a certificate of these authorities is let in, in PEM
    #[arg(long, value_name = "FILE", requires = "secure")]
    pub client_authorities: Option<PathBuf>,
    /// Folder for the messages, which only their owner may read; without it nothing is kept of them
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

fn reply(text: &str) -> Result<Reply, String> {
    match text {
        "1" => Ok(Reply::Done),
        "2" => Ok(Reply::Working),
        "7" => Ok(Reply::Again),
        "8" => Ok(Reply::Asleep),
        _ => match ack::error_code(text) {
            Ok(code) => Ok(Reply::Error { code, description: error::meaning(code).to_owned() }),
            Err(_) => Err("a message is acknowledged with 1, 2, 7, 8 or an error such as 10/1".to_owned()),
        },
    }
}

/// How long what has come may take when the listener ends.
const GRACE: Duration = Duration::from_secs(5);

/// Prints and keeps messages.
struct Taking {
    format: Format,
    reply: Reply,
    out: Option<PathBuf>,
    most: u64,
    count: AtomicU64,
    failed: Mutex<Option<Exit>>,
}

impl Taking {
    fn take(&self, message: &Message) -> Reply {
        let more = |taken: u64| (taken < self.most).then_some(taken + 1);
        let Ok(taken) = self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) else {
            // A zone that calls may call once more before the listener has ended.
            return Reply::Error { code: error::TRANSPORT, description: "no more is taken now".to_owned() };
        };
        let number = taken + 1;
        let file = match self.out.as_deref().map(|folder| take::write(folder, number, message)).transpose() {
            Ok(file) => file,
            Err(exit) => {
                if let Ok(mut failed) = self.failed.lock() {
                    *failed = Some(exit);
                }
                // It could not be kept: it has to come again.
                let code = error::TRANSPORT;
                return Reply::Error { code, description: "the message cannot be kept now".to_owned() };
            }
        };
        // An event alone can be worked on.
        let reply = match (&self.reply, message.kind) {
            (Reply::Working, kind) if kind != sif::message::MessageKind::Event => Reply::Done,
            (reply, _) => reply.clone(),
        };
        take::print(self.format, take::summary(message), Some(&reply.outcome()), file.as_deref());
        reply
    }

    fn failure(&self) -> Option<Exit> {
        self.failed.lock().ok().and_then(|failed| *failed)
    }
}

impl Handler for Taking {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        let reply = self.take(message);
        Box::pin(async move { reply })
    }
}

/// Runs the command.
pub async fn run(arguments: &Pull) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let agent = to.agent()?;
    if arguments.leave {
        return look(arguments).await;
    }
    let taking = Arc::new(Taking {
        format: to.format,
        reply: arguments.reply.clone(),
        out: arguments.out.clone(),
        most: arguments.max.unwrap_or(u64::MAX),
        count: AtomicU64::new(0),
        failed: Mutex::new(None),
    });
    let until = Instant::now() + Duration::from_secs(arguments.wait);
    let most = taking.most;
    let taken = || taking.count.load(Ordering::Relaxed);
    if let Some(address) = arguments.listen {
        let builder = encrypted(arguments, Listener::builder(agent, Arc::<Taking>::clone(&taking)))?;
        let listener = builder.listen(address).await.map_err(|fault| to.fault(&fault))?;
        anstream::eprintln!("listening at {}", listener.url());
        while Instant::now() < until && taken() < most && taking.failure().is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // The zone has to hear of the last one, or it would deliver it again.
        listener.stop(GRACE).await;
    } else {
        let pull = Loop::new(agent, Arc::<Taking>::clone(&taking));
        while taken() < most {
            match pull.once().await.map_err(|fault: AgentFault| to.fault(&fault))? {
                Pulled::Handled(Reply::Done | Reply::Again | Reply::Working) => {}
                Pulled::Handled(Reply::Error { code, .. }) if code.category != error::TRANSPORT.category => {}
                // What comes again at once is not asked for at once.
                Pulled::Handled(_) => break,
                Pulled::Nothing if Instant::now() >= until => break,
                Pulled::Nothing => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }
    if to.format == Format::Human && taken() == 0 {
        anstream::println!("nothing waits");
    }
    Ok(taking.failure().unwrap_or(Exit::Well))
}

/// With HTTPS, if that is asked for.
fn encrypted(arguments: &Pull, builder: ListenerBuilder) -> Result<ListenerBuilder, Exit> {
    let to = &arguments.to;
    let (true, Some(certificate), Some(key)) = (arguments.secure, &to.certificate, &to.key) else {
        return Ok(builder);
    };
    let authorities = arguments.client_authorities.as_deref().map(read).transpose()?;
    builder.tls(&read(certificate)?, &read(key)?, authorities.as_deref()).map_err(|fault| to.fault(&fault))
}

/// Shows the first message without acknowledging it.
async fn look(arguments: &Pull) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let answer = report::accepted(to, to.agent()?.get_message().await)?;
    match &answer.data {
        Some(agent::Data::Message(message)) => {
            let file = arguments.out.as_deref().map(|folder| take::write(folder, 1, message)).transpose()?;
            take::print(to.format, take::summary(message), None, file.as_deref());
        }
        Some(agent::Data::Unreadable(refusal, _)) => {
            let original = refusal.original.clone();
            let named = Delivered {
                source_id: original.as_ref().and_then(|original| original.source_id.clone()),
                message_id: original.and_then(|original| original.message_id),
            };
            let id = named.message_id.unwrap_or_else(|| "without an id".to_owned());
            anstream::eprintln!("error: the message {id} cannot be read: {}", refusal.description);
            return Ok(Exit::Found);
        }
        _ if to.format == Format::Human => anstream::println!("nothing waits"),
        _ => {}
    }
    Ok(Exit::Well)
}
