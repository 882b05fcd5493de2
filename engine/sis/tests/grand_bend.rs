//! A whole district that nobody here wrote, loaded through the real `objects/graph.yaml`.
//!
//! The data stand beside the project. Where they are not, the test says so; in CI they must be.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::{Graph, ReadSet, Schema};
use sis::{Loader, Selection, Source};

fn district() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = ["../shared/data/grand-bend", "../../shared/data/grand-bend"];
    let found = beside.iter().map(|path| workspace.join(path)).find(|path| path.is_dir());
    if found.is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CI needs the folder shared/data/grand-bend beside the workspace"
        );
        println!("skipped: there is no folder shared/data/grand-bend beside the workspace");
    }
    found
}

fn schema() -> Arc<Schema> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../objects/graph.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    rulebook::schema_of("objects/graph.yaml", &text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Loads all batches; gives the count of problems by code and the count of distinct rows by entity.
fn load(folder: &Path, batch: usize) -> (usize, BTreeMap<&'static str, usize>, BTreeMap<String, usize>) {
    let schema = schema();
    let reads = ReadSet::everything(&schema);
    let source = Source::open(&format!("csv:{}", folder.display())).unwrap();
    let selection = Selection { batch, ..Selection::default() };
    let (loader, mut problems) = Loader::start(source, Arc::clone(&schema), reads, selection).unwrap();
    let mut keys = BTreeMap::new();
    let mut count = |graph: &Graph| {
        for (id, entity) in schema.entities() {
            let known: &mut std::collections::BTreeSet<i64> = keys.entry(entity.name.clone()).or_default();
            known.extend(graph.each(id).map(|row| graph.key(row)));
        }
    };
    count(loader.organisation());
    for index in 0..loader.batch_count() {
        let (graph, found) = loader.batch(index).unwrap();
        count(&graph);
        problems.extend(found);
    }
    let mut codes = BTreeMap::new();
    for problem in &problems {
        *codes.entry(problem.code.name()).or_insert(0) += 1;
    }
    (loader.student_count(), codes, keys.into_iter().map(|(name, keys)| (name, keys.len())).collect())
}

#[test]
fn the_district_loads_whole_and_clean() {
    let Some(folder) = district() else { return };
    let (students, codes, rows) = load(&folder, 500);
    assert_eq!(students, 960);
    // 14 tables have no rows and so no file; that is all there is to say.
    assert_eq!(codes, BTreeMap::from([("S202", 14)]));
    // Of addresses and households only those of a student, of staff only who teaches; counted from the files by a script of a few lines.
    for (entity, count) in [
        ("district", 1),
        ("school", 3),
        ("day", 836),
        ("section", 532),
        ("student", 960),
        ("enrollment", 960),
        ("attendance", 13_635),
        ("roster", 60),
        ("test_score", 2_436),
        ("related_pair", 1_872),
        ("behavior_weapon", 7),
        ("address", 1_144),
        ("household", 1_155),
        ("related_person", 1_872),
        ("related_identity", 1_875),
        ("staff", 56),
    ] {
        assert_eq!(rows.get(entity), Some(&count), "{entity}");
    }
}

#[test]
fn portions_do_not_matter() {
    let Some(folder) = district() else { return };
    assert_eq!(load(&folder, 7), load(&folder, 2_000));
}
