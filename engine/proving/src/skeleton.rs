//! A case that would reach a place, as far as it can be read from the plan: what it is about, what it gives; what is expected is
//! for a person to say.

use graph::Date;
use rulebook::places::{Access, Part, Unit};
use rulebook::plan::Plan;

use crate::wants::{Wanted, Wants};

/// The line that a person fills in.
pub const EXPECT: &str = "    expect: what the requirement says\n";

/// What a case is about, as the first line of a fixture.
#[must_use]
pub fn head(plan: &Plan, unit: Unit<'_>) -> String {
    match unit {
        Unit::Fact(fact) => {
            let declared = &plan.facts[fact];
            format!("fact: {}.{}", plan.schema[declared.entity].name, declared.name)
        }
        Unit::Population(object) => format!("population: {}", object.name),
        Unit::Element(object, node) if !node.path.is_empty() => {
            let name = format!("{}/{}", object.name, node.path);
            if name.contains(['[', '@']) { format!("rule: \"{name}\"") } else { format!("rule: {name}") }
        }
        Unit::Object(object) | Unit::Element(object, _) => format!("object: {}", object.name),
    }
}

/// The text of a fixture with one case. `name` says what the case is there for.
#[must_use]
pub fn text(head: &str, as_of: Date, name: &str, wants: &Wants, own: &str) -> String {
    let mut tree = Given::default();
    for (access, wanted) in &wants.given {
        tree.put(access, wanted);
    }
    if tree.entries.is_empty() && !own.is_empty() {
        tree.entries.push((own.to_owned(), Given::default()));
    }
    let mut text = format!("{head}\nas_of: {as_of}\ncases:\n  - name: {name:?}\n");
    if !wants.zone.is_empty() {
        let options: Vec<String> = wants.zone.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        text.push_str(&format!("    zone: {{ {} }}\n", options.join(", ")));
    }
    text.push_str(&format!("    given: {}\n", tree.yaml()));
    if !wants.open.is_empty() {
        let names: Vec<String> = wants.open.iter().map(|access| dotted(access.as_slice())).collect();
        text.push_str(&format!("    # choose the values of {}\n", names.join(", ")));
    }
    text.push_str(EXPECT);
    text
}

fn dotted(access: &[Part]) -> String {
    access.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
}

/// What a case gives, as a tree: each name once, the first value wins.
#[derive(Default)]
struct Given {
    entries: Vec<(String, Self)>,
    value: Option<String>,
    many: bool,
}

impl Given {
    fn put(&mut self, access: &Access, wanted: &Wanted) {
        let mut at = self;
        for part in access {
            if at.value.is_some() {
                return;
            }
            let found = at.entries.iter().position(|(name, _)| *name == part.name);
            let index = found.unwrap_or_else(|| {
                at.entries.push((part.name.clone(), Self { many: part.many, ..Self::default() }));
                at.entries.len() - 1
            });
            at = &mut at.entries[index].1;
        }
        if at.value.is_some() || !at.entries.is_empty() {
            return;
        }
        at.value = match wanted {
            Wanted::Value(text) => Some(text.clone()),
            Wanted::Absent => Some("absent".to_owned()),
            Wanted::NoRows => Some("[]".to_owned()),
            Wanted::Row => None,
        };
    }

    fn yaml(&self) -> String {
        if let Some(value) = &self.value {
            return value.clone();
        }
        let entries: Vec<String> =
            self.entries.iter().map(|(name, inner)| format!("{name}: {}", inner.yaml())).collect();
        let map = if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) };
        if self.many { format!("[{map}]") } else { map }
    }
}
