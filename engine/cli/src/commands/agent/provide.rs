//! `sifter agent provide` and `unprovide`.

use clap::Args;

use super::connection::Connection;
use super::provision::Terms;
use super::report;
use crate::exit::Exit;

/// Arguments of `provide` and `unprovide`.
#[derive(Args, Debug)]
pub struct Provide {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// The objects
    #[arg(required = true, value_name = "OBJECT")]
    pub objects: Vec<String>,
    /// What is said of all of them.
    #[command(flatten)]
    pub terms: Terms,
}

/// Runs the command.
pub async fn run(arguments: &Provide, begins: bool) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let objects = arguments.terms.of(&arguments.objects);
    let names = arguments.objects.join(", ");
    let agent = to.agent()?;
    if begins {
        report::done(to, agent.provide(&objects).await, &format!("{} provides {names}", to.id))
    } else {
        report::done(to, agent.unprovide(&objects).await, &format!("{} no longer provides {names}", to.id))
    }
}
