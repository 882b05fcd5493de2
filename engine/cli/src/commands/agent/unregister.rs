//! `sifter agent unregister`.

use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `unregister`.
#[derive(Args, Debug)]
pub struct Unregister {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// Runs the command.
pub async fn run(arguments: &Unregister) -> Result<Exit, Exit> {
    let to = &arguments.to;
    report::done(to, to.agent()?.unregister().await, &format!("{} has left the zone", to.id))
}
