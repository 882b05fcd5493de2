//! `sifter agent provision`.

use agent::{Offered, Provision as Said};
use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `provision`. What is not named is not done any more.
#[derive(Args, Debug)]
pub struct Provision {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// Objects that it is the provider of
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub provide: Vec<String>,
    /// Objects whose events it wants
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub subscribe: Vec<String>,
    /// Objects whose additions, changes and deletions it reports
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub publish: Vec<String>,
    /// Objects that it asks for
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub request: Vec<String>,
    /// Objects that it answers requests for that are directed to it
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub respond: Vec<String>,
    /// What is said of all of them.
    #[command(flatten)]
    pub terms: Terms,
}

/// What is said of all objects that are named.
#[derive(Args, Debug)]
pub struct Terms {
    /// The contexts; without any it is SIF_Default
    #[arg(long = "context", value_name = "CONTEXT", value_delimiter = ',')]
    pub contexts: Vec<String>,
    /// SIF_ExtendedQuery is supported
    #[arg(long)]
    pub extended_query: bool,
}

impl Terms {
    /// The objects with these names.
    pub fn of(&self, objects: &[String]) -> Vec<Offered> {
        let offered = |object: &String| Offered {
            object: object.clone(),
            extended_query: self.extended_query,
            contexts: self.contexts.clone(),
        };
        objects.iter().map(offered).collect()
    }
}

/// Runs the command.
pub async fn run(arguments: &Provision) -> Result<Exit, Exit> {
    let (to, terms) = (&arguments.to, &arguments.terms);
    let said = Said {
        provide: terms.of(&arguments.provide),
        subscribe: terms.of(&arguments.subscribe),
        publish_add: terms.of(&arguments.publish),
        publish_change: terms.of(&arguments.publish),
        publish_delete: terms.of(&arguments.publish),
        request: terms.of(&arguments.request),
        respond: terms.of(&arguments.respond),
        ..Said::default()
    };
    report::done(to, to.agent()?.provision(&said).await, "the zone knows what the agent does")
}
