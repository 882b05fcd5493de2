//! The command line: arguments, files, exit codes, wiring. The only crate that knows every other.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod exit;
mod files;
mod output;
mod population;
mod prepared;
mod report;
mod serve;
mod terminal;
mod zone_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use exit::Exit;

/// Runs the program with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match arguments::Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Well.into() };
        }
    };
    // A server says what it does; a command only what is wrong.
    let usual = if matches!(parsed.command, arguments::Command::Serve(_)) { "info,sqlx=warn" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIFTER_LOG").unwrap_or_else(|_| usual.into());
    // A second call in one process (a test) finds the subscriber set already, which is fine.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    commands::run(parsed).into()
}
