//! `sifter agent wakeup`.

use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `wakeup`.
#[derive(Args, Debug)]
pub struct Wakeup {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// Runs the command.
pub async fn run(arguments: &Wakeup) -> Result<Exit, Exit> {
    let to = &arguments.to;
    report::done(to, to.agent()?.wakeup().await, "the zone delivers")
}
