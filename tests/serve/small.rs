//! A small configuration.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{copy_folder, workspace};

/// A configuration over the small rulebook of planted mistakes, in a folder that goes.
pub fn small() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("tests/mistakes/rulebook"), folder.path());
    let here = folder.path().display();
    let text = format!(
        "listen: 127.0.0.1:0\nstore: sqlite:{here}/store.db\nzones:\n  - zone: {here}/zone.yaml\n    source: csv:{here}/source\n    rulebook: {here}\n"
    );
    let path = folder.path().join("serve.yaml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}
