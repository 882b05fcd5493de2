//! Has another program check what the server said.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;

use sif::message::Message;
use sif::xml::read::Limits;

use crate::shapes::Shapes;
use crate::support::{shared, skip};

/// What was checked.
#[derive(Debug, Default)]
pub struct Checked {
    pub valid: usize,
    /// Messages of other versions that have the shape of their version.
    pub of_shape: usize,
    /// Messages of versions that have neither schema nor shape here.
    pub other_versions: usize,
}

/// Checks that messages of SIF 2.4 are valid; gives the errors. Many at a time, since starting the program costs more than its work.
pub fn validate(messages: &[(String, Bytes)]) -> Result<Checked, String> {
    let Some(shared) = shared() else { return Ok(Checked::default()) };
    // The whole schema: the one of the mapped objects knows neither services nor log entries.
    let schema = shared.join("sif24/SIF_Message.xsd.xml");
    let folder = tempfile::tempdir().unwrap();
    let mut checked = Checked::default();
    let mut files = Vec::new();
    for (at, (conversation, document)) in messages.iter().enumerate() {
        // An answer has the version of what it carries, or the schema would not fit what is inside.
        let versions: Vec<&str> = versions(document).collect();
        if versions.iter().any(|version| *version != "2.4") {
            match has_shape(document, &shared) {
                Some(Ok(())) => checked.of_shape += 1,
                Some(Err(why)) => {
                    return Err(format!("{conversation}: {why}\n{}", String::from_utf8_lossy(document)));
                }
                None => checked.other_versions += 1,
            }
            continue;
        }
        let file = folder.path().join(format!("{at:05}-{conversation}.xml"));
        std::fs::write(&file, document).unwrap();
        files.push(file);
        checked.valid += 1;
    }
    for some in files.chunks(200) {
        let mut command = Command::new("xmllint");
        match command.arg("--noout").arg("--schema").arg(&schema).args(some).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => return Err(errors(&output.stderr, folder.path())),
            Err(_) => {
                skip("xmllint is not installed");
                return Ok(Checked::default());
            }
        }
    }
    Ok(checked)
}

/// Whether a message of another version has the shape of its version; none where there is no shape of it.
fn has_shape(document: &Bytes, shared: &Path) -> Option<Result<(), String>> {
    let message = match Message::read(document, &Limits::default()) {
        Ok(message) => message,
        Err(refusal) => return Some(Err(refusal.description)),
    };
    let shapes = Shapes::of(&message.version.to_string(), shared)?;
    Some(shapes.check(message.body()).map_err(|why| format!("version {}: {why}", message.version)))
}

/// The Version of each SIF_Message in a document.
fn versions(document: &Bytes) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(document).unwrap_or_default();
    text.split("<SIF_Message").skip(1).map(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        tag.split_once("Version=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or("2.4")
    })
}

/// The errors, each with the text that is wrong.
fn errors(stderr: &[u8], folder: &Path) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut shown = String::new();
    for line in text.lines().filter(|line| !line.ends_with(" validates")) {
        shown.push_str(line);
        shown.push('\n');
        let file = line.split_once(".xml").map(|(file, _)| format!("{file}.xml"));
        if let Some(document) = file.and_then(|file| std::fs::read_to_string(folder.join(file)).ok())
            && line.ends_with("fails to validate")
        {
            shown.push_str(&document);
            shown.push('\n');
        }
    }
    shown
}
