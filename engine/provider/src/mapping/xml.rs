//! Instances as XML.

use std::sync::Arc;

use problem::{Problem, code};
use rulebook::plan::ObjectPlan;
use sif::tree::Tree;

use super::given::{Given, Take};

/// Keeps instances as XML, one a line, and counts them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Xml;

/// The instances of one object and year of a piece.
#[derive(Debug, Default)]
pub struct Written {
    /// XML.
    pub xml: Vec<u8>,
    /// How many instances.
    pub instances: u64,
    /// How many elements and attributes.
    pub elements: u64,
}

impl Take for Xml {
    type Kept = Written;

    fn take(&self, given: &Given<'_, '_>, kept: &mut Written, problems: &mut Vec<Problem>) {
        let tree = given.instance.tree;
        write_instance(given, tree, &mut kept.xml, problems);
        kept.xml.push(b'\n');
        kept.instances += 1;
        kept.elements += tree.len() as u64;
    }
}

/// Appends `tree`, made of the given instance, as XML; characters that XML cannot carry are replaced, and told in `problems`.
pub fn write_instance(given: &Given<'_, '_>, tree: &Tree, out: &mut Vec<u8>, problems: &mut Vec<Problem>) {
    let replaced = sif::xml::write::write_tree(tree, out);
    for path in replaced.paths {
        let path = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
        problems.push(bad_character(given.plan, given.table(), given.instance.key, path));
    }
}

fn bad_character(object: &ObjectPlan, table: &str, key: i64, path: &str) -> Problem {
    let mut problem = Problem::new(code::BAD_CHARACTER, "characters that XML cannot carry were replaced");
    problem.subject.object = Some(Arc::clone(&object.label));
    problem.subject.key = Some(key.to_string());
    problem.subject.path = Some(Arc::from(path));
    problem.subject.table = Some(Arc::from(table));
    problem.subject.row = Some(key.to_string());
    problem
}
