//! The published samples: good ones are taken, bad ones refused, as the strict schema says.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::sync::Arc;

use sif::message::instances;
use sif::tree::{Names, check_element};

/// Why a message is refused; none for a good one.
fn refusal(document: &[u8], names: &Arc<Names>) -> Option<String> {
    let tree = match sif::xml::read::read(document, names) {
        Ok(tree) => tree,
        Err(error) => return Some(error.to_string()),
    };
    let instances = match instances(&tree) {
        Ok(instances) => instances,
        Err(fault) => return Some(fault.why().to_owned()),
    };
    let violations = instances.iter().flat_map(|instance| check_element(instance.object, instance.element));
    violations.map(|violation| format!("{} {}", violation.path, violation.why())).next()
}

#[test]
fn samples_are_judged_as_the_strict_schema_judges_them() {
    let Some(folder) = support::published_schema() else {
        return;
    };
    let names = Arc::new(Names::new());
    let mut counts = [0, 0];
    // Each line of the table ends with what the published, the lax and the strict schema say.
    let table = std::fs::read_to_string(folder.join("examples/SAMPLES.md")).unwrap();
    for line in table.lines().filter(|line| line.starts_with("| good") || line.starts_with("| bad")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let file = cells[1].replace(['(', ')', ' '], "_").replacen('_', "-", 1);
        let path = folder.join("examples/samples").join(format!("{file}.xml"));
        let document = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let refusal = refusal(&document, &names);
        assert_eq!(refusal.is_none(), cells[4] == "valid", "{file}: {refusal:?}");
        counts[usize::from(refusal.is_none())] += 1;
    }
    assert!(counts[0] > 15 && counts[1] >= 5, "{counts:?}");
}

#[test]
fn samples_derived_from_the_specification_are_judged_as_xmllint_judges_them() {
    let Some(folder) = support::published_schema() else {
        return;
    };
    if !support::has_xmllint() {
        return;
    }
    let names = Arc::new(Names::new());
    for entry in std::fs::read_dir(folder.join("examples/samples")).unwrap() {
        let path = entry.unwrap().path();
        let document = std::fs::read(&path).unwrap();
        let (lines, said) = support::invalid_lines(&folder.join("sif24-strict.xsd"), &document);
        let refusal = refusal(&document, &names);
        assert_eq!(refusal.is_none(), lines.is_empty(), "{}: {refusal:?} {said}", path.display());
    }
}
