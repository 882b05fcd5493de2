//! What the tests share: the folder of the published schema, and xmllint as second judge.
#![allow(dead_code, reason = "each test program uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

pub mod instance;
pub mod random;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the published schema and its samples; none, with the reason printed, on a machine without it.
pub fn published_schema() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sif24");
    present(folder.exists(), "the folder shared/sif24 is not here").then_some(folder)
}

/// Whether xmllint can be run; the reason is printed where not.
pub fn has_xmllint() -> bool {
    let runs = Command::new("xmllint").arg("--version").output().is_ok_and(|output| output.status.success());
    present(runs, "xmllint is not installed")
}

/// In CI everything must be there.
pub fn present(there: bool, why: &str) -> bool {
    assert!(there || std::env::var_os("CI").is_none(), "in CI this may not be: {why}");
    if !there {
        println!("skipped: {why}");
    }
    there
}

/// Whether xmllint takes the document as well-formed.
pub fn is_well_formed(document: &[u8]) -> bool {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), document).unwrap();
    let output = Command::new("xmllint").arg("--noout").arg(file.path()).output().unwrap();
    output.status.success()
}

/// The lines of `document` that xmllint finds invalid under `schema`, and what it says.
pub fn invalid_lines(schema: &Path, document: &[u8]) -> (BTreeSet<usize>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.xml");
    std::fs::write(&path, document).unwrap();
    let output =
        Command::new("xmllint").args(["--noout", "--huge", "--schema"]).arg(schema).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", said.chars().take(2000).collect::<String>());
    let prefix = format!("{}:", path.display());
    let lines = said.lines().filter_map(|line| line.strip_prefix(&prefix)?.split(':').next()?.parse().ok()).collect();
    (lines, said)
}
