//! What the tests of the generator share.
#![allow(dead_code, reason = "not every test file uses all of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::Schema;

/// The schema of the project's `graph.yaml`.
pub fn schema() -> Arc<Schema> {
    schema_of(&graph_text())
}

/// The text of the project's `graph.yaml`.
pub fn graph_text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../objects/graph.yaml");
    std::fs::read_to_string(path).expect("objects/graph.yaml")
}

/// The schema of a text.
pub fn schema_of(text: &str) -> Arc<Schema> {
    rulebook::schema_of("objects/graph.yaml", text).expect("a schema")
}

/// The folder that the project's people share; `None`, with a word, on a machine without it. CI must have it.
pub fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = if path.is_dir() { path } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared") };
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI needs the shared folder beside the workspace");
    println!("skipped: the folder with the source contract is not on this machine");
    None
}

/// Generates a district.
pub fn generate(students: u64, seed: u64, out: &str) -> sample::Summary {
    let plan = sample::Plan { students, seed, school_year: 2026 };
    sample::generate(&schema(), &plan, out, &mut |_| {}).expect("a district")
}

/// The bytes of every file of a folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).expect("a file"))
        })
        .collect()
}
