//! What the tests share: the project's files, and room for rules to run.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses a part of it; a test that cannot go on fails"
)]

#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only some of the tests use it; one that cannot go on fails"
)]
pub mod small;

use std::path::{Path, PathBuf};

use rulebook::Files;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Adds the files below a folder, named as if it were called `under`.
pub fn read(folder: &Path, under: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{under}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &path, files);
        } else {
            files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The files of the project's rulebook.
pub fn rulebook() -> Files {
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        read(&root().join(part), part, &mut files);
    }
    files
}

/// Rules need a larger stack than test threads have.
pub fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(16 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}
