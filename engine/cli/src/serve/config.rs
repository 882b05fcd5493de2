//! The configuration of `sifter serve`: one YAML file.
//!
//! Files, folders and the paths in URLs are as seen from the working folder, as everywhere on the command line.

mod provider;
mod server;
mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use problem::Problem;
use rulebook::Files;
use rulebook::yaml::{self, Reader};
use zis::server::ServerConfig;

pub use provider::{Looks, ProviderSettings, RemoteSettings};
pub use zone::ServedZone;

use super::values::{Environment, Values};
use crate::files;

/// What is served.
#[derive(Debug)]
pub struct ServeConfig {
    /// The server, with the zones that it serves itself.
    pub server: ServerConfig,
    /// All zones: those that are served here, and those of others in which a provider of ours is an agent.
    pub zones: Vec<ServedZone>,
}

/// What is wrong with a configuration and the files that it names, and the texts of these files.
pub type Wrong = (Vec<Problem>, Files);

/// Reads a configuration and the files that it names, all but rulebooks and sources.
///
/// # Errors
/// Everything that is wrong.
pub fn read(path: &Path, environment: Environment<'_>) -> Result<ServeConfig, Wrong> {
    let text = files::read_text(path).map_err(|problem| (vec![problem], Files::new()))?;
    let name = path.display().to_string();
    let mut files = Files::from([(name.clone(), text.clone())]);
    let node = yaml::parse(&name, &text).map_err(|problem| (vec![problem], files.clone()))?;
    let mut values = Values::new(environment);
    let config = whole(&node, &mut values, &mut files);
    match config {
        Some(config) if values.problems.is_empty() => Ok(config),
        _ => Err((values.problems, files)),
    }
}

fn whole(node: &yaml::Node, values: &mut Values<'_>, files: &mut Files) -> Option<ServeConfig> {
    let mut reader = Reader::new(node, "the configuration", &mut values.problems);
    let listen = values.address(&mut reader, "listen");
    let tls = values.part(&mut reader, "tls", "`tls`").map(|part| server::tls(part, values));
    let store = values.need(&mut reader, "store");
    let admin = values.part(&mut reader, "admin", "`admin`").map(|part| server::admin(part, values));
    let push = values.part(&mut reader, "push", "`push`").map(|part| server::push(part, values));
    let limits = values.part(&mut reader, "limits", "`limits`").map(|part| server::limits(part, values));
    let zones = reader.need("zones", &mut values.problems);
    values.finish(reader);
    let zones = zones.and_then(|node| node.list("zones", &mut values.problems)).unwrap_or_default();
    let mut served = Vec::new();
    let mut names = BTreeSet::new();
    for node in zones {
        let Some(zone) = zone::read(node, values, files) else { continue };
        if !names.insert(zone.zone.name.clone()) {
            let message = format!("two zones have the name {}", zone.zone.name);
            values.problems.push(Problem::new(problem::code::BAD_CONFIGURATION, message).at(node.place.clone()));
        }
        served.push(zone);
    }
    if let Some((url, scalar)) = &store {
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start)) {
            values.wrong(scalar, "the store is sqlite:PATH or postgres://…");
        }
        values.database(scalar, url);
    }
    let is_asked = |zone: &ServedZone| zone.provider.as_ref().is_some_and(|provider| provider.looks == Looks::OnDemand);
    if admin.is_none() && served.iter().any(is_asked) {
        let message = "`events: on_demand` needs `admin`: without it nobody can ask";
        values.problems.push(Problem::new(problem::code::BAD_CONFIGURATION, message).at(node.place.clone()));
    }
    let mut server = ServerConfig::new(listen?, store?.0);
    // What is wrong within a part has been noted.
    server.tls = tls.flatten();
    server.admin = admin.flatten();
    server.push = push.unwrap_or_default();
    server.limits = limits.unwrap_or_default();
    server.zones = served.iter().filter_map(|zone| zone.config.clone()).collect();
    Some(ServeConfig { server, zones: served })
}
