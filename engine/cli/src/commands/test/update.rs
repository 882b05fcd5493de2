//! `test --update`: rewrites what failing cases expect, and prints what it did.

use std::io::Write;
use std::path::Path;

use proving::{CaseResult, update};

use super::Loaded;
use crate::arguments::Test;
use crate::exit::Exit;
use crate::terminal;

/// Rewrites the fixtures of the failing cases. Well, if every case passes then.
pub fn run(arguments: &Test, loaded: &Loaded, results: &[CaseResult]) -> Exit {
    let folder = &arguments.rulebook.rulebook;
    let (mut rewritten, mut refused) = (0_usize, 0_usize);
    for fixture in &loaded.suite.fixtures {
        let Some(text) = loaded.all.get(&fixture.file) else { continue };
        let updated = update::rewrite(text, fixture, results);
        for case in &updated.refused {
            anstream::eprintln!("not updated: {}:{}: {}: {}", fixture.file, case.line, case.name, case.why);
        }
        refused += updated.refused.len();
        if updated.changes.is_empty() {
            continue;
        }
        if let Err(why) = replace(&folder.join(&fixture.file), &updated.text) {
            return terminal::usage(&format!("{} cannot be written: {why}", fixture.file));
        }
        rewritten += updated.changes.len();
        anstream::print!("{}", updated.diff(&fixture.file));
    }
    anstream::println!("{rewritten} updated, {refused} not; read what changed before you keep it");
    if refused == 0 && loaded.suite.problems.is_empty() { Exit::Well } else { Exit::Found }
}

/// Writes a file aside and gives it its name when it is whole.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(text.as_bytes())?;
    aside.as_file().set_permissions(std::fs::metadata(path)?.permissions())?;
    aside.persist(path).map_err(|error| error.error)?;
    Ok(())
}
