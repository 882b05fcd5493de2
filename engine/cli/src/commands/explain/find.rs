//! The row that a RefId or a primary key names, among the variants of an object.

use std::sync::Arc;

use graph::{Graph, ReadSet, Row, Scope};
use mapper::{Everybody, Mapper, Sent};
use problem::{Problem, code};
use rulebook::plan::ObjectPlan;
use sif::RefId;
use sis::{Selection, Source};

use crate::arguments::Explain;
use crate::exit::Exit;
use crate::prepared::{Prepared, load};
use crate::terminal::{self, usage};

/// A row, with what it is mapped by.
pub struct Found<'p> {
    /// The object, or the variant of it.
    pub object: &'p ObjectPlan,
    /// The row's batch.
    pub graph: Arc<Graph>,
    /// The row.
    pub row: Row,
}

/// What tells the row from others.
enum Mark {
    /// Its primary key.
    Key(i64),
    /// The RefId of its instance, where that is computed.
    RefId(String),
}

/// The row that KEY names: of several variants the one that has it.
///
/// # Errors
/// How the program ends if there is none, or more than one.
pub fn find<'p>(prepared: &Prepared, variants: &[&'p ObjectPlan], arguments: &Explain) -> Result<Found<'p>, Exit> {
    let mut marks = marks(prepared, variants, arguments)?;
    let (mut reads, mut mapped) = (ReadSet::default(), Vec::new());
    for (object, _) in &marks {
        reads.extend(&object.reads);
        mapped.push(object.entity);
    }
    let schema = &prepared.plan.schema;
    let students = match &marks[..] {
        [(object, Mark::Key(key))] if object.entity == schema.root() => Some(vec![*key]),
        _ => None,
    };
    let selection = Selection { students, mapped, ..Selection::default() };
    let (loader, _) = load(prepared, &arguments.run.source, reads, selection, 1)?;
    // A RefId is no matter of the whole population.
    let mut mapper = Mapper::new(prepared.context(Everybody::Known(Arc::default())));
    let mut found = search(prepared, &mut mapper, &marks, Scope::Organisation, loader.organisation());
    for batch in 0..loader.batch_count() {
        // A primary key may be that of a row of each variant; a RefId is one instance's.
        if found.len() == marks.len() || (!found.is_empty() && matches!(marks[0].1, Mark::RefId(_))) {
            break;
        }
        let (graph, _) = loader.batch(batch).map_err(|problem| terminal::end(&problem, &prepared.files))?;
        found.extend(search(prepared, &mut mapper, &marks, Scope::Student, &Arc::new(graph)));
    }
    match &found[..] {
        [_] => found.pop().ok_or(Exit::Usage),
        [] => {
            let message = match marks.pop() {
                Some((object, Mark::RefId(_))) => format!("no {} has this RefId", object.name),
                _ => {
                    let entities: Vec<&str> =
                        variants.iter().map(|object| schema[object.entity].name.as_str()).collect();
                    format!("no {} has the key {}", entities.join(", no "), arguments.key)
                }
            };
            Err(terminal::end(&Problem::new(code::NOT_FOUND, message), &prepared.files))
        }
        several => {
            let rows: Vec<&str> = several.iter().map(|found| schema[found.object.entity].table_name()).collect();
            let names: Vec<String> =
                several.iter().map(|found| format!("`{} {}`", found.object.label, arguments.key)).collect();
            let message = format!(
                "{} is the key of a row in each of {}; name one: {}",
                arguments.key,
                rows.join(", "),
                names.join(", ")
            );
            Err(usage(&message))
        }
    }
}

/// How the row is told from others, for each variant that may have it.
fn marks<'p>(
    prepared: &Prepared,
    variants: &[&'p ObjectPlan],
    arguments: &Explain,
) -> Result<Vec<(&'p ObjectPlan, Mark)>, Exit> {
    if let Ok(key) = arguments.key.parse() {
        return Ok(variants.iter().map(|object| (*object, Mark::Key(key))).collect());
    }
    let Some(id) = RefId::parse(&arguments.key) else {
        return Err(usage(&format!("{} is neither a RefId nor a primary key", arguments.key)));
    };
    let mut marks = Vec::new();
    for object in variants {
        let leaf = object.nodes().into_iter().find(|node| &*node.path == "@RefId").and_then(|node| node.leaf.as_ref());
        let Some(leaf) = leaf else {
            return Err(usage(&format!("{} has no RefId; give the primary key of its row", object.name)));
        };
        let Some((entity, field)) = leaf.source.filter(|(entity, _)| *entity == object.entity) else {
            marks.push((*object, Mark::RefId(id.to_string())));
            continue;
        };
        let opened = Source::open(&arguments.run.source);
        let found =
            opened.and_then(|source| sis::find_key(&source, &prepared.plan.schema, entity, field, &id.to_string()));
        match found {
            Ok(Some(key)) => return Ok(vec![(*object, Mark::Key(key))]),
            Ok(None) => {}
            Err(problem) => return Err(terminal::end(&problem, &prepared.files)),
        }
    }
    if marks.is_empty() {
        let message = format!("no {} has this RefId", arguments.object);
        return Err(terminal::end(&Problem::new(code::NOT_FOUND, message), &prepared.files));
    }
    Ok(marks)
}

/// The rows of a batch that are told by their marks.
fn search<'p>(
    prepared: &Prepared,
    mapper: &mut Mapper,
    marks: &[(&'p ObjectPlan, Mark)],
    scope: Scope,
    graph: &Arc<Graph>,
) -> Vec<Found<'p>> {
    let schema = &prepared.plan.schema;
    let of_scope = marks.iter().filter(|(object, _)| schema[object.entity].scope == scope);
    of_scope
        .filter_map(|(object, mark)| {
            let row = match mark {
                Mark::Key(key) => graph.find(object.entity, *key),
                Mark::RefId(id) => with_ref_id(prepared, mapper, object, id, graph),
            };
            Some(Found { object, graph: Arc::clone(graph), row: row? })
        })
        .collect()
}

/// The row whose instance has this RefId in one of the zone's years, the latest first.
fn with_ref_id(
    prepared: &Prepared,
    mapper: &mut Mapper,
    object: &ObjectPlan,
    id: &str,
    graph: &Arc<Graph>,
) -> Option<Row> {
    prepared.zone.school_years.iter().rev().find_map(|school_year| {
        let evaluation = mapper.begin(Arc::clone(graph), *school_year);
        let found = graph.each(object.entity).find(|row| {
            let sent = mapper.element(&evaluation, object, "@RefId", &[*row], &mut Vec::new());
            matches!(sent, Some(Sent::Text(text)) if text == id)
        });
        mapper.end(evaluation);
        found
    })
}
