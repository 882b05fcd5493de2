//! What the tests of the generator share.
#![allow(dead_code, reason = "not every test file uses all of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::{Entity, Field, FieldId, FieldType, Schema, Scope, Source};
use problem::Place;

/// The schema of the project's `graph.yaml`: entities, tables and fields, which is all that the generator looks at.
pub fn schema() -> Arc<Schema> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../objects/graph.yaml");
    let text = std::fs::read_to_string(path).expect("objects/graph.yaml");
    schema_of(&text)
}

/// Reads the entities of a `graph.yaml` line by line.
pub fn schema_of(text: &str) -> Arc<Schema> {
    let mut entities: Vec<(Entity, String)> = Vec::new();
    let mut in_fields = false;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim();
        if word.is_empty() || word.starts_with('#') {
            continue;
        }
        match (indent, word.split_once(':')) {
            (2, Some((name, _))) => entities.push((entity(name), String::new())),
            (4, Some((key, value))) => {
                in_fields = key == "fields";
                let Some((entity, entity_key)) = entities.last_mut() else { continue };
                match key {
                    "table" => entity.source = Source::Table(value.trim().to_owned()),
                    "key" => value.trim().clone_into(entity_key),
                    _ => {}
                }
            }
            (6, Some((name, rest))) if in_fields => {
                if let (Some((entity, _)), Some(field)) = (entities.last_mut(), field(name, rest)) {
                    entity.fields.push(field);
                }
            }
            _ => {}
        }
    }
    let entities = entities
        .into_iter()
        .filter(|(entity, _)| entity.table_name() != "")
        .map(|(mut entity, key)| {
            entity.key = entity.field(&key).expect("a key");
            entity
        })
        .collect();
    Schema::new(entities, graph::EntityId(0), None)
}

fn entity(name: &str) -> Entity {
    Entity {
        name: name.to_owned(),
        doc: String::new(),
        source: Source::Table(String::new()),
        scope: Scope::Organisation,
        key: FieldId(0),
        fields: Vec::new(),
        relations: Vec::new(),
        period: None,
        reached: None,
        place: Place::new("graph.yaml", 1, 1, 0),
    }
}

fn field(name: &str, rest: &str) -> Option<Field> {
    let inner = rest.trim().strip_prefix('{')?.strip_suffix('}')?;
    let parts: BTreeMap<&str, &str> =
        inner.split(',').filter_map(|part| part.split_once(':')).map(|(key, value)| (key.trim(), value.trim())).collect();
    let word = *parts.get("type")?;
    let (word, nullable) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
    Some(Field {
        name: name.to_owned(),
        doc: String::new(),
        field_type: match word {
            "int" => FieldType::Int,
            "decimal" => FieldType::Decimal,
            "bool" => FieldType::Bool,
            "date" => FieldType::Date,
            "time" => FieldType::Time,
            "datetime" => FieldType::DateTime,
            _ => FieldType::Text,
        },
        nullable,
        column: (*parts.get("column")?).to_owned(),
        unique: false,
        default: None,
        place: Place::new("graph.yaml", 1, 1, 0),
    })
}

/// The folder that the project's people share; `None`, with a word, on a machine without it. CI must have it.
pub fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = if path.is_dir() { path } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared") };
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "CI has no shared folder");
    eprintln!("skipped: the folder with the source contract is not on this machine");
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
