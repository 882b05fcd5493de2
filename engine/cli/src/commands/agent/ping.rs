//! `sifter agent ping`.

use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `ping`.
#[derive(Args, Debug)]
pub struct Ping {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// Runs the command.
pub async fn run(arguments: &Ping) -> Result<Exit, Exit> {
    let to = &arguments.to;
    report::done(to, to.agent()?.ping().await, "the zone is there")
}
