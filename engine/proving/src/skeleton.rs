//! A case that would reach a place, as far as it can be read from the plan: what it is about, what it gives; what is expected is
//! for a person to say.

use graph::Date;
use rulebook::places::{Part, Unit};
use rulebook::plan::Plan;
use rulebook::types::Kind;

use crate::wants::{Wanted, Wants, sample};

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
        Unit::Population(object) => format!("population: {}", object.label),
        Unit::Element(object, node) if !node.path.is_empty() => {
            let name = format!("{}/{}", object.label, node.path);
            if name.contains(['[', '@']) { format!("rule: \"{name}\"") } else { format!("rule: {name}") }
        }
        Unit::Object(object) | Unit::Element(object, _) => format!("object: {}", object.label),
    }
}

/// The text of a fixture with one case. `name` says what the case is there for.
#[must_use]
pub fn text(plan: &Plan, unit: Unit<'_>, as_of: Date, name: &str, wants: &Wants) -> String {
    let head = head(plan, unit);
    let mut tree = Given::default();
    for (access, wanted) in &wants.given {
        tree.put(access, wanted);
    }
    for (name, wanted) in needs(plan, unit, as_of) {
        tree.put(&[Part { name, many: false }], &wanted);
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

/// What every case about a unit gives: its own row, and what a fact needs besides.
fn needs(plan: &Plan, unit: Unit<'_>, as_of: Date) -> Vec<(String, Wanted)> {
    let (entity, given) = match unit {
        Unit::Fact(fact) => (plan.facts[fact].entity, plan.facts[fact].given.as_slice()),
        Unit::Population(object) | Unit::Object(object) | Unit::Element(object, _) => (object.entity, &[][..]),
    };
    let mut needs = vec![(plan.schema[entity].name.clone(), Wanted::Row)];
    needs.extend(given.iter().map(|(name, ty)| {
        let wanted = match ty.kind {
            Kind::Row(_) => Wanted::Row,
            _ => Wanted::Value(sample(*ty, as_of)),
        };
        (name.clone(), wanted)
    }));
    needs
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
    fn put(&mut self, access: &[Part], wanted: &Wanted) {
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
        // Values before rows: what a row says of the fields that join it holds for the other row too.
        let (values, rows): (Vec<_>, Vec<_>) = self.entries.iter().partition(|(_, inner)| inner.value.is_some());
        let entries: Vec<String> =
            values.into_iter().chain(rows).map(|(name, inner)| format!("{name}: {}", inner.yaml())).collect();
        let map = if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) };
        if self.many { format!("[{map}]") } else { map }
    }
}
