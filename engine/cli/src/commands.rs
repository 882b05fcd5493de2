//! The commands, one a file.

pub mod agent;
mod check;
mod completions;
mod docs;
mod explain;
mod generate;
mod man;
mod map;
mod new;
mod serve;
pub mod test;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;

/// Runs a command.
pub fn run(arguments: Arguments) -> Exit {
    match arguments.command {
        Command::Map(arguments) => map::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Docs(arguments) => docs::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Agent(arguments) => agent::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { out } => man::run(&out),
    }
}
