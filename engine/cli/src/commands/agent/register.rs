//! `sifter agent register`.

use agent::{Data, Registration};
use clap::Args;
use sif::message::VersionPattern;

use super::connection::Connection;
use super::{acl, report};
use crate::exit::Exit;

/// Arguments of `register`.
#[derive(Args, Debug)]
pub struct Register {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
    /// What people call the agent; the default is its id
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The address at which the zone calls the agent: push mode; without it the agent asks
    #[arg(long, value_name = "URL")]
    pub push: Option<String>,
    /// The largest message that the agent takes, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    pub max_buffer: u32,
    /// The versions that the agent takes: 2.4, 2.*, 2.0r* or *
    #[arg(long, value_name = "VERSION", value_delimiter = ',', default_value = "2.*", value_parser = pattern)]
    pub versions: Vec<VersionPattern>,
}

/// Reads a pattern of versions.
pub fn pattern(text: &str) -> Result<VersionPattern, String> {
    VersionPattern::parse(text).ok_or_else(|| "a version is written 2.4, 2.*, 2.0r* or *".to_owned())
}

/// Runs the command.
pub async fn run(arguments: &Register) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let name = arguments.name.as_deref().unwrap_or(&to.id);
    let mut registration = match &arguments.push {
        Some(url) => Registration::push(name, url),
        None => Registration::pull(name),
    };
    registration.versions.clone_from(&arguments.versions);
    registration.max_buffer_size = arguments.max_buffer;
    let answer = report::accepted(to, to.agent()?.register(&registration).await)?;
    let rights = match &answer.data {
        Some(Data::AgentAcl(xml)) => Some(acl::Rights::read(to, xml)?),
        _ => None,
    };
    let mut more = serde_json::Map::new();
    if let Some(rights) = &rights {
        more.insert("rights".to_owned(), rights.to_json());
    }
    report::print(to, &answer, &format!("{} is registered", to.id), more);
    if let (Some(rights), super::connection::Format::Human) = (&rights, to.format) {
        rights.print();
    }
    Ok(Exit::Well)
}
