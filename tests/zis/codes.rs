//! The table of codes in the manual names conversations: each is there and shows its code, and no code that one shows is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::workspace;

/// The conversations that a row names, by `status 0` or `error 4/9`.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(workspace().join("engine/docs/zis-codes.md")).unwrap();
    let mut table = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [code, _, _, conversations] = cells[..] else { panic!("{line}") };
        let kind = if code.contains('/') { "error" } else { "status" };
        let links = conversations.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let names = links.map(|link| {
            let name = link.strip_prefix("../../tests/zis/").and_then(|name| name.strip_suffix(".yaml"));
            name.unwrap_or_else(|| panic!("{code}: {link} is no conversation")).to_owned()
        });
        table.insert(format!("{kind} {code}"), names.collect());
    }
    table
}

#[test]
fn the_table_of_codes_names_the_conversations_that_show_them() {
    let files = crate::files();
    let table = table();
    let mut wrong = Vec::new();
    let mut shown: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in &files {
        for code in file.conversation.codes() {
            shown.entry(code).or_default().push(&file.name);
        }
    }
    for (code, names) in &table {
        for name in names {
            if !shown.get(code).is_some_and(|shown| shown.contains(&name.as_str())) {
                wrong.push(format!("{code}: {name} does not show it"));
            }
        }
        if let Some(known) = shown.get(code).filter(|_| names.is_empty()) {
            wrong.push(format!("{code}: shown by {}", known.join(", ")));
        }
    }
    for (code, names) in shown.iter().filter(|(code, _)| !code.starts_with("log ")) {
        if !table.contains_key(code) {
            wrong.push(format!("{code}: not in the table, but in {}", names.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let with = table.values().filter(|names| !names.is_empty()).count();
    assert!(with >= 75, "only {with} codes have a conversation");
}

#[test]
fn every_conversation_says_what_it_is_about() {
    for file in crate::files() {
        let about = &file.conversation.about;
        assert!(about.ends_with('.') && about.len() > 20, "{}: {about}", file.name);
        assert!(!file.conversation.steps.is_empty(), "{} has no step", file.name);
    }
}
