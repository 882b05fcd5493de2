//! The index that the search of the site looks in: a script, since a page that was opened from a disk may fetch nothing.

use serde_json::{Value, json};

use crate::lineage::{Column, ElementId};
use crate::meaning;
use crate::pages;
use crate::site::{Answer, Site};

/// The index: name, kind, address, and what else it is found by.
pub fn index(site: &Site<'_>) -> String {
    let mut entries: Vec<Value> = Vec::new();
    let mut add = |name: &str, kind: &str, url: &str, also: &str| entries.push(json!([name, kind, url, also]));
    let plan = site.plan;
    for (at, object) in site.objects.iter().enumerate() {
        add(&object.title, "object", &object.page, &meaning::object_doc(site, object));
        for node in 1..object.nodes.len() {
            let id = ElementId { object: at, node };
            add(&site.element_name(id), "element", &site.element_url(id), "");
        }
        for (omission, anchor) in object.plan.omissions.iter().zip(&object.omitted) {
            add(&format!("{}/{}", object.title, omission.path), "omitted", &format!("{}#{anchor}", object.page), "");
        }
    }
    for (row, answers) in &site.rows {
        let also: Vec<String> = answers.iter().map(|answer| pages::answer(site, *answer).0).collect();
        let kind = if matches!(answers.first(), Some(Answer::Population(..))) { "population row" } else { "row" };
        add(row, kind, &Site::row_url(row), &also.join(" "));
    }
    // Rows that nothing answers are only in the list.
    for row in
        site.material.ledger.iter().flat_map(|ledger| &ledger.rows).filter(|row| !site.rows.contains_key(&row.id))
    {
        add(&row.id, "row", &Site::row_url(&row.id), &format!("{}/{}", row.object, row.path));
    }
    for (id, entity) in plan.schema.entities() {
        add(&entity.name, "table", &site.entity_url(id), &format!("{} {}", entity.table_name(), entity.doc));
        for (at, field) in (0_u16..).zip(&entity.fields) {
            let name = Column { entity: id, field: graph::FieldId(at) }.name(&plan.schema);
            let also = format!("{}.{} {}", entity.name, field.name, field.doc);
            add(&name, "column", &site.field_url(id, graph::FieldId(at)), &also);
        }
    }
    for (at, fact) in plan.facts.iter().enumerate() {
        add(&site.fact_name(at), "fact", &site.fact_url(at), &fact.doc);
    }
    for (at, parameter) in plan.parameters.iter().enumerate() {
        add(&site.parameter_name(at), "parameter", &site.parameter_url(at), &parameter.doc);
    }
    for (at, set) in plan.value_sets.iter().enumerate() {
        add(&set.name, "value set", &site.value_set_url(at), &set.doc);
    }
    for name in site.code_sets().keys() {
        add(name, "code set", &Site::code_set_url(name), "");
    }
    for (file, _) in &plan.shared {
        add(file, "functions", &Site::shared_url(file), "");
    }
    for (name, functions) in pages::native() {
        let also: Vec<&str> = functions.iter().map(|function| function.doc).collect();
        add(name, "function", &format!("functions.html#function-{name}"), &also.join(" "));
    }
    for code in problem::code::ALL {
        add(code.name(), "problem code", &format!("problems.html#{}", code.name()), code.title());
    }
    let mut script = String::from("window.sifterIndex = [\n");
    for entry in entries {
        script.push_str(&entry.to_string());
        script.push_str(",\n");
    }
    script.push_str("];\n");
    script
}
