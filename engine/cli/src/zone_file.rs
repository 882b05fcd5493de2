//! Reads a zone file.

use std::path::Path;

use mapper::Zone;
use problem::{Problem, code};
use rulebook::yaml::{self, Node, Reader};

use crate::files;

/// What an agent may do with an object.
const RIGHTS: [&str; 7] =
    ["provide", "subscribe", "publish_add", "publish_change", "publish_delete", "request", "respond"];

/// Reads a zone file. The options of the mapping are used; the agents are checked, for the zone integration server to use.
///
/// # Errors
/// Everything that is wrong with it, and the file's text.
pub fn read(path: &Path) -> Result<Zone, (Vec<Problem>, rulebook::Files)> {
    let text = files::read_text(path).map_err(|problem| (vec![problem], rulebook::Files::new()))?;
    let name = path.display().to_string();
    let mut problems = Vec::new();
    let zone = parse(&name, &text, &mut problems);
    match zone {
        Some(zone) if problems.is_empty() => Ok(zone),
        _ => Err((problems, rulebook::Files::from([(name, text)]))),
    }
}

fn parse(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Zone> {
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
    if let Some(agents) = agents {
        check_agents(agents, problems);
    }
    let name = name_node.and_then(|node| node.scalar("a name", problems));
    if let Some((name, node)) = name.zip(name_node)
        && (name.text.is_empty() || name.text.chars().count() > 64)
    {
        problems.push(Problem::new(code::BAD_ZONE, "a zone's name has 1 to 64 characters").at(node.place.clone()));
    }
    zone.name.clone_from(&name?.text);
    Some(zone)
}

fn check_agents(node: &Node, problems: &mut Vec<Problem>) {
    for agent in node.list("agents", problems).unwrap_or_default() {
        let mut reader = Reader::new(agent, "an agent", problems);
        reader.need("id", problems);
        reader.flag("approved", problems);
        reader.text("mode", problems);
        reader.text("url", problems);
        let rights = reader.get("rights");
        let contexts = reader.get("contexts");
        let elements = reader.get("elements");
        reader.finish(problems);
        if let Some(contexts) = contexts {
            contexts.texts("contexts", problems);
        }
        for (object, node) in rights.and_then(|node| node.map("rights by object", problems)).unwrap_or_default() {
            check_object(object, problems);
            for right in node.texts("rights", problems) {
                if !RIGHTS.contains(&right.text.as_str()) {
                    problems.push(
                        Problem::new(
                            code::BAD_ZONE,
                            format!("`{}` is no right; the rights are {}", right.text, RIGHTS.join(", ")),
                        )
                        .at(right.start.clone())
                        .did_you_mean(&right.text, RIGHTS),
                    );
                }
            }
        }
        for (object, node) in elements.and_then(|node| node.map("paths by object", problems)).unwrap_or_default() {
            check_object(object, problems);
            node.texts("paths", problems);
        }
    }
}

fn check_object(key: &yaml::Key, problems: &mut Vec<Problem>) {
    if sif::schema().object(&key.text).is_none() {
        problems.push(
            Problem::new(code::BAD_ZONE, format!("SIF 2.4 has no object `{}`", key.text))
                .at(key.place.clone())
                .did_you_mean(&key.text, sif::schema().object_names()),
        );
    }
}
