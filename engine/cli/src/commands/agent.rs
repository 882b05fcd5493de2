//! `sifter agent`: an agent for testers and operators, against any zone integration server. One command a file.

mod ack;
mod acl;
mod advice;
mod cancel;
mod connection;
mod event;
mod ping;
mod provide;
mod provision;
mod pull;
mod register;
mod report;
mod request;
mod sleep;
mod status;
mod subscribe;
mod take;
mod unregister;
mod wakeup;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::terminal;

/// Arguments of `agent`.
#[derive(Args, Debug)]
pub struct Agent {
    /// What the agent does.
    #[command(subcommand)]
    pub what: What,
}

/// What the agent does.
#[derive(Subcommand, Debug)]
pub enum What {
    /// Joins the zone, or says anew how the agent is reached
    #[command(after_help = "Examples:\n  \
        sifter agent register --url http://127.0.0.1:7080/zones/Cedar --id Library\n  \
        sifter agent register --url https://zis.example.org/zones/Cedar --id Library --certificate library.pem --key library.key\n  \
        sifter agent register --url http://127.0.0.1:7080/zones/Cedar --id Library --push http://127.0.0.1:9000/")]
    Register(register::Register),
    /// Leaves the zone; what waits for the agent goes
    #[command(after_help = "Example:\n  sifter agent unregister --url http://127.0.0.1:7080/zones/Cedar --id Library")]
    Unregister(unregister::Unregister),
    /// Says all that the agent provides, subscribes to, publishes, requests and responds to
    #[command(after_help = "Example:\n  \
        sifter agent provision --url http://127.0.0.1:7080/zones/Cedar --id Library --subscribe StudentPersonal,SchoolInfo --request StudentPersonal")]
    Provision(provision::Provision),
    /// Becomes the provider of objects
    #[command(
        after_help = "Example:\n  sifter agent provide --url http://127.0.0.1:7080/zones/Cedar --id Sis SchoolInfo"
    )]
    Provide(provide::Provide),
    /// Is no longer the provider of objects
    #[command(
        after_help = "Example:\n  sifter agent unprovide --url http://127.0.0.1:7080/zones/Cedar --id Sis SchoolInfo"
    )]
    Unprovide(provide::Provide),
    /// Wants the events of objects
    #[command(
        after_help = "Example:\n  sifter agent subscribe --url http://127.0.0.1:7080/zones/Cedar --id Library StudentPersonal"
    )]
    Subscribe(subscribe::Subscribe),
    /// No longer wants the events of objects
    #[command(
        after_help = "Example:\n  sifter agent unsubscribe --url http://127.0.0.1:7080/zones/Cedar --id Library StudentPersonal"
    )]
    Unsubscribe(subscribe::Subscribe),
    /// Asks for objects, waits for the packets, and writes what they hold
    #[command(after_help = "Examples:\n  \
        sifter agent request --url http://127.0.0.1:7080/zones/Cedar --id Library SchoolInfo --out schools.xml\n  \
        sifter agent request --url http://127.0.0.1:7080/zones/Cedar --id Library StudentPersonal --where 'Name/LastName EQ Smith' --elements Name,Demographics\n  \
        sifter agent request --url http://127.0.0.1:7080/zones/Cedar --id Library StudentPersonal --where '@RefId EQ 7C834AA200000000000000000000000F'\n  \
        sifter agent request --url http://127.0.0.1:7080/zones/Cedar --id Library --extended query.xml --wait 300\n\n\
        Objects are personal data: a file that is written can be read by its owner only.")]
    Request(request::Request),
    /// Takes the messages that wait for the agent
    #[command(after_help = "Examples:\n  \
        sifter agent pull --url http://127.0.0.1:7080/zones/Cedar --id Library\n  \
        sifter agent pull --url http://127.0.0.1:7080/zones/Cedar --id Library --leave --out inbox\n  \
        sifter agent pull --url http://127.0.0.1:7080/zones/Cedar --id Library --listen 127.0.0.1:9000 --wait 600\n\n\
        With --leave the first message is only looked at: it is not acknowledged, and comes again.\n\
        --listen with --secure, --certificate and --key takes them over HTTPS.")]
    Pull(pull::Pull),
    /// Acknowledges a message that was delivered
    #[command(after_help = "Examples:\n  \
        sifter agent ack --url http://127.0.0.1:7080/zones/Cedar --id Library 7C834AA200000000000000000000000F --from Sis --status 1\n  \
        sifter agent ack --url http://127.0.0.1:7080/zones/Cedar --id Library 7C834AA200000000000000000000000F --from Sis --error 10/1")]
    Ack(ack::Ack),
    /// Reports an event with the object of a file
    #[command(after_help = "Example:\n  \
        sifter agent event --url http://127.0.0.1:7080/zones/Cedar --id Sis --action Change school.xml\n\n\
        The file holds the object's element: for Change what changed, with the keys; for Delete the keys.")]
    Event(event::Event),
    /// Asks whether the zone is there
    #[command(after_help = "Example:\n  sifter agent ping --url http://127.0.0.1:7080/zones/Cedar --id Library")]
    Ping(ping::Ping),
    /// Has the zone hold the agent's messages
    #[command(after_help = "Example:\n  sifter agent sleep --url http://127.0.0.1:7080/zones/Cedar --id Library")]
    Sleep(sleep::Sleep),
    /// Has the zone deliver again
    #[command(after_help = "Example:\n  sifter agent wakeup --url http://127.0.0.1:7080/zones/Cedar --id Library")]
    Wakeup(wakeup::Wakeup),
    /// Shows what the zone is, who is in it, and who provides what
    #[command(
        after_help = "Example:\n  sifter agent status --url http://127.0.0.1:7080/zones/Cedar --id Library --format json"
    )]
    Status(status::Status),
    /// Shows what the agent may do
    #[command(after_help = "Example:\n  sifter agent acl --url http://127.0.0.1:7080/zones/Cedar --id Library")]
    Acl(acl::Acl),
    /// Wants no answer any more to requests
    #[command(
        after_help = "Example:\n  sifter agent cancel --url http://127.0.0.1:7080/zones/Cedar --id Library 7C834AA200000000000000000000000F"
    )]
    Cancel(cancel::Cancel),
}

/// Runs the command.
pub fn run(arguments: &Agent) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(act(&arguments.what)).unwrap_or_else(|exit| exit),
        Err(error) => terminal::usage(&format!("the network cannot be used: {error}")),
    }
}

async fn act(what: &What) -> Result<Exit, Exit> {
    match what {
        What::Register(arguments) => register::run(arguments).await,
        What::Unregister(arguments) => unregister::run(arguments).await,
        What::Provision(arguments) => provision::run(arguments).await,
        What::Provide(arguments) => provide::run(arguments, true).await,
        What::Unprovide(arguments) => provide::run(arguments, false).await,
        What::Subscribe(arguments) => subscribe::run(arguments, true).await,
        What::Unsubscribe(arguments) => subscribe::run(arguments, false).await,
        What::Request(arguments) => request::run(arguments).await,
        What::Pull(arguments) => pull::run(arguments).await,
        What::Ack(arguments) => ack::run(arguments).await,
        What::Event(arguments) => event::run(arguments).await,
        What::Ping(arguments) => ping::run(arguments).await,
        What::Sleep(arguments) => sleep::run(arguments).await,
        What::Wakeup(arguments) => wakeup::run(arguments).await,
        What::Status(arguments) => status::run(arguments).await,
        What::Acl(arguments) => acl::run(arguments).await,
        What::Cancel(arguments) => cancel::run(arguments).await,
    }
}
