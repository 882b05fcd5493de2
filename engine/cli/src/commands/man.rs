//! `sifter man`: writes the manual pages.

use std::path::Path;

use clap::CommandFactory;
use rulebook::Files;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::cannot_write;
use crate::terminal;

/// Runs the command.
pub fn run(out: &Path) -> Exit {
    let written = std::fs::create_dir_all(out).and_then(|()| clap_mangen::generate_to(Arguments::command(), out));
    match written {
        Ok(()) => Exit::Well,
        Err(error) => terminal::end(&cannot_write(&out.display().to_string(), &error), &Files::new()),
    }
}
