//! What the tests share: the rulebook, districts, a zone, asking and reading the answers.

pub mod answer;
#[path = "../../../../../tests/support/common.rs"]
mod common;
#[path = "../../support/files.rs"]
mod files;
pub mod life;
pub mod zone;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use graph::Date;
use mapper::Zone;
use provider::mapping::{Reading, Wanted, Xml};
use rulebook::Rulebook;
use rulebook::plan::Plan;

pub use common::{OBJECTS, skip};
pub use files::files as rulebook_files;

/// The project's folder.
pub fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The project's rulebook.
pub fn plan() -> Arc<Plan> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    Arc::clone(PLAN.get_or_init(|| Rulebook::new(rulebook_files()).plan.expect("the rulebook checks")))
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// The date that the example district has in mind.
pub fn today() -> Date {
    date("2026-02-02")
}

/// The example district.
pub fn cedar_ridge() -> String {
    format!("csv:{}/examples/cedar-ridge", workspace().display())
}

pub fn zone_of(years: &[i32]) -> Arc<Zone> {
    Arc::new(Zone { school_years: years.to_vec(), ..Zone::of_year("cedar-ridge", 2026) })
}

/// What `sifter map` writes of an object: one instance a line.
pub fn mapped(source: &str, object: &str) -> Vec<String> {
    let wanted = Wanted { objects: vec![Arc::from(object)], ..Wanted::default() };
    let reading = Reading::start(&plan(), &zone_of(&[2026]), today(), source, &wanted, 1).unwrap();
    let mut xml = Vec::new();
    reading
        .run(&Xml, &mut |batch| {
            batch.parts.iter().for_each(|part| xml.extend_from_slice(&part.kept.xml));
            Ok(())
        })
        .unwrap();
    String::from_utf8(xml).unwrap().lines().map(str::to_owned).collect()
}

/// A generated district of so many students.
pub fn generated(folder: &Path, students: u64, seed: u64) -> String {
    let out = format!("sqlite:{}", folder.join(format!("{students}-{seed}.db")).display());
    let text = std::fs::read_to_string(workspace().join("objects/graph.yaml")).unwrap();
    let schema = rulebook::schema_of("objects/graph.yaml", &text).unwrap();
    let plan = sample::Plan { students, seed, ..sample::Plan::default() };
    sample::generate(&schema, &plan, &out, &mut |_| {}).unwrap();
    out
}

/// Has xmllint hold documents against the schema of SIF 2.4.
pub fn assert_valid(documents: &[String]) {
    let schema = workspace().join("../shared/sif24/SIF_Message.xsd.xml");
    if !schema.exists() {
        return skip("there is no folder ../shared");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command.arg("--noout").arg("--nonet").arg("--schema").arg(schema);
    for (number, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, document).unwrap();
        command.arg(path);
    }
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skip("xmllint is not installed"),
    }
}
