//! Reads a zone file.

mod agents;

use std::collections::BTreeMap;
use std::path::Path;

use mapper::Zone;
use problem::{Problem, code};
use rulebook::yaml::{self, Reader};
use zis::AgentConfig;

use crate::files;

/// What a zone file says.
#[derive(Clone, Debug)]
pub struct ZoneFile {
    /// The zone's name, and the options of its mapping.
    pub zone: Zone,
    /// Its agents, by id.
    pub agents: BTreeMap<String, AgentConfig>,
}

/// Reads a zone file.
///
/// # Errors
/// Everything that is wrong with it, and the file's text.
pub fn read(path: &Path) -> Result<ZoneFile, (Vec<Problem>, rulebook::Files)> {
    let text = files::read_text(path).map_err(|problem| (vec![problem], rulebook::Files::new()))?;
    let name = path.display().to_string();
    let mut problems = Vec::new();
    let file = parse(&name, &text, &mut problems);
    match file {
        Some(file) if problems.is_empty() => Ok(file),
        _ => Err((problems, rulebook::Files::from([(name, text)]))),
    }
}

fn parse(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<ZoneFile> {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let mut reader = Reader::new(&node, "a zone file", problems);
    let name_node = reader.need("name", problems);
    let mut zone = Zone { school_years: Vec::new(), ..Zone::of_year("", 0) };
    zone.read_options(&mut reader, problems);
    let agents = reader.get("agents");
    reader.finish(problems);
    let agents = agents.map(|node| agents::read(node, problems)).unwrap_or_default();
    let name = name_node.and_then(|node| node.scalar("a name", problems));
    if let Some((name, node)) = name.zip(name_node)
        && (name.text.is_empty() || name.text.chars().count() > 64)
    {
        problems.push(Problem::new(code::BAD_ZONE, "a zone's name has 1 to 64 characters").at(node.place.clone()));
    }
    zone.name.clone_from(&name?.text);
    Some(ZoneFile { zone, agents })
}
