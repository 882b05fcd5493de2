//! `sifter completions`: prints the completions of a shell.

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Runs the command.
pub fn run(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Arguments::command(), "sifter", &mut std::io::stdout());
    Exit::Well
}
