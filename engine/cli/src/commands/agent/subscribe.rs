//! `sifter agent subscribe` and `unsubscribe`.

use clap::Args;

use super::connection::Connection;
use super::provision::Terms;
use super::report;
use crate::exit::Exit;

/// Arguments of `subscribe` and `unsubscribe`.
#[derive(Args, Debug)]
pub struct Subscribe {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// The objects
    #[arg(required = true, value_name = "OBJECT")]
    pub objects: Vec<String>,
    /// The contexts; without any it is SIF_Default
    #[arg(long = "context", value_name = "CONTEXT", value_delimiter = ',')]
    pub contexts: Vec<String>,
}

/// Runs the command.
pub async fn run(arguments: &Subscribe, begins: bool) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let terms = Terms { contexts: arguments.contexts.clone(), extended_query: false };
    let objects = terms.of(&arguments.objects);
    let names = arguments.objects.join(", ");
    let agent = to.agent()?;
    if begins {
        report::done(to, agent.subscribe(&objects).await, &format!("{} gets the events of {names}", to.id))
    } else {
        let what = format!("{} gets no new events of {names}; those that wait still come", to.id);
        report::done(to, agent.unsubscribe(&objects).await, &what)
    }
}
