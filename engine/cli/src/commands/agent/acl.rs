//! `sifter agent acl`: what the agent may do.

use std::collections::{BTreeMap, BTreeSet};

use agent::Data;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use sif::tree::Tree;

use super::connection::{Connection, Format};
use super::report;
use crate::exit::Exit;
use crate::terminal;

/// Arguments of `acl`.
#[derive(Args, Debug)]
pub struct Acl {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// The parts of SIF_AgentACL, and what each lets an agent do.
const PARTS: [(&str, &str); 11] = [
    ("SIF_ProvideAccess", "provide"),
    ("SIF_SubscribeAccess", "subscribe"),
    ("SIF_PublishAddAccess", "publish_add"),
    ("SIF_PublishChangeAccess", "publish_change"),
    ("SIF_PublishDeleteAccess", "publish_delete"),
    ("SIF_RequestAccess", "request"),
    ("SIF_RespondAccess", "respond"),
    ("SIF_ProvideService", "provide"),
    ("SIF_RespondService", "respond"),
    ("SIF_RequestService", "request"),
    ("SIF_SubscribeService", "subscribe"),
];

/// What an agent may do, by object or service.
#[derive(Debug, Default)]
pub struct Rights {
    /// By object or service and contexts: the rights.
    by_object: BTreeMap<(String, Vec<String>), BTreeSet<&'static str>>,
}

/// The tree of what an answer carries.
pub fn tree(to: &Connection, xml: &str) -> Result<Tree, Exit> {
    sif::xml::read::read(xml.as_bytes(), sif::message::names()).map_err(|error| {
        report::fault(to, &agent::AgentFault::Answer { why: format!("what it carries cannot be read: {error}") })
    })
}

impl Rights {
    /// Reads SIF_AgentACL.
    pub fn read(to: &Connection, xml: &str) -> Result<Self, Exit> {
        let tree = tree(to, xml)?;
        let mut rights = Self::default();
        for (part, right) in PARTS {
            let items = tree.root().map(|root| root.at(part)).unwrap_or_default();
            for item in items.into_iter().flat_map(|part| part.children()) {
                let name = item.attribute("ObjectName").or_else(|| item.attribute("ServiceName")).unwrap_or_default();
                let contexts = item.find("SIF_Contexts/SIF_Context").map(|context| context.into_owned()).collect();
                rights.by_object.entry((name.to_owned(), contexts)).or_default().insert(right);
            }
        }
        Ok(rights)
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let item = |((name, contexts), rights): (&(String, Vec<String>), &BTreeSet<&str>)| json!({ "name": name, "contexts": contexts, "rights": rights });
        self.by_object.iter().map(item).collect()
    }

    /// For people.
    pub fn print(&self) {
        if self.by_object.is_empty() {
            anstream::println!("the agent has no rights");
            return;
        }
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(["object or service", "contexts", "may"]);
        // Objects with the same rights share a row: an agent that may ask for everything has a hundred of them.
        let mut alike: BTreeMap<(&Vec<String>, &BTreeSet<&str>), Vec<&str>> = BTreeMap::new();
        for ((name, contexts), rights) in &self.by_object {
            alike.entry((contexts, rights)).or_default().push(name);
        }
        for ((contexts, rights), names) in alike {
            let rights: Vec<&str> = rights.iter().copied().collect();
            table.add_row([some(&names), contexts.join(", "), rights.join(", ")]);
        }
        anstream::println!("{table}");
    }
}

/// So many names are listed.
const LISTED: usize = 4;

/// The names, or the first ones and how many more there are.
fn some(names: &[&str]) -> String {
    match names.split_at_checked(LISTED) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} others (--format json lists them)", first.join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

/// Runs the command.
pub async fn run(arguments: &Acl) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let answer = report::accepted(to, to.agent()?.agent_acl().await)?;
    let Some(Data::AgentAcl(xml)) = &answer.data else {
        return Err(terminal::usage("the answer carries no SIF_AgentACL"));
    };
    let rights = Rights::read(to, xml)?;
    match to.format {
        Format::Human => rights.print(),
        Format::Json => report::json_line(&json!({ "message_id": answer.message_id, "rights": rights.to_json() })),
    }
    Ok(Exit::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_counted_and_few_are_listed() {
        let names: Vec<String> = (1..=22).map(|number| format!("o{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(some(&names[..2]), "o1, o2");
        assert!(some(&names[..LISTED]).ends_with("o3, o4"));
        assert!(some(&names).ends_with("o4 and 18 others (--format json lists them)"));
    }
}
