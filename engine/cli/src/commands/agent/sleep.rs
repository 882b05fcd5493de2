//! `sifter agent sleep`.

use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `sleep`.
#[derive(Args, Debug)]
pub struct Sleep {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// Runs the command.
pub async fn run(arguments: &Sleep) -> Result<Exit, Exit> {
    let to = &arguments.to;
    report::done(to, to.agent()?.sleep().await, "the zone holds what comes, until a wake-up")
}
