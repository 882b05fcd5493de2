//! The files of the repository's rulebook.

use std::path::{Path, PathBuf};

use rulebook::Files;

/// The texts of the repository's rulebook.
pub fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Files::new();
    let mut folders = vec![PathBuf::from("objects"), PathBuf::from("rules")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                files.insert(path.to_str().unwrap().to_owned(), std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    files
}
