//! `sifter agent status`: what the zone is, who is in it, who provides what.

use agent::Data;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};
use sif::tree::Element;

use super::connection::{Connection, Format};
use super::{acl, report};
use crate::exit::Exit;
use crate::terminal;

/// Arguments of `status`.
#[derive(Args, Debug)]
pub struct Status {
    /// Which zone, as which agent.
    #[command(flatten)]
    pub to: Connection,
}

/// The lists of who does what, and the word for it.
const LISTS: [(&str, &str); 7] = [
    ("SIF_Providers/SIF_Provider", "provides"),
    ("SIF_Subscribers/SIF_Subscriber", "subscribes"),
    ("SIF_AddPublishers/SIF_Publisher", "publishes_add"),
    ("SIF_ChangePublishers/SIF_Publisher", "publishes_change"),
    ("SIF_DeletePublishers/SIF_Publisher", "publishes_delete"),
    ("SIF_Responders/SIF_Responder", "responds"),
    ("SIF_Requesters/SIF_Requester", "requests"),
];

/// Runs the command.
pub async fn run(arguments: &Status) -> Result<Exit, Exit> {
    let to = &arguments.to;
    let answer = report::accepted(to, to.agent()?.zone_status().await)?;
    let Some(Data::ZoneStatus(xml)) = &answer.data else {
        return Err(terminal::usage("the answer carries no SIF_ZoneStatus"));
    };
    let tree = acl::tree(to, xml)?;
    let Some(root) = tree.root() else { return Err(terminal::usage("the answer's SIF_ZoneStatus is empty")) };
    let zone = read(root);
    match to.format {
        Format::Json => report::json_line(&zone),
        Format::Human => print(&zone),
    }
    Ok(Exit::Well)
}

fn all(element: Element<'_>, path: &str) -> Vec<String> {
    element.find(path).map(|value| value.trim().to_owned()).collect()
}

fn one(element: Element<'_>, path: &str) -> Value {
    element.find(path).next().map_or(Value::Null, |value| value.trim().to_owned().into())
}

fn read(root: Element<'_>) -> Value {
    let agents: Vec<Value> = root
        .at("SIF_SIFNodes/SIF_SIFNode")
        .into_iter()
        .map(|node| {
            json!({
                "id": one(node, "SIF_SourceId"),
                "name": one(node, "SIF_Name"),
                "mode": one(node, "SIF_Mode"),
                "sleeping": one(node, "SIF_Sleeping"),
                "versions": all(node, "SIF_VersionList/SIF_Version"),
                "max_buffer": one(node, "SIF_MaxBufferSize"),
            })
        })
        .collect();
    let mut zone = json!({
        "zone": root.attribute("ZoneId"),
        "name": one(root, "SIF_Name"),
        "vendor": all(root, "SIF_Vendor/SIF_Product").first(),
        "versions": all(root, "SIF_SupportedVersions/SIF_Version"),
        "protocols": root.at("SIF_SupportedProtocols/SIF_Protocol").iter().map(|protocol| protocol.attribute("Type")).collect::<Vec<_>>(),
        "contexts": all(root, "SIF_Contexts/SIF_Context"),
        "administration": one(root, "SIF_AdministrationURL"),
        "agents": agents,
    });
    for (path, word) in LISTS {
        let mut by_agent = Map::new();
        for item in root.at(path) {
            let objects = item.at("SIF_ObjectList/SIF_Object");
            let names: Vec<Value> = objects.iter().map(|object| object.attribute("ObjectName").into()).collect();
            by_agent.insert(item.attribute("SourceId").unwrap_or_default().to_owned(), names.into());
        }
        zone[word] = by_agent.into();
    }
    zone
}

fn words(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn print(zone: &Value) {
    for (key, label) in [
        ("zone", "zone"),
        ("name", "name"),
        ("vendor", "product"),
        ("versions", "versions"),
        ("protocols", "protocols"),
        ("contexts", "contexts"),
        ("administration", "administration"),
    ] {
        let text = words(&zone[key]);
        if !text.is_empty() {
            anstream::println!("{label:>14}: {text}");
        }
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["agent", "mode", "sleeping", "versions", "max buffer", "does"]);
    for agent in zone["agents"].as_array().into_iter().flatten() {
        let id = words(&agent["id"]);
        let does = LISTS.iter().filter_map(|(_, word)| {
            let objects = words(&zone[*word][&id]);
            (!objects.is_empty()).then(|| format!("{}: {objects}", word.replace('_', " ")))
        });
        let does = does.collect::<Vec<_>>().join("\n");
        let fields = ["mode", "sleeping", "versions", "max_buffer"].map(|field| words(&agent[field]));
        table.add_row([id].into_iter().chain(fields).chain([does]));
    }
    anstream::println!("{table}");
}
