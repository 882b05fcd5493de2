//! `sifter agent cancel`.

use agent::Notify;
use clap::Args;

use super::connection::Connection;
use super::report;
use crate::exit::Exit;

/// Arguments of `cancel`.
#[derive(Args, Debug)]
pub struct Cancel {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// SIF_MsgId of each request
    #[arg(required = true, value_name = "MSGID")]
    pub requests: Vec<String>,
    /// No last packet that says so
    #[arg(long)]
    pub quietly: bool,
}

/// Runs the command.
pub async fn run(arguments: &Cancel) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let notify = if arguments.quietly { Notify::None } else { Notify::Standard };
    let answer = to.agent()?.cancel_requests(notify, arguments.requests.clone()).await;
    report::done(to, answer, "the requests are cancelled")
}
