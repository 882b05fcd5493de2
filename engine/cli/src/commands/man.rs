//! `sifter man`: writes the manual pages.

use std::path::Path;

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Runs the command.
pub fn run(out: &Path) -> Exit {
    let written = std::fs::create_dir_all(out).and_then(|()| clap_mangen::generate_to(Arguments::command(), out));
    match written {
        Ok(()) => Exit::Well,
        Err(error) => {
            anstream::eprintln!("error: {} cannot be written: {error}", out.display());
            Exit::Usage
        }
    }
}
